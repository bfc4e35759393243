"""Scores of predictions: higher is better.

They are scikit-learn's ``accuracy_score`` and ``r2_score`` without the checks of input
that these repeat at every call, which in early stopping is every epoch.
"""

import numpy as np


def accuracy(is_right, sample_weight=None):
    """Share of samples that are classified correctly.

    Parameters
    ----------
    is_right : ndarray of bool of shape (n_samples,)

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    score : float
    """
    return float(np.average(is_right, weights=sample_weight))


def r2(y, prediction, sample_weight=None):
    r"""Coefficient of determination, averaged over outputs.

    .. math::

        R^2 = 1 - \frac{\sum_i s_i (y_i - \hat y_i)^2}{\sum_i s_i (y_i - \bar y)^2}.

    Parameters
    ----------
    y, prediction : ndarray of shape (n_samples, n_outputs)

    sample_weight : ndarray of shape (n_samples,), default=None
        :math:`s_i`; None: 1.

    Returns
    -------
    score : float
        Of an output that does not vary, 1 where it is predicted exactly and 0 where it
        is not. Not a number where a prediction is not finite.
    """
    if not np.isfinite(prediction).all():
        return float("nan")
    y = y.astype(np.float64, copy=False)
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    unexplained = weight @ (y - prediction) ** 2
    total = weight @ (y - np.average(y, axis=0, weights=sample_weight)) ** 2
    ratio = np.divide(unexplained, total, out=np.ones_like(total), where=total > 0)
    return float(np.mean(np.where((total == 0) & (unexplained == 0), 1.0, 1 - ratio)))
