"""How much of the first layer each feature has."""

from numbers import Integral

import numpy as np

from skreg.estimators.constraints import InvalidParameterError, shown
from skreg.estimators.networks import network_of
from skreg.inspection.axes import axes_or_new, one_name_each, shortened

# Of a name beside a bar; their width in inches.
_LEAST_LETTERS, _MOST_LETTERS = 16, 36
_WIDTH_OF_LETTER = 0.085


class FeatureWeightsDisplay:
    r"""Norms of the weights that leave the input features, the largest at the top.

    The bar of feature :math:`j` has the length :math:`\|W_{1, j \cdot}\|_2`, the Euclidean
    norm of its row in the first weight matrix. Features without weights that are not zero
    have no bar; the title says how many there are. Norms can be compared where features
    are scaled alike. It is recommended to use
    :meth:`~skreg.inspection.FeatureWeightsDisplay.from_estimator`. All parameters are
    stored as attributes.

    Parameters
    ----------
    importances : ndarray of shape (n_features,)
        The norms.

    feature_names : sequence of str of length n_features
        Names of the features.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the bars.

    figure_ : matplotlib Figure
        Figure with the axes.

    bars_ : matplotlib BarContainer
        The bars, from the largest on.

    See Also
    --------
    skreg.MLPClassifier.get_support : Which features a network uses.
    sklearn.inspection.permutation_importance : What a score loses without a feature.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import scale
    >>> from skreg import MLPClassifier
    >>> from skreg.inspection import FeatureWeightsDisplay
    >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    >>> X[:] = scale(X)
    >>> network = MLPClassifier(
    ...     (10,), group_lasso=0.05, batch_size=32, max_iter=30, random_state=0
    ... ).fit(X, y)
    >>> display = FeatureWeightsDisplay.from_estimator(network)
    >>> n_unused = 30 - network.get_support().sum()
    >>> display.ax_.get_title() == f"{n_unused} of 30 features are not used"
    True
    """

    def __init__(self, *, importances, feature_names):
        self.importances = importances
        self.feature_names = feature_names

    @classmethod
    def from_estimator(
        cls, estimator, *, feature_names=None, max_features=20, ax=None, **kwargs
    ):
        """Draw the first-layer weights of a network.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, MLPClassifierCV or MLPRegressorCV
            Fitted. A search stands for its ``best_estimator_``.

        feature_names : sequence of str of length n_features, default=None
            Names of the features. None: those in ``feature_names_in_``, or else
            x0, x1 and so on.

        max_features : int, default=20
            How many bars there may be: the largest ones. None: all.

        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        **kwargs : dict
            Passed to matplotlib's ``barh``.

        Returns
        -------
        display : FeatureWeightsDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If ``estimator`` is something else, such as a pipeline, there is not one name
            for each feature, or ``max_features`` is not a positive int.

        NotFittedError
            If it is not fitted.

        ImportError
            If matplotlib is not installed.
        """
        network = network_of(estimator, cls.__name__)
        importances = network.feature_importances_
        if feature_names is None:
            feature_names = getattr(network, "feature_names_in_", None)
        numbered = [f"x{number}" for number in range(len(importances))]
        names = one_name_each(feature_names, numbered, "feature_names", "feature")
        display = cls(importances=importances, feature_names=names)
        return display.plot(ax=ax, max_features=max_features, **kwargs)

    def plot(self, ax=None, *, max_features=20, **kwargs):
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: in a new figure.

        max_features : int, default=20
            How many bars there may be: the largest ones. None: all.

        **kwargs : dict
            Passed to matplotlib's ``barh``.

        Returns
        -------
        display : FeatureWeightsDisplay
            With what was drawn.

        Raises
        ------
        ValueError
            If ``max_features`` is not a positive int.

        ImportError
            If matplotlib is not installed.
        """
        is_count = isinstance(max_features, Integral) and max_features >= 1
        if not (max_features is None or is_count):
            raise InvalidParameterError(
                f"max_features must be None or an int of at least 1. Got {shown(max_features)}."
            )
        n_features, n_used = len(self.importances), np.count_nonzero(self.importances)
        order = np.argsort(-self.importances, kind="stable")
        drawn = order[:n_used][:max_features]
        # Height in inches: a line of text for each bar.
        height = max(3, 1 + len(drawn) / 4)
        names = [str(self.feature_names[feature]) for feature in drawn]
        # And of its width there is more for longer names.
        longest = max(map(len, shortened(names, _MOST_LETTERS)), default=0)
        width = 6.4 + _WIDTH_OF_LETTER * max(longest - 12, 0)
        self.ax_ = ax = axes_or_new(ax, type(self).__name__, figsize=(width, height))
        self.figure_ = self.ax_.figure
        places = np.arange(len(drawn))
        self.bars_ = self.ax_.barh(places, self.importances[drawn], **kwargs)
        room = 0.6 * ax.get_window_extent().width / ax.figure.dpi / _WIDTH_OF_LETTER
        n_letters = min(max(int(room), _LEAST_LETTERS), _MOST_LETTERS)
        self.ax_.set_yticks(places, shortened(names, n_letters))
        self.ax_.margins(y=0.02)
        self.ax_.invert_yaxis()
        self.ax_.set_xlim(left=0)
        notes = []
        if len(drawn) < n_used:
            notes.append(f"The {len(drawn)} largest of {n_features} features")
        if n_used < n_features:
            notes.append(f"{n_features - n_used} of {n_features} features are not used")
        self.ax_.set_xlabel("Norm of first-layer weights")
        self.ax_.set_title("\n".join(notes), fontsize="medium")
        return self
