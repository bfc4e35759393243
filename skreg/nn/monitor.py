"""Record, judge, remember the best."""

import time

import numpy as np

from skreg.nn.record import Epoch, iteration_lines
from skreg.nn.stopping import Best


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

    weights : slice, default=slice(None)
        Where in theta the weights are: their zeros are counted.

    log : callable, default=None
        Takes each line of progress; None: silence.

    describe : callable, default=iteration_lines
        Turns the number of an epoch and the `Epoch` into lines.

    hooks : object, default=None
        Its ``begin()`` is called before, its ``end()`` after each epoch; the training
        stops where that returns True.

    Attributes
    ----------
    n_iter : int
        Epochs of this training.

    score : float
        What is watched, after the latest epoch.

    diverged : bool
        Whether it ended for a score or loss that was not finite.
    """

    def __init__(
        self,
        patience,
        record,
        evaluate=None,
        best=None,
        weights=slice(None),
        log=None,
        describe=iteration_lines,
        hooks=None,
    ):
        self.patience = patience
        self.record = record
        self.best = Best() if best is None else best
        self.n_iter = 0
        self.score = -np.inf
        self.diverged = False
        self._evaluate = evaluate
        self._weights = weights
        self._log = log
        self._describe = describe
        self._hooks = hooks
        self._started = time.perf_counter()

    def begin(self):
        """Note that an epoch begins."""
        self._started = time.perf_counter()
        if self._hooks is not None:
            self._hooks.begin()

    def update(
        self,
        theta,
        loss,
        objective,
        learning_rate=None,
        on_plateau=lambda: (True, "Stopping."),
    ):
        """Take one more epoch in.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)
            Parameters after the epoch.

        loss, objective : float
            On the training data, without and with penalties.

        learning_rate : float, default=None
            Of the epoch.

        on_plateau : callable, default=lambda: (True, "Stopping.")
            Called when patience has run out. Returns whether to stop, and a
            sentence for the log; it may lower the learning rate instead.

        Returns
        -------
        stop : bool
        """
        # Judged first: an interrupt on the way leaves no half of an epoch behind.
        self.score, judged = -objective, {}
        if self.is_judged:
            self.score, validation_loss = self._evaluate()
            judged = {"validation_loss": validation_loss, "score": self.score}
        weights = theta[self._weights]
        zeros = 1 - np.count_nonzero(weights) / max(1, len(weights))
        seconds = time.perf_counter() - self._started
        epoch = Epoch(loss, objective, learning_rate, zeros, seconds, **judged)
        self.n_iter += 1
        self.record.append(epoch)
        stop, verdict = self._judge(objective, theta, on_plateau)
        if self._log is not None:
            for line in [*self._describe(self.n_iter, epoch), *verdict]:
                self._log(line)
        return (self._hooks is not None and self._hooks.end()) or stop

    def _judge(self, objective, theta, on_plateau):
        """Remember the latest epoch if it is the best.

        Return whether to stop, and what there is to say of it, a list of str.
        """
        watched = "Validation score" if self.is_judged else "Training loss"
        self.diverged = not np.isfinite(self.score) or bool(np.isnan(objective))
        if self.diverged:
            return True, [f"{watched} is not finite. Stopping."]
        if self.is_judged:
            self.best.update(self.score, theta, self.record.n_epochs)
        if not self.patience.update(self.score):
            return False, []
        stop, words = on_plateau()
        if not stop:
            self.patience.reset()
        return stop, [
            f"{watched} did not improve more than tol={self.patience.tol:f} "
            f"for {self.patience.n_iter_no_change} consecutive epochs. {words}"
        ]

    @property
    def is_judged(self):
        """Whether there are held-out data."""
        return self._evaluate is not None

    def is_as_good_as_best(self):
        """Whether the present parameters score no worse than the best epoch's.

        Without held-out data there is nothing to compare.
        """
        return not self.is_judged or self._evaluate()[0] >= self.best.score

    def finish(self, theta):
        """Write the best parameters into ``theta`` if a score was watched."""
        if self.is_judged:
            self.best.restore(theta)
