import numpy as np
import pytest

from skreg.nn.monitor import Monitor, Record
from skreg.nn.stopping import Patience


def watch(losses, scores=None, patience=None, log=None, on_plateau=None):
    """Feed a script to a monitor; return it and the epoch in which it stopped."""
    script = iter(scores or [])
    monitor = Monitor(
        patience or Patience(1, 0.0),
        Record(),
        evaluate=None if scores is None else lambda: (next(script), 0.5),
        log=log,
    )
    theta = np.zeros(1)
    more = {} if on_plateau is None else {"on_plateau": on_plateau}
    for epoch, loss in enumerate(losses, start=1):
        theta[:] = epoch
        if monitor.update(theta, loss, **more):
            break
    monitor.finish(theta)
    return monitor, epoch, theta


def test_without_scores_the_loss_is_watched_and_the_last_weights_stay():
    monitor, epoch, theta = watch([3.0, 2.0, 2.5, 2.6, 1.0])
    assert epoch == 4
    assert theta == 4
    assert monitor.record.loss_curve == [3.0, 2.0, 2.5, 2.6]
    assert monitor.patience.best == -2.0
    assert monitor.record.validation_scores == []


def test_with_scores_they_are_watched_and_the_best_weights_come_back():
    monitor, epoch, theta = watch([1.0, 2.0, 3.0, 4.0, 5.0], scores=[0.1, 0.9, 0.5, 0.4, 1.0])
    assert epoch == 4
    assert theta == 2
    assert monitor.best.epoch == 2
    assert monitor.record.validation_scores == [0.1, 0.9, 0.5, 0.4]
    assert monitor.record.validation_loss_curve == [0.5] * 4


@pytest.mark.parametrize("bad", [float("nan"), float("-inf")])
def test_a_score_that_is_not_finite_ends_it_at_once(bad):
    monitor, epoch, theta = watch([1.0] * 5, scores=[0.1, 0.2, bad, 0.9, 0.9])
    assert epoch == 3
    assert monitor.diverged
    assert theta == 2


def test_a_loss_that_is_not_a_number_ends_it_whatever_the_score():
    monitor, epoch, theta = watch([1.0, float("nan"), 0.5], scores=[0.1, 0.9, 0.9])
    assert epoch == 2
    assert monitor.diverged
    assert theta == 1


def test_an_interrupted_evaluation_leaves_nothing_of_its_epoch():
    def interrupt():
        raise KeyboardInterrupt

    monitor = Monitor(Patience(1, 0.0), Record(), evaluate=interrupt)
    with pytest.raises(KeyboardInterrupt):
        monitor.update(np.zeros(1), 1.0)
    assert monitor.n_iter == 0
    assert monitor.record == Record()


def test_a_loss_that_is_not_finite_ends_it_at_once():
    monitor, epoch, _ = watch([1.0, float("inf"), 0.5])
    assert epoch == 2
    assert monitor.diverged


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
