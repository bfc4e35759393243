"""Candidates race: all start, and those that fall behind are dropped on the way.

Successive halving [1]_, with epochs as the resource: every rung lets the candidates that
are left train on, on more folds, and drops the worse ones. What a candidate carries from
rung to rung is the state of its training, so 5 epochs and 10 more are 15.

References
----------
.. [1] Jamieson and Talwalkar, "Non-stochastic best arm identification and
   hyperparameter optimization", AISTATS 2016.
"""

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from joblib import delayed

from skreg.estimators.continuation import Resumption, StartOfPart
from skreg.estimators.fitting import begin, check, check_success, fitted_from
from skreg.estimators.held_out import Validation
from skreg.estimators.limits import TimeIsUp, hooks_of
from skreg.estimators.problem import Given
from skreg.model_selection.candidates import Ranking, as_good, ranked, size_of
from skreg.model_selection.folds import Fold
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

    An interrupt ends it, or the limit of time that ``progress`` has: what has been trained
    by then counts.

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
                _train(_trainings(running, rung), folds, classes, parallel, progress)
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
        _restore_best(candidate)
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


def _restore_best(candidate):
    """Make fitted networks of what a candidate has come to, each at its best epoch."""
    for k, fitted in enumerate(candidate.fitted):
        if candidate.curves[k]:
            network = fitted.at_its_best().store(candidate.networks[k])
            candidate.sizes[k] = size_of(network)


def _trainings(candidates, rung):
    """Return what trains on in a rung: candidate, number of the fold, up to which epoch."""
    return [
        (candidate, k, n_epochs)
        for candidate in candidates
        for k in range(rung.n_folds)
        if (n_epochs := candidate.epochs_ahead(k, rung.n_epochs))
    ]


def _train(trainings, folds, classes, parallel, progress):
    """Let candidates train on; what is done before an interrupt counts."""
    progress.begin("rung", len(trainings))
    done = {}
    try:
        # Of its arguments, not of what is in them, joblib sees whether it has sent them.
        trained = parallel(
            delayed(_advance)(
                number, candidate.training(k), n_epochs, classes, progress.limit, *folds[k]
            )
            for number, (candidate, k, n_epochs) in enumerate(trainings)
        )
        for number, fitted, error in trained:
            if fitted is not None or error is not None:
                done[number] = fitted, error
            progress.end_training(number)
    finally:
        # In their order, whichever was done first.
        for number in sorted(done):
            candidate, k, n_epochs = trainings[number]
            candidate.take_down(k, *done[number], n_epochs)


def _advance(number, training, n_epochs, classes, limit, *fold):
    """Train a network up to so many epochs, or until the time is up.

    After that only the first one of a stage is trained: one must be judged.

    Parameters
    ----------
    number : int
        Of the training.

    training : tuple
        An estimator, and what its training has come to so far as `Fitted`, or None.

    n_epochs : int

    classes : ndarray or None

    limit : TimeLimit or None

    *fold : object
        The fields of a `Fold`.

    Returns
    -------
    number : int

    fitted : Fitted or None
        None also where the time was up.

    error : Exception or None
        What it failed with.
    """
    if number and limit is not None and limit.has_passed:
        return number, None, None
    train, test = Fold(*fold).parts()
    try:
        network, before = check(training[0], Validation(*test)), training[1]
        start = StartOfPart(network) if before is None else Resumption(network, before.state)
        # What overflows shows in the loss.
        with np.errstate(all="ignore"):
            given, judged = Given(*train, classes), Validation(*test)
            fitting = begin(given, start, judged, hooks_of(limit))
            state = fitting.training.state
            with suppress(TimeIsUp):
                if state.n_iter < n_epochs:
                    fitting.advance(n_epochs - state.n_iter)
        if state.best.epoch is None:
            check_success(fitting.problem, state)
    except Exception as error:
        return number, None, error
    return number, fitted_from(fitting, lambda state: state), None
