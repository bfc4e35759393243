import copy

import numpy as np
import pytest
from numerical import brute_force_prox, directional_derivative

from skreg.nn.penalties import L1, L2, GroupLasso, L2PerSample, MaxNorm

GROUPS = np.array([0, 1, 1, 2, 0, 1])
# A penalty, and the numbers of the coordinates that it ties together.
PROXIMAL = [
    (L1(0.7), np.arange(24)),
    (L1(0.7, np.linspace(0.5, 2, 24).reshape(6, 4)), np.arange(24)),
    (GroupLasso(2.0), np.repeat(np.arange(6), 4)),
    (GroupLasso(2.0, None, np.linspace(0.5, 2, 6) ** 2), np.repeat(np.arange(6), 4)),
    (GroupLasso(2.2, GROUPS), np.repeat(GROUPS, 4)),
    (GroupLasso(2.2, GROUPS, np.array([0.5, 6, 1.5])), np.repeat(GROUPS, 4)),
]
PENALTIES = [penalty for penalty, _ in PROXIMAL]
CONSTRAINED = [*PENALTIES, MaxNorm(1.5)]
SMOOTH = [L2(0.7), L2PerSample(0.7)]
STEPS = pytest.mark.parametrize("step", ["one", "elementwise"])


def name_of(penalty):
    return type(penalty).__name__


def draw(rng, step, penalty):
    w = rng.standard_normal((6, 4))
    if step == "elementwise" and penalty.needs_one_step:
        pytest.skip("closed form for one step size only")
    return w, 0.8 if step == "one" else rng.uniform(0.1, 2.0, w.shape)


def prox(penalty, w, step):
    out = w.copy()
    penalty.prox(out, step)
    return out


@pytest.mark.parametrize(("penalty", "tied"), PROXIMAL, ids=map(name_of, PENALTIES))
@STEPS
def test_prox_minimises_its_definition(penalty, tied, step, rng):
    w, step = draw(rng, step, penalty)
    found = prox(penalty, w, step)
    np.testing.assert_allclose(found, brute_force_prox(penalty, w, step, tied), atol=2e-5)
    assert 0 < (found == 0).sum() < w.size


@pytest.mark.parametrize("penalty", CONSTRAINED, ids=name_of)
@STEPS
def test_prox_is_firmly_nonexpansive(penalty, step, rng):
    # In the metric of the step size: |Pa - Pb|^2 <= <Pa - Pb, a - b>.
    if isinstance(penalty, MaxNorm) and step == "elementwise":
        pytest.skip("a projection in the plain metric, whatever the step size")
    for _ in range(20):
        a, sizes = draw(rng, step, penalty)
        b = rng.standard_normal(a.shape)
        moved = prox(penalty, a, sizes) - prox(penalty, b, sizes)
        assert np.sum(moved**2 / sizes) <= np.sum(moved * (a - b) / sizes) + 1e-12


@pytest.mark.parametrize("penalty", CONSTRAINED, ids=name_of)
@STEPS
def test_fixed_points_of_prox_are_certified(penalty, step, rng):
    # w = prox(w - step * grad) if and only if w is stationary.
    if isinstance(penalty, MaxNorm) and step == "elementwise":
        pytest.skip("a projection in the plain metric, whatever the step size")
    target, sizes = draw(rng, step, penalty)
    w = prox(penalty, target, sizes)
    grad = (w - target) / sizes
    np.testing.assert_allclose(penalty.subgradient_distance(w, grad), 0, atol=1e-12)
    assert penalty.subgradient_distance(w, grad + 0.1).max() > 0.05


@pytest.mark.parametrize("penalty", [*CONSTRAINED, *SMOOTH], ids=name_of)
def test_a_penalty_is_what_its_traits_say(penalty, rng):
    w = rng.standard_normal((6, 4))
    assert penalty.is_smooth == hasattr(penalty, "add_gradient") != hasattr(penalty, "prox")

    def moved(w, step=0.8):
        out = w.copy()
        if penalty.is_smooth:
            penalty.add_gradient(w, out)
        else:
            penalty.prox(out, step)
        return out

    # Each weight on its own, the others at zero.
    alone = np.zeros_like(w)
    for at in np.ndindex(w.shape):
        only = np.zeros_like(w)
        only[at] = w[at]
        alone[at] = moved(only)[at]
    assert np.allclose(moved(w), alone, rtol=1e-14) == penalty.is_elementwise
    if penalty.is_smooth:
        return
    assert (moved(w) != moved(w, 0.1)).any() == penalty.needs_step
    assert (moved(w, 1e3) == 0).all() == penalty.makes_zeros
    halves = penalty.value(np.maximum(w, 0)) + penalty.value(np.maximum(-w, 0))
    is_linear = penalty.value(w) == pytest.approx(halves)
    assert (is_linear and penalty.value(w) > 0) == penalty.splits


