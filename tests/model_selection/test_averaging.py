import copy
import functools
import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.model_selection import LeaveOneOut
from sklearn.preprocessing import scale

from skreg import (
    HiddenLayerTransformer,
    MLPClassifier,
    MLPClassifierCV,
    MLPRegressor,
    MLPRegressorCV,
)
from skreg.estimators.prediction import raw_output
from skreg.inspection import optimality
from skreg.model_selection.averaging import averaged
from skreg.nn.block_diagonal import blocks_of

X, Y = load_iris(return_X_y=True)
X = scale(X)


def reads(features, seed=0):
    """Return a network that reads some features alone."""
    params = {"early_stopping": True, "max_iter": 5, "learning_rate_init": 0.01}
    network = MLPClassifier((5, 4), random_state=seed, **params).fit(X, Y)
    network.coefs_[0][np.setdiff1d(range(4), features)] = 0.0
    return network.prune()


@pytest.mark.parametrize(
    "features", [([0, 1], [1, 3]), ([0], [0]), ([1], [0, 1, 2, 3]), ([], [2])]
)
def test_networks_on_different_features(features):
    networks = [reads(columns, seed) for seed, columns in enumerate(features)]
    mean = averaged(networks)
    raws = [raw_output(network, X) for network in networks]
    np.testing.assert_allclose(raw_output(mean, X), np.mean(raws, axis=0), atol=1e-12)
    assert mean.get_support(indices=True).tolist() == sorted({*features[0], *features[1]})
    assert mean.n_features_in_ == 4
    scores = [network.best_validation_score_ for network in networks]
    assert mean.best_validation_score_ == pytest.approx(np.mean(scores))


def test_an_average_leaves_its_networks_alone():
    networks = [reads([0, 1]), reads([1, 3])]
    before = [raw_output(network, X) for network in networks]
    mean = averaged(networks)
    for weights in mean.coefs_:
        for block in blocks_of(weights):
            block[:] = np.nan
    for network, raw in zip(networks, before, strict=True):
        np.testing.assert_array_equal(raw_output(network, X), raw)


def test_samples_seen_are_those_of_a_network_on_average():
    network = MLPClassifier((5,), max_iter=4)
    search = MLPClassifierCV(network, l2s=[0.1], cv=3, random_state=0).fit(X, Y)
    assert search.t_ == 4 * 100


def alike(hidden, n_networks, n_features=5):
    """Return networks that are much alike, and data for them."""
    rng = np.random.default_rng(0)
    A, t = rng.standard_normal((40, n_features)), rng.standard_normal(40)
    network = MLPRegressor(hidden, max_iter=1, early_stopping=True)
    first = network.fit(A, t)
    networks = [copy.copy(first) for _ in range(n_networks)]
    common = [rng.standard_normal(weight.shape) for weight in first.coefs_]
    for one in networks:
        one.coefs_ = [weight + 0.3 * rng.standard_normal(weight.shape) for weight in common]
        one.intercepts_ = [rng.standard_normal(bias.shape) for bias in first.intercepts_]
    return networks, A


TARGETS = {
    "binary": (MLPClassifier, Y > 0),
    "multiclass": (MLPClassifier, Y),
    "multilabel": (MLPClassifier, np.eye(3, dtype=int)[Y]),
    "one output": (MLPRegressor, X[:, 0]),
    "outputs": (MLPRegressor, X[:, :2]),
    "quantiles": (
        functools.partial(MLPRegressor, loss="quantile", quantile=[0.1, 0.5, 0.9]),
        X[:, 0],
    ),
}


