"""Activations of hidden units, by name."""

import math

import numpy as np
from scipy.special import expit, ndtr

from skreg.nn.arrays import Buffer
from skreg.nn.layers import Layer

# Integers of the size of a float, by the character of its dtype.
_BITS = {"f": np.dtype(np.int32), "d": np.dtype(np.int64)}


class Activation(Layer):
    """A function of every unit, whose derivative is a function of its output.

    A function whose derivative needs more than that keeps it in memory of its own.

    Parameters
    ----------
    memory : Buffer, default=None
        Where to write the output. A network hands over that of the affine map before,
        whose output nobody else reads: the function is then applied in place. None:
        memory of its own.
    """

    def __init__(self, memory=None):
        self._buffer = Buffer() if memory is None else memory
        self._scratch = Buffer()

    def forward(self, x, rng=None):
        self._out = self._buffer.take(x.shape, x.dtype)
        return self._function(x, self._out)


class Logistic(Activation):
    r"""The logistic sigmoid, :math:`1 / (1 + e^{-x})`."""

    _function = staticmethod(expit)

    def input_gradient(self, delta):
        # delta * out * (1 - out)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.subtract(1, self._out, out=slope)
        slope *= self._out
        delta *= slope
        return delta


class Tanh(Activation):
    r"""The hyperbolic tangent."""

    _function = staticmethod(np.tanh)

    def input_gradient(self, delta):
        # delta * (1 - out**2)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.multiply(self._out, self._out, out=slope)
        np.subtract(1, slope, out=slope)
        delta *= slope
        return delta


class ReLU(Activation):
    r"""The rectifier, :math:`\max(x, 0)`, with derivative 0 at 0."""

    def __init__(self, memory=None):
        super().__init__(memory)
        self._zeros, self._ones = Buffer(fill=0), Buffer(fill=1)

    def _function(self, x, out):
        # Two arrays NumPy compares much faster than an array and a number.
        return np.maximum(x, self._zeros.take(x.shape, x.dtype), out=out)

    def input_gradient(self, delta):
        # delta * (out > 0), on the bits: read as an integer a positive float is positive
        # and zero is 0, so that min(out, 1) is 1 or 0. A mask of bool NumPy would convert
        # to floats first. The output has been used by now, and its memory is taken.
        bits = _BITS[delta.dtype.char]
        is_active, words = self._out.view(bits), delta.view(bits)
        np.minimum(is_active, self._ones.take(delta.shape, bits), out=is_active)
        words *= is_active
        return delta


class LeakyReLU(Activation):
    r"""The leaky rectifier, :math:`\max(x, 0.01 x)`, with derivative 0.01 at 0 [1]_.

    References
    ----------
    .. [1] Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network
       acoustic models", ICML 2013.
    """

    slope = 0.01

    def __init__(self, memory=None):
        super().__init__(memory)
        self._zeros, self._slopes = Buffer(fill=0), Buffer(fill=self.slope)

    def _function(self, x, out):
        scaled = self._scratch.take(x.shape, x.dtype)
        np.multiply(x, self.slope, out=scaled)
        return np.maximum(x, scaled, out=out)

    def input_gradient(self, delta):
        # delta * (1 where out > 0, else 0.01)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.greater(self._out, self._zeros.take(delta.shape, delta.dtype), out=slope)
        np.maximum(slope, self._slopes.take(delta.shape, delta.dtype), out=slope)
        delta *= slope
        return delta


class ELU(Activation):
    r"""The exponential linear unit, :math:`x` above 0 and :math:`e^x - 1` below [1]_.

    References
    ----------
    .. [1] Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network
       learning by exponential linear units", ICLR 2016.
    """

    def __init__(self, memory=None):
        super().__init__(memory)
        self._zeros = Buffer(fill=0)

    def _parts(self, x, out):
        """Write max(x, 0) to ``out``; return expm1(min(x, 0))."""
        zeros = self._zeros.take(x.shape, x.dtype)
        below = self._scratch.take(x.shape, x.dtype)
        np.minimum(x, zeros, out=below)
        np.expm1(below, out=below)
        np.maximum(x, zeros, out=out)
        return below

    def _function(self, x, out):
        below = self._parts(x, out)
        out += below
        return out

    def input_gradient(self, delta):
        # delta * (min(out, 0) + 1)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.minimum(self._out, self._zeros.take(delta.shape, delta.dtype), out=slope)
        slope += 1
        delta *= slope
        return delta


