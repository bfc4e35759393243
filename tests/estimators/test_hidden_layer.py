"""Hidden layers as features, against forward passes written here."""

import pickle
import tracemalloc

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from scipy.special import expit, ndtr, softmax
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import (
    HiddenLayerTransformer,
    MLPClassifier,
    MLPClassifierCV,
    MLPRegressor,
    MLPRegressorCV,
)

FUNCTIONS = {
    "identity": lambda x: x,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
}
UNITS = (12, 9, 7)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:500] / 16, y[:500]


def small(Estimator=MLPClassifier, **params):
    settings = {"hidden_layer_sizes": UNITS, "max_iter": 10, "random_state": 0}
    return Estimator(**{**settings, **params})


def hidden_outputs(network, X):
    """The formula, layer by layer; dropout and blocks have no part in it."""
    outputs = [X]
    for weight, bias in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
        outputs.append(FUNCTIONS[network.activation](outputs[-1] @ weight + bias))
    return outputs[1:]


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_every_layer_is_the_formula(digits, Estimator, activation, dropout):
    X, y = digits
    network = small(Estimator, activation=activation, dropout=dropout, input_dropout=dropout)
    transformer = HiddenLayerTransformer(network).fit(X, y)
    expected = hidden_outputs(transformer.estimator_, X)
    for layer in range(-3, 3):
        outputs = transformer.set_params(layer=layer).transform(X)
        np.testing.assert_allclose(outputs, expected[layer], rtol=1e-12, atol=1e-14)
    outputs = transformer.set_params(layer="all").transform(X)
    np.testing.assert_allclose(outputs, np.hstack(expected), rtol=1e-12, atol=1e-14)


