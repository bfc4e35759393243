import numpy as np
import pytest
from scipy import sparse

from skreg.nn.data import Data, Order


class Given(Order):
    """An order that is given; None: as the rows lie."""

    def __init__(self, samples=None):
        self.samples = samples

    def shuffle(self, n_samples):
        return self.samples


def test_minibatches_visit_every_row_once_in_the_given_order(rng):
    X, y = rng.standard_normal((10, 3)), np.arange(10.0)[:, np.newaxis]
    order = rng.permutation(10)
    batches = [(batch.X.copy(), batch.y.copy()) for batch in Data(X, y).epoch(4, Given(order))]
    assert [len(X_batch) for X_batch, _ in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.vstack([X_batch for X_batch, _ in batches]), X[order])
    np.testing.assert_array_equal(np.vstack([y_batch for _, y_batch in batches]), y[order])


def test_without_an_order_minibatches_are_views():
    X = np.ones((6, 2))
    batch = next(Data(X, np.ones((6, 1))).epoch(4, Order()))
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
    batches = [batch.total_weight for batch in data.epoch(batch_size, Order())]
    expected = 1 / np.mean(1 / np.array(batches))
    np.testing.assert_allclose(data.total_weight(batch_size), expected)


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("batch_size", [1, 7, 5000])
@pytest.mark.parametrize("is_shuffled", [False, True])
def test_minibatches_are_those_taken_one_by_one(layout, batch_size, is_shuffled, rng):
    # 3,000 rows of 20 values: more than are gathered together.
    X, y = rng.standard_normal((3000, 20)), rng.standard_normal((3000, 2))
    data = Data(layout(X), y, rng.uniform(1, 2, 3000))
    order = rng.permutation(3000) if is_shuffled else np.arange(3000)
    starts = range(0, 3000, batch_size)
    batches = data.epoch(batch_size, Given(order if is_shuffled else None))
    for start, batch in zip(starts, batches, strict=True):
        rows = order[start : start + batch_size]
        dense = batch.X if layout is np.asarray else batch.X.toarray()
        np.testing.assert_array_equal(dense, X[rows])
        np.testing.assert_array_equal(batch.y, y[rows])
        np.testing.assert_array_equal(batch.sample_weight, data.sample_weight[rows])
        assert batch.total_weight == pytest.approx(len(rows) * data.mean_weight)


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
def test_a_part_is_the_data_of_its_rows_without_a_copy(layout, rng):
    X, y, weight = rng.standard_normal((30, 4)), np.arange(30.0), rng.uniform(1, 2, 30)
    samples, order = rng.permutation(30)[:20], rng.permutation(20)
    part = Data(layout(X), y, weight).part(samples)
    alone = Data(layout(X[samples]), y[samples], weight[samples])
    assert part.n_samples == 20
    assert part.total_weight(7) == pytest.approx(alone.total_weight(7))
    for rows in (order, slice(3, 9)):
        ours, theirs = part.take(rows), alone.take(rows)
        assert (ours.X != theirs.X).sum() == 0
        np.testing.assert_array_equal(ours.y, theirs.y)
        np.testing.assert_allclose(ours.sample_weight, theirs.sample_weight, rtol=1e-14)
    if layout is np.asarray:
        assert np.shares_memory(Data(X, y).part(samples).X, X)


def test_a_part_of_a_part(rng):
    X = rng.standard_normal((30, 4))
    first, second = rng.permutation(30)[:20], rng.permutation(20)[:5]
    part = Data(X, np.arange(30.0)).part(first).part(second)
    batch = part.take(slice(0, 5))
    np.testing.assert_array_equal(batch.X, X[first[second]])
    np.testing.assert_array_equal(batch.y, first[second])
