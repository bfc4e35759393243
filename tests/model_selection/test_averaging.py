import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV
from skreg.estimators.prediction import raw_output
from skreg.model_selection.averaging import averaged

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
        weights[:] = np.nan
    for network, raw in zip(networks, before, strict=True):
        np.testing.assert_array_equal(raw_output(network, X), raw)


def test_samples_seen_are_those_of_a_network_on_average():
    network = MLPClassifier((5,), max_iter=4)
    search = MLPClassifierCV(network, l2s=[0.1], cv=3, random_state=0).fit(X, Y)
    assert search.t_ == 4 * 100
