import numpy as np
import pytest
from sklearn.linear_model import Lasso
from terms import regularizer

from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data
from skreg.nn.lbfgs import LBFGSSolver
from skreg.nn.losses import SquaredError
from skreg.nn.monitor import Monitor
from skreg.nn.objective import Objective
from skreg.nn.parameters import Parameters
from skreg.nn.record import Record
from skreg.nn.stopping import Patience


def linear(theta, **strengths):
    params = Parameters.of(dense((len(theta) - 1, 1)))
    params.vector[:] = theta
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    return Objective(params, grads, network, SquaredError(), regularizer(params, **strengths))


def problem(rng, **strengths):
    X = rng.standard_normal((80, 10))
    y = X[:, :3] @ [1.0, -2.0, 0.5] + 0.1 * rng.standard_normal(80)
    return linear(rng.standard_normal(11), **strengths), X, y


def monitor(evaluate=None, n_iter_no_change=np.inf):
    return Monitor(Patience(n_iter_no_change, 0.0), Record(), evaluate)


def test_l1_is_exact(rng):
    objective, X, y = problem(rng, l1=0.1)
    outcome = LBFGSSolver(5000, 10_000, 1e-10).solve(
        objective, Data(X, y[:, np.newaxis]), monitor()
    )
    lasso = Lasso(alpha=0.1, tol=1e-12).fit(X, y)
    assert outcome.converged
    np.testing.assert_allclose(objective.theta[:-1], lasso.coef_, atol=1e-7)
    np.testing.assert_array_equal(objective.theta[:-1] == 0, lasso.coef_ == 0)
    np.testing.assert_allclose(objective.theta[-1], lasso.intercept_, atol=1e-7)
    expected = 0.5 * np.mean((y - lasso.predict(X)) ** 2) + 0.1 * np.abs(lasso.coef_).sum()
    assert outcome.loss == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("start", [1e-15, -1e-15, 1e-9])
def test_a_weight_next_to_zero_becomes_zero(rng, start):
    # The way to the bound is shorter than any tolerance, so L-BFGS-B does not take it.
    objective, X, y = problem(rng, l1=10.0)
    data = Data(X, (y - y.mean())[:, np.newaxis])
    objective.theta[:-1], objective.theta[-1] = start, 0.0
    outcome = LBFGSSolver(100, 1000, 1e-6).solve(objective, data, monitor())
    assert outcome.converged
    np.testing.assert_array_equal(objective.theta[:-1], 0)
    assert outcome.loss == pytest.approx(np.var(y) / 2, rel=1e-12)


def test_a_weight_that_is_worth_something_stays():
    # 50 * (w - 0.02)^2 + |w| is least at 0.01: the way from there to zero is shorter
    # than the tolerance, but it leads up.
    x = np.array([[10.0], [-10.0]])
    objective = linear([0.0102, 0.0], l1=1.0)
    outcome = LBFGSSolver(100, 1000, 1.0).solve(objective, Data(x, 0.02 * x), monitor())
    assert outcome.converged
    np.testing.assert_array_equal(objective.theta, [0.0102, 0.0])


def test_the_loss_is_the_objective_before_convergence_too(rng):
    # Both halves of a split may be positive on the way.
    objective, X, y = problem(rng, l1=0.1)
    watcher = monitor()
    outcome = LBFGSSolver(3, 1000, 1e-9).solve(objective, Data(X, y[:, np.newaxis]), watcher)
    residuals = X @ objective.theta[:-1] + objective.theta[-1] - y
    expected = 0.5 * np.mean(residuals**2) + 0.1 * np.abs(objective.theta[:-1]).sum()
    assert outcome.loss == watcher.record.last_loss == pytest.approx(expected, rel=1e-12)


def test_ending_where_it_began_leaves_an_entry(rng):
    objective, X, y = problem(rng)
    watcher = monitor()
    outcome = LBFGSSolver(10, 100, 1e9).solve(objective, Data(X, y[:, np.newaxis]), watcher)
    assert outcome.converged
    assert watcher.n_iter == 0
    assert watcher.record.column("objective") == [outcome.loss]
    assert watcher.patience.best == -outcome.loss


def test_every_iteration_is_recorded(rng):
    objective, X, y = problem(rng)
    watcher = monitor()
    outcome = LBFGSSolver(100, 1000, 1e-6).solve(objective, Data(X, y[:, np.newaxis]), watcher)
    curve = watcher.record.column("objective")
    assert len(curve) == watcher.n_iter > 3
    assert curve[-1] == outcome.loss
    assert (np.diff(curve) <= 0).all()


def test_limits_are_reported(rng):
    objective, X, y = problem(rng)
    data = Data(X, y[:, np.newaxis])
    outcome = LBFGSSolver(2, 1000, 1e-9).solve(objective, data, monitor())
    assert not outcome.converged
    assert "failed to converge after 2 iteration(s)" in outcome.message
    assert "max_iter=2" in outcome.message
    objective, *_ = problem(rng)
    outcome = LBFGSSolver(1000, 3, 1e-9).solve(objective, data, monitor())
    assert not outcome.converged
    assert "max_iter" not in outcome.message


def test_the_monitor_may_stop_it(rng):
    objective, X, y = problem(rng)
    scores = iter([0.1, 0.9, 0.3, 0.2, 0.1, 0.0])
    watcher = monitor(lambda: (next(scores), 1.0), n_iter_no_change=1)
    outcome = LBFGSSolver(100, 1000, 1e-12).solve(objective, Data(X, y[:, np.newaxis]), watcher)
    assert outcome.converged
    assert watcher.n_iter == 4
    assert watcher.best.epoch == 2


def test_an_interrupt_leaves_the_last_iterate(rng):
    objective, X, y = problem(rng)
    kept = []

    def interrupt():
        kept.append(objective.theta.copy())
        if len(kept) == 3:
            raise KeyboardInterrupt
        return 0.0, 0.0

    with pytest.raises(KeyboardInterrupt):
        LBFGSSolver(100, 1000, 1e-12).solve(
            objective, Data(X, y[:, np.newaxis]), monitor(interrupt)
        )
    np.testing.assert_array_equal(objective.theta, kept[-1])
