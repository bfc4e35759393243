import warnings
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators.parity import is_as_in_scikit_learn
from skreg.nn import training

X, Y = load_digits(return_X_y=True)
X = X / 16


def split(model, n_features, n_samples=1797):
    """Repeat the split of a fit: it follows the draws of the initial weights."""
    rng = np.random.RandomState(model.random_state)
    sizes = [n_features, *model.hidden_layer_sizes, model.n_outputs_]
    for n_in, n_out in pairwise(sizes):
        rng.uniform(size=(n_in, n_out))
        rng.uniform(size=n_out)
    # scikit-learn keeps two classes in proportion, and no more.
    stratify = None if is_as_in_scikit_learn(model) else Y[:n_samples]
    return train_test_split(
        np.arange(n_samples),
        random_state=rng,
        test_size=model.validation_fraction,
        stratify=stratify,
    )


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
# Steps over all rows to train on, which need none to settle zeros in the end.
@pytest.mark.parametrize("params", [{}, {"l1": 1e-4, "l2": 1e-3, "batch_size": 1437}])
def test_the_weights_of_the_best_epoch_are_kept(solver, params):
    model = MLPClassifier(
        (20,),
        solver=solver,
        early_stopping=True,
        random_state=0,
        validation_fraction=0.2,
        **params,
    ).fit(X, Y)
    _, held_out = split(model, 64)
    assert model.score(X[held_out], Y[held_out]) == pytest.approx(model.best_validation_score_)
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_iter_ == 1 + int(np.argmax(model.validation_scores_))
    assert len(model.validation_loss_curve_) == len(model.validation_scores_) == model.n_iter_
    # Loss on held-out data, without the penalties.
    expected = log_loss(Y[held_out], model.predict_proba(X[held_out]))
    assert model.validation_loss_curve_[model.best_iter_ - 1] == pytest.approx(expected)


def test_the_best_epoch_is_that_of_a_training_of_that_length():
    params = {"hidden_layer_sizes": (20,), "early_stopping": True, "random_state": 0}
    model = MLPClassifier(n_iter_no_change=5, **params).fit(X, Y)
    assert model.best_iter_ < model.n_iter_ < model.max_iter
    with pytest.warns(ConvergenceWarning):
        short = MLPClassifier(max_iter=model.best_iter_, **params).fit(X, Y)
    np.testing.assert_array_equal(short.coefs_[0], model.coefs_[0])


def test_dropout_is_off_on_held_out_data():
    model = MLPClassifier(
        (20,), early_stopping=True, random_state=0, dropout=0.5, input_dropout=0.2, max_iter=20
    ).fit(X, Y)
    held_out = split(model, 64)[1]
    expected = accuracy_score(Y[held_out], model.predict(X[held_out]))
    assert model.best_validation_score_ == expected


def test_scores_are_weighted():
    weight = np.random.default_rng(0).random(len(X))
    model = MLPClassifier((20,), early_stopping=True, random_state=0, max_iter=20)
    model.fit(X, Y, weight)
    held_out = split(model, 64)[1]
    rows = X[held_out], Y[held_out], weight[held_out]
    assert model.score(*rows) == pytest.approx(model.best_validation_score_)
    best = model.validation_loss_curve_[model.best_iter_ - 1]
    assert best == pytest.approx(
        log_loss(rows[1], model.predict_proba(rows[0]), sample_weight=rows[2])
    )


def test_without_early_stopping_there_is_nothing_held_out():
    model = MLPClassifier((5,), max_iter=3).fit(X, Y)
    assert model.best_iter_ is None
    assert model.validation_scores_ is None
    assert model.validation_loss_curve_ is None


def test_lbfgs_really_stops_early():
    # scikit-learn's ignores early_stopping with lbfgs.
    params = {"solver": "lbfgs", "random_state": 0, "max_iter": 300}
    full = MLPRegressor((50,), **params).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        early = MLPRegressor((50,), early_stopping=True, tol=1e-3, **params).fit(X, Y)
    assert early.n_iter_ < full.n_iter_ / 2
    assert early.best_iter_ == 1 + int(np.argmax(early.validation_scores_))


