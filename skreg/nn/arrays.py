"""Memory that is reused, and the few operations that know about sparse matrices.

Everything above this module calls `matmul`, `transpose`, `take_rows` and
`stored_values` without asking whether its input is dense or sparse.

Long vectors are worked on in blocks: all operations of an update on one block, whose
operands stay in cache, then the next. BLAS has the two that NumPy would need two passes
or two calls for, `axpy` and `scale`.
"""

import functools
import math

import numpy as np
from scipy.linalg import blas

from skreg.nn.block_diagonal import BlockDiagonal

# Bytes of a block of one operand: about five of them are in the second-level cache at
# once. From a quarter to twice as much makes little difference.
_BLOCK_BYTES = 2**17

# Up to 10,000 values OpenBLAS adds vectors in the calling thread. More would wake SciPy's
# threads, which then spin for work at the expense of NumPy's, a pool of its own: with two
# threads on two cores an epoch took twenty times as long.
_ONE_THREAD = 2**13

# Values of an outer product that the BLAS kernels for small matrices are still good at.
_SMALL_PRODUCT = 2**15

# By the character of the dtype, which is quicker to look up than the dtype.
_AXPY = {"f": blas.saxpy, "d": blas.daxpy}
_SCAL = {"f": blas.sscal, "d": blas.dscal}
_NRM2 = {"f": blas.snrm2, "d": blas.dnrm2}

_EMPTY = np.empty(0)


class Buffer:
    """Scratch memory, allocated on first use and reused from then on.

    It grows to the largest request, so the ragged last minibatch is served
    from the front of the same memory. Its content is never state: a pickled
    buffer comes back empty.

    Parameters
    ----------
    fill : float, default=None
        What the memory holds, for a buffer that is only read. None: undefined content.
    """

    def __init__(self, fill=None):
        self.fill = fill
        self._memory = self._view = _EMPTY
        self._request = None

    def __reduce__(self):
        return Buffer, (self.fill,)

    def copy(self):
        """Return an empty one."""
        return Buffer(self.fill)

    def take(self, shape, dtype):
        """Return a C-contiguous array.

        Parameters
        ----------
        shape : tuple of int

        dtype : dtype

        Returns
        -------
        array : ndarray of the given shape
            Valid until the next call.
        """
        if self._request != (shape, dtype):
            size = math.prod(shape)
            if self._memory.size < size or self._memory.dtype != dtype:
                self._memory = np.empty(size, dtype)
                if self.fill is not None:
                    self._memory.fill(self.fill)
            self._view = self._memory[:size].reshape(shape)
            self._request = shape, dtype
        return self._view


def is_dense(x):
    """Whether ``x`` is an array: quicker to ask than whether it is sparse."""
    return isinstance(x, np.ndarray)


def to_dense(x):
    """Return ``x`` as an array, itself if it is one."""
    return x if is_dense(x) else x.toarray()


def matmul(a, b, out):
    """Write ``a @ b`` to ``out`` and return it; both may be dense or sparse.

    A dense ``a`` may also meet a `BlockDiagonal` ``b``.
    """
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return _sparse_matmul(a, b, out)
    if len(b) == 1 and out.size > _SMALL_PRODUCT:
        # An outer product: nothing to add up, and no work for BLAS.
        return np.multiply(a, b, out=out)
    # np.matmul's product, at a third of the overhead of a call.
    return a.dot(b, out)


def _sparse_matmul(a, b, out):
    """Write ``a @ b`` to ``out`` and return it, where one of them is no array."""
    if isinstance(b, BlockDiagonal):
        return b.times(a, out)
    if is_dense(a) or a.format != "csc" or a.nnz >= a.shape[0]:
        out[...] = to_dense(a @ b)
        return out
    # The transpose of a minibatch: few features have stored values, and only their rows
    # of the product are not zero.
    rows, numbers = np.unique(a.indices, return_inverse=True)
    numbers = numbers.astype(a.indices.dtype, copy=False)
    compact = type(a)((a.data, numbers, a.indptr), shape=(len(rows), a.shape[1]))
    out.fill(0)
    out[rows] = to_dense(compact @ b)
    return out


