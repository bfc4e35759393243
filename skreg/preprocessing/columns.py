"""Tables of any kind, column by column: what is a number, and what a category."""

import datetime
from numbers import Number
from typing import NamedTuple

import numpy as np
from sklearn.utils.validation import check_array

_DAY = np.timedelta64(1, "D")


class Column(NamedTuple):
    """A column of a table, or a part of one.

    Attributes
    ----------
    suffix : str
        What is added to the name of the column of the table: "_month" for the months of a
        date.

    is_number : bool

    values : ndarray of shape (n_samples,)
        Of numbers float64, with NaN where they are missing; else words, with None.
    """

    suffix: str
    is_number: bool
    values: np.ndarray


def is_frame(X):
    """Return whether a table has columns with names and types of their own."""
    return hasattr(X, "columns") and hasattr(X, "dtypes")


def as_table(X):
    """Return a table that columns can be taken from: a data frame as it is, else an array.

    Parameters
    ----------
    X : DataFrame of pandas or polars, or array-like of shape (n_samples, n_features)
        NaN, None and their like are missing values.
    """
    if is_frame(X):
        return X
    return check_array(X, dtype=None, ensure_all_finite="allow-nan", input_name="X")


def split(series):
    """Return what a column of a table consists of.

    Numbers, booleans and ordered categories are numbers; so are dates and times, which are
    split into parts. All else are categories.

    Parameters
    ----------
    series : Series of pandas or polars, or ndarray of shape (n_samples,)

    Returns
    -------
    parts : list of Column
    """
    codes = _codes(series)
    values = np.asarray(series) if codes is None else codes
    if values.dtype.kind in "biuf":
        return [Column("", True, values.astype(np.float64))]
    if values.dtype.kind == "m":
        return [Column("", True, _ratio(values, _DAY))]
    if values.dtype.kind == "M":
        return _parts_of_dates(values)
    is_missing = np.array([_is_missing(value) for value in values], dtype=bool)
    known = values[~is_missing]
    if len(known) and all(isinstance(value, Number | np.bool_) for value in known):
        return [Column("", True, _spread(known.astype(np.float64), is_missing, np.nan))]
    if len(known) and all(isinstance(value, datetime.date) for value in known):
        dates = np.array([_without_zone(value) for value in known], "datetime64[s]")
        return _parts_of_dates(_spread(dates, is_missing, np.datetime64("NaT")))
    words = np.array([str(value) for value in known], dtype=object)
    return [Column("", False, _spread(words, is_missing, None))]


def convert(series, suffix, is_number, name):
    """Return a part of a column as it was read before.

    Parameters
    ----------
    series : Series of pandas or polars, or ndarray of shape (n_samples,)

    suffix : str

    is_number : bool

    name : str
        Of the column of the table, for messages.

    Returns
    -------
    values : ndarray of shape (n_samples,)
        Numbers or words, as in `Column`.
    """
    parts = {part.suffix: part for part in split(series)}
    column = parts.get(suffix, parts[""])
    if column.is_number == is_number and (suffix in parts):
        return column.values
    is_missing = np.array([_is_missing(value) for value in column.values], dtype=bool)
    known = column.values[~is_missing]
    if not is_number:
        words = np.array([_word(value) for value in known], dtype=object)
        return _spread(words, is_missing, None)
    if len(known):
        raise ValueError(
            f"Column {name!r} of X held {'dates' if suffix else 'numbers'} in fit. Now it "
            f"holds {known[0]!r}."
        )
    return np.full(len(is_missing), np.nan)


def _word(value):
    """Return a number as the word that it was where words stood beside it."""
    return str(int(value)) if value == int(value) else str(value)


def _codes(series):
    """Return the places of ordered categories in their order as floats, None of all else."""
    kind = getattr(series, "dtype", None)
    if getattr(kind, "ordered", False):
        codes = series.cat.codes.to_numpy().astype(np.float64)
        return np.where(codes < 0, np.nan, codes)
    if type(kind).__name__ == "Enum":
        return series.to_physical().cast(float).to_numpy()
    return None


def _is_missing(value):
    # pandas.NA is neither equal to itself nor not.
    return value is None or type(value).__name__ == "NAType" or value != value


def _spread(known, is_missing, missing):
    """Return known values in their places, with something else where values are missing."""
    values = np.full(len(is_missing), missing, dtype=known.dtype)
    values[~is_missing] = known
    return values


def _without_zone(value):
    if getattr(value, "tzinfo", None) is not None:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return np.datetime64(value, "s")


def _parts_of_dates(dates):
    """Return days since 1970, the month, the day of month and week, and the hour."""
    days, months = dates.astype("datetime64[D]"), dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    parts = {
        "": _ratio(dates - np.datetime64(0, "D"), _DAY),
        "_month": _ratio(months - years, np.timedelta64(1, "M")) + 1,
        "_day": _ratio(days - months, _DAY) + 1,
        # 1970 began on a Thursday, the fourth day of the week.
        "_weekday": (_ratio(days - np.datetime64(0, "D"), _DAY) + 3) % 7 + 1,
        "_hour": np.floor(_ratio(dates - days, np.timedelta64(1, "h"))),
    }
    return [Column(suffix, True, values) for suffix, values in parts.items()]


def _ratio(durations, unit):
    """Return durations in a unit as floats, NaN where they are missing."""
    return np.where(np.isnat(durations), np.nan, durations / unit)
