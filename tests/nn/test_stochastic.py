from unittest import mock

import numpy as np
import pytest
from sklearn.utils import shuffle
from terms import regularizer, terms

from skreg.nn import stochastic
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data
from skreg.nn.losses import SquaredError
from skreg.nn.monitor import Monitor
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.parameters import Parameters
from skreg.nn.penalties import L2, MaxNorm
from skreg.nn.record import Record
from skreg.nn.regularizer import Regularizer, by_unit
from skreg.nn.schedules import Constant, InverseScaling
from skreg.nn.stochastic import StochasticSolver
from skreg.nn.stopping import Patience


def problem(rng, **strengths):
    X = rng.standard_normal((50, 4))
    y = X @ [[1.0], [0.5], [0.0], [0.0]]
    params = Parameters.of(dense((4, 1)))
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    penalties = regularizer(params, **strengths)
    objective = Objective(params, grads, network, SquaredError(), penalties)
    return objective, Data(X, y)


def solver_for(objective, schedule=None, **kwargs):
    optimizer = SGD(0.1)
    optimizer.init(objective.theta)
    return StochasticSolver(optimizer, schedule or Constant(0.1), **kwargs)


def monitor():
    return Monitor(Patience(np.inf, 0.0), Record())


class Recorder:
    """Stands for an objective and writes down the rows that it is shown."""

    def __init__(self):
        self.theta, self.gradient, self.seen = np.zeros(2), np.zeros(2), []

    def loss_and_gradient(self, batch, rng=None):
        self.seen.append(batch.X[:, 0].copy())
        return 0.0

    def add_smooth(self, total_weight, block=None):
        return 0.0

    def prox(self, step_size_in, block=None):
        pass

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


