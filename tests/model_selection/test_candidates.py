"""Which candidate to take, against searches by hand over linear models."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import Lasso, LinearRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV, MLPRegressorCV
from skreg.model_selection.candidates import (
    SHORTFALLS,
    Candidate,
    choose,
    ranked,
    size_of,
    standard_error,
)
from skreg.model_selection.folds import folds_of
from skreg.model_selection.race import Rung, race

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = scale(IRIS)
WITHIN = SHORTFALLS["one_standard_error"]


def judged(scores, sizes, **params):
    """Return a candidate with given scores on the folds."""
    one = Candidate(params, [None] * len(scores))
    one.curves = [[score] if np.isfinite(score) else [] for score in scores]
    one.sizes = list(sizes)
    return one


def test_the_standard_error_is_that_of_the_mean():
    scores = np.random.default_rng(0).standard_normal((100_000, 5))
    spread = scores.mean(axis=1).std()
    errors = np.array([standard_error(row) for row in scores[:2000]])
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(spread, rel=0.05)


def test_the_sparsest_within_one_standard_error_is_chosen():
    # The standard error of the best is 0.1.
    best = judged([0.9, 1.1], [(9, 90)] * 2)
    few = judged([0.92, 0.92], [(5, 50)] * 2)
    fewest = judged([0.89, 0.89], [(1, 10)] * 2)
    ranking = [best, few, fewest]
    assert choose(ranking, SHORTFALLS["best"]) is best
    assert choose(ranking, WITHIN) is few


def test_of_as_few_features_fewer_weights_count_and_then_the_score():
    best = judged([0.9, 1.1], [(5, 60)] * 2)
    second, third = (judged([score] * 2, [(5, 50)] * 2) for score in (0.97, 0.95))
    assert choose([best, second, third], WITHIN) is second


def test_candidates_that_were_not_judged_on_all_folds_are_left_out():
    best = judged([0.9, 1.1], [(9, 90)] * 2)
    early = judged([0.99, np.nan], [(1, 1), (np.nan, np.nan)])
    assert choose([best, early], WITHIN) is best


def test_those_that_were_judged_on_more_folds_come_first():
    nan = np.nan
    two, other = judged([0.1, 0.2], [(1, 1)] * 2), judged([0.3, 0.1], [(1, 1)] * 2)
    one, none, failed = judged([0.9, nan], []), judged([nan, nan], []), judged([0.9, 0.9], [])
    failed.error = ValueError()
    assert ranked([none, one, two, failed, other]) == [other, two, one, none, failed]
    assert choose([other, two, one, none, failed], SHORTFALLS["best"]) is other


class RelaxedLasso(RegressorMixin, BaseEstimator):
    """Least squares on the features that the lasso selects."""

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def fit(self, X, y):
        self.kept_ = np.flatnonzero(Lasso(self.alpha).fit(X, y).coef_)
        self.model_ = LinearRegression().fit(X[:, self.kept_], y)
        return self

    def predict(self, X):
        return self.model_.predict(X[:, self.kept_])


def pick(means, errors, sizes, rule):
    """Apply a rule by hand."""
    best = np.argmax(means)
    close = np.flatnonzero(means >= means[best] - errors[best])
    return best if rule == "best" else min(close, key=lambda k: sizes[k])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", SHORTFALLS)
def test_it_chooses_as_a_grid_search_over_the_relaxed_lasso(rule, seed):
    def refit(table):
        scores = np.array([table[f"split{k}_test_score"] for k in range(5)])
        errors = scores.std(axis=0, ddof=1) / np.sqrt(5)
        # The stronger the penalty, the sparser the model.
        return pick(scores.mean(axis=0), errors, range(0, -len(strengths), -1), rule)

    # Judged by the rows that it is trained on, a network is best where it has converged.
    rng = np.random.default_rng(seed)
    folds = [(rows, rows) for rows in (rng.choice(len(X), 80, replace=False) for _ in range(5))]
    strengths = [0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3]
    grid = GridSearchCV(RelaxedLasso(), {"alpha": strengths}, refit=refit, cv=folds).fit(X, Y)
    exact = {"solver": "lbfgs", "l2": 0.0, "tol": 1e-9, "max_iter": 5000, "max_fun": 10**6}
    kept = {"rule": rule, "scoring": "r2", "cv": folds, "random_state": 0}
    search = MLPRegressorCV(MLPRegressor((), **exact), l1s=strengths, relax=True, **kept)
    search.fit(X, Y)
    assert search.l1_ == grid.best_params_["alpha"]
    assert search.best_score_ == pytest.approx(
        grid.cv_results_["mean_test_score"][grid.best_index_], abs=1e-6
    )


# All rows at once and in their order: a stage of a race is then the beginning of a fit.
WHOLE = {"batch_size": 150, "shuffle": False, "learning_rate_init": 0.03}


@pytest.mark.filterwarnings("ignore:Got `batch_size`")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", SHORTFALLS)
def test_of_those_that_end_a_race_it_chooses_as_by_hand(rule, seed):
    noisy = np.hstack([IRIS, np.random.default_rng(seed).standard_normal((150, 6))])
    folds = list(KFold(4, shuffle=True, random_state=seed).split(noisy))
    strengths = [0.0, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.05]
    network = MLPClassifier((8,), max_iter=80, **WHOLE)
    search = MLPClassifierCV(network, l1s=strengths, rule=rule, cv=folds, random_state=seed)
    search.fit(noisy, SPECIES)
    seeds = np.random.RandomState(seed).randint(np.iinfo(np.int32).max, size=5)[1:]
    table = search.cv_results_
    is_judged = np.isfinite([table[f"split{k}_test_score"] for k in range(4)]).all(axis=0)
    assert is_judged.sum() >= {"best": 2, "one_standard_error": 4}[rule]
    strengths = np.array(strengths)[is_judged]
    scores, sizes = np.empty((len(strengths), 4)), []
    for row, l1 in zip(scores, strengths, strict=True):
        networks = [
            MLPClassifier(
                (8,), l1=l1, early_stopping=True, scoring="loss", random_state=one, **WHOLE
            )
            .set_params(max_iter=80)
            .fit(noisy[train], SPECIES[train], X_val=noisy[test], y_val=SPECIES[test])
            for one, (train, test) in zip(seeds, folds, strict=True)
        ]
        row[:] = [network.best_validation_score_ for network in networks]
        sizes.append(tuple(np.mean([size_of(network) for network in networks], axis=0)))
    errors = scores.std(axis=1, ddof=1) / 2
    k = pick(scores.mean(axis=1), errors, sizes, rule)
    assert search.l1_ == strengths[k]
    assert search.best_score_ == pytest.approx(scores[k].mean())
    chosen = search.best_index_
    assert (table["mean_n_features"][chosen], table["mean_n_weights"][chosen]) == sizes[k]


def test_what_is_as_good_stays_in_the_race():
    def racers():
        return [
            Candidate(
                {"l1": l1},
                [
                    MLPClassifier(
                        (8,),
                        l1=l1,
                        learning_rate_init=0.02,
                        early_stopping=True,
                        scoring="loss",
                        random_state=np.random.RandomState(k),
                    )
                    for k in range(3)
                ],
            )
            for l1 in (0.0, 1e-4, 2e-4, 0.05)
        ]

    folds = folds_of(KFold(3, shuffle=True, random_state=0).split(IRIS), IRIS, SPECIES, None)
    plan = [Rung(10, 3, 1), Rung(20, 3, 1)]
    plain, spared = racers(), racers()
    race(plain, folds, plan, np.unique(SPECIES))
    race(spared, folds, plan, np.unique(SPECIES), shortfall=WITHIN)
    assert sorted(one.n_epochs for one in plain) == [10, 10, 10, 20]
    assert [one.n_epochs for one in spared] == [20, 20, 20, 10]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"rule": "1se"},
            "'rule' parameter of MLPClassifierCV must be one of 'best', .*Got '1se'",
        ),
        (
            {"rule": "one_standard_error", "cv": [(np.arange(99), np.arange(99, 150))]},
            "two folds or more. Got one fold",
        ),
    ],
)
def test_rules_that_make_no_sense(params, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifierCV(MLPClassifier(max_iter=2), l1s=2, **params).fit(IRIS, SPECIES)
