"""Axes to draw on, and what to call things there."""

import numpy as np
from sklearn.base import is_classifier

from skreg.estimators.constraints import InvalidParameterError, shown

# Counts above axes; letters of a label to try, and its lines where these can be shorter; the
# way down to a legend in font sizes.
_MOST_COUNTS = 12
# Labels of epochs that are closer than this factor would overlap.
_SPACING = 1.5
_LETTERS = (50, 36, 24, 16)
_LINES = 6
_BELOW = 4.5


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
            f"{shown(names)}: pass one for each, or None."
        )
    return [str(name) for name in names]


def count_above(ax, places, counts, label):
    """Write how many are left above axes, as often as there is room.

    Parameters
    ----------
    ax : matplotlib Axes
        With the scale and the limits that it is to have.

    places, counts : sequence
        How many there are where, from left to right.

    label : str

    Returns
    -------
    above : matplotlib SecondaryAxis
    """
    from matplotlib import rcParams

    above = ax.secondary_xaxis("top")
    texts = [str(count) for count in counts]
    digit = ax.text(0, 0, "0", fontsize=rcParams["xtick.labelsize"])
    widths = digit.get_window_extent().width * np.array([_n_letters(text) for text in texts])
    digit.remove()
    shown = _apart(ax, places, widths)
    above.set_xticks([places[one] for one in shown], [texts[one] for one in shown])
    above.set_xticks([], minor=True)
    above.set_xlabel(label)
    return above


def _n_letters(text):
    return max(map(len, text.splitlines()))


def _apart(ax, places, widths):
    """Return which labels to show so that none is printed over another: the last one is."""
    ax.get_xlim()  # limits are found when they are asked for
    to_pixels = ax.get_xaxis_transform()
    centers = to_pixels.transform([(place, 0) for place in places])[:, 0]
    least = ax.get_window_extent().width / _MOST_COUNTS

    def is_apart(one, other):
        # Layouts may yet make axes narrower.
        needed = 1.3 * (widths[one] + widths[other]) / 2
        return centers[other] - centers[one] > max(least, needed)

    shown, last = [], len(places) - 1
    for one in range(last):
        if not shown or is_apart(shown[-1], one):
            shown.append(one)
    while shown and not is_apart(shown[-1], last):
        shown.pop()
    return [*shown, last]


def label_scores(ax, name, template="{}"):
    """Label the vertical axis of scores; the negative of a loss is written as the loss.

    Parameters
    ----------
    ax : matplotlib Axes

    name : str
        What the scores are.

    template : str, default="{}"
        What to write of them.
    """
    from matplotlib.ticker import FuncFormatter

    words = template.format(positive_name(name).replace("_", " "))
    ax.set_ylabel(words[:1].upper() + words[1:])
    if is_negative(name):
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{0.0 - value:.6g}"))


def is_negative(score_name):
    """Return whether scores are the negative of something that is to be low."""
    return positive_name(score_name) != score_name


def positive_name(score_name):
    """Return what scores are the negative of, or their own name."""
    return score_name.removeprefix("negative ").removeprefix("neg_")


def shortened(names, n_letters):
    """Return names in no more than so many letters each, or as many as tell them apart.

    Where some are longer, what goes first is the ``name__`` of transformers, and then the
    middle, or the end: whatever does not tell them apart.
    """
    names, n_different = list(names), len(set(names))
    longest = max(map(len, names), default=0)
    bare = [name.partition("__")[2] or name for name in names]
    if longest > n_letters and len(set(bare)) == n_different:
        names = bare
    for n in range(n_letters, longest, 8):
        for head in (n // 3, 2 * n // 3, n - 1):
            short = [_elided(name, n, head) for name in names]
            if len(set(short)) == n_different:
                return short
    return names


def _elided(name, n_letters, head):
    """Return so many letters of a name: its head, a mark, and of its tail what is left."""
    tail = len(name) - (n_letters - head - 1)
    is_short = len(name) <= n_letters
    return name if is_short else f"{name[:head]}\N{HORIZONTAL ELLIPSIS}{name[tail:]}"


def legend_below(ax, handles, labels_of, n_columns=4):
    """Lay a legend below axes, in as many columns as fit into their width.

    Parameters
    ----------
    ax : matplotlib Axes
        Without a layout of their figure they make room for it.

    handles : list of matplotlib artists

    labels_of : callable
        Takes a number of letters, returns labels of lines that are hardly longer.

    n_columns : int, default=4
        The most that there may be.

    Returns
    -------
    legend : matplotlib Legend
    """
    room, most_lines = ax.get_window_extent().width, max(_LINES, len(handles) // 4)
    # Below the axes, by so many font sizes that tick labels and label have room.
    settings = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": _BELOW}
    settings |= {"fontsize": "small", "frameon": False}
    tries = [
        (n, columns) for n in _LETTERS for columns in range(min(n_columns, len(handles)), 0, -1)
    ]
    for n_letters, columns in tries:
        if columns * most_lines < len(handles) and n_letters > min(_LETTERS):
            continue
        legend = ax.legend(handles, labels_of(n_letters), ncols=columns, **settings)
        if legend.get_window_extent().width <= room:
            break
    if ax.figure.get_layout_engine() is None:
        _make_room_below(ax, legend)
    return legend


def _make_room_below(ax, legend):
    """Let axes end higher, by the height of the legend below them."""
    height = ax.figure.bbox.height
    place, spec = ax.get_position(), ax.get_subplotspec()
    bottom = place.y0 if spec is None else spec.get_position(ax.figure).y0
    below = _BELOW * legend.prop.get_size() * ax.figure.dpi / 72 / height
    rise = legend.get_window_extent().height / height + max(below - bottom, 0)
    rise = min(rise, 0.6 * (place.y1 - bottom))
    ax.set_position([place.x0, bottom + rise, place.width, place.y1 - bottom - rise])
    # Or what is saved in a tight box would lack them.
    ax.set_in_layout(True)


def epoch_ticks(ends, n_epochs):
    """Return the ends of rungs, and the last epoch and powers of ten where there is room."""
    ticks = list(ends)
    for epoch in (n_epochs, 10, 100, 1000):
        is_apart = all(max(epoch, tick) >= _SPACING * min(epoch, tick) for tick in ticks)
        if is_apart and epoch <= n_epochs:
            ticks.append(epoch)
    return sorted(ticks)


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
