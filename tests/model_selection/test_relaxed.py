"""Strengths judged by refits: without hidden layers that is the relaxed lasso."""

import warnings

import numpy as np
import pytest
from joblib import parallel_config
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import scale
from sklearn.utils.estimator_checks import parametrize_with_checks

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import FeatureWeightsDisplay, optimality
from skreg.model_selection import MLPClassifierCV, MLPRegressorCV

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
# Ten times the epochs that a strength needs: a strength gets a tenth.
EXACT = {"solver": "lbfgs", "l2": 0.0, "tol": 1e-9, "max_iter": 5000, "max_fun": 10**6}
STRENGTHS = np.geomspace(0.02, 0.6, 8).tolist()
SMALL = {"cv": 3, "random_state": 0, "relax": True}
NETWORKS = {MLPClassifierCV: MLPClassifier, MLPRegressorCV: MLPRegressor}


def small(Search=MLPClassifierCV, **params):
    """Return a small network of the kind that a search takes."""
    network = NETWORKS[Search]((8,), batch_size=20, learning_rate_init=0.01, max_iter=40)
    return network.set_params(**params)


def linear(**params):
    return MLPRegressorCV(MLPRegressor((), **EXACT), relax=True, random_state=0, **params)


def supports(train):
    """Return what the lasso selects at each strength, a list of masks."""
    X_train, y_train = X[train], Y[train]
    lassos = [Lasso(alpha, tol=1e-10, max_iter=10**5) for alpha in STRENGTHS]
    return [np.abs(one.fit(X_train, y_train).coef_) > 1e-12 for one in lassos]


def least_squares(train, test, kept):
    """Return R2 on the test rows of least squares on what the lasso selects."""
    if not kept.any():
        return LinearRegression().fit(0 * X[train], Y[train]).score(0 * X[test], Y[test])
    model = LinearRegression().fit(X[train][:, kept], Y[train])
    return model.score(X[test][:, kept], Y[test])


def test_scores_are_those_of_the_relaxed_lasso():
    # A training that is judged by its own rows is best where it has converged.
    rows = np.arange(len(X))
    folds = [(rows[k::2], rows[k::2]) for k in range(2)]
    search = linear(l1s=STRENGTHS, cv=folds, scoring="r2").fit(X, Y)
    table = search.cv_results_
    assert table["param_l1"].tolist() == STRENGTHS
    sizes = []
    for k, (train, test) in enumerate(folds):
        masks = supports(train)
        expected = [least_squares(train, test, kept) for kept in masks]
        np.testing.assert_allclose(table[f"split{k}_test_score"], expected, atol=1e-6)
        sizes.append([kept.sum() for kept in masks])
    np.testing.assert_array_equal(table["mean_n_features"], np.mean(sizes, axis=0))
    np.testing.assert_array_equal(table["mean_n_weights"], np.mean(sizes, axis=0))


def test_the_network_in_the_end_is_the_relaxed_lasso():
    rows = np.arange(len(X))
    search = linear(l1s=[0.3, 0.1], cv=[(rows, rows)], scoring="r2").fit(X, Y)
    assert search.l1_ == 0.1
    kept = np.abs(Lasso(0.1).fit(X, Y).coef_) > 0
    reference = LinearRegression().fit(X[:, kept], Y)
    np.testing.assert_array_equal(search.get_support(), kept)
    # As many iterations as on the fold, but from other weights: near the end, not at it.
    np.testing.assert_allclose(search.coefs_[0][:, 0], reference.coef_, atol=1e-4)
    np.testing.assert_allclose(search.predict(X), reference.predict(X[:, kept]), atol=5e-4)
    assert search.best_estimator_.l1 == 0.0


def test_held_out_rows_stop_a_refit_where_it_scores_best():
    folds = KFold(4, shuffle=True, random_state=0)
    search = linear(l1s=STRENGTHS, cv=folds, scoring="r2").fit(X, Y)
    for k, (train, test) in enumerate(folds.split(X)):
        expected = np.array([least_squares(train, test, kept) for kept in supports(train)])
        gain = search.cv_results_[f"split{k}_test_score"] - expected
        assert gain.min() > -1e-4
        assert gain.max() < 0.05


