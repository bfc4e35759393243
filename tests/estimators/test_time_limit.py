"""A limit of seconds: what is there by then counts. The clock is one that tests turn."""

import pickle
import time

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV
from skreg.model_selection import mlp_path

X, Y = load_iris(return_X_y=True)
X = scale(X)
NETWORK = MLPClassifier((5,), max_iter=30, random_state=0)


@pytest.fixture
def clock(monkeypatch):
    """Let each look at the clock take a second."""

    def look():
        look.now += 1
        return float(look.now)

    look.now = 0
    monkeypatch.setattr(time, "time", look)
    return look


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_fit_ends_with_the_epoch_that_ends_too_late(solver, clock):
    model = MLPClassifier((5,), solver=solver, max_iter=30, time_limit=7, random_state=0)
    name = "iteration" if solver == "lbfgs" else "epoch"
    with pytest.warns(ConvergenceWarning, match=rf"time_limit=7 .* after 7 {name}\(s\)"):
        model.fit(X, Y)
    assert model.n_iter_ == 7
    whole = MLPClassifier((5,), solver=solver, max_iter=30, random_state=0).fit(X, Y)
    assert model.loss_curve_ == whole.loss_curve_[:7]


def test_the_best_epoch_so_far_is_kept(clock):
    params = {"early_stopping": True, "scoring": "loss", "learning_rate_init": 1.0}
    model = MLPClassifier((5,), time_limit=9, random_state=0, **params)
    with pytest.warns(ConvergenceWarning, match="best so far"):
        model.fit(X, Y)
    scores = model.validation_scores_
    assert len(scores) == 9
    assert model.best_iter_ == 1 + int(np.argmax(scores)) < 9


def test_a_limit_that_is_not_reached_changes_nothing():
    model = MLPClassifier((5,), max_iter=30, time_limit=1e6, random_state=0).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], NETWORK.fit(X, Y).coefs_[0])


def test_training_goes_on_from_a_checkpoint_and_by_warm_start(clock, tmp_path):
    whole = NETWORK.fit(X, Y).coefs_
    kept = {"checkpoint": tmp_path, "checkpoint_every": 1, "max_iter": 30, "random_state": 0}
    model = MLPClassifier((5,), time_limit=7, **kept)
    with pytest.warns(ConvergenceWarning, match="after 7 epoch"):
        model.fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="after 13 epoch"):
        model.fit(X, Y)
    model.set_params(time_limit=None).fit(X, Y)
    assert model.n_iter_ == 30
    for one, other in zip(model.coefs_, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    model = MLPClassifier((5,), time_limit=7, warm_start=True, random_state=0)
    for n_epochs in (7, 14):
        with pytest.warns(ConvergenceWarning, match="time_limit=7"):
            model.fit(X, Y)
        assert len(model.loss_curve_) == n_epochs


def test_partial_fit_is_one_epoch_whatever_the_limit(clock):
    model = MLPClassifier((5,), time_limit=1e-9, random_state=0)
    assert model.partial_fit(X, Y, classes=[0, 1, 2]).n_iter_ == 1


def test_a_path_has_the_limit_at_each_strength(clock):
    network = MLPClassifier((5,), max_iter=30, time_limit=4, random_state=0)
    path = mlp_path(network, X, Y, strengths=[1e-3, 1e-2])
    assert path.n_iters.tolist() == [4, 4]


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("params", [{"l2s": 6}, {"l2s": 6, "refit": True}])
def test_a_search_keeps_what_has_been_judged(params, n_jobs):
    search = MLPClassifierCV(NETWORK, cv=3, time_limit=1e-9, random_state=0, **params)
    search.set_params(n_jobs=n_jobs)
    with pytest.warns(ConvergenceWarning, match=r"time_limit=1e-09 .* candidate\(s\) out of 6"):
        search.fit(X, Y)
    assert search.cv_results_["n_epochs"].max() == 1
    assert search.predict(X).shape == Y.shape


def test_trainings_within_a_race_are_cut(clock):
    search = MLPClassifierCV(NETWORK, l2s=[0.1, 1.0], cv=2, time_limit=40, random_state=0)
    with pytest.warns(ConvergenceWarning, match="time_limit=40"):
        search.fit(X, Y)
    # A look after each epoch, and one after each training.
    assert search.score_path_.shape == (2, 2, 30)
    assert np.isfinite(search.score_path_[0]).sum(axis=1).tolist() == [30, 8]


def test_a_relaxed_search_ends_after_a_strength():
    X, y = load_breast_cancer(return_X_y=True)
    search = MLPClassifierCV(NETWORK, l1s=[1e-3, 1e-2], relax=True, cv=2, random_state=0)
    search.set_params(time_limit=1e-9)
    with pytest.warns(ConvergenceWarning, match=r"time_limit=1e-09 .* 1 fold.* out of 2"):
        search.fit(scale(X), y)
    assert search.l1_ == 1e-3


def test_a_search_without_a_need_for_time_is_as_ever():
    plain = MLPClassifierCV(NETWORK, l2s=4, cv=2, random_state=0).fit(X, Y)
    limited = MLPClassifierCV(NETWORK, l2s=4, cv=2, random_state=0, time_limit=1e6).fit(X, Y)
    np.testing.assert_array_equal(limited.score_path_, plain.score_path_)
    assert pickle.loads(pickle.dumps(limited)).best_score_ == plain.best_score_


@pytest.mark.parametrize("limit", [0, -1.0, "1", [1]])
@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPClassifierCV])
def test_limits_that_make_no_sense(Estimator, limit):
    with pytest.raises(ValueError, match=f"'time_limit' parameter of {Estimator.__name__}"):
        Estimator(time_limit=limit).fit(X, Y)


def test_more_parameters_of_searches():
    candidates = {"weight_decays": 2, "batch_sizes": [16, 64], "activations": ["relu", "tanh"]}
    search = MLPClassifierCV(NETWORK, cv=2, random_state=0, **candidates).fit(X, Y)
    assert len(search.cv_results_["params"]) == 8
    tried = search.cv_results_
    assert sorted(set(tried["param_weight_decay"])) == pytest.approx([0.01, 1.0])
    assert set(tried["param_activation"]) == {"relu", "tanh"}
    best = search.best_params_
    chosen = search.weight_decay_, search.batch_size_, search.activation_
    assert chosen == (best["weight_decay"], best["batch_size"], best["activation"])
    for name in ("batch_sizes", "activations"):
        with pytest.raises(ValueError, match=f"'{name}' parameter of MLPClassifierCV"):
            MLPClassifierCV(**{name: 3}).fit(X, Y)
