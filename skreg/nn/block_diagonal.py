"""Block diagonal matrices that are stored and multiplied block by block.

Those of :math:`K` blocks have :math:`K^2` times as many values as a block, of which
:math:`K (K - 1)` times as many are zero.
"""

import numpy as np
from scipy import linalg, sparse

_FIXED = (
    "The zeros between the blocks of a BlockDiagonal are not stored and cannot be written "
    "to. Write to its blocks, or to a copy: toarray()."
)


class BlockDiagonal(np.lib.mixins.NDArrayOperatorsMixin):
    """A matrix of blocks along the diagonal, with zeros around them that are not stored.

    ``x @ matrix`` multiplies by block. For everything else that NumPy does it is the array
    of its values, zeros and all, which is made each time and cannot be written to:
    ``np.asarray(matrix)``, ``matrix == 0``, ``matrix.sum()``, ``matrix[:, 3]``.

    Parameters
    ----------
    blocks : list of ndarray or sparse array of shape (n_in, n_out)
        Of one dtype. They may differ in shape.

    Attributes
    ----------
    shape : tuple of int

    dtype : dtype
    """

    ndim = 2

    def __init__(self, blocks):
        self.blocks = list(blocks)
        self.dtype = np.result_type(*(block.dtype for block in self.blocks))
        ends = np.cumsum([(0, 0), *(block.shape for block in self.blocks)], axis=0)
        self._starts = ends[:-1].tolist()
        self.shape = tuple(ends[-1].tolist())

    def toarray(self):
        """Return all values, an ndarray."""
        return linalg.block_diag(*map(_to_array, self.blocks)).astype(self.dtype, copy=False)

    def tocsr(self):
        """Return a sparse array in CSR format."""
        return sparse.csr_array(sparse.block_diag(self.blocks, format="csr"))

    @property
    def size(self):
        """Number of values, zeros between the blocks included."""
        return self.shape[0] * self.shape[1]

    def copy(self):
        """Return a matrix with memory of its own."""
        return each_block(lambda block: block.copy(), self)

    def astype(self, dtype, copy=True):
        """Return a matrix of another dtype; without ``copy`` itself, where it has that."""
        return each_block(lambda block: block.astype(dtype, copy=copy), self)

    def __repr__(self):
        return f"<BlockDiagonal of {self.shape}, {self.dtype}, with {len(self.blocks)} blocks>"

    def __iter__(self):
        return iter(self._read_only())

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, key):
        return self._read_only()[key]

    def __setitem__(self, key, value):
        raise TypeError(_FIXED)

    def __getattr__(self, name):
        if name.startswith("_") or not hasattr(np.ndarray, name):
            kind = type(self).__name__
            raise AttributeError(f"{kind!r} object has no attribute {name!r}")
        return getattr(self._read_only(), name)

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("The array of a BlockDiagonal is always a copy.")
        return self.toarray().astype(dtype or self.dtype, copy=False)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(isinstance(out, BlockDiagonal) for out in kwargs.get("out", ())):
            raise TypeError(_FIXED)
        if ufunc is np.matmul and not kwargs and _is_rows(inputs[0]):
            return self.times(inputs[0])
        return getattr(ufunc, method)(*map(_to_array, inputs), **kwargs)

    def times(self, x, out=None):
        """Return ``x @ self``, in ``out`` if that is given.

        Parameters
        ----------
        x : ndarray of shape (n_rows, n_in)

        out : ndarray of shape (n_rows, n_out), default=None

        Returns
        -------
        product : ndarray of shape (n_rows, n_out)
        """
        if x.shape[1] != self.shape[0]:
            raise ValueError(f"{x.shape} cannot be multiplied by {self.shape}.")
        if out is None:
            out = np.empty((len(x), self.shape[1]), np.result_type(x, self.dtype))
        for block, (row, column) in zip(self.blocks, self._starts, strict=True):
            n_in, n_out = block.shape
            part, place = x[:, row : row + n_in], out[:, column : column + n_out]
            if sparse.issparse(block):
                place[...] = part @ block
            else:
                np.matmul(part, block, out=place)
        return out

    def _read_only(self):
        # What is written to a copy would be lost in silence.
        array = self.toarray()
        array.flags.writeable = False
        return array


def each_block(function, x):
    """Return what a function makes of a matrix: of a block diagonal one, by block.

    Parameters
    ----------
    function : callable

    x : ndarray, sparse array or BlockDiagonal

    Returns
    -------
    made : BlockDiagonal, or what ``function`` returns for ``x``
    """
    if isinstance(x, BlockDiagonal):
        return BlockDiagonal([function(block) for block in x.blocks])
    return function(x)


def blocks_of(x):
    """Return the matrices that are stored: blocks, or else ``x`` alone."""
    return x.blocks if isinstance(x, BlockDiagonal) else [x]


def _to_array(x):
    return x.toarray() if hasattr(x, "toarray") else x


def _is_rows(x):
    return isinstance(x, np.ndarray) and x.ndim == 2
