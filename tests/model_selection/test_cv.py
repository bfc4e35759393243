import copy
import pickle
import warnings

import numpy as np
import pytest
import sklearn
import sklearn.neural_network
from joblib import parallel_config
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import parametrize_with_checks

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators.prediction import raw_output
from skreg.inspection import FeatureWeightsDisplay, LossCurveDisplay, optimality
from skreg.model_selection import DEFAULT_CANDIDATES, MLPClassifierCV, MLPRegressorCV

X, Y = load_iris(return_X_y=True)
X = scale(X)
PARAMS = {"cv": 3, "random_state": 0}
BOTH = pytest.mark.parametrize(
    ("Search", "Network"), [(MLPClassifierCV, MLPClassifier), (MLPRegressorCV, MLPRegressor)]
)


NETWORKS = {MLPClassifierCV: MLPClassifier, MLPRegressorCV: MLPRegressor}


def small(Search=MLPClassifierCV, **params):
    """Return a small network of the kind that a search takes."""
    return NETWORKS[Search](**{"hidden_layer_sizes": (8,), "max_iter": 12, **params})


@BOTH
def test_parameters_of_the_network_are_reached_through_the_search(Search, Network):
    search = Search(Network(dropout=0.2), l2s=[0.1])
    params = search.get_params()
    assert params["estimator__dropout"] == 0.2
    assert {name for name in params if "__" in name} == {
        f"estimator__{name}" for name in Network().get_params()
    }
    search.set_params(estimator__dropout=0.3, cv=2)
    assert search.estimator.dropout == 0.3
    again = clone(search)
    assert again.estimator is not search.estimator
    assert again.get_params().keys() == params.keys()
    assert again.estimator.get_params() == search.estimator.get_params()


@BOTH
@pytest.mark.parametrize("refit", [True, False])
def test_the_best_candidate_is_that_of_the_table(Search, Network, refit):
    network = small(Search, learning_rate_init=0.01)
    search = Search(network, l2s=[1e-3, 1e-1], dropouts=[0.0, 0.5], refit=refit, **PARAMS)
    search.fit(X, Y)
    table = search.cv_results_
    best = search.best_index_
    assert table["rank_test_score"][best] == 1
    assert sorted(table["rank_test_score"]) == [1, 2, 3, 4]
    assert search.best_params_ == table["params"][best]
    assert search.best_score_ == pytest.approx(table["mean_test_score"][best])
    assert search.best_params_ == {"l2": search.l2_, "dropout": search.dropout_}
    network = search.best_estimator_
    assert type(network) is Network
    assert network.get_params().items() >= search.best_params_.items()
    np.testing.assert_array_equal(search.predict(X), network.predict(X))
    assert search.score(X, Y) == network.score(X, Y)
    assert search.n_iter_ == network.n_iter_ == len(search.loss_curve_)


@BOTH
def test_with_refit_the_best_candidate_is_trained_on_all_data(Search, Network):
    network = small(Search, learning_rate_init=0.01)
    search = Search(network, l2s=[1e-3, 1e-1], refit=True, **PARAMS)
    network = search.fit(X, Y).best_estimator_
    again = clone(network).fit(X, Y)
    np.testing.assert_array_equal(again.coefs_[0], search.coefs_[0])
    assert network.n_iter_ == network.max_iter
    assert network.hidden_layer_sizes == search.hidden_layer_sizes_ == (8,)


ARCHITECTURES = [(), (5,), (6, 4, 3)]
TARGETS = {"two": (Y > 0).astype(float), "three": Y, "columns": np.eye(3)[Y]}


