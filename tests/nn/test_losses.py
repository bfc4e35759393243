import numpy as np
import pytest
from numerical import directional_derivative
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error

from skreg.nn.losses import BinaryLogLoss, MultinomialLogLoss, Poisson, SquaredError

N = 40


def targets(loss, n_outputs, rng):
    if isinstance(loss, MultinomialLogLoss):
        return rng.integers(0, n_outputs, N)
    if isinstance(loss, BinaryLogLoss):
        return rng.integers(0, 2, (N, n_outputs)).astype(float)
    if isinstance(loss, Poisson):
        return rng.poisson(2.0, (N, n_outputs)).astype(float)
    return rng.standard_normal((N, n_outputs))


LOSSES = pytest.mark.parametrize(
    ("loss", "n_outputs"),
    [
        (SquaredError(), 1),
        (SquaredError(), 4),
        (Poisson(), 1),
        (Poisson(), 3),
        (BinaryLogLoss(), 1),
        (BinaryLogLoss(), 5),
        (MultinomialLogLoss(), 3),
        (MultinomialLogLoss(), 7),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def evaluate(loss, y, raw, weight=None):
    """Return value and gradient, for weights on any scale."""
    out = np.empty_like(raw)
    relative = None if weight is None else weight / weight.mean()
    return loss.value_and_gradient(y, raw, out, relative), out


def value_of_sklearn(loss, y, raw, weight):
    prediction = loss.inverse_link(raw.copy())
    if isinstance(loss, MultinomialLogLoss):
        labels = np.arange(raw.shape[1])
        return log_loss(y, prediction, labels=labels, sample_weight=weight)
    metric = {
        SquaredError: lambda y, p: mean_squared_error(y, p, sample_weight=weight) / 2,
        Poisson: lambda y, p: mean_poisson_deviance(y, p, sample_weight=weight) / 2,
        BinaryLogLoss: lambda y, p: log_loss(y, p, labels=[0, 1], sample_weight=weight),
    }[type(loss)]
    return sum(metric(y[:, k], prediction[:, k]) for k in range(y.shape[1]))


@LOSSES
@WEIGHTED
def test_values_are_those_of_sklearn_metrics_summed_over_outputs(
    loss, n_outputs, weighted, rng
):
    y, raw = targets(loss, n_outputs, rng), rng.standard_normal((N, n_outputs))
    weight = rng.random(N) * 5 if weighted else None
    value, _ = evaluate(loss, y, raw, weight)
    np.testing.assert_allclose(value, value_of_sklearn(loss, y, raw, weight), rtol=1e-12)


@LOSSES
@WEIGHTED
def test_gradients_are_those_of_the_value(loss, n_outputs, weighted, rng):
    y, raw = targets(loss, n_outputs, rng), rng.standard_normal((N, n_outputs))
    weight = rng.random(N) if weighted else None
    _, gradient = evaluate(loss, y, raw, weight)
    for _ in range(5):
        direction = rng.standard_normal(raw.shape)
        numerical = directional_derivative(
            lambda: evaluate(loss, y, raw, weight)[0], raw, direction
        )
        np.testing.assert_allclose(np.vdot(gradient, direction), numerical, rtol=1e-6)


@LOSSES
def test_a_weight_of_two_is_a_row_twice(loss, n_outputs, rng):
    y, raw = targets(loss, n_outputs, rng), rng.standard_normal((N, n_outputs))
    counts = rng.integers(0, 3, N)
    weighted, _ = evaluate(loss, y, raw, counts.astype(float))
    repeated, _ = evaluate(loss, np.repeat(y, counts, axis=0), np.repeat(raw, counts, axis=0))
    np.testing.assert_allclose(weighted, repeated, rtol=1e-12)


@LOSSES
def test_raw_and_y_are_left_alone(loss, n_outputs, rng):
    y, raw = targets(loss, n_outputs, rng), rng.standard_normal((N, n_outputs))
    y_before, raw_before = y.copy(), raw.copy()
    evaluate(loss, y, raw, np.ones(N))
    np.testing.assert_array_equal(y, y_before)
    np.testing.assert_array_equal(raw, raw_before)


def test_log_losses_are_computed_from_the_raw_output():
    # scikit-learn clips probabilities to [eps, 1 - eps], so that its loss ends at 36.
    raw = np.array([[500.0], [-500.0]])
    value, gradient = evaluate(BinaryLogLoss(), np.array([[0.0], [1.0]]), raw)
    assert value == 500
    np.testing.assert_array_equal(gradient, [[0.5], [-0.5]])
    value, _ = evaluate(MultinomialLogLoss(), np.array([1]), np.array([[800.0, 0.0, -800.0]]))
    assert value == 800


def test_squared_error_sums_over_outputs():
    value, _ = evaluate(SquaredError(), np.zeros((2, 3)), np.full((2, 3), 2.0))
    assert value == 0.5 * 3 * 4


@pytest.mark.parametrize(
    "loss", [SquaredError(), Poisson(), BinaryLogLoss(), MultinomialLogLoss()]
)
@WEIGHTED
def test_a_loss_allocates_less_than_its_gradient(loss, weighted, rng):
    tracemalloc = pytest.importorskip("tracemalloc")
    n_rows, n_outputs = 5000, 64
    raw = rng.standard_normal((n_rows, n_outputs))
    y = rng.integers(0, 2, (n_rows, n_outputs)).astype(float)
    if isinstance(loss, MultinomialLogLoss):
        y = rng.integers(0, n_outputs, n_rows)
    weight, out = np.ones(n_rows) if weighted else None, np.empty_like(raw)
    tracemalloc.start()
    try:
        loss.value_and_gradient(y, raw, out, weight)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Some numbers a row, and some arrays of a block: 2**14 values.
    assert peak < out.nbytes / 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_log_loss_keeps_its_digits_where_it_is_small(dtype):
    raw = np.array([[30.0], [-30.0]], dtype)
    value, _ = evaluate(BinaryLogLoss(), np.array([[1.0], [0.0]], dtype), raw)
    assert value == pytest.approx(np.log1p(np.exp(-30.0)), rel=1e-6)
