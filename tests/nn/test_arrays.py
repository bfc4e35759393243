import pickle

import numpy as np
import pytest
from scipy import sparse

from skreg.nn.arrays import (
    Buffer,
    axpy,
    by_rows,
    cache_blocks,
    clip_norm,
    matmul,
    row_blocks,
    scale,
    scale_rows,
    stored_values,
    take_rows,
    to_dense,
    transpose,
    with_stored_values,
)

LAYOUTS = [np.asarray, sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.csc_array]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_multiplied_by_their_factors(layout, rng):
    # More columns than rows, of which some hold nothing.
    dense = rng.standard_normal((5, 8)) * (rng.random((5, 8)) < 0.4)
    factors = rng.standard_normal(5)
    scaled = to_dense(scale_rows(layout(dense), factors))
    np.testing.assert_array_equal(scaled, np.diag(factors) @ dense)


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


def test_a_filled_buffer_stays_filled_when_it_grows():
    buffer = Buffer(fill=1)
    for shape in [(3,), (2, 40), (5,)]:
        np.testing.assert_array_equal(buffer.take(shape, np.float32), 1)
    copy = pickle.loads(pickle.dumps(buffer))
    np.testing.assert_array_equal(copy.take((4,), np.float64), 1)


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


@pytest.mark.parametrize("n_units", [3, 300])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outer_products_of_any_size_are_numpys(n_units, dtype, rng):
    delta = rng.standard_normal((200, 1)).astype(dtype)
    weight = rng.standard_normal((n_units, 1)).astype(dtype)
    out = matmul(delta, weight.T, np.empty((200, n_units), dtype))
    np.testing.assert_array_equal(out, delta * weight.T)


def test_products_with_few_stored_rows_leave_nothing_of_what_was_there(rng):
    x = sparse.random(7, 500, 0.01, format="csr", random_state=0)
    delta, out = rng.standard_normal((7, 3)), rng.standard_normal((500, 3))
    np.testing.assert_allclose(matmul(transpose(x), delta, out), x.toarray().T @ delta)
    assert (out == 0).all(axis=1).sum() > 400


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


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (5, 100_000), (3, 3)])
@pytest.mark.parametrize("itemsize", [4, 8])
def test_cache_blocks_cover_a_stretch_once(start, stop, itemsize):
    blocks = cache_blocks(start, stop, itemsize)
    covered = [at for block in blocks for at in range(block.start, block.stop)]
    assert covered == list(range(start, stop))
    assert len(blocks) == 1 or start == stop or itemsize * (stop - start) > 2**17


# Below and above the size from which a vector is added piece by piece.
@pytest.mark.parametrize("n_values", [0, 1, 8192, 8193, 40_001])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_vectors_are_added_and_scaled_in_place(n_values, dtype, rtol, rng):
    both = rng.uniform(1, 2, (2, n_values + 2)).astype(dtype)
    x, y = both[:, 1:-1]
    expected = y + dtype(0.3) * x
    axpy(0.3, x, y)
    np.testing.assert_allclose(y, expected, rtol=rtol)
    if n_values:
        scale(-2.5, y)
        np.testing.assert_allclose(y, -2.5 * expected, rtol=rtol)
    assert ((both[:, [0, -1]] >= 1) & (both[:, [0, -1]] <= 2)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_values", [1, 100, 20_000])
@pytest.mark.parametrize("size", [1.0, 1e30])
def test_clipping_scales_down_to_the_norm(dtype, n_values, size, rng):
    x = (size * rng.standard_normal(n_values)).astype(dtype)
    expected = x.astype(np.float64)
    norm = np.linalg.norm(expected)
    clip_norm(x, norm / 3)
    np.testing.assert_allclose(x, expected / 3, rtol=1e-5)
    before = x.copy()
    clip_norm(x, norm)
    np.testing.assert_array_equal(x, before)
