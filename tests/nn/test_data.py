import numpy as np
import pytest
from scipy import sparse

from skreg.nn.data import Data


def test_minibatches_visit_every_row_once_in_the_given_order(rng):
    X, y = rng.standard_normal((10, 3)), np.arange(10.0)[:, np.newaxis]
    order = rng.permutation(10)
    batches = [(batch.X.copy(), batch.y.copy()) for batch in Data(X, y).minibatches(4, order)]
    assert [len(X_batch) for X_batch, _ in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.vstack([X_batch for X_batch, _ in batches]), X[order])
    np.testing.assert_array_equal(np.vstack([y_batch for _, y_batch in batches]), y[order])


def test_without_an_order_minibatches_are_views():
    X = np.ones((6, 2))
    batch = next(Data(X, np.ones((6, 1))).minibatches(4))
    assert np.shares_memory(batch.X, X)


def test_weights_are_relative_to_their_mean():
    data = Data(np.ones((4, 1)), np.ones((4, 1)), np.array([1.0, 2.0, 3.0, 10.0]))
    batch = data.take(slice(0, 2))
    np.testing.assert_allclose(batch.sample_weight, [0.25, 0.5])
    assert batch.total_weight == pytest.approx(2 * 4.0)


def test_without_weights_every_row_counts_once():
    batch = Data(np.ones((5, 1)), np.ones((5, 1))).take(slice(0, 3))
    assert batch.sample_weight is None
    assert batch.total_weight == 3


def test_columns_stored_sparse_are_gathered_by_rows(rng):
    X = sparse.random(9, 4, 0.5, format="csc", random_state=0)
    rows = np.array([7, 0, 7])
    batch = Data(X, np.ones((9, 1))).take(rows)
    assert batch.X.format == "csr"
    np.testing.assert_array_equal(batch.X.toarray(), X.toarray()[rows])


@pytest.mark.parametrize(("n_samples", "batch_size"), [(50, 50), (50, 25), (50, 20), (7, 5)])
@pytest.mark.parametrize("weighted", [False, True])
def test_total_weight_is_that_of_minibatches_on_average(n_samples, batch_size, weighted):
    weight = np.linspace(1, 5, n_samples) if weighted else None
    data = Data(np.zeros((n_samples, 1)), np.zeros((n_samples, 1)), weight)
    batches = [batch.total_weight for batch in data.minibatches(batch_size)]
    expected = 1 / np.mean(1 / np.array(batches))
    np.testing.assert_allclose(data.total_weight(batch_size), expected)
