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
from skreg.nn.stopping import Patience
from skreg.nn.training import State


def linear(theta, loss=None, **strengths):
    params = Parameters.of(dense((len(theta) - 1, 1)))
    params.vector[:] = theta
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    terms = regularizer(params, **strengths)
    return Objective(params, grads, network, loss or SquaredError(), terms)


def problem(rng, **strengths):
    X = rng.standard_normal((80, 10))
    y = X[:, :3] @ [1.0, -2.0, 0.5] + 0.1 * rng.standard_normal(80)
    return linear(rng.standard_normal(11), **strengths), X, y


def solve(objective, data, limits, evaluate=None, n_iter_no_change=np.inf):
    """Train, and return the outcome and the state that is left."""
    n_epochs, max_fun, tol = limits
    state = State(objective.theta, patience=Patience(n_iter_no_change, 0.0))
    solver = LBFGSSolver(state, max_fun, tol)
    return solver.solve(objective, data, Monitor(state, evaluate), n_epochs), state


def test_l1_is_exact(rng):
    objective, X, y = problem(rng, l1=0.1)
    outcome, _ = solve(objective, Data(X, y[:, np.newaxis]), (5000, 10_000, 1e-10))
    lasso = Lasso(alpha=0.1, tol=1e-12).fit(X, y)
    assert outcome.is_over
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
    outcome, _ = solve(objective, data, (100, 1000, 1e-6))
    assert outcome.is_over
    np.testing.assert_array_equal(objective.theta[:-1], 0)
    assert outcome.loss == pytest.approx(np.var(y) / 2, rel=1e-12)


def test_a_weight_that_is_worth_something_stays():
    # 50 * (w - 0.02)^2 + |w| is least at 0.01: the way from there to zero is shorter
    # than the tolerance, but it leads up.
    x = np.array([[10.0], [-10.0]])
    objective = linear([0.0102, 0.0], l1=1.0)
    outcome, _ = solve(objective, Data(x, 0.02 * x), (100, 1000, 1.0))
    assert outcome.is_over
    np.testing.assert_array_equal(objective.theta, [0.0102, 0.0])


def test_the_loss_is_the_objective_before_convergence_too(rng):
    # Both halves of a split may be positive on the way.
    objective, X, y = problem(rng, l1=0.1)
    outcome, state = solve(objective, Data(X, y[:, np.newaxis]), (3, 1000, 1e-9))
    residuals = X @ objective.theta[:-1] + objective.theta[-1] - y
    expected = 0.5 * np.mean(residuals**2) + 0.1 * np.abs(objective.theta[:-1]).sum()
    assert outcome.loss == state.record.last_loss == pytest.approx(expected, rel=1e-12)


def test_ending_where_it_began_leaves_an_entry(rng):
    objective, X, y = problem(rng)
    outcome, state = solve(objective, Data(X, y[:, np.newaxis]), (10, 100, 1e9))
    assert outcome.is_over
    assert state.n_iter == 0
    assert state.record.column("objective") == [outcome.loss]
    assert state.patience.best == -outcome.loss


def test_every_iteration_is_recorded(rng):
    objective, X, y = problem(rng)
    outcome, state = solve(objective, Data(X, y[:, np.newaxis]), (100, 1000, 1e-6))
    curve = state.record.column("objective")
    assert len(curve) == state.n_iter > 3
    assert curve[-1] == outcome.loss
    assert (np.diff(curve) <= 0).all()


def test_limits_are_reported(rng):
    objective, X, y = problem(rng)
    data = Data(X, y[:, np.newaxis])
    outcome, _ = solve(objective, data, (2, 1000, 1e-9))
    assert not outcome.is_over
    assert "failed to converge after 2 iteration(s)" in outcome.message
    assert "max_iter=2" in outcome.message
    objective, *_ = problem(rng)
    outcome, _ = solve(objective, data, (1000, 3, 1e-9))
    assert not outcome.is_over
    assert "max_iter" not in outcome.message


class UphillError(SquaredError):
    """Says that down is up, so that no line search finds a lower point."""

    def value_and_gradient(self, y, raw, out, sample_weight):
        value = super().value_and_gradient(y, raw, out, sample_weight)
        np.negative(out, out=out)
        return value


def test_a_run_that_ends_before_its_first_iteration_has_not_converged(rng):
    objective, X, y = problem(rng, loss=UphillError())
    before = objective.theta.copy()
    outcome, state = solve(objective, Data(X, y[:, np.newaxis]), (100, 1000, 1e-9))
    assert not outcome.is_over
    assert state.n_iter == 0
    assert "failed to converge after 0 iteration(s)" in outcome.message
    np.testing.assert_array_equal(objective.theta, before)


def test_the_monitor_may_stop_it(rng):
    objective, X, y = problem(rng)
    scores = iter([0.1, 0.9, 0.3, 0.2, 0.1, 0.0])
    data, limits = Data(X, y[:, np.newaxis]), (100, 1000, 1e-12)
    outcome, state = solve(objective, data, limits, lambda: (next(scores), 1.0), 1)
    assert outcome.is_over
    assert state.n_iter == 4
    assert state.best.epoch == 2


def test_an_interrupt_leaves_the_last_iterate(rng):
    objective, X, y = problem(rng)
    kept = []

    def interrupt():
        kept.append(objective.theta.copy())
        if len(kept) == 3:
            raise KeyboardInterrupt
        return 0.0, 0.0

    with pytest.raises(KeyboardInterrupt):
        solve(objective, Data(X, y[:, np.newaxis]), (100, 1000, 1e-12), interrupt)
    np.testing.assert_array_equal(objective.theta, kept[-1])
