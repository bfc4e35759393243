"""What each parameter of a network may be."""

import functools
import inspect
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from skreg.nn.activations import ACTIVATIONS


class InvalidParameterError(ValueError, TypeError):
    """A parameter of an estimator has a value that it cannot have."""


class Constraint(NamedTuple):
    """What a parameter may be: a test, and its result in words."""

    is_satisfied_by: Callable[[object], bool]
    description: str


def number(low, high=np.inf, *, brackets="[)", integer=False):
    """Allow numbers in an interval, whose brackets say which ends belong to it."""
    kind, name = (Integral, "an int") if integer else (Real, "a float")

    def is_inside(value):
        if not isinstance(value, kind) or isinstance(value, bool):
            return False
        above = value >= low if brackets[0] == "[" else value > low
        below = value <= high if brackets[1] == "]" else value < high
        return above and below

    interval = f"{brackets[0]}{low}, {high}{brackets[1]}"
    return Constraint(is_inside, f"{name} in the range {interval}")


def options(*values):
    """Allow one of a few values."""
    described = ", ".join(map(repr, values))
    return Constraint(
        lambda value: any(
            isinstance(value, type(option)) and value == option for option in values
        ),
        f"{'one of ' if len(values) > 1 else ''}{described}",
    )


def sequence_of(element):
    """Allow a sequence or one-dimensional array of values that satisfy a constraint."""

    def is_satisfied_by(value):
        if isinstance(value, np.ndarray):
            return value.ndim == 1 and all(map(element.is_satisfied_by, value))
        if isinstance(value, str) or not isinstance(value, Sequence):
            return False
        return all(map(element.is_satisfied_by, value))

    return Constraint(is_satisfied_by, f"a sequence, each {element.description}")


def boolean():
    """Allow True or False."""
    return Constraint(lambda value: isinstance(value, (bool, np.bool_)), "a bool")


def instance_with(*methods):
    """Allow an object that has some methods."""

    def is_satisfied_by(value):
        return not isinstance(value, type) and all(hasattr(value, name) for name in methods)

    return Constraint(is_satisfied_by, f"an object with {'() and '.join(methods)}()")


_DIRECTORY = Constraint(
    lambda value: isinstance(value, str) or hasattr(value, "__fspath__"),
    "the path of a directory",
)
_STRING = Constraint(lambda value: isinstance(value, str), "a string")
_CALLABLE = Constraint(callable, "a callable")
_CLASS_WEIGHTS = Constraint(
    lambda value: isinstance(value, (dict, list)), "a dict or a list of dicts"
)
_SEQUENCE = Constraint(lambda value: isinstance(value, (list, tuple)), "a list of lists")
_RATE = number(0, 1)
_SIZE = number(1, integer=True)
_ACTIVATION = options(*sorted(ACTIVATIONS))

CONSTRAINTS = {
    "hidden_layer_sizes": [_SIZE, sequence_of(_SIZE)],
    "activation": [_ACTIVATION, sequence_of(_ACTIVATION)],
    "loss": [
        options("absolute_error", "gamma", "huber", "poisson", "quantile", "squared_error")
    ],
    "solver": [options("adam", "lbfgs", "sgd")],
    "batch_size": [options("auto"), number(1, integer=True)],
    "learning_rate": [
        options("adaptive", "constant", "cosine", "invscaling", "one_cycle", "plateau")
    ],
    "learning_rate_init": [number(0, brackets="()")],
    "power_t": [number(0)],
    "max_iter": [number(1, integer=True)],
    "shuffle": [boolean(), number(2, integer=True)],
    "tol": [number(0)],
    "verbose": [boolean(), number(0, integer=True)],
    "warm_start": [boolean()],
    "momentum": [number(0, 1, brackets="[]")],
    "nesterovs_momentum": [boolean()],
    "early_stopping": [boolean()],
    "validation_fraction": [_RATE, instance_with("split", "get_n_splits")],
    "beta_1": [_RATE],
    "beta_2": [_RATE],
    "epsilon": [number(0, brackets="()")],
    "n_iter_no_change": [number(1, integer=True), options(np.inf)],
    "max_fun": [number(1, integer=True)],
    "feature_groups": [options(None, "prefix"), _CALLABLE, _SEQUENCE],
    "weight_decay": [number(0)],
    "dropout": [_RATE, sequence_of(_RATE)],
    "input_dropout": [_RATE],
    "scoring": [options(None), _STRING, _CALLABLE],
    "class_weight": [options(None), options("balanced"), _CLASS_WEIGHTS],
    "max_grad_norm": [options(None), number(0, brackets="()")],
    "huber_delta": [number(0, brackets="()")],
    "quantile": [number(0, 1, brackets="()")],
    "label_smoothing": [_RATE],
    "dtype": [options(None, "float32", "float64")],
    "checkpoint": [options(None), _DIRECTORY],
    "checkpoint_every": [number(1, integer=True)],
}
"""What each parameter of a network may be, but for the strengths of penalties, which
`skreg.estimators.strengths` lists; `random_state` is checked where it is used."""


@functools.cache
def _names_of(cls):
    """Return the names of the parameters of a class.

    ``get_params`` of scikit-learn finds them out anew at every call, which takes a good part
    of an epoch of a small network.
    """
    return tuple(inspect.signature(cls).parameters)


def parameters_of(estimator):
    """Return the parameters of an estimator, by name."""
    return {name: getattr(estimator, name) for name in _names_of(type(estimator))}


def check_parameters(estimator, constraints_of, known=MappingProxyType({})):
    """Raise an `InvalidParameterError` for a parameter that is out of its range.

    Parameters
    ----------
    estimator : estimator

    constraints_of : mapping of list of Constraint

    known : mapping, default={}
        Values that are known to be in their range.
    """
    for name, value in parameters_of(estimator).items():
        if name in known and value is known[name]:
            continue
        constraints = constraints_of.get(name, [])
        if constraints and not any(
            constraint.is_satisfied_by(value) for constraint in constraints
        ):
            allowed = " or ".join(constraint.description for constraint in constraints)
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be "
                f"{allowed}. Got {value!r} instead."
            )


def hidden_units(hidden_layer_sizes):
    """Return the sizes of the hidden layers as a list of int."""
    if isinstance(hidden_layer_sizes, Integral):
        return [int(hidden_layer_sizes)]
    return [int(size) for size in hidden_layer_sizes]


def is_set(value):
    """Whether a number, or one of several, is neither 0 nor None."""
    is_one = value is None or isinstance(value, Real)
    return bool(value) if is_one else bool(np.any(value))


def check_length(name, values, n_expected, what):
    """Refuse a sequence that does not hold one value for each of ``what``."""
    is_one_for_all = values is None or isinstance(values, (Real, str))
    if not is_one_for_all and len(values) != n_expected:
        raise ValueError(
            f"{name} has {len(values)} value(s) for {n_expected} {what}. "
            f"Got {name}={values!r}: pass one for all, or one for each."
        )


def check_count(name, value, low):
    """Refuse an argument that is not an int of ``low`` or more."""
    count = number(low, integer=True)
    if not count.is_satisfied_by(value):
        raise InvalidParameterError(
            f"{name} must be {count.description}. Got {value!r} instead."
        )
