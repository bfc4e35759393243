import numpy as np
import pytest
from scipy import sparse

from skreg.nn.architecture import dense_network
from skreg.nn.sampling import stack, standard_deviation, thin

UNITS = [(6, 20), (20, 15), (15, 2)]
RATES = (0.25, 0.5, 0.1)


def masks(seed=0):
    return np.random.Generator(np.random.SFC64(seed))


def draw_weights(rng):
    return [rng.standard_normal(shape) for shape in UNITS]


def test_rows_are_dropped_or_scaled(rng):
    weights = [rng.standard_normal((20_000, 2)), rng.standard_normal((2, 3))]
    dropped, kept = thin(weights, (0.25, 0.0), masks())
    assert kept is weights[1]
    is_dropped = ~dropped.any(axis=1)
    assert abs(is_dropped.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 20_000)
    np.testing.assert_allclose(dropped[~is_dropped], weights[0][~is_dropped] / 0.75)


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_sparse_weights_lose_the_same_rows(layout, rng):
    weights = [weight * (rng.random(weight.shape) < 0.3) for weight in draw_weights(rng)]
    stored = thin(list(map(layout, weights)), RATES, masks())
    for ours, dense in zip(stored, thin(weights, RATES, masks()), strict=True):
        np.testing.assert_array_equal(ours.toarray(), dense)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_thinned_network_is_one_with_dropout_layers(activation, rng):
    # One row: layers and thinned weights draw the same masks.
    weights, x = draw_weights(rng), rng.standard_normal((1, 6))
    biases = [rng.standard_normal(n_out) for _, n_out in UNITS]
    network = dense_network(
        weights, biases, activation, dropout=RATES[1:], input_dropout=RATES[0]
    )
    thinned = dense_network(thin(weights, RATES, masks()), biases, activation)
    np.testing.assert_allclose(thinned.forward(x), network.forward(x, masks()), rtol=1e-10)


def test_the_mean_of_a_linear_network_is_the_plain_prediction(rng):
    weights, x = draw_weights(rng), rng.standard_normal((10, 6))
    biases, n_draws = [rng.standard_normal(n_out) for _, n_out in UNITS], 4000
    generator = masks()
    draws = np.stack(
        [
            dense_network(thin(weights, RATES, generator), biases, "identity").predict(x)
            for _ in range(n_draws)
        ]
    )
    plain = dense_network(weights, biases, "identity").predict(x)
    error = (draws.mean(axis=0) - plain) / (draws.std(axis=0) / np.sqrt(n_draws))
    assert np.abs(error).max() < 5


def test_standard_deviation_and_stack_are_those_of_numpy(rng):
    draws = 1e3 + rng.standard_normal((7, 5, 3))
    np.testing.assert_array_equal(stack(iter(draws), 7), draws)
    before = draws.copy()
    expected = draws.std(axis=0, ddof=1)
    np.testing.assert_allclose(standard_deviation(iter(draws)), expected, rtol=1e-10)
    np.testing.assert_array_equal(draws, before)
