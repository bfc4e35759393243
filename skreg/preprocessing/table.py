"""Tables of mixed columns as numbers for a network."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data

from skreg.estimators.constraints import check_parameters, number, options
from skreg.preprocessing.blocks import (
    Block,
    Part,
    at_the_median,
    is_missing,
    kinds_of,
    mean_targets,
)
from skreg.preprocessing.columns import as_table, convert, is_frame, split
from skreg.preprocessing.piecewise_linear import PiecewiseLinearEncoder
from skreg.preprocessing.squashing import SquashingScaler

_CONSTRAINTS = {
    "n_bins": [number(1, integer=True)],
    "max_columns": [options(None), number(1, integer=True)],
    "max_categories": [number(2, integer=True)],
    "min_frequency": [number(1, integer=True)],
    "target_type": [options("auto", "continuous", "binary", "multiclass")],
    "dtype": [options("float32", "float64")],
}


class TableEncoder(TransformerMixin, BaseEstimator):
    """Encode a table of mixed columns as numbers for a network.

    Data frames of pandas and polars, and arrays, become one array without missing values:

    - Numbers come twice: scaled and squashed by `SquashingScaler`, where a missing value is
      at the median, and as ramps between their quantiles by `PiecewiseLinearEncoder`.
      Booleans, and other numbers with two values, come once.
    - Ordered categories count as numbers, by their place in the order.
    - Dates and times are days since 1970, month, day of the month, day of the week and hour,
      all as numbers.
    - Words and other categories are columns of zeros and ones, by
      :class:`~sklearn.preprocessing.OneHotEncoder`: those of fewer than ``min_frequency``
      rows, and the rarest beyond ``max_categories``, share one; a level that is new at
      prediction is counted to these. Missing is a level of its own.
    - Where there are more levels than ``max_categories``, the mean target of each level is
      a column, or the share of each class: by :class:`~sklearn.preprocessing.TargetEncoder`,
      so `fit_transform` computes it across folds, and never from a row's own target.
    - Where numbers or dates are missing in training, a column says so.

    Columns that say nothing have no part in it: constant or empty ones, and words that are
    different in each row, such as names.

    Parameters
    ----------
    n_bins : int, default=16
        As in `PiecewiseLinearEncoder`.

    max_columns : int or None, default=3000
        Largest number of columns that the numbers become by `PiecewiseLinearEncoder`.

    max_categories : int, default=30
        Largest number of columns of a category, that of the rare levels included.

    min_frequency : int, default=5
        Levels of fewer rows are rare.

    target_type : {"auto", "continuous", "binary", "multiclass"}, default="auto"
        As in :class:`~sklearn.preprocessing.TargetEncoder`: "auto" takes whole numbers for
        classes. Targets with several columns are not looked at.

    dtype : {"float32", "float64"}, default="float32"
        Of the encoded data.

    random_state : int, RandomState instance or None, default=None
        Determines the folds of the mean targets.

    Attributes
    ----------
    origins_ : ndarray of int of shape (n_columns,)
        The column of the table that each column of the encoded data comes from.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the columns, if `X` had names.

    See Also
    --------
    PiecewiseLinearEncoder : What becomes of numbers.
    sklearn.compose.ColumnTransformer : A transformer of your choice for each column.

    Examples
    --------
    >>> import pandas as pd
    >>> from skreg.preprocessing import TableEncoder
    >>> table = pd.DataFrame({"age": [20.0, 30.0, None, 50.0], "red": [True, False] * 2,
    ...                       "town": ["Ulm", "Bonn", "Ulm", None]})
    >>> encoder = TableEncoder(min_frequency=1, n_bins=2).fit(table)
    >>> encoder.get_feature_names_out()[:5].tolist()
    ['age', 'red_bin0', 'age_bin0', 'age_bin1', 'age_missing']
    >>> encoder.get_feature_names_out()[5:].tolist()
    ['town_Bonn', 'town_Ulm', 'town_None']
    >>> encoder.origins_
    array([0, 1, 0, 0, 0, 2, 2, 2])
    """

    def __init__(
        self,
        n_bins=16,
        *,
        max_columns=3000,
        max_categories=30,
        min_frequency=5,
        target_type="auto",
        dtype="float32",
        random_state=None,
    ):
        self.n_bins = n_bins
        self.max_columns = max_columns
        self.max_categories = max_categories
        self.min_frequency = min_frequency
        self.target_type = target_type
        self.dtype = dtype
        self.random_state = random_state

    def fit(self, X, y=None):
        """Learn how each column is encoded.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,), default=None
            Targets, for categories with many levels. None: these have no mean targets.

        Returns
        -------
        self : TableEncoder
            The fitted encoder.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or no column says anything.
        """
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X, y=None):
        """Learn how each column is encoded, and encode the training data.

        Mean targets are those of other rows, so the result differs from that of `transform`
        where categories have many levels.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,), default=None
            Targets, for categories with many levels.

        Returns
        -------
        encoded : ndarray of shape (n_samples, n_columns)
            The training data.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or no column says anything.
        """
        check_parameters(self, _CONSTRAINTS)
        series = self._series(X, reset=True)
        if y is not None:
            check_consistent_length(series[0], y)
        columns = {
            Part(feature, column.suffix, column.is_number): column.values
            for feature, one in enumerate(series)
            for column in split(one)
        }
        self._blocks = self._plan(columns, y)
        if not self._blocks:
            raise ValueError(
                f"X (n_samples = {len(series[0])}, n_features = {self.n_features_in_}) has "
                "nothing to learn from: each column is constant, empty, or a word of its own "
                "in each row."
            )
        encoded = [
            block.transformer.fit_transform(block.read(columns), y) for block in self._blocks
        ]
        self.origins_ = np.concatenate([block.origins() for block in self._blocks])
        self._n_features_out = len(self.origins_)
        return np.concatenate(encoded, axis=1, dtype=self.dtype, casting="same_kind")

    def transform(self, X):
        """Encode a table.

        Parameters
        ----------
        X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
            Data. Of a data frame the columns are found by their names.

        Returns
        -------
        encoded : ndarray of shape (n_samples, n_columns)
            The data.

        Raises
        ------
        ValueError
            If columns are missing, or words stand where numbers were.
        """
        check_is_fitted(self)
        series = self._series(X, reset=False)
        names = OneToOneFeatureMixin.get_feature_names_out(self)
        columns = {
            part: convert(
                series[part.feature], part.suffix, part.is_number, names[part.feature]
            )
            for part in {part for block in self._blocks for part in block.parts}
        }
        encoded = [block.transformer.transform(block.read(columns)) for block in self._blocks]
        return np.concatenate(encoded, axis=1, dtype=self.dtype, casting="same_kind")

    def get_feature_names_out(self, input_features=None):
        """Return names of the columns of the encoded data.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns of the table, if they had none: "x0", "x1", ... by default.

        Returns
        -------
        names : ndarray of str of shape (n_columns,)
            Such as "age", "age_bin0", "age_missing", "town_Bonn", "town_mean".
        """
        check_is_fitted(self)
        # The names of the columns, checked as scikit-learn does.
        names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        return np.concatenate([block.names(names) for block in self._blocks]).astype(object)

    def _series(self, X, reset):
        """Return the columns of a table, those of a data frame by their names."""
        table = as_table(X)
        if is_frame(table) and not reset and hasattr(self, "feature_names_in_"):
            missing = [name for name in self.feature_names_in_ if name not in table.columns]
            if missing:
                raise ValueError(
                    f"X lacks columns that were there in fit: {', '.join(map(repr, missing))}."
                )
            table = table[list(self.feature_names_in_)]
        validate_data(self, table, skip_check_array=True, reset=reset)
        return [table[name] for name in table.columns] if is_frame(table) else list(table.T)

    def _plan(self, columns, y):
        """Return which transformer reads which parts, a list of `Block`."""
        n_samples = len(next(iter(columns.values())))
        kinds = {part: kinds_of(part, columns[part], self.max_categories) for part in columns}

        def those(kind):
            return [part for part in columns if kind in kinds[part]]

        ramps = PiecewiseLinearEncoder(self.n_bins, max_columns=self.max_columns)
        levels = OneHotEncoder(
            min_frequency=self.min_frequency,
            max_categories=self.max_categories,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        )
        blocks = [
            Block(make_pipeline(SquashingScaler(), at_the_median()), those("number")),
            Block(ramps, those("switch") + those("number")),
            Block(is_missing(), those("gappy"), "_missing"),
            Block(levels, those("category")),
        ]
        if y is not None and type_of_target(y) in ("continuous", "binary", "multiclass"):
            means = mean_targets(self.target_type, self.random_state, n_samples)
            blocks.append(Block(means, those("long category"), "_mean"))
        return [block for block in blocks if block.parts]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags
