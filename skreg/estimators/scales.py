"""Whether data to judge by are on the scale of those that are trained on."""

import numpy as np
from scipy import sparse

_MAX_ROWS = 2000
# Deviations that medians may be apart, and factor that deviations may differ by: far beyond
# what a split in time does to a table, and well below a scaler that was left out.
_MAX_SHIFT = 5.0
_MAX_FACTOR = 10.0
# Of fewer rows the deviation says little.
_MIN_ROWS = 20


def columns_off_scale(values, own):
    """Return which columns lie far from those of other data.

    Compared are medians, and the mean distances from these, of some of the rows.

    Parameters
    ----------
    values, own : ndarray or sparse matrix of shape (n_samples, n_columns)
        Of the training data, and of the user's own to judge by.

    Returns
    -------
    is_off : ndarray of bool
        Of the columns that vary in the training data; sparse ones are not looked at.
    """
    if sparse.issparse(values) or sparse.issparse(own):
        return np.zeros(0, dtype=bool)
    (median, deviation), (own_median, own_deviation) = map(_median, (values, own))
    shift = np.abs(own_median - median) > _MAX_SHIFT * np.maximum(deviation, own_deviation)
    low, high = np.sort([deviation, own_deviation], axis=0)
    factor = (high > _MAX_FACTOR * low) & (len(own) >= _MIN_ROWS)
    return (shift | factor)[deviation > 0]


def _median(values):
    """Return the median of each column, and the mean distance from it."""
    some = values[:: max(1, len(values) // _MAX_ROWS)]
    some = some.reshape(len(some), -1).astype(np.float64, copy=False)
    median = np.median(some, axis=0)
    return median, np.mean(np.abs(some - median), axis=0)
