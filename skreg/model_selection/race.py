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
from typing import NamedTuple

import numpy as np
from joblib import delayed

from skreg.estimators.held_out import Validation
from skreg.model_selection.candidates import Fold, Ranking, as_good, ranked, size_of
from skreg.model_selection.progress import Progress, pool, written

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


def race(candidates, folds, plan, classes=None, n_jobs=None, shortfall=None, progress=None):
    """Let candidates race.

    An interrupt ends it: what has been trained by then counts.

    Parameters
    ----------
    candidates : list of Candidate
        Their networks are trained.

    folds : list of Fold

    plan : list of Rung

    classes : ndarray, default=None
        All classes, for classifiers.

    n_jobs : int, default=None
        As in joblib.

    shortfall : callable, default=None
        One of `candidates.SHORTFALLS`: those that are as good as the best of a rung go on
        too. None: as many as planned.

    progress : Progress, default=None
        Is told of the rungs and their trainings. None: nobody is.

    Returns
    -------
    ranking : Ranking
        Those that went further come before those that were dropped earlier.
    """
    progress = progress or Progress()
    order, n_running, interrupt, begun = list(candidates), len(candidates), None, []
    try:
        # One pool for all rungs, or joblib would hand out the data anew on each.
        with pool(n_jobs) as parallel:
            for number, rung in enumerate(plan):
                begun, n_before, running = plan[: number + 1], n_running, order[:n_running]
                for candidate in running:
                    if candidate.error is None:
                        candidate.rung = number
                _train(running, folds, rung, classes, parallel, progress)
                order = ranked(running) + order[n_running:]
                n_good = 0 if shortfall is None else len(as_good(order[:n_before], shortfall))
                n_running = min(n_before, max(rung.n_kept, n_good))
                line = f"{n_before} candidates, {n_running} left, {_line(order[0])}"
                if progress.end(f"{_name(number, plan, len(folds))}: {line}"):
                    break
    except KeyboardInterrupt as error:
        interrupt = error
        order = ranked(order[:n_running]) + order[n_running:]
    for candidate in order:
        candidate.sizes = [_best_size(network) for network in candidate.networks]
    return Ranking(candidates, order, begun, interrupt)


def _name(number, plan, n_folds):
    """Return what a rung is called in a line of text."""
    rung = plan[number]
    return (
        f"rung {number + 1} of {len(plan)}, {rung.n_epochs} epochs on {rung.n_folds} of "
        f"{n_folds} folds"
    )


def _line(best):
    """Return the best candidate as text."""
    return f"best score {best.score:.4g} with {written(best.params)}"


def _best_size(network):
    """Return the size of a network in its best epoch, not a number before the first."""
    if network._best is None:
        return np.nan, np.nan
    best = copy.copy(network)
    best._restore_best()
    return size_of(best)


def _train(candidates, folds, rung, classes, parallel, progress):
    """Let candidates train on for a rung; what is done before an interrupt counts."""
    trainings = [
        (candidate, k, n_epochs)
        for candidate in candidates
        for k in range(rung.n_folds)
        if (n_epochs := _epochs_left(candidate, k, rung)) > 0
    ]
    progress.begin("rung", len(trainings))
    done = {}
    try:
        # Of its arguments, not of what is in them, joblib sees whether it has sent them.
        trained = parallel(
            delayed(_advance)(number, candidate.networks[k], n_epochs, classes, *folds[k])
            for number, (candidate, k, n_epochs) in enumerate(trainings)
        )
        for number, network, error in trained:
            done[number] = network, error
            progress.end_training(number)
    finally:
        # In their order, whichever was done first.
        for number in sorted(done):
            candidate, k, _ = trainings[number]
            _take_down(candidate, k, *done[number])


def _epochs_left(candidate, k, rung):
    """Return for how many more epochs a network trains in a rung, none if it is over."""
    network, curve = candidate.networks[k], candidate.curves[k]
    is_over = curve and network._waited > network.n_iter_no_change
    if candidate.error is not None or is_over:
        return 0
    return min(rung.n_epochs, network.max_iter) - len(curve)


def _advance(number, network, n_epochs, classes, *fold):
    """Train a network for so many more epochs; return it, and what it failed with."""
    (X, y, sample_weight), (X_val, y_val, sample_weight_val) = Fold(*fold).parts()
    validation = Validation(X_val, y_val, sample_weight_val)
    # A thread may train on when the search has ended and uses what it was given.
    network = copy.copy(network)
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
        return number, network, error
    return number, network, None


def _take_down(candidate, k, network, error):
    """Write down what came of the training of a candidate on a fold."""
    candidate.networks[k] = network
    candidate.error = candidate.error or error
    if error is None:
        candidate.curves[k] = network.history_["score"].tolist()
        candidate.seconds[k] = float(network.history_["seconds"].sum())
