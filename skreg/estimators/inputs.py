"""What the columns of ``X`` are."""

import numpy as np


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
