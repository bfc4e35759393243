"""Record, judge, remember the best."""

import time

import numpy as np

from skreg.nn.record import Epoch, iteration_lines


class Monitor:
    """Watches a training from epoch to epoch and decides when it is over.

    With held-out data the score on it is watched, and the parameters of the
    best epoch are remembered. Without, the training objective is watched. A score
    that is not finite, or a loss that is not a number, ends the training at once:
    nothing that follows would be better.

    Parameters
    ----------
    state : State
        Of the training; its record, patience and best epoch are kept here.

    evaluate : callable, default=None
        Returns the score and the loss on held-out data for the present
        parameters. None: nothing is held out.

    weights : slice, default=slice(None)
        Where in theta the weights are: their zeros are counted.

    log : callable, default=None
        Takes each line of progress; None: silence.

    describe : callable, default=iteration_lines
        Turns the number of an epoch and the `Epoch` into lines.

    min_epochs : int, default=0
        So many epochs of a training are recorded, and not watched.

    hooks : sequence of object, default=()
        The ``begin()`` of each is called before, its ``end()`` after every epoch; the
        training is over where one returns True.
    """

    def __init__(
        self,
        state,
        evaluate=None,
        weights=slice(None),
        log=None,
        describe=iteration_lines,
        min_epochs=0,
        hooks=(),
    ):
        self.state = state
        self._evaluate = evaluate
        self._weights = weights
        self._log = log
        self._describe = describe
        self._min_epochs = min_epochs
        self._hooks = hooks
        self._started = time.perf_counter()

    def begin(self):
        """Note that an epoch begins."""
        self._started = time.perf_counter()
        for hook in self._hooks:
            hook.begin()

    def update(
        self,
        loss,
        objective,
        learning_rate=None,
        on_plateau=lambda: (True, "Stopping."),
    ):
        """Take one more epoch in.

        Parameters
        ----------
        loss, objective : float
            On the training data, without and with penalties.

        learning_rate : float, default=None
            Of the epoch.

        on_plateau : callable, default=lambda: (True, "Stopping.")
            Called when patience has run out. Returns whether to stop, and a
            sentence for the log; it may lower the learning rate instead.
        """
        # Judged first: an interrupt on the way leaves no half of an epoch behind.
        score, judged = -objective, {}
        if self.is_judged:
            score, validation_loss = self._evaluate()
            judged = {"validation_loss": validation_loss, "score": score}
        state = self.state
        weights = state.theta[self._weights]
        zeros = 1 - np.count_nonzero(weights) / max(1, len(weights))
        seconds = time.perf_counter() - self._started
        epoch = Epoch(loss, objective, learning_rate, zeros, seconds, **judged)
        state.score, state.loss = score, objective
        state.n_iter += 1
        state.record.append(epoch)
        state.is_over, verdict = self._judge(objective, on_plateau)
        if self._log is not None:
            for line in [*self._describe(state.n_iter, epoch), *verdict]:
                self._log(line)

    def _judge(self, objective, on_plateau):
        """Remember the latest epoch if it is the best.

        Return whether to stop, and what there is to say of it, a list of str.
        """
        state, patience = self.state, self.state.patience
        watched = "Validation score" if self.is_judged else "Training loss"
        state.diverged = not np.isfinite(state.score) or bool(np.isnan(objective))
        if state.diverged:
            return True, [f"{watched} is not finite. Stopping."]
        if state.n_iter <= self._min_epochs:
            return False, []
        if self.is_judged:
            state.best.update(state.score, state.theta, state.record.n_epochs)
        if not patience.update(state.score):
            return False, []
        stop, words = on_plateau()
        if not stop:
            patience.reset()
        return stop, [
            f"{watched} did not improve more than tol={patience.tol:f} "
            f"for {patience.n_iter_no_change} consecutive epochs. {words}"
        ]

    def end(self):
        """Tell that the epoch has ended; return whether the training is over."""
        for hook in self._hooks:
            if hook.end():
                self.state.is_over = True
        return self.state.is_over

    @property
    def is_judged(self):
        """Whether there are held-out data."""
        return self._evaluate is not None

    def is_as_good_as_best(self):
        """Whether the present parameters score no worse than the best epoch's.

        Without held-out data there is nothing to compare.
        """
        return not self.is_judged or self._evaluate()[0] >= self.state.best.score
