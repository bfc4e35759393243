import numpy as np
import pytest

from skreg.nn.stopping import Best, Patience


def epochs_until(patience, scores):
    """Number of scores that patience takes before it runs out; None: it does not."""
    for epoch, score in enumerate(scores, start=1):
        if patience.update(score):
            return epoch
    return None


@pytest.mark.parametrize(
    ("scores", "n_iter_no_change", "tol", "expected"),
    [
        # Runs out one epoch after the waited ones, as scikit-learn's does.
        ([5, 5, 5, 5, 5], 2, 1, 4),
        ([5, 4, 3, 2, 1], 3, 0.1, 5),
        # Each rise by tol resets the count, a smaller one does not ...
        ([0, 1, 2, 3, 4, 5], 1, 1, None),
        ([0, 0.5, 1.0, 1.5], 2, 1, 4),
        # ... but becomes the score to beat.
        ([0, 0.9, 1.5, 1.8], 2, 1, 4),
        # With tol=0 an equal score is no worse.
        ([1, 1, 1, 1], 1, 0, None),
        ([0] * 50, np.inf, 1e9, None),
    ],
)
def test_patience(scores, n_iter_no_change, tol, expected):
    assert epochs_until(Patience(n_iter_no_change, tol), scores) == expected


def test_patience_goes_on_where_it_stopped():
    patience = Patience(3, 0.1, best=2.0, waited=2)
    assert not patience.update(1.0)
    assert patience.update(1.0)
    patience.reset()
    assert not patience.update(1.0)
    assert patience.best == 2.0


def test_best_keeps_the_first_of_equal_scores():
    best, theta = Best(), np.zeros(2)
    for epoch, score in enumerate([1.0, 3.0, 3.0, 2.0], start=1):
        theta[:] = epoch
        best.update(score, theta, epoch)
    assert (best.score, best.epoch) == (3.0, 2)
    best.restore(theta)
    np.testing.assert_array_equal(theta, [2, 2])


def test_best_is_never_not_a_number():
    best, theta = Best(), np.ones(2)
    best.update(float("nan"), theta, 1)
    assert best.epoch is None
    best.restore(theta)
    np.testing.assert_array_equal(theta, [1, 1])


def test_best_falls_back_on_what_it_was_given():
    theta = np.zeros(2)
    best = Best(0.5, theta, epoch=7)
    theta[:] = 1
    best.update(0.4, theta, 8)
    best.restore(theta)
    np.testing.assert_array_equal(theta, [0, 0])
    assert best.epoch == 7
