"""What users pass in: parameters, weights, and the part to hold out."""

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array
from sklearn.utils.class_weight import compute_class_weight

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


def instance_with(*methods):
    """Allow an object that has some methods."""

    def is_satisfied_by(value):
        return not isinstance(value, type) and all(hasattr(value, name) for name in methods)

    return Constraint(is_satisfied_by, f"an object with {'() and '.join(methods)}()")


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
    "feature_groups": [options(None), _SEQUENCE],
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
}
"""What each parameter of a network may be, but for the strengths of penalties, which
`skreg.estimators.strengths` lists; `random_state` is checked where it is used."""


def check_parameters(estimator, constraints_of=CONSTRAINTS):
    """Return the parameters; raise an `InvalidParameterError` for one out of its range."""
    parameters = estimator.get_params(deep=False)
    for name, value in parameters.items():
        constraints = constraints_of.get(name, [])
        if constraints and not any(one.is_satisfied_by(value) for one in constraints):
            allowed = " or ".join(one.description for one in constraints)
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be "
                f"{allowed}. Got {value!r} instead."
            )
    return parameters


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
            f"Got {name}={values!r}: pass one for all, or one for each."
        )


def check_count(name, value, low):
    """Refuse an argument that is not an int of ``low`` or more."""
    count = number(low, integer=True)
    if not count.is_satisfied_by(value):
        raise InvalidParameterError(
            f"{name} must be {count.description}. Got {value!r} instead."
        )


