"""What the columns of ``X`` are."""

from collections.abc import Mapping
from numbers import Integral

import numpy as np

from skreg.estimators.constraints import shown
from skreg.nn.regularizer import Rows

_NAMES_OR_INDICES = (
    "Give indices, or a data frame, as transformers make one after "
    "set_output(transform='pandas')."
)
# Their squares are numbers in single precision, too.
_LEAST, _LARGEST = 1e-15, 1e15
# What OneHotEncoder calls the column of all rare categories.
_INFREQUENT = "_infrequent_sklearn"


class Inputs:
    """The features of a network: which columns it reads, their names and their groups.

    Parameters
    ----------
    n_features : int
        Columns of ``X``.

    names : sequence of str, default=()
        Their names; empty where they have none.

    kept : ndarray of int, default=None
        The columns that the rows of the first weight matrix stand for, in that order.
        None: all of them.
    """

    def __init__(self, n_features, names=(), kept=None):
        self.n_features = n_features
        self.names = names
        self.kept = kept

    @property
    def n_kept(self):
        """Number of columns that are read."""
        return self.n_features if self.kept is None else len(self.kept)

    def select(self, X):
        """Return the columns of ``X`` that are read."""
        return X if self.kept is None else X[:, self.kept]

    def spread(self, values):
        """Return values of the columns that are read, with zeros for the others."""
        if self.kept is None:
            return values
        spread = np.zeros((self.n_features, *values.shape[1:]), values.dtype)
        spread[self.kept] = values
        return spread

    def keep(self, rows):
        """Return what is left where only some rows of the first weight matrix are."""
        if len(rows) == self.n_kept:
            return self
        kept = rows if self.kept is None else self.kept[rows]
        return Inputs(self.n_features, self.names, kept)

    def rows(self, feature_groups, feature_weights):
        """Return what users say of the features, by row of the first weight matrix.

        Parameters
        ----------
        feature_groups : sequence of array-like, "prefix", callable, or None
            Indices, names or a mask of the features of each group. Those that are in none
            are groups of their own, and come last. Or a rule for the names: `prefix_of`,
            or one of the user.

        feature_weights : array-like, dict, callable, or None
            One for each feature; those that are not 1, by index or name; or a rule for the
            names.

        Returns
        -------
        rows : Rows
            Of the rows that are there. A group keeps its size where rows are taken out of it.
        """
        group_of, weights = self._groups(feature_groups), self._weights(feature_weights)
        if group_of is None:
            squares = None if weights is None else weights**2
            return Rows(self._kept(weights), None, self._kept(squares))
        squares = np.ones(self.n_features) if weights is None else weights**2
        sizes = np.bincount(group_of, squares)
        torn = (squares == 0) & (sizes[group_of] > 0)
        if torn.any():
            raise ValueError(
                f"feature_weights is 0 for {self._called(torn.argmax())}, and not for other "
                "features of its group in feature_groups, which stay or go together. Give all "
                "of them 0, or none."
            )
        return Rows(self._kept(weights), self._kept(group_of), sizes)

    def protected(self, feature_weights):
        """Return which features have a weight of 0, a mask of shape (n_features,)."""
        weights = self._weights(feature_weights)
        return np.zeros(self.n_features, bool) if weights is None else weights == 0

    def _kept(self, values):
        return values if values is None or self.kept is None else values[self.kept]

    def _groups(self, feature_groups):
        """Return the number of each feature's group; None: all are alone."""
        if feature_groups is None:
            return None
        if callable(feature_groups) or isinstance(feature_groups, str):
            return _numbered(self._by_rule("feature_groups", feature_groups), self.names)
        index_of = self._index_of()
        group_of = np.full(self.n_features, -1)
        for number, group in enumerate(feature_groups):
            members = _indices(group, self.n_features, index_of)
            if (group_of[members] >= 0).any() or len(np.unique(members)) < len(members):
                raise ValueError(
                    f"feature_groups overlap: group {number}, {shown(group)}, has features "
                    "that stand twice. No feature can be in two groups."
                )
            group_of[members] = number
        is_alone = group_of < 0
        group_of[is_alone] = len(feature_groups) + np.arange(np.count_nonzero(is_alone))
        return group_of

    def _weights(self, feature_weights):
        """Return the weight of each feature; None: all are 1."""
        if feature_weights is None:
            return None
        given = feature_weights
        if isinstance(given, Mapping):
            given = self._with_ones(given, given.values())
        elif hasattr(given, "to_dict") and np.ndim(given) == 1:
            # A Series says by its index which features it means.
            given = self._with_ones(given.index, given)
        elif callable(given):
            given = self._by_rule("feature_weights", given)
        try:
            weights = np.asarray(given, dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(f"feature_weights must be numbers. Got {shown(given)}.") from error
        if weights.shape != (self.n_features,):
            raise ValueError(
                f"feature_weights must have one for each of the {self.n_features} features of "
                f"X. Got an array of shape {weights.shape}; a dict may leave features out."
            )
        is_right = (weights == 0) | ((weights >= _LEAST) & (weights <= _LARGEST))
        if not is_right.all():
            feature = is_right.argmin()
            raise ValueError(
                f"feature_weights must be 0, or from {_LEAST:g} to {_LARGEST:g}. Got "
                f"{weights[feature]} for {self._called(feature)}: 0 is for a feature that no "
                "penalty takes out, and to leave one out drop its column."
            )
        return weights

    def _with_ones(self, features, some):
        """Return weights of some features, by index or name, with 1 for the others."""
        index_of = self._index_of()
        indices = [_index(feature, self.n_features, index_of) for feature in features]
        if len(set(indices)) < len(indices):
            raise ValueError(
                "feature_weights has two weights for one feature, such as by its index and by "
                f"its name. Got {shown(list(features))}."
            )
        weights = [1.0] * self.n_features
        for index, weight in zip(indices, some, strict=True):
            weights[index] = weight
        return weights

    def _by_rule(self, parameter, rule):
        """Return what a rule says of each name, a list."""
        if not len(self.names):
            raise ValueError(
                f"{parameter}={shown(rule)} goes by the names of features, and X has none. "
                f"{_NAMES_OR_INDICES}"
            )
        if rule != "prefix":
            return [rule(name) for name in self.names]
        prefixes = [prefix_of(name) for name in self.names]
        # What others are named after goes with them: age with age_bin0.
        known = set(prefixes)
        return [
            name if name in known else prefix
            for name, prefix in zip(self.names, prefixes, strict=True)
        ]

    def _index_of(self):
        return {name: index for index, name in enumerate(self.names)}

    def _called(self, feature):
        return shown(self.names[feature]) if len(self.names) else f"feature {feature}"


def prefix_of(name):
    """Return what columns that were made of one have in common in their names.

    That is all before the last underscore, of which a transformer's ``name__`` is no part:
    ``encoder__color`` of ``encoder__color_red``, and of ``encoder__color_infrequent_sklearn``.

    Parameters
    ----------
    name : str

    Returns
    -------
    prefix : str or None
        None, where there is no such underscore.
    """
    transformer, mark, column = name.removesuffix(_INFREQUENT).rpartition("__")
    if name.endswith(_INFREQUENT):
        return transformer + mark + column
    prefix, underscore, _ = column.rpartition("_")
    return transformer + mark + prefix if prefix and underscore else None


def _numbered(labels, names):
    """Return the number of each label; that of None is another each time."""
    numbers, numbered = {}, np.empty(len(labels), int)
    for index, label in enumerate(labels):
        # Nothing else is equal to a new object.
        key = object() if label is None else label
        try:
            numbered[index] = numbers.setdefault(key, len(numbers))
        except TypeError as error:
            raise ValueError(
                "feature_groups must return a label that can be hashed, such as a str, or None "
                f"for a feature alone. Got {shown(label)} for {shown(names[index])}."
            ) from error
    return numbered


def _indices(group, n_features, index_of):
    """Return the indices of the features of one group, given by index, name or mask."""
    members = np.asarray(group)
    is_mask = members.dtype.kind == "b"
    if is_mask and members.ndim == 1 and len(members) != n_features:
        raise ValueError(
            f"A mask in feature_groups must have an entry for each of the {n_features} "
            f"features of X. Got {len(members)}: {shown(group)}."
        )
    if is_mask and members.ndim == 1:
        members = np.flatnonzero(members)
    if members.ndim != 1 or not len(members):
        raise ValueError(f"A group of feature_groups must list features. Got {shown(group)}.")
    if members.dtype.kind in "iu":
        if members.min() < 0 or members.max() >= n_features:
            raise ValueError(
                f"feature_groups name a feature that X does not have: {shown(group)} is not "
                f"within 0 and {n_features - 1}."
            )
        return members
    return np.array([_place_of(name, index_of, "feature_groups name") for name in members])


def _index(key, n_features, index_of):
    """Return the index of the feature that is a key of feature_weights."""
    if not isinstance(key, Integral) or isinstance(key, bool):
        return _place_of(key, index_of, "feature_weights name")
    if not 0 <= key < n_features:
        raise ValueError(
            f"feature_weights name a feature that X does not have: {shown(key)} is not within "
            f"0 and {n_features - 1}."
        )
    return int(key)


def _place_of(name, index_of, who):
    """Return the index of the feature of a name."""
    if name not in index_of:
        way_out = (
            "Its columns are named differently. Where they change, as from fold to fold, a "
            "function of the name goes by those that are there."
            if index_of
            else _NAMES_OR_INDICES
        )
        raise ValueError(f"{who} a feature that X does not have: {shown(str(name))}. {way_out}")
    return index_of[name]
