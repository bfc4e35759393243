import numpy as np
import pytest
from numerical import directional_derivative
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from skreg.nn.log_losses import (
    BinaryLogLoss,
    MultinomialLogLoss,
    SmoothedBinaryLogLoss,
    SmoothedMultinomialLogLoss,
)
from skreg.nn.losses import AbsoluteError, Gamma, Huber, Poisson, Quantile, SquaredError

N = 40


def targets(loss, n_outputs, rng):
    if isinstance(loss, MultinomialLogLoss):
        return rng.integers(0, n_outputs, N)
    if isinstance(loss, BinaryLogLoss):
        return rng.integers(0, 2, (N, n_outputs)).astype(float)
    if isinstance(loss, Poisson):
        return rng.poisson(2.0, (N, n_outputs)).astype(float)
    if isinstance(loss, Gamma):
        return rng.gamma(2.0, size=(N, n_outputs))
    n_outputs //= loss.outputs_per_column if isinstance(loss, Quantile) else 1
    return rng.standard_normal((N, n_outputs))


LOSSES = pytest.mark.parametrize(
    ("loss", "n_outputs"),
    [
        (SquaredError(), 1),
        (SquaredError(), 4),
        (AbsoluteError(), 1),
        (AbsoluteError(), 3),
        (Quantile(0.2), 1),
        (Quantile(0.9), 3),
        (Quantile([0.2, 0.9, 0.5]), 3),
        (Quantile([0.7, 0.1]), 6),
        (Huber(0.7), 1),
        (Huber(1.5), 3),
        (Poisson(), 1),
        (Poisson(), 3),
        (Gamma(), 1),
        (Gamma(), 3),
        (BinaryLogLoss(), 1),
        (BinaryLogLoss(), 5),
        (SmoothedBinaryLogLoss(0.1), 1),
        (SmoothedBinaryLogLoss(0.6), 5),
        (MultinomialLogLoss(), 3),
        (MultinomialLogLoss(), 7),
        (SmoothedMultinomialLogLoss(0.1), 3),
        (SmoothedMultinomialLogLoss(0.6), 7),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def evaluate(loss, y, raw, weight=None):
    """Return value and gradient, for weights on any scale."""
    out = np.empty_like(raw)
    relative = None if weight is None else weight / weight.mean()
    return loss.value_and_gradient(y, raw, out, relative), out


def smoothed_log_loss(y, p, weight, smoothing):
    """Log-loss of rows that stand once for each class, weighted by their targets."""
    n_classes = p.shape[1]
    share = np.full(p.shape, smoothing / n_classes)
    share[np.arange(len(y)), y] += 1 - smoothing
    share *= np.ones((len(y), 1)) if weight is None else weight[:, np.newaxis]
    return log_loss(
        np.tile(np.arange(n_classes), len(y)),
        np.repeat(p, n_classes, axis=0),
        sample_weight=share.ravel(),
    )


def value_of_sklearn(loss, y, raw, weight):
    prediction = loss.inverse_link(raw.copy())
    if isinstance(loss, MultinomialLogLoss):
        return smoothed_log_loss(y, prediction, weight, getattr(loss, "smoothing", 0.0))

    if isinstance(loss, Quantile):
        # The outputs themselves: a prediction is put in the order of the levels.
        levels = np.tile(loss.levels, y.shape[1])
        targets = np.repeat(y, len(loss.levels), axis=1)
        return sum(
            mean_pinball_loss(targets[:, k], raw[:, k], sample_weight=weight, alpha=level)
            for k, level in enumerate(levels)
        )

    def binary(y, p):
        both = np.column_stack([1 - p, p])
        return smoothed_log_loss(y.astype(int), both, weight, getattr(loss, "smoothing", 0.0))

    def huber(y, p):
        # The squared error where residuals are small and the absolute error elsewhere.
        residual = np.abs(y - p)
        inside = residual <= loss.delta
        assert 5 < inside.sum() < N - 5
        weights = np.ones(N) if weight is None else weight
        total, small, large = weights.sum(), weights[inside], weights[~inside]
        squares = mean_squared_error(y[inside], p[inside], sample_weight=small) / 2
        lines = mean_absolute_error(y[~inside], p[~inside], sample_weight=large)
        lines = loss.delta * (lines - loss.delta / 2)
        return (small.sum() * squares + large.sum() * lines) / total

    metric = {
        SquaredError: lambda y, p: mean_squared_error(y, p, sample_weight=weight) / 2,
        AbsoluteError: lambda y, p: mean_absolute_error(y, p, sample_weight=weight),
        Huber: huber,
        Poisson: lambda y, p: mean_poisson_deviance(y, p, sample_weight=weight) / 2,
        Gamma: lambda y, p: mean_gamma_deviance(y, p, sample_weight=weight) / 2,
        BinaryLogLoss: binary,
        SmoothedBinaryLogLoss: binary,
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
@pytest.mark.parametrize("n_samples", [1, N])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_value_alone_is_that_with_the_gradient(
    loss, n_outputs, weighted, n_samples, dtype, rng
):
    y = targets(loss, n_outputs, rng)[:n_samples]
    y = y if isinstance(loss, MultinomialLogLoss) else y.astype(dtype)
    raw = rng.standard_normal((n_samples, n_outputs)).astype(dtype)
    weight = rng.random(n_samples).astype(dtype) if weighted else None
    value = loss.value_and_gradient(y, raw, np.empty_like(raw), weight)
    assert loss.value(y, raw, np.full_like(raw, np.nan), weight) == value


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


@pytest.mark.parametrize(
    "loss", [SquaredError(), AbsoluteError(), Quantile(0.2), Huber(1.0), Poisson(), Gamma()]
)
@pytest.mark.parametrize("y", [-1.0, 0.0, 1.0])
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_the_range_of_y_is_where_the_loss_is_a_number(loss, y):
    y, raw = np.array([[1.0], [y]]), np.zeros((2, 1))
    assert loss.in_y_range(y) == np.isfinite(loss.value(y, raw, np.empty_like(raw)))


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


@pytest.mark.parametrize("levels", [[0.05, 0.5, 0.95], [0.9, 0.2, 0.4, 0.6]])
def test_quantiles_never_cross_and_putting_them_in_order_costs_nothing(levels, rng):
    loss, y = Quantile(levels), rng.standard_normal((N, 2))
    raw = rng.standard_normal((N, 2 * len(levels)))
    prediction = loss.inverse_link(raw.copy())
    by_level = prediction.reshape(N, 2, -1)[..., np.argsort(levels)]
    assert (np.diff(by_level) >= 0).all()
    np.testing.assert_array_equal(by_level, np.sort(raw.reshape(N, 2, -1)))  # the same numbers
    for row in range(N):
        one = slice(row, row + 1)
        in_order, as_put_out = (
            evaluate(loss, y[one], outputs[one])[0] for outputs in (prediction, raw)
        )
        assert in_order <= as_put_out + 1e-12


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.8])
def test_at_a_kink_the_gradient_is_a_subgradient(quantile):
    # Zero where it can be: a residual of zero does not move the median.
    y = raw = np.zeros((1, 1))
    _, gradient = evaluate(Quantile(quantile), y, raw)
    assert -quantile <= gradient.item() <= 1 - quantile
    assert gradient.item() == 0 or quantile != 0.5
    assert evaluate(AbsoluteError(), y, raw)[1].item() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gamma_deviance_keeps_its_digits_where_it_is_small(dtype):
    # y / mu - log(y / mu) - 1 would be rounding alone.
    y, raw = np.ones((1, 1), dtype), np.full((1, 1), 1e-3, dtype)
    value, gradient = evaluate(Gamma(), y, raw)
    assert value == pytest.approx(0.5e-6 - 1e-9 / 6, rel=1e-3)
    assert gradient.item() == pytest.approx(1e-3 - 0.5e-6, rel=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        SquaredError(),
        AbsoluteError(),
        Quantile(0.2),
        Huber(1.0),
        Poisson(),
        Gamma(),
        BinaryLogLoss(),
        SmoothedBinaryLogLoss(0.1),
        MultinomialLogLoss(),
        SmoothedMultinomialLogLoss(0.1),
    ],
    ids=lambda loss: type(loss).__name__,
)
@WEIGHTED
def test_a_loss_allocates_less_than_its_gradient(loss, weighted, rng):
    tracemalloc = pytest.importorskip("tracemalloc")
    n_rows, n_outputs = 5000, 64
    raw = rng.standard_normal((n_rows, n_outputs))
    y = rng.integers(0, 2, (n_rows, n_outputs)).astype(float)
    if isinstance(loss, Gamma):
        y += 1
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