@BOTH
@pytest.mark.parametrize("hidden", ARCHITECTURES)
@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS)
def test_it_is_the_mean_of_the_networks_of_the_folds(Search, Network, hidden, y):
    folds = list(StratifiedKFold(3).split(X, Y))
    # Over all rows in their order the seeds decide on initial weights alone.
    params = {
        "learning_rate_init": 0.05,
        "batch_size": 100,
        "shuffle": False,
        "max_iter": 40,
        "n_iter_no_change": 5,
    }
    network = Network(**params)
    search = Search(network, architectures=[hidden], cv=folds, random_state=0).fit(X, y)
    # The seeds of the trainings, the first for the one on all data.
    seeds = np.random.RandomState(0).randint(np.iinfo(np.int32).max, size=4)[1:]
    networks = [
        Network(
            hidden, early_stopping=True, scoring="loss", random_state=int(seed), **params
        ).fit(X[train], y[train], X_val=X[test], y_val=y[test])
        for seed, (train, test) in zip(seeds, folds, strict=True)
    ]
    mean = np.mean([raw_output(network, X) for network in networks], axis=0)
    raw = raw_output(search.best_estimator_, X)
    np.testing.assert_allclose(raw, mean, rtol=1e-10, atol=1e-10)
    assert search.hidden_layer_sizes_ == hidden
    wide = search.best_estimator_
    assert wide.hidden_layer_sizes == tuple(3 * n for n in hidden)
    assert type(wide) is Network
    scores = [network.best_validation_score_ for network in networks]
    assert search.best_score_ == pytest.approx(np.mean(scores))
    assert search.best_validation_score_ == pytest.approx(np.mean(scores))
    n_epochs = min(len(network.loss_curve_) for network in networks)
    assert search.n_iter_ == n_epochs
    for name in ("loss_curve_", "validation_scores_", "validation_loss_curve_"):
        curves = [getattr(network, name)[:n_epochs] for network in networks]
        np.testing.assert_allclose(getattr(search, name), np.mean(curves, axis=0))


def test_an_average_goes_on_like_any_network():
    search = MLPClassifierCV(small(), dropouts=[0.2, 0.3], **PARAMS).fit(X, Y)
    wide = search.best_estimator_
    before = [weight.copy() for weight in wide.coefs_]
    pruned = wide.prune()
    np.testing.assert_allclose(pruned.predict_proba(X), wide.predict_proba(X))
    wide.partial_fit(X, Y)
    assert [weight.shape for weight in wide.coefs_] == [(4, 24), (24, 3)]
    assert not np.allclose(wide.coefs_[1], before[1])
    last = search.loss_curve_[-1]
    wide.set_params(warm_start=True, max_iter=50).fit(X, Y)
    assert wide.loss_curve_[-1] < last


def test_an_average_of_deep_networks_can_be_stored_by_its_blocks():
    search = MLPRegressorCV(small(MLPRegressorCV), architectures=[(6, 4)], **PARAMS).fit(X, Y)
    wide = search.best_estimator_
    wide.coefs_[1].blocks[1][:, 0] = 0
    expected = wide.predict(X)
    # Two of three blocks of each row are zeros that are no weights.
    assert wide.sparsity_ == [0, 1 / 12, 0]
    whole = np.array(wide.coefs_[1])
    wide.sparsify()
    assert wide.sparsity_ == [0, 1 / 12, 0]
    assert sum(block.nnz for block in wide.coefs_[1].blocks) == 66
    np.testing.assert_array_equal(wide.coefs_[1], whole)
    np.testing.assert_array_equal(wide.coefs_[1].tocsr().toarray(), whole)
    np.testing.assert_allclose(wide.predict(X), expected)
    assert all(isinstance(block, np.ndarray) for block in wide.densify().coefs_[1].blocks)
    np.testing.assert_array_equal(wide.predict(X), expected)


def test_an_average_knows_classes_that_a_fold_lacks():
    # In its order iris has one class on each fold.
    search = MLPClassifierCV(small(), l2s=[1e-3], cv=KFold(3), random_state=0).fit(X, Y)
    assert search.predict_proba(X).shape == (150, 3)
    np.testing.assert_array_equal(search.classes_, [0, 1, 2])


def test_scores_of_the_race_are_those_of_the_fold():
    search = MLPClassifierCV(small(), l2s=[1e-3, 1e-2], scoring="accuracy", **PARAMS)
    search.fit(X, Y)
    for k in range(3):
        scores = search.cv_results_[f"split{k}_test_score"] * 50
        np.testing.assert_allclose(scores, scores.round())


