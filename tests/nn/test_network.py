import numpy as np
import pytest
from numerical import directional_derivative
from scipy import sparse
from terms import regularizer

from skreg.nn.activations import Tanh
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data
from skreg.nn.initializers import uniform
from skreg.nn.layers import Dense, Dropout, Layer
from skreg.nn.losses import SquaredError
from skreg.nn.network import Network
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.parameters import Block, Parameters


def network(rng, units=(6, 5, 4, 3), **kwargs):
    params = Parameters.of(dense(units))
    params.vector[:] = rng.standard_normal(len(params.vector))
    return dense_network(params.weights, params.biases, **kwargs), params


def test_prediction_does_not_depend_on_the_blocks(rng):
    net, _ = network(rng, units=(3, 2000, 2))
    x = rng.standard_normal((1000, 3))
    np.testing.assert_allclose(net.predict(x), net.forward(x), atol=1e-10)
    np.testing.assert_allclose(net.predict(sparse.csr_array(x)), net.forward(x), atol=1e-10)


def test_prediction_is_in_the_dtype_of_the_weights(rng):
    params = Parameters.of(dense((3, 4, 2)), np.float32)
    net = dense_network(params.weights, params.biases)
    assert net.predict(rng.standard_normal((5, 3))).dtype == np.float32


