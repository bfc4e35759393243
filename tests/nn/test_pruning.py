from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense_network
from skreg.nn.averaging import Average, average
from skreg.nn.block_diagonal import each_block
from skreg.nn.pruning import prune, prune_members

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


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("activation", ["relu", "softplus"])
@pytest.mark.parametrize("density", [0.02, 0.1, 0.2, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_members_are_pruned_like_the_wide_network(density, activation, layout, seed):
    rng = np.random.default_rng(seed)
    whole = average([draw(rng, density) for _ in range(4)])
    stored = whole._replace(weights=[each_block(layout, weight) for weight in whole.weights])
    kept, pruned = prune_members(stored, activation)
    expected, weights, biases = prune(*wide(whole), activation)
    X = rng.standard_normal((20, UNITS[0]))
    np.testing.assert_array_equal(kept, expected)
    np.testing.assert_allclose(
        raw(pruned.weights, pruned.biases, activation, X[:, kept]),
        raw(weights, biases, activation, X[:, kept]),
        rtol=1e-12,
        atol=1e-12,
    )
    again, twice = prune_members(pruned, activation)
    assert len(again) == len(kept)
    assert [w.shape for w in twice.weights] == [w.shape for w in pruned.weights]
    parts = pruned.split()
    total = sum(raw(*part, activation, X[:, kept]) for part in parts)
    np.testing.assert_allclose(total, raw(weights, biases, activation, X[:, kept]), atol=1e-12)


def test_members_that_read_nothing_are_left_out(rng):
    networks = [draw(rng, 1.0) for _ in range(3)]
    networks[1][0][2][:] = 0
    whole = average(networks)
    kept, pruned = prune_members(whole)
    assert pruned.members.sizes == [UNITS[1:-1]] * 2
    X = rng.standard_normal((20, UNITS[0]))
    expected = raw(whole.weights, whole.biases, "relu", X)
    np.testing.assert_allclose(raw(pruned.weights, pruned.biases, "relu", X), expected)
    for weights, _ in networks:
        weights[2][:] = 0
    whole = average(networks)
    kept, pruned = prune_members(whole)
    assert len(kept) == 0
    assert [len(bias) for bias in pruned.biases] == [1, 1, 1, UNITS[-1]]
    none = raw(pruned.weights, pruned.biases, "relu", X[:, kept])
    np.testing.assert_allclose(none, raw(whole.weights, whole.biases, "relu", X))


@pytest.mark.parametrize("with_own", [True, False])
def test_an_average_without_hidden_layers_is_pruned_with_its_members(with_own, rng):
    networks = [([rng.standard_normal((6, 2))], [rng.standard_normal(2)]) for _ in range(3)]
    for (weight,), _ in networks:
        weight[[1, 4]] = 0
    kept, pruned = prune_members(average(networks, with_own))
    assert kept.tolist() == [0, 2, 3, 5]
    if with_own:
        for ([part], _), ([weight], _) in zip(pruned.split(), networks, strict=True):
            np.testing.assert_allclose(part, weight[kept] / 3)


def test_what_is_no_longer_made_of_its_members_is_pruned_as_one(rng):
    whole = average([draw(rng, 0.2) for _ in range(3)])
    changed = whole._replace(weights=[*map(np.asarray, whole.weights)])
    kept, pruned = prune_members(changed)
    expected, weights, biases = prune(*wide(whole))
    assert pruned.members is None
    np.testing.assert_array_equal(kept, expected)
    for ours, theirs in zip(pruned.weights, weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    _, alone = prune_members(Average(*wide(whole), None))
    for ours, theirs in zip(alone.biases, biases, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def wide(whole):
    """Return weights and biases of an average, with the zeros between its members."""
    return [*map(np.asarray, whole.weights)], whole.biases
