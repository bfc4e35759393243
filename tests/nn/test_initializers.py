import numpy as np
import pytest

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense
from skreg.nn.initializers import BOUNDS, uniform
from skreg.nn.parameters import Block, Parameters

GLOROT, HE, LECUN = "identity tanh relu", "leaky_relu elu gelu silu", "selu softplus"
VARIANCES = {
    **dict.fromkeys(GLOROT.split(), lambda n_in, n_out: 2 / (n_in + n_out)),
    "logistic": lambda n_in, n_out: 2 / 3 / (n_in + n_out),
    **dict.fromkeys(HE.split(), lambda n_in, n_out: 2 / n_in),
    **dict.fromkeys(LECUN.split(), lambda n_in, n_out: 1 / n_in),
}
# As the guide has them.
SECOND_MOMENTS = {
    "leaky_relu": 0.5,
    "elu": 0.64,
    "gelu": 0.43,
    "silu": 0.36,
    "selu": 1.0,
    "softplus": 0.92,
}


def test_every_activation_has_its_rule():
    assert BOUNDS.keys() == ACTIVATIONS.keys() == VARIANCES.keys()


@pytest.mark.parametrize(
    ("activation", "rules"),
    [(name, [name] * 3) for name in ACTIVATIONS]
    + [(("gelu", "logistic"), ["gelu", "logistic", "logistic"])]
    + [(["tanh", "selu"], ["tanh", "selu", "selu"])],
)
def test_variances_suit_the_activation_that_follows(activation, rules):
    params = Parameters.of(dense((300, 100, 150, 80), activation))
    uniform(params, np.random.RandomState(0))
    for weight, bias, rule in zip(params.weights, params.biases, rules, strict=True):
        variance = VARIANCES[rule](*weight.shape)
        bound = np.sqrt(3 * variance)
        np.testing.assert_allclose(weight.var(), variance, rtol=0.03)
        assert 0.99 * bound < np.abs(weight).max() <= bound
        assert 0.8 * bound < np.abs(bias).max() <= bound


def test_without_hidden_layers_one_name_decides():
    for activation, variance in [((), 2 / 400), ("tanh", 2 / 400), ("selu", 1 / 300)]:
        params = Parameters.of(dense((300, 100), activation))
        uniform(params, np.random.RandomState(0))
        np.testing.assert_allclose(params.weights[0].var(), variance, rtol=0.03)


@pytest.mark.parametrize("name", f"{HE} {LECUN}".split())
def test_the_rule_is_that_which_keeps_signals_best(name):
    z, density = np.polynomial.hermite_e.hermegauss(200)
    out = ACTIVATIONS[name]().forward(z[np.newaxis])[0]
    second_moment = np.average(out**2, weights=density)
    # n_in * variance * E f(z)**2 for Glorot's (and LeCun's) rule, and for He's.
    assert second_moment == pytest.approx(SECOND_MOMENTS[name], abs=0.006)
    errors = {factor: abs(np.log(factor * second_moment)) for factor in (1, 2)}
    assert VARIANCES[name](100, 100) * 100 == min(errors, key=errors.get)
    assert min(errors.values()) < 0.35


def test_numbers_are_drawn_block_by_block_within_their_bounds():
    blocks = [Block("read", (2, 3), 0.5), Block("shift", (3,)), Block("carry", (3, 3), 2.0)]
    params = Parameters(blocks)
    uniform(params, np.random.RandomState(0))
    rng = np.random.RandomState(0)
    (read, carry), (shift,) = params.weights, params.biases
    np.testing.assert_array_equal(read, rng.uniform(-0.5, 0.5, (2, 3)))
    np.testing.assert_array_equal(shift, 0 * rng.uniform(size=3))
    np.testing.assert_array_equal(carry, rng.uniform(-2, 2, (3, 3)))


@pytest.mark.parametrize(("activation", "factor"), [("relu", 6), ("tanh", 6), ("logistic", 2)])
def test_numbers_are_drawn_layer_by_layer_weights_before_biases(activation, factor):
    params = Parameters.of(dense((2, 3, 1), activation))
    uniform(params, np.random.RandomState(0))
    rng = np.random.RandomState(0)
    for weight, bias in zip(params.weights, params.biases, strict=True):
        bound = np.sqrt(factor / sum(weight.shape))
        np.testing.assert_array_equal(weight, rng.uniform(-bound, bound, weight.shape))
        np.testing.assert_array_equal(bias, rng.uniform(-bound, bound, bias.shape))
