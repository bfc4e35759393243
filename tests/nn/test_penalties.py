import numpy as np
import pytest
from numerical import brute_force_prox, directional_derivative

from skreg.nn.penalties import L1, L2

PROXIMAL = [L1(0.7)]
SMOOTH = [L2(0.7)]
STEPS = pytest.mark.parametrize("step", ["one", "elementwise"])


def name_of(penalty):
    return type(penalty).__name__


def draw(rng, step):
    w = rng.standard_normal((6, 4))
    return w, 0.8 if step == "one" else rng.uniform(0.1, 2.0, w.shape)


def prox(penalty, w, step):
    out = w.copy()
    penalty.prox(out, step)
    return out


@pytest.mark.parametrize("penalty", PROXIMAL, ids=name_of)
@STEPS
def test_prox_minimises_its_definition(penalty, step, rng):
    w, step = draw(rng, step)
    found = prox(penalty, w, step)
    np.testing.assert_allclose(found, brute_force_prox(penalty, w, step), atol=1e-6)
    assert 0 < (found == 0).sum() < w.size


@pytest.mark.parametrize("penalty", PROXIMAL, ids=name_of)
@STEPS
def test_prox_is_firmly_nonexpansive(penalty, step, rng):
    # In the metric of the step size: |Pa - Pb|^2 <= <Pa - Pb, a - b>.
    for _ in range(20):
        a, sizes = draw(rng, step)
        b = rng.standard_normal(a.shape)
        moved = prox(penalty, a, sizes) - prox(penalty, b, sizes)
        assert np.sum(moved**2 / sizes) <= np.sum(moved * (a - b) / sizes) + 1e-12


@pytest.mark.parametrize("penalty", PROXIMAL, ids=name_of)
@STEPS
def test_fixed_points_of_prox_are_certified(penalty, step, rng):
    # w = prox(w - step * grad) if and only if w is stationary.
    target, sizes = draw(rng, step)
    w = prox(penalty, target, sizes)
    grad = (w - target) / sizes
    np.testing.assert_allclose(penalty.subgradient_distance(w, grad), 0, atol=1e-12)
    assert penalty.subgradient_distance(w, grad + 0.1).max() > 0.05


@pytest.mark.parametrize("penalty", PROXIMAL, ids=name_of)
def test_alpha_max_is_the_strength_that_empties(penalty, rng):
    grad = rng.standard_normal((5, 3))
    zeros, strongest = np.zeros((5, 3)), penalty.alpha_max(grad)
    kind = type(penalty)
    assert kind(strongest).subgradient_distance(zeros, grad).max() == 0
    assert kind(0.99 * strongest).subgradient_distance(zeros, grad).max() > 0


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
    assert L1(0.3).value(w) == pytest.approx(0.3 * np.linalg.norm(w.ravel(), 1))
    assert L2(0.3).value(w) == pytest.approx(0.15 * np.linalg.norm(w) ** 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_are_exact_and_positive(dtype):
    w = np.array([0.5, -0.5, 1e-30, -1e-30, 2.0, -2.0], dtype)
    L1(1.0).prox(w, 0.5)
    np.testing.assert_array_equal(w, [0, 0, 0, 0, 1.5, -1.5])
    assert not np.signbit(w[:4]).any()
