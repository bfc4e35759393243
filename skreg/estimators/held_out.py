"""The rows that a training is judged by."""

from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from skreg.estimators.constraints import shown


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


def split_by(splitter, X, y, groups):
    """Return the last split of a cross-validation splitter, two arrays of row numbers."""
    n_planned = len(getattr(splitter, "test_fold", y))
    if n_planned != len(y):
        raise ValueError(
            f"validation_fraction={shown(splitter)} is for {n_planned} rows, X has {len(y)}. "
            "Within cross-validation or a search a network sees a part of the rows: pass a "
            "fraction, or a splitter that goes by what it is given."
        )
    last = None
    for last in splitter.split(X, y, groups):  # noqa: B007, the last one is wanted
        pass
    if last is None:
        raise ValueError(f"validation_fraction={shown(splitter)} yields no split.")
    # Negative numbers, masks and lists become row numbers.
    try:
        train, held_out = (np.arange(len(y))[np.asarray(rows)] for rows in last)
    except IndexError as error:
        raise ValueError(
            f"validation_fraction={shown(splitter)} names rows that X does not have: it has "
            f"{len(y)}. {error}."
        ) from error
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
        rows = np.arange(n_samples)
        try:
            train, held_out = train_test_split(
                rows, random_state=rng, test_size=fraction, stratify=stratify
            )
        except ValueError as error:
            raise ValueError(f"validation_fraction={fraction}: {error}") from error
    return _check_sizes(train, held_out)


def _check_sizes(train, held_out):
    if len(held_out) < 2 or not len(train):
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            f"or the size of your dataset. There are {len(train)} row(s) to train on and "
            f"{len(held_out)} held out."
        )
    return train, held_out