def test_the_path_of_scores_is_that_of_fits_judged_by_the_folds():
    # Over all rows in their order a training in stages is one training.
    network = small(batch_size=100, shuffle=False, learning_rate_init=0.01)
    search = MLPClassifierCV(network, l2s=[1e-3, 1e-2, 1.0, 10.0], **PARAMS).fit(X, Y)
    table, path = search.cv_results_, search.score_path_
    assert path.shape == (4, 3, 12)
    assert [rung.n_epochs for rung in search.rungs_] == [5, 12]
    seeds = np.random.RandomState(0).randint(np.iinfo(np.int32).max, size=4)[1:]
    for candidate, fold in np.ndindex(4, 3):
        n_epochs, n_folds, _ = search.rungs_[table["rung"][candidate]]
        scores = path[candidate, fold]
        assert np.isnan(scores[n_epochs:]).all()
        if fold >= n_folds:
            assert np.isnan(scores).all()
            continue
        train, test = list(StratifiedKFold(3).split(X, Y))[fold]
        model = MLPClassifier(
            (8,),
            batch_size=100,
            shuffle=False,
            learning_rate_init=0.01,
            early_stopping=True,
            scoring="loss",
            l2=table["params"][candidate]["l2"],
            max_iter=n_epochs,
            random_state=seeds[fold],
        ).fit(X[train], Y[train], X_val=X[test], y_val=Y[test])
        np.testing.assert_array_equal(model.validation_scores_, scores[:n_epochs])
        assert table[f"split{fold}_test_score"][candidate] == np.nanmax(scores)


def test_the_first_rung_is_as_long_as_asked_for():
    search = MLPClassifierCV(small(), l2s=4, min_epochs=8, **PARAMS).fit(X, Y)
    assert [rung.n_epochs for rung in search.rungs_] == [8, 12]
    assert set(search.cv_results_["n_epochs"]) == {8, 12}
    for wrong in (0, 2.5, None):
        with pytest.raises(ValueError, match=rf"'min_epochs' parameter.*an int.*Got {wrong}"):
            search.set_params(min_epochs=wrong).fit(X, Y)


def test_the_table_says_how_far_candidates_came():
    search = MLPClassifierCV(small(max_iter=60), l2s=9, **PARAMS).fit(X, Y)
    table, path = search.cv_results_, search.score_path_
    assert np.bincount(table["rung"]).tolist() == [6, 1, 2]
    n_epochs = np.isfinite(path).sum(axis=2)
    np.testing.assert_array_equal(table["n_epochs"], n_epochs.max(axis=1))
    for k, of_folds in enumerate(path):
        seen = of_folds[n_epochs[k] > 0]
        assert len(seen) == search.rungs_[table["rung"][k]].n_folds
        assert table["best_epoch"][k] == np.mean(1 + np.nanargmax(seen, axis=1))


@BOTH
def test_without_candidates_some_that_are_known_to_do_well_are_tried(Search, Network):
    search = Search(cv=2, random_state=0).fit(X, Y)
    assert search.cv_results_["params"] == DEFAULT_CANDIDATES
    # Of a parameter that a candidate leaves alone there is nothing to show.
    assert search.cv_results_["param_l1"].mask.sum() == 6
    assert search.best_params_ in DEFAULT_CANDIDATES


@pytest.mark.parametrize("refit", [False, True])
def test_a_setting_goes_with_the_default_candidates(refit):
    network = MLPClassifier(max_iter=8, class_weight="balanced")
    search = MLPClassifierCV(
        network, candidates=DEFAULT_CANDIDATES, cv=2, random_state=0, refit=refit
    )
    search.fit(X, Y)
    assert search.cv_results_["params"] == DEFAULT_CANDIDATES
    best = search.best_estimator_.get_params()
    assert best["class_weight"] == "balanced"
    chosen = {"learning_rate", "batch_size", "l1", "l2", "group_lasso", "weight_decay"}
    expected = {**network.get_params(), **search.best_params_}
    assert {name: best[name] for name in chosen} == {name: expected[name] for name in chosen}


def test_default_candidates_do_not_change():
    before = copy.deepcopy(DEFAULT_CANDIDATES)
    network = MLPClassifier(max_iter=4)
    MLPClassifierCV(network, candidates=DEFAULT_CANDIDATES, l2s=[0.1], cv=2).fit(X, Y)
    assert before == DEFAULT_CANDIDATES


def test_with_an_estimator_alone_there_is_one_candidate():
    network = small(learning_rate_init=0.01)
    search = MLPClassifierCV(network, **PARAMS).fit(X, Y)
    assert search.cv_results_["params"] == [{}] == [search.best_params_]
    assert search.best_estimator_.hidden_layer_sizes == (24,)
    assert search.best_estimator_.learning_rate_init == 0.01
    other = MLPClassifierCV(network, l2s=[None], **PARAMS).fit(X, Y)
    np.testing.assert_array_equal(search.coefs_[0], other.coefs_[0])