def transpose(x):
    """Transpose without a copy."""
    return x.T


def by_rows(x):
    """Return ``x`` in a layout whose rows can be gathered: CSR where sparse."""
    return x if is_dense(x) else x.tocsr()


def take_rows(x, rows, buffer):
    """Gather rows.

    Parameters
    ----------
    x : ndarray or CSR matrix of shape (n_samples, ...)

    rows : slice or ndarray of int
        A slice of a dense array is a view. Indices are gathered into
        ``buffer``; they must lie within ``x``.

    buffer : Buffer
        Memory for the rows, overwritten by the next gather.

    Returns
    -------
    taken : ndarray or CSR matrix of shape (n_rows, ...)
    """
    if isinstance(rows, slice) or not is_dense(x):
        return x[rows]
    out = buffer.take((len(rows), *x.shape[1:]), x.dtype)
    # With mode="raise" NumPy gathers into a temporary first.
    return x.take(rows, axis=0, out=out, mode="clip")


def stored_values(x):
    """Return the array of values that are held in memory: all, or the nonzero ones."""
    return x if is_dense(x) else x.data


def with_stored_values(x, values):
    """Return ``x`` with other stored values; a sparse structure is shared, not copied."""
    if is_dense(x):
        return values
    return type(x)((values, x.indices, x.indptr), shape=x.shape)


def scale_rows(x, factors):
    """Return ``x``, dense or sparse, with every row multiplied by a factor."""
    if is_dense(x):
        return x * factors[:, np.newaxis]
    x = x.tocsr()
    return with_stored_values(x, x.data * np.repeat(factors, np.diff(x.indptr)))


def row_blocks(n_rows, values_per_row, max_values=2**18, min_rows=1):
    """Cut rows into slices whose intermediate results stay in cache.

    Parameters
    ----------
    n_rows : int

    values_per_row : int
        Size of the largest intermediate row.

    max_values : int, default=2**18
        Values a block may hold.

    min_rows : int, default=1
        Rows that a block has in any case.

    Yields
    ------
    rows : slice
    """
    size = max(min_rows, max_values // max(1, values_per_row))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))


@functools.lru_cache
def cache_blocks(start, stop, itemsize):
    """Cut a stretch of a vector into slices that pass through the cache in turn.

    Parameters
    ----------
    start, stop : int
        Where it begins and ends.

    itemsize : int
        Bytes of a value.

    Returns
    -------
    blocks : tuple of slice
    """
    size = _BLOCK_BYTES // itemsize
    return tuple(slice(at, min(at + size, stop)) for at in range(start, stop, size))


def axpy(a, x, y):
    """Add ``a * x`` to ``y`` in place: contiguous vectors of the same float dtype."""
    blas_axpy, n_left = _AXPY[y.dtype.char], len(y)
    start = 0
    while n_left > _ONE_THREAD:
        blas_axpy(x, y, _ONE_THREAD, a, start, 1, start, 1)
        start, n_left = start + _ONE_THREAD, n_left - _ONE_THREAD
    if n_left:
        blas_axpy(x, y, n_left, a, start, 1, start, 1)


def scale(a, x):
    """Multiply ``x`` by ``a`` in place: a contiguous vector of a float dtype."""
    _SCAL[x.dtype.char](a, x)


def clip_norm(x, max_norm):
    """Scale a vector in place down to a norm of ``max_norm``, if it is longer."""
    # BLAS and hypot square nothing that would overflow.
    pieces = range(0, len(x), _ONE_THREAD)
    norm = math.hypot(*(_NRM2[x.dtype.char](x[at : at + _ONE_THREAD]) for at in pieces))
    if norm > max_norm:
        scale(max_norm / norm, x)