@pytest.mark.parametrize("window", [4, 10, 25])
def test_windows_are_visited_one_after_the_other_and_shuffled_within(window):
    n_samples = 22
    data = Data(np.arange(22.0)[:, np.newaxis], np.zeros((n_samples, 1)))
    recorder = Recorder()
    solver = solver_for(
        recorder, batch_size=1, max_iter=40, order_rng=np.random.RandomState(0), window=window
    )
    solver.solve(recorder, data, monitor())
    epochs = np.concatenate(recorder.seen).astype(int).reshape(40, n_samples)
    first_windows = set()
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.arange(n_samples))
        numbers = epoch // window
        changes = np.flatnonzero(np.diff(numbers))
        assert len(changes) == len(np.unique(numbers)) - 1
        first_windows.add(int(numbers[0]))
    assert len(first_windows) == -(-n_samples // window)
    assert len({tuple(epoch) for epoch in epochs}) == 40


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


class RowsWithinBound(MaxNorm):
    """A penalty that ties weights together under steps of different sizes."""

    needs_step = True

    def prox(self, w, step):
        w *= np.minimum(1, self.max_norm / np.linalg.norm(w / step, axis=1))[:, np.newaxis]


class FourthPower(L2):
    """A smooth penalty that ties weights together."""

    is_elementwise = False

    def add_gradient(self, w, out, total_weight=1.0):
        square = np.vdot(w, w)
        out += self.alpha * square * w
        return self.alpha * square**2 / 4


@pytest.mark.parametrize("optimizer", [Adam(0.01), SGD(0.01, 0.9, True)], ids=["adam", "sgd"])
@pytest.mark.parametrize(
    "strengths",
    [
        {"l1": 1e-3, "l2": 1e-2},
        {"l1": [1e-3, 0.0], "l2": [0.0, 1e-2], "alpha": 0.5},
        {"l1": 1e-3, "group_lasso": 1e-3, "max_norm": 0.5},
        {"max_norm": 0.1},
    ],
    ids=str,
)
@pytest.mark.parametrize("made_up", [False, True])
def test_a_step_in_blocks_is_gradient_then_step_then_prox(optimizer, strengths, made_up, rng):
    # 40,000 weights: blocks end within matrices, and go on into the biases.
    data = Data(rng.standard_normal((20, 400)), rng.standard_normal((20, 3)))
    start = rng.uniform(-0.1, 0.1, 400 * 100 + 100 * 3 + 103)
    ends = []
    for in_blocks in (True, False):
        params = Parameters.of(dense((400, 100, 3)))
        params.vector[:] = start
        grads = params.like(np.zeros_like(params.vector))
        network = dense_network(params.weights, params.biases, "tanh", grads=grads)
        penalties = terms(params, **strengths)
        if made_up:
            penalties += by_unit(FourthPower, 1e-2, params) + by_unit(
                RowsWithinBound, 0.1, params
            )
        penalties = Regularizer(penalties)
        objective = Objective(params, grads, network, SquaredError(), penalties)
        optimizer.init(params.vector, objective.weights, objective.one_step)
        if in_blocks:
            StochasticSolver(optimizer, Constant(0.01), 20, 3).solve(objective, data, monitor())
        else:
            for _ in range(3):
                objective.loss_and_gradient(data.take(slice(0, 20)))
                objective.add_smooth(20.0)
                optimizer.step(params.vector, grads.vector)
                sizes = np.broadcast_to(optimizer.step_size, params.vector.shape)
                objective.prox(sizes.__getitem__)
        ends.append(params.vector)
    np.testing.assert_allclose(*ends, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(ends[0] == 0, ends[1] == 0)
    assert not np.allclose(ends[0], start)


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


def settled(rng, n_epochs=1, batch_size=10, mask_rng=None, **strengths):
    """Return how often the data were evaluated in the end, and the outcomes."""
    objective, data = problem(rng, **strengths)
    solver = solver_for(objective, batch_size=batch_size, max_iter=n_epochs, mask_rng=mask_rng)
    outcome = solver.solve(objective, data, monitor())
    with mock.patch.object(objective, "evaluate", wraps=objective.evaluate) as evaluate:
        closed = solver.settle(objective, data, n_epochs, outcome)
    return evaluate.call_count, outcome, closed, objective, data


@pytest.mark.parametrize("strengths", [{}, {"l2": 0.1}, {"max_norm": 1.0}])
def test_where_there_are_no_zeros_nothing_is_to_settle(strengths, rng):
    n_calls, outcome, closed, *_ = settled(rng, **strengths)
    assert n_calls == 0
    assert closed is outcome


def test_where_every_step_sees_all_data_nothing_is_to_settle(rng):
    n_calls, outcome, closed, *_ = settled(rng, batch_size=50, l1=0.1)
    assert n_calls == 0
    assert closed is outcome


def test_weights_that_decay_besides_are_not_settled(rng):
    objective, data = problem(rng, l1=0.1)
    solver = solver_for(objective, batch_size=10, max_iter=1)
    solver.optimizer.weight_decay = 0.1
    outcome = solver.solve(objective, data, monitor())
    assert solver.settle(objective, data, 1, outcome) is outcome


@pytest.mark.parametrize("strengths", [{"l1": 0.3}, {"group_lasso": 0.3}])
@pytest.mark.parametrize("dropped", [False, True])
def test_closing_steps_lower_the_objective_over_all_data(strengths, dropped, rng):
    masks = np.random.Generator(np.random.SFC64(0)) if dropped else None
    n_calls, outcome, closed, objective, data = settled(
        rng, n_epochs=20, batch_size=50 if dropped else 10, mask_rng=masks, **strengths
    )
    assert n_calls > 10
    assert closed.loss == pytest.approx(
        objective.evaluate(data, 1.0) + objective.proximal_value()
    )
    assert closed.loss < outcome.loss
    assert closed._replace(loss=outcome.loss) == outcome


def test_there_are_no_more_closing_steps_than_epochs(rng):
    with mock.patch.object(stochastic, "settle") as settle:
        settled(rng, n_epochs=3, l1=0.1)
        settled(rng, n_epochs=100, l1=0.1)
    assert [call.args[-1] for call in settle.call_args_list] == [3, 10]