def group_of_feature(feature_groups, n_features, feature_names=()):
    """Return the number of each feature's group, or None for groups of one.

    Parameters
    ----------
    feature_groups : sequence of array-like, or None
        Indices or names of the features of each group. Those that are in none are groups
        of their own, and come last.

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
                "stand twice. No feature can be in two groups."
            )
        group_of[members] = number
    is_alone = group_of < 0
    group_of[is_alone] = len(feature_groups) + np.arange(np.count_nonzero(is_alone))
    return group_of


def _feature_indices(group, n_features, feature_names):
    """Return the indices of the features of one group, given by index or name."""
    members = np.asarray(group)
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
        way_out = (
            "Its columns are named differently."
            if len(feature_names)
            else "Give indices, or a data frame, as transformers make one after "
            "set_output(transform='pandas')."
        )
        raise ValueError(
            f"feature_groups name a feature that X does not have: '{unknown[0]}'. {way_out}"
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


class Validation(NamedTuple):
    """What `fit` is given to judge the training by.

    Attributes
    ----------
    X, y, sample_weight : array-like or None
        Data of the user's own.

    groups : array-like of shape (n_samples,) or None
        Groups of the training data, for a splitter.
    """

    X: object = None
    y: object = None
    sample_weight: object = None
    groups: object = None

    def check(self, early_stopping, validation_fraction):
        """Refuse what is half given, or would not be used."""
        if (self.X is None) != (self.y is None):
            given, missing = ("y_val", "X_val") if self.X is None else ("X_val", "y_val")
            raise ValueError(f"{missing} is missing: {given} was given without it.")
        if self.sample_weight is not None and self.X is None:
            raise ValueError("sample_weight_val was given without X_val and y_val.")
        if self.X is not None and not early_stopping:
            raise ValueError(
                "X_val and y_val are for early stopping, but early_stopping=False. Set "
                "early_stopping=True, or leave them out."
            )
        has_splitter = early_stopping and not isinstance(validation_fraction, Real)
        if self.groups is not None and not (has_splitter and self.X is None):
            raise ValueError(
                "groups are for a splitter that holds out whole groups. Set "
                "early_stopping=True and validation_fraction to one, for instance "
                "sklearn.model_selection.GroupKFold(), or leave groups out."
            )


def expand_class_weight(class_weight, y, classes):
    """Return the weight of every class in numbers.

    Parameters
    ----------
    class_weight : "balanced", dict, list of dict or None
        As users give it: a list for a multilabel target.

    y : ndarray of shape (n_samples,) or (n_samples, n_labels)

    classes : ndarray of shape (n_classes,)
        Of a one-dimensional ``y``, in ascending order.

    Returns
    -------
    class_weight : ndarray of shape (n_classes,), or (n_labels, 2), or None
        Of a multilabel target the weights where a label is absent and present.
    """
    if class_weight is None:
        return None
    if y.ndim == 1:
        weights = _weights_of(class_weight, y, classes)
    else:
        if isinstance(class_weight, dict) or (
            isinstance(class_weight, list) and len(class_weight) != y.shape[1]
        ):
            raise ValueError(
                f"class_weight must be 'balanced' or a list of {y.shape[1]} dicts, one for "
                f"each label, each from 0 and 1 to weights. Got {class_weight!r}."
            )
        by_label = [class_weight] * y.shape[1] if class_weight == "balanced" else class_weight
        weights = np.array(
            [
                _weights_of(one, present, np.array([0, 1]))
                for one, present in zip(by_label, (y.T != 0).astype(int), strict=True)
            ]
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError(
            f"class_weight must hold numbers that are not negative. Got {class_weight!r}."
        )
    return weights


def _weights_of(class_weight, y, classes):
    """Return the weight of every class, 1 where none is given."""
    if isinstance(class_weight, list):
        raise ValueError(
            "class_weight is a list, which is for multilabel targets. Got "
            f"{class_weight!r}: pass one dict, from class to weight, or 'balanced'."
        )
    if isinstance(class_weight, str):
        present = np.isin(classes, y)
        weights = np.ones(len(classes))
        weights[present] = compute_class_weight("balanced", classes=classes[present], y=y)
        return weights
    labels = classes.tolist()
    weights = [class_weight.get(one) for one in labels]
    unknown = [key for key in class_weight if key not in labels]
    if None in weights and unknown:
        raise ValueError(
            f"class_weight has a weight for {unknown[0]!r}, which is no class, and none for "
            f"{labels[weights.index(None)]!r}. Got {class_weight!r} for the classes {labels}."
        )
    return np.array([1.0 if weight is None else float(weight) for weight in weights])


def with_class_weight(sample_weight, class_weight, y, classes):
    """Return the weight of every row, of its sample times that of its class.

    Parameters
    ----------
    sample_weight : ndarray of shape (n_samples,) or None

    class_weight : ndarray or None
        As `expand_class_weight` returns it.

    y : ndarray of shape (n_samples,) or (n_samples, n_labels)
        Of a multilabel target the weights of all labels are multiplied.

    classes : ndarray of shape (n_classes,)
        As for `expand_class_weight`.

    Returns
    -------
    weight : ndarray of shape (n_samples,) or None
    """
    if class_weight is None:
        return sample_weight
    if y.ndim == 1:
        weight = class_weight[np.searchsorted(classes, y)]
    else:
        weight = np.where(y != 0, class_weight[:, 1], class_weight[:, 0]).prod(axis=1)
    weight = weight if sample_weight is None else weight * sample_weight
    check_any_weight(weight, "with class_weight")
    return weight


def split_by(splitter, X, y, groups):
    """Return the last split of a cross-validation splitter, two arrays of row numbers."""
    last = None
    for last in splitter.split(X, y, groups):  # noqa: B007, the last one is wanted
        pass
    if last is None:
        raise ValueError(f"validation_fraction={splitter!r} yields no split.")
    # Negative numbers, masks and lists become row numbers.
    train, held_out = (np.arange(len(y))[np.asarray(rows)] for rows in last)
    return _check_sizes(train, held_out)


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
    return _check_sizes(train, held_out)


def _check_sizes(train, held_out):
    if len(held_out) < 2 or not len(train):
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            f"or the size of your dataset. There are {len(train)} row(s) to train on and "
            f"{len(held_out)} held out."
        )
    return train, held_out
