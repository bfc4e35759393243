"""Lines of the guide's table of what differs from scikit-learn that no other test shows.

scikit-learn stands beside in each: where it changes, so must the table.
"""

import warnings

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import log_loss
from sklearn.preprocessing import scale
from sklearn.utils import get_tags

import skreg

X, Y = load_iris(return_X_y=True)
X = scale(X)
PARAMS = {"hidden_layer_sizes": (5,), "max_iter": 8, "random_state": 0}


def test_lbfgs_has_records():
    theirs = sklearn.neural_network.MLPClassifier(solver="lbfgs", **PARAMS).fit(X, Y)
    ours = skreg.MLPClassifier(solver="lbfgs", **PARAMS).fit(X, Y)
    assert theirs.t_ == 0
    assert not hasattr(theirs, "loss_curve_")
    assert ours.t_ == ours.n_iter_ * len(X)
    assert ours.best_loss_ == min(ours.loss_curve_)


@pytest.mark.parametrize("module", [sklearn.neural_network, skreg])
def test_calls_that_hold_some_classes_under_warm_start(module):
    model = module.MLPClassifier(**PARAMS, warm_start=True)
    model.partial_fit(X, Y, classes=np.unique(Y))
    if module is skreg:
        model.partial_fit(X[Y > 0], Y[Y > 0])
        assert model.predict_proba(X).shape == (len(X), 3)
    else:
        with pytest.raises(ValueError, match="warm_start"):
            model.partial_fit(X[Y > 0], Y[Y > 0])


@pytest.mark.parametrize("module", [sklearn.neural_network, skreg])
def test_labels_that_are_predicted_for_sparse_indicators(module):
    labels = np.column_stack([Y == 0, Y > 0]).astype(int)
    model = module.MLPClassifier(**PARAMS).fit(X, sparse.csr_matrix(labels))
    assert sparse.issparse(model.predict(X)) == (module is sklearn.neural_network)


@pytest.mark.parametrize("module", [sklearn.neural_network, skreg])
def test_tags(module):
    is_ours = module is skreg
    assert get_tags(module.MLPRegressor()).target_tags.multi_output == is_ours
    poisson = get_tags(module.MLPRegressor(loss="poisson"))
    assert poisson.target_tags.positive_only == is_ours


@pytest.mark.parametrize("module", [sklearn.neural_network, skreg])
def test_the_probability_of_what_is_all_but_impossible(module):
    model = module.MLPClassifier(**PARAMS).fit(X[Y < 2], Y[Y < 2])
    model.intercepts_[-1][:] = 50.0
    first = model.predict_proba(X[:1])[0, 0]
    if module is skreg:
        assert 0 < first < 1e-16
    else:
        assert first == 0


def test_lbfgs_refuses_a_bound_on_gradients():
    with pytest.raises(ValueError, match=r"Got max_grad_norm=1.0: .*'adam'"):
        skreg.MLPClassifier(solver="lbfgs", max_grad_norm=1.0).fit(X, Y)


def test_weights_of_classes_are_relative_to_the_mean_of_a_call():
    weighted, plain = (
        skreg.MLPClassifier(**PARAMS, l2=0.0, class_weight=class_weight)
        for class_weight in ({0: 1.0, 1: 3.0, 2: 5.0}, None)
    )
    for model in (weighted, plain):
        model.partial_fit(X[Y == 1], Y[Y == 1], classes=np.unique(Y))
    np.testing.assert_allclose(weighted.coefs_[0], plain.coefs_[0], rtol=1e-12)


def test_the_loss_on_held_out_rows_is_smoothed_alike():
    model = skreg.MLPClassifier(**PARAMS, label_smoothing=0.3, early_stopping=True)
    model.set_params(n_iter_no_change=100, scoring="loss")
    model.fit(X, Y, X_val=X[::2], y_val=Y[::2])
    targets = np.full((len(X[::2]), 3), 0.1)
    targets[np.arange(len(targets)), Y[::2]] += 0.7
    best = model.validation_loss_curve_[model.best_iter_ - 1]
    expected = np.mean(-(targets * np.log(model.predict_proba(X[::2]))).sum(axis=1))
    assert best == pytest.approx(expected, rel=1e-12)
    assert best > log_loss(Y[::2], model.predict_proba(X[::2]))


def test_lbfgs_stalls_at_a_kink_without_a_warning():
    features, target = load_diabetes(return_X_y=True)
    model = skreg.MLPRegressor((), solver="lbfgs", loss="absolute_error", max_iter=2000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.set_params(random_state=0, l2=0.0).fit(scale(features), scale(target))
