"""What each parameter of a network may be."""

import functools
import inspect
import reprlib
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from sklearn.metrics import get_scorer_names
from sklearn.utils import check_random_state

from skreg.nn.activations import ACTIVATIONS


class InvalidParameterError(ValueError, TypeError):
    """A parameter of an estimator has a value that it cannot have."""


class Constraint(NamedTuple):
    """What a parameter may be.

    Attributes
    ----------
    is_satisfied_by : callable
        The test.

    description : str
        Its result in words.

    read : callable, default=None
        Turns a value that satisfies it into what the engine is given in its place. None: it
        stays as it is.
    """

    is_satisfied_by: Callable[[object], bool]
    description: str
    read: Callable | None = None


def number(low, high=np.inf, *, brackets="[)", integer=False):
    """Allow numbers in an interval, whose brackets say which ends belong to it.

    They are read as numbers of Python: those of NumPy would have all that they meet computed
    in their precision.
    """
    kind, name, read = (Integral, "an int", int) if integer else (Real, "a float", float)

    def is_inside(value):
        if not isinstance(value, kind) or isinstance(value, bool):
            return False
        try:
            value = read(value)
        except OverflowError:
            return False
        above = value >= low if brackets[0] == "[" else value > low
        below = value <= high if brackets[1] == "]" else value < high
        return above and below

    interval = f"{brackets[0]}{low}, {high}{brackets[1]}"
    return Constraint(is_inside, f"{name} in the range {interval}", read)


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
        # What stands for text or memory is a sequence of characters or bytes as well.
        is_raw = isinstance(value, (str, bytes, bytearray, memoryview))
        if is_raw or not isinstance(value, Sequence):
            return False
        return all(map(element.is_satisfied_by, value))

    def read(values):
        kind = tuple if isinstance(values, tuple) else list
        return kind(values if element.read is None else map(element.read, values))

    return Constraint(is_satisfied_by, f"a sequence, each {element.description}", read)


def distinct(sequence):
    """Allow a sequence that is not empty, and in which no value is there twice."""

    def is_satisfied_by(values):
        if not sequence.is_satisfied_by(values):
            return False
        read = sequence.read(values)
        return 0 < len(read) == len(set(read))

    return Constraint(
        is_satisfied_by, f"{sequence.description}, and no two alike", sequence.read
    )


def boolean():
    """Allow True or False."""
    return Constraint(lambda value: isinstance(value, (bool, np.bool_)), "a bool", bool)


def instance_with(*methods):
    """Allow an object that has some methods."""

    def is_satisfied_by(value):
        return not isinstance(value, type) and all(hasattr(value, name) for name in methods)

    return Constraint(is_satisfied_by, f"an object with {'() and '.join(methods)}()")


_DIRECTORY = Constraint(
    lambda value: isinstance(value, str) or hasattr(value, "__fspath__"),
    "the path of a directory",
)
_SCORER_NAME = Constraint(
    lambda value: isinstance(value, str) and value in get_scorer_names(),
    "the name of a scorer, see sklearn.metrics.get_scorer_names()",
)
_CALLABLE = Constraint(
    lambda value: callable(value) and not isinstance(value, type), "a callable"
)
_CLASS_WEIGHTS = Constraint(
    lambda value: isinstance(value, (dict, list)), "a dict or a list of dicts"
)
_WEIGHTS = Constraint(
    lambda value: (
        not isinstance(value, type)
        and (isinstance(value, (Mapping, list, tuple)) or hasattr(value, "__array__"))
    ),
    "an array-like or a dict",
)
_SEQUENCE = Constraint(lambda value: isinstance(value, (list, tuple)), "a list of lists")
_RATE = number(0, 1)
_LEVEL = number(0, 1, brackets="()")
_SIZE = number(1, integer=True)
_SIZES = sequence_of(_SIZE)
# scikit-learn's regressor has its loss there.
_SIZES = _SIZES._replace(
    description=f"{_SIZES.description} (it comes first; a loss is passed by keyword)"
)
_ACTIVATION = options(*sorted(ACTIVATIONS))

CONSTRAINTS = {
    "hidden_layer_sizes": [_SIZE, _SIZES],
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
    "min_epochs": [number(0, integer=True)],
    "time_limit": [options(None), number(0, brackets="()")],
    "n_iter_no_change": [number(1, integer=True), options(np.inf)],
    "max_fun": [number(1, integer=True)],
    "feature_weights": [options(None), _WEIGHTS, _CALLABLE],
    "feature_groups": [options(None, "prefix"), _CALLABLE, _SEQUENCE],
    "weight_decay": [number(0)],
    "dropout": [_RATE, sequence_of(_RATE)],
    "input_dropout": [_RATE],
    "scoring": [options(None, "loss"), _SCORER_NAME, _CALLABLE],
    "class_weight": [options(None), options("balanced"), _CLASS_WEIGHTS],
    "max_grad_norm": [options(None), number(0, brackets="()")],
    "huber_delta": [number(0, brackets="()")],
    "quantile": [_LEVEL, distinct(sequence_of(_LEVEL))],
    "scale_target": [boolean()],
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
    """Return the parameters as they are read; refuse one that is out of its range.

    Parameters
    ----------
    estimator : estimator

    constraints_of : mapping of list of Constraint
        A parameter that is not there is read as it is.

    known : mapping, default={}
        Values that are known to be in their range, and as they are read.

    Returns
    -------
    read : dict
        By name.

    Raises
    ------
    InvalidParameterError
    """
    read = parameters_of(estimator)
    for name, value in read.items():
        if name in constraints_of and not (name in known and value is known[name]):
            what = f"The {name!r} parameter of {type(estimator).__name__}"
            read[name] = check_value(what, value, constraints_of[name])
    return read


def check_value(what, value, constraints):
    """Return a value as it is read; refuse one that satisfies none of the constraints."""
    for constraint in constraints:
        if constraint.is_satisfied_by(value):
            return value if constraint.read is None else constraint.read(value)
    allowed = " or ".join(constraint.description for constraint in constraints)
    raise InvalidParameterError(f"{what} must be {allowed}. Got {shown(value)} instead.")


_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = 300
_SHORT.maxlong = 60
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxarray = _SHORT.maxset = _SHORT.maxdict = 20


def shown(value):
    """Return what a message shows of a value, which may be of any size."""
    try:
        return _SHORT.repr(value)
    except Exception:  # such as an int of more digits than Python writes out
        return f"a value of type {type(value).__name__}"


def in_brief(error):
    """Return the message of an error; others than ours may show values of any size."""
    text = str(error)
    return text if len(text) <= 600 else f"{text[:600]} ..."


def generator(random_state):
    """Return the generator that ``random_state`` stands for."""
    try:
        return check_random_state(random_state)
    except Exception as error:  # such as that of a value which cannot be shown
        raise InvalidParameterError(
            "random_state must be None, an int from 0 to 2**32 - 1, or a "
            f"numpy.random.RandomState. Got {shown(random_state)}: it cannot be used to seed a "
            "generator."
        ) from error


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
            f"Got {name}={shown(values)}: pass one for all, or one for each."
        )


def check_count(name, value, low):
    """Return an argument as an int; refuse what is none of ``low`` or more."""
    return check_value(name, value, [number(low, integer=True)])
