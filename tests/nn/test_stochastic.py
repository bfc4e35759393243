import numpy as np
import pytest
from sklearn.utils import shuffle

from skreg.nn.data import Data
from skreg.nn.losses import SquaredError
from skreg.nn.monitor import Monitor, Record
from skreg.nn.network import Network, Parameters
from skreg.nn.objective import Objective, Regularizer
from skreg.nn.optimizers import SGD
from skreg.nn.schedules import Constant, InverseScaling
from skreg.nn.stochastic import StochasticSolver
from skreg.nn.stopping import Patience


def problem(rng, **strengths):
    X = rng.standard_normal((50, 4))
    y = X @ [[1.0], [0.5], [0.0], [0.0]]
    params = Parameters((4, 1))
    grads = params.like(np.zeros_like(params.vector))
    network = Network(params.weights, params.biases, grads=grads)
    objective = Objective(
        params, grads, network, SquaredError(), Regularizer(params, **strengths)
    )
    return objective, Data(X, y)


def solver_for(objective, schedule=None, **kwargs):
    optimizer = SGD(0.1)
    optimizer.init(objective.theta)
    return StochasticSolver(optimizer, schedule or Constant(0.1), **kwargs)


def monitor():
    return Monitor(Patience(np.inf, 0.0), Record())


class Recorder:
    """Stands for an objective and writes down the rows that it is shown."""

    is_smooth = True

    def __init__(self):
        self.theta, self.gradient, self.seen = np.zeros(1), np.zeros(1), []

    def value_and_gradient(self, batch, rng=None):
        self.seen.append(batch.X[:, 0].copy())
        return 0.0

    def proximal_value(self):
        return 0.0


def test_rows_are_visited_in_the_order_of_scikit_learns_shuffle():
    data = Data(np.arange(10.0)[:, np.newaxis], np.zeros((10, 1)))
    recorder = Recorder()
    solver = solver_for(recorder, batch_size=4, max_iter=3, order_rng=np.random.RandomState(0))
    solver.solve(recorder, data, monitor())
    rng, order = np.random.RandomState(0), np.arange(10)
    expected = []
    for _ in range(3):
        order = shuffle(order, random_state=rng)
        expected += [order[:4], order[4:8], order[8:]]
    assert all(map(np.array_equal, recorder.seen, expected))


def test_the_loss_is_the_mean_over_samples_plus_proximal_penalties(rng):
    objective, data = problem(rng, l1=0.1)
    solver = solver_for(objective, batch_size=20, max_iter=1)
    solver.optimizer.learning_rate = 0.0
    objective.theta[:4] = 1.0
    outcome = solver.solve(objective, data, monitor())
    residuals = data.X.sum(axis=1) - data.y.ravel()
    assert outcome.loss == pytest.approx(0.5 * np.mean(residuals**2) + 0.1 * 4)


def test_penalties_follow_every_step(rng):
    objective, data = problem(rng, l1=0.3)
    solver_for(objective, batch_size=50, max_iter=200).solve(objective, data, monitor())
    assert (objective.theta[:4] == 0).sum() >= 2
    assert (objective.theta[:4] != 0).sum() >= 1


def test_the_schedule_is_asked_with_the_samples_seen(rng):
    objective, data = problem(rng)
    solver = solver_for(
        objective, InverseScaling(0.1, 0.5), batch_size=50, max_iter=3, n_seen=100
    )
    solver.solve(objective, data, monitor())
    assert solver.n_seen == 250
    assert solver.optimizer.learning_rate == pytest.approx(0.1 / 251**0.5)


def test_the_outcome_says_whether_it_converged(rng):
    objective, data = problem(rng)
    outcome = solver_for(objective, batch_size=50, max_iter=3).solve(objective, data, monitor())
    assert not outcome.converged
    assert "Maximum iterations (3) reached" in outcome.message
    patient = Monitor(Patience(1, 1e9), Record())
    outcome = solver_for(objective, batch_size=50, max_iter=30).solve(objective, data, patient)
    assert outcome.converged
    assert patient.n_iter == 3
