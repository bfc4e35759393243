"""Axes to draw on, and what to call things there."""

from sklearn.base import is_classifier

from skreg.estimators.constraints import InvalidParameterError


def axes_or_new(ax, caller, **figure_settings):
    """Return ``ax``, or the axes of a new figure.

    Parameters
    ----------
    ax : matplotlib Axes or None

    caller : str
        Who draws, for the error.

    **figure_settings : dict
        Of the new figure.

    Returns
    -------
    ax : matplotlib Axes

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{caller} requires matplotlib. You can install it with `pip install matplotlib`."
        ) from error
    if ax is None:
        _, ax = plt.subplots(layout="constrained", **figure_settings)
    return ax


def score_name(scoring, estimator):
    """Return what `fit` scores held-out data by."""
    if scoring is None:
        return "accuracy" if is_classifier(estimator) else "R2"
    if scoring == "loss":
        return "negative loss"
    return scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")


def one_name_each(names, default, parameter, kind):
    """Return a name for each of several things.

    Parameters
    ----------
    names : sequence or None
        As the user has given them.

    default : list of str
        What they are called where ``names`` is None.

    parameter, kind : str
        What the user has given them as, and what they are names of, for the error.

    Returns
    -------
    names : list of str

    Raises
    ------
    InvalidParameterError
        If there are more names, or fewer.
    """
    if names is None:
        return default
    if len(names) != len(default):
        raise InvalidParameterError(
            f"{parameter} has {len(names)} name(s) for {len(default)} {kind}(s). Got "
            f"{names!r}: pass one for each, or None."
        )
    return [str(name) for name in names]


def count_above(ax, places, counts, label):
    """Write how many are left above axes.

    Parameters
    ----------
    ax : matplotlib Axes

    places, counts : sequence
        How many there are where.

    label : str

    Returns
    -------
    above : matplotlib SecondaryAxis
    """
    above = ax.secondary_xaxis("top")
    above.set_xticks(places, [str(count) for count in counts])
    above.set_xticks([], minor=True)
    above.set_xlabel(label)
    return above


def candidate_names(candidates):
    """Name candidates by the parameters in which they differ.

    Parameters
    ----------
    candidates : list of dict

    Returns
    -------
    names : list of str
    """
    names = dict.fromkeys(name for params in candidates for name in params)
    values = {name: {repr(params.get(name)) for params in candidates} for name in names}
    return [
        ", ".join(
            f"{name}={_written(value)}"
            for name, value in params.items()
            if len(values[name]) > 1 or len(candidates) == 1
        )
        or "estimator"
        for params in candidates
    ]


def _written(value):
    """Return a value as text without blanks, where lines could break."""
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace(" ", "")
