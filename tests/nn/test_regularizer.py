import numpy as np
import pytest
from terms import regularizer, terms

from skreg.nn.architecture import dense
from skreg.nn.parameters import Parameters
from skreg.nn.penalties import L1, GroupLasso, MaxNorm
from skreg.nn.regularizer import (
    EVERYTHING,
    Regularizer,
    Rows,
    by_feature,
    by_unit,
    by_weight,
    by_weight_and_feature,
)

UNITS = 7, 4, 1
ALL = {"l1": 0.1, "l2": 0.2, "alpha": 0.3, "group_lasso": 0.4, "max_norm": 0.5}


def places(terms):
    return [place.where for _, place in terms]


def test_one_strength_is_for_all_weights_and_several_are_for_one_matrix_each():
    params = Parameters.of(dense(UNITS))
    (term,) = by_weight(L1, 0.1, params)
    assert term.place == (slice(0, 32), (32,))
    first, second = by_weight(L1, [0.1, 0.2], params)
    assert (first.penalty.alpha, second.penalty.alpha) == (0.1, 0.2)
    assert (first.place, second.place) == (
        (slice(0, 28), (7, 4)),
        (slice(28, 32), (4, 1)),
    )
    assert places(by_weight(L1, [0.0, 0.2], params)) == [slice(28, 32)]
    assert by_weight(L1, 0.0, params) == []


def test_weights_of_features_are_those_of_rows_of_the_first_matrix():
    params = Parameters.of(dense(UNITS))
    rows = Rows(np.arange(7.0))
    for strengths in (0.1, [0.1, 0.1]):
        first, second = by_weight_and_feature(L1, strengths, params, rows)
        assert first.place == (slice(0, 28), (7, 4))
        np.testing.assert_array_equal(
            first.penalty.weighting, np.repeat(rows.weights, 4).reshape(7, 4)
        )
        assert (second.place, second.penalty.strengths) == ((slice(28, 32), (4, 1)), 0.1)
    assert places(by_weight_and_feature(L1, [0.0, 0.2], params, rows)) == [slice(28, 32)]
    assert places(by_weight_and_feature(L1, 0.1, params)) == [slice(0, 32)]


@pytest.mark.parametrize("cuts", [[], [28], [3, 20, 30], range(1, 37)])
def test_weights_of_features_follow_their_weights_into_blocks(cuts, rng):
    params = Parameters.of(dense(UNITS))
    terms = by_weight_and_feature(L1, 0.1, params, Rows(np.arange(7.0)))
    penalties = Regularizer(terms)
    theta = rng.standard_normal(37)
    expected = theta.copy()
    for penalty, place in terms:
        penalty.prox(place.of(expected), 1.0)
    ends = [0, *cuts, 37]
    for block in map(slice, ends[:-1], ends[1:]):
        for penalty, place in penalties.proximal_in(block):
            penalty.prox(place.of(theta), 1.0)
    np.testing.assert_array_equal(theta, expected)
    strengths = np.repeat([*np.arange(7) * 0.1, 0.1, 0.0], [4] * 8 + [5])
    np.testing.assert_allclose(penalties.split_strengths(params.vector), strengths)


def test_units_have_columns_in_every_matrix_and_features_rows_in_the_first():
    params = Parameters.of(dense(UNITS))
    assert places(by_unit(MaxNorm, 1.0, params)) == params.weight_slices
    groups = np.array([0, 0, 1, 1, 2, 2, 2])
    (term,) = by_feature(GroupLasso, 0.1, params, Rows(None, groups))
    assert term.place.shape == (7, 4)
    assert term.penalty.group_of_row is groups


def test_penalties_come_in_their_order_whatever_that_of_the_terms():
    params = Parameters.of(dense(UNITS))
    backwards = terms(params, **ALL)
    for given in (backwards, backwards[::-1]):
        found = [type(penalty) for penalty, _ in Regularizer(given).proximal_in(EVERYTHING)]
        assert found == [L1, GroupLasso, MaxNorm, MaxNorm]


@pytest.mark.parametrize("cuts", [[], [28], [3, 20, 30], range(1, 37)])
def test_blocks_have_each_weight_and_each_matrix_once(cuts):
    params = Parameters.of(dense(UNITS))
    penalties = regularizer(params, **ALL)
    ends = [0, *cuts, 37]
    blocks = list(map(slice, ends[:-1], ends[1:]))
    for terms_in, n_flat in ((penalties.smooth_in, 2), (penalties.proximal_in, 1)):
        counts, n_matrices = np.zeros(37, int), 0
        for block in blocks:
            for penalty, place in terms_in(block):
                if penalty.is_elementwise:
                    assert block.start <= place.where.start < place.where.stop <= block.stop
                    counts[place.where] += 1
                else:
                    assert block.start < place.where.stop <= block.stop
                    n_matrices += 1
        assert counts.tolist() == [n_flat] * 32 + [0] * 5
        assert n_matrices == (0 if n_flat == 2 else 3)


def test_steps_of_one_size_are_asked_for_once_and_in_order():
    params = Parameters.of(dense(UNITS))
    first, second = by_unit(GroupLasso, 0.1, params)
    found = Regularizer([second, first, second]).one_step
    assert found == params.weight_slices


def test_a_network_without_features_has_no_rows_to_group():
    penalties = regularizer(Parameters.of(dense((0, 4, 1))), group_lasso=0.1, max_norm=1.0)
    assert not penalties.is_sparse
    assert penalties.one_step == []
    assert places(penalties.proximal_in(EVERYTHING)) == [slice(0, 4)]


def test_zeros_come_from_penalties_that_make_them():
    params = Parameters.of(dense(UNITS))
    assert regularizer(params, l1=0.1).is_sparse
    assert regularizer(params, group_lasso=0.1).is_sparse
    assert not regularizer(params, l2=0.1, alpha=0.1, max_norm=0.1).is_sparse


def test_strengths_that_split_are_those_of_l1():
    params = Parameters.of(dense(UNITS))
    penalties = regularizer(params, **{**ALL, "l1": [0.0, 0.7]})
    strengths = penalties.split_strengths(params.vector)
    assert strengths.tolist() == [0] * 28 + [0.7] * 4 + [0] * 5
