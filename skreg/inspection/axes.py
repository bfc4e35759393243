"""Axes to draw on, and what to call them."""

from sklearn.base import is_classifier


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
