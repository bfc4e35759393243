"""All parameters of a network in one flat vector."""

import math
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import to_dense


class Block(NamedTuple):
    """An array of parameters that a layer declares.

    Matrices are weights: penalties, weight decay and max-norm apply to them. Vectors are
    biases, and none of that does.

    Attributes
    ----------
    name : str
        The attribute of the layer that will hold the array.

    shape : tuple of int
        ``(n_in, n_out)`` for weights, ``(n,)`` for biases.

    bound : float, default=0.0
        Initial numbers are drawn from between ``-bound`` and ``bound``.
    """

    name: str
    shape: tuple
    bound: float = 0.0

    @property
    def is_weight(self):
        """Whether the array is a matrix of weights."""
        return len(self.shape) == 2


class Parameters:
    """All weights and biases of a network as views of one flat vector.

    All weights come first, then all biases, as in scikit-learn; theta, its
    gradient and the moments of an optimizer share this layout. An update rule
    is then a handful of array operations, whatever the depth.

    Parameters
    ----------
    blocks : sequence of Block
        In the order of the layers that declare them.

    vector : ndarray of shape (n_parameters,), default=None
        Memory to look at; None allocates zeros.

    dtype : dtype, default=float64
        Of the memory allocated.

    Attributes
    ----------
    blocks : tuple of Block

    vector : ndarray of shape (n_parameters,)

    weights : list of ndarray of shape (n_in, n_out)
        Views of ``vector``, writable.

    biases : list of ndarray of shape (n,)
        Views of ``vector``, writable.

    weight_slices : list of slice
        Where each weight matrix lies in ``vector``.
    """

    def __init__(self, blocks, vector=None, dtype=np.float64):
        self.blocks = tuple(blocks)
        weights = [block.shape for block in self.blocks if block.is_weight]
        biases = [block.shape for block in self.blocks if not block.is_weight]
        ends = list(accumulate(map(math.prod, weights + biases), initial=0))
        slices = [slice(*neighbors) for neighbors in pairwise(ends)]
        self.vector = np.zeros(ends[-1], dtype) if vector is None else vector
        self.weight_slices = slices[: len(weights)]
        self.weights = [
            self.vector[where].reshape(shape)
            for where, shape in zip(self.weight_slices, weights, strict=True)
        ]
        self.biases = [self.vector[where] for where in slices[len(weights) :]]

    def __reduce__(self):
        # As one vector: pickled views would be copies of their own.
        return Parameters, (self.blocks, self.vector)

    @classmethod
    def of(cls, layers, dtype=np.float64):
        """Return zeros for all that layers declare."""
        return cls(blocks_of(layers), dtype=dtype)

    @classmethod
    def pack(cls, weights, biases, dtype):
        """Copy weight matrices, dense or sparse, and biases into a fresh vector."""
        blocks = [Block("weight", weight.shape) for weight in weights]
        blocks += [Block("bias", bias.shape) for bias in biases]
        params = cls(blocks, dtype=dtype)
        for view, array in zip(
            params.weights + params.biases, [*weights, *biases], strict=True
        ):
            view[...] = to_dense(array)
        return params

    def like(self, vector):
        """Return views of another vector in the same layout."""
        return Parameters(self.blocks, vector)


def blocks_of(layers):
    """Return all that layers declare, a list of `Block`."""
    return [block for layer in layers for block in layer.blocks]


def bind(layers, weights, biases, suffix=""):
    """Hand arrays over to the layers that declare them, as attributes.

    Parameters
    ----------
    layers : sequence of Layer

    weights, biases : list of arrays
        In the order of the blocks that are weights, and of those that are biases.

    suffix : str, default=""
        What follows the name of a block in that of the attribute.
    """
    weights, biases = iter(weights), iter(biases)
    try:
        for layer in layers:
            for block in layer.blocks:
                array = next(weights if block.is_weight else biases)
                setattr(layer, block.name + suffix, array)
    except StopIteration:
        kind = type(layer).__name__
        raise ValueError(f"No array is left for the {block.name} of a {kind}.") from None
    if left := [*weights, *biases]:
        raise ValueError(f"The layers do not declare the last {len(left)} array(s).")


def dtype_of(arrays):
    """Return the smaller of float32 and float64 that is enough for all arrays."""
    dtype = np.result_type(np.float32, *{array.dtype for array in arrays})
    return np.dtype(np.float32 if dtype == np.float32 else np.float64)
