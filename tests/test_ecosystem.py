"""The estimators among scikit-learn's tools."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import BaggingClassifier, StackingRegressor, VotingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skreg import MLPClassifier, MLPRegressor


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


def small(**params):
    return MLPClassifier((10,), max_iter=30, random_state=0, learning_rate_init=0.01, **params)


@pytest.mark.parametrize(
    "grid",
    [
        {"l1": [0.0, 1e-3], "l2": [None, 1e-2]},
        {"dropout": [0.0, [0.5]], "input_dropout": [0.0, 0.1]},
        {
            "activation": [("relu", "gelu"), ["silu", "tanh"], "elu"],
            "hidden_layer_sizes": [(5, 5)],
        },
        {"alpha": [1e-4, 1.0], "hidden_layer_sizes": [(), (5,), (5, 5)]},
    ],
    ids=["penalties", "dropout", "activations", "alpha_and_layers"],
)
def test_grid_search_in_a_pipeline(cancer, grid):
    pipeline = make_pipeline(StandardScaler(), small())
    grid = {f"mlpclassifier__{name}": values for name, values in grid.items()}
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(*cancer)
    assert search.best_score_ > 0.93
    assert search.best_estimator_[-1].get_params().keys() >= {"l1", "l2", "dropout"}


def test_grid_search_in_processes_gives_the_same(cancer):
    search = GridSearchCV(small(), {"l1": [0.0, 1e-3]}, cv=3)
    alone = clone(search).fit(*cancer)
    together = clone(search).set_params(n_jobs=2).fit(*cancer)
    np.testing.assert_array_equal(
        alone.cv_results_["mean_test_score"], together.cv_results_["mean_test_score"]
    )


def test_cross_validation(cancer):
    assert cross_val_score(small(), *cancer, cv=3).mean() > 0.93
    probabilities = cross_val_predict(small(), *cancer, cv=3, method="predict_proba")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_clones_and_set_params(cancer):
    model = small(l1=[1e-3, 0.0], dropout=0.2)
    copy = clone(model.fit(*cancer))
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "coefs_")
    copy.set_params(l1=0.01, dropout=[0.3]).fit(*cancer)
    assert copy.sparsity_[0] > model.sparsity_[0]
    assert "l1=0.5" in repr(small(l1=0.5))


def test_ensembles(cancer):
    voting = VotingClassifier(
        [("mlp", small(l2=1e-3)), ("lr", LogisticRegression(max_iter=1000))], voting="soft"
    )
    bagging = BaggingClassifier(small(dropout=0.1), n_estimators=3, random_state=0)
    calibrated = CalibratedClassifierCV(small(l1=1e-3), cv=3)
    for ensemble in (voting, bagging, calibrated):
        assert ensemble.fit(*cancer).score(*cancer) > 0.95


def test_permutation_importance(cancer):
    model = small(l1=0.02).fit(*cancer)
    importance = permutation_importance(model, *cancer, n_repeats=3, random_state=0)
    unused = (model.coefs_[0] == 0).all(axis=1)
    assert unused.any()
    np.testing.assert_array_equal(importance.importances[unused], 0)


def test_selecting_features_from_a_model(cancer):
    X, y = cancer
    network = small(group_lasso=0.05, batch_size=32)
    # The smallest threshold above zero keeps exactly what the network uses.
    selector = SelectFromModel(network, threshold=np.nextafter(0, 1)).fit(X, y)
    used = selector.estimator_.coefs_[0].any(axis=1)
    np.testing.assert_array_equal(selector.get_support(), used)
    assert 0 < used.sum() < X.shape[1]
    importances = selector.estimator_.feature_importances_
    np.testing.assert_array_equal(importances > 0, used)
    pipeline = make_pipeline(selector, LogisticRegression(max_iter=1000))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.93


def test_regression_tools():
    X, y = load_diabetes(return_X_y=True)
    network = MLPRegressor(
        (10,), max_iter=300, random_state=0, l2=1e-2, learning_rate_init=0.01
    )
    scaled = make_pipeline(
        StandardScaler(), TransformedTargetRegressor(network, transformer=StandardScaler())
    )
    assert cross_val_score(scaled, X, y, cv=3).mean() > 0.35
    stack = StackingRegressor([("mlp", scaled), ("ridge", Ridge())], cv=3)
    assert stack.fit(X, y).score(X, y) > 0.4


def test_several_targets_of_classes(cancer):
    X, y = cancer
    Y = np.c_[y, np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]]
    predicted = MultiOutputClassifier(small()).fit(X, Y).predict(X)
    assert (predicted == Y).all(axis=1).mean() > 0.8


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_with_feature_names(library, cancer):
    frames = pytest.importorskip(library)
    X, y = cancer
    names = [f"f{k}" for k in range(X.shape[1])]
    frame = frames.DataFrame(dict(zip(names, X.T, strict=True)))
    model = small(early_stopping=True).fit(frame, y)
    assert list(model.feature_names_in_) == names
    np.testing.assert_array_equal(
        model.predict(frame), small(early_stopping=True).fit(X, y).predict(X)
    )
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[names[::-1]])


def test_feature_groups_by_name(cancer):
    pd = pytest.importorskip("pandas")
    X, y = cancer
    names = np.array([f"f{k}" for k in range(X.shape[1])])
    groups = [names[:10], names[10:20], names[20:]]
    by_index = [list(range(10)), list(range(10, 20)), list(range(20, 30))]
    params = {"group_lasso": 0.01}
    named = small(feature_groups=groups, **params).fit(pd.DataFrame(X, columns=names), y)
    plain = small(feature_groups=by_index, **params).fit(X, y)
    # A frame lies column by column, and products over all rows round differently.
    np.testing.assert_allclose(named.coefs_[0], plain.coefs_[0], rtol=1e-10)
    np.testing.assert_array_equal(named.coefs_[0] == 0, plain.coefs_[0] == 0)


@pytest.mark.parametrize("groups", [[], [[3], [0, 7]], [list(range(4, 30))]])
def test_features_in_no_group_are_groups_of_their_own(cancer, groups):
    X, y = cancer
    grouped = {feature for group in groups for feature in group}
    alone = [[feature] for feature in range(X.shape[1]) if feature not in grouped]
    some = small(feature_groups=groups, group_lasso=0.01).fit(X, y)
    full = small(feature_groups=alone + groups, group_lasso=0.01).fit(X, y)
    np.testing.assert_allclose(some.coefs_[0], full.coefs_[0], rtol=1e-10)
    np.testing.assert_array_equal(some.get_support(), full.get_support())


def test_series_of_labels_and_weights(cancer):
    pd = pytest.importorskip("pandas")
    X, y = cancer
    labels = pd.Series(np.array(["no", "yes"])[y], index=np.arange(len(y))[::-1])
    weight = pd.Series(np.ones(len(y)))
    model = small().fit(X, labels, sample_weight=weight)
    assert list(model.classes_) == ["no", "yes"]
    assert set(model.predict(X)) == {"no", "yes"}


@pytest.mark.parametrize("way", ["pickle", "joblib"])
@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_round_trips(way, Estimator, cancer, tmp_path):
    X, y = cancer
    model = Estimator((10,), max_iter=5, random_state=0, l1=1e-3, early_stopping=True).fit(X, y)
    if way == "pickle":
        copy = pickle.loads(pickle.dumps(model))
    else:
        joblib.dump(model, tmp_path / "model.joblib")
        copy = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert copy.loss_curve_ == model.loss_curve_


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_pickles_are_as_large_as_the_weights(solver, cancer):
    model = MLPClassifier((2000, 50), solver=solver, max_iter=2, early_stopping=True)
    model.fit(*cancer)
    weights = sum(array.nbytes for array in model.coefs_ + model.intercepts_)
    assert weights > 10**6
    assert len(pickle.dumps(model)) < 1.02 * weights


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_eight_threads_may_predict_at_once(Estimator, layout):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, 20))
    model = Estimator((64, 64), max_iter=3, random_state=0)
    model.fit(X[:500], (X[:500, 0] > 0).astype(int))
    parts = [layout(part) for part in np.array_split(X, 64)]
    method = model.predict_proba if Estimator is MLPClassifier else model.predict
    serial = [method(part) for part in parts]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(method, parts))
    for one, other in zip(serial, parallel, strict=True):
        np.testing.assert_array_equal(one, other)


def test_fits_in_threads_do_not_disturb_each_other(cancer):
    models = [
        MLPClassifier((10,), max_iter=20, random_state=seed, dropout=0.2) for seed in range(8)
    ]
    serial = [clone(model).fit(*cancer).coefs_[0] for model in models]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda model: model.fit(*cancer).coefs_[0], models))
    for one, other in zip(serial, parallel, strict=True):
        np.testing.assert_array_equal(one, other)


def test_memory_mapped_read_only_data(cancer, tmp_path):
    X, y = cancer
    joblib.dump(X, tmp_path / "X.joblib")
    mapped = joblib.load(tmp_path / "X.joblib", mmap_mode="r")
    np.testing.assert_array_equal(
        small().fit(mapped, y).predict(mapped), small().fit(X, y).predict(X)
    )
