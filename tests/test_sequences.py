"""Random sequences of calls: what comes of them does not depend on what was done between.

An estimator and its twin take the same calls. In between the one is asked for predictions
and takes calls that are refused, while the other is pickled and copied. A third takes them
all at once in the end.
"""

import contextlib
import copy
import pickle
import warnings
from unittest import mock

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from skreg import MLPClassifier, MLPRegressor
from skreg.nn.monitor import Monitor

rng = np.random.RandomState(0)
TABLES = [rng.standard_normal((n, 4)) for n in (24, 24, 15)]
LABELS = [np.array(list("abc"))[X[:, 0].argsort().argsort() * 3 // len(X)] for X in TABLES]
TARGETS = [X[:, :2] + np.abs(X[:, 2:]) for X in TABLES]
WEIGHTS = [rng.uniform(0.5, 2, len(X)) for X in TABLES]

VALUES = {
    "hidden_layer_sizes": [(5,), (4, 3), ()],
    "activation": ["relu", "tanh", "gelu"],
    "solver": ["adam", "adam", "sgd", "lbfgs"],
    "alpha": [0.0, 1e-4, 1.0],
    "batch_size": ["auto", 5, 7],
    "learning_rate": ["constant", "adaptive", "invscaling", "cosine", "one_cycle", "plateau"],
    "learning_rate_init": [0.001, 0.1, np.float32(0.01)],
    "max_iter": [1, 3, 6],
    "shuffle": [True, False, 4],
    "random_state": [0, 1, np.int64(2)],
    "tol": [1e-4, 1.0],
    "warm_start": [False, True, True],
    "momentum": [0.9, 0.0],
    "early_stopping": [False, False, True],
    "validation_fraction": [0.25, 0.4],
    "n_iter_no_change": [1, 10],
    "l1": [0.0, 0.01, 0.3],
    "l2": [None, 0.1],
    "group_lasso": [0.0, 0.05, 0.5],
    "max_norm": [None, 1.0],
    "weight_decay": [0.0, 0.1],
    "dropout": [0.0, 0.2],
    "input_dropout": [0.0, 0.2],
    "max_grad_norm": [None, 0.1],
    "scoring": [None, "loss"],
    "dtype": [None, "float32"],
}
SETTINGS = st.one_of(
    [st.tuples(st.just(name), st.sampled_from(values)) for name, values in VALUES.items()]
)
# What there is to begin with.
PROFILES = [
    {},
    {"dropout": 0.2, "input_dropout": 0.2, "l1": 0.01, "batch_size": 7},
    {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "dropout": 0.5},
    {"learning_rate": "plateau", "tol": 1.0, "n_iter_no_change": 2, "input_dropout": 0.2},
    {"learning_rate": "one_cycle", "max_iter": 6, "warm_start": True},
    {"early_stopping": True, "warm_start": True, "validation_fraction": 0.4},
    {"group_lasso": 0.2, "learning_rate_init": 0.1, "max_iter": 20, "batch_size": 5},
    {"solver": "lbfgs", "l1": 0.1, "hidden_layer_sizes": ()},
]
TABLE = st.integers(0, len(TABLES) - 1)

# Calls that cannot go well: parameters that are set before, and arguments of fit.
REFUSED = {
    "a parameter out of its range": ({"alpha": -1}, ()),
    "a size that cannot be": ({"hidden_layer_sizes": 10**30}, ()),
    "parameters that do not go together": ({"solver": "lbfgs", "max_norm": 1.0}, ()),
    "a wrong length": ({}, (TABLES[0], LABELS[2])),
    "a value that is missing": ({}, (np.full((24, 4), np.nan), LABELS[0])),
    "weights that are negative": ({}, (TABLES[0], LABELS[0], -WEIGHTS[0])),
    "no arrays": ({}, (object(), LABELS[0])),
    "rows beyond all floats": ({"solver": "sgd"}, (1e300 * TABLES[0], LABELS[0])),
    "a scorer that is none": ({"scoring": "no such", "early_stopping": True}, ()),
}


def call(model, method, *args, **kwargs):
    """Return what a method of a model returns, or the error that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return getattr(model, method)(*args, **kwargs)
        except (ValueError, AttributeError, TypeError) as error:
            return error


def data_of(model, table):
    is_classifier = isinstance(model, MLPClassifier)
    return TABLES[table], (LABELS if is_classifier else TARGETS)[table]


def advance(model, name, *args):
    """Return what a step makes of a model, and what it was told."""
    if name == "set_params":
        return model.set_params(**dict(args)), ""
    if name in ("fit", "partial_fit"):
        table, is_weighted = args
        weights = (WEIGHTS[table],) if is_weighted else ()
        more = {}
        if name == "partial_fit" and isinstance(model, MLPClassifier):
            more["classes"] = ["a", "b", "c"]
        told = call(model, name, *data_of(model, table), *weights, **more)
        return model, str(told) if isinstance(told, Exception) else ""
    if name == "prune":
        return model.prune(), ""
    return getattr(model, name)(), ""


def state_of(model):
    """Return what there is to see of a model, but for the seconds that it took."""
    seen = {name: repr(value) for name, value in model.get_params().items()}
    if hasattr(model, "coefs_"):
        dense = [w if isinstance(w, np.ndarray) else w.toarray() for w in model.coefs_]
        history = {k: v for k, v in model.history_.items() if k != "seconds"}
        numbers = (model.n_features_in_, model.n_iter_, model.t_, model.best_iter_)
        seen["told"] = repr((numbers, model.loss_, model.loss_curve_, history))
        seen["arrays"] = [a.tobytes() for a in (*dense, *model.intercepts_)]
        seen["output"] = repr(call(model, "predict", TABLES[0]))
    return seen


def assert_same_predictions(model, before):
    """Compare predictions of networks that add up the same numbers in another order."""
    after = model.predict(TABLES[0])
    if isinstance(model, MLPClassifier):
        np.testing.assert_array_equal(after, before)
    else:
        np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-5)


class Sequence(RuleBasedStateMachine):
    """Two estimators that take the same calls."""

    Network = None

    @initialize(profile=st.sampled_from(PROFILES))
    def begin(self, profile):
        params = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0, **profile}
        self.first, self.steps = self.Network(**params), []
        self.one, self.other = copy.deepcopy(self.first), copy.deepcopy(self.first)

    def is_fitted(self):
        return hasattr(self.one, "coefs_")

    def step(self, name, *args):
        self.steps.append((name, *args))
        before = state_of(self.one)
        self.one, told = advance(self.one, name, *args)
        self.other, told_other = advance(self.other, name, *args)
        assert told == told_other
        if told:
            assert state_of(self.one) == before

    @rule(setting=SETTINGS)
    def set_params(self, setting):
        self.step("set_params", setting)

    @rule(table=TABLE, is_weighted=st.booleans())
    def fit(self, table, is_weighted):
        self.step("fit", table, is_weighted)

    @rule(table=TABLE, is_weighted=st.booleans())
    def partial_fit(self, table, is_weighted):
        self.step("partial_fit", table, is_weighted)

    @rule(tables=st.lists(TABLE, min_size=2, max_size=4))
    def partial_fits(self, tables):
        for table in tables:
            self.step("partial_fit", table, False)

    @precondition(is_fitted)
    @rule(name=st.sampled_from(["sparsify", "densify"]))
    def store_differently(self, name):
        before = self.one.predict(TABLES[0])
        self.step(name)
        assert_same_predictions(self.one, before)

    @precondition(is_fitted)
    @rule()
    def prune(self):
        before = self.one.predict(TABLES[0])
        n_units = sum(map(len, self.one.intercepts_))
        self.step("prune")
        assert_same_predictions(self.one, before)
        assert sum(map(len, self.one.intercepts_)) <= n_units

    @precondition(is_fitted)
    @rule(table=TABLE)
    def predict(self, table):
        before = state_of(self.one)
        X, y = data_of(self.one, table)
        prediction = self.one.predict(X)
        assert prediction.shape == y.shape
        self.one.score(X, y)
        assert state_of(self.one) == before

    @rule(why=st.sampled_from(sorted(REFUSED)), method=st.sampled_from(["fit", "partial_fit"]))
    def be_refused(self, why, method):
        params, args = REFUSED[why]
        present = {name: self.one.get_params()[name] for name in params}
        self.one.set_params(**params)
        before, seen = dict(vars(self.one)), state_of(self.one)
        error = call(self.one, method, *(args or data_of(self.one, 0)))
        if isinstance(error, Exception):
            assert vars(self.one).keys() == before.keys()
            assert all(vars(self.one)[name] is before[name] for name in before)
            assert state_of(self.one) == seen
        else:
            # partial_fit has no use for a scorer, and lbfgs none for partial_fit.
            self.one = copy.deepcopy(self.other)
        self.one.set_params(**present)

    @precondition(is_fitted)
    @rule(table=TABLE)
    def be_interrupted(self, table):
        before, seen = dict(vars(self.one)), state_of(self.one)
        interrupted = mock.patch.object(Monitor, "end", side_effect=KeyboardInterrupt)
        with interrupted, contextlib.suppress(KeyboardInterrupt):
            call(self.one, "partial_fit", *data_of(self.one, table))
        assert all(vars(self.one)[name] is before[name] for name in before)
        assert state_of(self.one) == seen
        # Nor does it show in what comes next.
        self.step("partial_fit", table, False)

    @rule(way=st.sampled_from(["pickle", "deepcopy", "swap"]))
    def travel(self, way):
        if way == "pickle":
            self.other = pickle.loads(pickle.dumps(self.other))
        elif way == "deepcopy":
            self.other = copy.deepcopy(self.other)
        else:
            self.one, self.other = self.other, self.one

    @invariant()
    def twins_are_equal(self):
        if hasattr(self, "one"):
            assert state_of(self.one) == state_of(self.other)

    @invariant()
    def what_is_fitted_fits_together(self):
        if not hasattr(self, "one") or not self.is_fitted():
            return
        net = self.one
        units = [net.coefs_[0].shape[0], *(w.shape[1] for w in net.coefs_)]
        assert units[1:] == [len(b) for b in net.intercepts_]
        assert units[1:-1] == [w.shape[0] for w in net.coefs_[1:]]
        assert net.n_layers_ == len(units)
        assert net.n_outputs_ == units[-1]
        assert net.n_features_in_ == 4
        assert len(net.get_support()) == 4
        assert net.get_support().sum() <= units[0] <= 4
        assert len(net.sparsity_) == len(net.coefs_)
        assert len(net.loss_curve_) == len(net.history_["loss"])

    def teardown(self):
        if hasattr(self, "steps"):
            third = copy.deepcopy(self.first)
            for step in self.steps:
                third, _ = advance(third, *step)
            assert state_of(third) == state_of(self.one)


class OfClassifier(Sequence):
    Network = MLPClassifier


class OfRegressor(Sequence):
    Network = MLPRegressor


FEW = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("Machine", [OfClassifier, OfRegressor])
def test_what_is_done_in_between_does_not_matter(Machine):
    run_state_machine_as_test(Machine, settings=FEW)
