"""Candidates race: all start, and those that fall behind are dropped on the way.

Successive halving [1]_, with epochs as the resource: every rung lets the candidates that
are left train on, on more folds, and drops the worse ones. A candidate that is trained on
goes on where it stopped, optimizer and all, and none is trained twice.

References
----------
.. [1] Jamieson and Talwalkar, "Non-stochastic best arm identification and
   hyperparameter optimization", AISTATS 2016.
"""

import copy
import warnings
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from skreg.estimators.validation import Validation
from skreg.model_selection.rules import as_good, size_of

# A rung has three times the epochs of the one before and a third of the candidates, so
# all rungs cost about the same.
_FACTOR = 3
# Fewer candidates than these are trained to the end.
_FINALISTS = 2


class Rung(NamedTuple):
    """A stage of a race.

    Attributes
    ----------
    n_epochs : int
        Epochs that a candidate has trained in the end, unless patience ran out.

    n_folds : int
        Folds that it trains on.

    n_kept : int
        Candidates that go on.
    """

    n_epochs: int
    n_folds: int
    n_kept: int


def rungs(n_candidates, n_folds, max_iter, min_epochs):
    """Plan a race.

    Parameters
    ----------
    n_candidates, n_folds : int

    max_iter : int
        Epochs of those that reach the end.

    min_epochs : int
        Epochs of the first rung.

    Returns
    -------
    plan : list of Rung
        The first on two folds, each further one on one fold more, the last on all of
        them.
    """
    plan, n_epochs, folds = [], min_epochs, min(2, n_folds)
    while n_candidates > _FINALISTS and n_epochs < max_iter:
        n_candidates = max(_FINALISTS, n_candidates // _FACTOR)
        plan.append(Rung(n_epochs, folds, n_candidates))
        n_epochs, folds = _FACTOR * n_epochs, min(folds + 1, n_folds)
    return [*plan, Rung(max_iter, n_folds, 1)]


@dataclass(eq=False)
class Runner:
    """A candidate in a race.

    Attributes
    ----------
    params : dict
        What makes it differ from others.

    networks : list of estimator
        One for each fold.

    curves : list of list of float
        Scores of each of them, epoch by epoch.

    seconds : list of float
        Time that each has trained.

    sizes : list of tuple of (int, int)
        Features and weights of each in its best epoch, not a number where there is none.

    error : Exception or None
        What it failed with.

    rung : int
        Place in the plan of the last rung that it took part in.
    """

    params: dict
    networks: list
    curves: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    sizes: list = field(default_factory=list)
    error: Exception | None = None
    rung: int = 0

    def __post_init__(self):
        self.curves = [[] for _ in self.networks]
        self.seconds = [0.0 for _ in self.networks]
        self.sizes = [(np.nan, np.nan) for _ in self.networks]

    def fold_scores(self):
        """Return the best score of every fold, not a number where there is none.

        That is on folds that it did not see, and on all if it failed.
        """
        if self.error is not None:
            return np.full(len(self.curves), np.nan)
        return np.array([max(curve, default=np.nan) for curve in self.curves])

    @property
    def score(self):
        """The mean over the folds that have started; minus infinity if it failed."""
        started = [max(curve) for curve in self.curves if curve]
        return float(np.mean(started)) if started and self.error is None else -np.inf

    @property
    def n_epochs(self):
        """Epochs of the longest training."""
        return max(map(len, self.curves))

    def size(self):
        """Return the mean numbers of features and weights over the folds that have started."""
        started = [size for size, curve in zip(self.sizes, self.curves, strict=True) if curve]
        return np.mean(started, axis=0) if started else np.full(2, np.nan)

    def best_epochs(self):
        """Return the epoch of the best score of every fold, counted from 1."""
        return [1 + int(np.argmax(curve)) for curve in self.curves if curve]


class Fold(NamedTuple):
    """Data, and which rows of them to train on and to judge by.

    All folds have the same data, which so need to travel to other processes only once.

    Attributes
    ----------
    X, y : array-like

    sample_weight : array-like or None

    train, test : ndarray of int
    """

    X: object
    y: object
    sample_weight: object
    train: np.ndarray
    test: np.ndarray

    def parts(self):
        """Return ``X``, ``y`` and weights of the rows to train on, and to judge by."""
        return tuple(
            tuple(_take(array, rows) for array in (self.X, self.y, self.sample_weight))
            for rows in (self.train, self.test)
        )


def split(folds, X, y, sample_weight):
    """Return folds of data.

    Parameters
    ----------
    folds : iterable of pairs of ndarray of int

    X, y : array-like

    sample_weight : array-like or None
    """
    return [Fold(X, y, sample_weight, train, test) for train, test in folds]


def _take(array, rows):
    """Return rows of anything that `sklearn.utils.indexable` lets through."""
    if array is None:
        return None
    if hasattr(array, "iloc"):
        return array.iloc[rows]
    return array[rows] if hasattr(array, "shape") else [array[row] for row in rows]


def race(runners, folds, plan, classes=None, n_jobs=None, shortfall=None):
    """Let candidates race.

    Parameters
    ----------
    runners : list of Runner
        Their networks are trained.

    folds : list of Fold

    plan : list of Rung

    classes : ndarray, default=None
        All classes, for classifiers.

    n_jobs : int, default=None
        As in joblib.

    shortfall : callable, default=None
        One of `rules.SHORTFALLS`: those that are as good as the best of a rung go on too.
        None: as many as planned.

    Returns
    -------
    ranking : list of Runner
        The best first: those that went further before those that were dropped earlier.
    """
    running, dropped = list(runners), []
    # One pool for all rungs, or joblib would hand out the data anew on each.
    with Parallel(n_jobs=n_jobs) as parallel:
        for number, rung in enumerate(plan):
            for runner in running:
                if runner.error is None:
                    runner.rung = number
            _train(running, folds, rung, classes, parallel)
            running = sorted(running, key=lambda runner: -runner.score)
            n_good = 0 if shortfall is None else len(as_good(running, shortfall))
            n_kept = max(rung.n_kept, n_good)
            running, out = running[:n_kept], running[n_kept:]
            dropped = out + dropped
    ranking = running + dropped
    for runner in ranking:
        runner.sizes = [_best_size(network) for network in runner.networks]
    return ranking


def _best_size(network):
    """Return the size of a network in its best epoch, not a number before the first."""
    if network._best is None:
        return np.nan, np.nan
    best = copy.copy(network)
    best._restore_best()
    return size_of(best)


def _train(runners, folds, rung, classes, parallel):
    """Let candidates train on for a rung."""
    lanes = [
        (runner, k)
        for runner in runners
        for k in range(rung.n_folds)
        if _goes_on(runner, k, rung)
    ]
    # Of its arguments, not of what is in them, joblib sees whether it has sent them.
    results = parallel(
        delayed(_advance)(
            runner.networks[k], rung.n_epochs - len(runner.curves[k]), classes, *folds[k]
        )
        for runner, k in lanes
    )
    for (runner, k), (network, error) in zip(lanes, results, strict=True):
        runner.networks[k] = network
        runner.error = runner.error or error
        if error is None:
            runner.curves[k] = network.history_["score"].tolist()
            runner.seconds[k] = float(network.history_["seconds"].sum())


def _goes_on(runner, k, rung):
    """Whether a network has epochs left to train."""
    network, curve = runner.networks[k], runner.curves[k]
    if runner.error is not None or len(curve) >= rung.n_epochs:
        return False
    return not curve or network._waited <= network.n_iter_no_change


def _advance(network, n_epochs, classes, *fold):
    """Train a network for so many more epochs; return it, and what it failed with."""
    (X, y, sample_weight), (X_val, y_val, sample_weight_val) = Fold(*fold).parts()
    validation = Validation(X_val, y_val, sample_weight_val)
    try:
        with warnings.catch_warnings():
            # Of what is lost on the way there is the table of results.
            warnings.simplefilter("ignore")
            network._fit(
                X,
                y,
                sample_weight,
                validation,
                n_epochs=n_epochs,
                classes=classes,
                is_part=True,
            )
    except Exception as error:
        return network, error
    return network, None
