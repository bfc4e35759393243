"""A row of weight zero is not there: a fit is the fit without it, number for number."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor

PARAMS = {"hidden_layer_sizes": (5,), "max_iter": 15, "batch_size": 32, "random_state": 0}


def binary():
    X, y = load_breast_cancer(return_X_y=True)
    return MLPClassifier(**PARAMS), scale(X)[:200], y[:200]


def several():
    X, y = load_iris(return_X_y=True)
    return MLPClassifier(**PARAMS), scale(X), y


def real():
    X, y = load_diabetes(return_X_y=True)
    return MLPRegressor(**PARAMS), scale(X)[:200], scale(y)[:200]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"early_stopping": True},
        {"early_stopping": True, "scoring": "loss"},
        {"solver": "lbfgs"},
        {"solver": "sgd", "l1": 1e-3, "dropout": 0.2},
        {"shuffle": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("problem", [binary, several, real])
def test_a_fit_is_the_fit_without_these_rows(problem, params, rng):
    model, X, y = problem()
    weight = rng.integers(0, 3, len(y)).astype(float)
    there = weight > 0
    model.set_params(**params).fit(X, y, weight)
    coefs, curve = model.coefs_, model.loss_curve_
    model.fit(X[there], y[there], weight[there])
    for one, other in zip(coefs, model.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)
    assert curve == model.loss_curve_


def test_balanced_weights_do_not_see_them(rng):
    model, X, y = binary()
    weight = np.where((y == 1) & (rng.random(len(y)) < 0.8), 0.0, 1.0)
    model.set_params(class_weight="balanced").fit(X, y, weight)
    coefs = model.coefs_
    model.fit(X[weight > 0], y[weight > 0])
    for one, other in zip(coefs, model.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_a_splitter_sees_all_rows_and_those_of_weight_zero_drop_out(rng):
    model, X, y = several()
    fold = rng.integers(-1, 1, len(y))
    weight = rng.integers(0, 2, len(y)).astype(float)
    there = weight > 0
    model.set_params(early_stopping=True, validation_fraction=PredefinedSplit(fold))
    model.fit(X, y, weight)
    coefs, scores = model.coefs_, model.validation_scores_
    model.set_params(validation_fraction=PredefinedSplit(fold[there])).fit(X[there], y[there])
    assert scores == model.validation_scores_
    for one, other in zip(coefs, model.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


def test_partial_fit_passes_over_them(rng):
    model, X, y = several()
    weight = rng.integers(0, 2, len(y)).astype(float)
    model.partial_fit(X, y, weight, classes=[0, 1, 2])
    other = MLPClassifier(**PARAMS)
    other.partial_fit(X[weight > 0], y[weight > 0], classes=[0, 1, 2])
    for one, two in zip(model.coefs_, other.coefs_, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_bagging_works_with_early_stopping(seed):
    network, X, y = binary()
    network.set_params(early_stopping=True, learning_rate_init=0.05)
    bagging = BaggingClassifier(network, n_estimators=5, max_samples=0.2, random_state=seed)
    assert bagging.fit(X, y).score(X, y) > 0.85
