"""Metadata take the ways that they take with scikit-learn's estimators."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.neural_network import MLPClassifier as ScikitLearnMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import HiddenLayerTransformer, MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV, MLPRegressorCV

X, Y = load_iris(return_X_y=True)
GROUPS = np.arange(150) // 3
FOLDS = GroupKFold(3)


@pytest.fixture(autouse=True)
def _routed():
    with config_context(enable_metadata_routing=True):
        yield


def search_of(Search=MLPClassifierCV, Network=MLPClassifier, cv=FOLDS):
    return Search(Network((4,), max_iter=2), l2s=[0.1, 1.0], cv=cv, random_state=0)


def test_groups_of_a_cross_validation_are_no_business_of_the_network():
    params = {"hidden_layer_sizes": (5,), "max_iter": 20, "random_state": 0}
    scores = [
        cross_val_score(net(**params), X, Y, cv=FOLDS, params={"groups": GROUPS})
        for net in (MLPClassifier, ScikitLearnMLPClassifier)
    ]
    np.testing.assert_array_equal(*scores)
    grid = GridSearchCV(MLPRegressor(**params), {"l2": [0.1]}, cv=FOLDS)
    assert np.isfinite(grid.fit(X, Y, groups=GROUPS).best_score_)


def test_a_network_that_asks_for_groups_gets_them():
    net = MLPClassifier(early_stopping=True, validation_fraction=FOLDS, max_iter=2)
    with pytest.raises(ValueError, match="groups"):
        cross_val_score(net, X, Y, cv=FOLDS, params={"groups": GROUPS}, error_score="raise")
    net.set_fit_request(groups=True)
    cross_val_score(net, X, Y, cv=FOLDS, params={"groups": GROUPS}, error_score="raise")


@pytest.mark.parametrize(
    "search",
    [
        search_of(),
        search_of(MLPRegressorCV, MLPRegressor),
        GridSearchCV(ScikitLearnMLPClassifier((4,), max_iter=2), {"alpha": [1]}, cv=FOLDS),
    ],
    ids=lambda search: type(search).__name__,
)
def test_groups_reach_the_splitter_of_a_search_unasked(search):
    model = make_pipeline(StandardScaler(), search)
    model.fit(X, Y, groups=GROUPS)
    scores = cross_val_score(
        model, X, Y, cv=FOLDS, params={"groups": GROUPS}, error_score="raise"
    )
    assert np.isfinite(scores).all()


def test_groups_that_no_splitter_asks_for_are_refused():
    with pytest.raises((TypeError, ValueError), match="groups"):
        make_pipeline(StandardScaler(), search_of(cv=3)).fit(X, Y, groups=GROUPS)


def test_weights_reach_a_search_that_asks_for_them():
    weight = np.linspace(0.1, 2, 150)
    search = search_of(cv=3).set_fit_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    model = make_pipeline(scaler, search).fit(X, Y, sample_weight=weight)
    alone = search_of(cv=3).fit(StandardScaler().fit_transform(X), Y, weight)
    np.testing.assert_array_equal(model[-1].coefs_[0], alone.coefs_[0])


@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_weights_and_groups_go_through_hidden_layers_in_a_pipeline(method):
    weight = np.linspace(0.1, 2, 150)
    network = MLPClassifier((4,), max_iter=2, random_state=0).set_fit_request(
        sample_weight=True
    )
    last = LogisticRegression().set_fit_request(sample_weight=False)
    hidden = HiddenLayerTransformer(network)
    steps = [hidden, last] if method == "fit" else [StandardScaler(with_mean=False), hidden]
    model = make_pipeline(*steps)
    if method == "fit_transform":
        model[0].set_params(with_std=False).set_fit_request(sample_weight=False)
    getattr(model, method)(X, Y, sample_weight=weight)
    alone = MLPClassifier((4,), max_iter=2, random_state=0).fit(X, Y, weight)
    used = model[0 if method == "fit" else 1].estimator_
    np.testing.assert_allclose(used.coefs_[0], alone.coefs_[0], rtol=1e-12)
    searching = HiddenLayerTransformer(search_of())
    make_pipeline(searching, LogisticRegression()).fit(X, Y, groups=GROUPS)
