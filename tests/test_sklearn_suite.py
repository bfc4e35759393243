"""scikit-learn's own tests of its MLP, run on our classes.

The module comes from the installed wheel. Our classes take the place of
scikit-learn's before it is imported, since its parametrisation captures them.
"""

import importlib.util
from unittest import mock

import pytest
import sklearn.neural_network

import skreg

PRIVATE = {
    "test_gradient": "calls _loss_grad_lbfgs; gradients: tests/nn/test_objective.py",
    "test_learning_rate_warmstart": "reads _optimizer.learning_rate",
    "test_adaptive_learning_rate": "reads _optimizer.learning_rate",
    "test_n_iter_no_change": "reads _no_improvement_count",
    "test_n_iter_no_change_inf": "reads _no_improvement_count",
}
"""Tests of private names, which we do not have, and what they read."""


def _load():
    path = f"{sklearn.neural_network.__path__[0]}/tests/test_mlp.py"
    spec = importlib.util.spec_from_file_location("sklearn_test_mlp", path)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.multiple(
        sklearn.neural_network,
        MLPClassifier=skreg.MLPClassifier,
        MLPRegressor=skreg.MLPRegressor,
    ):
        spec.loader.exec_module(module)
    return module


_MODULE = _load()
_THEIR_TESTS = {name: test for name, test in vars(_MODULE).items() if name.startswith("test_")}
globals().update({name: test for name, test in _THEIR_TESTS.items() if name not in PRIVATE})

# Some of them provoke warnings, which our configuration turns into errors.
pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_suite_runs_on_our_classes():
    assert _MODULE.MLPClassifier is skreg.MLPClassifier
    assert _MODULE.MLPRegressor is skreg.MLPRegressor
    assert _THEIR_TESTS.keys() >= PRIVATE.keys()
    assert len(_THEIR_TESTS) >= 40
    assert sklearn.neural_network.MLPClassifier is not skreg.MLPClassifier
