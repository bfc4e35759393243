"""A training that stops and goes on is the one that did not stop, bit for bit."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from terms import regularizer

from skreg.nn import storage
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data, Order
from skreg.nn.log_losses import MultinomialLogLoss
from skreg.nn.monitor import Monitor
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.parameters import Parameters
from skreg.nn.schedules import Constant, Cosine, Plateau
from skreg.nn.stochastic import StochasticSolver
from skreg.nn.stopping import Patience
from skreg.nn.training import State, Training

UNITS = (4, 7, 5, 3)
WAYS = {
    "adam": {},
    "sgd": {"optimizer": lambda: SGD(0.05, 0.9, nesterov=True)},
    "dropout": {"dropout": 0.3},
    "cosine": {"schedule": lambda: Cosine(0.02, 9)},
    "plateau": {"schedule": lambda: Plateau.within(0.02, 4, 0.05)},
    "l1": {"strengths": {"l1": 1e-2}},
    "group_lasso": {"strengths": {"group_lasso": 1e-2}},
    "windows": {"window": 30},
    "early_stopping": {"is_judged": True, "patience": 6},
    "all": {
        "dropout": 0.3,
        "schedule": lambda: Cosine(0.02, 9),
        "strengths": {"l1": 1e-3, "group_lasso": 1e-2, "max_norm": 1.0},
        "is_judged": True,
    },
}
ALL = pytest.mark.parametrize("way", WAYS)


def samples(seed, n_samples):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, UNITS[0]))
    return Data(X, np.digitize(X[:, 0] + 0.5 * rng.standard_normal(n_samples), [-0.5, 0.5]))


def fresh_state(way):
    """Return the state of a training of that way before its first epoch."""
    settings = WAYS[way]
    rng = np.random.RandomState(0)
    params = Parameters.of(dense(UNITS))
    params.vector[:] = rng.uniform(-0.5, 0.5, len(params.vector))
    optimizer = settings.get("optimizer", lambda: Adam(0.02))()
    penalties = regularizer(params, **settings.get("strengths", {}))
    weights = slice(0, params.weight_slices[-1].stop)
    optimizer.init(params.vector, weights, penalties.one_step)
    return State(
        params.vector,
        patience=Patience(settings.get("patience", 99), 1e-3),
        order=Order(rng, settings.get("window")),
        optimizer=optimizer,
        schedule=settings.get("schedule", lambda: Constant(0.02))(),
        mask_rng=np.random.Generator(np.random.SFC64(1)) if "dropout" in settings else None,
    )


def training(way, state):
    """Return a training that goes on from a state, with parts of its own."""
    settings = WAYS[way]
    params = Parameters.of(dense(UNITS)).like(state.theta)
    grads = params.like(np.zeros_like(params.vector))
    rates = [settings.get("dropout", 0.0)] * 2
    network = dense_network(params.weights, params.biases, dropout=rates, grads=grads)
    penalties = regularizer(params, l2=1e-3, **settings.get("strengths", {}))
    objective = Objective(params, grads, network, MultinomialLogLoss(), penalties)
    evaluate = None
    if settings.get("is_judged"):
        held_out, judged = samples(1, 60), dense_network(params.weights, params.biases)

        def evaluate():
            raw = judged.predict(held_out.X)
            loss = MultinomialLogLoss().value(held_out.y, raw, np.empty_like(raw), None)
            return -loss, loss

    solver = StochasticSolver(state, batch_size=16)
    return Training(objective, solver, samples(0, 110), Monitor(state, evaluate))


def whole(way):
    """Return a training of nine epochs."""
    uninterrupted = training(way, fresh_state(way))
    uninterrupted.advance(9)
    return uninterrupted


def assert_same(ours, theirs):
    """Assert that two states are the same but for their seconds."""
    np.testing.assert_array_equal(ours.theta, theirs.theta)
    records = [{**state.record.columns, "seconds": None} for state in (ours, theirs)]
    assert records[0] == records[1]
    for name in ("n_seen", "n_iter", "score", "loss", "is_over", "message"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert vars(ours.patience) == vars(theirs.patience)
    assert ours.best.epoch == theirs.best.epoch
    if ours.best.epoch is not None:
        np.testing.assert_array_equal(ours.best.theta, theirs.best.theta)


@ALL
def test_two_and_three_and_four_epochs_are_nine(way):
    expected = whole(way)
    state = fresh_state(way)
    for n_epochs in (2, 3, 4):
        training(way, state).advance(n_epochs)
    assert_same(state, expected.state)
    again = training(way, state)
    again.finish()
    expected.finish()
    assert_same(again.state, expected.state)


@ALL
def test_a_pickle_in_between_changes_nothing(way):
    state = fresh_state(way)
    for n_epochs in (2, 3, 4):
        training(way, state).advance(n_epochs)
        state = pickle.loads(pickle.dumps(state))
    assert_same(state, whole(way).state)


@ALL
def test_a_copy_goes_its_own_way(way):
    state = fresh_state(way)
    training(way, state).advance(4)
    twin = copy.deepcopy(state)
    training(way, twin).advance(1)
    training(way, state).advance(5)
    assert_same(state, whole(way).state)


@ALL
def test_a_file_in_between_changes_nothing(way, tmp_path):
    state = fresh_state(way)
    for n_epochs in (2, 3, 4):
        training(way, state).advance(n_epochs)
        storage.save(tmp_path / "state.npz", state)
        state = storage.load(tmp_path / "state.npz")
    assert_same(state, whole(way).state)


GOES_ON = """
import pathlib, sys
tests, file, *ways = sys.argv[1:]
sys.path[:0] = [tests, f'{tests}/nn']
from test_training import storage, training
for way in ways:
    path = pathlib.Path(file) / f"{way}.npz"
    state = storage.load(path)
    training(way, state).advance(5)
    storage.save(path, state)
"""


def test_another_process_goes_on_as_this_one_would(tmp_path):
    for way in WAYS:
        state = fresh_state(way)
        training(way, state).advance(4)
        storage.save(tmp_path / f"{way}.npz", state)
    tests = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", GOES_ON, tests, tmp_path, *WAYS], check=True)
    for way in WAYS:
        assert_same(storage.load(tmp_path / f"{way}.npz"), whole(way).state)


def test_what_is_over_does_not_go_on():
    over = training("early_stopping", fresh_state("early_stopping"))
    over.advance(500)
    assert over.state.is_over
    theta, n_iter = over.state.theta.copy(), over.state.n_iter
    assert n_iter < 500
    over.advance(9)
    np.testing.assert_array_equal(over.state.theta, theta)
    assert over.state.n_iter == n_iter


@pytest.mark.parametrize("is_judged", [True, False])
def test_what_is_broken_off_has_the_best_weights_so_far(is_judged):
    way = "early_stopping" if is_judged else "adam"
    broken = training(way, fresh_state(way))
    broken.advance(4)
    best = broken.state.best.theta if is_judged else broken.state.theta.copy()
    broken.break_off()
    np.testing.assert_array_equal(broken.state.theta, best)
    assert broken.state.loss == broken.state.record.last_loss


def test_closing_steps_that_are_interrupted_leave_the_best_weights(monkeypatch):
    def interrupted(objective, *args):
        objective.theta[:] = 7.0
        raise KeyboardInterrupt

    monkeypatch.setattr("skreg.nn.training.settle", interrupted)
    closing = training("l1", fresh_state("l1"))
    closing.advance(2)
    before = closing.state.theta.copy()
    with pytest.raises(KeyboardInterrupt):
        closing.finish()
    np.testing.assert_array_equal(closing.state.theta, before)
    assert not closing.state.is_finished
