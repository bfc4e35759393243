import numpy as np
import pytest
from scipy import sparse
from scipy.stats import norm
from sklearn.neural_network import MLPRegressor

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense, dense_network
from skreg.nn.initializers import uniform
from skreg.nn.parameters import Parameters

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
    params = Parameters.of(dense((6, 5, 4, 3)))
    params.vector[:] = rng.standard_normal(len(params.vector))
    net = dense_network(params.weights, params.biases, activation)
    first, second = [activation] * 2 if isinstance(activation, str) else activation
    x = rng.standard_normal((9, 6))
    h = FUNCTIONS[first](x @ params.weights[0] + params.biases[0])
    h = FUNCTIONS[second](h @ params.weights[1] + params.biases[1])
    expected = h @ params.weights[2] + params.biases[2]
    np.testing.assert_allclose(net.forward(x), expected)
    np.testing.assert_allclose(net.forward(sparse.csr_array(x)), expected)


def test_dropout_is_only_where_its_rate_is_not_zero():
    layers = dense((6, 5, 4, 3), dropout=[0.0, 0.5], input_dropout=0.1)
    kinds = [type(layer).__name__ for layer in layers]
    assert kinds == ["Dropout", "Dense", "ReLU", "Dense", "ReLU", "Dropout", "Dense"]


@pytest.mark.parametrize("hidden", [(), (5,), (7, 3, 4)])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_initial_numbers_are_those_of_scikit_learn(activation, hidden, rng):
    X, Y = rng.standard_normal((20, 6)), rng.standard_normal((20, 2))
    # With such a rate training changes no digit.
    settings = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1}
    theirs = MLPRegressor(
        hidden_layer_sizes=hidden, activation=activation, random_state=3, **settings
    ).fit(X, Y)
    ours = Parameters.of(dense((6, *hidden, 2), activation))
    uniform(ours, np.random.RandomState(3))
    pairs = zip(ours.weights + ours.biases, theirs.coefs_ + theirs.intercepts_, strict=True)
    for array, other in pairs:
        np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_without_inputs_puts_out_a_constant(activation, rng):
    weights, biases = [np.empty((0, 3)), rng.random((3, 2))], [rng.random(3), rng.random(2)]
    raw = dense_network(weights, biases, activation).predict(np.empty((4, 0)))
    np.testing.assert_array_equal(raw, np.tile(raw[0], (4, 1)))
    assert raw[0].all()


@pytest.mark.parametrize(
    ("n_weights", "n_biases", "message"),
    [(1, 2, "No array is left for the weight of a Dense"), (2, 1, "the last 1 array")],
)
def test_weights_and_biases_that_do_not_match_are_refused(n_weights, n_biases, message):
    weights, biases = [np.zeros((2, 2))] * n_weights, [np.zeros(2)] * n_biases
    with pytest.raises(ValueError, match=message):
        dense_network(weights, biases)
