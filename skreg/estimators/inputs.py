"""What the columns of ``X`` are."""

import numpy as np

from skreg.estimators.constraints import shown

_NAMES_OR_INDICES = (
    "Give indices, or a data frame, as transformers make one after "
    "set_output(transform='pandas')."
)
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

    def groups(self, feature_groups):
        """Return the group of every row of the first weight matrix.

        Parameters
        ----------
        feature_groups : sequence of array-like, "prefix", callable, or None
            Indices, names or a mask of the features of each group. Those that are in none
            are groups of their own, and come last. Or a rule for the names: `prefix_of`,
            or one of the user.

        Returns
        -------
        group_of_row : ndarray of int of shape (n_kept,) or None
            None: every row is a group of its own.

        group_sizes : ndarray of int of shape (n_groups,) or None
            In columns of ``X``: a group keeps its weight where rows are taken out of it.
        """
        if feature_groups is None:
            return None, None
        is_rule = isinstance(feature_groups, str) or callable(feature_groups)
        group_of = (self._by_rule if is_rule else self._by_list)(feature_groups)
        return self.select(group_of[np.newaxis])[0], np.bincount(group_of)

    def _by_rule(self, rule):
        """Return the number of each feature's group, by what a rule says of its name."""
        if not len(self.names):
            raise ValueError(
                f"feature_groups={shown(rule)} goes by the names of features, and X has none. "
                f"{_NAMES_OR_INDICES}"
            )
        label_of = prefix_of if rule == "prefix" else rule
        numbers, group_of = {}, np.empty(self.n_features, int)
        for index, name in enumerate(self.names):
            label = label_of(name)
            # One that nothing else is equal to, for a feature that is alone.
            key = object() if label is None else label
            try:
                group_of[index] = numbers.setdefault(key, len(numbers))
            except TypeError as error:
                raise ValueError(
                    "feature_groups must return a label that can be hashed, such as a str, or "
                    f"None for a feature alone. Got {shown(label)} for {shown(name)}."
                ) from error
        return group_of

    def _by_list(self, feature_groups):
        """Return the number of each feature's group, from the features of each group."""
        index_of = {name: index for index, name in enumerate(self.names)}
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


def _indices(group, n_features, index_of):
    """Return the indices of the features of one group, given by index, name or mask."""
    members = np.asarray(group)
    if members.dtype.kind == "b" and members.shape == (n_features,):
        members = np.flatnonzero(members)
    if members.ndim != 1 or not len(members):
        raise ValueError(f"A group of feature_groups must list features. Got {shown(group)}.")
    if members.dtype.kind == "b":
        raise ValueError(
            f"A group of feature_groups that is a mask must have an entry for each of the "
            f"{n_features} features. Got {len(members)}: {shown(group)}."
        )
    if members.dtype.kind in "iu":
        if members.min() < 0 or members.max() >= n_features:
            raise ValueError(
                f"feature_groups name a feature that X does not have: {shown(group)} is not "
                f"within 0 and {n_features - 1}."
            )
        return members
    unknown = [name for name in members if name not in index_of]
    if unknown:
        way_out = "Its columns are named differently." if index_of else _NAMES_OR_INDICES
        raise ValueError(
            f"feature_groups name a feature that X does not have: '{unknown[0]}'. {way_out}"
        )
    return np.array([index_of[name] for name in members])
