"""What tells a training from others: by its parameters and weights."""

import functools
import hashlib
from numbers import Number
from types import CodeType, FunctionType

import joblib
import numpy as np

from skreg.estimators.constraints import parameters_of

# Parameters that say how long to train, by what to judge, or what to print and to keep.
_NOT_THE_STEPS = {"max_iter", "max_fun", "random_state", "verbose", "warm_start"}
_NOT_THE_STEPS |= {"early_stopping", "scoring", "validation_fraction"}
_NOT_THE_STEPS |= {"checkpoint", "checkpoint_every", "time_limit"}
_PLANS = ("cosine", "one_cycle")


def steps_of(model):
    """Return the parameters that decide what a step does, to be compared with others."""
    left_out = _NOT_THE_STEPS
    if model.learning_rate in _PLANS:
        # A plan is laid out over max_iter.
        left_out = _NOT_THE_STEPS - {"max_iter"}
    return {
        name: comparable(value)
        for name, value in parameters_of(model).items()
        if name not in left_out
    }


def fingerprint_of(theta):
    """Return what tells parameters from others, a str."""
    return hashlib.blake2b(theta).hexdigest()


def comparable(value, within=()):
    """Return what to compare in place of a value, in this process and in others.

    Parameters
    ----------
    value : object

    within : tuple
        The objects that it is a part of.
    """
    if value is None or isinstance(value, (str, Number)):
        return value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [comparable(part, within) for part in value]
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        cells += value.__defaults__ or ()
        cells += sorted((value.__kwdefaults__ or {}).items())
        within = *within, value
        parts = (cell for cell in cells if not any(cell is whole for whole in within))
        known = [comparable(part, within) for part in parts]
        return [value.__module__, value.__qualname__, _comparable_code(value.__code__), known]
    if isinstance(value, functools.partial):
        parts = [value.func, value.args, sorted(value.keywords.items())]
        return comparable(parts, (*within, value))
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    try:
        return joblib.hash(value)
    except Exception:  # whatever a user's own object raises that cannot be pickled
        name = type(value).__qualname__
        if any(value is whole for whole in within):
            return name
        parts = getattr(value, "__dict__", {})
        return [name, *(comparable(part, (*within, value)) for part in parts.values())]


def _comparable_code(code):
    """Return what tells the code of a function from that of another of its name."""
    constants = [
        _comparable_code(constant) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    return [code.co_code.hex(), list(code.co_names), constants]
