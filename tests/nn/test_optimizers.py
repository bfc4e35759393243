import pickle

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from skreg.nn.optimizers import SGD, Adam, AdaptiveOptimizer, Moment
from skreg.nn.penalties import L1


class AdaGrad(AdaptiveOptimizer):
    """A rule that says no more than what its moments are."""

    def allocate(self, theta):
        self.squares = np.zeros_like(theta)

    def moments(self, grad, block, scratch):
        v = self.squares[block]
        v += np.multiply(grad, grad, out=scratch)
        return grad, v


OPTIMIZERS = {
    "sgd": lambda: SGD(0.05),
    "momentum": lambda: SGD(0.01, momentum=0.9),
    "nesterov": lambda: SGD(0.01, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.003),
    "adam_slow_start": lambda: Adam(0.003, beta_1=0.5, beta_2=0.99, epsilon=1e-4),
    "adagrad": lambda: AdaGrad(0.1, epsilon=1e-8),
}
ALL = pytest.mark.parametrize("make", list(OPTIMIZERS.values()), ids=list(OPTIMIZERS))


def steps(optimizer, theta, gradients):
    optimizer.init(theta)
    for grad in gradients:
        optimizer.step(theta, grad)
    return theta


def test_sgd_is_its_formula(rng):
    gradients, start = rng.standard_normal((10, 5)), rng.standard_normal(5)
    for nesterov in (False, True):
        theta, v = start.copy(), np.zeros(5)
        for g in gradients:
            v = 0.8 * v - 0.1 * g
            theta += 0.8 * v - 0.1 * g if nesterov else v
        ours = steps(SGD(0.1, momentum=0.8, nesterov=nesterov), start.copy(), gradients)
        np.testing.assert_allclose(ours, theta, rtol=1e-13)


def test_adam_is_its_formula(rng):
    gradients, start = rng.standard_normal((10, 5)), rng.standard_normal(5)
    theta, m, v = start.copy(), 0, 0
    for t, g in enumerate(gradients, start=1):
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        theta -= 0.1 * np.sqrt(1 - 0.9**t) / (1 - 0.8**t) * m / (np.sqrt(v) + 1e-3)
    adam = Adam(0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    np.testing.assert_allclose(steps(adam, start.copy(), gradients), theta, rtol=1e-12)
    step_size = 0.1 * np.sqrt(1 - 0.9**10) / (np.sqrt(v) + 1e-3)
    np.testing.assert_allclose(adam.step_size, step_size, rtol=1e-12)


@ALL
def test_long_vectors_pass_in_blocks(make, rng):
    gradients, start = rng.standard_normal((3, 40_000)), rng.standard_normal(40_000)
    whole = steps(make(), start.copy(), gradients)
    parts = [
        steps(make(), start[part].copy(), gradients[:, part])
        for part in (slice(0, 17), slice(17, 20_000), slice(20_000, None))
    ]
    np.testing.assert_allclose(whole, np.concatenate(parts), rtol=1e-12)


def test_step_size_is_what_a_constant_gradient_gets(rng):
    # Penalties threshold by it, so it must be the weight of all gradients so far:
    # the distance moved under one gradient after the other, per unit of gradient.
    for nesterov in (False, True):
        sgd, theta = SGD(0.1, momentum=0.9, nesterov=nesterov), np.zeros(1)
        sgd.init(theta)
        for _ in range(300):
            before = theta.copy()
            sgd.step(theta, np.ones(1))
            np.testing.assert_allclose(before - theta, sgd.step_size, rtol=1e-10)
        assert sgd.step_size == pytest.approx(0.1 / (1 - 0.9))
    adam, theta = Adam(0.1), np.zeros(3)
    adam.init(theta)
    for _ in range(300):
        before = theta.copy()
        adam.step(theta, np.array([0.1, 1.0, 10.0]))
        np.testing.assert_allclose(before - theta, adam.step_size * [0.1, 1.0, 10.0], rtol=1e-6)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - {"adam_slow_start"}))
