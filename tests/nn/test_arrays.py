import pickle

import numpy as np
import pytest
from scipy import sparse

from skreg.nn.arrays import (
    Buffer,
    by_rows,
    matmul,
    row_blocks,
    stored_values,
    take_rows,
    transpose,
    with_stored_values,
)

LAYOUTS = [np.asarray, sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.csc_array]


def test_a_buffer_serves_smaller_requests_from_the_same_memory():
    buffer = Buffer()
    large = buffer.take((8, 5), np.float64)
    small = buffer.take((3, 5), np.float64)
    assert np.shares_memory(large, small)
    assert small.flags.c_contiguous
    assert buffer.take((3, 5), np.float64) is small


def test_a_buffer_follows_shape_and_dtype():
    buffer = Buffer()
    for shape, dtype in [
        ((2, 3), np.float32),
        ((6,), np.float32),
        ((2, 3), bool),
        ((0, 3), bool),
    ]:
        taken = buffer.take(shape, dtype)
        assert taken.shape == shape
        assert taken.dtype == dtype


def test_a_pickled_buffer_is_empty():
    buffer = Buffer()
    buffer.take((1000, 1000), np.float64)
    assert len(pickle.dumps(buffer)) < 200


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("n_inner", [1, 4])
def test_products_and_transposes_are_numpys(layout, n_inner, rng):
    a = rng.standard_normal((6, n_inner)) * (rng.random((6, n_inner)) < 0.5)
    b = rng.standard_normal((n_inner, 3))
    out = np.empty((6, 3))
    assert matmul(layout(a), b, out) is out
    np.testing.assert_allclose(out, a @ b)
    delta = rng.standard_normal((6, 3))
    grad = np.empty((n_inner, 3))
    np.testing.assert_allclose(matmul(transpose(layout(a)), delta, grad), a.T @ delta)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rows", [slice(2, 5), np.array([4, 0, 0, 3])])
def test_rows_are_gathered(layout, rows, rng):
    x = rng.standard_normal((6, 4))
    taken = take_rows(by_rows(layout(x)), rows, Buffer())
    np.testing.assert_array_equal(taken if layout is np.asarray else taken.toarray(), x[rows])


def test_stored_values_are_replaced_without_copying_the_structure(rng):
    x = sparse.random(5, 6, 0.4, format="csr", random_state=0)
    doubled = with_stored_values(x, 2 * stored_values(x))
    np.testing.assert_array_equal(doubled.toarray(), 2 * x.toarray())
    assert np.shares_memory(doubled.indices, x.indices)
    dense = x.toarray()
    assert stored_values(dense) is dense


@pytest.mark.parametrize(("n_rows", "width"), [(10, 3), (7, 100), (1, 1), (0, 4)])
def test_row_blocks_cover_all_rows_once(n_rows, width):
    blocks = list(row_blocks(n_rows, width, max_values=12))
    assert [row for block in blocks for row in range(n_rows)[block]] == list(range(n_rows))
    assert all((block.stop - block.start) * width <= max(12, width) for block in blocks)
