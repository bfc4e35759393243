from itertools import pairwise

import numpy as np
import pytest

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense_network
from skreg.nn.pruning import prune

UNITS = (9, 8, 7, 6, 3)
EVERY_ACTIVATION = pytest.mark.parametrize(
    "activation", [*ACTIVATIONS, ("softplus", "relu", "gelu"), ["tanh", "identity", "selu"]]
)


def draw(rng, density, dtype=float):
    weights = [
        (rng.standard_normal(shape) * (rng.random(shape) < density)).astype(dtype)
        for shape in pairwise(UNITS)
    ]
    return weights, [rng.standard_normal(n).astype(dtype) for n in UNITS[1:]]


def raw(weights, biases, activation, X):
    return dense_network(weights, biases, activation).predict(X)


@EVERY_ACTIVATION
@pytest.mark.parametrize("density", [0.05, 0.1, 0.2, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_smaller_network_computes_the_same(activation, density, seed):
    rng = np.random.default_rng(seed)
    weights, biases = draw(rng, density)
    before = [array.copy() for array in weights + biases]
    kept, smaller, moved = prune(weights, biases, activation)
    X = rng.standard_normal((20, UNITS[0]))
    np.testing.assert_allclose(
        raw(smaller, moved, activation, X[:, kept]),
        raw(weights, biases, activation, X),
        rtol=1e-12,
        atol=1e-12,
    )
    for array, old in zip(weights + biases, before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize("density", [0.05, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_dead_is_left(density, seed):
    weights, biases = draw(np.random.default_rng(seed), density)
    _, smaller, _ = prune(weights, biases)
    for layer, weight in enumerate(smaller):
        is_alone = weight.shape[1] == 1
        assert weight.any(axis=0).all() or is_alone or layer == len(smaller) - 1
        is_alone = layer > 0 and weight.shape[0] == 1
        assert weight.any(axis=1).all() or is_alone


def test_a_dense_network_stays_as_it_is(rng):
    weights, biases = draw(rng, 1.0)
    kept, same, moved = prune(weights, biases)
    np.testing.assert_array_equal(kept, np.arange(UNITS[0]))
    for new, old in zip(same + moved, weights + biases, strict=True):
        np.testing.assert_array_equal(new, old)


@EVERY_ACTIVATION
@pytest.mark.parametrize("emptied", range(4))
def test_an_emptied_layer_keeps_one_unit(activation, emptied, rng):
    weights, biases = draw(rng, 1.0)
    weights[emptied][...] = 0
    kept, smaller, moved = prune(weights, biases, activation)
    # Whatever matrix it is, the output is constant.
    assert [len(bias) for bias in moved] == [1, 1, 1, 3]
    assert len(kept) == 0
    X = rng.standard_normal((20, UNITS[0]))
    np.testing.assert_allclose(
        raw(smaller, moved, activation, X[:, kept]), raw(weights, biases, activation, X)
    )


def test_without_hidden_layers_features_are_pruned(rng):
    weight = rng.standard_normal((5, 2))
    weight[[1, 3]] = 0
    kept, (smaller,), _ = prune([weight], [np.ones(2)])
    np.testing.assert_array_equal(kept, [0, 2, 4])
    np.testing.assert_array_equal(smaller, weight[kept])


def test_single_precision_stays_single(rng):
    _, weights, biases = prune(*draw(rng, 0.2, np.float32))
    assert {array.dtype for array in weights + biases} == {np.dtype(np.float32)}
