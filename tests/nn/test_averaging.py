import itertools
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.architecture import dense_network
from skreg.nn.averaging import average
from skreg.nn.block_diagonal import BlockDiagonal, blocks_of, each_block


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
    weights, biases, _ = average(networks)
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
    (weight,), (bias,), _ = average(networks)
    np.testing.assert_array_equal(weight, np.mean([w for (w,), _ in networks], axis=0))
    np.testing.assert_array_equal(bias, np.mean([b for _, (b,) in networks], axis=0))


def test_one_network_is_its_own_mean(rng):
    network = draw(rng, (6, 5, 4, 2))
    for averaged, own in zip(average([network])[:2], network, strict=True):
        for array, other in zip(averaged, own, strict=True):
            np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("units", [(6, 2), (6, 5, 4, 2)])
def test_precision_is_kept_and_memory_is_its_own(units, rng):
    networks = [draw(rng, units, np.float32) for _ in range(3)]
    before = [[array.copy() for array in part] for one in networks for part in one]
    weights, biases, _ = average(networks)
    for array in [*itertools.chain(*map(blocks_of, weights)), *biases]:
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
    (first, _), *_ = average(networks)
    np.testing.assert_array_equal(first.any(axis=1), reads.any(axis=0))


@pytest.mark.parametrize("units", UNITS[1:], ids=["one", "two", "three"])
@pytest.mark.parametrize("layout", [None, sparse.csr_array, sparse.csc_matrix])
def test_its_parts_are_the_networks_divided_by_their_number(units, layout, rng):
    networks = [draw(rng, one) for one in units]
    whole = average(networks)
    if layout:
        whole = whole._replace(weights=[each_block(layout, w) for w in whole.weights])
    X = rng.standard_normal((20, 6))
    for part, network in zip(whole.split(), networks, strict=True):
        raw, own = (dense_network(*one).predict(X) for one in (part, network))
        # The bias of the output is that of the first.
        raw, own = raw - part[1][-1], (own - network[1][-1]) / len(networks)
        np.testing.assert_allclose(raw, own, atol=1e-12)
    total = np.sum([part[1][-1] for part in whole.split()], axis=0)
    np.testing.assert_allclose(total, np.mean([b[-1] for _, b in networks], axis=0))


def test_networks_without_hidden_layers_are_kept_where_their_own_weights_are_asked_for(rng):
    networks = [draw(rng, (6, 2), np.float32) for _ in range(3)]
    parts = average(networks, with_own=True).split()
    for ([weight], _), ([own], _) in zip(parts, networks, strict=True):
        assert weight.dtype == np.float32
        np.testing.assert_allclose(weight, own / 3, rtol=1e-5, atol=1e-6)
    mean = average(networks)
    assert mean.members.are_lost
    assert len(mean.split()) == 1
    assert not average(networks[:1]).members.are_lost


@pytest.mark.parametrize("units", [(6, 2), (6, 5, 2), (6, 5, 4, 2)])
def test_what_is_no_longer_made_of_its_parts_is_one_network(units, rng):
    whole = average([draw(rng, units) for _ in range(3)], with_own=True)
    others = draw(rng, (8, *(2 * n for n in units[1:])))
    changed = whole._replace(weights=others[0], biases=others[1])
    assert changed.split() == [tuple(others)]
    if len(units) == 4:
        dense = whole._replace(weights=[*map(np.asarray, whole.weights)])
        assert len(dense.split()) == 1


@pytest.mark.parametrize("n_networks", [2, 40])
def test_what_is_stored_is_what_the_networks_have(n_networks, rng):
    network = draw(rng, (6, 5, 4, 2))
    whole = average([network] * n_networks)
    stored = sum(block.size for weight in whole.weights for block in blocks_of(weight))
    assert stored == n_networks * sum(weight.size for weight in network[0])
    assert isinstance(whole.weights[1], BlockDiagonal)
