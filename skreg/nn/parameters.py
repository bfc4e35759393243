"""All parameters of a network in one flat vector."""

from itertools import pairwise

import numpy as np

from skreg.nn.arrays import to_dense


class Parameters:
    """All weights and biases of a network as views of one flat vector.

    All weights come first, then all biases, as in scikit-learn; theta, its
    gradient and the moments of an optimizer share this layout. An update rule
    is then a handful of array operations, whatever the depth.

    Parameters
    ----------
    layer_units : sequence of int
        Sizes of input, hidden and output layers.

    vector : ndarray of shape (n_parameters,), default=None
        Memory to look at; None allocates zeros.

    dtype : dtype, default=float64
        Of the memory allocated.

    Attributes
    ----------
    vector : ndarray of shape (n_parameters,)

    weights : list of ndarray of shape (n_in, n_out)
        Views of ``vector``, writable.

    biases : list of ndarray of shape (n_out,)
        Views of ``vector``, writable.

    weight_slices : list of slice
        Where each weight matrix lies in ``vector``.
    """

    def __init__(self, layer_units, vector=None, dtype=np.float64):
        self.layer_units = tuple(layer_units)
        shapes = list(pairwise(self.layer_units))
        sizes = [n_in * n_out for n_in, n_out in shapes] + list(self.layer_units[1:])
        bounds = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        slices = [slice(*ends) for ends in pairwise(bounds)]
        self.vector = np.zeros(bounds[-1], dtype) if vector is None else vector
        self.weight_slices = slices[: len(shapes)]
        self.weights = [
            self.vector[where].reshape(shape)
            for where, shape in zip(self.weight_slices, shapes, strict=True)
        ]
        self.biases = [self.vector[where] for where in slices[len(shapes) :]]

    @classmethod
    def pack(cls, weights, biases, dtype):
        """Copy weight matrices, dense or sparse, and biases into a fresh vector."""
        params = cls([weights[0].shape[0], *map(len, biases)], dtype=dtype)
        for view, array in zip(
            params.weights + params.biases, [*weights, *biases], strict=True
        ):
            view[...] = to_dense(array)
        return params

    def like(self, vector):
        """Return views of another vector in the same layout."""
        return Parameters(self.layer_units, vector)


def dtype_of(arrays):
    """Return the dtype to compute in: float32 where all arrays are, else float64."""
    dtype = np.result_type(*(array.dtype for array in arrays), np.float32)
    return np.dtype(np.float32 if dtype == np.float32 else np.float64)
