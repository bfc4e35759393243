import numpy as np
import pytest
from sklearn.metrics import accuracy_score, d2_pinball_score, mean_pinball_loss, r2_score

from skreg.nn.scores import accuracy, d2_pinball, quantile, r2

WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def weights(weighted, n_samples, rng):
    return rng.uniform(0, 3, n_samples) if weighted else None


@WEIGHTED
def test_accuracy_is_scikit_learns(weighted, rng):
    y, prediction = rng.integers(0, 3, (2, 40))
    weight = weights(weighted, 40, rng)
    expected = accuracy_score(y, prediction, sample_weight=weight)
    assert accuracy(y == prediction, weight) == pytest.approx(expected, rel=1e-14)


@WEIGHTED
@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_r2_is_scikit_learns(weighted, n_outputs, dtype, rng):
    y, noise = rng.standard_normal((2, 40, n_outputs)).astype(dtype)
    weight = weights(weighted, 40, rng)
    expected = r2_score(y, y + noise, sample_weight=weight)
    # Single precision: the errors themselves are rounded to 6e-8.
    rtol = 1e-13 if dtype is np.float64 else 1e-6
    assert r2(y, y + noise, weight) == pytest.approx(expected, rel=rtol)


@pytest.mark.parametrize("error", [0.0, 0.5])
def test_r2_of_an_output_that_does_not_vary_is_scikit_learns(error, rng):
    y = np.column_stack([np.full(10, 2.0), rng.standard_normal(10)])
    prediction = y + np.array([error, 0.1])
    assert r2(y, prediction) == pytest.approx(r2_score(y, prediction), rel=1e-13)


def test_r2_of_what_is_not_finite_is_not_a_number(rng):
    prediction = np.array([[1.0], [np.inf], [0.0]])
    assert np.isnan(r2(np.ones((3, 1)), prediction))


LEVELS = np.array([0.9, 0.05, 0.5])


@WEIGHTED
@pytest.mark.parametrize("n_columns", [1, 3])
@pytest.mark.parametrize("n_samples", [20, 41])
def test_d2_of_quantiles_is_the_mean_of_scikit_learns(weighted, n_columns, n_samples, rng):
    y = rng.standard_normal((n_samples, n_columns))
    prediction = rng.standard_normal((n_samples, n_columns, 3))
    weight = weights(weighted, n_samples, rng)
    expected = [
        d2_pinball_score(y, prediction[..., k], alpha=level, sample_weight=weight)
        for k, level in enumerate(LEVELS)
    ]
    flat = prediction.reshape(n_samples, -1)
    assert d2_pinball(y, flat, LEVELS, weight) == pytest.approx(np.mean(expected), rel=1e-12)


@pytest.mark.parametrize("error", [0.0, 0.5])
def test_d2_of_targets_that_do_not_vary_is_scikit_learns(error):
    y = np.full((10, 1), 2.0)
    prediction = np.repeat(y + error, 3, axis=1)
    expected = d2_pinball_score(y, y + error)
    assert d2_pinball(y, prediction, LEVELS) == pytest.approx(expected, abs=1e-15)


def test_d2_of_what_is_not_finite_is_not_a_number():
    prediction = np.array([[1.0, 1, 1], [np.inf, 1, 1]])
    assert np.isnan(d2_pinball(np.ones((2, 1)), prediction, LEVELS))


@WEIGHTED
@pytest.mark.parametrize("level", [0.01, 0.1, 0.5, 0.77])
def test_no_constant_has_a_lower_pinball_loss_than_the_quantile(weighted, level, rng):
    y = rng.integers(0, 9, (30, 1)).astype(float)  # with ties
    weight = weights(weighted, 30, rng)
    losses = [
        mean_pinball_loss(y, np.full_like(y, value), alpha=level, sample_weight=weight)
        for value in [quantile(y, level, weight).item(), *np.unique(y)]
    ]
    assert losses[0] == pytest.approx(min(losses), rel=1e-12)
