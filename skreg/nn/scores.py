"""Scores of predictions: higher is better.

They are scikit-learn's ``accuracy_score``, ``r2_score`` and ``d2_pinball_score`` without
the checks of input that these repeat at every call, which in early stopping is every epoch.
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
        Of an output that does not vary 1 where it is predicted exactly and 0 where it is
        not, as in scikit-learn. Not a number of one sample, or where a prediction is not
        finite.
    """
    if len(y) < 2 or not np.isfinite(prediction).all():
        return float("nan")
    y = y.astype(np.float64, copy=False)
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    unexplained = weight @ (y - prediction) ** 2
    total = weight @ (y - np.average(y, axis=0, weights=sample_weight)) ** 2
    return _mean_share_explained(unexplained, total)


def d2_pinball(y, prediction, levels, sample_weight=None):
    r"""Share of the pinball loss that is explained, averaged over outputs and levels.

    With the pinball loss :math:`\rho_q` and the quantile :math:`y_q` of all targets it is

    .. math::

        D^2 = 1 - \frac{\sum_i s_i \rho_q(y_i, \hat y_i)}{\sum_i s_i \rho_q(y_i, y_q)}.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_columns)

    prediction : ndarray of shape (n_samples, n_columns * n_levels)
        The levels of a column next to each other.

    levels : ndarray of shape (n_levels,)

    sample_weight : ndarray of shape (n_samples,), default=None
        :math:`s_i`; None: 1.

    Returns
    -------
    score : float
        Where targets do not vary, as `r2`.
    """
    if not np.isfinite(prediction).all():
        return float("nan")
    y = y.astype(np.float64, copy=False)
    weight = np.ones(len(y)) if sample_weight is None else sample_weight

    def losses(prediction):
        above = y[:, :, np.newaxis] - prediction
        pinball = np.maximum(levels * above, (levels - 1) * above)
        return np.tensordot(weight, pinball, axes=1)

    best = np.stack([quantile(y, level, sample_weight) for level in levels], axis=-1)
    prediction = prediction.reshape(*y.shape, len(levels))
    return _mean_share_explained(losses(prediction), losses(best))


def quantile(y, level, sample_weight=None):
    """Return the least value of every column that a share ``level`` does not exceed.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_columns)

    level : float

    sample_weight : ndarray of shape (n_samples,), default=None
        How often each sample counts.

    Returns
    -------
    quantile : ndarray of shape (n_columns,)
        It minimizes the pinball loss of a constant.
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    order = y.argsort(axis=0)
    reached = weight[order].cumsum(axis=0)
    place = (reached < level * reached[-1]).sum(axis=0, keepdims=True)
    return np.take_along_axis(y, np.take_along_axis(order, place, axis=0), axis=0)[0]


def _mean_share_explained(unexplained, total):
    ratio = np.divide(unexplained, total, out=np.ones_like(total), where=total > 0)
    return float(np.mean(np.where((total == 0) & (unexplained == 0), 1.0, 1 - ratio)))
