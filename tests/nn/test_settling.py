import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, MultiTaskLasso
from sklearn.preprocessing import scale
from terms import regularizer

from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data
from skreg.nn.losses import SquaredError
from skreg.nn.objective import Objective
from skreg.nn.parameters import Parameters
from skreg.nn.settling import settle

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(np.column_stack([Y, Y[::-1] + 40 * X[:, 2]]))


def linear(start, n_outputs=1, **strengths):
    """Return an objective at noisy weights, and how to evaluate it."""
    params = Parameters.of(dense((10, n_outputs)))
    params.weights[0][...] = start
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    penalties = regularizer(params, **strengths)
    objective = Objective(params, grads, network, SquaredError(), penalties)
    data = Data(X, Y[:, :n_outputs])
    return params, objective, lambda: objective.evaluate(data, 1.0)


@pytest.mark.parametrize("elementwise", [False, True])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_the_zeros_of_the_lasso_are_found_from_noisy_weights(elementwise, size, rng):
    lasso = Lasso(0.1, tol=1e-12, max_iter=10**5).fit(X, Y[:, 0])
    noise = 0.01 * rng.standard_normal((10, 1))
    params, objective, evaluate = linear(lasso.coef_[:, np.newaxis] + noise, l1=0.1)
    step_size = size * rng.uniform(0.5, 2, 11) if elementwise else size
    settle(objective, evaluate, step_size, n_steps=40)
    np.testing.assert_array_equal(params.weights[0].ravel() == 0, lasso.coef_ == 0)
    np.testing.assert_allclose(params.weights[0].ravel(), lasso.coef_, atol=2e-3)


def test_the_zeros_of_the_multi_task_lasso_are_found(rng):
    lasso = MultiTaskLasso(0.1, tol=1e-12, max_iter=10**5).fit(X, Y)
    start = lasso.coef_.T + 0.01 * rng.standard_normal((10, 2))
    params, objective, evaluate = linear(start, n_outputs=2, group_lasso=0.1)
    settle(objective, evaluate, 1.0, n_steps=40)
    np.testing.assert_array_equal(params.weights[0] == 0, lasso.coef_.T == 0)


def test_every_step_lowers_the_objective(rng):
    _, objective, evaluate = linear(rng.standard_normal((10, 1)), l1=0.1)
    values = [evaluate() + objective.proximal_value()]
    for _ in range(20):
        values.append(settle(objective, evaluate, 10.0, n_steps=1))
        assert values[-1] == pytest.approx(evaluate() + objective.proximal_value())
    assert (np.diff(values) <= 1e-12).all()
    assert values[-1] < values[0] - 0.1


def test_an_interrupt_leaves_no_trial_behind(rng):
    _, objective, evaluate = linear(rng.standard_normal((10, 1)), l1=0.1)
    before, n_calls = objective.theta.copy(), 0

    def interrupted():
        nonlocal n_calls
        n_calls += 1
        if n_calls == 2:
            raise KeyboardInterrupt
        return evaluate()

    with pytest.raises(KeyboardInterrupt):
        settle(objective, interrupted, 1.0, n_steps=3)
    np.testing.assert_array_equal(objective.theta, before)


def test_trials_that_are_not_finite_are_shortened(rng):
    _, objective, evaluate = linear(rng.standard_normal((10, 1)), l1=0.1)
    first = evaluate() + objective.proximal_value()

    def within_reach():
        value = evaluate()
        return value if np.abs(objective.theta).max() < 10 else np.nan

    last = settle(objective, within_reach, 1e6, n_steps=10)
    assert np.isfinite(last)
    assert last < first


@pytest.mark.parametrize("size", [0.0, np.inf, np.nan])
def test_step_sizes_that_are_none_leave_everything_as_it_is(size, rng):
    _, objective, evaluate = linear(rng.standard_normal((10, 1)), l1=0.1)
    before = objective.theta.copy()
    settle(objective, evaluate, np.full(11, size), n_steps=3)
    np.testing.assert_array_equal(objective.theta, before)
