"""A training: what it carries from epoch to epoch, and its story."""

from dataclasses import dataclass, field

import numpy as np

from skreg.nn.data import Order
from skreg.nn.record import Record
from skreg.nn.settling import settle
from skreg.nn.stopping import Best, Patience

# tests/benchmarks/bench_settling.py: ten steps take most of the flicker away and lower
# the objective little; thirty do no better where there are hidden layers.
_CLOSING_STEPS = 10


@dataclass
class State:
    """All that a training carries from epoch to epoch.

    A training that begins with the state of another goes on as that would have.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        The parameters.

    record : Record
        What was written down of the epochs.

    patience : Patience
        How long the watched score has not improved.

    best : Best
        The best epoch, where held-out data are watched.

    order : Order
        In which the samples were visited last.

    optimizer : SGD, Adam or None
        With its moments. None for L-BFGS, whose memory is SciPy's.

    schedule : Constant or None
        The learning rate, with the place in its plan.

    mask_rng : numpy.random.Generator or None
        Draws the masks of dropout.

    n_seen : int
        Samples seen so far.

    n_iter : int
        Epochs of this training.

    score : float
        What is watched, after the latest epoch.

    loss : float
        The objective, as it was left.

    message : str
        Why the training has not converged; empty if it has, or is not at its end.

    diverged : bool
        Whether it ended for a score or loss that was not finite.

    is_over : bool
        Whether it has ended for reasons of its own: no more epochs would follow.

    is_finished : bool
        Whether the best parameters are back, and zeros are settled.
    """

    theta: np.ndarray
    record: Record = field(default_factory=Record)
    patience: Patience = field(default_factory=lambda: Patience(np.inf, 0.0))
    best: Best = field(default_factory=Best)
    order: Order = field(default_factory=Order)
    optimizer: object = None
    schedule: object = None
    mask_rng: object = None
    n_seen: int = 0
    n_iter: int = 0
    score: float = -np.inf
    loss: float = np.nan
    message: str = ""
    diverged: bool = False
    is_over: bool = False
    is_finished: bool = False


class Training:
    """A network on its way: a state, and the parts that move it.

    Parameters
    ----------
    objective : Objective
        Its ``theta`` is that of the state of the solver.

    solver : StochasticSolver or LBFGSSolver
        Moves its ``state``.

    data : Data
        What is trained on.

    monitor : Monitor
        Watches the same state.
    """

    def __init__(self, objective, solver, data, monitor):
        self.objective = objective
        self.solver = solver
        self.data = data
        self.monitor = monitor
        self.state = solver.state

    def advance(self, n_epochs):
        """Train for so many more epochs, or until it is over.

        Parameters
        ----------
        n_epochs : int
            With L-BFGS iterations.
        """
        state = self.state
        if state.is_over:
            return
        outcome = self.solver.solve(self.objective, self.data, self.monitor, n_epochs)
        state.is_over, state.loss, state.message = outcome

    def finish(self):
        """End the training: the best parameters come back, and zeros are settled.

        Where settling has cost the score, the parameters of the best epoch stay.
        """
        state = self.state
        self._go_back()
        if not state.diverged:
            self._settle()
        state.is_finished = True

    def break_off(self):
        """End the training where it was interrupted, with the best parameters so far."""
        state = self.state
        self._go_back()
        state.loss = state.record.last_loss

    def _go_back(self):
        state = self.state
        if not self.monitor.is_judged:
            return
        if state.best.epoch is None and not state.diverged:
            # It has ended before its epochs were watched.
            state.best.update(state.score, state.theta, state.record.n_epochs)
            state.patience.best = state.best.score
        state.best.restore(state.theta)

    def _settle(self):
        state, objective = self.state, self.objective
        step_size = self.solver.closing_step(self.data)
        if step_size is None or not objective.is_sparse:
            return
        evaluate = self.solver.noiseless(objective, self.data)
        n_steps = min(_CLOSING_STEPS, state.n_iter)
        best = state.theta.copy()
        try:
            loss = settle(objective, evaluate, step_size, n_steps)
            is_as_good = self.monitor.is_as_good_as_best()
        except BaseException:
            state.theta[...] = best
            raise
        if is_as_good:
            state.loss = loss
        else:
            state.theta[...] = best