@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_a_refit_is_a_fit_to_the_features_that_are_left(penalty):
    data, y = load_breast_cancer(return_X_y=True)
    data = scale(data)
    params = {"hidden_layer_sizes": (6,), "learning_rate_init": 0.01, "batch_size": 50}
    folds = list(StratifiedKFold(2).split(data, y))
    strengths = {f"{penalty}s": [0.02, 0.1]}
    search = MLPClassifierCV(
        MLPClassifier(**params), **strengths, relax=True, cv=folds, random_state=0
    ).fit(data, y)
    kept = search.get_support()
    assert 0 < kept.sum() < 30
    n_epochs = search.best_estimator_.max_iter
    network = clone(search.best_estimator_).fit(data[:, kept], y)
    np.testing.assert_array_equal(search.coefs_[0], network.coefs_[0])
    np.testing.assert_array_equal(
        search.predict_proba(data), network.predict_proba(data[:, kept])
    )
    assert search.n_iter_ == n_epochs == len(search.loss_curve_)
    assert search.n_features_in_ == 30
    assert search.coefs_[0].shape == (kept.sum(), 6)


BOTH = pytest.mark.parametrize("Search", [MLPClassifierCV, MLPRegressorCV])
IRIS, SPECIES = load_iris(return_X_y=True)
IRIS = scale(IRIS)


@BOTH
# Threads share the filters that one of them has silenced warnings by.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_result_does_not_depend_on_who_trains(Search, backend):
    search = Search(small(Search, max_iter=8), group_lassos=3, dropouts=[0.0, 0.2], **SMALL)
    alone = clone(search).fit(IRIS, SPECIES)
    with parallel_config(backend=backend, n_jobs=2):
        together = search.fit(IRIS, SPECIES)
    np.testing.assert_array_equal(together.coefs_[0], alone.coefs_[0])
    for name, column in alone.cv_results_.items():
        if name not in ("params", "mean_fit_time"):
            np.testing.assert_array_equal(together.cv_results_[name], column)


def test_combinations_are_paths_of_their_own():
    search = MLPClassifierCV(small(), group_lassos=[0.1, 0.02], dropouts=[0.0, 0.2], **SMALL)
    search.fit(IRIS, SPECIES)
    table = search.cv_results_
    assert table["param_dropout"].tolist() == [0.0, 0.0, 0.2, 0.2]
    assert table["param_group_lasso"].tolist() == [0.1, 0.02, 0.1, 0.02]
    alone = clone(search).set_params(dropouts=[0.2]).fit(IRIS, SPECIES).cv_results_
    for name in ("mean_test_score", "mean_n_features", "n_epochs"):
        np.testing.assert_array_equal(table[name][2:], alone[name])


def test_a_number_of_strengths_reaches_from_all_features_to_none():
    search = linear(l1s=8, cv=3).fit(X, Y)
    table = search.cv_results_
    largest = np.abs(X.T @ Y).max() / len(X)
    assert table["param_l1"][-1] == pytest.approx(largest)
    assert table["mean_n_features"][0] >= 8
    assert table["mean_n_features"][-1] <= 1
    steps = np.diff(table["mean_n_features"])
    assert (steps <= 0).all()
    assert np.count_nonzero(steps) >= 5


@pytest.mark.parametrize("seed", range(2))
def test_the_features_that_matter_are_found(seed):
    def labels(data):
        return np.sign(data[:, 0] * data[:, 1]) + data[:, 2] > 0

    rng = np.random.default_rng(seed)
    data, new = rng.standard_normal((700, 30)), rng.standard_normal((2000, 30))
    params = {"learning_rate_init": 0.01, "batch_size": 50}
    network = MLPClassifier((20,), **params)
    search = MLPClassifierCV(network, group_lassos=12, relax=True, cv=3, random_state=seed)
    search.fit(data, labels(data))
    assert {0, 1, 2} <= set(search.selected_features_)
    assert search.get_support().sum() <= 5
    plain = MLPClassifier((20,), early_stopping=True, random_state=seed, **params)
    plain.fit(data, labels(data))
    assert search.score(new, labels(new)) > plain.score(new, labels(new)) + 0.1


def one_hidden_layer(seed, n_features, n_outputs):
    """Return targets that all features matter for, alike."""
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((240, n_features))
    return data, scale(data @ rng.choice([-1.0, 1.0], (n_features, n_outputs)))


@pytest.mark.parametrize("penalty", ["l1s", "group_lassos"])
def test_where_all_features_matter_all_are_kept(penalty):
    data, y = one_hidden_layer(0, 8, 1)
    labels = y[:, 0] > 0
    network = MLPClassifier((20,), learning_rate_init=0.005)
    search = MLPClassifierCV(network, **{penalty: 6}, **SMALL).fit(data, labels)
    assert search.get_support().all()
    assert search.cv_results_["mean_n_features"][0] == 8
    linear = LogisticRegression().fit(data, labels)
    assert search.loss_ < log_loss(labels, linear.predict_proba(data))


