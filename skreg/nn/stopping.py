"""When to stop, and what to keep. Scores are better when higher."""

import numpy as np


class Patience:
    """Counts the epochs since a score last rose by ``tol`` or more.

    There are two thresholds, as in scikit-learn: an epoch resets the count if
    its score is at least ``tol`` above the best one so far; any higher score,
    by however little, becomes the best. Patience runs out with the epoch after
    ``n_iter_no_change`` waited ones.

    Parameters
    ----------
    n_iter_no_change : int or inf
        Epochs to wait.

    tol : float
        Smallest rise that counts, in units of the score.

    best : float, default=-inf
        Best score so far.

    waited : int, default=0
        Epochs waited so far.
    """

    def __init__(self, n_iter_no_change, tol, best=-np.inf, waited=0):
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.best = best
        self.waited = waited

    def update(self, score):
        """Take one more score in; return whether patience has run out."""
        self.waited = self.waited + 1 if score < self.best + self.tol else 0
        self.best = max(self.best, score)
        return self.has_run_out

    @property
    def has_run_out(self):
        """Whether the next score must rise, or patience runs out again."""
        return self.waited > self.n_iter_no_change

    def take_over(self, before):
        """Go on where another patience has come to."""
        self.best, self.waited = before.best, before.waited

    def reset(self):
        """Begin to count anew; the best score stays."""
        self.waited = 0


class Best:
    """Remembers the parameters of the best score.

    Parameters
    ----------
    score : float, default=-inf
        Score of ``theta``.

    theta : ndarray, default=None
        Parameters to fall back on; copied.

    epoch : int, default=None
        Epoch of ``theta``.
    """

    def __init__(self, score=-np.inf, theta=None, epoch=None):
        self.score = score
        self.epoch = epoch
        self.theta = None if theta is None else theta.copy()

    def update(self, score, theta, epoch):
        """Keep a copy of ``theta`` if no earlier score was as high."""
        if not score > self.score:
            return
        self.score, self.epoch = score, epoch
        if self.theta is None:
            self.theta = theta.copy()
        else:
            self.theta[...] = theta

    def restore(self, theta):
        """Write the best parameters into ``theta``, where there are any."""
        if self.theta is not None:
            theta[...] = self.theta
