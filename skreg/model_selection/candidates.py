r"""Candidates: what they are trained and judged on, what came of them, which is taken.

With the mean :math:`\bar s` of a candidate's scores over folds and the best one
:math:`\bar s^*`, a rule allows a shortfall :math:`\delta` of it, and of all candidates with
:math:`\bar s \ge \bar s^* - \delta` the sparsest is taken.

References
----------
.. [1] Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees",
   Wadsworth 1984, section 3.4.3: the one-standard-error rule.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Problem(NamedTuple):
    """What candidates are trained and judged on.

    Attributes
    ----------
    samples : tuple
        All data: ``X``, ``y`` and weights.

    folds : list of Fold

    classes : ndarray or None
        All classes, for classifiers.

    seeds : list of int
        For trainings on all data, and then one for each fold.
    """

    samples: tuple
    folds: list
    classes: np.ndarray | None
    seeds: list


@dataclass(eq=False)
class Candidate:
    """Parameters that are tried, and what came of them.

    Attributes
    ----------
    params : dict
        What makes it differ from others.

    networks : list of estimator
        One for each fold.

    fitted : list of (Fitted or None)
        In a race, what the training of each has come to.

    curves : list of list of float
        Scores of each of them, epoch by epoch; empty where it was not judged.

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
    fitted: list = field(default_factory=list)
    curves: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    sizes: list = field(default_factory=list)
    error: Exception | None = None
    rung: int = 0

    def __post_init__(self):
        self.fitted = [None for _ in self.networks]
        self.curves = [[] for _ in self.networks]
        self.seconds = [0.0 for _ in self.networks]
        self.sizes = [(np.nan, np.nan) for _ in self.networks]

    def training(self, k):
        """Return the network of a fold, and what its training has come to, or None."""
        return self.networks[k], self.fitted[k]

    def epochs_ahead(self, k, n_epochs):
        """Return up to which epoch a network is to train in a rung, none if it is over."""
        n_epochs = min(n_epochs, self.networks[k].max_iter)
        n_known, fitted = len(self.curves[k]), self.fitted[k]
        is_over = fitted is not None and fitted.state.is_over
        is_over = is_over and n_known == fitted.state.n_iter
        if self.error is not None or is_over or n_known >= n_epochs:
            return 0
        return n_epochs

    def take_down(self, k, fitted, error, n_epochs):
        """Write down what came of a training on a fold, up to so many epochs.

        One that was found on disk may have gone further, which is not to be known yet.
        """
        self.error = self.error or error
        if error is None:
            record = fitted.state.record
            self.fitted[k] = fitted
            self.curves[k] = record.column("score")[:n_epochs]
            self.seconds[k] = float(np.sum(record.column("seconds")[:n_epochs]))

    def fold_scores(self):
        """Return the best score of every fold, not a number where there is none.

        That is on folds that it did not see, and on all if it failed.
        """
        if self.error is not None:
            return np.full(len(self.curves), np.nan)
        return np.array([max(curve, default=np.nan) for curve in self.curves])

    @property
    def n_judged(self):
        """On how many folds it was judged, none if it failed."""
        return int(np.isfinite(self.fold_scores()).sum())

    @property
    def score(self):
        """The mean over the folds that it was judged on; minus infinity without any."""
        scores = self.fold_scores()
        judged = scores[np.isfinite(scores)]
        return float(np.mean(judged)) if len(judged) else -np.inf

    @property
    def n_epochs(self):
        """Epochs of the longest training."""
        return max(map(len, self.curves))

    def size(self):
        """Return the mean numbers of features and weights over the folds that it saw."""
        seen = [size for size, curve in zip(self.sizes, self.curves, strict=True) if curve]
        return np.mean(seen, axis=0) if seen else np.full(2, np.nan)

    def best_epochs(self):
        """Return the epoch of the best score of every fold, counted from 1."""
        return [1 + int(np.argmax(curve)) for curve in self.curves if curve]

    def judged_networks(self):
        """Return the networks of the folds that it was judged on."""
        pairs = zip(self.networks, self.curves, strict=True)
        return [network for network, curve in pairs if curve]


def ranked(candidates):
    """Return candidates in order, the best first.

    Those that were judged on more folds go before the others, whose scores are of
    something else; that is so after an interrupt alone.
    """
    return sorted(candidates, key=lambda candidate: (-candidate.n_judged, -candidate.score))


class Ranking(NamedTuple):
    """What came of a search.

    Attributes
    ----------
    candidates : list of Candidate
        As they were given.

    order : list of Candidate
        The best first.

    rungs : list of Rung
        That the candidates were trained in.

    interrupt : KeyboardInterrupt or None
        What has ended the search before its time.
    """

    candidates: list
    order: list
    rungs: list
    interrupt: KeyboardInterrupt | None

    @property
    def n_judged(self):
        """How many candidates have a score."""
        return sum(candidate.n_judged > 0 for candidate in self.candidates)


def standard_error(scores):
    r"""Return the standard error of the mean of scores over folds.

    .. math::

        \delta = \sqrt{\frac{1}{n (n - 1)} \sum_{k=1}^n (s_k - \bar s)^2}

    Parameters
    ----------
    scores : ndarray of shape (n_folds,)

    Returns
    -------
    shortfall : float
        Zero where there are fewer than two scores, which say nothing of an error.
    """
    if len(scores) < 2:
        return 0.0
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores)))


SHORTFALLS = {"best": None, "one_standard_error": standard_error}
"""What each rule allows, given the scores of the best candidate; None stands for nothing."""


def size_of(network):
    """Return how many features and weights of a network make a difference.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor

    Returns
    -------
    size : tuple of int
    """
    pruned = network.prune()
    n_features = np.count_nonzero(pruned.get_support())
    return int(n_features), sum(int(np.count_nonzero(weight)) for weight in pruned.coefs_)


def as_good(order, shortfall):
    """Return the candidates whose score is not clearly below the best one.

    Parameters
    ----------
    order : list of Candidate
        The best first.

    shortfall : callable or None
        One of `SHORTFALLS`.

    Returns
    -------
    close : list of Candidate
    """
    best = order[0]
    scores = best.fold_scores()
    allowed = 0.0 if shortfall is None else shortfall(scores[np.isfinite(scores)])
    return [candidate for candidate in order if candidate.score >= best.score - allowed]


def choose(order, shortfall):
    """Return the sparsest of the candidates that are as good as the best.

    Fewest features first, then fewest weights, on average over the folds, then the best
    score. Candidates that were judged on fewer folds than the best are left out.

    Parameters
    ----------
    order : list of Candidate
        The best first.

    shortfall : callable or None
        One of `SHORTFALLS`.

    Returns
    -------
    candidate : Candidate
    """
    judged = [candidate for candidate in order if candidate.n_judged == order[0].n_judged]
    return min(as_good(judged, shortfall), key=lambda candidate: tuple(candidate.size()))
