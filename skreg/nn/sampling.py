r"""Draws from a network by dropout, and their spread.

Dropout in front of a layer with weights :math:`W` is the layer with weights
:math:`\operatorname{diag}(m)\, W`, where :math:`m_j` is 0 with the probability to drop
and otherwise the inverse of the probability to keep. A draw of the masks is thus a
network like any other, one for all rows: a function drawn at random. Gal and Ghahramani
[1]_ read dropout in training as variational inference, and these draws as a sample of the
functions that the data leave open.

References
----------
.. [1] Gal and Ghahramani, "Dropout as a Bayesian approximation: representing model
   uncertainty in deep learning", ICML 2016.
"""

import numpy as np

from skreg.nn.arrays import scale_rows
from skreg.nn.layers import Dropout


def thin(weights, rates, rng):
    """Draw what dropout leaves of the weights.

    Parameters
    ----------
    weights : list of ndarray or sparse matrix of shape (n_in, n_out)

    rates : sequence of float
        Probability to drop what is multiplied by each of the matrices.

    rng : numpy.random.Generator

    Returns
    -------
    thinned : list of ndarray or CSR matrix of shape (n_in, n_out)
        Copies with the rows dropped or scaled; where the rate is zero, ``weights``.
    """
    return [
        _thin_rows(weight, rate, rng) if rate else weight
        for weight, rate in zip(weights, rates, strict=True)
    ]


def _thin_rows(weight, rate, rng):
    ones = np.ones(weight.shape[0], weight.dtype)
    return scale_rows(weight, Dropout(rate).forward(ones, rng))


def stack(draws, n_draws):
    """Collect arrays that come one by one along a new first axis.

    Parameters
    ----------
    draws : iterator of ndarray of one shape

    n_draws : int

    Returns
    -------
    stacked : ndarray of shape (n_draws, ...)
    """
    first = next(draws)
    try:
        stacked = np.empty((n_draws, *first.shape), first.dtype)
    except (OverflowError, ValueError) as error:  # not even an address for it
        raise MemoryError(str(error)) from error
    stacked[0] = first
    for place, draw in zip(stacked[1:], draws, strict=True):
        place[...] = draw
    return stacked


def standard_deviation(draws):
    r"""Return the standard deviation of arrays that come one by one; none is kept.

    The variance of :math:`n` draws is :math:`\sum_i (x_i - \bar x)^2 / (n - 1)`, summed up
    by Welford's recurrence.

    Parameters
    ----------
    draws : iterator of ndarray of one shape
        Two at least.

    Returns
    -------
    std : ndarray of that shape
    """
    mean = next(draws).copy()
    squares = np.zeros_like(mean)
    for n_draws, draw in enumerate(draws, start=2):
        deviation = draw - mean
        mean += deviation / n_draws
        squares += deviation * (draw - mean)
    return np.sqrt(squares / (n_draws - 1))
