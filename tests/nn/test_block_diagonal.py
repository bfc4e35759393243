import copy
import pickle

import numpy as np
import pytest
from scipy import linalg, sparse

from skreg.nn.arrays import matmul
from skreg.nn.block_diagonal import BlockDiagonal, blocks_of, each_block

SHAPES = [
    [(3, 4)] * 3,
    [(3, 4), (1, 2), (5, 1)],
    [(3, 0), (0, 2), (2, 2)],
    [(2, 3)],
]
ALL = pytest.mark.parametrize("shapes", SHAPES, ids=["equal", "differing", "empty", "one"])
LAYOUTS = pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array, sparse.csc_matrix])


def draw(rng, shapes, layout=np.asarray, dtype=float):
    """Return a block diagonal matrix, and all its values."""
    blocks = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    return BlockDiagonal(map(layout, blocks)), linalg.block_diag(*blocks)


@ALL
@LAYOUTS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_its_values_and_products_are_those_of_the_dense_matrix(shapes, layout, dtype, rng):
    matrix, dense = draw(rng, shapes, layout, dtype)
    assert matrix.shape == dense.shape
    assert matrix.dtype == dtype
    for array in (matrix.toarray(), np.asarray(matrix), matrix.tocsr().toarray()):
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, dense)
    x = rng.standard_normal((6, len(dense))).astype(dtype)
    out = np.full((6, dense.shape[1]), np.nan, dtype)
    for product in (x @ matrix, np.matmul(x, matrix), matmul(x, matrix, out)):
        assert product.dtype == dtype
        np.testing.assert_allclose(product, x @ dense, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(x[0] @ matrix, x[0] @ dense, rtol=1e-5, atol=1e-6)
    assert product is out


def test_a_product_never_makes_the_dense_matrix(monkeypatch, rng):
    matrix, dense = draw(rng, SHAPES[0])
    monkeypatch.setattr(BlockDiagonal, "toarray", None)
    x = rng.standard_normal((6, 9))
    np.testing.assert_allclose(x @ matrix, x @ dense, atol=1e-12)
    # One by one the blocks hold 3 x 12 values, the matrix 9 x 12.
    assert sum(block.size for block in blocks_of(matrix)) == 36
    assert matrix.size == 108


@ALL
@LAYOUTS
def test_for_numpy_it_is_the_array_of_its_values(shapes, layout, rng):
    matrix, dense = draw(rng, shapes, layout)
    np.testing.assert_array_equal(matrix == 0, dense == 0)
    np.testing.assert_array_equal(np.abs(matrix), np.abs(dense))
    np.testing.assert_array_equal(2 * matrix - matrix, dense)
    np.testing.assert_array_equal(matrix.T, dense.T)
    np.testing.assert_array_equal(matrix[1:, 0], dense[1:, 0])
    np.testing.assert_array_equal([*matrix], dense)
    np.testing.assert_array_equal(
        matrix @ np.ones((dense.shape[1], 2)), dense @ np.ones((dense.shape[1], 2))
    )
    np.testing.assert_array_equal(np.maximum.reduce(matrix), dense.max(axis=0))
    assert matrix.sum() == dense.sum()
    assert np.sum(matrix) == dense.sum()
    assert matrix.any(axis=1).tolist() == dense.any(axis=1).tolist()
    assert np.count_nonzero(matrix) == np.count_nonzero(dense)
    assert np.linalg.norm(matrix) == np.linalg.norm(dense)
    assert (len(matrix), matrix.ndim, matrix.size) == (len(dense), 2, dense.size)
    assert np.asarray(matrix, np.float32).dtype == np.float32


def test_it_says_what_it_is_and_rows_are_made_once(rng, monkeypatch):
    matrix, dense = draw(rng, SHAPES[1], dtype=np.float32)
    assert repr(matrix) == "<BlockDiagonal of (9, 7), float32, with 3 blocks>"
    calls = iter([dense])
    monkeypatch.setattr(BlockDiagonal, "toarray", lambda self: next(calls))
    np.testing.assert_array_equal([*matrix], dense)


def test_what_would_be_lost_cannot_be_written(rng):
    matrix, dense = draw(rng, SHAPES[0])
    with pytest.raises(TypeError, match=r"Write to its blocks, or to a copy: toarray\(\)"):
        matrix[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        matrix[0][:] = 1
    with pytest.raises(ValueError, match="read-only"):
        matrix.fill(1)
    with pytest.raises(TypeError, match="Write to its blocks"):
        matrix *= 2
    with pytest.raises(TypeError, match="Write to its blocks"):
        np.add(dense, 1, out=matrix)
    if np.__version__ >= "2":
        with pytest.raises(ValueError, match="always a copy"):
            np.asarray(matrix, copy=False)
    with pytest.raises(AttributeError, match="'BlockDiagonal' object has no attribute 'nnz'"):
        matrix.nnz  # noqa: B018
    with pytest.raises(ValueError, match=r"\(2, 5\) cannot be multiplied by \(9, 12\)"):
        np.ones((2, 5)) @ matrix
    np.testing.assert_array_equal(matrix, dense)


@LAYOUTS
def test_copies_have_memory_of_their_own(layout, rng):
    matrix, dense = draw(rng, SHAPES[1], layout)
    for twin in (
        matrix.copy(),
        copy.deepcopy(matrix),
        pickle.loads(pickle.dumps(matrix)),
        matrix.astype(float),
        matrix.astype(np.float32),
    ):
        np.testing.assert_allclose(twin, dense, rtol=1e-6)
        for block in twin.blocks:
            block *= 0
        np.testing.assert_array_equal(matrix, dense)
    same = matrix.astype(float, copy=False)
    assert all(one is other for one, other in zip(same.blocks, matrix.blocks, strict=True))


def test_a_pickle_has_the_blocks_alone(rng):
    matrix, dense = draw(rng, [(20, 20)] * 30)
    assert len(pickle.dumps(matrix)) < 1.1 * dense.nbytes / 30


def test_functions_of_blocks_take_other_matrices_too(rng):
    matrix, dense = draw(rng, SHAPES[1])
    np.testing.assert_array_equal(each_block(np.negative, matrix), -dense)
    np.testing.assert_array_equal(each_block(np.negative, dense), -dense)
    assert blocks_of(dense)[0] is dense