@pytest.mark.parametrize("seed", range(3))
def test_with_proximal_steps_the_lasso_comes_out(name, seed):
    # Thresholding by the learning rate instead misses by 1e-1 and finds no zeros
    # under momentum and Adam.
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 15))
    y = X[:, :4] @ [2.0, -1.5, 1.0, 0.5] + 0.3 * rng.standard_normal(60)
    expected = Lasso(alpha=0.1, fit_intercept=False, tol=1e-12, max_iter=10**5).fit(X, y).coef_
    optimizer, w, penalty = OPTIMIZERS[name](), np.zeros(15), L1(0.1)
    optimizer.init(w)
    for _ in range(10_000):
        optimizer.step(w, X.T @ (X @ w - y) / 60)
        penalty.prox(w, optimizer.step_size)
    np.testing.assert_allclose(w, expected, atol=1e-6)
    np.testing.assert_array_equal(w == 0, expected == 0)
    assert (w == 0).sum() >= 5
    assert penalty.subgradient_distance(w, X.T @ (X @ w - y) / 60).max() < 1e-6


@ALL
def test_pickles_hold_state_but_no_scratch(make, rng):
    optimizer, gradients, theta = make(), rng.standard_normal((4, 5000)), np.zeros(5000)
    steps(optimizer, theta, gradients)
    optimizer.step_size  # noqa: B018, fills scratch memory
    data = pickle.dumps(optimizer)
    assert len(data) < 2.1 * theta.nbytes
    copy, other = pickle.loads(data), theta.copy()
    copy.step(other, gradients[0])
    optimizer.step(theta, gradients[0])
    np.testing.assert_array_equal(other, theta)


def test_parameters_that_share_a_step_size_move_by_their_mean_second_moment(rng):
    gradients, start = rng.standard_normal((10, 9)), rng.standard_normal(9)
    theta, m, v = start.copy(), np.zeros(9), np.zeros(9)
    shared = slice(2, 6)
    for t, g in enumerate(gradients, start=1):
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        common = v.copy()
        common[shared] = v[shared].mean()
        step_size = 0.1 * np.sqrt(1 - 0.9**t) / (np.sqrt(common) + 1e-3)
        theta -= step_size * m / (1 - 0.8**t)
    adam, ours = Adam(0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3), start.copy()
    adam.init(ours, one_step=[shared])
    for g in gradients:
        adam.step(ours, g)
    np.testing.assert_allclose(ours, theta, rtol=1e-12)
    np.testing.assert_allclose(adam.step_size, step_size, rtol=1e-12)


def test_a_rule_of_ones_own_takes_steps_of_one_size_where_it_must(rng):
    # 40,000 parameters share a size: more than a block.
    gradients = rng.standard_normal((4, 50_000))
    start, v = rng.standard_normal(50_000), np.zeros(50_000)
    theta, shared = start.copy(), slice(5000, 45_000)
    for g in gradients:
        v += g**2
        common = v.copy()
        common[shared] = v[shared].mean()
        step_size = 0.1 / (np.sqrt(common) + 1e-3)
        theta -= step_size * g
    ours, optimizer = start.copy(), AdaGrad(0.1, epsilon=1e-3)
    optimizer.init(ours, one_step=[shared])
    for g in gradients:
        optimizer.step(ours, g)
    np.testing.assert_allclose(ours, theta, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(optimizer.step_size, step_size, rtol=1e-12)
    assert optimizer.step_size_in(shared) == pytest.approx(step_size[5000], rel=1e-12)


@ALL
def test_only_weights_decay(make):
    decaying, theta = make(), np.ones(5)
    decaying.weight_decay = 0.5
    decaying.init(theta, weights=slice(0, 3))
    decaying.step(theta, np.zeros(5))
    np.testing.assert_allclose(theta, [1 - 0.5 * decaying.learning_rate] * 3 + [1, 1])


@ALL
def test_init_starts_from_rest(make, rng):
    gradients, used, fresh = rng.standard_normal((5, 4)), make(), make()
    steps(used, np.zeros(4), gradients)
    first, second = (steps(one, np.zeros(4), gradients[:2]) for one in (used, fresh))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(used.step_size, fresh.step_size)


@pytest.mark.parametrize("beta", [0.0, 1e-3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_moment_is_a_mean_that_forgets(beta, dtype, rng):
    vectors = rng.standard_normal((1000, 30)).astype(dtype)
    moment, expected = Moment(beta, vectors[0]), np.zeros(30)
    for x in vectors:
        expected = beta * expected + (1 - beta) * x
        moment.decay()
        moment.add(x[:20], slice(0, 20))
        moment.add(x[20:], slice(20, 30))
        mean = moment.factor * moment.stored.astype(float)
        np.testing.assert_allclose(mean, expected, atol=20 * np.finfo(dtype).eps)
