"""Data to judge by that are not on the scale of those that are trained on."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, make_friedman1
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators.scales import columns_off_scale

FAST = {"max_iter": 3, "early_stopping": True, "random_state": 0}


def friedman():
    X, y = make_friedman1(600, n_features=10, noise=4, random_state=0)
    return X, 20 * y + 1000


def wrapped(**params):
    network = MLPRegressor(
        (200,), early_stopping=True, batch_size=16, learning_rate_init=0.01, random_state=0
    )
    pipeline = make_pipeline(StandardScaler(), network.set_params(**params))
    return TransformedTargetRegressor(pipeline, transformer=StandardScaler())


def test_targets_that_a_meta_estimator_has_left_raw_are_told_of():
    X, y = friedman()
    own = {"X_val": StandardScaler().fit(X[:200]).transform(X[200:400]), "y_val": y[200:400]}
    with pytest.warns(UserWarning, match=r"y_val is not on the scale of y.*PredefinedSplit"):
        wrapped(max_iter=2).fit(
            X[:200], y[:200], **{f"mlpregressor__{name}": own[name] for name in own}
        )


def test_the_way_that_the_message_shows_works():
    X, y = friedman()
    fold = np.where(np.arange(400) < 200, -1, 0)
    model = wrapped(validation_fraction=PredefinedSplit(fold)).fit(X[:400], y[:400])
    assert model.score(X[400:], y[400:]) > 0.3


def test_features_that_a_pipeline_has_left_raw_are_told_of():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**FAST))
    own = {"mlpclassifier__X_val": X[400:], "mlpclassifier__y_val": y[400:]}
    with pytest.warns(UserWarning, match=r"X_val is not on the scale of X"):
        pipeline.fit(X[:400], y[:400], **own)


@pytest.mark.parametrize("seed", range(10))
def test_an_ordinary_split_is_silent(seed):
    rng = np.random.default_rng(seed)
    X, y = load_diabetes(return_X_y=True)
    heavy = np.exp(2 * rng.standard_normal((442, 3)))  # skewed, with values far out
    X = np.c_[X, heavy, rng.random(442) < 0.02, np.arange(442)]
    y = y * np.exp(rng.standard_normal(442))
    for rows in (np.arange(442), rng.permutation(442)):  # split in time, and at random
        train, own = rows[:400], rows[400:]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ConvergenceWarning)
            scaler = StandardScaler().fit(X[train])
            MLPRegressor(**FAST).fit(
                scaler.transform(X[train]),
                y[train],
                X_val=scaler.transform(X[own]),
                y_val=y[own],
            )


def test_constant_columns_and_few_rows_say_nothing():
    X = np.c_[np.ones(50), np.arange(50.0)]
    own = np.c_[np.zeros(5), np.full(5, 25.0)]
    assert columns_off_scale(X, own).tolist() == [False]
    assert columns_off_scale(X, np.repeat(own, 10, axis=0)).tolist() == [True]


def test_words_in_own_data_are_told_of_with_the_way_out():
    X, y = load_breast_cancer(return_X_y=True)
    own = pd.DataFrame({"a": ["No"] * 9})
    with pytest.raises(ValueError, match=r"'No'.* transform_input=\['X_val'\]"):
        MLPClassifier(**FAST).fit(X[:100, :1], y[:100], X_val=own.to_numpy(), y_val=y[:9])