def test_few_of_the_strengths_leave_nothing():
    data, y = one_hidden_layer(0, 8, 1)
    network = MLPClassifier((20,), learning_rate_init=0.005)
    search = MLPClassifierCV(network, group_lassos=9, **SMALL).fit(data, y[:, 0] > 0)
    n_features = search.cv_results_["mean_n_features"]
    assert np.count_nonzero(n_features == 0) <= 3
    assert len(np.unique(n_features)) >= 4


def test_of_many_outputs_all_features_are_kept():
    data, Y = one_hidden_layer(0, 12, 30)
    network = MLPRegressor((60,), learning_rate_init=0.01)
    search = MLPRegressorCV(network, group_lassos=5, **SMALL).fit(data, Y)
    assert search.get_support().all()
    assert search.cv_results_["mean_n_features"][0] == 12
    assert search.score(data, Y) > 0.98


@pytest.mark.parametrize("strengths", [5, np.geomspace(0.1, 1, 5).tolist()])
def test_two_features_that_matter_together_only_are_kept(strengths):
    data = np.random.default_rng(0).standard_normal((300, 2))
    labels = data[:, 0] * data[:, 1] > 0
    network = MLPClassifier((20,), learning_rate_init=0.01)
    search = MLPClassifierCV(network, group_lassos=strengths, **SMALL).fit(data, labels)
    assert search.get_support().all()
    assert search.score(data, labels) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_a_category_and_a_number_are_delivered_as_they_were_judged(seed):
    rng = np.random.default_rng(seed)
    category, number = rng.integers(0, 4, 300), rng.standard_normal(300)
    data = np.c_[np.eye(4)[category], scale(number)]
    labels = (category == 0) & (number > 0)
    network = MLPClassifier(
        (10,), feature_groups=[[0, 1, 2, 3]], max_iter=50, learning_rate_init=0.01
    )
    search = MLPClassifierCV(network, group_lassos=5, relax=True, cv=2, random_state=0)
    search.fit(data, labels)
    assert search.cv_results_["mean_n_features"][search.best_index_] == 5
    assert search.get_support().all()
    assert search.loss_ < 0.05


def test_without_hidden_layers_strengths_end_at_what_is_enough():
    data, y = one_hidden_layer(0, 8, 1)
    labels = y[:, 0] > 0
    search = MLPClassifierCV(MLPClassifier((), max_iter=100), l1s=6, **SMALL)
    search.fit(data, labels)
    enough = np.abs(data.T @ (labels - labels.mean())).max() / len(data)
    strengths = np.array([params["l1"] for params in search.cv_results_["params"]])
    assert strengths[-1] == pytest.approx(enough)
    assert (strengths[:-1] < enough).all()
    assert search.cv_results_["mean_n_features"][0] == 8
    assert search.get_support().all()


def test_the_number_of_features_is_limited():
    search = linear(l1s=STRENGTHS, cv=3)
    free = clone(search).fit(X, Y)
    assert free.get_support().sum() > 3
    few = search.set_params(max_features=3).fit(X, Y)
    table = few.cv_results_
    within = table["mean_n_features"] <= 3
    scores = np.where(within, table["mean_test_score"], -np.inf)
    assert few.best_index_ == np.argmax(scores)
    wanted = round(table["mean_n_features"][few.best_index_])
    assert few.get_support().sum() == wanted
    # As the lasso on all data selects so many.
    path = [np.abs(Lasso(alpha).fit(X, Y).coef_) > 0 for alpha in np.geomspace(0.6, 0.02, 200)]
    expected = next(kept for kept in path if kept.sum() == wanted)
    np.testing.assert_array_equal(few.get_support(), expected)
    with pytest.raises(ValueError, match=r"No strength leaves as few.*max_features=1: the few"):
        linear(l1s=STRENGTHS[:2], cv=3, max_features=1).fit(X, Y)
    with pytest.raises(ValueError, match="max_features=3 with relax=False: set relax=True"):
        MLPRegressorCV(l1s=STRENGTHS, max_features=3).fit(X, Y)
    with pytest.raises(ValueError, match="'max_features' parameter of MLPRegressorCV"):
        linear(l1s=STRENGTHS, max_features=0).fit(X, Y)


def test_what_is_not_what_was_judged_is_told():
    # Judged on the half that follows a rule; on all data the other half contradicts it.
    rows = np.arange(50)
    data = np.random.default_rng(0).standard_normal((100, 3))
    y = data[:, 0].copy()
    search = linear(l1s=[0.01], cv=[(rows, rows)])
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        search.fit(data, y)
    y[50:] *= -1
    with pytest.warns(UserWarning, match="not what was judged at l1=0.01") as record:
        search.fit(data, y)
    assert record[0].filename == __file__


