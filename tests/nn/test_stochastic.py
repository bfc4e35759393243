from unittest import mock

import numpy as np
import pytest
from sklearn.utils import shuffle
from terms import regularizer, terms

from skreg.nn import training as training_module
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data, Order
from skreg.nn.losses import SquaredError
from skreg.nn.monitor import Monitor
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.parameters import Parameters
from skreg.nn.penalties import L2, MaxNorm
from skreg.nn.regularizer import Regularizer, by_unit
from skreg.nn.schedules import Constant, InverseScaling
from skreg.nn.stochastic import StochasticSolver
from skreg.nn.stopping import Patience
from skreg.nn.training import State, Training


def problem(rng, **strengths):
    X = rng.standard_normal((50, 4))
    y = X @ [[1.0], [0.5], [0.0], [0.0]]
    params = Parameters.of(dense((4, 1)))
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    penalties = regularizer(params, **strengths)
    objective = Objective(params, grads, network, SquaredError(), penalties)
    return objective, Data(X, y)


def training_for(objective, data, batch_size, **parts):
    """Return a training by gradient descent, with other parts where they are given."""
    optimizer = SGD(0.1)
    optimizer.init(objective.theta)
    parts = {"optimizer": optimizer, "schedule": Constant(0.1), **parts}
    state = State(objective.theta, **parts)
    solver = StochasticSolver(state, batch_size)
    return Training(objective, solver, data, Monitor(state))


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
    order = Order(np.random.RandomState(0))
    training_for(recorder, data, batch_size=4, order=order).advance(3)
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
    order = Order(np.random.RandomState(0), window)
    training_for(recorder, data, batch_size=1, order=order).advance(40)
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
    training = training_for(objective, data, batch_size=20)
    training.state.optimizer.learning_rate = 0.0
    objective.theta[:4] = 1.0
    training.advance(1)
    residuals = data.X.sum(axis=1) - data.y.ravel()
    assert training.state.loss == pytest.approx(0.5 * np.mean(residuals**2) + 0.1 * 4)


def test_penalties_follow_every_step(rng):
    objective, data = problem(rng, l1=0.3)
    training_for(objective, data, batch_size=50).advance(200)
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
            parts = {"optimizer": optimizer, "schedule": Constant(0.01)}
            training_for(objective, data, batch_size=20, **parts).advance(3)
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
    schedule = InverseScaling(0.1, 0.5)
    training = training_for(objective, data, batch_size=50, schedule=schedule, n_seen=100)
    training.advance(3)
    assert training.state.n_seen == 250
    assert training.state.optimizer.learning_rate == pytest.approx(0.1 / 251**0.5)


def test_the_state_says_whether_it_converged(rng):
    objective, data = problem(rng)
    training = training_for(objective, data, batch_size=50)
    training.advance(3)
    assert not training.state.is_over
    assert "Maximum iterations (3) reached" in training.state.message
    patient = training_for(objective, data, batch_size=50, patience=Patience(1, 1e9))
    patient.advance(30)
    assert patient.state.is_over
    assert patient.state.message == ""
    assert patient.state.n_iter == 3


def settled(rng, n_epochs=1, batch_size=10, mask_rng=None, weight_decay=0.0, **strengths):
    """Return a finished training, how often the data were evaluated in the end, and the loss
    before that.
    """
    objective, data = problem(rng, **strengths)
    training = training_for(objective, data, batch_size, mask_rng=mask_rng)
    training.state.optimizer.weight_decay = weight_decay
    training.advance(n_epochs)
    loss = training.state.loss
    with mock.patch.object(objective, "evaluate", wraps=objective.evaluate) as evaluate:
        training.finish()
    return training, evaluate.call_count, loss


@pytest.mark.parametrize("strengths", [{}, {"l2": 0.1}, {"max_norm": 1.0}])
def test_where_there_are_no_zeros_nothing_is_to_settle(strengths, rng):
    training, n_calls, loss = settled(rng, **strengths)
    assert n_calls == 0
    assert training.state.loss == loss


def test_where_every_step_sees_all_data_nothing_is_to_settle(rng):
    training, n_calls, loss = settled(rng, batch_size=50, l1=0.1)
    assert n_calls == 0
    assert training.state.loss == loss


def test_weights_that_decay_besides_are_not_settled(rng):
    training, n_calls, loss = settled(rng, l1=0.1, weight_decay=0.1)
    assert n_calls == 0
    assert training.state.loss == loss


@pytest.mark.parametrize("strengths", [{"l1": 0.3}, {"group_lasso": 0.3}])
@pytest.mark.parametrize("dropped", [False, True])
def test_closing_steps_lower_the_objective_over_all_data(strengths, dropped, rng):
    masks = np.random.Generator(np.random.SFC64(0)) if dropped else None
    training, n_calls, before = settled(
        rng, n_epochs=20, batch_size=50 if dropped else 10, mask_rng=masks, **strengths
    )
    objective, state = training.objective, training.state
    assert n_calls > 10
    assert state.loss == pytest.approx(
        objective.evaluate(training.data, 1.0) + objective.proximal_value()
    )
    assert state.loss < before
    assert state.is_finished


def test_there_are_no_more_closing_steps_than_epochs(rng):
    with mock.patch.object(training_module, "settle") as settle:
        settled(rng, n_epochs=3, l1=0.1)
        settled(rng, n_epochs=100, l1=0.1)
    assert [call.args[-1] for call in settle.call_args_list] == [3, 10]
