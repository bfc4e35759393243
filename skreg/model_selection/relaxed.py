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

import time
import warnings
from dataclasses import dataclass, field
from numbers import Integral
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skreg.estimators.validation import Validation, hidden_units
from skreg.model_selection.path import PATHS, geometric, walk
from skreg.model_selection.race import Fold, Runner
from skreg.model_selection.rules import size_of

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
# A network is nearly dense with so many of the features that it begins with.
_NEARLY = 0.9
_NOTHING = 0.5


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

    runners : list of Runner
        One for each strength, from `set_out`.
    """

    network: object
    penalty: str
    params: dict
    runners: list = field(default_factory=list)

    @property
    def upwards(self):
        """The strengths in the order of the path."""
        return sorted({self.strength_of(runner) for runner in self.runners})

    def strength_of(self, runner):
        """Return the strength that a candidate stands for."""
        return runner.params[self.penalty]

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
            return _fit(network, samples, classes=classes)

        yield from walk(fit(network), self.penalty, strengths, max_iter, fit)

    def refit(self, features, samples, seed, classes, validation=None, **params):
        """Return a network that is trained on some features, without sparse penalties."""
        network = clone(self.network).set_params(
            **dict.fromkeys(PATHS, 0.0), random_state=seed, **params
        )
        return _fit(network, samples, validation, classes=classes, features=features)

    def train(self, runner, samples, seed, classes, verbose=False):
        """Return the network of a candidate that was judged, trained on all data.

        The path is walked up to its strength; the support there is refitted for as many
        epochs as were best on the folds on average.
        """
        self._warn_of_what_is_unfinished(runner)
        strengths = [one for one in self.upwards if one <= self.strength_of(runner)]
        *_, network = self.walk(strengths, samples, seed, classes)
        features = _features_of(network)
        if not len(features):
            warnings.warn(
                f"On all data no feature is left at {self.penalty}={strengths[-1]:.3g}, so "
                "predictions do not depend on X. Try weaker strengths, or features that are "
                "scaled.",
                stacklevel=5,
            )
        return self.refit(
            features,
            samples,
            seed,
            classes,
            max_iter=max(1, round(np.mean(runner.best_epochs()))),
            n_iter_no_change=np.inf,
            verbose=verbose,
        )

    @property
    def refit_epochs(self):
        """The largest number of epochs of a refit that is judged."""
        # A plan of learning rates is laid out over max_iter.
        return (1 if self._is_planned else _EPOCHS_OF_A_REFIT) * self.network.max_iter

    @property
    def _is_planned(self):
        return self.network.learning_rate in ("cosine", "one_cycle")

    def _warn_of_what_is_unfinished(self, runner):
        n_epochs = self.refit_epochs
        n_unfinished = sum(len(curve) >= n_epochs for curve in runner.curves)
        if 2 * n_unfinished > len(runner.curves) and not self._is_planned:
            warnings.warn(
                f"At the chosen {self.penalty}={self.strength_of(runner):.3g}, {n_unfinished} "
                f"of {len(runner.curves)} refits ended after {n_epochs} epochs, "
                f"{_EPOCHS_OF_A_REFIT} times max_iter, before their patience had run out. "
                "Raise learning_rate_init or max_iter.",
                ConvergenceWarning,
                stacklevel=6,
            )


def _fit(network, samples, validation=None, **given):
    with warnings.catch_warnings():
        # Of what is lost on the way there is the table of results.
        warnings.simplefilter("ignore")
        return network._fit(*samples, validation, is_part=True, **given)


def _features_of(network):
    return network.prune().get_support(indices=True)


def set_out(paths, strengths, n_folds, samples, seed, classes=None, n_jobs=None):
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
            delayed(_spanning)(path, strengths, samples, seed, classes) for path in paths
        )
    for path, (strengths, error) in zip(paths, given, strict=True):
        path.runners = [
            Runner({**path.params, path.penalty: one}, [None] * n_folds, error=error)
            for one in strengths
        ]


def _spanning(path, n_strengths, samples, seed, classes):
    """Return strengths from nearly dense to empty, or one unknown and why it is."""
    try:
        untrained = path.refit(None, samples, seed, classes, max_iter=1)
        coarse = geometric(untrained._alpha_max(*samples)[path.penalty], _N_COARSE, _EPS)
        networks = path.walk(coarse, samples, seed, classes)
        n_left = [size_of(network)[0] for network in networks]
    except Exception as error:
        return [np.nan], error
    return thinning(coarse[: len(n_left)], n_left, n_strengths).tolist(), None


def thinning(strengths, n_left, n_strengths):
    """Return strengths at which features become fewer by the same factor each time.

    Between those that are known, the logarithm of the number of features is taken for
    linear in that of the strength; nothing left counts as half a feature.

    Parameters
    ----------
    strengths : ndarray
        Upwards.

    n_left : sequence of int
        Features that each of them has left.

    n_strengths : int

    Returns
    -------
    strengths : ndarray of shape (n_strengths,)
        From the last that leaves a network nearly dense to the last of all.
    """
    n_left = np.minimum.accumulate(np.maximum(n_left, _NOTHING))
    start = np.flatnonzero(n_left >= _NEARLY * n_left[0])[-1]
    n_left, strengths = n_left[start:], strengths[start:]
    targets = np.geomspace(n_left[0], n_left[-1], n_strengths)
    # From few to many, and of strengths with as many the weakest.
    known, first = np.unique(n_left, return_index=True)
    first[0] = len(n_left) - 1
    return np.exp(np.interp(np.log(targets), np.log(known), np.log(strengths[first])))


class Outcome(NamedTuple):
    """What came of a strength on a fold.

    Attributes
    ----------
    curve : list of float
        Scores of the refit, epoch by epoch.

    size : tuple of (int, int)
        Features and weights of it.

    seconds : float

    error : Exception or None
    """

    curve: list
    size: tuple = (np.nan, np.nan)
    seconds: float = 0.0
    error: Exception | None = None


def judge(paths, folds, seeds, classes=None, n_jobs=None):
    """Judge the candidates of paths on all folds.

    Parameters
    ----------
    paths : list of Path
        Their runners take down what came of them.

    folds : list of Fold

    seeds : sequence of int
        One for each fold.

    classes : ndarray, default=None
        All classes, for classifiers.

    n_jobs : int, default=None
        As in joblib.

    Returns
    -------
    ranking : list of Runner
        Of all paths, the best first.
    """
    known = [path for path in paths if not any(runner.error for runner in path.runners)]
    legs = [(path, k) for path in known for k in range(len(folds))]
    results = Parallel(n_jobs=n_jobs)(
        delayed(_follow)(path, seeds[k], classes, *folds[k]) for path, k in legs
    )
    for (path, k), outcomes in zip(legs, results, strict=True):
        for runner in path.runners:
            outcome = outcomes[path.strength_of(runner)]
            runner.curves[k], runner.sizes[k] = outcome.curve, outcome.size
            runner.seconds[k] = outcome.seconds
            runner.error = runner.error or outcome.error
    runners = [runner for path in paths for runner in path.runners]
    return sorted(runners, key=lambda runner: -runner.score)


def _follow(path, seed, classes, *fold):
    """Walk a path on a fold; return the `Outcome` of each strength."""
    train, test = Fold(*fold).parts()
    outcomes, latest, features = {}, None, None
    try:
        networks = path.walk(path.upwards, train, seed, classes)
        started = time.perf_counter()
        for strength, network in zip(path.upwards, networks, strict=False):
            if not np.array_equal(_features_of(network), features):
                features = _features_of(network)
                latest = _outcome(path, features, train, test, seed, classes)
            now = time.perf_counter()
            outcomes[strength] = latest._replace(seconds=now - started)
            started = now
    except Exception as error:
        latest = Outcome([], error=error)
    # Stronger ones leave nothing either, or cannot be reached.
    return {strength: outcomes.get(strength, latest) for strength in path.upwards}


def _outcome(path, features, train, test, seed, classes):
    """Return the `Outcome` of a refit; what it cost is not known yet."""
    validation = Validation(*test)
    try:
        network = path.refit(
            features,
            train,
            seed,
            classes,
            validation,
            early_stopping=True,
            max_iter=path.refit_epochs,
        )
    except Exception as error:
        return Outcome([], error=error)
    return Outcome(list(network.validation_scores_), size_of(network))
