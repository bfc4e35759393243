"""Parameters that say how strong a penalty is: the one list of them.

What goes together with a penalty is not told here but by its traits, see
`skreg.nn.penalties.Penalty` and `skreg.estimators.refusals`.
"""

import copy
import functools
import inspect
from collections.abc import Callable
from typing import NamedTuple

from skreg.estimators.constraints import (
    CONSTRAINTS,
    check_length,
    check_parameters,
    is_set,
    number,
    options,
    sequence_of,
)
from skreg.nn.penalties import L1, L2, GroupLasso, L2PerSample, MaxNorm
from skreg.nn.regularizer import by_feature, by_unit, by_weight, by_weight_and_feature


class Strength(NamedTuple):
    """A parameter that says how strong a penalty is; 0 and None stand for no penalty.

    Attributes
    ----------
    penalty : type
        Subclass of `Penalty` that takes the strength.

    places : callable
        `by_weight`, `by_unit`, `by_feature` or `by_weight_and_feature`.

    allowed : list of Constraint
    """

    penalty: type
    places: Callable
    allowed: list


_FROM_ZERO, _POSITIVE = number(0), number(0, brackets="()")

STRENGTHS = {
    "l1": Strength(L1, by_weight_and_feature, [_FROM_ZERO, sequence_of(_FROM_ZERO)]),
    "l2": Strength(L2, by_weight, [options(None), _FROM_ZERO, sequence_of(_FROM_ZERO)]),
    "alpha": Strength(L2PerSample, by_weight, [_FROM_ZERO]),
    "group_lasso": Strength(GroupLasso, by_feature, [_FROM_ZERO]),
    "max_norm": Strength(MaxNorm, by_unit, [options(None), _POSITIVE]),
}


_CONSTRAINTS = CONSTRAINTS | {name: strength.allowed for name, strength in STRENGTHS.items()}


def check_network_parameters(model):
    """Return the parameters of a network as they are read; refuse one out of its range."""
    return check_parameters(model, _CONSTRAINTS, _allowed_defaults(type(model)))


def as_read(model):
    """Return a copy of a network whose parameters are what the engine is given for them."""
    read = check_network_parameters(model)
    twin = copy.copy(model)
    vars(twin).update(read)
    return twin


@functools.cache
def _allowed_defaults(cls):
    """Return the defaults of a class that are allowed: they need not be looked at again."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(cls).parameters.items()
        if any(
            constraint.is_satisfied_by(parameter.default)
            for constraint in _CONSTRAINTS.get(name, [])
        )
    }


def check_lengths(model, n_matrices):
    """Refuse sequences of strengths that do not have one for each weight matrix."""
    for name in STRENGTHS:
        check_length(name, getattr(model, name), n_matrices, "weight matrix(es)")


def new_terms(model, params, rows):
    """Return the penalties of a network, each with its place.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    params : Parameters

    rows : Rows

    Returns
    -------
    terms : list of Term
    """
    terms = []
    for name, (penalty, places, _) in STRENGTHS.items():
        # Where l2 is given, it takes the place of scikit-learn's alpha.
        is_replaced = name == "alpha" and model.l2 is not None
        strength = getattr(model, name)
        if is_set(strength) and not is_replaced:
            terms += places(penalty, strength, params, rows)
    return terms
