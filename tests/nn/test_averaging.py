from itertools import pairwise

import numpy as np
import pytest

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense_network
from skreg.nn.averaging import average


def draw(rng, units, dtype=float):
    return (
        [rng.standard_normal(shape).astype(dtype) for shape in pairwise(units)],
        [rng.standard_normal(n).astype(dtype) for n in units[1:]],
    )


# Networks may have hidden layers of different widths.
UNITS = [
    [(6, 2)] * 3,
    [(6, 5, 2), (6, 1, 2), (6, 5, 2)],
    [(6, 5, 4, 2), (6, 3, 7, 2)],
    [(6, 5, 4, 3, 1)] * 5,
]


@pytest.mark.parametrize("units", UNITS, ids=["none", "one", "two", "three"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_raw_outputs_are_the_mean_of_those_of_the_networks(units, activation, rng):
    networks = [draw(rng, one) for one in units]
    weights, biases = average(networks)
    X = rng.standard_normal((20, 6))
    mean = np.mean([dense_network(*one, activation).predict(X) for one in networks], axis=0)
    np.testing.assert_allclose(
        dense_network(weights, biases, activation).predict(X), mean, rtol=1e-12, atol=1e-12
    )
    assert [weight.shape[0] for weight in weights[1:]] == [
        sum(widths) for widths in np.transpose(units)[1:-1]
    ]


def test_without_hidden_layers_coefficients_are_averaged(rng):
    networks = [draw(rng, (6, 2)) for _ in range(4)]
    (weight,), (bias,) = average(networks)
    np.testing.assert_array_equal(weight, np.mean([w for (w,), _ in networks], axis=0))
    np.testing.assert_array_equal(bias, np.mean([b for _, (b,) in networks], axis=0))


def test_one_network_is_its_own_mean(rng):
    network = draw(rng, (6, 5, 4, 2))
    for averaged, own in zip(average([network]), network, strict=True):
        for array, other in zip(averaged, own, strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("units", [(6, 2), (6, 5, 4, 2)])
def test_precision_is_kept_and_memory_is_its_own(units, rng):
    networks = [draw(rng, units, np.float32) for _ in range(3)]
    before = [[array.copy() for array in part] for one in networks for part in one]
    weights, biases = average(networks)
    for array in weights + biases:
        assert array.dtype == np.float32
        array[...] = 0
    after = [part for one in networks for part in one]
    for part, old in zip(after, before, strict=True):
        for array, copy in zip(part, old, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_it_reads_the_features_that_one_of_them_reads(rng):
    networks = [draw(rng, (6, 5, 2)) for _ in range(3)]
    reads = rng.random((3, 6)) < 0.3
    for (weights, _), rows in zip(networks, reads, strict=True):
        weights[0][~rows] = 0
    (first, _), _ = average(networks)
    np.testing.assert_array_equal(first.any(axis=1), reads.any(axis=0))
