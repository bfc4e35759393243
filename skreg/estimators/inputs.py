"""What the columns of ``X`` are."""

import numpy as np


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
        feature_groups : sequence of array-like, or None
            Indices or names of the features of each group. Those that are in none are
            groups of their own, and come last.

        Returns
        -------
        group_of_row : ndarray of int of shape (n_kept,) or None
            None: every row is a group of its own.

        group_sizes : ndarray of int of shape (n_groups,) or None
            In columns of ``X``: a group keeps its weight where rows are taken out of it.
        """
        if feature_groups is None:
            return None, None
        group_of = _group_of_feature(feature_groups, self.n_features, self.names)
        return self.select(group_of[np.newaxis])[0], np.bincount(group_of)


def _group_of_feature(feature_groups, n_features, feature_names):
    """Return the number of each feature's group."""
    group_of = np.full(n_features, -1)
    for index, group in enumerate(feature_groups):
        members = _feature_indices(group, n_features, feature_names)
        taken = members[group_of[members] >= 0]
        if len(taken) or len(np.unique(members)) < len(members):
            raise ValueError(
                f"feature_groups overlap: group {index}, {group!r}, has features that "
                "stand twice. No feature can be in two groups."
            )
        group_of[members] = index
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
