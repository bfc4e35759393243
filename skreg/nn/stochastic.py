"""Training by minibatches."""

import copy

import numpy as np

from skreg.nn.arrays import clip_norm
from skreg.nn.record import Outcome
from skreg.nn.settling import settle

# tests/benchmarks/bench_settling.py: ten steps take most of the flicker away and lower
# the objective little; thirty do no better where there are hidden layers.
_CLOSING_STEPS = 10


class StochasticSolver:
    """Epochs of minibatch steps, each followed by the proximal penalties.

    Parameters
    ----------
    optimizer : SGD or Adam
        Initialised for the parameters of the objective.

    schedule : callable
        One of `skreg.nn.schedules`.

    batch_size : int

    max_iter : int
        Largest number of epochs.

    order_rng : numpy.random.RandomState, default=None
        Shuffles the samples before every epoch; None: they stay as they lie.

    window : int, default=None
        Samples of a window: windows are visited in random order, and samples shuffled
        within each, so that reading follows the order in which they lie. None: one
        shuffle of all samples.

    mask_rng : numpy.random.Generator, default=None
        Draws the masks of dropout; None: no dropout.

    n_seen : int, default=0
        Samples that training has seen before, for the schedule.

    max_grad_norm : float, default=None
        Longest gradient of the smooth part of the objective: longer ones are scaled
        down to it. None: as they are.
    """

    def __init__(
        self,
        optimizer,
        schedule,
        batch_size,
        max_iter,
        order_rng=None,
        window=None,
        mask_rng=None,
        n_seen=0,
        max_grad_norm=None,
    ):
        self.optimizer = optimizer
        self.schedule = schedule
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.order_rng = order_rng
        self.window = window
        self.mask_rng = mask_rng
        self.n_seen = n_seen
        self.max_grad_norm = max_grad_norm
        self._last_rate = None

    def solve(self, objective, data, monitor):
        """Move the parameters of the objective until the monitor says stop.

        Parameters
        ----------
        objective : Objective

        data : Data

        monitor : Monitor

        Returns
        -------
        outcome : Outcome
        """
        order = None if self.order_rng is None else np.arange(data.n_samples)
        for _ in range(self.max_iter):
            monitor.begin()
            if order is not None:
                order = self._shuffled(order)
            rate = self._last_rate = self.optimizer.learning_rate
            loss, value = self._epoch(objective, data, order)
            self.n_seen += data.n_samples
            stop = monitor.update(objective.theta, loss, value, rate, self.schedule.on_plateau)
            self.optimizer.learning_rate = self.schedule(self.n_seen, monitor.score)
            if stop:
                return Outcome(converged=True, loss=value)
        return Outcome(
            converged=self.schedule.is_plan,
            loss=value,
            message=f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) "
            "reached and the optimization hasn't converged yet.",
        )

    def settle(self, objective, data, n_epochs, outcome):
        """Close a training by steps that settle which weights are zero.

        Where minibatches or dropout have left noise on sparse weights, a few
        proximal steps over all data take it away: no more than there were epochs.

        Parameters
        ----------
        objective : Objective

        data : Data

        n_epochs : int

        outcome : Outcome
            Of `solve`.

        Returns
        -------
        outcome : Outcome
            With the objective over all data where steps were taken; with dropout, for
            one draw of masks.
        """
        is_noisy = self.batch_size < data.n_samples or self.mask_rng is not None
        # Weights that decay besides are not to be moved by the objective alone.
        if not (objective.is_sparse and is_noisy) or self.optimizer.weight_decay:
            return outcome
        total_weight = data.total_weight(self.batch_size)

        def evaluate():
            # A copy, so that every evaluation sees the same masks.
            return objective.evaluate(data, total_weight, copy.deepcopy(self.mask_rng))

        n_steps = min(_CLOSING_STEPS, n_epochs)
        # As long as at the largest rate: a schedule may have ended with tiny steps.
        step_size = self.optimizer.step_size * (self.schedule.peak / self._last_rate)
        loss = settle(objective, evaluate, step_size, n_steps)
        return outcome._replace(loss=loss)

    def _shuffled(self, order):
        """Return the order of an epoch, given that of the epoch before."""
        if self.window is None:
            # Composing permutations, each drawn over int64 indices from the
            # identity, visits the samples in scikit-learn's order.
            return order[self._permutation(0, len(order))]
        starts = np.arange(0, len(order), self.window)
        self.order_rng.shuffle(starts)
        return np.concatenate(
            [self._permutation(start, min(start + self.window, len(order))) for start in starts]
        )

    def _permutation(self, start, stop):
        permutation = np.arange(start, stop)
        self.order_rng.shuffle(permutation)
        return permutation

    def _epoch(self, objective, data, order):
        """Take one step a minibatch; return loss and objective, averaged on the way."""
        total_loss, total = 0.0, 0.0
        for batch in data.minibatches(self.batch_size, order):
            loss, value = self._step(objective, batch)
            total_loss += loss * len(batch.y)
            total += value * len(batch.y)
        value = total / data.n_samples + objective.proximal_value()
        return total_loss / data.n_samples, value

    def _step(self, objective, batch):
        """Take one step; return the loss and the smooth part of the objective before it.

        What is done to one parameter after the other is done block by block, so that
        parameters, gradient and moments pass through the cache once.
        """
        theta, gradient = objective.theta, objective.gradient
        optimizer = self.optimizer
        value = loss = objective.loss_and_gradient(batch, self.mask_rng)
        is_whole = self.max_grad_norm is not None
        if is_whole:
            value += objective.add_smooth(batch.total_weight)
            clip_norm(gradient, self.max_grad_norm)
        optimizer.begin(theta)
        for block in optimizer.blocks:
            if not is_whole:
                value += objective.add_smooth(batch.total_weight, block)
            optimizer.update(theta, gradient, block)
            objective.prox(optimizer.step_size_in, block)
        return loss, value
