"""Feature selection, sparse storage and pruning through the estimators."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectFromModel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (20, 10),
    "learning_rate_init": 0.01,
    "max_iter": 60,
    "random_state": 0,
}
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])


def data(Estimator):
    if Estimator is MLPClassifier:
        X, y = load_breast_cancer(return_X_y=True)
    else:
        X, y = load_diabetes(return_X_y=True)
        y = scale(y)
    return scale(X), y


def fit(Estimator, **params):
    """Return a network in which weights, features and units are dead, and its data."""
    X, y = data(Estimator)
    strengths = {"l1": 0.01, "group_lasso": 0.02}
    model = Estimator(**{**strengths, **SETTINGS, **params}).fit(X, y)
    assert 1 <= model.get_support().sum() < X.shape[1]
    return model, X, y


def soft(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@BOTH
def test_support_is_what_has_weights(Estimator):
    model, X, _ = fit(Estimator)
    used = model.coefs_[0].any(axis=1)
    np.testing.assert_array_equal(model.get_support(), used)
    np.testing.assert_array_equal(model.get_support(indices=True), np.flatnonzero(used))
    np.testing.assert_array_equal(model.selected_features_, np.flatnonzero(used))
    np.testing.assert_array_equal(model.feature_importances_ > 0, used)
    # What is not selected makes no difference.
    other = np.where(used, X, 7.0)
    np.testing.assert_array_equal(model.predict(other), model.predict(X))


def test_selected_features_have_names_where_there_are_any():
    pd = pytest.importorskip("pandas")
    X, y = data(MLPRegressor)
    frame = pd.DataFrame(X, columns=[f"f{k}" for k in range(X.shape[1])])
    model = MLPRegressor(group_lasso=0.1, l1=0.01, **SETTINGS).fit(frame, y)
    expected = [f"f{k}" for k in model.get_support(indices=True)]
    assert list(model.selected_features_) == expected
    assert list(model.prune().selected_features_) == expected
    assert len(expected) < 10


@BOTH
@pytest.mark.parametrize("change", [lambda m: m, lambda m: m.sparsify(), lambda m: m.prune()])
def test_select_from_model_keeps_exactly_what_is_not_zero(Estimator, change):
    model, X, y = fit(Estimator)
    support = model.get_support()
    selector = SelectFromModel(change(model), threshold=np.nextafter(0, 1), prefit=True)
    np.testing.assert_array_equal(selector.fit(X, y).get_support(), support)
    pipeline = make_pipeline(SelectFromModel(clone(model), threshold=np.nextafter(0, 1)), model)
    pipeline.fit(X, y)
    np.testing.assert_array_equal(pipeline[0].get_support(), support)
    assert pipeline[1].n_features_in_ == support.sum()


@BOTH
@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sparse_weights_predict_the_same(Estimator, layout, dtype):
    model, X, _ = fit(Estimator, dtype=dtype)
    X = layout(X.astype(dtype))
    dense, expected = model.coefs_, soft(model, X)
    assert model.sparsify() is model
    assert all(sparse.issparse(weight) and weight.format == "csr" for weight in model.coefs_)
    np.testing.assert_allclose(soft(model, X), expected, rtol=1e-5, atol=1e-6)
    assert soft(model, X).dtype == dtype
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(soft(copied, X), soft(model, X))
    assert model.densify() is model
    for weight, old in zip(model.coefs_, dense, strict=True):
        np.testing.assert_array_equal(weight, old)
        assert weight.dtype == dtype


@BOTH
def test_what_is_read_from_weights_does_not_depend_on_their_storage(Estimator):
    model, _, _ = fit(Estimator)
    dense = pickle.loads(pickle.dumps(model))
    model.sparsify()
    assert model.sparsity_ == dense.sparsity_
    np.testing.assert_array_equal(model.feature_importances_, dense.feature_importances_)
    np.testing.assert_array_equal(model.get_support(), dense.get_support())


@BOTH
@pytest.mark.parametrize("way", ["partial_fit", "warm_start", "fit"])
def test_training_goes_on_from_sparse_weights(Estimator, way):
    model, X, y = fit(Estimator)
    dense = pickle.loads(pickle.dumps(model))
    model.sparsify()
    for one in (model, dense):
        if way == "partial_fit":
            one.partial_fit(X, y)
        else:
            one.set_params(warm_start=way == "warm_start").fit(X, y)
    for weight, expected in zip(model.coefs_, dense.coefs_, strict=True):
        np.testing.assert_array_equal(weight, expected)


@BOTH
@pytest.mark.parametrize(
    "activation",
    ["relu", "tanh", "logistic", "identity", "gelu", ("selu", "relu"), ("tanh", "softplus")],
)
def test_a_pruned_network_predicts_the_same_from_the_same_data(Estimator, activation):
    # Of two layers of logistic units either all or nothing is left: there is one.
    sizes = (20,) if activation == "logistic" else (20, 10)
    model, X, y = fit(Estimator, activation=activation, hidden_layer_sizes=sizes)
    before = pickle.dumps(model)
    pruned = model.prune()
    assert type(pruned) is Estimator
    for layout in (np.asarray, sparse.csr_array, sparse.csc_matrix):
        np.testing.assert_allclose(
            soft(pruned, layout(X)), soft(model, X), rtol=1e-9, atol=1e-12
        )
    assert pruned.score(X, y) == pytest.approx(model.score(X, y))
    assert pickle.dumps(model) == before
    assert len(pickle.dumps(pruned)) < len(before)


@BOTH
def test_the_shape_of_a_pruned_network(Estimator):
    model, X, _ = fit(Estimator)
    pruned = model.prune()
    sizes = [weight.shape for weight in pruned.coefs_]
    assert pruned.n_features_in_ == model.n_features_in_ == X.shape[1]
    assert sizes[0][0] == model.get_support().sum() < X.shape[1]
    assert pruned.hidden_layer_sizes == tuple(n_out for _, n_out in sizes[:-1])
    assert pruned.hidden_layer_sizes[0] < 20
    assert pruned.n_layers_ == model.n_layers_
    np.testing.assert_array_equal(pruned.get_support(), model.get_support())
    np.testing.assert_allclose(pruned.feature_importances_, model.feature_importances_)
    with pytest.raises(ValueError, match="features, but MLP"):
        pruned.predict(X[:, pruned.get_support()])


@BOTH
def test_pruning_twice_is_pruning_once(Estimator):
    model, X, _ = fit(Estimator)
    once = model.prune()
    twice = once.prune()
    np.testing.assert_array_equal(twice.predict(X), once.predict(X))
    assert twice.hidden_layer_sizes == once.hidden_layer_sizes
    once.coefs_[0][0] = 0
    np.testing.assert_array_equal(once.prune().get_support(), once.get_support())
    np.testing.assert_allclose(once.prune().predict(X), once.predict(X))


@BOTH
def test_pruning_sparse_weights(Estimator):
    model, X, _ = fit(Estimator)
    pruned = model.sparsify().prune()
    np.testing.assert_allclose(soft(pruned, X), soft(model, X), rtol=1e-9)
    np.testing.assert_allclose(soft(pruned.sparsify(), X), soft(model, X), rtol=1e-9)


@BOTH
@pytest.mark.parametrize("way", ["partial_fit", "warm_start"])
@pytest.mark.parametrize("groups", [False, True])
def test_training_a_pruned_network_goes_on_with_what_is_left(Estimator, way, groups):
    n_features = data(Estimator)[0].shape[1]
    pairs = [[k, k + 1] for k in range(0, n_features, 2)] if groups else None
    model, X, y = fit(Estimator, feature_groups=pairs, group_lasso=0.11)
    pruned = model.prune().set_params(l1=0.0, group_lasso=1e-4, max_iter=30)
    support, shapes = pruned.get_support(), [weight.shape for weight in pruned.coefs_]
    # The same as training the small network on the columns that are left.
    small = clone(pruned).set_params(warm_start=True, max_iter=1, feature_groups=None)
    small.fit(X[:, support], y)
    small.coefs_ = [weight.copy() for weight in pruned.coefs_]
    small.intercepts_ = [bias.copy() for bias in pruned.intercepts_]
    small.t_ = pruned.t_
    small.set_params(max_iter=30)
    if groups:
        number = np.flatnonzero(support) // 2
        small.set_params(
            feature_groups=[np.flatnonzero(number == k) for k in np.unique(number)]
        )
    for one, columns in ((pruned, slice(None)), (small, support)):
        rng = np.random.RandomState(0)
        one.set_params(warm_start=way == "warm_start", random_state=rng)
        getattr(one, "fit" if way == "warm_start" else way)(X[:, columns], y)
    assert [weight.shape for weight in pruned.coefs_] == shapes
    assert pruned.n_features_in_ == n_features
    for weight, expected in zip(pruned.coefs_, small.coefs_, strict=True):
        np.testing.assert_allclose(weight, expected, rtol=1e-7, atol=1e-10)
    assert not pruned.get_support()[~support].any()


@BOTH
def test_a_new_fit_of_a_pruned_network_has_all_features_again(Estimator):
    model, X, y = fit(Estimator)
    pruned = model.prune()
    sizes = pruned.hidden_layer_sizes
    pruned.set_params(l1=0.0, group_lasso=0.0).fit(X, y)
    assert [weight.shape[0] for weight in pruned.coefs_] == [X.shape[1], *sizes]
    assert pruned.get_support().all()


@BOTH
def test_weights_that_a_user_has_set_to_integers_are_pruned(Estimator):
    model, X, _ = fit(Estimator, activation="logistic", hidden_layer_sizes=(20,))
    model.coefs_ = [np.zeros_like(w, dtype=int) + (k > 0) for k, w in enumerate(model.coefs_)]
    model.intercepts_ = [np.arange(len(b)) for b in model.intercepts_]
    np.testing.assert_allclose(soft(model.prune(), X), soft(model, X))


@BOTH
@pytest.mark.filterwarnings("ignore:All weights of coefs_:UserWarning")
def test_a_network_of_which_nothing_is_left(Estimator):
    X, y = data(Estimator)
    model = Estimator(l1=10.0, **SETTINGS).fit(X, y)
    pruned = model.prune()
    assert pruned.hidden_layer_sizes == (1, 1)
    assert [weight.shape for weight in pruned.coefs_] == [(0, 1), (1, 1), (1, 1)]
    assert not pruned.get_support().any()
    assert pruned.sparsity_ == [1.0, 1.0, 1.0]
    np.testing.assert_allclose(soft(pruned, X), soft(model, X))
    np.testing.assert_allclose(soft(pruned, sparse.csr_array(X)), soft(model, X))
    pruned.set_params(group_lasso=0.1).partial_fit(X, y)
    pruned.set_params(l1=0.0, warm_start=True, max_iter=2).fit(X, y)
    assert np.isfinite(soft(pruned, X)).all()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_epoch_of_early_stopping_is_before_features_have_left():
    # What the guide warns of. Three features of twenty matter.
    kept = []
    for seed in range(5):
        X, y = make_classification(
            1000, 20, n_informative=3, n_redundant=0, flip_y=0.3, random_state=seed
        )
        network = MLPClassifier(learning_rate_init=0.003, batch_size=32, group_lasso=0.05)
        for early_stopping in (True, False):
            network.set_params(early_stopping=early_stopping, scoring="loss")
            kept.append(network.set_params(random_state=seed).fit(X, y).get_support().sum())
    with_early_stopping, without = np.reshape(kept, (5, 2)).T
    assert (with_early_stopping >= without).all()
    assert with_early_stopping.sum() > 1.5 * without.sum()


@BOTH
@pytest.mark.parametrize("name", ["prune", "get_support"])
def test_no_methods_before_fit(Estimator, name):
    with pytest.raises(NotFittedError):
        getattr(Estimator(), name)()


@BOTH
@pytest.mark.parametrize("name", ["sparsify", "densify", "selected_features_", "sparsity_"])
def test_no_attributes_before_fit(Estimator, name):
    # NotFittedError is an AttributeError.
    assert not hasattr(Estimator(), name)
    model, _, _ = fit(Estimator)
    assert hasattr(model, name)