def test_without_an_estimator_lists_are_of_the_defaults_of_the_network():
    search = MLPRegressorCV(l2s=[0.1, 1.0], cv=2, random_state=0).fit(X[::3], Y[::3])
    assert search.hidden_layer_sizes_ == (100,)
    assert search.cv_results_["params"] == [{"l2": 0.1}, {"l2": 1.0}]


def test_candidates_are_combined_with_all_values():
    candidates = [{"activation": "tanh"}, {"dropout": 0.1, "batch_size": 50}]
    search = MLPClassifierCV(
        small(), candidates=candidates, l2s=[0.1, 1.0], architectures=[(3,), (4,)], **PARAMS
    )
    params = search.fit(X, Y).cv_results_["params"]
    assert params == [
        {**candidate, "hidden_layer_sizes": hidden, "l2": l2}
        for candidate in candidates
        for hidden in [(3,), (4,)]
        for l2 in [0.1, 1.0]
    ]
    assert (
        search.best_estimator_.get_params().items()
        >= {
            name: value
            for name, value in search.best_params_.items()
            if name != "hidden_layer_sizes"
        }.items()
    )


def test_values_go_before_those_of_candidates_and_equal_candidates_are_tried_once():
    search = MLPClassifierCV(
        MLPClassifier(max_iter=4),
        candidates=DEFAULT_CANDIDATES,
        architectures=[(7,)],
        l2s=[0.1],
        cv=2,
    )
    params = search.fit(X, Y).cv_results_["params"]
    assert {candidate["hidden_layer_sizes"] for candidate in params} == {(7,)}
    assert {candidate["l2"] for candidate in params} == {0.1}
    # Two strengths of L2 have become one candidate.
    assert len(params) == len(DEFAULT_CANDIDATES) - 1
    assert search.hidden_layer_sizes_ == (7,)


def test_candidates_may_differ_in_how_long_they_train():
    candidates = [{"learning_rate": "cosine", "max_iter": n} for n in (6, 20)]
    search = MLPClassifierCV(small(), candidates=candidates, **PARAMS).fit(X, Y)
    assert search.cv_results_["n_epochs"].tolist() == [6, 20]
    assert [rung.n_epochs for rung in search.rungs_] == [20]


@BOTH
@pytest.mark.parametrize("refit", [False, True])
def test_what_the_search_decides_on_is_not_the_networks(Search, Network, refit):
    plain = Search(small(Search), l2s=[0.1, 1.0], refit=refit, **PARAMS).fit(X, Y)
    network = small(
        Search,
        early_stopping=True,
        validation_fraction=KFold(3),
        scoring=lambda *given: 1 / 0,
        warm_start=True,
        verbose=True,
        random_state=5,
    )
    before = network.get_params()
    search = Search(network, l2s=[0.1, 1.0], refit=refit, **PARAMS).fit(X, Y)
    np.testing.assert_array_equal(search.coefs_[0], plain.coefs_[0])
    assert search.best_estimator_.get_params() == plain.best_estimator_.get_params()
    assert network.get_params() == before
    assert not hasattr(network, "coefs_")


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [
        "class",
        sklearn.neural_network.MLPClassifier(),
        make_pipeline(MLPClassifier()),
        "search",
        "other kind",
        "adam",
    ],
    ids=["class", "scikit-learn", "pipeline", "search", "other kind", "text"],
)
def test_estimators_that_are_no_networks_are_refused(Search, Network, wrong):
    others = {MLPClassifier: MLPRegressor, MLPRegressor: MLPClassifier}
    given = {"class": Network, "search": Search(), "other kind": others[Network]()}
    estimator = given.get(wrong, wrong) if isinstance(wrong, str) else wrong
    message = f"'estimator' parameter of {Search.__name__} must be .*{Network.__name__}"
    with pytest.raises(ValueError, match=message):
        Search(estimator).fit(X, Y)


