r"""Initial weights.

A layer whose weights have mean 0 and variance :math:`v` turns inputs with second moment
:math:`E x^2` into sums of variance :math:`n_{in} v E x^2`. With :math:`z` standard normal,
:math:`n_{in} v E f(z)^2 = 1` keeps the size of the signal through units with the
activation :math:`f` [2]_. The three rules in use have

- :math:`v = 2 / (n_{in} + n_{out})`, Glorot and Bengio [1]_, derived for units that are
  linear around 0; it is scikit-learn's for all of its activations, bar the logistic
  function, which gets a third of that;
- :math:`v = 2 / n_{in}`, He et al. [2]_, derived for rectifiers, :math:`E f(z)^2 = 1/2`;
- :math:`v = 1 / n_{in}`, LeCun et al. [3]_, which the constants of SELU presuppose [4]_,
  :math:`E f(z)^2 = 1`.

Each of the activations that scikit-learn does not have takes the nearest of the last two:
:math:`E f(z)^2` is .50 for leaky ReLU, .64 for ELU, .43 for GELU, .36 for SiLU and .92 for
softplus.

References
----------
.. [1] Glorot and Bengio, "Understanding the difficulty of training deep
   feedforward neural networks", AISTATS 2010, equation 16.
.. [2] He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level
   performance on ImageNet classification", ICCV 2015, equation 10.
.. [3] LeCun, Bottou, Orr and Müller, "Efficient BackProp", in Neural Networks: Tricks
   of the Trade (1998), equation 16.
.. [4] Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural networks",
   NeurIPS 2017.
"""

import math


def _glorot(n_in, n_out):
    return math.sqrt(6.0 / (n_in + n_out))


def _glorot_logistic(n_in, n_out):
    return math.sqrt(2.0 / (n_in + n_out))


# A pruned network may have no inputs left.
def _he(n_in, n_out):
    return math.sqrt(6.0 / max(n_in, 1))


def _lecun(n_in, n_out):
    return math.sqrt(3.0 / max(n_in, 1))


BOUNDS = {
    "identity": _glorot,
    "logistic": _glorot_logistic,
    "tanh": _glorot,
    "relu": _glorot,
    "leaky_relu": _he,
    "elu": _he,
    "selu": _lecun,
    "gelu": _he,
    "silu": _he,
    "softplus": _lecun,
}
r"""The bound :math:`\sqrt{3 v}` of uniform weights by the activation that follows."""


def uniform(params, rng):
    r"""Fill every array from :math:`U(-b, b)`, with the bound :math:`b` of its block.

    Numbers are drawn in the order of the blocks. That of dense layers is scikit-learn's:
    layer by layer, weights before biases.

    Parameters
    ----------
    params : Parameters
        Overwritten.

    rng : numpy.random.RandomState
        Source of randomness.
    """
    weights, biases = iter(params.weights), iter(params.biases)
    for block in params.blocks:
        array = next(weights if block.is_weight else biases)
        array[...] = rng.uniform(-block.bound, block.bound, block.shape)