def test_it_has_what_a_pruned_network_has(pyplot):
    data, y = load_breast_cancer(return_X_y=True, as_frame=True)
    data[:] = scale(data)
    search = MLPClassifierCV(small(), group_lassos=[0.1], **SMALL).fit(data, y)
    kept = search.get_support()
    assert 0 < kept.sum() < 30
    assert list(search.selected_features_) == list(data.columns[kept])
    assert list(search.feature_names_in_) == list(data)
    assert search.group_lasso_ == 0.1
    assert search.best_estimator_.group_lasso == 0.0
    np.testing.assert_allclose(search.prune().predict_proba(data), search.predict_proba(data))
    bars = FeatureWeightsDisplay.from_estimator(search)
    np.testing.assert_array_equal(bars.importances > 0, kept)
    assert optimality(search, data, y).distance > 0


def test_sparse_data_are_searched_like_dense_ones():
    search = MLPClassifierCV(small(max_iter=20), group_lassos=3, **SMALL)
    dense = clone(search).fit(IRIS, SPECIES)
    other = search.fit(sparse.csc_array(IRIS), SPECIES)
    np.testing.assert_allclose(other.coefs_[0], dense.coefs_[0], rtol=1e-6)


def test_a_fold_may_lack_a_class():
    order = np.argsort(SPECIES, kind="stable")
    search = MLPClassifierCV(small(), group_lassos=2, **SMALL).set_params(cv=KFold(3))
    search.fit(IRIS[order], SPECIES[order])
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert list(search.classes_) == [0, 1, 2]


def test_failures_are_recorded_and_the_search_goes_on():
    rates = [1e300, 1e-2]
    for strengths in (2, [0.01, 0.1]):
        search = MLPClassifierCV(
            small(solver="sgd"), group_lassos=strengths, learning_rate_inits=rates, **SMALL
        )
        with pytest.warns(FitFailedWarning, match=r"candidates failed.*1e\+300.*non-finite"):
            search.fit(IRIS, SPECIES)
        assert search.learning_rate_init_ == 1e-2
        table = search.cv_results_
        is_bad = np.array([params["learning_rate_init"] == 1e300 for params in table["params"]])
        np.testing.assert_array_equal(np.isnan(table["mean_test_score"]), is_bad)
    with pytest.raises(ValueError, match=r"All 2 candidates failed.*non-finite"):
        search.set_params(learning_rate_inits=[1e300]).fit(IRIS, SPECIES)


def test_an_interrupt_ends_the_search():
    def score(model, X, y):
        raise KeyboardInterrupt

    search = MLPClassifierCV(small(), group_lassos=2, scoring=score, **SMALL)
    with pytest.raises(KeyboardInterrupt):
        search.fit(IRIS, SPECIES)
    assert not hasattr(search, "cv_results_")


def test_refits_that_need_more_epochs_are_told_of():
    search = MLPClassifierCV(small(learning_rate_init=1e-4), group_lassos=[0.01], **SMALL)
    message = "3 of 3 refits ended after 200 epochs"
    with pytest.warns(ConvergenceWarning, match=message) as record:
        search.fit(IRIS, SPECIES)
    assert record[0].filename == __file__


def test_a_network_without_features_is_warned_of():
    search = MLPClassifierCV(small(), group_lassos=[100.0], **SMALL)
    message = "no feature is left at group_lasso=100"
    with pytest.warns(UserWarning, match=message) as record:
        search.fit(IRIS, SPECIES)
    assert record[0].filename == __file__
    assert len(np.unique(search.predict(IRIS))) == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "one penalty. Got l1s=None and group_lassos=None"),
        ({"l1s": 3, "group_lassos": [0.1]}, "give one of them"),
        ({"l1s": [[0.1, 0.0]]}, "'l1s' parameter of MLPClassifierCV must hold numbers"),
        ({"group_lassos": [-0.1]}, "'group_lassos' parameter.*none of them negative"),
        ({"group_lassos": 2, "relax": "yes"}, "'relax' parameter.*must be a bool. Got 'yes'"),
        (
            {"group_lassos": [0.1], "candidates": [{"solver": "lbfgs"}]},
            "failed.*lbfgs.*group_lasso",
        ),
    ],
)
def test_parameters_that_make_no_sense(params, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifierCV(small(), **{**SMALL, **params}).fit(IRIS, SPECIES)


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        Search(
            Network((10,), learning_rate_init=0.1, max_iter=20),
            group_lassos=[1e-3],
            relax=True,
            cv=2,
        )
        for Search, Network in NETWORKS.items()
    ]
)
def test_common_checks(estimator, check):
    check(estimator)
