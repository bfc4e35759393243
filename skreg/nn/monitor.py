"""Record, judge, remember the best."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from skreg.nn.stopping import Best


@dataclass
class Record:
    """What is written down of a training, one entry an epoch.

    Attributes
    ----------
    loss_curve : list of float
        Objective on the training data.

    validation_scores : list of float
        Score on held-out data; empty without any.

    validation_loss_curve : list of float
        Loss on held-out data, without dropout or penalties; empty without any.
    """

    loss_curve: list = field(default_factory=list)
    validation_scores: list = field(default_factory=list)
    validation_loss_curve: list = field(default_factory=list)

    @property
    def last_loss(self):
        """The latest entry of ``loss_curve``; not a number before the first epoch."""
        return self.loss_curve[-1] if self.loss_curve else float("nan")


class Outcome(NamedTuple):
    """How a solver ended a training.

    Attributes
    ----------
    converged : bool
        Whether it ended for its own reasons and not at a limit.

    loss : float
        The objective in the end.

    message : str
        Why it did not converge.
    """

    converged: bool
    loss: float
    message: str = ""


class Monitor:
    """Watches a training from epoch to epoch and decides when it is over.

    With held-out data the score on it is watched, and the parameters of the
    best epoch are restored in the end. Without, the training objective is
    watched, and the last parameters stay. A score that is not finite, or a loss
    that is not a number, ends the training at once: nothing that follows would
    be better.

    Parameters
    ----------
    patience : Patience

    record : Record
        Appended to.

    evaluate : callable, default=None
        Returns the score and the loss on held-out data for the present
        parameters. None: nothing is held out.

    best : Best, default=None
        Where the best epoch is remembered; used with ``evaluate`` only.

    log : callable, default=None
        Takes each line of progress; None: silence.

    Attributes
    ----------
    n_iter : int
        Epochs of this training.

    diverged : bool
        Whether it ended for a score or loss that was not finite.
    """

    def __init__(self, patience, record, evaluate=None, best=None, log=None):
        self.patience = patience
        self.record = record
        self.best = Best() if best is None else best
        self.n_iter = 0
        self.diverged = False
        self._watched = "Training loss" if evaluate is None else "Validation score"
        self._evaluate = evaluate
        self._log = log if log is not None else lambda line: None

    def update(self, theta, train_loss, on_plateau=lambda: (True, "Stopping.")):
        """Take one more epoch in.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            Parameters after the epoch.

        train_loss : float
            Objective on the training data.

        on_plateau : callable, default=lambda: (True, "Stopping.")
            Called when patience has run out. Returns whether to stop, and a
            sentence for the log; it may lower the learning rate instead.

        Returns
        -------
        stop : bool
        """
        # Judged first: an interrupt on the way leaves no half of an epoch behind.
        score, validation_loss = -train_loss, None
        if self._evaluate is not None:
            score, validation_loss = self._evaluate()
        self.n_iter += 1
        self.record.loss_curve.append(train_loss)
        self._log(f"Iteration {self.n_iter}, loss = {train_loss:.8f}")
        self.diverged = not np.isfinite(score) or bool(np.isnan(train_loss))
        if self._evaluate is not None:
            self._record_score(score, validation_loss, theta)
        if self.diverged:
            self._log(f"{self._watched} is not finite. Stopping.")
            return True
        if not self.patience.update(score):
            return False
        stop, words = on_plateau()
        self._log(
            f"{self._watched} did not improve more than tol={self.patience.tol:f} "
            f"for {self.patience.n_iter_no_change} consecutive epochs. {words}"
        )
        if not stop:
            self.patience.reset()
        return stop

    def _record_score(self, score, validation_loss, theta):
        self.record.validation_scores.append(score)
        self.record.validation_loss_curve.append(validation_loss)
        self._log(f"Validation score: {score:f}")
        if not self.diverged:
            self.best.update(score, theta, len(self.record.loss_curve))

    def is_as_good_as_best(self):
        """Whether the present parameters score no worse than the best epoch's.

        Without held-out data there is nothing to compare.
        """
        return self._evaluate is None or self._evaluate()[0] >= self.best.score

    def finish(self, theta):
        """Write the best parameters into ``theta`` if a score was watched."""
        if self._evaluate is not None:
            self.best.restore(theta)
