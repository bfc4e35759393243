"""Strengths of a penalty to go through."""

import numpy as np

_NOTHING = 0.5
# Networks on fewer rows lose features a little earlier.
_SPARE = 2.0


def geometric(alpha_max, n_strengths, eps):
    """Return strengths up to that which is enough for a linear model, and beyond.

    Parameters
    ----------
    alpha_max : float
        What is enough for a linear model.

    n_strengths : int
        Number of strengths up to it, and of those from it on.

    eps : float
        Ratio of the smallest strength to it, and of it to the largest.

    Returns
    -------
    strengths : ndarray of shape (2 * n_strengths - 1,)
    """
    if not alpha_max > np.finfo(float).eps:
        raise ValueError(
            "y does not go together with any feature, so there is no scale for the strengths "
            f"of the penalty: {alpha_max:.1g} leaves nothing of a linear model. Pass strengths."
        )
    # At the very bound, rounding would decide whether something is left.
    enough = alpha_max * (1 + 1e-8)
    below = np.geomspace(eps * enough, enough, n_strengths)
    above = np.geomspace(enough, enough / eps, n_strengths)
    return np.concatenate([below, above[1:]])


def thinning(strengths, n_left, n_strengths):
    """Return strengths at which features become fewer by the same factor each time.

    Between those that are known, the logarithm of the number of features is taken for
    linear in that of the strength. Nothing left counts as half a feature there, and the
    last strength alone is for it.

    Parameters
    ----------
    strengths : ndarray
        Upwards.

    n_left : sequence of int
        Features that each of them has left.

    n_strengths : int

    Returns
    -------
    strengths : ndarray of shape (n_strengths,)
        From half the last that leaves everything to the last of all.
    """
    n_left = np.minimum.accumulate(np.maximum(n_left, _NOTHING))
    start = np.flatnonzero(n_left == n_left[0])[-1]
    n_left, strengths = n_left[start:], np.array(strengths[start:])
    strengths[0] /= _SPARE
    fewest = max(n_left[-1], 1.0)
    if n_left[-1] < 1 < n_strengths:
        targets = np.append(np.geomspace(n_left[0], fewest, n_strengths - 1), n_left[-1])
    else:
        targets = np.geomspace(n_left[0], fewest, n_strengths)
    # From few to many, and of strengths with as many the weakest.
    known, first = np.unique(n_left, return_index=True)
    first[0] = len(n_left) - 1
    return np.exp(np.interp(np.log(targets), np.log(known), np.log(strengths[first])))
