"""Features along the strength of a penalty."""

import numpy as np
from sklearn.utils import Bunch

from skreg.estimators.constraints import InvalidParameterError, check_count
from skreg.inspection.axes import (
    axes_or_new,
    count_above,
    label_scores,
    legend_below,
    one_name_each,
    positive_name,
    score_name,
    shortened,
)


class RegularizationPathDisplay:
    r"""How features leave a model as the penalty on them grows.

    One curve for each feature over the strength of the penalty: the norm of the weights that
    leave it, or its coefficient in a linear model. The features that stay the longest are
    coloured and named, the others grey. Above the axes stands how many features are left,
    and a second axis on the right has the score on validation data, if there is one. It is
    recommended to use :meth:`~skreg.inspection.RegularizationPathDisplay.from_path`. All
    parameters are stored as attributes.

    Parameters
    ----------
    strengths : ndarray of shape (n_strengths,)
        Strengths of the penalty, positive.

    norms : ndarray of shape (n_strengths, n_features)
        Norm of each feature's weights at each of them, or coefficients of a linear model:
        zero where the feature has left.

    scores : ndarray of shape (n_strengths,), default=None
        Scores of the models, the higher the better.

    n_features : ndarray of int of shape (n_strengths,), default=None
        How many features are left. None: they are counted.

    chosen : float, default=None
        The strength to mark.

    feature_names : sequence of str of length n_features, default=None
        Names of the features. None: x0, x1 and so on.

    penalty_name : str, default="penalty"
        What the strengths are of.

    norm_name : str, default="Norm of first-layer weights"
        What the norms are.

    score_name : str, default="score"
        What the scores are. On the axis "negative loss" and the like are written as the
        loss, which is lower at the top.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the norms.

    score_ax_ : matplotlib Axes or None
        Axes of the scores.

    count_ax_ : matplotlib Axes
        Axis with the number of features that are left.

    figure_ : matplotlib Figure
        Figure with the axes.

    lines_ : list of matplotlib Line2D
        One for each feature.

    score_line_ : matplotlib Line2D or None
        The scores.

    chosen_line_ : matplotlib Line2D or None
        The vertical line at the strength that is marked.

    See Also
    --------
    skreg.model_selection.mlp_path : Computes a path.
    FeatureWeightsDisplay : The features of a single network.

    Examples
    --------
    >>> import numpy as np
    >>> from skreg.inspection import RegularizationPathDisplay
    >>> display = RegularizationPathDisplay(
    ...     strengths=np.array([0.01, 0.1, 1.0]),
    ...     norms=np.array([[2.0, 1.0], [1.5, 0.5], [0.5, 0.0]]),
    ...     scores=np.array([0.8, 0.9, 0.7]),
    ...     chosen=0.1,
    ... ).plot()
    >>> display.chosen_line_.get_label()
    'chosen: 0.1, 2 features'
    """

    def __init__(
        self,
        *,
        strengths,
        norms,
        scores=None,
        n_features=None,
        chosen=None,
        feature_names=None,
        penalty_name="penalty",
        norm_name="Norm of first-layer weights",
        score_name="score",
    ):
        self.strengths = strengths
        self.norms = norms
        self.scores = scores
        self.n_features = n_features
        self.chosen = chosen
        self.feature_names = feature_names
        self.penalty_name = penalty_name
        self.norm_name = norm_name
        self.score_name = score_name

    @classmethod
    def from_path(
        cls, path, *, chosen=None, feature_names=None, max_named=6, ax=None, **kwargs
    ):
        """Draw a path.

        Parameters
        ----------
        path : Bunch
            As :func:`~skreg.model_selection.mlp_path` returns it, or its ``relaxed``. Of
            models without hidden layers and with one output the coefficients are drawn,
            of others norms.

        chosen : float, default=None
            The strength to mark. None: that of the highest score, the largest of several;
            without scores none.

        feature_names : sequence of str of length n_features, default=None
            Names of the features. None: those in ``feature_names_in_``, or else x0, x1 and
            so on.

        max_named : int, default=6
            How many features are named: those that stay the longest.

        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for the curves of the features.

        Returns
        -------
        display : RegularizationPathDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If ``path`` is something else, there is not one name for each feature, or
            ``max_named`` is not an int.

        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn.preprocessing import scale
        >>> from skreg import MLPRegressor
        >>> from skreg.inspection import RegularizationPathDisplay
        >>> from skreg.model_selection import mlp_path
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
        >>> X[:] = scale(X)
        >>> linear = MLPRegressor((), solver="lbfgs", l2=0.0, max_iter=1000)
        >>> path = mlp_path(linear, X, y, n_strengths=20)
        >>> display = RegularizationPathDisplay.from_path(path, max_named=2)
        >>> sorted(line.get_label() for line in display.ax_.get_legend().get_lines())
        ['bmi', 's5']
        """
        if not (isinstance(path, Bunch) and "models" in path and "norms" in path):
            raise InvalidParameterError(
                f"{cls.__name__}.from_path takes what mlp_path returns, not a "
                f"{type(path).__name__}. Pass mlp_path(estimator, X, y)."
            )
        network = path.models[0]
        norms, settings = path.norms, {}
        if network.n_layers_ == 2 and network.n_outputs_ == 1:
            norms = _coefficients(path)
            settings["norm_name"] = "Coefficient"
        if path.scores is not None and chosen is None:
            chosen = path.strengths[np.flatnonzero(path.scores == path.scores.max())[-1]]
        if feature_names is None:
            feature_names = getattr(network, "feature_names_in_", None)
        display = cls(
            strengths=path.strengths,
            norms=norms,
            scores=path.scores,
            n_features=path.n_features,
            chosen=chosen,
            feature_names=feature_names,
            penalty_name=path.penalty,
            score_name=score_name(network.scoring, network),
            **settings,
        )
        return display.plot(ax=ax, max_named=max_named, **kwargs)

    def plot(self, ax=None, *, max_named=6, **kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        max_named : int, default=6
            How many features are named: those that stay the longest.

        **kwargs : dict
            Passed to matplotlib's ``plot`` for the curves of the features.

        Returns
        -------
        display : RegularizationPathDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If there is not one name for each feature, or ``max_named`` is not an int.

        ImportError
            If matplotlib is not installed.
        """
        check_count("max_named", max_named, low=0)
        numbered = [f"x{number}" for number in range(self.norms.shape[1])]
        names = one_name_each(self.feature_names, numbered, "feature_names", "feature")
        self.ax_ = ax = axes_or_new(ax, type(self).__name__, figsize=(7.5, 5))
        self.figure_ = ax.figure
        self.lines_ = []
        named = _longest_lived(self.norms)[:max_named].tolist()
        for feature, values in enumerate(self.norms.T):
            style = {"color": "0.75", "linewidth": 0.8, "zorder": 1}
            if feature in named:
                style = {"color": f"C{named.index(feature)}", "label": names[feature]}
            self.lines_ += ax.plot(self.strengths, values, **{**style, **kwargs})
        self.score_ax_ = self.score_line_ = self.chosen_line_ = None
        if self.scores is not None:
            self.score_ax_ = ax.twinx()
            style = {"color": "k", "linestyle": ":", "label": positive_name(self.score_name)}
            (self.score_line_,) = self.score_ax_.plot(self.strengths, self.scores, **style)
            label_scores(self.score_ax_, self.score_name)
        if self.chosen is not None:
            self._mark_chosen()
        self._finish([self.lines_[feature] for feature in named])
        return self

    def _counts(self):
        if self.n_features is None:
            return np.count_nonzero(self.norms, axis=1)
        return np.asarray(self.n_features)

    def _mark_chosen(self):
        count = self._counts()[np.argmin(np.abs(np.log(self.strengths / self.chosen)))]
        plural = "" if count == 1 else "s"
        label = f"chosen: {self.chosen:.3g}, {count} feature{plural}"
        style = {"color": "0.4", "linestyle": "--", "linewidth": 1, "zorder": 0}
        self.chosen_line_ = self.ax_.axvline(self.chosen, label=label, **style)

    def _finish(self, named):
        """Label the axes; count features above them, and lay the legend beside."""
        ax = self.ax_
        ax.set_xscale("log")
        ax.set(xlabel=f"Strength of {self.penalty_name}", ylabel=self.norm_name)
        ax.margins(x=0)
        if (self.norms >= 0).all():
            ax.set_ylim(bottom=0)
        strengths, counts = self.strengths, self._counts()
        self.count_ax_ = count_above(ax, strengths, counts, "Features left")
        others = [line for line in (self.score_line_, self.chosen_line_) if line is not None]
        labels = [[line.get_label() for line in lines] for lines in (named, others)]
        if named or others:
            legend_below(ax, named + others, lambda n: shortened(labels[0], n) + labels[1])


def _coefficients(path):
    """Return coefficients of linear models, zero where pruning has taken features out."""
    coefficients = np.zeros_like(path.norms)
    for row, network in zip(coefficients, path.models, strict=True):
        row[:] = np.ravel(network.coef_)
    return coefficients


def _longest_lived(norms):
    """Return features in the order of the last strength at which they are left."""
    is_left = norms != 0
    last = np.where(is_left.any(axis=0), len(norms) - np.argmax(is_left[::-1], axis=0), 0)
    return np.lexsort([-np.abs(norms).max(axis=0), -last])
