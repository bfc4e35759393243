"""Whether a network is to be scikit-learn's, number for number."""

import inspect

from sklearn import neural_network
from sklearn.base import is_classifier

from skreg.estimators.constraints import parameters_of
from skreg.estimators.targets import LOSSES_OF_OURS

# None of these changes a number.
_WITHOUT_EFFECT = ("checkpoint", "checkpoint_every", "time_limit")


def is_as_in_scikit_learn(model):
    """Return whether nothing is set that scikit-learn's own network lacks.

    Then the numbers are scikit-learn's for the same seed; else what is better goes first.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    """
    name = "MLPClassifier" if is_classifier(model) else "MLPRegressor"
    theirs = inspect.signature(getattr(neural_network, name)).parameters
    defaults = inspect.signature(type(model)).parameters
    params = parameters_of(model)
    return params.get("loss") not in LOSSES_OF_OURS and all(
        _is_same(value, defaults[name].default)
        for name, value in params.items()
        if name not in theirs and name not in _WITHOUT_EFFECT
    )


def _is_same(value, default):
    is_plain = isinstance(value, (bool, int, float, str))
    return value is default or (is_plain and value == default)
