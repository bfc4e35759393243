from functools import partial

import numpy as np
import pytest
from numerical import directional_derivative
from scipy import sparse
from terms import regularizer

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data, Order
from skreg.nn.log_losses import (
    BinaryLogLoss,
    MultinomialLogLoss,
    SmoothedBinaryLogLoss,
    SmoothedMultinomialLogLoss,
)
from skreg.nn.losses import AbsoluteError, Gamma, Huber, Poisson, Quantile, SquaredError
from skreg.nn.objective import Objective
from skreg.nn.optimizers import Adam
from skreg.nn.parameters import Parameters
from skreg.nn.regularizer import Rows

N_FEATURES, N_ROWS = 7, 30
LOSSES = [
    (SquaredError, 1),
    (SquaredError, 3),
    (AbsoluteError, 2),
    (partial(Quantile, 0.8), 2),
    (partial(Huber, 0.7), 2),
    (Poisson, 1),
    (Poisson, 2),
    (Gamma, 2),
    (BinaryLogLoss, 1),
    (BinaryLogLoss, 4),
    (partial(SmoothedBinaryLogLoss, 0.1), 2),
    (MultinomialLogLoss, 3),
    (MultinomialLogLoss, 5),
    (partial(SmoothedMultinomialLogLoss, 0.1), 3),
]


def build(loss, units, rng, activation="tanh", dropout=(), input_dropout=0.0, **strengths):
    params = Parameters.of(dense(units))
    params.vector[:] = 0.5 * rng.standard_normal(len(params.vector))
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(
        params.weights, params.biases, activation, dropout, input_dropout, grads
    )
    penalties = regularizer(params, **strengths)
    return params, Objective(params, grads, network, loss(), penalties)


def data(loss, n_outputs, rng, weighted=True, layout=np.asarray):
    X = rng.standard_normal((N_ROWS, N_FEATURES))
    out_activation = loss().out_activation
    y = {
        "identity": lambda: rng.standard_normal((N_ROWS, n_outputs)),
        "exp": lambda: 1 + rng.poisson(2.0, (N_ROWS, n_outputs)).astype(float),
        "logistic": lambda: rng.integers(0, 2, (N_ROWS, n_outputs)).astype(float),
        "softmax": lambda: rng.integers(0, n_outputs, N_ROWS),
    }[out_activation]()
    weight = rng.random(N_ROWS) if weighted else None
    return Data(layout(X), y, weight)


def assert_gradient(objective, data, rng, masks=lambda: None):
    def evaluate():
        return objective.evaluate(data, data.total_weight(N_ROWS), masks())

    evaluate()
    gradient = objective.gradient.copy()
    for _ in range(4):
        direction = rng.standard_normal(len(gradient))
        numerical = directional_derivative(evaluate, objective.theta, direction)
        # Values near 1 over steps of 1e-6 are rounded by some 1e-10, which shows where
        # a direction happens to be almost level.
        np.testing.assert_allclose(np.dot(gradient, direction), numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("loss", "n_outputs"), LOSSES)
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients(loss, n_outputs, depth, activation, weighted, rng):
    units = (N_FEATURES, *[6, 5, 4][:depth], n_outputs)
    _, objective = build(loss, units, rng, activation, l2=0.3, alpha=0.7)
    assert_gradient(objective, data(loss, n_outputs, rng, weighted), rng)


@pytest.mark.parametrize(("loss", "n_outputs"), LOSSES)
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
def test_gradients_with_dropout(loss, n_outputs, depth, layout, rng):
    units = (N_FEATURES, *[6, 5, 4][:depth], n_outputs)
    dropout = [0.5, 0.2, 0.3][:depth]
    _, objective = build(loss, units, rng, dropout=dropout, input_dropout=0.2)
    rows = data(loss, n_outputs, rng, layout=layout)
    assert_gradient(objective, rows, rng, masks=lambda: np.random.Generator(np.random.SFC64(1)))


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
def test_all_data_are_evaluated_block_by_block(layout, rng):
    _, objective = build(SquaredError, (N_FEATURES, 6, 2), rng, l2=0.3, alpha=0.7)
    everything = data(SquaredError, 2, rng, layout=layout)
    rows = everything.take(slice(0, N_ROWS))
    at_once = objective.loss_and_gradient(rows) + objective.add_smooth(rows.total_weight)
    gradient = objective.gradient.copy()
    objective._network.widest = 2**18 // 7  # blocks of 7 rows
    weight = everything.total_weight(N_ROWS)
    assert objective.evaluate(everything, weight) == pytest.approx(at_once)
    np.testing.assert_allclose(objective.gradient, gradient, rtol=1e-9, atol=1e-12)


SPARSE = [{"l1": 0.3}, {"group_lasso": 0.6}, {"l1": 0.2, "group_lasso": 0.4}]
W = np.linspace(0.5, 1.5, N_FEATURES)
GROUPED = [{**s, "rows": Rows(None, np.array([0, 1, 1, 2, 3, 3, 0]))} for s in SPARSE[1:]]
GROUPED[0]["group_lasso"] = 0.9
GROUPED += [{**s, "rows": Rows(W, None, W**2)} for s in SPARSE]