def test_every_layer_has_its_activation(digits):
    X, y = digits
    # GELU is not applied in place, and the identity is no layer at all.
    network = small(activation=("gelu", "identity", "tanh")).fit(X, y)
    transformer = HiddenLayerTransformer(network, layer="all", prefit=True)
    expected, h = [], X
    for function, weight, bias in zip(
        (lambda x: x * ndtr(x), FUNCTIONS["identity"], np.tanh),
        network.coefs_[:-1],
        network.intercepts_[:-1],
        strict=True,
    ):
        h = function(h @ weight + bias)
        expected.append(h)
    outputs = transformer.transform(X)
    np.testing.assert_allclose(outputs, np.hstack(expected), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_layers_above_make_the_predictions_of_it(digits, layer):
    X, y = digits
    network = small().fit(X, y)
    theirs = sklearn.neural_network.MLPClassifier(UNITS, max_iter=10, random_state=0).fit(X, y)
    h = HiddenLayerTransformer(network, layer=layer, prefit=True).transform(X)
    above = slice(layer + 1, None)
    for weight, bias in zip(network.coefs_[above], network.intercepts_[above], strict=True):
        raw = h @ weight + bias
        h = np.maximum(raw, 0)
    np.testing.assert_allclose(softmax(raw, axis=1), network.predict_proba(X), rtol=1e-10)
    np.testing.assert_allclose(softmax(raw, axis=1), theirs.predict_proba(X), rtol=1e-8)


def test_transforming_leaves_the_data_alone(digits):
    X, y = digits
    before = X.copy()
    transformer = HiddenLayerTransformer(small(activation="identity"), layer="all").fit(X, y)
    first = transformer.transform(X)
    first_copy = first.copy()
    transformer.transform(-X)
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(first, first_copy)


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_data_and_weights(digits, container):
    X, y = digits
    network = small(l1=0.002).fit(X, y)
    transformer = HiddenLayerTransformer(network, layer="all", prefit=True)
    dense = transformer.transform(X)
    np.testing.assert_allclose(transformer.transform(container(X)), dense, atol=1e-12)
    network.sparsify()
    np.testing.assert_allclose(transformer.transform(container(X)), dense, atol=1e-12)


def test_a_pruned_network_has_fewer_outputs_that_predict_the_same(digits):
    X, y = digits
    network = small(l1=0.01, max_iter=60).fit(X, y).prune()
    assert network.coefs_[0].shape[0] < 64
    transformer = HiddenLayerTransformer(network, prefit=True)
    h = transformer.transform(X)
    assert h.shape == (500, network.hidden_layer_sizes[-1])
    assert len(transformer.get_feature_names_out()) == h.shape[1] < UNITS[-1]
    raw = h @ network.coefs_[-1] + network.intercepts_[-1]
    np.testing.assert_allclose(softmax(raw, axis=1), network.predict_proba(X), rtol=1e-10)


def test_memory_is_that_of_the_result_and_a_block(rng):
    X = rng.standard_normal((20_000, 10))
    network = MLPRegressor((200, 5), max_iter=1).fit(X[:100], X[:100, 0])
    transformer = HiddenLayerTransformer(network, prefit=True)
    transformer.transform(X[:10])
    tracemalloc.start()
    try:
        transformer.transform(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.3 * 20_000 * 200 * 8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_are_in_the_dtype_of_the_weights(digits, dtype):
    X, y = digits
    transformer = HiddenLayerTransformer(small()).fit(X.astype(dtype), y)
    assert transformer.transform(X).dtype == dtype
    transformer = HiddenLayerTransformer(small(dtype="float32")).fit(X, y)
    assert transformer.transform(X).dtype == np.float32


def test_names_and_data_frames(digits):
    pandas = pytest.importorskip("pandas")
    X, y = digits
    frame = pandas.DataFrame(X, index=np.arange(1000, 1500)).add_prefix("pixel")
    transformer = HiddenLayerTransformer(small(), layer=0).set_output(transform="pandas")
    outputs = transformer.fit_transform(frame, y)
    names = [f"hiddenlayertransformer{unit}" for unit in range(UNITS[0])]
    assert list(outputs.columns) == list(transformer.get_feature_names_out()) == names
    assert list(outputs.index) == list(frame.index)
    assert list(transformer.feature_names_in_) == list(frame.columns)
    assert transformer.n_features_in_ == 64
    with pytest.raises(ValueError, match="feature names"):
        transformer.transform(frame.iloc[:, ::-1])


def test_features_of_another_classifier_in_a_search(digits):
    X, y = digits
    model = make_pipeline(
        HiddenLayerTransformer(small(hidden_layer_sizes=(40, 20), max_iter=60)),
        LogisticRegression(max_iter=1000),
    )
    grid = {
        "hiddenlayertransformer__estimator__l1": [0.0, 0.015],
        "hiddenlayertransformer__layer": [0, -1, "all"],
    }
    search = GridSearchCV(model, grid, cv=3, error_score="raise").fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert min(scores[:3]) > 0.82
    assert max(scores[3:]) < 0.78  # too strong a penalty leaves few features
    assert search.best_params_["hiddenlayertransformer__estimator__l1"] == 0.0


def test_a_fitted_network_is_used_as_it_is(digits):
    X, y = digits
    network = small().fit(X, y)
    weights = [weight.copy() for weight in network.coefs_]
    transformer = HiddenLayerTransformer(network, prefit=True)
    before = transformer.transform(X)
    assert transformer.fit(X[:10], y[:10]).estimator_ is network
    np.testing.assert_array_equal(transformer.transform(X), before)
    transformer.partial_fit(X[:10])
    for weight, old in zip(network.coefs_, weights, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_a_clone_is_fitted_and_the_network_stays_unfitted(digits):
    network = small()
    transformer = HiddenLayerTransformer(network).fit(*digits)
    assert not hasattr(network, "coefs_")
    alone = clone(network).fit(*digits)
    for ours, theirs in zip(transformer.estimator_.coefs_, alone.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_frozen_network_survives_cross_validation(digits):
    X, y = digits
    network = small().fit(X, y)
    frozen = HiddenLayerTransformer(FrozenEstimator(network))
    model = make_pipeline(frozen, LogisticRegression(max_iter=1000))
    alone = HiddenLayerTransformer(network, prefit=True).transform(X)
    np.testing.assert_array_equal(frozen.fit(X, y).transform(X), alone)
    np.testing.assert_array_equal(
        cross_val_score(model, X, y, cv=3),
        cross_val_score(LogisticRegression(max_iter=1000), alone, y, cv=3),
    )


@pytest.mark.parametrize(
    ("Search", "Estimator"), [(MLPClassifierCV, MLPClassifier), (MLPRegressorCV, MLPRegressor)]
)
@pytest.mark.parametrize("refit", [False, True])
def test_the_hidden_layers_of_a_search_are_those_of_its_best_network(
    digits, Search, Estimator, refit
):
    X, y = digits
    search = Search(small(Estimator), l2s=[0.1, 1.0], cv=2, refit=refit, random_state=0)
    transformer = HiddenLayerTransformer(search, layer="all").fit(X, y)
    assert not hasattr(search, "best_estimator_")
    network = transformer.estimator_.best_estimator_
    expected = np.hstack(hidden_outputs(network, X))
    np.testing.assert_allclose(transformer.transform(X), expected, rtol=1e-6, atol=1e-9)
    # An average has the units of the networks of both folds.
    assert expected.shape[1] == sum(UNITS) * (1 if refit else 2)
    assert len(transformer.get_feature_names_out()) == expected.shape[1]
    assert transformer.n_features_in_ == 64
    fitted = search.fit(X, y)
    for again in (
        HiddenLayerTransformer(fitted, layer="all", prefit=True),
        HiddenLayerTransformer(FrozenEstimator(fitted), layer="all").fit(X),
    ):
        np.testing.assert_array_equal(again.transform(X), transformer.transform(X))


def test_a_search_works_where_a_network_does(digits):
    X, y = digits
    network = small(learning_rate_init=0.01, max_iter=50)
    search = MLPClassifierCV(network, l2s=[1e-3, 1.0], cv=2, random_state=0)
    model = make_pipeline(HiddenLayerTransformer(search), LogisticRegression(max_iter=1000))
    grid = {"hiddenlayertransformer__estimator__estimator__activation": ["tanh", "relu"]}
    outer = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert outer.best_score_ > 0.8
    assert not hasattr(HiddenLayerTransformer(search), "partial_fit")


def test_a_search_that_has_chosen_no_hidden_layer(digits):
    search = MLPClassifierCV(small(), architectures=[()], cv=2)
    transformer = HiddenLayerTransformer(search)
    with pytest.raises(ValueError, match="no hidden layer"):
        transformer.fit(*digits)
    assert not hasattr(transformer, "estimator_")
    with pytest.raises(ValueError, match="no hidden layer"):
        HiddenLayerTransformer(search.fit(*digits), prefit=True).fit(*digits)
    with pytest.raises(ValueError, match="There is no hidden layer number 3"):
        HiddenLayerTransformer(small().fit(*digits), layer=3, prefit=True).fit(*digits)
    with pytest.raises(NotFittedError, match="MLPClassifierCV instance is not fitted"):
        HiddenLayerTransformer(MLPClassifierCV(), prefit=True).fit(*digits)
    with pytest.raises(ValueError, match="'layer' parameter"):
        HiddenLayerTransformer(MLPClassifierCV(), layer="top").fit(*digits)


def test_partial_fit_is_that_of_the_network(digits):
    X, y = digits
    transformer, alone = HiddenLayerTransformer(small()), small()
    for rows in (slice(0, 250), slice(250, 500)):
        transformer.partial_fit(X[rows], y[rows], classes=np.arange(10))
        alone.partial_fit(X[rows], y[rows], classes=np.arange(10))
    np.testing.assert_array_equal(transformer.estimator_.coefs_[0], alone.coefs_[0])
    assert not hasattr(HiddenLayerTransformer(small(solver="lbfgs")), "partial_fit")


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_sample_weights_reach_the_network(digits, method):
    X, y = digits
    weight = np.linspace(0.1, 2, len(y))
    classes = {"classes": np.arange(10)} if method == "partial_fit" else {}
    alone = getattr(small(), method)(X, y, sample_weight=weight, **classes)
    transformer = HiddenLayerTransformer(small())
    getattr(transformer, method)(X, y, sample_weight=weight, **classes)
    np.testing.assert_array_equal(transformer.estimator_.coefs_[0], alone.coefs_[0])


def test_metadata_are_routed(digits):
    X, y = digits
    weight = np.linspace(0.1, 2, len(y))
    alone = small().fit(X, y, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        network = small().set_fit_request(sample_weight=True)
        model = make_pipeline(HiddenLayerTransformer(network), LogisticRegression())
        model[-1].set_fit_request(sample_weight=False)
        model.fit(X, y, sample_weight=weight)
        np.testing.assert_array_equal(model[0].estimator_.coefs_[0], alone.coefs_[0])
        unrequested = HiddenLayerTransformer(small())
        with pytest.raises(ValueError, match="sample_weight"):
            unrequested.fit(X, y, sample_weight=weight)


def test_validation_data_go_the_way_of_the_data(digits):
    X, y = digits
    network = small(early_stopping=True)
    val = {"X_val": X[300:], "y_val": y[300:]}
    alone = clone(network).fit(X[:300], y[:300], **val)
    transformer = HiddenLayerTransformer(network).fit(X[:300], y[:300], **val)
    np.testing.assert_array_equal(transformer.estimator_.coefs_[0], alone.coefs_[0])
    scaler = StandardScaler().fit(X[:300])
    scaled_val = {**val, "X_val": scaler.transform(X[300:])}
    alone = clone(network).fit(scaler.transform(X[:300]), y[:300], **scaled_val)
    with config_context(enable_metadata_routing=True):
        network.set_fit_request(X_val=True, y_val=True)
        steps = [("scale", StandardScaler()), ("hidden", HiddenLayerTransformer(network))]
        model = Pipeline(steps, transform_input=["X_val"]).fit(X[:300], y[:300], **val)
    np.testing.assert_array_equal(model[-1].estimator_.coefs_[0], alone.coefs_[0])


def test_pickling(digits):
    X, y = digits
    transformer = HiddenLayerTransformer(small(), layer="all").fit(X, y)
    copy = pickle.loads(pickle.dumps(transformer))
    np.testing.assert_array_equal(copy.transform(X), transformer.transform(X))


@pytest.mark.parametrize("layer", [3, -4, 100])
def test_a_layer_that_is_not_there(digits, layer):
    transformer = HiddenLayerTransformer(small(), layer=layer)
    message = rf"the network has 3. Got layer={layer}: pass an int from -3 to 2"
    with pytest.raises(ValueError, match=message):
        transformer.fit(*digits)
    assert not hasattr(transformer, "estimator_")
    fitted = transformer.set_params(layer=0).fit(*digits).set_params(layer=layer)
    with pytest.raises(ValueError, match=message):
        fitted.transform(digits[0])


@pytest.mark.parametrize("params", [{"layer": "top"}, {"layer": 1.0}, {"prefit": 1}])
def test_parameters_out_of_range(digits, params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of HiddenLayerTransformer"):
        HiddenLayerTransformer(small(), **params).fit(*digits)


def test_a_network_without_hidden_layers(digits):
    with pytest.raises(ValueError, match="no hidden layer"):
        HiddenLayerTransformer(small(hidden_layer_sizes=())).fit(*digits)


def test_parameters_of_the_network_are_checked_first(digits):
    with pytest.raises(ValueError, match="'hidden_layer_sizes' parameter of MLPClassifier"):
        HiddenLayerTransformer(small(hidden_layer_sizes="many")).fit(*digits)


@pytest.mark.parametrize(
    "estimator",
    [
        sklearn.neural_network.MLPClassifier(),
        make_pipeline(MLPClassifier()),
        GridSearchCV(MLPClassifier(), {}),
        None,
    ],
    ids=["scikit-learn", "pipeline", "grid search", "none"],
)
@pytest.mark.parametrize("prefit", [False, True])
def test_other_estimators_are_refused(digits, estimator, prefit):
    transformer = HiddenLayerTransformer(estimator, prefit=prefit)
    with pytest.raises(ValueError, match="takes an MLPClassifier or MLPRegressor of skreg"):
        transformer.fit(*digits)


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressorCV])
def test_a_class_is_refused(digits, Estimator):
    message = f"takes an MLPClassifier or MLPRegressor .* not the class {Estimator.__name__}"
    with pytest.raises(ValueError, match=message):
        HiddenLayerTransformer(Estimator).fit(*digits)


def test_the_fitted_network_of_others_is_refused(digits):
    theirs = sklearn.neural_network.MLPClassifier((5,), max_iter=1).fit(*digits)
    with pytest.raises(ValueError, match="takes an MLPClassifier or MLPRegressor of skreg"):
        HiddenLayerTransformer(theirs, prefit=True).transform(digits[0])


@pytest.mark.parametrize("prefit", [False, True])
def test_not_fitted(digits, prefit):
    transformer = HiddenLayerTransformer(small(), prefit=prefit)
    for call in (
        lambda: transformer.transform(digits[0]),
        lambda: transformer.get_feature_names_out(),
    ):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            call()
    assert not hasattr(transformer, "n_features_in_")
    if prefit:
        with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted"):
            transformer.fit(*digits)
