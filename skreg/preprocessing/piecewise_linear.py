"""Numbers as several columns each, so that jumps and bends are easy to learn."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skreg.estimators.constraints import check_parameters, number, options

_CONSTRAINTS = {
    "n_bins": [number(1, integer=True)],
    "max_distinct": [number(0, integer=True)],
    "max_columns": [options(None), number(1, integer=True)],
    "dtype": [options("float32", "float64")],
}


class PiecewiseLinearEncoder(TransformerMixin, BaseEstimator):
    r"""Encode each number by how far it fills the bins of its feature.

    With knots :math:`b_0 < b_1 < \dots < b_T`, a feature becomes :math:`T` columns [1]_,

    .. math:: e_t(x) = \frac{x - b_{t-1}}{b_t - b_{t-1}},
        \quad \text{clipped to } [0, 1], \qquad t = 1, \dots, T,

    but for the ends: the first column is not clipped below, nor the last one above, so
    what lies outside the knots is extrapolated. A linear model of these columns is a linear
    spline of the feature, so what trees find by thresholds a small network finds by one
    layer. Of each column its mean over the training data is taken off.

    Knots are the quantiles of the feature, ``n_bins`` bins of them. A value that stands in a
    bin's share of the rows or more, such as the zeros of counts, gets a knot of its own, and
    the quantiles are those of the others. Of a feature with few distinct values each is a
    knot. A constant feature has no columns.

    A missing value is zero in all columns of its feature: the mean of what is known. Missing
    values do not count for knots and means.

    Parameters
    ----------
    n_bins : int, default=16
        Largest number of bins, and so of columns, of a feature with many distinct values.

    max_distinct : int, default=48
        With so many distinct values or fewer, each is a knot.

    max_columns : int or None, default=3000
        Largest number of columns of all features together: of wide tables each feature gets
        the same share of it, but one column at least. None: as many as it takes.

    dtype : {"float32", "float64"}, default="float32"
        Of the encoded data.

    Attributes
    ----------
    knots_ : list of ndarray
        The knots of each feature, upwards; one or none if it has no columns.

    origins_ : ndarray of int of shape (n_columns,)
        The feature that each column of the encoded data stands for.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the features, if `X` had names.

    See Also
    --------
    SquashingScaler : One column a feature.
    sklearn.preprocessing.SplineTransformer : Splines of any degree.
    sklearn.preprocessing.KBinsDiscretizer : The same bins, with steps in place of ramps.

    Notes
    -----
    With ``group_lasso`` on the columns of each feature, ``feature_groups`` from ``origins_``,
    features leave as a whole.

    References
    ----------
    .. [1] Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in tabular
       deep learning", NeurIPS 2022, equation (1).

    Examples
    --------
    >>> from skreg.preprocessing import PiecewiseLinearEncoder
    >>> X = [[0.0], [1.0], [2.0], [4.0]]
    >>> encoder = PiecewiseLinearEncoder(n_bins=2, max_distinct=0).fit(X)
    >>> encoder.knots_
    [array([0. , 1.5, 4. ])]
    >>> encoder.transform([[0.0], [1.5], [6.5]]).round(2)
    array([[-0.67, -0.3 ],
           [ 0.33, -0.3 ],
           [ 0.33,  1.7 ]], dtype=float32)
    >>> encoder.get_feature_names_out()
    array(['x0_bin0', 'x0_bin1'], dtype=object)
    """

    def __init__(self, n_bins=16, *, max_distinct=48, max_columns=3000, dtype="float32"):
        self.n_bins = n_bins
        self.max_distinct = max_distinct
        self.max_columns = max_columns
        self.dtype = dtype

    def fit(self, X, y=None):
        """Find the knots of each feature.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data; NaN is a missing value.

        y : None
            Ignored.

        Returns
        -------
        self : PiecewiseLinearEncoder
            The fitted encoder.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or `X` has infinite values.
        """
        check_parameters(self, _CONSTRAINTS)
        X = self._checked(X, reset=True)
        n_bins, max_distinct = self._sizes(X.shape[1])
        known = [column[~np.isnan(column)] for column in X.T]
        self.knots_ = [_knots(values, n_bins, max_distinct) for values in known]
        self._means = [
            _filling(values, knots).mean(axis=0) if len(knots) > 1 else np.empty(0)
            for values, knots in zip(known, self.knots_, strict=True)
        ]
        n_columns = [len(means) for means in self._means]
        self.origins_ = np.repeat(np.arange(X.shape[1]), n_columns)
        self._n_features_out = len(self.origins_)
        return self

    def transform(self, X):
        """Encode data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN is a missing value.

        Returns
        -------
        encoded : ndarray of shape (n_samples, n_columns)
            The columns of the first feature, those of the second, and so on.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        encoded = np.empty((len(X), len(self.origins_)), self.dtype)
        for feature, (knots, means) in enumerate(zip(self.knots_, self._means, strict=True)):
            columns = slice(*np.searchsorted(self.origins_, [feature, feature + 1]))
            filling = _filling(X[:, feature], knots) - means
            encoded[:, columns] = np.where(np.isnan(filling), 0, filling)
        return encoded

    def get_feature_names_out(self, input_features=None):
        """Return names of the columns: that of the feature, and the number of the bin.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the features, if they had none in `fit`: "x0", "x1", ... by default.

        Returns
        -------
        names : ndarray of str of shape (n_columns,)
            Such as "age_bin0".
        """
        # The names of the features, checked as scikit-learn does.
        names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        bins = np.arange(len(self.origins_)) - np.searchsorted(self.origins_, self.origins_)
        pairs = zip(names[self.origins_], bins, strict=True)
        return np.array([f"{name}_bin{number}" for name, number in pairs], dtype=object)

    def _sizes(self, n_features):
        """Return how many bins, and knots at distinct values, a feature may have."""
        if self.max_columns is None:
            return self.n_bins, self.max_distinct
        most = max(1, self.max_columns // n_features)
        return min(self.n_bins, most), min(self.max_distinct, most + 1)

    def _checked(self, X, reset):
        return validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan"
        )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _knots(values, n_bins, max_distinct):
    """Return the knots of a feature from its values that are known, upwards."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= max_distinct:
        return distinct
    frequent = distinct[counts * n_bins >= len(values)]
    if len(frequent) == len(distinct):
        return distinct
    others = values[~np.isin(values, frequent)]
    levels = np.linspace(0, 1, max(1, n_bins - len(frequent)) + 1)
    return np.union1d(frequent, np.quantile(others, levels))


def _filling(x, knots):
    """Return how far values fill the bins between knots, the outer ones without an end."""
    if len(knots) < 2:
        return np.empty((len(x), 0))
    filling = (x[:, np.newaxis] - knots[:-1]) / np.diff(knots)
    filling[:, 1:] = np.maximum(filling[:, 1:], 0)
    filling[:, :-1] = np.minimum(filling[:, :-1], 1)
    return filling
