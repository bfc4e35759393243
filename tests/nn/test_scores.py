import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from skreg.nn.scores import accuracy, r2

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
