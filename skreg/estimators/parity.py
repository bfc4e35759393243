"""Whether a network is to be scikit-learn's, number for number."""

import functools
import inspect

from sklearn import neural_network
from sklearn.base import is_classifier

from skreg.estimators.constraints import boolean, number, options, parameters_of
from skreg.estimators.real_target import LOSSES_OF_OURS

# What scikit-learn's own network takes for parameters that take more here.
_TAKEN_THERE = {
    "activation": options("identity", "logistic", "relu", "tanh"),
    "learning_rate": options("adaptive", "constant", "invscaling"),
    "shuffle": boolean(),
    "validation_fraction": number(0, 1),
}
# None of these changes a number, but for its precision.
_WITHOUT_EFFECT = ("checkpoint", "checkpoint_every", "dtype", "time_limit")


def is_as_in_scikit_learn(model):
    """Return whether nothing is set that scikit-learn's own network lacks.

    Then the numbers are scikit-learn's for the same seed; else what is better goes first.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    """
    params = parameters_of(model)
    defaults = _defaults_of_ours(type(model), is_classifier(model))
    return (
        params.get("loss") not in LOSSES_OF_OURS
        and all(
            taken.is_satisfied_by(params[name])
            for name, taken in _TAKEN_THERE.items()
            if name in params
        )
        and all(_is_same(params[name], default) for name, default in defaults.items())
    )


@functools.cache
def _defaults_of_ours(cls, is_classifier):
    """Return the defaults of the parameters that scikit-learn's own network lacks."""
    name = "MLPClassifier" if is_classifier else "MLPRegressor"
    theirs = inspect.signature(getattr(neural_network, name)).parameters
    without = {*theirs, "loss", *_TAKEN_THERE, *_WITHOUT_EFFECT}
    return {
        name: parameter.default
        for name, parameter in inspect.signature(cls).parameters.items()
        if name not in without
    }


def _is_same(value, default):
    is_plain = isinstance(value, (bool, int, float, str))
    return value is default or (is_plain and value == default)