def sparse_weights(rng):
    w, grad = rng.standard_normal((2, 6, 4))
    w[rng.random(w.shape) < 0.3] = 0
    w[[1, 2, 5]] = 0  # a group of GROUPS, and three of the groups of one row
    w[:, 2] = 0
    return w, grad


@pytest.mark.parametrize("penalty", [*PENALTIES, *SMOOTH], ids=name_of)
def test_the_smallest_subgradient_points_away_from_the_steepest_descent(penalty, rng):
    # min over |d| = 1 of F'(w; d) is -|s|, attained along -s.
    w, grad = sparse_weights(rng)
    smallest = penalty.min_norm_subgradient(w, grad)
    norm = np.linalg.norm(smallest)

    def slope(direction, step=1e-7):
        rise = penalty.value(w + step * direction) - penalty.value(w)
        return np.vdot(grad, direction) + rise / step

    assert slope(-smallest / norm) == pytest.approx(-norm, rel=1e-5)
    for direction in rng.standard_normal((50, *w.shape)):
        assert slope(direction / np.linalg.norm(direction)) > -norm


@pytest.mark.parametrize("penalty", [*CONSTRAINED, *SMOOTH], ids=name_of)
def test_the_distance_is_the_size_of_the_smallest_subgradient(penalty, rng):
    w, grad = sparse_weights(rng)
    distance = penalty.subgradient_distance(w, grad)
    np.testing.assert_array_equal(distance, np.abs(penalty.min_norm_subgradient(w, grad)))
    assert distance.shape == w.shape


@pytest.mark.parametrize(("penalty", "tied"), PROXIMAL, ids=map(name_of, PENALTIES))
def test_slack_is_what_a_gradient_can_grow_by(penalty, tied, rng):
    w, grad = sparse_weights(rng)
    slack = penalty.slack(w, grad)
    for number in np.unique(tied):
        part = (tied == number).reshape(w.shape)
        if w[part].any():
            assert np.isnan(slack[part]).all()
            continue
        (room,) = np.unique(slack[part])
        norm = np.linalg.norm(grad[part])
        for share, is_stationary in [(-1e-6, True), (1e-6, False)]:
            grown = np.where(part, grad * (norm + room + share) / norm, 0)
            distance = penalty.subgradient_distance(w, grown)[part]
            assert (distance.max() == 0) == is_stationary
    assert np.isfinite(slack).any()


@pytest.mark.parametrize("penalty", [MaxNorm(1.5), *SMOOTH], ids=name_of)
def test_what_holds_no_zeros_has_no_slack(penalty, rng):
    assert np.isnan(penalty.slack(*sparse_weights(rng))).all()


@pytest.mark.parametrize("penalty", PENALTIES, ids=name_of)
def test_alpha_max_is_the_strength_that_empties(penalty, rng):
    grad, zeros = rng.standard_normal((6, 4)), np.zeros((6, 4))
    strongest = copy.copy(penalty)
    strongest.alpha = penalty.alpha_max(grad)
    assert strongest.subgradient_distance(zeros, grad).max() < 1e-12
    strongest.alpha *= 0.99
    assert strongest.subgradient_distance(zeros, grad).max() > 1e-3


FREE = [0, 2]  # rows that are not penalised
OF_ROWS = np.array([0.0, 1, 0, 2, 1, 0.5])
PARTLY = [
    L1(0.7, np.repeat(OF_ROWS, 4).reshape(6, 4)),
    GroupLasso(2.0, None, OF_ROWS**2),
    GroupLasso(2.0, np.array([0, 1, 0, 2, 1, 2]), np.array([0.0, 2.0, 1.0])),
]


