"""Where scikit-learn's numbers are promised, and where not."""

import inspect

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.model_selection import KFold

import skreg
from skreg.estimators.parity import is_as_in_scikit_learn

NETWORKS = pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
# Of each parameter that scikit-learn has, values of which one is ours alone.
VALUES = {
    "loss": ["poisson", "huber"],
    "activation": ["tanh", "gelu"],
    "learning_rate": ["adaptive", "cosine"],
    "shuffle": [False, 100],
    "validation_fraction": [0.2, KFold(5)],
    "verbose": [True],
    "early_stopping": [True],
    "solver": ["sgd", "lbfgs"],
}


def is_taken_there(name, parameter, value):
    """Whether scikit-learn's network accepts a value, by its own checks."""
    theirs = getattr(sklearn.neural_network, name)
    if parameter not in inspect.signature(theirs).parameters:
        return False
    try:
        theirs(**{parameter: value})._validate_params()
    except ValueError:
        return False
    return True


@NETWORKS
def test_a_value_is_ours_where_scikit_learn_refuses_it(name):
    for parameter, values in VALUES.items():
        if name == "MLPClassifier" and parameter == "loss":
            continue
        for value in values:
            model = getattr(skreg, name)(**{parameter: value})
            assert is_as_in_scikit_learn(model) == is_taken_there(name, parameter, value)


@NETWORKS
def test_every_parameter_of_ours_counts_but_those_without_an_influence(name):
    values = {
        "l1": [0.0, 0.1],
        "l2": 0.0,
        "feature_groups": [[0, 1]],
        "feature_weights": [1.0],
        "max_norm": 1.0,
        "scoring": "loss",
        "max_grad_norm": 1.0,
        "class_weight": "balanced",
        "scale_target": True,
        "quantile": [0.1, 0.9],
    }
    without = {"dtype": "float32", "checkpoint": "here", "checkpoint_every": 1, "time_limit": 9}
    theirs = inspect.signature(getattr(sklearn.neural_network, name)).parameters
    ours = inspect.signature(getattr(skreg, name)).parameters.keys() - theirs.keys() - {"loss"}
    assert without.keys() < ours
    for parameter in ours:
        value = without.get(parameter, values.get(parameter, 0.1))
        model = getattr(skreg, name)(**{parameter: value})
        assert is_as_in_scikit_learn(model) == (parameter in without), parameter


@NETWORKS
def test_the_defaults_are_those_of_a_drop_in(name):
    assert is_as_in_scikit_learn(getattr(skreg, name)())


# y is far from zero, and its mean, median and quantile far from each other.
X = np.random.default_rng(0).standard_normal((60, 3))
Y = np.exp(np.random.default_rng(1).standard_normal((60, 2)) + 3)
WEIGHT = np.random.default_rng(2).random(60)


def first_bias(y=Y, **params):
    """Return the output bias before the first step has moved it noticeably."""
    settings = {"learning_rate_init": 1e-12, "max_iter": 1, "tol": 0.0, "random_state": 0}
    model = skreg.MLPRegressor((4,), **settings | params)
    with pytest.warns(UserWarning, match="converged"):
        return model.fit(X, y, WEIGHT).intercepts_[-1]


@pytest.mark.parametrize(
    "params",
    [
        {"l2": 0.1},
        {"loss": "absolute_error"},
        {"loss": "quantile", "quantile": 0.9},
        {"loss": "quantile", "quantile": [0.9, 0.2]},
        {"loss": "huber", "huber_delta": 3.0},
        {"loss": "poisson", "l2": 0.1},
        {"loss": "gamma"},
    ],
    ids=str,
)
def test_where_one_of_ours_is_set_the_output_begins_at_the_best_constant(params):
    bias = first_bias(**params)
    loss = skreg.MLPRegressor((4,), max_iter=1, **params)
    with pytest.warns(UserWarning, match="converged"):
        loss = loss.fit(X, Y)._target.loss

    def value(raw):
        constant = np.tile(raw, (60, 1))
        return loss.value(Y, constant, np.empty_like(constant), WEIGHT / WEIGHT.mean())

    best = value(bias)
    for step in (1e-3, 0.1, 1.0):
        for k in range(len(bias)):
            for sign in (-1, 1):
                elsewhere = bias.copy()
                elsewhere[k] += sign * step
                assert best <= value(elsewhere) + 1e-9


@pytest.mark.parametrize("params", [{}, {"loss": "poisson"}, {"dtype": "float64"}])
def test_where_none_is_set_the_output_begins_where_scikit_learns_does(params):
    assert np.abs(first_bias(**params)).max() < 1.0


def test_held_out_rows_have_no_part_in_where_the_output_begins():
    y, fold = Y[:, 0].copy(), KFold(5)
    _, held_out = list(fold.split(X))[-1]
    params = {"early_stopping": True, "validation_fraction": fold}
    before = first_bias(y, **params)
    y[held_out] += 1e6
    np.testing.assert_allclose(first_bias(y, **params), before, rtol=1e-9)


def test_counts_that_are_all_zero_do_not_send_the_output_to_minus_infinity():
    assert np.isfinite(first_bias(np.zeros(60), loss="poisson", l2=0.1)).all()


def test_in_a_search_the_output_always_begins_at_the_best_constant():
    network = skreg.MLPRegressor((4,), learning_rate_init=1e-12, max_iter=1)
    for refit in (False, True):
        search = skreg.MLPRegressorCV(network, cv=2, refit=refit, scoring=None)
        search.fit(X, Y[:, 0])
        assert search.intercepts_[-1] == pytest.approx(Y[:, 0].mean(), rel=1e-6)


def test_what_goes_on_does_not_begin_anew():
    model = skreg.MLPRegressor((4,), l2=0.1, random_state=0, warm_start=True, max_iter=5)
    with pytest.warns(UserWarning, match="converged"):
        model.fit(X, Y)
    before = [bias.copy() for bias in model.intercepts_]
    model.set_params(learning_rate_init=1e-12)
    with pytest.warns(UserWarning, match="converged"):
        model.fit(X, Y + 100)
    np.testing.assert_allclose(model.intercepts_[-1], before[-1], rtol=1e-9)
    model.partial_fit(X, Y + 200)
    np.testing.assert_allclose(model.intercepts_[-1], before[-1], rtol=1e-9)