@pytest.mark.parametrize(
    ("candidates", "message"),
    [
        ([], "'candidates' parameter of MLPClassifierCV must be None, or a list of dicts"),
        ({"l2": 0.1}, "must be None, or a list of dicts"),
        ([{"l2": 0.1}, "l1"], "must be None, or a list of dicts"),
        ([{"droput": 0.1}], "names 'droput', which is no parameter of MLPClassifier"),
        ([{"loss": "huber"}], "names 'loss', which is no parameter of MLPClassifier"),
        ([{"scoring": "accuracy"}], "names 'scoring', which the search sets for all"),
        ([{"random_state": 1}], "names 'random_state', which the search sets"),
        ([{}, {"dropout": 2.0}], "'dropout' parameter of MLPClassifier must be .* Got 2.0"),
        ([{"max_iter": "all"}], "'max_iter' parameter of MLPClassifier must be"),
    ],
)
def test_candidates_that_make_no_sense(candidates, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifierCV(candidates=candidates).fit(X, Y)


def test_a_subclass_may_have_fewer_parameters():
    class Small(MLPClassifierCV):
        def __init__(self, hidden_layer_sizes=(5,), cv=2):
            network = MLPClassifier(hidden_layer_sizes, max_iter=4)
            super().__init__(network, cv=cv, random_state=0)
            self.hidden_layer_sizes = hidden_layer_sizes

    assert Small().fit(X, Y).hidden_layer_sizes_ == (5,)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("l1s", 1e-5, 1e-2),
        ("l2s", 1e-4, 1e-1),
        ("group_lassos", 1e-4, 1e-1),
        ("dropouts", 0.0, 0.6),
        ("learning_rate_inits", 1e-2, 3e-4),
    ],
)
def test_an_int_is_so_many_values(name, first, last):
    search = MLPClassifierCV(small(max_iter=2), **{name: 4}, **PARAMS).fit(X, Y)
    values = [params[name[:-1]] for params in search.cv_results_["params"]]
    assert len(set(values)) == 4
    assert (values[0], values[-1]) == pytest.approx((first, last))


def test_architectures_may_differ_in_depth():
    search = MLPRegressorCV(
        small(MLPRegressorCV), architectures=[(), (5,), (4, 3)], **PARAMS
    ).fit(X, Y)
    assert search.hidden_layer_sizes_ in [(), (5,), (4, 3)]
    assert list(search.cv_results_["param_hidden_layer_sizes"]) == [(), (5,), (4, 3)]


@BOTH
# Threads share the filters that one of them has silenced warnings by.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_the_result_does_not_depend_on_who_trains(Search, Network, backend):
    search = Search(small(Search), l2s=[1e-3, 1e-1], dropouts=[0.0, 0.5], **PARAMS)
    alone = clone(search).fit(X, Y)
    with parallel_config(backend=backend, n_jobs=2):
        together = search.fit(X, Y)
    np.testing.assert_array_equal(together.coefs_[0], alone.coefs_[0])
    for name, column in alone.cv_results_.items():
        if name not in ("params", "mean_fit_time"):
            np.testing.assert_array_equal(together.cv_results_[name], column)


def test_processes_share_one_file_of_the_data(tmp_path):
    # The scores are taken in the processes, where the files are there to be seen.
    files, seen, size = tmp_path / "files", tmp_path / "seen", X.nbytes
    seen.mkdir()

    def score(model, X_test, y_test):
        for file in files.rglob("*.pkl"):
            if file.stat().st_size > size:
                (seen / file.name).touch()
        return model.score(X_test, y_test)

    search = MLPClassifierCV(small(), l2s=3, scoring=score, **PARAMS)
    with parallel_config("loky", n_jobs=2, max_nbytes=1000, temp_folder=files):
        search.fit(X, Y)
    assert len(set(search.cv_results_["n_epochs"])) > 1
    assert len(list(seen.iterdir())) == 1


def test_random_states():
    searches = [MLPClassifierCV(small(), dropouts=2, **PARAMS).fit(X, Y) for _ in range(2)]
    np.testing.assert_array_equal(searches[0].coefs_[0], searches[1].coefs_[0])
    other = clone(searches[0]).set_params(random_state=1).fit(X, Y)
    assert not np.allclose(other.coefs_[0], searches[0].coefs_[0])


