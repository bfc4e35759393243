"""What users pass in: parameters, weights, and the part to hold out."""

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array


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
        lambda value: any(isinstance(value, type(one)) and value == one for one in values),
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


_SEQUENCE = Constraint(lambda value: isinstance(value, (list, tuple)), "a list of lists")
_STRENGTH = number(0)
_RATE = number(0, 1)
_SIZE = number(1, integer=True)

CONSTRAINTS = {
    "hidden_layer_sizes": [_SIZE, sequence_of(_SIZE)],
    "activation": [options("identity", "logistic", "relu", "tanh")],
    "loss": [options("squared_error", "poisson")],
    "solver": [options("adam", "lbfgs", "sgd")],
    "alpha": [_STRENGTH],
    "batch_size": [options("auto"), number(1, integer=True)],
    "learning_rate": [options("adaptive", "constant", "invscaling")],
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
    "validation_fraction": [_RATE],
    "beta_1": [_RATE],
    "beta_2": [_RATE],
    "epsilon": [number(0, brackets="()")],
    "n_iter_no_change": [number(1, integer=True), options(np.inf)],
    "max_fun": [number(1, integer=True)],
    "l1": [_STRENGTH, sequence_of(_STRENGTH)],
    "l2": [options(None), _STRENGTH, sequence_of(_STRENGTH)],
    "group_lasso": [_STRENGTH],
    "feature_groups": [options(None), _SEQUENCE],
    "max_norm": [options(None), number(0, brackets="()")],
    "weight_decay": [_STRENGTH],
    "dropout": [_RATE, sequence_of(_RATE)],
    "input_dropout": [_RATE],
    "dtype": [options(None, "float32", "float64")],
    "layer": [options("all"), number(-np.inf, brackets="()", integer=True)],
    "prefit": [boolean()],
}
"""What each parameter may be; `random_state` is checked where it is used."""


def check_parameters(estimator):
    """Raise an `InvalidParameterError` for the first parameter out of its range."""
    for name, value in estimator.get_params(deep=False).items():
        constraints = CONSTRAINTS.get(name, [])
        if constraints and not any(one.is_satisfied_by(value) for one in constraints):
            allowed = " or ".join(one.description for one in constraints)
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be "
                f"{allowed}. Got {value!r} instead."
            )


def check_network(estimator, caller):
    """Refuse an estimator that is none of ours."""
    if not hasattr(estimator, "_predict_raw"):
        raise InvalidParameterError(
            f"{caller} takes an MLPClassifier or MLPRegressor of skreg, not a "
            f"{type(estimator).__name__}. Of a pipeline or a search pass the network "
            "alone, such as pipeline[-1] or best_estimator_, and the data as they reach it."
        )


def hidden_units(hidden_layer_sizes):
    """Return the sizes of the hidden layers as a list of int."""
    if isinstance(hidden_layer_sizes, Integral):
        return [int(hidden_layer_sizes)]
    return [int(size) for size in hidden_layer_sizes]


def check_length(name, values, n_expected, what):
    """Refuse a sequence that does not hold one value for each of ``what``."""
    if np.ndim(values) == 1 and len(values) != n_expected:
        raise ValueError(
            f"{name} has {len(values)} value(s) for {n_expected} {what}. "
            f"Got {name}={values!r}: pass one number for all, or one for each."
        )


def group_of_feature(feature_groups, n_features, feature_names=()):
    """Return the number of each feature's group, or None for groups of one.

    Parameters
    ----------
    feature_groups : sequence of array-like, or None
        Indices or names of the features of each group.

    n_features : int

    feature_names : sequence of str, default=()
        Empty where the features have no names.

    Returns
    -------
    group_of_feature : ndarray of int of shape (n_features,), or None
    """
    if feature_groups is None:
        return None
    group_of = np.full(n_features, -1)
    for number, group in enumerate(feature_groups):
        members = _feature_indices(group, n_features, feature_names)
        taken = members[group_of[members] >= 0]
        if len(taken) or len(np.unique(members)) < len(members):
            raise ValueError(
                f"feature_groups overlap: group {number}, {group!r}, has features that "
                "stand twice. Every feature must be in one group."
            )
        group_of[members] = number
    if (group_of < 0).any():
        missing = np.flatnonzero(group_of < 0)
        raise ValueError(
            f"feature_groups leave out {len(missing)} of {n_features} features, the first "
            f"is number {missing[0]}. Every feature must be in one group, if need be alone."
        )
    return group_of


def _feature_indices(group, n_features, feature_names):
    """Return the indices of the features of one group, given by index or name."""
    members = np.atleast_1d(np.asarray(group))
    if members.ndim != 1 or not len(members):
        raise ValueError(f"A group of feature_groups must list features. Got {group!r}.")
    if members.dtype.kind in "iu":
        if members.min() < 0 or members.max() >= n_features:
            raise ValueError(
                f"feature_groups name a feature that X does not have: {group!r} is not "
                f"within 0 and {n_features - 1}."
            )
        return members
    index_of = {name: index for index, name in enumerate(feature_names)}
    unknown = [name for name in members if name not in index_of]
    if unknown:
        raise ValueError(
            f"feature_groups name a feature that X does not have: '{unknown[0]}'. Give "
            "indices, or names where X is a data frame."
        )
    return np.array([index_of[name] for name in members])


def check_sample_weight(sample_weight, X):
    """Return weights as a float array of shape (n_samples,), or None for None."""
    if sample_weight is None:
        return None
    n_samples = X.shape[0]
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_samples, sample_weight)
    weight = check_array(
        sample_weight,
        ensure_2d=False,
        dtype=(np.float64, np.float32),
        input_name="sample_weight",
    )
    if weight.shape != (n_samples,):
        raise ValueError(f"sample_weight.shape == {weight.shape}, expected {(n_samples,)}!")
    if weight.min() < 0:
        raise ValueError(
            "Negative values in data passed to `sample_weight`: the smallest is "
            f"{weight.min()}. A weight says how often its sample counts."
        )
    check_any_weight(weight)
    return weight


def check_any_weight(weight, whose=""):
    """Refuse weights that are all zero."""
    if not weight.any():
        where = f" Those {whose} are all zero." if whose else ""
        raise ValueError(f"Sample weights must contain at least one non-zero number.{where}")


def hold_out(n_samples, fraction, rng, stratify=None):
    """Split row numbers into a part to train on and a part to judge by.

    Parameters
    ----------
    n_samples : int

    fraction : float
        Share of the rows to hold out.

    rng : numpy.random.RandomState

    stratify : array of shape (n_samples, ...), default=None
        Classes to keep in proportion.

    Returns
    -------
    train, held_out : ndarray of int
    """
    train = held_out = np.arange(0)
    if fraction > 0:
        train, held_out = train_test_split(
            np.arange(n_samples), random_state=rng, test_size=fraction, stratify=stratify
        )
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    return train, held_out
