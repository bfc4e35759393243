from itertools import pairwise, product

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold

from skreg import MLPClassifier
from skreg.model_selection.averaging import averaged
from skreg.model_selection.candidates import Candidate
from skreg.model_selection.folds import folds_of
from skreg.model_selection.race import Rung, race, rungs

X, Y = load_iris(return_X_y=True)
FOLDS = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, Y))


def candidate(seed=0, n_folds=3, **params):
    networks = [
        MLPClassifier(
            (8,),
            early_stopping=True,
            random_state=seed + k,
            **{"scoring": "loss", **params},
        )
        for k in range(n_folds)
    ]
    return Candidate(params, networks)


def test_a_plan_trains_fewer_for_longer_on_more_folds():
    assert rungs(27, 5, 200, 5) == [
        Rung(n_epochs=5, n_folds=2, n_kept=9),
        Rung(n_epochs=15, n_folds=3, n_kept=3),
        Rung(n_epochs=45, n_folds=4, n_kept=2),
        Rung(n_epochs=200, n_folds=5, n_kept=1),
    ]


@pytest.mark.parametrize(("n_candidates", "max_iter"), [(1, 200), (2, 200), (50, 4), (50, 5)])
def test_few_candidates_or_epochs_need_no_heats(n_candidates, max_iter):
    assert rungs(n_candidates, 3, max_iter, 5) == [Rung(max_iter, 3, 1)]


def test_the_first_rung_may_be_longer():
    assert [rung.n_epochs for rung in rungs(27, 5, 200, 20)] == [20, 60, 180, 200]
    assert rungs(27, 5, 200, 200) == [Rung(200, 5, 1)]


@pytest.mark.parametrize("n_candidates", [3, 8, 100])
def test_every_plan_ends_on_all_folds(n_candidates):
    plan = rungs(n_candidates, 2, 30, 5)
    assert plan[-1] == Rung(30, 2, 1)
    for before, after in pairwise(plan):
        assert before.n_kept >= after.n_kept
        assert before.n_epochs < after.n_epochs


def test_those_that_fall_behind_are_dropped():
    slow, fast, middle = (candidate(learning_rate_init=rate) for rate in (1e-5, 1e-2, 1e-3))
    plan = [Rung(4, 2, 2), Rung(8, 3, 1)]
    ranking = race([slow, fast, middle], folds_of(FOLDS, X, Y, None), plan, np.unique(Y))
    assert ranking.candidates == [slow, fast, middle]
    assert ranking.order == [fast, middle, slow]
    assert ranking.rungs == plan
    assert ranking.interrupt is None
    assert [len(curve) for curve in slow.curves] == [4, 4, 0]
    assert [len(curve) for curve in fast.curves] == [8, 8, 8]
    assert fast.score == np.mean([max(curve) for curve in fast.curves])
    assert np.isnan(slow.fold_scores()[2])
    assert [one.rung for one in (slow, fast, middle)] == [0, 1, 1]
    assert all(seconds > 0 for seconds in fast.seconds)


def negative_brier(model, X, y):
    return -np.mean((model.predict_proba(X) - (y[:, np.newaxis] == model.classes_)) ** 2)


WAYS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.1, "learning_rate": "adaptive"},
    "dropout": {"dropout": 0.3, "input_dropout": 0.1},
    "cosine": {"learning_rate": "cosine"},
    "plateau": {"learning_rate": "plateau", "n_iter_no_change": 4, "tol": 0.1},
    "l1": {"l1": 1e-2},
    "group_lasso": {"group_lasso": 1e-2, "max_norm": 1.0},
    "windows": {"shuffle": 30},
    "patience": {"n_iter_no_change": 4, "tol": 0.05},
    "function": {"scoring": negative_brier},
    "as they lie": {"shuffle": False, "batch_size": 100},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_training_in_stages_is_one_training(way):
    params = {"batch_size": 32, "learning_rate_init": 0.01, "max_iter": 30, **WAYS[way]}
    in_stages, at_once = candidate(**params), candidate(**params)
    folds = folds_of(FOLDS, X, Y, None)
    race([in_stages], folds, [Rung(5, 3, 1), Rung(9, 3, 1), Rung(30, 3, 1)], np.unique(Y))
    race([at_once], folds, [Rung(30, 3, 1)], np.unique(Y))
    for ours, theirs in zip(in_stages.networks, at_once.networks, strict=True):
        np.testing.assert_array_equal(ours.coefs_[0], theirs.coefs_[0])
    assert in_stages.curves == at_once.curves
    # Each curve is that of a fit that is judged by the same rows.
    for network, curve, (train, test) in zip(
        candidate(**params).networks, in_stages.curves, FOLDS, strict=True
    ):
        network.fit(X[train], Y[train], X_val=X[test], y_val=Y[test])
        np.testing.assert_array_equal(network.validation_scores_, curve)


