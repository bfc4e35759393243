import numpy as np
import pytest
from scipy import sparse
from scipy.stats import norm

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.network import Network
from skreg.nn.parameters import Parameters


def network(rng, units=(6, 5, 4, 3), **kwargs):
    params = Parameters(units)
    params.vector[:] = rng.standard_normal(len(params.vector))
    return Network(params.weights, params.biases, **kwargs), params


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
FUNCTIONS = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "selu": lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * (np.exp(x) - 1)),
    "gelu": lambda x: x * norm.cdf(x),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
}


def test_every_activation_has_its_formula():
    assert FUNCTIONS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("activation", [*FUNCTIONS, ("gelu", "relu"), ["softplus", "identity"]])
def test_forward_is_the_formula(activation, rng):
    net, params = network(rng, activation=activation)
    first, second = [activation] * 2 if isinstance(activation, str) else activation
    x = rng.standard_normal((9, 6))
    h = FUNCTIONS[first](x @ params.weights[0] + params.biases[0])
    h = FUNCTIONS[second](h @ params.weights[1] + params.biases[1])
    expected = h @ params.weights[2] + params.biases[2]
    np.testing.assert_allclose(net.forward(x), expected)
    np.testing.assert_allclose(net.forward(sparse.csr_array(x)), expected)


def test_prediction_does_not_depend_on_the_blocks(rng):
    net, _ = network(rng, units=(3, 2000, 2))
    x = rng.standard_normal((1000, 3))
    np.testing.assert_allclose(net.predict(x), net.forward(x), atol=1e-10)
    np.testing.assert_allclose(net.predict(sparse.csr_array(x)), net.forward(x), atol=1e-10)


def test_prediction_is_in_the_dtype_of_the_weights(rng):
    params = Parameters((3, 4, 2), dtype=np.float32)
    net = Network(params.weights, params.biases)
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


def test_dropout_is_only_where_its_rate_is_not_zero(rng):
    net, _ = network(rng, dropout=[0.0, 0.5], input_dropout=0.1)
    kinds = [type(layer).__name__ for layer in net.layers]
    assert kinds == ["Dropout", "Dense", "ReLU", "Dense", "ReLU", "Dropout", "Dense"]
