r"""Candidates along a path, judged by what their features are worth without the penalty.

A penalty shrinks what it keeps, and a good support hides behind that. So on every fold a
network is walked along the strengths, from dense to sparse, and each support on the way is
refitted: a network is trained from scratch on these features alone, without the penalties
that make zeros, for as long as its score on the held-out rows of the fold rises [1]_. That
score is the strength's. No epochs are raced over, since a support needs many to form.

References
----------
.. [1] Meinshausen, "Relaxed lasso", Computational Statistics & Data Analysis 52 (2007).
"""

from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skreg.estimators.constraints import hidden_units
from skreg.estimators.evaluation import largest_strengths
from skreg.estimators.fitted import inputs_of
from skreg.estimators.fitting import fit_as_part
from skreg.estimators.notes import Note
from skreg.estimators.problem import Given
from skreg.model_selection.candidates import Candidate
from skreg.model_selection.path import PATHS
from skreg.model_selection.strengths import geometric, thinning
from skreg.model_selection.walking import features_left, walk

# Networks of neighbouring strengths are alike.
_EPOCHS_OF_A_STRENGTH = 0.1
# A refit starts anew, on few features, and ends when its score no longer rises. In
# bench_selection.py it is not done after the 200 epochs of the default.
_EPOCHS_OF_A_REFIT = 5
# Or the first weights, which a penalty makes small, become too small for the steps of the
# optimizer while the later ones make up for them.
_LATER_L2 = 1e-3
# Where the range of strengths is sought: fifteen of them to three decades. With fewer, steps
# are so large that whole networks are lost early.
_N_COARSE = 15
_EPS = 1e-3


@dataclass
class Path:
    """Candidates that differ in the strength of a penalty.

    Attributes
    ----------
    network : MLPClassifier or MLPRegressor
        What they have in common.

    penalty : {"l1", "group_lasso"}

    params : dict
        What makes them differ from the candidates of other paths.

    candidates : list of Candidate
        One for each strength, from `add_candidates`.
    """

    network: object
    penalty: str
    params: dict
    candidates: list = field(default_factory=list)

    @property
    def upwards(self):
        """The strengths in the order of the path."""
        return sorted({self.strength_of(candidate) for candidate in self.candidates})

    def strength_of(self, candidate):
        """Return the strength that a candidate stands for."""
        return candidate.params[self.penalty]

    def walk(self, strengths, samples, seed, classes):
        """Yield the networks along strengths upwards, each as soon as it is trained."""
        network = clone(self.network).set_params(
            warm_start=True, random_state=seed, **{self.penalty: 0.0}
        )
        if network.l2 is None:
            n_later = len(hidden_units(network.hidden_layer_sizes))
            network.set_params(l2=[0.0, *[_LATER_L2] * n_later])
        max_iter = max(1, round(_EPOCHS_OF_A_STRENGTH * network.max_iter))

        def fit(network):
            fit_as_part(network, Given(*samples, classes))
            return network

        yield from walk(fit(network), self.penalty, strengths, max_iter, fit)

    def for_refit(self, seed, **params):
        """Return a network, not yet trained, without the penalties that make zeros."""
        sparse = dict.fromkeys(PATHS, 0.0)
        return clone(self.network).set_params(**sparse, random_state=seed, **params)

    def train(self, candidate, samples, seed, classes, progress, verbose):
        """Return the network of a candidate that was judged, trained on all data.

        The path is walked up to its strength; the support there is refitted for as many
        epochs as were best on the folds on average.
        """
        end = self.strength_of(candidate)
        strengths = [strength for strength in self.upwards if strength <= end]
        *_, network = self.walk(strengths, samples, seed, classes)
        refitted = self.for_refit(
            seed,
            max_iter=max(1, round(np.mean(candidate.best_epochs()))),
            n_iter_no_change=np.inf,
            verbose=verbose,
        )
        with progress.on_all_data(refitted):
            fit_as_part(refitted, Given(*samples, classes, features_of(network)))
        return refitted

    def notes(self, candidate, network):
        """Return what to warn of in the choice of a candidate and its network.

        Returns
        -------
        notes : list of Note
        """
        notes, name = [], f"{self.penalty}={self.strength_of(candidate):.3g}"
        n_epochs, n_folds = self.refit_epochs, len(candidate.curves)
        n_unfinished = sum(len(curve) >= n_epochs for curve in candidate.curves)
        if 2 * n_unfinished > n_folds and not self._is_planned:
            message = (
                f"At the chosen {name}, {n_unfinished} of {n_folds} refits ended after "
                f"{n_epochs} epochs, {_EPOCHS_OF_A_REFIT} times max_iter, before their "
                "patience had run out. Raise learning_rate_init or max_iter."
            )
            notes.append(Note(message, ConvergenceWarning))
        if not network.get_support().any():
            message = (
                f"On all data no feature is left at {name}, so predictions do not depend on "
                "X. Try weaker strengths, or features that are scaled."
            )
            notes.append(Note(message))
        return notes

    @property
    def refit_epochs(self):
        """The largest number of epochs of a refit that is judged."""
        # A plan of learning rates is laid out over max_iter.
        return (1 if self._is_planned else _EPOCHS_OF_A_REFIT) * self.network.max_iter

    @property
    def _is_planned(self):
        return self.network.learning_rate in ("cosine", "one_cycle")


def features_of(network):
    """Return the features to refit, their indices: that make a difference, or must stay."""
    protected = inputs_of(network).protected(network.feature_weights)
    return np.flatnonzero(network.prune().get_support() | protected)


def add_candidates(paths, strengths, n_folds, samples, seed, classes=None, n_jobs=None):
    """Give paths their candidates, one for each strength.

    Parameters
    ----------
    paths : list of Path

    strengths : list of float or int
        The strengths, or how many of them: these leave fewer features by the same factor
        each time, from nearly all to none, as seen on a path of large steps over all data,
        on each path for itself. Without hidden layers the largest is the least that leaves
        nothing.

    n_folds : int

    samples : tuple
        All data: ``X``, ``y`` and weights.

    seed : int

    classes : ndarray, default=None
        All classes, for classifiers.

    n_jobs : int, default=None
        As in joblib.
    """
    given = [(strengths, None) for _ in paths]
    if isinstance(strengths, Integral):
        given = Parallel(n_jobs=n_jobs)(
            delayed(_whole_range)(path, strengths, samples, seed, classes) for path in paths
        )
    for path, (strengths, error) in zip(paths, given, strict=True):
        path.candidates = [
            Candidate({**path.params, path.penalty: strength}, [None] * n_folds, error=error)
            for strength in strengths
        ]


def _whole_range(path, n_strengths, samples, seed, classes):
    """Return strengths from nearly dense to empty, or one unknown and why it is."""
    try:
        scale = path.for_refit(seed, max_iter=1)
        fit_as_part(scale, Given(*samples, classes))
        coarse = geometric(largest_strengths(scale, *samples)[path.penalty], _N_COARSE, _EPS)
        networks = path.walk(coarse, samples, seed, classes)
        n_left = [np.count_nonzero(features_left(network)) for network in networks]
    except Exception as error:
        return [np.nan], error
    return thinning(coarse[: len(n_left)], n_left, n_strengths).tolist(), None
