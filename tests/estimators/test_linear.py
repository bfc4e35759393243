"""Without hidden layers networks have the coefficients of linear models."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
YY = np.column_stack([Y, X[:, 2] - Y])
LINEAR = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-9,
    "max_iter": 5000,
    "random_state": 0,
}
BOTH = pytest.mark.parametrize(
    ("Network", "Search"), [(MLPClassifier, MLPClassifierCV), (MLPRegressor, MLPRegressorCV)]
)


def wine():
    data, classes = load_wine(return_X_y=True)
    return scale(data), classes


def cancer():
    data, classes = load_breast_cancer(return_X_y=True)
    return scale(data), classes


def assert_alike(model, theirs, atol=1e-5):
    for name in ("coef_", "intercept_"):
        ours, expected = getattr(model, name), getattr(theirs, name)
        assert np.shape(ours) == np.shape(expected)
        np.testing.assert_allclose(ours, expected, atol=atol)


@pytest.mark.parametrize("targets", [Y, YY], ids=["one output", "two outputs"])
def test_regressors_have_those_of_linear_models(targets):
    model = MLPRegressor(**LINEAR, l2=0.0).fit(X, targets)
    assert_alike(model, LinearRegression().fit(X, targets))
    ridge = Ridge(0.1 * len(X)).fit(X, targets)
    assert_alike(clone(model).set_params(l2=0.1).fit(X, targets), ridge)
    assert isinstance(model.intercept_, float) == (targets.ndim == 1)


def test_zeros_are_those_of_the_lasso():
    model = MLPRegressor(**LINEAR, l1=0.1, l2=0.0).fit(X, Y)
    lasso = Lasso(0.1, tol=1e-12, max_iter=10**5).fit(X, Y)
    assert_alike(model, lasso)
    np.testing.assert_array_equal(model.coef_ == 0, lasso.coef_ == 0)
    pruned = model.prune()
    assert len(pruned.coefs_[0]) < 10
    assert_alike(pruned, lasso)
    assert_alike(pruned.sparsify(), lasso)


@pytest.mark.parametrize("data", [cancer, wine])
def test_classifiers_have_those_of_logistic_regression(data):
    features, classes = data()
    model = MLPClassifier(**LINEAR, l2=0.1).fit(features, classes)
    C = 1 / (0.1 * len(features))
    theirs = LogisticRegression(C=C, tol=1e-9, max_iter=5000).fit(features, classes)
    expected = theirs.intercept_
    # The sum of the intercepts of several classes is anything.
    if len(expected) > 1:
        model.intercepts_[0] -= model.intercepts_[0].mean() - expected.mean()
    assert_alike(model, theirs)


def test_a_column_for_a_target_and_labels_side_by_side():
    with pytest.warns(match="A column-vector y was passed"):
        assert MLPRegressor(**LINEAR).fit(X, Y[:, np.newaxis]).coef_.shape == (10,)
    model = MLPClassifier(**LINEAR).fit(X, (YY > 0).astype(int))
    assert (model.coef_.shape, model.intercept_.shape) == ((2, 10), (2,))
    sparse_model = MLPClassifier(**LINEAR).fit(sparse.csr_array(X), (YY > 0).astype(int))
    np.testing.assert_allclose(sparse_model.coef_, model.coef_, atol=1e-3)


@BOTH
def test_with_hidden_layers_there_are_none(Network, Search):
    targets = (Y > 0).astype(int)
    model = Network((3, 2), max_iter=2)
    searches = Search(model, l2s=[0.1], cv=2, random_state=0)
    for estimator in (model, searches):
        for name in ("coef_", "intercept_"):
            assert not hasattr(estimator, name)
            with pytest.raises(NotFittedError):
                getattr(estimator, name)
        estimator.set_params(random_state=0).fit(X, targets)
        for name in ("coef_", "intercept_"):
            assert not hasattr(estimator, name)
            with pytest.raises(AttributeError, match=f"{name} is there without hidden layers"):
                getattr(estimator, name)


@BOTH
def test_searches_have_those_of_their_network(Network, Search):
    network = Network((), max_iter=10)
    search = Search(network, l1s=[0.01, 0.1], cv=2, random_state=0)
    search.fit(X, (Y > 0).astype(int))
    np.testing.assert_array_equal(search.coef_, search.best_estimator_.coef_)
    np.testing.assert_array_equal(search.intercept_, search.best_estimator_.intercept_)
    raw = np.ravel(X @ search.coef_.T + search.intercept_)
    expected = X @ search.coefs_[0][:, 0] + search.intercepts_[0]
    np.testing.assert_allclose(raw, expected, rtol=1e-12, atol=1e-12)


def test_they_can_be_read_and_not_written():
    model = MLPRegressor(**LINEAR).fit(X, YY)
    with pytest.raises(AttributeError):
        model.coef_ = np.zeros((2, 10))
    for values in (model.coef_, model.intercept_):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    assert model.coef_.any()


@pytest.mark.parametrize("targets", [Y, YY], ids=["one output", "two outputs"])
def test_selectors_choose_what_they_chose_by_importances(targets):
    for hidden in ((), (5,)):
        network = MLPRegressor(hidden, l1=0.05, max_iter=100, random_state=0)
        network.set_params(learning_rate_init=0.01)
        for selector in (
            SelectFromModel(network, threshold=np.nextafter(0, 1)),
            RFE(network, n_features_to_select=4, step=3),
        ):
            by_default = clone(selector).fit(X, targets)
            selector.set_params(importance_getter="feature_importances_").fit(X, targets)
            chosen = by_default.get_support()
            np.testing.assert_array_equal(chosen, selector.get_support())
            assert 0 < chosen.sum() < 10


def test_the_mean_that_is_the_threshold_is_the_same_for_one_output():
    network = MLPRegressor(**LINEAR, l1=0.05, l2=0.0)
    by_default = SelectFromModel(network).fit(X, Y)
    by_norm = SelectFromModel(network, importance_getter="feature_importances_").fit(X, Y)
    assert by_default.threshold_ == pytest.approx(by_norm.threshold_, rel=1e-12)
    np.testing.assert_array_equal(by_default.get_support(), by_norm.get_support())
