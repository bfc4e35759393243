"""Features on one scale, and none of their values far out."""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import FLOAT_DTYPES, check_is_fitted, validate_data

from skreg.estimators.constraints import check_parameters, number

_LARGEST = np.finfo(np.float64).max
_FAR_OUT = 1e9


class SquashingScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    r"""Scale features robustly, and squash what is far out.

    With the median :math:`m` of a feature and the distance :math:`q` between its quartiles,

    .. math:: z = \frac{x - m}{q}, \qquad
        t = \frac{z}{\sqrt{1 + (z / c)^2}},

    where :math:`c` is ``max_absolute_value``: nearly :math:`z` for what is usual, and
    within :math:`\pm c` whatever :math:`x` is [1]_. So one value that is far out neither sets
    the scale of its feature nor reaches the network as it is. Of a feature whose quartiles
    are the same :math:`q` is half its range; a constant one becomes zero.

    Missing values stay missing, and do not count. Infinite ones become :math:`\pm c`.

    Parameters
    ----------
    max_absolute_value : float, default=3.0
        The bound :math:`c`, positive.

    Attributes
    ----------
    center_ : ndarray of float64 of shape (n_features,)
        The median of each feature; NaN where all its values are missing.

    scale_ : ndarray of float64 of shape (n_features,)
        The scale :math:`q` of each feature; infinite of a constant one.

    n_features_in_ : int
        Number of features seen in `fit`.

    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the features, if `X` had names.

    See Also
    --------
    PiecewiseLinearEncoder : Several columns a feature, for jumps and bends.
    sklearn.preprocessing.RobustScaler : The same without squashing.

    References
    ----------
    .. [1] Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs
       and boosted trees on tabular data", NeurIPS 2024: robust scaling and smooth clipping.

    Examples
    --------
    >>> from skreg.preprocessing import SquashingScaler
    >>> X = [[1.0], [2.0], [3.0], [4.0], [1000.0]]
    >>> SquashingScaler().fit_transform(X).round(2).ravel().tolist()
    [-0.95, -0.49, 0.0, 0.49, 3.0]
    """

    def __init__(self, max_absolute_value=3.0):
        self.max_absolute_value = max_absolute_value

    def fit(self, X, y=None):
        """Learn median and scale of each feature.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.

        y : None
            Ignored.

        Returns
        -------
        self : SquashingScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If `max_absolute_value` is not positive, or `X` is not numeric.
        """
        check_parameters(self, {"max_absolute_value": [number(0, brackets="()")]})
        X = self._checked(X, reset=True)
        known = np.where(np.isfinite(X), X, np.nan).astype(np.float64, copy=False)
        low, lower, self.center_, upper, high = _quartiles(known)
        scale = np.where(upper > lower, upper - lower, high / 2 - low / 2)
        self.scale_ = np.where(scale == 0, np.inf, np.minimum(scale, _LARGEST))
        return self

    def transform(self, X):
        """Scale and squash.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        T : ndarray of shape (n_samples, n_features)
            Values between ``-max_absolute_value`` and ``max_absolute_value``.
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        c = self.max_absolute_value
        with np.errstate(over="ignore"):
            z = np.clip(X - self.center_, -_LARGEST, _LARGEST) / self.scale_
        # From here on the square under the root is all that counts, and it must not overflow.
        z = np.clip(z, -_FAR_OUT * c, _FAR_OUT * c)
        return (z / np.sqrt(1 + (z / c) ** 2)).astype(X.dtype, copy=False)

    def _checked(self, X, reset):
        return validate_data(self, X, reset=reset, dtype=FLOAT_DTYPES, ensure_all_finite=False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _quartiles(X):
    """Return minimum, quartiles and maximum of each column, NaN where nothing is known."""
    quartiles = np.full((5, X.shape[1]), np.nan)
    is_known = ~np.isnan(X).all(axis=0)
    quartiles[:, is_known] = np.nanquantile(X[:, is_known], [0, 0.25, 0.5, 0.75, 1], axis=0)
    return quartiles