@pytest.mark.parametrize("penalty", PARTLY, ids=name_of)
def test_what_has_no_weight_is_left_alone_and_held_by_nothing(penalty, rng):
    w, grad = sparse_weights(rng)
    np.testing.assert_array_equal(prox(penalty, w, 0.8)[FREE], w[FREE])
    assert (prox(penalty, w, 0.8) != w)[[3, 4]].any()
    np.testing.assert_array_equal(penalty.min_norm_subgradient(w, grad)[FREE], grad[FREE])
    w[[*FREE, 1, 4]] = 0
    np.testing.assert_array_equal(penalty.min_norm_subgradient(w, grad)[FREE], grad[FREE])
    slack = penalty.slack(w, grad)
    assert np.isnan(slack[FREE]).all()
    assert np.isfinite(slack[[1, 5]]).any()
    others = np.delete(grad, FREE, axis=0)
    huge = grad.copy()
    huge[FREE] = 1e9
    assert penalty.alpha_max(huge) == penalty.alpha_max(grad) < np.abs(others).sum() / 0.5


@pytest.mark.parametrize("penalty", [*PENALTIES, *PARTLY], ids=name_of)
def test_what_is_penalised_by_parts_is_penalised_as_a_whole(penalty, rng):
    if not penalty.is_elementwise:
        pytest.skip("looks at all of its weights")
    w, step = draw(rng, "elementwise", penalty)
    expected = prox(penalty, w, step).ravel()
    for part in (slice(0, 5), slice(5, 6), slice(6, 24)):
        of_part = penalty.within(part)
        found = prox(of_part, w.ravel()[part], step.ravel()[part])
        np.testing.assert_array_equal(found, expected[part])


@pytest.mark.parametrize("penalty", SMOOTH, ids=name_of)
def test_added_gradients_are_those_of_the_value(penalty, rng):
    w, direction = rng.standard_normal((2, 6, 4))
    before = rng.standard_normal(w.shape)
    grad = before.copy()
    penalty.add_gradient(w, grad)
    numerical = directional_derivative(lambda: penalty.value(w), w, direction)
    np.testing.assert_allclose(np.vdot(grad - before, direction), numerical, rtol=1e-6)
    np.testing.assert_allclose(
        penalty.subgradient_distance(w, before), np.abs(grad), rtol=1e-12
    )


def test_values_are_norms(rng):
    w = rng.standard_normal((6, 4))
    assert L2PerSample(0.6).value(w, 4.0) == pytest.approx(0.075 * np.linalg.norm(w) ** 2)
    assert L1(0.3).value(w) == pytest.approx(0.3 * np.linalg.norm(w.ravel(), 1))
    assert L1(0.3, w**2).value(w) == pytest.approx(0.3 * np.abs(w**3).sum())
    assert L2(0.3).value(w) == pytest.approx(0.15 * np.linalg.norm(w) ** 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_are_exact_and_positive(dtype):
    w = np.array([0.5, -0.5, 1e-30, -1e-30, 2.0, -2.0], dtype)
    L1(1.0).prox(w, 0.5)
    np.testing.assert_array_equal(w, [0, 0, 0, 0, 1.5, -1.5])
    assert not np.signbit(w[:4]).any()


def test_the_group_lasso_weighs_by_the_size_of_the_group(rng):
    w = rng.standard_normal((6, 4))
    expected = sum(
        np.sqrt((g == GROUPS).sum()) * np.linalg.norm(w[g == GROUPS]) for g in range(3)
    )
    assert GroupLasso(0.3, GROUPS).value(w) == pytest.approx(0.3 * expected)
    assert GroupLasso(0.3).value(w) == pytest.approx(0.3 * np.linalg.norm(w, axis=1).sum())
    by_row = OF_ROWS @ np.linalg.norm(w, axis=1)
    assert GroupLasso(0.3, None, OF_ROWS**2).value(w) == pytest.approx(0.3 * by_row)


def test_max_norm_scales_long_columns_and_leaves_the_others():
    w = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    MaxNorm(1.0).prox(w, 0.1)
    np.testing.assert_allclose(w, [[0.6, 0.3, 0.0], [0.8, 0.4, 0.0]], rtol=1e-15)
    inside = w.copy()
    MaxNorm(1.0).prox(w, 0.1)
    np.testing.assert_array_equal(w[:, 1:], inside[:, 1:])
    np.testing.assert_allclose(w, inside, rtol=1e-15)


@pytest.mark.parametrize("penalty", CONSTRAINED, ids=name_of)
def test_single_precision_stays_single(penalty):
    w = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    expected = prox(penalty, w.astype(float), 0.3)
    np.testing.assert_allclose(prox(penalty, w, 0.3), expected, rtol=1e-5, atol=1e-6)
    assert prox(penalty, w, 0.3).dtype == np.float32
