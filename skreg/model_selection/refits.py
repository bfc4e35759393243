"""Candidates along a path are judged on folds: every support on the way is refitted."""

import time
from typing import NamedTuple

import numpy as np
from joblib import delayed

from skreg.estimators.fitting import fit_as_part
from skreg.estimators.held_out import Validation
from skreg.estimators.problem import Given
from skreg.model_selection.candidates import Ranking, ranked, size_of
from skreg.model_selection.folds import Fold
from skreg.model_selection.progress import Progress, pool, written
from skreg.model_selection.relaxed import features_of


class Refit(NamedTuple):
    """What came of a strength on a fold.

    Attributes
    ----------
    curve : list of float
        Scores of the network, epoch by epoch.

    network : MLPClassifier or MLPRegressor, or None
        At its best epoch.

    size : tuple of (int, int)
        Features and weights of it.

    seconds : float

    error : Exception or None
    """

    curve: list
    network: object = None
    size: tuple = (np.nan, np.nan)
    seconds: float = 0.0
    error: Exception | None = None


class _Interrupted(KeyboardInterrupt):
    """An interrupt within a path: its number, and the refits so far by strength."""


def refit_on_folds(paths, folds, seeds, classes=None, n_jobs=None, progress=None):
    """Judge the candidates of paths by refits on all folds.

    An interrupt ends it, or the limit of time that ``progress`` has: what has been refitted
    by then counts.

    Parameters
    ----------
    paths : list of Path
        Their candidates take down what came of them.

    folds : list of Fold

    seeds : sequence of int
        One for each fold.

    classes : ndarray, default=None
        All classes, for classifiers.

    n_jobs : int, default=None
        As in joblib.

    progress : Progress, default=None
        Is told of each path on each fold. None: nobody is.

    Returns
    -------
    ranking : Ranking
        Of the candidates of all paths.
    """
    progress = progress or Progress()
    known = [
        path for path in paths if not any(candidate.error for candidate in path.candidates)
    ]
    walks = [(path, k) for path in known for k in range(len(folds))]
    done, interrupt = {}, None
    try:
        progress.begin("paths", len(walks))
        with pool(n_jobs) as parallel:
            for number, refits in parallel(
                delayed(_refit_along)(
                    number, path, seeds[k], classes, progress.limit, *folds[k]
                )
                for number, (path, k) in enumerate(walks)
            ):
                done[number] = refits
                line = _line(*walks[number], len(folds), refits) if refits else None
                progress.end_training(number, line)
        progress.end()
    except KeyboardInterrupt as error:
        interrupt = error
        if isinstance(error, _Interrupted):
            number, refits = error.args
            done[number] = refits
    # In their order, whichever was done first.
    for number in sorted(done):
        _take_down(*walks[number], done[number])
    candidates = [candidate for path in paths for candidate in path.candidates]
    return Ranking(candidates, ranked(candidates), [], interrupt)


def _take_down(path, k, refits):
    """Write down what came of the candidates of a path on a fold."""
    for candidate in path.candidates:
        refit = refits.get(path.strength_of(candidate))
        if refit is not None:
            candidate.networks[k], candidate.curves[k] = refit.network, refit.curve
            candidate.sizes[k], candidate.seconds[k] = refit.size, refit.seconds
            candidate.error = candidate.error or refit.error


def _line(path, k, n_folds, refits):
    """Return what came of a path on a fold as a line of text."""
    among = f" with {written(path.params)}" if path.params else ""
    line = f"fold {k + 1} of {n_folds}, {len(refits)} strengths of {path.penalty}{among}: "
    judged = {strength: refit for strength, refit in refits.items() if refit.curve}
    seconds = sum(refit.seconds for refit in refits.values())
    if not judged:
        return f"{line}failed; {seconds:.1f} s"
    best = max(judged, key=lambda strength: max(judged[strength].curve))
    score, n_features = max(judged[best].curve), judged[best].size[0]
    return (
        f"{line}best score {score:.4g} with {path.penalty}={best:.3g}, {n_features} features; "
        f"{seconds:.1f} s"
    )


def _refit_along(number, path, seed, classes, limit, *fold):
    """Walk a path on a fold; return its number and the `Refit` of each strength.

    Where the time is up, of those that have been judged: of the first path one is, of the
    others maybe none.
    """
    if number and limit is not None and limit.has_passed:
        return number, {}
    parts = Fold(*fold).parts()
    refits, latest, features = {}, None, None
    try:
        networks = path.walk(path.upwards, parts[0], seed, classes)
        started = time.perf_counter()
        for strength, network in zip(path.upwards, networks, strict=False):
            if not np.array_equal(features_of(network), features):
                features = features_of(network)
                latest = _refit(path, features, parts, seed, classes)
            now = time.perf_counter()
            refits[strength] = latest._replace(seconds=now - started)
            started = now
            if limit is not None and limit.has_passed:
                return number, refits
    except KeyboardInterrupt as interrupt:
        if not refits:
            raise
        raise _Interrupted(number, refits) from interrupt
    except Exception as error:
        latest = Refit([], error=error)
    # Stronger ones leave nothing either, or cannot be reached.
    return number, {strength: refits.get(strength, latest) for strength in path.upwards}


def _refit(path, features, parts, seed, classes):
    """Return the `Refit` of a support; what it cost is not known yet."""
    train, test = parts
    network = path.for_refit(seed, early_stopping=True, max_iter=path.refit_epochs)
    try:
        fit_as_part(network, Given(*train, classes, features), Validation(*test))
    except Exception as error:
        return Refit([], error=error)
    return Refit(list(network.validation_scores_), network, size_of(network))
