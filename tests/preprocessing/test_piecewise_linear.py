"""Piecewise-linear encoding: bins and ramps, against splines of degree one."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skreg import MLPRegressor
from skreg.preprocessing import PiecewiseLinearEncoder


@parametrize_with_checks(
    [PiecewiseLinearEncoder(), PiecewiseLinearEncoder(n_bins=2, max_distinct=0)]
)
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n_bins", [1, 2, 7])
def test_columns_are_sums_of_the_hats_of_a_linear_spline(n_bins, rng):
    X = rng.standard_normal((300, 1))
    encoder = PiecewiseLinearEncoder(n_bins, max_distinct=0, dtype="float64").fit(X)
    Z = np.linspace(-10, 10, 50)[:, np.newaxis]
    spline = SplineTransformer(
        degree=1, knots=encoder.knots_[0][:, np.newaxis], extrapolation="linear"
    ).fit(X)

    def ramps(values):
        # What lies above knot t - 1 has climbed ramp t: the sum of all hats from t on.
        return np.cumsum(spline.transform(values)[:, ::-1], axis=1)[:, ::-1][:, 1:]

    expected = ramps(Z) - ramps(X).mean(axis=0)
    np.testing.assert_allclose(encoder.transform(Z), expected, atol=1e-12)


def test_a_linear_model_of_the_columns_is_a_linear_spline():
    X, y = load_diabetes(return_X_y=True)
    x = X[:, [2]]
    encoder = PiecewiseLinearEncoder(5, dtype="float64").fit(x)
    spline = SplineTransformer(degree=1, knots=encoder.knots_[0][:, np.newaxis])
    ours = make_pipeline(encoder, LinearRegression()).fit(x, y)
    theirs = make_pipeline(spline, LinearRegression()).fit(x, y)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x))


def test_knots_are_quantiles(rng):
    x = rng.exponential(size=(1000, 1))
    encoder = PiecewiseLinearEncoder(4).fit(x)
    np.testing.assert_allclose(encoder.knots_[0], np.quantile(x, [0, 0.25, 0.5, 0.75, 1]))
    assert encoder.transform(x).dtype == np.float32


def test_frequent_values_have_knots_of_their_own_and_quantiles_do_not_collapse(rng):
    x = np.where(rng.random(2000) < 0.8, 0.0, rng.exponential(size=2000))
    knots = PiecewiseLinearEncoder(16, max_distinct=48).fit(x[:, np.newaxis]).knots_[0]
    assert len(knots) == 17
    np.testing.assert_allclose(knots[1:], np.quantile(x[x > 0], np.linspace(0, 1, 16)))
    # As plain quantiles have it.
    assert len(np.unique(np.quantile(x, np.linspace(0, 1, 17)))) < 6


def test_few_distinct_values_are_knots():
    x = np.repeat([1.0, 5.0, 6.0], [100, 1, 2])[:, np.newaxis]
    assert PiecewiseLinearEncoder(2, max_distinct=3).fit(x).knots_[0].tolist() == [1, 5, 6]
    assert PiecewiseLinearEncoder(2, max_distinct=2).fit(x).knots_[0].tolist() == [1, 5, 6]


@pytest.mark.parametrize("max_distinct", [0, 48])
def test_values_that_are_all_frequent_are_knots(max_distinct):
    x = np.repeat([1.0, 5.0, 6.0], 100)[:, np.newaxis]
    encoder = PiecewiseLinearEncoder(4, max_distinct=max_distinct).fit(x)
    assert encoder.knots_[0].tolist() == [1, 5, 6]


def test_constant_and_empty_features_have_no_columns():
    X = np.array([[1.0, 7.0, np.nan, 0.0], [1.0, np.nan, np.nan, 1.0], [1.0, 7.0, np.nan, 2.0]])
    encoder = PiecewiseLinearEncoder().fit(X)
    assert encoder.origins_.tolist() == [3, 3]
    assert encoder.transform(X).shape == (3, 2)
    assert encoder.get_feature_names_out().tolist() == ["x3_bin0", "x3_bin1"]


def test_columns_are_centred_and_a_missing_value_is_at_the_mean(rng):
    X = rng.standard_normal((500, 3))
    X[rng.random(X.shape) < 0.2] = np.nan
    encoder = PiecewiseLinearEncoder(dtype="float64").fit(X)
    encoded = encoder.transform(X)
    assert np.isfinite(encoded).all()
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-12)
    is_missing = np.isnan(X)[:, encoder.origins_]
    assert (encoded[is_missing] == 0).all()
    # What is missing says nothing about knots.
    alone = X[~np.isnan(X[:, 0]), :1]
    np.testing.assert_array_equal(
        PiecewiseLinearEncoder().fit(alone).knots_[0], encoder.knots_[0]
    )


@pytest.mark.parametrize("n_features", [10, 100, 3000, 4000])
def test_wide_tables_stay_within_the_columns_that_are_allowed(n_features, rng):
    # Both kinds: many distinct values, and 40.
    X = np.c_[rng.standard_normal((60, n_features // 2))]
    X = np.c_[X, rng.integers(0, 40, (60, n_features - n_features // 2))]
    encoder = PiecewiseLinearEncoder(max_columns=3000).fit(X)
    assert len(encoder.origins_) <= max(3000, n_features)
    assert len(np.unique(encoder.origins_)) == n_features
    # Each has about 30 distinct values, all of which are knots.
    unbounded = PiecewiseLinearEncoder(max_columns=None).fit(X[:, -100:])
    assert len(unbounded.origins_) > 25 * min(100, n_features // 2)


def test_frames_have_names_and_keep_their_index(rng):
    frame = pd.DataFrame(
        rng.standard_normal((50, 2)), columns=["age", "bmi"], index=range(9, 59)
    )
    encoder = PiecewiseLinearEncoder(2, max_distinct=0).set_output(transform="pandas")
    out = encoder.fit_transform(frame)
    assert list(out) == ["age_bin0", "age_bin1", "bmi_bin0", "bmi_bin1"]
    assert out.index.equals(frame.index)
    part = ColumnTransformer([("ple", clone(encoder), ["bmi"])], remainder="passthrough")
    names = list(part.set_output(transform="pandas").fit_transform(frame))
    assert names == ["ple__bmi_bin0", "ple__bmi_bin1", "remainder__age"]


def test_origins_are_groups_for_the_group_lasso(rng):
    X = rng.standard_normal((300, 6))
    y = np.sign(X[:, 1]) + np.abs(X[:, 4])
    encoder = PiecewiseLinearEncoder(8)
    encoded = encoder.fit_transform(X)
    groups = [np.flatnonzero(encoder.origins_ == feature) for feature in range(6)]
    network = MLPRegressor(
        (20,),
        group_lasso=0.03,
        feature_groups=groups,
        l2=1e-3,
        max_iter=300,
        learning_rate_init=0.01,
        random_state=0,
    ).fit(encoded, y)
    left = np.unique(encoder.origins_[network.get_support()])
    assert left.tolist() == [1, 4]
    assert network.score(encoded, y) > 0.9


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_bins": 0}, "'n_bins' parameter of PiecewiseLinearEncoder"),
        ({"max_distinct": -1}, "'max_distinct' parameter"),
        ({"max_columns": 0.5}, "'max_columns' parameter"),
        ({"dtype": int}, "'dtype' parameter"),
    ],
)
def test_parameters_out_of_their_range_are_named(params, message):
    with pytest.raises(ValueError, match=message):
        PiecewiseLinearEncoder(**params).fit([[1.0], [2.0]])


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="infinity"):
        PiecewiseLinearEncoder().fit([[1.0], [np.inf]])