def test_failures_are_recorded_and_the_search_goes_on():
    rates = [1e-2, 1e300]
    search = MLPClassifierCV(small(solver="sgd"), learning_rate_inits=rates, **PARAMS)
    first = r"1 of 2 candidates failed, .* \{'learning_rate_init': 1e\+300\}, said: .*too high"
    with pytest.warns(FitFailedWarning, match=first) as record:
        search.fit(X, Y)
    assert record[0].filename == __file__
    assert search.best_params_ == {"learning_rate_init": 1e-2}
    assert np.isnan(search.cv_results_["mean_test_score"][1])
    assert search.cv_results_["rank_test_score"].tolist() == [1, 2]
    good, bad = search.cv_results_["error"]
    assert good == ""
    assert "too high" in bad
    assert np.isnan(search.score_path_[1]).all()


def test_when_all_fail_the_first_cause_is_shown():
    rates = [1e300, 1e299]
    search = MLPClassifierCV(small(solver="sgd"), learning_rate_inits=rates, **PARAMS)
    with pytest.raises(ValueError, match=r"All 2 candidates failed\. The first of .*too high"):
        search.fit(X, Y)
    message = r"All 1 candidates failed\..*dropout has 2 value"
    with pytest.raises(ValueError, match=message):
        MLPClassifierCV(small(dropout=[0.1, 0.2]), **PARAMS).fit(X, Y)
    with pytest.raises(ValueError, match=r"^The 'alpha' parameter of MLPClassifier"):
        MLPClassifierCV(small(alpha=-1), l1s=[0.0], **PARAMS).fit(X, Y)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"l1s": 0.1}, "'l1s' parameter of MLPClassifierCV must be .*'l1'.*Got 0.1"),
        ({"l2s": []}, "'l2s' parameter"),
        ({"dropouts": 0}, "'dropouts' parameter"),
        ({"l2s": True}, "'l2s' parameter of MLPClassifierCV must be .*Got True"),
        ({"architectures": 3}, "'architectures' parameter"),
        ({"dropouts": [0.0, 1.5]}, "'dropout' parameter of MLPClassifier must be .*Got 1.5"),
        ({"estimator": MLPClassifier(solver="lbfgs")}, "no epochs to race over"),
        ({"candidates": [{}, {"solver": "lbfgs"}]}, "no epochs to race over"),
        ({"refit": "yes"}, "'refit' parameter of MLPClassifierCV must be a bool"),
        ({"verbose": -1}, "'verbose' parameter of MLPClassifierCV must be a bool or an int"),
        ({"scoring": "no_such"}, "the name of a scorer.*'no_such'"),
    ],
)
def test_parameters_that_make_no_sense(params, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifierCV(**params).fit(X, Y)


def test_groups_and_weights_reach_the_folds(rng):
    groups = np.arange(150) // 15
    weight = rng.integers(1, 4, 150)
    search = MLPClassifierCV(small(), l2s=[1e-3, 1e-2], cv=GroupKFold(3), random_state=0)
    search.fit(X, Y, weight, groups=groups)
    with pytest.raises(ValueError, match="groups"):
        search.fit(X, Y)
    plain = clone(search).set_params(cv=3).fit(X, Y)
    weighted = clone(plain).fit(X, Y, weight)
    assert not np.allclose(plain.best_score_, weighted.best_score_)
    constant = clone(plain).fit(X, Y, np.full(150, 2.0))
    assert constant.best_score_ == pytest.approx(plain.best_score_)


def test_before_a_fit_nothing_is_predicted():
    with pytest.raises(NotFittedError):
        MLPClassifierCV().predict(X)


def test_it_has_what_a_network_has():
    data, y = load_breast_cancer(return_X_y=True, as_frame=True)
    data[:] = scale(data)
    search = MLPClassifierCV(small(max_iter=40), group_lassos=[0.03, 0.1], **PARAMS)
    search.fit(data, y)
    network = search.best_estimator_
    assert list(search.feature_names_in_) == list(data)
    assert search.n_features_in_ == 30
    assert search.sparsity_ == network.sparsity_
    assert list(search.selected_features_) == list(network.selected_features_)
    np.testing.assert_array_equal(search.get_support(), network.get_support())
    np.testing.assert_array_equal(search.predict_proba(data), network.predict_proba(data))
    np.testing.assert_array_equal(search.history_["loss"], network.history_["loss"])
    assert isinstance(search.prune(), MLPClassifier)
    np.testing.assert_array_equal(search.classes_, [0, 1])
    for other in (pickle.loads(pickle.dumps(search)), copy.deepcopy(search)):
        np.testing.assert_array_equal(other.predict(data), search.predict(data))


def test_it_can_be_drawn_and_certified(pyplot):
    search = MLPClassifierCV(small(), group_lassos=[0.01, 0.03], **PARAMS).fit(X, Y)
    network = search.best_estimator_
    curves = LossCurveDisplay.from_estimator(search)
    np.testing.assert_array_equal(curves.train_line_.get_ydata(), network.history_["loss"])
    bars = FeatureWeightsDisplay.from_estimator(search)
    np.testing.assert_array_equal(bars.importances, network.feature_importances_)
    assert optimality(search, X, Y).distance == optimality(network, X, Y).distance
    for draw in (
        LossCurveDisplay.from_estimator,
        FeatureWeightsDisplay.from_estimator,
        lambda estimator: optimality(estimator, X, Y),
    ):
        with pytest.raises(NotFittedError, match="This MLPClassifierCV instance"):
            draw(MLPClassifierCV())
        with pytest.raises(ValueError, match="not the class MLPClassifierCV"):
            draw(MLPClassifierCV)
        with pytest.raises(ValueError, match="not a GridSearchCV"):
            draw(GridSearchCV(MLPClassifier(), {}))


def test_draws_of_dropout_are_those_of_the_best_network():
    network = small(MLPRegressorCV)
    search = MLPRegressorCV(network, dropouts=[0.2, 0.4], **PARAMS).fit(X, Y)
    mean, std = search.predict(X, return_std=True, random_state=0)
    np.testing.assert_array_equal(mean, search.predict(X))
    assert std.min() >= 0 < std.max()


def test_the_networks_of_an_average_drop_units_of_their_own():
    network = small(MLPRegressorCV, max_iter=60)
    search = MLPRegressorCV(network, dropouts=[0.3], **PARAMS).fit(X, Y)
    _, std = search.predict(X, return_std=True, n_draws=2000, random_state=0)
    variance = 0
    for k in range(3):
        one, units = copy.deepcopy(search.best_estimator_), slice(8 * k, 8 * (k + 1))
        # Its own last weights, which the average holds divided by three.
        one.coefs_ = [one.coefs_[0][:, units], 3 * one.coefs_[1][units]]
        one.intercepts_ = [one.intercepts_[0][units], one.intercepts_[1]]
        _, own = one.predict(X, return_std=True, n_draws=2000, random_state=k)
        variance = variance + own**2
    np.testing.assert_allclose(std, np.sqrt(variance) / 3, rtol=0.15)


def test_sparse_data_race_like_dense_ones():
    search = MLPClassifierCV(small(), l2s=[1e-3, 1e-2], **PARAMS)
    dense = clone(search).fit(X, Y)
    other = search.fit(sparse.csc_array(X), Y)
    np.testing.assert_allclose(other.coefs_[0], dense.coefs_[0], rtol=1e-6)


def test_labels_may_be_strings_and_several():
    names = np.array(["setosa", "versicolor", "virginica"])[Y]
    search = MLPClassifierCV(small(), l2s=2, **PARAMS).fit(X, names)
    assert set(search.predict(X)) <= set(names)
    labels = np.eye(3, dtype=int)[Y]
    search = MLPClassifierCV(small(), l2s=2, **PARAMS).fit(X, labels)
    assert search.predict(X).shape == (150, 3)


def test_more_regularisation_is_chosen_for_noise(rng):
    X = rng.standard_normal((120, 30))
    y = X[:, 0] + 2 * rng.standard_normal(120)
    network = MLPRegressor((50,), learning_rate_init=0.01)
    search = MLPRegressorCV(network, l2s=[1e-4, 1.0], random_state=0)
    assert search.fit(X, y).l2_ == 1.0


def test_pipelines():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(
        StandardScaler(), MLPRegressorCV(small(MLPRegressorCV), l2s=2, **PARAMS)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, scale(y))
    assert model[-1].n_features_in_ == 10


LONG = {"learning_rate_init": 0.01, "max_iter": 60, "n_iter_no_change": 30}
SMALL = {"l2s": [1e-3, 1e-2], "cv": 2}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        MLPClassifierCV(MLPClassifier((10,), **LONG), **SMALL),
        MLPRegressorCV(MLPRegressor((10,), **LONG), **SMALL),
        MLPClassifierCV(MLPClassifier((10,), **LONG), refit=True, **SMALL),
    ]
)
def test_common_checks(estimator, check):
    check(estimator)
