"""How far a search is: lines for users, tasks for callbacks, results as they come, time."""

import time
from contextlib import nullcontext

from joblib import Parallel


def pool(n_jobs):
    """Return what trains several networks at a time, and hands each over as it is done.

    Parameters
    ----------
    n_jobs : int or None
        As in joblib.

    Returns
    -------
    parallel : joblib.Parallel
        Its results come in any order.
    """
    try:
        return Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:
        # A few backends hand over their results when the last is done.
        return Parallel(n_jobs=n_jobs)


class Progress:
    """Says how far a search is, and whether it has the time to go on.

    Parameters
    ----------
    log : callable, default=None
        Takes a line of text. None: no lines.

    task : SearchTask, default=None
        Tells callbacks. None: there are none.

    limit : TimeLimit, default=None
        Ends the search with the stage that ends too late.
    """

    def __init__(self, log=None, task=None, limit=None):
        self.limit = limit
        self._log = log
        self._task = task
        self._started = None

    def begin(self, name, n_trainings):
        """Say that a stage begins, and how many trainings it has."""
        self._started = time.perf_counter()
        if self._task is not None:
            self._task.begin(name, n_trainings)

    def end_training(self, number, line=None):
        """Say that a training of the stage is done."""
        if self._log is not None and line is not None:
            self._log(line)
        if self._task is not None:
            self._task.end_training(number)

    def end(self, line=None):
        """Say that the stage is done; return whether a callback wants to stop.

        Raise `TimeIsUp` where that is so.
        """
        if self._log is not None and line is not None:
            self._log(f"{line}; {time.perf_counter() - self._started:.1f} s")
        is_over = self._task is not None and self._task.end()
        if self.limit is not None:
            self.limit.end()
        return is_over

    def on_all_data(self, network):
        """Return a context in which a network is trained on all data."""
        return nullcontext() if self._task is None else self._task.on_all_data(network)

    def close(self):
        """Say that the search is done."""
        if self._task is not None:
            self._task.close()


def written(params):
    """Return parameters as a line of text."""
    return ", ".join(f"{name}={value!r}" for name, value in params.items()) or "as given"