class SELU(ELU):
    r"""The scaled exponential linear unit [1]_.

    It is :math:`\lambda x` above 0 and :math:`\lambda \alpha (e^x - 1)` below, with the
    constants that make mean 0 and variance 1 a fixed point from layer to layer; the
    derivative at 0 is that of below.

    References
    ----------
    .. [1] Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural
       networks", NeurIPS 2017.
    """

    scale = 1.0507009873554805
    alpha = 1.6732632423543772

    def __init__(self, memory=None):
        super().__init__(memory)
        self._steps = Buffer()

    def _function(self, x, out):
        below = self._parts(x, out)
        below *= self.alpha
        out += below
        out *= self.scale
        return out

    def input_gradient(self, delta):
        # delta * (min(out, 0) + scale * alpha - (scale * alpha - scale where out > 0))
        zeros = self._zeros.take(delta.shape, delta.dtype)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.minimum(self._out, zeros, out=slope)
        slope += self.scale * self.alpha
        step = self._steps.take(delta.shape, delta.dtype)
        np.greater(self._out, zeros, out=step)
        step *= self.scale * self.alpha - self.scale
        slope -= step
        delta *= slope
        return delta


class Softplus(Activation):
    r"""The smooth rectifier, :math:`\log(1 + e^x)` [1]_.

    References
    ----------
    .. [1] Dugas, Bengio, Belisle, Nadeau and Garcia, "Incorporating second-order
       functional knowledge for better option pricing", NeurIPS 2000.
    """

    def __init__(self, memory=None):
        super().__init__(memory)
        self._zeros = Buffer(fill=0)

    def _function(self, x, out):
        # max(x, 0) + log1p(exp(-|x|))
        rest = self._scratch.take(x.shape, x.dtype)
        np.abs(x, out=rest)
        np.negative(rest, out=rest)
        np.exp(rest, out=rest)
        np.log1p(rest, out=rest)
        np.maximum(x, self._zeros.take(x.shape, x.dtype), out=out)
        out += rest
        return out

    def input_gradient(self, delta):
        # delta * (1 - exp(-out))
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.negative(self._out, out=slope)
        np.expm1(slope, out=slope)
        np.negative(slope, out=slope)
        delta *= slope
        return delta


class SiLU(Activation):
    r"""The sigmoid linear unit, :math:`x \, \sigma(x)`, also known as swish [1]_.

    Its derivative is a function of the output and of the gate :math:`\sigma(x)`, which
    is kept.

    References
    ----------
    .. [1] Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network
       function approximation in reinforcement learning", Neural Networks 107 (2018).
    """

    def __init__(self, memory=None):
        super().__init__(memory)
        self._kept = Buffer()

    def _function(self, x, out):
        self._gate = expit(x, out=self._kept.take(x.shape, x.dtype))
        return np.multiply(x, self._gate, out=out)

    def input_gradient(self, delta):
        # delta * (gate + out * (1 - gate))
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.subtract(1, self._gate, out=slope)
        slope *= self._out
        slope += self._gate
        delta *= slope
        return delta


class GELU(Activation):
    r"""The Gaussian error linear unit, :math:`x \, \Phi(x)` [1]_.

    :math:`\Phi` is the standard normal distribution function, not an approximation.

    Parameters
    ----------
    memory : Buffer, default=None
        Not used: the derivative needs the input, so the function is not applied in
        place, and the output has memory of its own.

    References
    ----------
    .. [1] Hendrycks and Gimpel, "Gaussian error linear units (GELUs)",
       arXiv:1606.08415 (2016).
    """

    def __init__(self, memory=None):
        super().__init__()
        self._kept, self._clipped = Buffer(), Buffer()

    def _function(self, x, out):
        self._x = x
        self._gate = ndtr(x, out=self._kept.take(x.shape, x.dtype))
        return np.multiply(x, self._gate, out=out)

    def input_gradient(self, delta):
        # delta * (gate + x * exp(-x**2 / 2) / sqrt(2 * pi)); the density is 0 beyond
        # 40, and squares of what is clipped there do not overflow.
        x = self._clipped.take(delta.shape, delta.dtype)
        np.clip(self._x, -40, 40, out=x)
        slope = self._scratch.take(delta.shape, delta.dtype)
        np.multiply(x, x, out=slope)
        slope *= -0.5
        np.exp(slope, out=slope)
        slope *= 1 / math.sqrt(2 * math.pi)
        slope *= x
        slope += self._gate
        delta *= slope
        return delta


ACTIVATIONS = {
    "identity": None,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "selu": SELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
}
"""Hidden activations by name, the first four scikit-learn's; None stands for no layer."""


def for_each_layer(activation, n_hidden):
    """Return one name for each hidden layer, given that or one name for all."""
    return [activation] * n_hidden if isinstance(activation, str) else [*activation]