@pytest.mark.parametrize("strengths", SPARSE + GROUPED, ids=str)
def test_fixed_points_of_all_penalties_are_certified(strengths, rng):
    params, objective = build(SquaredError, (N_FEATURES, 6, 2), rng, **strengths)
    theta, step = objective.theta, 0.8
    target = theta.copy()
    objective.prox(lambda where: step)
    objective.gradient[:] = (theta - target) / step
    np.testing.assert_allclose(objective.min_norm_subgradient(), 0, atol=1e-12)
    slack = objective.slack()
    held = np.zeros_like(theta, bool)
    if "l1" in strengths:
        held[objective.weights] = theta[objective.weights] == 0
    first = params.like(held).weights[0]
    first |= ~params.weights[0].any(axis=1, keepdims=True)
    np.testing.assert_array_equal(np.isfinite(slack), held)
    assert held.any()
    assert (slack[held] > -1e-12).all()


@pytest.mark.parametrize("strengths", SPARSE + GROUPED, ids=str)
def test_the_smallest_subgradient_of_all_penalties_is_the_steepest_ascent(strengths, rng):
    # min over |d| = 1 of F'(theta; d) is -|s|, attained along -s.
    params, objective = build(SquaredError, (N_FEATURES, 6, 2), rng, **strengths)
    params.weights[0][rng.random((N_FEATURES, 6)) < 0.3] = 0
    params.weights[0][[1, 2, 3]] = 0
    start = objective.theta.copy()
    grad = objective.gradient[:] = 0.3 * rng.standard_normal(len(start))
    smallest = objective.min_norm_subgradient()
    norm = np.linalg.norm(smallest)

    def value(theta):
        objective.theta[:] = theta
        return objective.proximal_value()

    def slope(direction, step=1e-7):
        rise = value(start + step * direction) - value(start)
        return grad @ direction + rise / step

    assert slope(-smallest / norm) == pytest.approx(-norm, rel=1e-5)
    for direction in rng.standard_normal((50, len(start))):
        assert slope(direction / np.linalg.norm(direction)) > -norm


def test_strengths_of_l2_by_matrix(rng):
    _, objective = build(SquaredError, (7, 4, 1), rng, alpha=0.6)
    assert objective.l2_strengths(3.0) == pytest.approx([0.2, 0.2])
    _, objective = build(SquaredError, (7, 4, 1), rng, l2=[0.0, 0.4])
    assert objective.l2_strengths(3.0) == [0, 0.4]


def test_penalties_apply_to_weights_of_each_layer(rng):
    params, objective = build(SquaredError, (7, 4, 1), rng, l1=[0.1, 0.2], l2=[0.3, 0.4])
    first, second = (weight.ravel() for weight in params.weights)
    l1 = 0.1 * np.abs(first).sum() + 0.2 * np.abs(second).sum()
    l2 = 0.15 * first @ first + 0.2 * second @ second
    grad = objective.gradient
    np.testing.assert_allclose(objective.add_smooth(1.0), l2)
    np.testing.assert_allclose(objective.smooth_value(1.0), l2)
    np.testing.assert_allclose(objective.proximal_value(), l1)
    n_biases = 5
    np.testing.assert_array_equal(grad[-n_biases:], 0)
    np.testing.assert_allclose(grad[:-n_biases], np.concatenate([0.3 * first, 0.4 * second]))


def test_alpha_is_divided_by_the_weight_of_the_minibatch(rng):
    params, objective = build(SquaredError, (7, 4, 1), rng, alpha=0.6)
    squares = sum(np.sum(weight**2) for weight in params.weights)
    for total_weight in (10.0, 3.0, 10.0):
        value = objective.add_smooth(total_weight)
        np.testing.assert_allclose(value, 0.3 * squares / total_weight)
        assert objective.smooth_value(total_weight) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("elementwise", [False, True])
def test_prox_leaves_biases_and_free_layers_alone(elementwise, rng):
    params, objective = build(SquaredError, (7, 4, 1), rng, l1=[0.0, 10.0])
    before = objective.theta.copy()
    step = rng.uniform(1, 2, len(before))
    objective.prox(step.__getitem__ if elementwise else lambda where: 1.0)
    np.testing.assert_array_equal(params.weights[1], 0)
    is_free = np.ones(len(before), bool)
    is_free[params.weight_slices[1]] = False
    np.testing.assert_array_equal(objective.theta[is_free], before[is_free])


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize(
    ("activation", "penalties"),
    [
        *[(name, {"l1": 1e-3, "l2": 1e-3}) for name in ACTIVATIONS],
        ("relu", {"group_lasso": 1e-3}),
        (("gelu", "silu"), {"l1": 1e-3}),
    ],
)
def test_a_training_step_allocates_less_than_one_hidden_activation(
    activation, dropout, penalties, rng
):
    tracemalloc = pytest.importorskip("tracemalloc")
    n_rows, n_units = 800, 256
    params, objective = build(
        SquaredError,
        (50, n_units, n_units, 1),
        rng,
        activation,
        dropout=[dropout, dropout],
        input_dropout=dropout,
        **penalties,
    )
    data = Data(rng.standard_normal((1000, 50)), rng.standard_normal((1000, 1)))
    order, masks = Order(np.random.RandomState(0)), np.random.Generator(np.random.SFC64(0))
    adam = Adam()
    adam.init(params.vector, one_step=objective.one_step)

    def epoch():
        for batch in data.epoch(n_rows, order):
            objective.loss_and_gradient(batch, masks if dropout else None)
            adam.begin(objective.theta)
            for block in adam.blocks:
                objective.add_smooth(batch.total_weight, block)
                adam.update(objective.theta, objective.gradient, block)
                objective.prox(adam.step_size_in, block)

    epoch()
    tracemalloc.start()
    try:
        epoch()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What is left is what NumPy casts booleans with, two times 8192 values, and the random
    # words for the mask of a block.
    assert peak < 150_000 < n_rows * n_units * 8 / 8
    assert peak < params.vector.nbytes / 4
