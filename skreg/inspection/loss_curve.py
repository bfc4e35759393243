"""A training as curves over its epochs."""

import numpy as np

from skreg.estimators.assembly import iteration_name
from skreg.estimators.networks import network_of
from skreg.inspection.axes import axes_or_new, label_scores, positive_name, score_name

# What a display knows its curves by, among others on the same axes.
_CURVE = "training loss of a LossCurveDisplay"


class LossCurveDisplay:
    """Loss on training and held-out data over the epochs of a training.

    It is recommended to use :meth:`~skreg.inspection.LossCurveDisplay.from_estimator`. All
    parameters are stored as attributes.

    Parameters
    ----------
    train_loss : ndarray of shape (n_epochs,)
        Loss on the training data, without penalties.

    validation_loss : ndarray of shape (n_epochs,), default=None
        Loss on the held-out data.

    scores : ndarray of shape (n_epochs,), default=None
        Score on the held-out data, drawn on an axis of its own on the right.

    best_iter : int, default=None
        The epoch to mark, counted from 1.

    score_name : str, default="score"
        What the scores are.

    iteration_name : str, default="epoch"
        What is counted: with "lbfgs" iterations.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the losses.

    score_ax_ : matplotlib Axes or None
        Axes of the scores.

    figure_ : matplotlib Figure
        Figure with the axes.

    train_line_ : matplotlib Line2D
        The loss on the training data.

    validation_line_ : matplotlib Line2D or None
        The loss on the held-out data.

    score_line_ : matplotlib Line2D or None
        The score on the held-out data.

    best_line_ : matplotlib Line2D or None
        The vertical line at the best epoch.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores over the number of samples.

    Examples
    --------
    >>> import numpy as np
    >>> from skreg.inspection import LossCurveDisplay
    >>> display = LossCurveDisplay(
    ...     train_loss=np.array([2.0, 1.0, 0.5, 0.3]),
    ...     validation_loss=np.array([2.1, 1.2, 0.9, 1.0]),
    ...     best_iter=3,
    ... )
    >>> display.plot().ax_.get_xlabel()
    'Epoch'
    """

    def __init__(
        self,
        *,
        train_loss,
        validation_loss=None,
        scores=None,
        best_iter=None,
        score_name="score",
        iteration_name="epoch",
    ):
        self.train_loss = train_loss
        self.validation_loss = validation_loss
        self.scores = scores
        self.best_iter = best_iter
        self.score_name = score_name
        self.iteration_name = iteration_name

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, log_scale=False, name=None, **kwargs):
        """Draw the training of a network.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, MLPClassifierCV or MLPRegressorCV
            Fitted; a search stands for its ``best_estimator_``. With ``early_stopping``
            the curves of the held-out data are drawn, too; the score is left out where it
            is the loss.

        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        log_scale : bool, default=False
            Whether the axis of the losses is logarithmic.

        name : str, default=None
            What the legend adds to its entries, for several trainings on one ``ax``. None:
            nothing, and for those after the first their number.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for all curves.

        Returns
        -------
        display : LossCurveDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If ``estimator`` is something else, such as a pipeline.

        NotFittedError
            If it is not fitted.

        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skreg import MLPClassifier
        >>> from skreg.inspection import LossCurveDisplay
        >>> X, y = load_digits(return_X_y=True)
        >>> network = MLPClassifier(early_stopping=True, max_iter=20, random_state=0)
        >>> display = LossCurveDisplay.from_estimator(network.fit(X / 16, y))
        >>> display.score_ax_.get_ylabel()
        'Accuracy'
        """
        network = network_of(estimator, cls.__name__)
        history = network.history_
        scoring = network.scoring
        display = cls(
            train_loss=history["loss"],
            validation_loss=history.get("validation_loss"),
            scores=None if scoring == "loss" else history.get("score"),
            best_iter=network.best_iter_,
            score_name=score_name(scoring, network),
            iteration_name=iteration_name(network),
        )
        return display.plot(ax=ax, log_scale=log_scale, name=name, **kwargs)

    def plot(self, ax=None, *, log_scale=False, name=None, **kwargs):
        """Draw the curves; where others are drawn already, beside them and in other colours.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        log_scale : bool, default=False
            Whether the axis of the losses is logarithmic.

        name : str, default=None
            What the legend adds to its entries, for several trainings on one ``ax``. None:
            nothing, and for those after the first their number.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for all curves.

        Returns
        -------
        display : LossCurveDisplay
            With what was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = ax = axes_or_new(ax, type(self).__name__)
        self.figure_ = ax.figure
        epochs = np.arange(1, len(self.train_loss) + 1)
        number = sum(line.get_gid() == _CURVE for line in ax.lines)
        suffix = f" ({name or number + 1})" if name or number else ""
        colors = [f"C{3 * number + which}" for which in range(3)]
        # A curve of one point is visible as a marker only.
        settings = {"marker": "o" if len(epochs) == 1 else None, **kwargs}

        def draw(values, where, label, which, **style):
            if values is None:
                return None
            style |= {"label": f"{label}{suffix}", "color": colors[which]}
            return where.plot(epochs, values, **{**style, **settings})[0]

        self.train_line_ = draw(self.train_loss, ax, "training loss", 0)
        self.train_line_.set_gid(_CURVE)
        held_out = self.validation_loss, ax, "validation loss", 1
        self.validation_line_ = draw(*held_out, linestyle="--")
        self.score_ax_ = None if self.scores is None else _score_axes(ax, self.score_name)
        scored = self.scores, self.score_ax_, positive_name(self.score_name), 2
        self.score_line_ = draw(*scored, linestyle=":")
        self.best_line_ = None
        if self.best_iter is not None:
            label = f"best {self.iteration_name}: {self.best_iter}{suffix}"
            style = {"color": "0.6" if not number else colors[0], "zorder": 1}
            self.best_line_ = ax.axvline(self.best_iter, label=label, **style)
        self._finish(log_scale)
        return self

    def _finish(self, log_scale):
        """Label the axes, and lay the legend where no curve is."""
        from matplotlib.ticker import AutoLocator, MaxNLocator

        beside = _score_axes_beside(self.ax_)
        axes = [self.ax_] if beside is None else [self.ax_, beside]
        if log_scale:
            self.ax_.set_yscale("log")
        self.ax_.set(xlabel=self.iteration_name.capitalize(), ylabel="Loss")
        self.ax_.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if self.score_ax_ is not None:
            self.score_ax_.yaxis.set_major_locator(AutoLocator())
            self.score_ax_.autoscale(axis="y")
            # Where there is room only there are no scores to read off, such as 1.1.
            bottom, top = self.score_ax_.get_ylim()
            ticks = self.score_ax_.get_yticks()
            self.score_ax_.set_yticks(ticks[(ticks >= bottom) & (ticks <= top)])
        lines = [line for ax in axes for line in ax.get_legend_handles_labels()[0]]
        settings = {"loc": "upper center", "fontsize": "small", "frameon": True}
        # Opaque: the line at the best epoch passes behind it.
        settings |= {"framealpha": 1, "edgecolor": "none"}
        room = self.ax_.get_window_extent()
        for columns in (2, 1):
            legend = self.ax_.legend(handles=lines, ncols=columns, **settings)
            box = legend.get_window_extent()
            if box.width < 0.9 * room.width:
                break
        share = max(0.3, 1 - 1.2 * box.height / room.height)
        for ax in axes:
            _make_room(ax, share)


def _score_axes(ax, name):
    """Return the axes of scores beside axes: those that are there, or new ones."""
    beside = _score_axes_beside(ax)
    if beside is None:
        beside = ax.twinx()
        beside.set_gid(f"scores beside {id(ax)}")
        label_scores(beside, name)
    return beside


def _score_axes_beside(ax):
    """Return the axes of scores that a display has made before, or None."""
    others = (one for one in ax.figure.axes if one.get_gid() == f"scores beside {id(ax)}")
    return next(others, None)


def _make_room(ax, share):
    """Extend the vertical axis above its curves, which have a share of its height then."""
    ax.autoscale(axis="y")
    transform = ax.yaxis.get_transform()
    low, high = transform.transform(ax.get_ylim())
    high = low + (high - low) / share
    ax.set_ylim(top=transform.inverted().transform([high])[0])
