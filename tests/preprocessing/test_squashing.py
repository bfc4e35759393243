"""Robust scaling and a smooth bound."""

import numpy as np
import pytest
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from skreg.preprocessing import SquashingScaler


@parametrize_with_checks([SquashingScaler()])
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("bound", [1.0, 3.0])
def test_it_is_the_robust_scaler_with_a_smooth_bound(bound, rng):
    X = rng.standard_cauchy((500, 3)) * [1, 1e-6, 1e6] + [0, 5, -5]
    z = RobustScaler().fit_transform(X)
    expected = z / np.sqrt(1 + (z / bound) ** 2)
    np.testing.assert_allclose(SquashingScaler(bound).fit_transform(X), expected, rtol=1e-9)


def test_where_quartiles_are_the_same_the_range_counts():
    x = np.repeat([0.0, 4.0], [90, 10])[:, np.newaxis]
    z = np.where(x == 0, 0, 4 / 2)
    expected = z / np.sqrt(1 + (z / 3) ** 2)
    np.testing.assert_allclose(SquashingScaler().fit_transform(x), expected)


def test_constant_features_are_zero_and_missing_values_stay_missing():
    X = np.array([[5.0, np.nan, 1.0], [5.0, np.nan, np.nan], [5.0, np.nan, 3.0]])
    squashed = SquashingScaler().fit_transform(X)
    assert (squashed[:, 0] == 0).all()
    assert np.isnan(squashed[:, 1]).all()
    assert np.isnan(squashed[:, 2]).tolist() == [False, True, False]
    # Later values that differ do not make a constant feature into another.
    assert SquashingScaler().fit(X[:, :1]).transform([[7.0], [np.inf]]).tolist() == [[0], [0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whatever_comes_is_bounded(dtype):
    x = np.array([[-1.0], [0.0], [1.0], [2.0], [3.0]], dtype)
    largest = np.finfo(dtype).max
    far = np.array([[-np.inf], [-largest], [largest], [np.inf]], dtype)
    squashed = SquashingScaler().fit(x).transform(far)
    assert squashed.dtype == dtype
    np.testing.assert_allclose(squashed.ravel(), [-3, -3, 3, 3])
    assert np.isfinite(SquashingScaler().fit_transform(np.r_[x, far])).all()


@pytest.mark.parametrize("bound", [0, -1.0, np.inf, "3"])
def test_a_bound_out_of_its_range_is_named(bound):
    with pytest.raises(ValueError, match="'max_absolute_value' parameter of SquashingScaler"):
        SquashingScaler(bound).fit([[1.0], [2.0]])