@pytest.mark.parametrize(
    ("dtype", "layout"),
    [(np.float64, np.asarray), (np.float32, np.asarray), (np.float32, sparse.csr_array)],
)
@pytest.mark.parametrize("hidden", [(), (5,), (5, 4), (5, 4, 3)])
@pytest.mark.parametrize("kind", TARGETS)
def test_its_raw_output_is_the_mean(kind, hidden, layout, dtype):
    Network, y = TARGETS[kind]
    params = {"early_stopping": True, "max_iter": 2}
    networks = [
        Network(hidden, random_state=seed, **params).fit(X.astype(dtype), y)
        for seed in range(3)
    ]
    mean, data = averaged(networks), layout(X.astype(dtype))
    expected = np.mean([raw_output(network, data) for network in networks], axis=0)
    raw = raw_output(mean, data)
    assert raw.dtype == dtype
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(raw, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(
        raw_output(mean.sparsify(), data), expected, rtol=tolerance, atol=tolerance
    )


def test_an_average_of_networks_of_other_sizes_is_their_mean():
    networks = [reads([0, 1, 2, 3], seed).prune() for seed in range(3)]
    for network, units in zip(networks, [[0, 1], [2], []], strict=True):
        network.coefs_[1][np.setdiff1d(range(5), units)] = 0
    mean = averaged([network.prune() for network in networks])
    # The third reads nothing: its output is in the last biases.
    assert [block.shape for block in mean.coefs_[1].blocks] == [(2, 4), (1, 4)]
    assert mean.hidden_layer_sizes == (3, 8)
    raws = [raw_output(network, X) for network in networks]
    np.testing.assert_allclose(raw_output(mean, X), np.mean(raws, axis=0), atol=1e-12)


def test_all_networks_of_leave_one_out_fit_in_memory():
    # The weights between the hidden layers would be 25 GB with the zeros between them.
    networks, A = alike((128, 128), 442)
    mean = averaged(networks)
    assert mean.hidden_layer_sizes == (442 * 128,) * 2
    expected = np.mean([network.predict(A) for network in networks], axis=0)
    np.testing.assert_allclose(mean.predict(A), expected, rtol=1e-9)
    stored = sum(weight.nbytes for network in networks for weight in network.coefs_)
    assert sum(block.nbytes for w in mean.coefs_ for block in blocks_of(w)) == stored
    assert mean.sparsity_ == [0, 0, 0]
    assert mean.get_support().all()
    assert len(mean.feature_importances_) == 5
    hidden = HiddenLayerTransformer(mean, prefit=True).fit(A).transform(A[:2])
    assert hidden.shape == (2, 442 * 128)
    for change in (lambda: mean.partial_fit(A, A[:, 0]), lambda: optimality(mean, A, A[:, 0])):
        with pytest.raises(ValueError, match=r"have 7,581,184 weights.*refit=True"):
            change()


def test_leave_one_out_with_two_hidden_layers():
    search = MLPRegressorCV(
        MLPRegressor((100, 100), max_iter=1), l2s=[1e-3], cv=LeaveOneOut(), random_state=0
    ).fit(X[:40], X[:40, 0])
    # 123 MB with the zeros; the networks have 40 x 0.08 MB.
    assert len(pickle.dumps(search)) < 5e6
    copied = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(copied.predict(X), search.predict(X))
    assert search.coefs_[1].shape == (4000, 4000)
    np.testing.assert_allclose(search.prune().predict(X), search.predict(X))


def as_stored(mean, layout):
    """Return an average whose weights are stored in some way."""
    return {"dense": mean.densify, "sparse": mean.sparsify, "pruned": mean.prune}[layout]()


@pytest.mark.parametrize(
    ("hidden", "rates", "layout"),
    [
        ((8,), (0.3, 0.0), "dense"),
        ((8,), (0.0, 0.3), "dense"),
        ((8,), (0.3, 0.05), "sparse"),
        ((8,), (0.3, 0.05), "pruned"),
        ((8, 6), (0.3, 0.0), "dense"),
        ((8, 6), (0.0, 0.3), "dense"),
        ((8, 6), (0.3, 0.05), "sparse"),
        ((8, 6), (0.3, 0.05), "pruned"),
    ],
)
def test_networks_draw_masks_of_their_own(hidden, rates, layout):
    networks, A = alike(hidden, 4)
    for network in networks:
        network.set_params(input_dropout=rates[0], dropout=rates[1])
    mean = as_stored(averaged(networks), layout)
    _, std = mean.predict(A, return_std=True, n_draws=400, random_state=0)
    variances = [
        network.predict(A, return_std=True, n_draws=400, random_state=seed)[1] ** 2
        for seed, network in enumerate(networks)
    ]
    ratio = std / (np.sqrt(np.sum(variances, axis=0)) / 4)
    # Relative errors of a standard deviation of 400 draws are 3.5 %.
    np.testing.assert_allclose(ratio, 1, atol=0.2)
    np.testing.assert_allclose(ratio.mean(), 1, atol=0.06)
    # Masks that all share make it larger, where it is the features that are dropped.
    mean._members = None
    _, shared = mean.predict(A, return_std=True, n_draws=400, random_state=0)
    assert (shared.mean() > 1.3 * std.mean()) == (rates[0] > 0)


@pytest.mark.parametrize("n_networks", [2, 8])
@pytest.mark.parametrize("layout", ["dense", "sparse", "pruned"])
def test_linear_networks_draw_masks_of_their_own_features(n_networks, layout):
    networks, A = alike((), n_networks)
    for network in networks:
        network.set_params(input_dropout=0.2)
        network.coefs_[0][2] = 0
    mean = as_stored(averaged(networks), layout)
    _, std = mean.predict(A, return_std=True, n_draws=800, random_state=0)
    # Var(sum_j w_j x_j m_j) with Var(m_j) = rate / (1 - rate), of each network.
    squares = sum(network.coefs_[0].ravel() ** 2 for network in networks)
    variance = A**2 @ squares * 0.2 / 0.8 / n_networks**2
    # Relative errors of a standard deviation of 800 draws are 2.5 %.
    np.testing.assert_allclose(std, np.sqrt(variance), rtol=0.12)


def test_a_mean_of_coefficients_cannot_draw_for_its_networks():
    networks, A = alike((), 3)
    mean = averaged(networks).set_params(input_dropout=0.2)
    with pytest.raises(ValueError, match=r"average of 3 networks.*input_dropout before fit"):
        mean.predict(A, return_std=True)
    # Trained on, it is one network.
    mean.partial_fit(A, A[:, 0])
    assert (mean.predict(A, return_std=True, random_state=0)[1] > 0).all()


def test_an_average_of_deep_networks_goes_on_as_one_network():
    networks = [reads([0, 1, 2, 3], seed) for seed in range(3)]
    mean = averaged(networks)
    before = mean.predict_proba(X)
    distances = optimality(mean, X, Y).coefs
    assert [array.shape for array in distances] == [(4, 15), (15, 12), (12, 3)]
    mean.partial_fit(X, Y)
    between = np.asarray(mean.coefs_[1])[:5, 4:]
    assert type(mean.coefs_[1]) is np.ndarray
    assert (between != 0).any()
    assert not np.allclose(mean.predict_proba(X), before)
    last = mean.loss_
    mean.set_params(warm_start=True, max_iter=30).fit(X, Y)
    assert mean.loss_ < last
