import numpy as np

from skreg.nn.initializers import uniform
from skreg.nn.network import Parameters


def test_weights_are_uniform_within_the_bound_of_their_layer():
    params = Parameters((300, 100, 50))
    uniform(params.weights, params.biases, np.random.RandomState(0), factor=2.0)
    for weight, n_units in zip(params.weights, (400, 150), strict=True):
        bound = np.sqrt(2.0 / n_units)
        assert 0.99 * bound < np.abs(weight).max() <= bound
        np.testing.assert_allclose(weight.std(), bound / np.sqrt(3), rtol=0.02)


def test_numbers_are_drawn_layer_by_layer_weights_before_biases():
    params = Parameters((2, 3, 1))
    uniform(params.weights, params.biases, np.random.RandomState(0))
    rng = np.random.RandomState(0)
    for weight, bias in zip(params.weights, params.biases, strict=True):
        bound = np.sqrt(6 / sum(weight.shape))
        np.testing.assert_array_equal(weight, rng.uniform(-bound, bound, weight.shape))
        np.testing.assert_array_equal(bias, rng.uniform(-bound, bound, bias.shape))
