"""Memory that is reused, and the few operations that know about sparse matrices.

Everything above this module calls `matmul`, `transpose`, `take_rows` and
`stored_values` without asking whether its input is dense or sparse.
"""

import numpy as np


class Buffer:
    """Scratch memory, allocated on first use and reused from then on.

    It grows to the largest request, so the ragged last minibatch is served
    from the front of the same memory. Its content is never state: a pickled
    buffer comes back empty.
    """

    def __init__(self):
        self._memory = np.empty(0)
        self._view = self._memory

    def __reduce__(self):
        return Buffer, ()

    def take(self, shape, dtype):
        """Return a C-contiguous array of undefined content.

        Parameters
        ----------
        shape : tuple of int

        dtype : dtype

        Returns
        -------
        array : ndarray of the given shape
            Valid until the next call.
        """
        view = self._view
        if view.shape == shape and view.dtype == dtype:
            return view
        size = int(np.prod(shape))
        if self._memory.size < size or self._memory.dtype != dtype:
            self._memory = np.empty(size, dtype)
        self._view = self._memory[:size].reshape(shape)
        return self._view


def is_dense(x):
    """Whether ``x`` is an array: quicker to ask than whether it is sparse."""
    return isinstance(x, np.ndarray)


def to_dense(x):
    """Return ``x`` as an array, itself if it is one."""
    return x if is_dense(x) else x.toarray()


def matmul(a, b, out):
    """Write ``a @ b`` to ``out`` and return it; both may be dense or sparse."""
    if not (is_dense(a) and is_dense(b)):
        out[...] = to_dense(a @ b)
        return out
    if a.shape[1] == 1:
        # An outer product: nothing to add up, and no work for BLAS.
        return np.multiply(a, b, out=out)
    return np.matmul(a, b, out=out)


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


def row_blocks(n_rows, values_per_row, max_values=2**18):
    """Cut rows into slices whose intermediate results stay in cache.

    Parameters
    ----------
    n_rows : int

    values_per_row : int
        Size of the largest intermediate row.

    max_values : int, default=2**18
        Values a block may hold.

    Yields
    ------
    rows : slice
    """
    size = max(1, max_values // max(1, values_per_row))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))