def test_patience_ends_a_training():
    patient = candidate(learning_rate_init=1e-9, n_iter_no_change=3, tol=0.1)
    race([patient], folds_of(FOLDS, X, Y, None), [Rung(4, 3, 1), Rung(40, 3, 1)], np.unique(Y))
    # The first epoch sets the score, three are waited for, and the next is too many.
    assert [len(curve) for curve in patient.curves] == [5, 5, 5]


def test_a_candidate_that_fails_comes_last_and_says_why():
    good, bad = candidate(), candidate(solver="sgd", learning_rate_init=1e300)
    ranking = race([bad, good], folds_of(FOLDS, X, Y, None), rungs(2, 3, 6, 5), np.unique(Y))
    assert ranking.order == [good, bad]
    assert isinstance(bad.error, ValueError)
    assert bad.score == -np.inf
    assert good.error is None


def test_what_fails_on_the_way_has_no_scores():
    def score(model, X, y):
        scores.append(model.score(X, y))
        if len(scores) > 10:
            raise ValueError("enough")
        return scores[-1]

    scores = []
    good, bad = candidate(), candidate()
    for network in bad.networks:
        network.scoring = score
    plan = [Rung(4, 2, 2), Rung(8, 2, 2), Rung(12, 3, 1)]
    ranking = race([bad, good], folds_of(FOLDS, X, Y, None), plan, np.unique(Y))
    assert ranking.order == [good, bad]
    assert str(bad.error) == "enough"
    assert [len(curve) for curve in bad.curves] == [4, 4, 0]
    assert np.isnan(bad.fold_scores()).all()
    assert [bad.rung, good.rung] == [1, 2]


@pytest.mark.parametrize("seed", range(3))
def test_the_winner_is_as_good_as_that_of_training_all_to_the_end(seed):
    digits, y = load_digits(return_X_y=True)
    digits, y = digits[:600] / 16, y[:600]
    folds = folds_of(StratifiedKFold(3).split(digits, y), digits, y, None)
    grid = product([1e-4, 1e-2, 1e-1], [0.0, 0.3], [1e-2, 1e-3])
    candidates = [
        {"l2": l2, "dropout": dropout, "learning_rate_init": rate} for l2, dropout, rate in grid
    ]
    results = []
    for plan in (rungs(12, 3, 60, 5), [Rung(60, 3, 1)]):
        racing = [candidate(10 * seed, **params) for params in candidates]
        order = race(racing, folds, plan, np.unique(y)).order
        n_epochs = sum(len(curve) for one in racing for curve in one.curves)
        results.append(
            (order[0].params, n_epochs, {str(one.params): one.score for one in racing})
        )
    (raced, n_raced, _), (_, n_all, scores) = results
    # Log-losses, of some .25 at best.
    assert scores[str(raced)] > max(scores.values()) - 0.02
    assert n_raced < n_all / 3


def test_rows_of_any_container_are_taken():
    pandas = pytest.importorskip("pandas")
    frame, series = pandas.DataFrame(X), pandas.Series(Y)
    (fold, *_) = folds_of(FOLDS, frame, series, Y.tolist())
    (train, test) = FOLDS[0]
    (X_train, _, weight_train), (_, y_test, _) = fold.parts()
    np.testing.assert_array_equal(X_train.to_numpy(), X[train])
    np.testing.assert_array_equal(y_test.to_numpy(), Y[test])
    assert weight_train == Y[train].tolist()


def test_networks_are_left_at_their_best_epoch_and_the_race_goes_on_from_the_latest():
    one = candidate(learning_rate_init=0.1)
    _, (X_test, y_test, _) = folds_of(FOLDS, X, Y, None)[0].parts()
    scores = []
    for n_epochs in range(1, 31):
        race([one], folds_of(FOLDS[:1], X, Y, None), [Rung(n_epochs, 1, 1)], np.unique(Y))
        scores.append(-log_loss(y_test, one.networks[0].predict_proba(X_test)))
    np.testing.assert_allclose(np.maximum.accumulate(one.curves[0]), scores, rtol=1e-12)
    assert np.argmax(one.curves[0]) < 29
    best = averaged(one.networks[:1])
    assert -log_loss(y_test, best.predict_proba(X_test)) == max(scores)
