"""A race of candidates as curves over the epochs."""

import textwrap

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.constraints import InvalidParameterError, check_count
from skreg.inspection.axes import (
    axes_or_new,
    candidate_names,
    count_above,
    epoch_ticks,
    is_negative,
    label_scores,
    legend_below,
    one_name_each,
    score_name,
)
from skreg.model_selection.search import BaseMLPCV

_DROPPED = {"color": "0.7", "linewidth": 0.8, "zorder": 1}


class RaceDisplay:
    r"""How candidates raced, and where they were dropped.

    One curve for each candidate over the epochs, on a logarithmic scale: the mean over the
    folds of its best score so far. With the score :math:`s_{kt}` on fold :math:`k` after
    epoch :math:`t`,

    .. math:: \bar s_T = \frac{1}{K} \sum_{k=1}^{K} \max_{t \le T} s_{kt},

    where :math:`K` is the number of folds in the rung, so that at its end the curves are
    at what the candidates were compared by; they may jump where folds join. Vertical lines
    are the ends of rungs, and above the axes stands how many candidates were left, and on
    how many folds they are trained from there on, where these become more.
    Those that were dropped are grey, with a cross where they were, at the lower edge
    if their scores were too low to be shown; so are those that failed in the next rung. The
    candidates of the last rung are coloured and named, with their final scores, and a star
    marks the best epoch of the winner, the mean over the folds. It is recommended to use
    :meth:`~skreg.inspection.RaceDisplay.from_estimator`. All parameters are stored as
    attributes.

    Parameters
    ----------
    curves : ndarray of shape (n_candidates, n_epochs)
        Scores, the higher the better, not a number from where a candidate was out of the
        race.

    rung_epochs : ndarray of int of shape (n_rungs - 1,)
        Epochs at the ends of all rungs but the last.

    best_index : int
        The winner.

    n_folds : sequence of int of length n_rungs, default=None
        Folds in each rung. None: not told.

    best_epoch : float, default=None
        The winner's epoch to mark, counted from 1 and rounded.

    names : sequence of str of length n_candidates, default=None
        Names of the candidates. None: their numbers.

    score_name : str, default="score"
        What the scores are. On the axis "negative loss" and the like are written as the
        loss, which is lower at the top.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the scores.

    count_ax_ : matplotlib Axes
        Axis with the number of candidates that are left.

    figure_ : matplotlib Figure
        Figure with the axes.

    lines_ : list of matplotlib Line2D
        One for each candidate.

    rung_lines_ : list of matplotlib Line2D
        The vertical lines at the ends of rungs.

    dropped_points_ : matplotlib Line2D or None
        The crosses where candidates were dropped.

    best_point_ : matplotlib Line2D or None
        The star at the best epoch.

    See Also
    --------
    skreg.MLPClassifierCV : Lets candidates race.
    LossCurveDisplay : The training of a single network.
    sklearn.model_selection.ValidationCurveDisplay : Scores over one parameter.

    Examples
    --------
    >>> import numpy as np
    >>> from skreg.inspection import RaceDisplay
    >>> display = RaceDisplay(
    ...     curves=np.array([[0.1, 0.5, 0.6], [0.2, 0.6, 0.8], [0.1, 0.2, np.nan]]),
    ...     rung_epochs=np.array([2]),
    ...     best_index=1,
    ...     names=["l2=1", "l2=0.1", "l2=10"],
    ... ).plot()
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['l2=0.1: 0.8', 'l2=1: 0.6', 'dropped']
    """

    def __init__(
        self,
        *,
        curves,
        rung_epochs,
        best_index,
        n_folds=None,
        best_epoch=None,
        names=None,
        score_name="score",
    ):
        self.curves = curves
        self.rung_epochs = rung_epochs
        self.best_index = best_index
        self.n_folds = n_folds
        self.best_epoch = best_epoch
        self.names = names
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, estimator, *, max_named=8, ax=None, **kwargs):
        """Draw the race of a search.

        Parameters
        ----------
        estimator : MLPClassifierCV or MLPRegressorCV
            Fitted. Candidates are named by the parameters in which they differ.

        max_named : int, default=8
            How many candidates of the last rung are coloured and named: the best.

        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for the curves.

        Returns
        -------
        display : RaceDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If ``estimator`` is something else, such as a pipeline, or was fitted with
            ``relax=True``, or ``max_named`` is not an int.

        NotFittedError
            If it is not fitted.

        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn.preprocessing import scale
        >>> from skreg import MLPRegressor, MLPRegressorCV
        >>> from skreg.inspection import RaceDisplay
        >>> X, y = load_diabetes(return_X_y=True)
        >>> network = MLPRegressor(learning_rate_init=0.01)
        >>> search = MLPRegressorCV(network, l2s=9, cv=3, random_state=0)
        >>> display = RaceDisplay.from_estimator(search.fit(scale(X), scale(y)))
        >>> [int(line.get_xdata()[0]) for line in display.rung_lines_]
        [5, 15]
        """
        if not isinstance(estimator, BaseMLPCV):
            raise InvalidParameterError(
                f"{cls.__name__} takes an MLPClassifierCV or MLPRegressorCV of skreg, not a "
                f"{type(estimator).__name__}. Of a pipeline pass the search alone, such as "
                "pipeline[-1]."
            )
        check_is_fitted(estimator)
        if not estimator.rungs_:
            raise InvalidParameterError(
                "There was no race: with relax=True all candidates are trained to their end. "
                f"{cls.__name__} takes a search with relax=False."
            )
        table, best = estimator.cv_results_, estimator.best_index_
        display = cls(
            curves=_curves(estimator.score_path_, estimator.rungs_, table),
            rung_epochs=np.array([rung.n_epochs for rung in estimator.rungs_[:-1]], int),
            best_index=best,
            n_folds=[rung.n_folds for rung in estimator.rungs_],
            best_epoch=table["best_epoch"][best],
            names=candidate_names(table["params"]),
            score_name=score_name(estimator.scoring, estimator),
        )
        return display.plot(ax=ax, max_named=max_named, **kwargs)

    def plot(self, ax=None, *, max_named=8, **kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        max_named : int, default=8
            How many candidates of the last rung are coloured and named: the best.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for the curves.

        Returns
        -------
        display : RaceDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If there is not one name for each candidate, or ``max_named`` is not an int.

        ImportError
            If matplotlib is not installed.
        """
        check_count("max_named", max_named, low=0)
        numbered = [str(number) for number in range(len(self.curves))]
        names = one_name_each(self.names, numbered, "names", "candidate")
        self.ax_ = ax = axes_or_new(ax, type(self).__name__, figsize=(7.5, 5))
        self.figure_ = ax.figure
        epochs = np.arange(1, self.curves.shape[1] + 1)
        named = self._finalists()[:max_named].tolist()
        scores = _last_values(self.curves)
        self.lines_ = []
        for number, curve in enumerate(self.curves):
            style = _DROPPED
            if number in named:
                score = -scores[number] if is_negative(self.score_name) else scores[number]
                label = f"{names[number]}: {score:.4g}"
                style = {"color": f"C{named.index(number)}", "label": label}
            self.lines_ += ax.plot(epochs, curve, **{**style, **kwargs})
        self.rung_lines_ = [
            ax.axvline(epoch, color="0.85", linewidth=1, zorder=0) for epoch in self.rung_epochs
        ]
        low, high = self._lowest_of_interest(), np.nanmax(self.curves)
        self._mark_dropped(low)
        self._mark_best()
        if np.nanmin(self.curves) < low < high:
            margin = 0.05 * (high - low)
            ax.set_ylim(low - margin, high + margin)
        self._finish([self.lines_[number] for number in named])
        return self

    def _finalists(self):
        """Return those of the last rung, the winner first and then by their scores."""
        scores = _last_values(self.curves)
        is_in = _lengths(self.curves) > max(self.rung_epochs, default=0)
        is_other = np.arange(len(scores)) != self.best_index
        order = np.lexsort([-scores, is_other])
        return order[is_in[order]]

    def _lowest_of_interest(self):
        """Return a score to begin the axis at: first epochs and the worst may be awful."""
        n_epochs = self.curves.shape[1]
        early = self.rung_epochs[0] if len(self.rung_epochs) else round(np.sqrt(n_epochs))
        of_finalists = self.curves[self._finalists(), early - 1]
        return np.nanmin([*of_finalists, np.nanmedian(_last_values(self.curves))])

    def _mark_dropped(self, low):
        """Draw a cross at the end of the curves that end with a rung."""
        scores, epochs = _last_values(self.curves), _lengths(self.curves)
        is_dropped = np.isin(epochs, self.rung_epochs)
        self.dropped_points_ = None
        if is_dropped.any():
            style = {"color": "0.45", "markersize": 5, "label": "dropped"}
            places = epochs[is_dropped], np.maximum(scores[is_dropped], low)
            (self.dropped_points_,) = self.ax_.plot(*places, "x", **style)

    def _mark_best(self):
        self.best_point_ = None
        if self.best_epoch is not None:
            epoch = round(self.best_epoch)
            place = [epoch], [self.curves[self.best_index, epoch - 1]]
            style = {"color": "k", "markersize": 12, "zorder": 3, "clip_on": False}
            style["label"] = f"mean best epoch: {epoch}"
            (self.best_point_,) = self.ax_.plot(*place, "*", **style)

    def _finish(self, named):
        """Label the axes; count candidates above them, and lay the legend below."""
        ax = self.ax_
        ends = [1, *self.rung_epochs]
        ticks = epoch_ticks(ends, self.curves.shape[1])
        ax.set_xscale("log")
        ax.set_xticks(ticks, [str(epoch) for epoch in ticks])
        ax.xaxis.set_minor_formatter("")
        ax.set_xlabel("Epoch")
        best = "Lowest" if is_negative(self.score_name) else "Best"
        label_scores(ax, self.score_name, f"{best} {{}} so far")
        ax.margins(x=0.02)
        counts = [np.count_nonzero(_lengths(self.curves) > end) for end in [0, *ends[1:]]]
        if self.n_folds is not None and len(set(self.n_folds)) > 1:
            joined = zip(counts, self.n_folds, strict=False)
            counts = [f"{count}\non {n_folds} folds" for count, n_folds in joined]
        self.count_ax_ = count_above(ax, ends, counts, "Candidates left")
        marks = [
            artist for artist in (self.best_point_, self.dropped_points_) if artist is not None
        ]
        if named or marks:
            handles = named + marks
            labels = [handle.get_label() for handle in handles]
            legend_below(ax, handles, lambda n: [textwrap.fill(one, n) for one in labels], 2)


def _lengths(curves):
    """Return how many epochs each curve has."""
    return np.isfinite(curves).sum(axis=1)


def _last_values(curves):
    """Return the last number of every curve, and not a number of one without any."""
    return curves[np.arange(len(curves)), _lengths(curves) - 1]


def _curves(score_path, rungs, table):
    """Return what candidates were compared by, after every epoch that they were in the race."""
    # Where patience has run out, scores of the last rung stand after the one before it.
    before = rungs[-2].n_epochs if len(rungs) > 1 else 0
    n_epochs = np.maximum(table["n_epochs"], before + 1)
    missing = max(n_epochs) - score_path.shape[2]
    path = np.pad(score_path, [(0, 0), (0, 0), (0, missing)], constant_values=np.nan)
    best = np.fmax.accumulate(path, axis=2)
    curves = np.full((len(path), max(n_epochs)), np.nan)
    # Of the rung in which a candidate failed there is no score.
    last = table["rung"] - np.isnan(table["mean_test_score"])
    begin = 0
    for number, rung in enumerate(rungs):
        is_in, epochs = last >= number, slice(begin, rung.n_epochs)
        # After an interrupt some folds were not begun.
        scores = np.ma.masked_invalid(best[is_in, : rung.n_folds, epochs])
        curves[is_in, epochs] = scores.mean(axis=1).filled(np.nan)
        begin = rung.n_epochs
    curves[np.arange(1, max(n_epochs) + 1) > n_epochs[:, np.newaxis]] = np.nan
    return curves
