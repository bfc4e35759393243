r"""Layers of a network.

The contract
------------
- ``blocks`` declares the arrays of parameters that a layer has. A network hands them over
  as attributes: ``name`` holds the array, ``name_grad`` the memory for its gradient.
- ``forward(x, rng=None)`` never writes to its input. A generator means
  training, none means inference; there is no mode to set.
- ``param_gradient(delta)`` stores the gradient with respect to the layer's own
  parameters; ``input_gradient(delta)`` returns that with respect to its input.
  ``delta``, the gradient with respect to the output of the last ``forward``,
  belongs to whoever receives it and may be overwritten. ``param_gradient`` comes first
  and may keep what both need, but leaves ``delta`` as it is.
- A layer writes only to memory it owns or was handed, and returns views of it that are
  valid until its next call. ``input_gradient`` is called once, and may take the memory of
  the output.
"""

import functools

import numpy as np

from skreg.nn.arrays import (
    Buffer,
    cache_blocks,
    matmul,
    stored_values,
    transpose,
    with_stored_values,
)
from skreg.nn.parameters import Block


class Layer:
    """One differentiable step, without parameters unless a subclass has them.

    Attributes
    ----------
    blocks : sequence of Block
        The arrays of parameters of the layer.

    n_out : int
        Values that a row has in the output; 0: as many as in the input.

    widest : int
        Values that a row has in the largest array of the layer, where that is larger.
    """

    blocks = ()
    n_out = 0
    widest = 0

    def forward(self, x, rng=None):
        """Return the output for the rows of ``x``."""
        raise NotImplementedError

    def param_gradient(self, delta):
        """Store the gradient with respect to the parameters, if there are any."""

    def input_gradient(self, delta):
        """Return the gradient with respect to the input."""
        raise NotImplementedError


class Dense(Layer):
    """The affine map ``x @ weight + bias``.

    A layer that only predicts takes a sparse ``weight`` too.

    Parameters
    ----------
    n_in, n_out : int

    bound : float, default=0.0
        Of the initial numbers.
    """

    def __init__(self, n_in, n_out, bound=0.0):
        self.n_in, self.n_out = n_in, n_out
        self.blocks = _affine_blocks(n_in, n_out, bound)
        self.memory, self._delta, self._ones = Buffer(), Buffer(), Buffer(fill=1)

    def forward(self, x, rng=None):
        self._x = x
        out = self.memory.take((x.shape[0], self.n_out), self.weight.dtype)
        matmul(x, self.weight, out)
        out += self.bias
        return out

    def param_gradient(self, delta):
        matmul(transpose(self._x), delta, self.weight_grad)
        # The sum over rows as a product with ones, which BLAS does faster.
        ones = self._ones.take((len(delta),), delta.dtype)
        ones.dot(delta, self.bias_grad)

    def input_gradient(self, delta):
        out = self._delta.take((len(delta), self.n_in), delta.dtype)
        return matmul(delta, self.weight.T, out)


# Every prediction builds a network, mostly of the same sizes.
@functools.lru_cache
def _affine_blocks(n_in, n_out, bound):
    return Block("weight", (n_in, n_out), bound), Block("bias", (n_out,), bound)


class Dropout(Layer):
    r"""Inverted dropout: in training, values are dropped at random.

    Each value is zero with probability ``rate`` and otherwise divided by the
    probability to be kept, so that its expectation is unchanged and inference
    is the plain identity. Every value of every row has a draw of its own. Of a
    sparse input the stored values are dropped or kept; its zeros stay zeros
    either way, and its structure is not touched.

    A draw has 16 bits: probabilities are multiples of 1/65536, and the scale is
    that of the probability in effect, so expectations are exact.

    Parameters
    ----------
    rate : float
        Probability to drop, from 0 to below 1.

    References
    ----------
    .. [1] Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout:
       a simple way to prevent neural networks from overfitting", JMLR 15 (2014).
    """

    def __init__(self, rate):
        # At least one value in 65536 is kept, or the scale would be infinite.
        self._n_dropped = np.uint16(min(round(rate * 2**16), 2**16 - 1))
        self._mask, self._kept = Buffer(), Buffer()
        self._factors = None

    def forward(self, x, rng=None):
        if rng is None:
            self._factors = None
            return x
        values = stored_values(x)
        self._draw_mask(values.shape, values.dtype, rng)
        kept = self._kept.take(values.shape, values.dtype)
        return with_stored_values(x, np.multiply(values, self._factors, out=kept))

    def _draw_mask(self, shape, dtype, rng):
        """Write 0, or the inverse of the probability to keep, for every value."""
        self._factors = self._mask.take(shape, dtype)
        flat = self._factors.reshape(-1)
        scale = 2**16 / (2**16 - int(self._n_dropped))
        for block in cache_blocks(0, len(flat), flat.itemsize):
            factors = flat[block]
            # Four draws in each 64-bit word.
            words = rng.bit_generator.random_raw(-(-len(factors) // 4))
            draws = words.view(np.uint16)[: len(factors)]
            np.greater_equal(draws, self._n_dropped, out=factors)
            factors *= scale

    def input_gradient(self, delta):
        if self._factors is not None:
            delta *= self._factors
        return delta
