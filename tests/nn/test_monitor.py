import numpy as np
import pytest

from skreg.nn.monitor import Monitor
from skreg.nn.record import Epoch, Record, table_lines
from skreg.nn.stopping import Patience
from skreg.nn.training import State


def watch(losses, scores=None, patience=None, log=None, on_plateau=None):
    """Feed a script to a monitor; return it and the epoch in which it stopped."""
    script = iter(scores or [])
    theta = np.zeros(1)
    state = State(theta, patience=patience or Patience(1, 0.0))
    monitor = Monitor(
        state,
        evaluate=None if scores is None else lambda: (next(script), 0.5),
        log=log,
    )
    more = {} if on_plateau is None else {"on_plateau": on_plateau}
    for epoch, loss in enumerate(losses, start=1):
        theta[:] = epoch
        monitor.update(loss, loss, **more)
        if monitor.end():
            break
    state.best.restore(theta)
    return state, epoch, theta


def test_without_scores_the_loss_is_watched_and_the_last_weights_stay():
    state, epoch, theta = watch([3.0, 2.0, 2.5, 2.6, 1.0])
    assert epoch == 4
    assert theta == 4
    assert state.record.column("objective") == [3.0, 2.0, 2.5, 2.6]
    assert state.patience.best == -2.0
    assert state.record.column("score") == []


def test_with_scores_they_are_watched_and_the_best_weights_come_back():
    state, epoch, theta = watch([1.0, 2.0, 3.0, 4.0, 5.0], scores=[0.1, 0.9, 0.5, 0.4, 1.0])
    assert epoch == 4
    assert theta == 2
    assert state.best.epoch == 2
    assert state.record.column("score") == [0.1, 0.9, 0.5, 0.4]
    assert state.record.column("validation_loss") == [0.5] * 4


@pytest.mark.parametrize("bad", [float("nan"), float("-inf")])
def test_a_score_that_is_not_finite_ends_it_at_once(bad):
    state, epoch, theta = watch([1.0] * 5, scores=[0.1, 0.2, bad, 0.9, 0.9])
    assert epoch == 3
    assert state.diverged
    assert theta == 2


def test_a_loss_that_is_not_a_number_ends_it_whatever_the_score():
    state, epoch, theta = watch([1.0, float("nan"), 0.5], scores=[0.1, 0.9, 0.9])
    assert epoch == 2
    assert state.diverged
    assert theta == 1


def test_an_interrupted_evaluation_leaves_nothing_of_its_epoch():
    def interrupt():
        raise KeyboardInterrupt

    state = State(np.zeros(1))
    monitor = Monitor(state, evaluate=interrupt)
    with pytest.raises(KeyboardInterrupt):
        monitor.update(1.0, 1.0)
    assert state.n_iter == 0
    assert state.record.n_epochs == 0


def test_a_loss_that_is_not_finite_ends_it_at_once():
    state, epoch, theta = watch([1.0, float("inf"), 0.5])
    assert epoch == 2
    assert state.diverged
    # Without scores no epoch is remembered as the best, so none comes back.
    assert state.best.epoch is None
    assert theta == 2


def test_on_a_plateau_training_may_go_on():
    answers = iter([(False, "Setting learning rate to 0.1"), (True, "Stopping.")])
    lines = []
    _, epoch, _ = watch(
        [1.0] * 9, patience=Patience(1, 0.5), log=lines.append, on_plateau=lambda: next(answers)
    )
    # One epoch sets the score, two without improvement use patience up, twice.
    assert epoch == 5
    assert lines[3].endswith("consecutive epochs. Setting learning rate to 0.1")
    assert lines[-1].endswith("Stopping.")


def test_lines_are_logged_in_order():
    lines = []
    watch([0.5, 0.25], scores=[0.1, 0.2], log=lines.append)
    assert lines == [
        "Iteration 1, loss = 0.50000000",
        "Validation score: 0.100000",
        "Iteration 2, loss = 0.25000000",
        "Validation score: 0.200000",
    ]


def test_the_record_is_a_table_and_goes_on():
    state, *_ = watch([3.0, 2.0, 2.5], scores=[0.1, 0.9, 0.5])
    columns = state.record.columns
    # There was no learning rate to record.
    assert list(columns) == [
        "loss",
        "objective",
        "zeros",
        "seconds",
        "validation_loss",
        "score",
    ]
    assert columns["score"] == [0.1, 0.9, 0.5]
    assert columns["zeros"] == [0, 0, 0]
    more = Record(columns)
    more.append(Epoch(1.0, 1.5, None, 0.0, 0.1, 0.5, 0.7))
    assert more.last_loss == 1.5
    assert more.n_epochs == 4
    assert state.record.n_epochs == 3


def test_an_interrupt_while_lines_are_printed_leaves_a_whole_epoch():
    def interrupt(line):
        raise KeyboardInterrupt

    state = State(np.zeros(1))
    monitor = Monitor(state, evaluate=lambda: (0.5, 1.0), log=interrupt)
    with pytest.raises(KeyboardInterrupt):
        monitor.update(1.0, 1.0)
    assert state.record.column("score") == [0.5]
    assert state.best.epoch == state.n_iter == 1


def test_zeros_are_those_of_the_weights():
    state = State(np.array([0.0, 1.0, 0.0, -2.0, 0.0]))
    Monitor(state, weights=slice(0, 4)).update(1.0, 1.0)
    assert state.record.column("zeros") == [0.5]


class Hooks:
    """Notes what it is told, and asks to stop after some epochs."""

    def __init__(self, n_epochs):
        self.told, self.n_epochs = [], n_epochs

    def begin(self):
        self.told.append("begin")

    def end(self):
        self.told.append("end")
        return self.told.count("end") == self.n_epochs


def test_hooks_may_stop_it():
    hooks = [Hooks(2), Hooks(9)]
    state = State(np.ones(1))
    monitor = Monitor(state, hooks=hooks)
    for _ in range(2):
        assert not state.is_over
        monitor.begin()
        monitor.update(1.0, 1.0)
        is_over = monitor.end()
    assert is_over
    assert state.is_over
    assert hooks[0].told == hooks[1].told == ["begin", "end"] * 2


def test_hooks_are_told_of_the_epoch_that_ends_it():
    hooks = Hooks(5)
    monitor = Monitor(State(np.ones(1)), hooks=[hooks])
    monitor.begin()
    monitor.update(float("nan"), float("nan"))
    assert monitor.end()
    assert hooks.told == ["begin", "end"]


def test_a_table_has_a_head_every_so_often():
    state, *_ = watch([3.0] * 30, scores=[0.5] * 30, patience=Patience(99, 0.0))
    names, columns = zip(*state.record.columns.items(), strict=True)
    epochs = [
        Epoch(**{"learning_rate": None, **dict(zip(names, values, strict=True))})
        for values in zip(*columns, strict=True)
    ]
    lines = [line for k, epoch in enumerate(epochs, 1) for line in table_lines(k, epoch)]
    heads = [line for line in lines if line.startswith("Iteration")]
    assert len(lines) == 32
    assert lines[0] == lines[26] == heads[0]
    assert heads[0].split() == ["Iteration", *names]
    assert lines[1].split()[:3] == ["1", "3", "3"]
    assert {len(line) for line in lines} == {len(heads[0])}
