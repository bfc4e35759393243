"""What every course on regularisation and on losses promises, on real data.

Handwritten digits, few to train on. Every network is compared with the same
one without regularisation, on means over three seeds; the comments give the
range over ten seeds, from which the margins come. None may cost more than two
points of test accuracy: a dead network has zeros and no gap as well.
"""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skreg import MLPClassifier, MLPRegressor

SEEDS = (0, 1, 2)


@cache
def outcome(train_size, **params):
    """Means over seeds of what a network has become."""
    X, y = load_digits(return_X_y=True)
    rows = []
    for seed in SEEDS:
        X_train, X_test, y_train, y_test = train_test_split(
            X / 16, y, train_size=train_size, random_state=seed, stratify=y
        )
        settings = {
            "hidden_layer_sizes": (200,),
            "alpha": 0.0,
            "batch_size": 32,
            "max_iter": 100,
            "n_iter_no_change": 20,
            "random_state": seed,
        }
        model = MLPClassifier(**(settings | params)).fit(X_train, y_train)
        weights = np.concatenate([weight.ravel() for weight in model.coefs_])
        train, test = model.score(X_train, y_train), model.score(X_test, y_test)
        rows.append((train, test, train - test, np.mean(weights == 0), np.linalg.norm(weights)))
    return dict(
        zip(("train", "test", "gap", "zeros", "norm"), np.mean(rows, axis=0), strict=True)
    )


def test_l1_sets_weights_to_zero_the_more_the_stronger():
    # Zeros: .37 to .41, .54 to .57, .69 to .75; test: -.004, -.009, -.015 at worst.
    plain = outcome(300)
    weak, medium, strong = (outcome(300, l1=strength) for strength in (1e-4, 3e-4, 1e-3))
    assert plain["zeros"] == 0
    assert weak["zeros"] > 0.3
    assert medium["zeros"] > weak["zeros"] + 0.05
    assert strong["zeros"] > medium["zeros"] + 0.1
    for sparse in (weak, medium, strong):
        assert sparse["test"] > plain["test"] - 0.02


def test_l2_shrinks_the_weights():
    # Norm: .75 to .78 of the plain one's; test: -.004 at worst.
    plain, shrunk = outcome(300), outcome(300, l2=1e-3)
    assert shrunk["norm"] < 0.85 * plain["norm"]
    assert shrunk["zeros"] == 0
    assert shrunk["test"] > plain["test"] - 0.02


def test_dropout_narrows_the_gap_between_train_and_test():
    # Gap: -.0008 to -.0084, test: +.0008 to +.0084; the mean over the three is -.004.
    plain, dropped = outcome(600, max_iter=150), outcome(600, max_iter=150, dropout=0.3)
    assert dropped["gap"] < plain["gap"] - 0.001
    assert dropped["test"] >= plain["test"] - 1e-3  # one image of 1,197


@pytest.mark.parametrize("seed", SEEDS)
def test_early_stopping_ends_before_max_iter_with_the_weights_of_the_best_epoch(seed):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X / 16, y, train_size=1200, random_state=seed, stratify=y
    )
    settings = {"alpha": 0.0, "batch_size": 32, "max_iter": 200, "random_state": seed}
    stopping = {"early_stopping": True, "validation_fraction": 0.15, "n_iter_no_change": 30}
    stopped = MLPClassifier(**settings, **stopping).fit(X_train, y_train)
    assert stopped.n_iter_ < stopped.max_iter
    assert stopped.best_iter_ == stopped.n_iter_ - 31
    best = MLPClassifier(**(settings | stopping | {"max_iter": stopped.best_iter_}))
    np.testing.assert_array_equal(
        best.fit(X_train, y_train).predict_proba(X_test), stopped.predict_proba(X_test)
    )
    # Test: -.017 to +.002.
    plain = MLPClassifier(**settings).fit(X_train, y_train)
    assert stopped.score(X_test, y_test) > plain.score(X_test, y_test) - 0.02


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_max_norm_bounds_what_enters_every_unit(solver):
    X, y = load_digits(return_X_y=True)
    settings = {"solver": solver, "learning_rate_init": 0.01, "max_iter": 10, "random_state": 0}
    free = MLPClassifier(**settings).fit(X / 16, y)
    bound = MLPClassifier(max_norm=1.2, dropout=0.2, **settings).fit(X / 16, y)
    assert max(np.linalg.norm(weight, axis=0).max() for weight in free.coefs_) > 1.5
    for weight in bound.coefs_:
        assert np.linalg.norm(weight, axis=0).max() <= 1.2 * (1 + 1e-12)
    assert bound.score(X / 16, y) > 0.85


