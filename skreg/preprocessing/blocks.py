"""Which transformer reads which parts of a table."""

from inspect import signature
from typing import NamedTuple

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.preprocessing import FunctionTransformer, TargetEncoder


class Part(NamedTuple):
    """A part of a column of the table: of a date for instance the month.

    Attributes
    ----------
    feature : int
        The column of the table.

    suffix : str
        Which part it is.

    is_number : bool
    """

    feature: int
    suffix: str
    is_number: bool


class Block(NamedTuple):
    """Columns of the encoded data that one transformer makes.

    Attributes
    ----------
    transformer : estimator

    parts : list of Part
        What it reads.

    ending : str
        What it adds to their names.
    """

    transformer: object
    parts: list
    ending: str = ""

    def read(self, columns):
        """Return what the transformer reads, side by side."""
        return np.column_stack([columns[part] for part in self.parts])

    def names(self, names_of_features):
        """Return the names of what it makes."""
        names = [
            f"{names_of_features[part.feature]}{part.suffix}{self.ending}"
            for part in self.parts
        ]
        return self.transformer.get_feature_names_out(names)

    def origins(self):
        """Return the column of the table that each column it makes comes from."""
        # Names of columns begin with the name of what they are made of.
        numbers = [f"{part.feature}:" for part in self.parts]
        names = self.transformer.get_feature_names_out(numbers)
        return np.array([int(name.partition(":")[0]) for name in names])


def kinds_of(part, values, max_categories):
    """Return in which ways a part is to be read.

    Parameters
    ----------
    part : Part

    values : ndarray of shape (n_samples,)

    max_categories : int
        A category with more levels is long.

    Returns
    -------
    kinds : set of {"number", "switch", "gappy", "category", "long category"}
        A switch is a number with two values. Empty: it says nothing.
    """
    if not part.is_number:
        n_levels = len(set(values))
        # A word of its own in each row is a name.
        if not 1 < n_levels < len(values):
            return set()
        return {"category", "long category"} if n_levels > max_categories else {"category"}
    is_known = ~np.isnan(values)
    n_distinct = len(np.unique(values[is_known]))
    kinds = {"number"} if n_distinct > 2 else {"switch"} if n_distinct == 2 else set()
    # Of a date all parts are missing at once.
    has_gaps = n_distinct and not is_known.all() and not part.suffix
    return kinds | {"gappy"} if has_gaps else kinds


def mean_targets(target_type, random_state, n_samples):
    """Return a transformer of levels to their mean targets, across folds in training."""
    # From scikit-learn 1.9 on the seed is that of a splitter.
    if signature(TargetEncoder).parameters["random_state"].default is None:
        return TargetEncoder(target_type=target_type, random_state=random_state)
    folds = KFold(max(2, min(5, n_samples)), shuffle=True, random_state=random_state)
    return TargetEncoder(target_type=target_type, cv=folds)


def at_the_median():
    """Return a transformer of squashed numbers, whose medians are zero."""
    return SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True)


def is_missing():
    """Return a transformer that says where numbers are missing."""
    return FunctionTransformer(np.isnan, feature_names_out="one-to-one")
