"""Initial weights."""

import numpy as np


def uniform(weights, biases, rng, factor=6.0):
    r"""Fill weights and biases from :math:`U(-b, b)`, scaled by the size of the layer.

    The bound is :math:`b = \sqrt{c / (n_{in} + n_{out})}`. With ``c = 6`` the
    variance of signals and gradients is kept through linear and tanh units
    [1]_; scikit-learn takes 2 for the logistic function.

    Numbers are drawn layer by layer, weights before biases, as scikit-learn
    draws them.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        Overwritten.

    biases : list of ndarray of shape (n_out,)
        Overwritten.

    rng : numpy.random.RandomState
        Source of randomness.

    factor : float, default=6.0
        The constant ``c``.

    References
    ----------
    .. [1] Glorot and Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010, equation 16.
    """
    for weight, bias in zip(weights, biases, strict=True):
        bound = np.sqrt(factor / sum(weight.shape))
        weight[...] = rng.uniform(-bound, bound, weight.shape)
        bias[...] = rng.uniform(-bound, bound, bias.shape)
