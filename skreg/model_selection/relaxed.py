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

from skreg.estimators.assembly import is_stochastic, minibatch_size
from skreg.estimators.constraints import hidden_units
from skreg.estimators.evaluation import gain, largest_strengths
from skreg.estimators.fitted import inputs_of
from skreg.estimators.fitting import fit_as_part
from skreg.estimators.notes import Note
from skreg.estimators.problem import Given
from skreg.model_selection.candidates import Candidate
from skreg.model_selection.path import PATHS
from skreg.model_selection.strengths import geometric, thinning
from skreg.model_selection.walking import features_left, gradual, is_empty, walk

# Networks of neighbouring strengths are alike.
_EPOCHS_OF_A_STRENGTH = 0.1
# Where they are few in an epoch. They have to carry weights to zero.
_STEPS_OF_A_STRENGTH = 200
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
# Where the way to the first strength begins, as a share of it.
_START = 1e-2


# How much of what was gained on the folds a network on all data must gain.
_AS_GOOD = 0.8
_N_TRIED = 4
# Where more rows keep features for longer, the path goes on.
_BEYOND = 1.1
_N_BEYOND = 50


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

    difference : tuple or None
        Of what was trained on all data from what was judged, where it matters: the gain of
        the one and of the other, and the number of features that was judged.
    """

    network: object
    penalty: str
    params: dict
    candidates: list = field(default_factory=list)
    difference: tuple | None = None

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
        if self.is_linear and is_stochastic(network):
            # Weights go down one after the other, and the loss hardly does.
            network.set_params(tol=0.0)
        strengths = sorted(strengths)
        steps = gradual(strengths, _START * min(filter(None, strengths), default=1.0))

        def fit(network):
            fit_as_part(network, Given(*samples, classes))
            return network

        max_iter = self._epochs_of_a_strength(samples)
        networks = walk(fit(network), self.penalty, steps, max_iter, fit)
        for strength, walked in zip(steps, networks, strict=False):
            if strength in strengths or is_empty(walked):
                yield walked

    def _epochs_of_a_strength(self, samples):
        n_samples = np.shape(samples[0])[0]
        n_batches = -(-n_samples // minibatch_size(self.network, n_samples))
        n_epochs = round(_EPOCHS_OF_A_STRENGTH * self.network.max_iter)
        n_steps = (2 if self.is_linear else 1) * _STEPS_OF_A_STRENGTH
        return max(1, n_epochs, min(self.network.max_iter, -(-n_steps // n_batches)))

    @property
    def is_linear(self):
        """Whether there are no hidden layers."""
        return not hidden_units(self.network.hidden_layer_sizes)

    def count(self, strengths, samples, seed, classes):
        """Return how many features each strength leaves, up to the first that leaves none.

        Without hidden layers the last strength is taken for enough.
        """
        networks = self.walk(strengths, samples, seed, classes)
        n_left = [np.count_nonzero(features_left(network)) for network in networks]
        if self.is_linear:
            n_left[-1] = 0
        return n_left

    def for_refit(self, seed, **params):
        """Return a network, not yet trained, without the penalties that make zeros."""
        sparse = dict.fromkeys(PATHS, 0.0)
        return clone(self.network).set_params(**sparse, random_state=seed, **params)

    def train(self, candidate, limit, problem, progress, verbose):
        """Return the network of a candidate that was judged, trained on all data.

        A strength does not carry over to more rows, the number of features does: of the
        supports along the path over all data the one is refitted that is as large as those
        on the folds were, for as many epochs as were best there on average. Where it lowers
        the loss of its training data by less than the networks of the folds that of theirs,
        the next larger ones are tried.
        """
        samples, seed = problem.samples, problem.seeds[0]
        judged = [
            gain(network, *fold.parts()[0])
            for network, fold in zip(candidate.networks, problem.folds, strict=True)
        ]
        n_wanted, trained = _round(candidate.size()[0]), []
        for features in self._supports(candidate, n_wanted, limit, problem)[:_N_TRIED]:
            refitted = self.for_refit(
                seed,
                max_iter=max(1, round(np.mean(candidate.best_epochs()))),
                n_iter_no_change=np.inf,
                verbose=verbose,
            )
            with progress.on_all_data(refitted):
                fit_as_part(refitted, Given(*samples, problem.classes, features))
            trained.append((gain(refitted, *samples), refitted))
            # Where nothing was learnt on a fold there is nothing to compare with.
            if min(judged) <= 0 or trained[-1][0] >= _AS_GOOD * min(judged):
                self.difference = None
                return refitted
        found, refitted = max(trained, key=lambda pair: pair[0])
        self.difference = (found, np.mean(judged), n_wanted)
        return refitted

    def _supports(self, candidate, n_wanted, limit, problem):
        """Return supports on all data: as large as is wanted first, then larger ones."""
        beyond = self.upwards[-1] * _BEYOND ** np.arange(1, _N_BEYOND)
        strengths = [*self.upwards, *beyond[beyond > 0]]
        found = {}
        networks = self.walk(strengths, problem.samples, problem.seeds[0], problem.classes)
        for strength, network in zip(strengths, networks, strict=False):
            features = features_of(network)
            found.setdefault(len(features), []).append((strength, features))
            if len(features) < n_wanted or len(features) == 0:
                break
        within = [size for size in found if size <= limit] or [min(found)]
        large = sorted(size for size in within if size >= n_wanted) or [max(within)]
        end = self.strength_of(candidate)
        return [min(found[size], key=lambda pair: abs(pair[0] - end))[1] for size in large]

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
        if self.difference is not None:
            found, judged, n_wanted = self.difference
            n_left = np.count_nonzero(network.get_support())
            message = (
                f"The network on all data is not what was judged at {name}: it has {n_left} "
                f"features, and lowers the loss of the training data by {found:.3g}; on the "
                f"folds there were {n_wanted}, and it was {judged:.3g}. Give more strengths, "
                "or a list that begins with weaker ones, or change learning_rate_init."
            )
            notes.append(Note(message))
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


def _round(size):
    return int(np.floor(size + 0.5))


def features_of(network):
    """Return the features to refit, their indices: that make a difference, or must stay."""
    protected = inputs_of(network).protected(network.feature_weights)
    return np.flatnonzero(network.prune().get_support() | protected)


def add_candidates(paths, strengths, problem, n_jobs=None):
    """Give paths their candidates, one for each strength.

    Parameters
    ----------
    paths : list of Path

    strengths : list of float or int
        The strengths, or how many of them: these leave fewer features by the same factor
        each time, from all to none, as seen on paths over the rows of a fold,
        on each path for itself. Without hidden layers the largest is the least that leaves
        nothing.

    problem : Problem

    n_jobs : int, default=None
        As in joblib.
    """
    given = [(strengths, None) for _ in paths]
    if isinstance(strengths, Integral):
        given = Parallel(n_jobs=n_jobs)(
            delayed(_whole_range)(path, strengths, problem) for path in paths
        )
    for path, (strengths, error) in zip(paths, given, strict=True):
        path.candidates = [
            Candidate(
                {**path.params, path.penalty: strength},
                [None] * len(problem.folds),
                error=error,
            )
            for strength in strengths
        ]


def _whole_range(path, n_strengths, problem):
    """Return strengths from dense to empty, or one unknown and why it is."""
    samples, seed, classes = problem.samples, problem.seeds[0], problem.classes
    train, _ = max(problem.folds, key=lambda fold: len(fold.train)).parts()
    try:
        scale = path.for_refit(seed, max_iter=1)
        fit_as_part(scale, Given(*samples, classes))
        alpha_max = largest_strengths(scale, *samples)[path.penalty]
        strengths = geometric(alpha_max, _N_COARSE, _EPS)
        if path.is_linear:
            strengths = strengths[:_N_COARSE]
        # A second time, as finely as on the folds: large steps leave features behind.
        for n_wanted in (max(n_strengths, _N_COARSE), n_strengths):
            n_left = path.count(strengths, train, seed, classes)
            strengths = thinning(strengths[: len(n_left)], n_left, n_wanted)
    except Exception as error:
        return [np.nan], error
    return strengths.tolist(), None