def test_prediction_memory_is_that_of_a_block(rng):
    tracemalloc = pytest.importorskip("tracemalloc")
    net, _ = network(rng, units=(10, 200, 1))
    x = rng.standard_normal((50_000, 10))
    tracemalloc.start()
    try:
        net.predict(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.1 * 50_000 * 200 * 8


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_hidden_outputs_are_those_of_the_layers_below(activation, rng):
    rates = {"dropout": [0.5, 0.5], "input_dropout": 0.1}
    net, params = network(rng, activation=activation, **rates)
    x = rng.standard_normal((9, 6))
    function = np.tanh if activation == "tanh" else lambda x: x
    lower = function(x @ params.weights[0] + params.biases[0])
    upper = function(lower @ params.weights[1] + params.biases[1])
    net.layers[-1].forward = None  # what is above must not be called
    np.testing.assert_allclose(net.hidden_outputs(x, slice(0, 1)), lower)
    np.testing.assert_allclose(net.hidden_outputs(x, slice(1, 2)), upper)
    both = net.hidden_outputs(sparse.csr_array(x), slice(0, 2))
    np.testing.assert_allclose(both, np.hstack([lower, upper]))
    columns = np.array([3, 1, 0, 5, 2, 4])
    permuted = np.empty_like(x)
    permuted[:, columns] = x
    np.testing.assert_allclose(net.hidden_outputs(permuted, slice(0, 1), columns), lower)


def test_hidden_outputs_do_not_depend_on_the_blocks(rng):
    net, params = network(rng, units=(3, 2000, 2))
    x = rng.standard_normal((1000, 3))
    expected = np.maximum(x @ params.weights[0] + params.biases[0], 0)
    np.testing.assert_allclose(net.hidden_outputs(x, slice(0, 1)), expected, atol=1e-12)


class Product(Layer):
    """The linear map ``x @ first @ second``: two matrices and no bias."""

    def __init__(self, n_in, rank, n_out):
        self.n_out = n_out
        self.blocks = Block("first", (n_in, rank), 0.5), Block("second", (rank, n_out), 0.5)

    def forward(self, x, rng=None):
        self._x = x
        return x @ self.first @ self.second

    def param_gradient(self, delta):
        self.first_grad[...] = self._x.T @ (delta @ self.second.T)
        self.second_grad[...] = (self._x @ self.first).T @ delta

    def input_gradient(self, delta):
        return delta @ self.second.T @ self.first.T


class Elman(Layer):
    """The state after some times, ``h <- tanh(x_t @ read + h @ carry)``."""

    def __init__(self, n_times, n_in, n_out):
        self._shape = n_times, n_in
        self.n_out, self.widest = n_out, n_times * n_out
        self.blocks = Block("read", (n_in, n_out)), Block("carry", (n_out, n_out))

    def forward(self, x, rng=None):
        self._x = x.reshape(-1, *self._shape)
        self._states = [np.zeros((len(x), self.n_out))]
        for now in range(len(self._x[0])):
            total = self._x[:, now] @ self.read + self._states[-1] @ self.carry
            self._states.append(np.tanh(total))
        return self._states[-1]

    def param_gradient(self, delta):
        self._below = np.empty_like(self._x)
        self.read_grad[...] = 0
        self.carry_grad[...] = 0
        for now in reversed(range(len(self._x[0]))):
            delta = delta * (1 - self._states[now + 1] ** 2)
            self.read_grad += self._x[:, now].T @ delta
            self.carry_grad += self._states[now].T @ delta
            self._below[:, now] = delta @ self.read.T
            delta = delta @ self.carry.T

    def input_gradient(self, delta):
        return self._below.reshape(len(delta), -1)


def problem(layers, X, Y, **strengths):
    """Return parameters, network and objective, and all data as one minibatch."""
    params = Parameters.of(layers)
    uniform(params, np.random.RandomState(0))
    grads = params.like(np.zeros_like(params.vector))
    net = Network(layers, params.weights, params.biases, grads)
    objective = Objective(params, grads, net, SquaredError(), regularizer(params, **strengths))
    return params, net, objective, Data(X, Y).take(slice(0, len(X)))


STACKS = {
    "product alone": lambda: [Product(15, 4, 2)],
    "product above": lambda: [Dense(15, 5), Tanh(), Product(5, 4, 2)],
    "elman below": lambda: [Dropout(0.2), Elman(5, 3, 4), Dense(4, 6), Tanh(), Dense(6, 2)],
    "elman between": lambda: [Dense(15, 15), Elman(5, 3, 4), Dropout(0.5), Dense(4, 2)],
}


@pytest.mark.parametrize("stack", STACKS)
def test_gradients_of_layers_of_several_matrices(stack, rng):
    X, Y = rng.standard_normal((30, 15)), rng.standard_normal((30, 2))
    params, _, objective, batch = problem(STACKS[stack](), X, Y, l2=0.1, alpha=0.7)
    params.vector[:] = 0.5 * rng.standard_normal(len(params.vector))

    def value():
        rng = np.random.Generator(np.random.SFC64(1))
        return objective.loss_and_gradient(batch, rng) + objective.add_smooth(
            batch.total_weight
        )

    value()
    gradient = objective.gradient.copy()
    for direction in rng.standard_normal((4, len(gradient))):
        numerical = directional_derivative(value, objective.theta, direction)
        np.testing.assert_allclose(gradient @ direction, numerical, rtol=1e-6, atol=1e-9)


OPTIMIZERS = {
    "sgd": lambda: SGD(0.05, momentum=0.9),
    "adam": lambda: Adam(0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_product_of_matrices_is_reduced_rank_regression(optimizer, rng):
    # The best map of rank 2 is that of least squares, projected to the largest
    # singular directions of its predictions.
    X = rng.standard_normal((100, 6))
    Y = X @ rng.standard_normal((6, 4)) + rng.standard_normal((100, 4))
    params, _, objective, batch = problem([Product(6, 2, 4)], X, Y)
    optimizer = OPTIMIZERS[optimizer]()
    optimizer.init(objective.theta)
    for _ in range(3000):
        objective.loss_and_gradient(batch)
        optimizer.step(objective.theta, objective.gradient)
    least_squares = np.linalg.lstsq(X, Y, rcond=None)[0]
    directions = np.linalg.svd(X @ least_squares)[2][:2]
    first, second = params.weights
    expected = least_squares @ directions.T @ directions
    np.testing.assert_allclose(first @ second, expected, atol=1e-8)


def test_penalties_see_every_matrix_of_a_layer(rng):
    X, Y = rng.standard_normal((30, 15)), rng.standard_normal((30, 2))
    params, _, objective, _ = problem([Product(15, 4, 2), Dense(2, 2, 0.5)], X, Y, l1=[0, 9, 9])
    before = params.like(params.vector.copy())
    objective.prox(lambda where: 1.0)
    (first, second, third), (bias,) = params.weights, params.biases
    np.testing.assert_array_equal(first, before.weights[0])
    assert not second.any()
    assert not third.any()
    np.testing.assert_array_equal(bias, before.biases[0])


@pytest.mark.parametrize(
    ("stack", "widest"),
    [("product alone", 2), ("product above", 5), ("elman below", 20), ("elman between", 20)],
)
def test_a_network_knows_its_largest_row(stack, widest, rng):
    X, Y = rng.standard_normal((30, 15)), rng.standard_normal((30, 2))
    _, net, *_ = problem(STACKS[stack](), X, Y)
    assert (net.n_outputs, net.widest) == (2, widest)


def test_hidden_outputs_are_what_enters_layers_with_weights(rng):
    X, Y = rng.standard_normal((50, 15)), rng.standard_normal((50, 2))
    params, net, *_ = problem(STACKS["elman below"](), X, Y)
    params.vector[:] = rng.standard_normal(len(params.vector))
    net.widest = 2**18 // 7  # blocks of 7 rows
    read, carry, weight, _ = params.weights
    state = np.zeros((50, 4))
    for x in X.reshape(50, 5, 3).transpose(1, 0, 2):
        state = np.tanh(x @ read + state @ carry)
    above = np.tanh(state @ weight + params.biases[0])
    np.testing.assert_allclose(net.hidden_outputs(X, slice(0, 1)), state)
    np.testing.assert_allclose(net.hidden_outputs(X, slice(1, 2)), above)
    np.testing.assert_allclose(net.hidden_outputs(X, slice(0, 2)), np.hstack([state, above]))