def test_multilabel_scores_are_subset_accuracies():
    X, Y = make_multilabel_classification(300, 10, n_classes=4, random_state=0)
    model = MLPClassifier((20,), early_stopping=True, random_state=0, max_iter=300).fit(X, Y)
    scores = np.array(model.validation_scores_) * 30
    np.testing.assert_allclose(scores, scores.round(), atol=1e-9)
    assert scores.max() > scores.min()


def test_one_weight_for_all_and_a_sparse_indicator_matrix():
    X, Y = make_multilabel_classification(
        100, 10, n_classes=4, random_state=0, return_indicator="sparse"
    )
    plain = MLPClassifier((5,), max_iter=3, random_state=0).fit(X, Y.toarray())
    other = MLPClassifier((5,), max_iter=3, random_state=0).fit(X, Y.tocsr(), sample_weight=2.0)
    np.testing.assert_allclose(other.coefs_[0], plain.coefs_[0], rtol=1e-7)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strength", [1e-3, 1e-2])
def test_closing_steps_do_not_lower_the_best_score(seed, strength):
    # Few held-out rows, so that many epochs score alike.
    params = {"early_stopping": True, "validation_fraction": 0.1, "random_state": seed}
    model = MLPClassifier((20,), l1=strength, learning_rate_init=0.01, max_iter=30, **params)
    model.fit(X[:400], Y[:400])
    with mock.patch.object(training, "settle") as settle:
        settle.return_value = model.loss_
        as_scored = clone(model).fit(X[:400], Y[:400])
    assert as_scored.validation_scores_ == model.validation_scores_
    held_out = split(model, 64, n_samples=400)[1]
    kept, closed = (m.score(X[held_out], Y[held_out]) for m in (as_scored, model))
    assert kept == pytest.approx(model.best_validation_score_)
    assert closed >= kept


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_first_epochs_are_not_watched(solver):
    params = {"early_stopping": True, "scoring": "loss", "random_state": 0}
    if solver != "lbfgs":
        params |= {"learning_rate_init": 0.1, "n_iter_no_change": 3}
    model = MLPClassifier((10,), solver=solver, max_iter=60, **params).fit(X[:300], Y[:300])
    late = clone(model).set_params(min_epochs=25).fit(X[:300], Y[:300])
    n = min(model.n_iter_, late.n_iter_)
    assert late.validation_scores_[:n] == model.validation_scores_[:n]
    assert late.n_iter_ > 25
    assert late.best_iter_ == 26 + int(np.argmax(late.validation_scores_[25:]))
    assert late.best_validation_score_ == max(late.validation_scores_[25:])


def test_patience_on_the_training_loss_begins_after_them():
    params = {"tol": 10.0, "n_iter_no_change": 2, "random_state": 0}
    assert MLPClassifier((5,), **params).fit(X[:200], Y[:200]).n_iter_ == 4
    assert MLPClassifier((5,), min_epochs=7, **params).fit(X[:200], Y[:200]).n_iter_ == 11


def test_zeros_have_time_to_come():
    params = {"l1": 1e-3, "early_stopping": True, "random_state": 0}
    model = MLPClassifier(learning_rate_init=0.01, **params)
    at_once = model.fit(X, Y).sparsity_[0]
    assert model.set_params(min_epochs=100).fit(X, Y).sparsity_[0] > at_once + 0.1


def test_a_training_that_ends_before_it_is_watched_is_that_of_its_last_epoch():
    model = MLPClassifier(
        (5,), solver="lbfgs", tol=0.1, early_stopping=True, min_epochs=150, random_state=0
    ).fit(X[:200], Y[:200])
    assert model.n_iter_ < 150
    assert model.best_iter_ == model.n_iter_
    assert model.best_validation_score_ == model.validation_scores_[-1]


def test_some_epochs_must_be_watched():
    with pytest.raises(ValueError, match=r"min_epochs=20 leaves no epoch .* max_iter is 20"):
        MLPClassifier(min_epochs=20, max_iter=20).fit(X, Y)
    with pytest.raises(ValueError, match="'min_epochs' parameter"):
        MLPClassifier(min_epochs=-1).fit(X, Y)