def test_weight_decay_shrinks_the_weights():
    # Norm: .80 to .81 of the plain one's; test: -.004 at worst.
    plain, decayed = outcome(300), outcome(300, weight_decay=0.5)
    assert decayed["norm"] < 0.95 * plain["norm"]
    assert decayed["test"] > plain["test"] - 0.02


def test_label_smoothing_makes_predictions_less_sure_and_no_worse():
    # Mean probability of the predicted class: -.13 to -.15; test: .000 to +.014; log-loss
    # of the test data: +.08 to +.15.
    X, y = load_digits(return_X_y=True)
    rows = []
    for seed in SEEDS:
        X_train, X_test, y_train, y_test = train_test_split(
            X / 16, y, train_size=300, random_state=seed, stratify=y
        )
        settings = {"alpha": 0.0, "batch_size": 32, "max_iter": 100, "n_iter_no_change": 20}
        model = MLPClassifier((200,), random_state=seed, **settings)
        for smoothing in (0.0, 0.1):
            model.set_params(label_smoothing=smoothing).fit(X_train, y_train)
            p = model.predict_proba(X_test)
            rows.append(
                (p.max(axis=1).mean(), model.score(X_test, y_test), log_loss(y_test, p))
            )
    plain, smoothed = np.reshape(rows, (-1, 2, 3)).mean(axis=0)
    assert smoothed[0] < plain[0] - 0.08
    assert smoothed[1] > plain[1] - 0.005
    assert smoothed[2] > plain[2] + 0.03


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("loss", ["huber", "absolute_error"])
def test_outliers_move_the_squared_error_and_not_the_others(loss, seed):
    # A tenth of the training targets is ten standard deviations off. R2 on the test
    # data: below -1 with the squared error, .25 to .61 with the others.
    X, y = load_diabetes(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(scale(X), scale(y), random_state=seed)
    is_wrong = np.random.default_rng(seed).random(len(y_train)) < 0.1
    settings = {"l2": 0.01, "learning_rate_init": 0.01, "batch_size": 64, "max_iter": 100}
    model = MLPRegressor((20,), random_state=seed, **settings)
    model.fit(X_train, y_train + 10 * is_wrong)
    assert model.score(X_test, y_test) < -0.5
    model.set_params(loss=loss).fit(X_train, y_train + 10 * is_wrong)
    assert model.score(X_test, y_test) > 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_nine_tenths_of_new_patients_are_within_the_band(seed):
    # Every patient is predicted by a network trained on others. Within the band from
    # 5 % to 95 %: .871 to .889 over seeds 0 to 7, and .67 to .73 without penalties.
    X, y = load_diabetes(return_X_y=True)
    folds = KFold(5, shuffle=True, random_state=seed)
    settings = {"l1": 0.007, "l2": 0.01, "learning_rate_init": 0.01, "batch_size": 64}
    settings |= {"quantile": [0.05, 0.5, 0.95], "scale_target": True}
    network = MLPRegressor((50,), loss="quantile", random_state=seed, **settings)
    model = make_pipeline(StandardScaler(), network)
    low, median, high = cross_val_predict(model, X, y, cv=folds).T
    assert np.mean((low <= y) & (y <= high)) == pytest.approx(0.9, abs=0.03)
    assert np.mean(y <= median) == pytest.approx(0.5, abs=0.06)
    # The band tells the patients apart: that of everybody's quantiles is 232 wide.
    assert (low <= high).all()
    assert np.mean(high - low) < 0.9 * (np.quantile(y, 0.95) - np.quantile(y, 0.05))
    network.set_params(l1=0.0, l2=0.0)
    low, _, high = cross_val_predict(model, X, y, cv=folds).T
    assert np.mean((low <= y) & (y <= high)) < 0.82
