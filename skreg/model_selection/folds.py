"""Folds of data, and what they may be given by."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from skreg.estimators.constraints import shown


class Fold(NamedTuple):
    """Data, and which rows of them to train on and to judge by.

    All folds have the same data, which so need to travel to other processes only once.

    Attributes
    ----------
    X, y : array-like

    sample_weight : array-like or None

    train, test : ndarray of int
    """

    X: object
    y: object
    sample_weight: object
    train: np.ndarray
    test: np.ndarray

    def parts(self):
        """Return ``X``, ``y`` and weights of the rows to train on, and to judge by."""
        return tuple(
            tuple(
                None if array is None else _safe_indexing(array, rows)
                for array in (self.X, self.y, self.sample_weight)
            )
            for rows in (self.train, self.test)
        )


def folds_of(splits, X, y, sample_weight):
    """Return the folds of data.

    Parameters
    ----------
    splits : iterable of pairs of array-like
        Row numbers, or masks.

    X, y : array-like

    sample_weight : array-like or None
    """
    try:
        splits = list(splits)
    except (TypeError, ValueError) as error:
        raise ValueError(f"cv cannot split the {len(y)} rows of X: {error}") from error
    folds = [Fold(X, y, sample_weight, *_rows(split, len(y))) for split in splits]
    if not folds:
        raise ValueError(
            "cv yields no split. A generator of splits is used up after one fit: pass a "
            "splitter, or a list."
        )
    return folds


def _rows(split, n_samples):
    """Return the rows to train on and to judge by as numbers, none of them negative."""
    try:
        # An empty list has the type of floats.
        empty = np.arange(0)
        train, test = (
            _numbers(np.asarray(rows) if len(rows) else empty, n_samples) for rows in split
        )
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(
            "cv must yield pairs of row numbers, or masks, to train on and to judge by, for "
            f"the {n_samples} rows of X. Got {shown(split)}: {error}."
        ) from error
    if not (len(train) and len(test)):
        raise ValueError(
            f"cv yields a split with {len(train)} row(s) to train on and {len(test)} to judge "
            "by. Both must have some."
        )
    return train, test


def _numbers(rows, n_samples):
    """Return rows as numbers, none of them negative: the array itself if it is that."""
    numbers = np.arange(n_samples)[rows]
    is_that = rows.shape == numbers.shape and (rows == numbers).all()
    return rows if is_that else numbers
