"""Training by minibatches."""

import copy

from skreg.nn.arrays import clip_norm
from skreg.nn.record import Outcome


class StochasticSolver:
    """Epochs of minibatch steps, each followed by the proximal penalties.

    Parameters
    ----------
    state : State
        Of the training, with optimizer, schedule, order of the samples and generator
        of the masks of dropout.

    batch_size : int

    max_grad_norm : float, default=None
        Longest gradient of the smooth part of the objective: longer ones are scaled
        down to it. None: as they are.
    """

    def __init__(self, state, batch_size, max_grad_norm=None):
        self.state = state
        self.batch_size = batch_size
        self.max_grad_norm = max_grad_norm

    def solve(self, objective, data, monitor, n_epochs):
        """Move the parameters of the objective until the monitor says stop.

        Parameters
        ----------
        objective : Objective

        data : Data

        monitor : Monitor

        n_epochs : int
            Largest number of epochs.

        Returns
        -------
        outcome : Outcome
        """
        state = self.state
        optimizer, schedule = state.optimizer, state.schedule
        for _ in range(n_epochs):
            monitor.begin()
            rate = optimizer.learning_rate
            loss, value = self._epoch(objective, data)
            state.n_seen += data.n_samples
            monitor.update(loss, value, rate, schedule.on_plateau)
            optimizer.learning_rate = schedule(state.n_seen, state.score)
            if monitor.end():
                return Outcome(is_over=True, loss=value)
        message = (
            f"Stochastic Optimizer: Maximum iterations ({state.n_iter}) "
            "reached and the optimization hasn't converged yet."
        )
        # A plan that has used all its epochs up has come to its end.
        return Outcome(
            is_over=False,
            loss=state.record.last_loss,
            message="" if schedule.is_plan else message,
        )

    def closing_step(self, data):
        """Return the step size for steps that settle zeros; None: there is no noise on them.

        Minibatches and dropout leave noise on sparse weights. Weights that decay besides
        are not to be moved by the objective alone. A rate that has fallen to 0 leaves no
        scale for the steps.
        """
        state = self.state
        is_noisy = self.batch_size < data.n_samples or state.mask_rng is not None
        if not is_noisy or state.optimizer.weight_decay:
            return None
        # As long as at the largest rate: a schedule may have ended with tiny steps.
        last_rate = state.record.column("learning_rate")[-1]
        if not last_rate:
            return None
        return state.optimizer.step_size * (state.schedule.peak / last_rate)

    def noiseless(self, objective, data):
        """Return a function that evaluates the objective over all data.

        With dropout, for one draw of masks: every call sees the same.
        """
        total_weight = data.total_weight(self.batch_size)
        return lambda: objective.evaluate(
            data, total_weight, copy.deepcopy(self.state.mask_rng)
        )

    def _epoch(self, objective, data):
        """Take one step a minibatch; return loss and objective, averaged on the way."""
        total_loss, total = 0.0, 0.0
        for batch in data.epoch(self.batch_size, self.state.order):
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
        optimizer = self.state.optimizer
        value = loss = objective.loss_and_gradient(batch, self.state.mask_rng)
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
