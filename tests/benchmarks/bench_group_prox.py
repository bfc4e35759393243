"""Two ways to shrink groups under Adam: one step size, or exact elementwise steps.

Adam steps by another size for every weight. The proximal point of a group then has
no closed form but is the root of one equation per group, by Newton's method. Where
all weights of the layer share a step size, it is a multiplication. This compares
both, and no group lasso at all:

    python tests/benchmarks/bench_group_prox.py
"""

import time
import warnings
from unittest import mock

import numpy as np
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.linear_model import MultiTaskLasso
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skreg import MLPRegressor
from skreg.estimators.strengths import STRENGTHS
from skreg.nn.penalties import GroupLasso


class ElementwiseGroupLasso(GroupLasso):
    r"""The group lasso over rows whose weights took steps :math:`s_j` of different sizes.

    The proximal point of a row is :math:`w_j / (1 + \alpha s_j / r)`, where :math:`r` is its
    own norm, or zero where :math:`\|w / s\| \le \alpha`. The equation for :math:`r`,
    :math:`\sum_j w_j^2 / (r + \alpha s_j)^2 = 1`, is solved in the form
    :math:`1 / \sqrt{\cdot} = 1`, which is nearly linear: Newton's method from 0 rises to the
    root.
    """

    needs_one_step = False
    n_newton_steps = 8

    def prox(self, w, step):
        is_kept = self.norms(w / step) > self.alpha
        squares, shift = w[is_kept] ** 2, self.alpha * step[is_kept]
        r = np.zeros((len(squares), 1))
        for _ in range(self.n_newton_steps):
            inverse = 1 / (r + shift)
            terms = squares * inverse**2
            total = terms.sum(axis=1, keepdims=True)
            slope = (terms * inverse).sum(axis=1, keepdims=True)
            r += (np.sqrt(total) - 1) * total / slope
        w[~is_kept] = 0
        w[is_kept] *= r / (r + shift)


WAYS = {"one step": GroupLasso, "elementwise": ElementwiseGroupLasso}


def group_lasso_by(way):
    """Have networks use another class as their group lasso, a context manager."""
    strength = STRENGTHS["group_lasso"]._replace(penalty=WAYS[way])
    return mock.patch.dict(STRENGTHS, group_lasso=strength)


def fit(way, X, y, **params):
    with group_lasso_by(way):
        return MLPRegressor(**params).fit(X, y)


def speed():
    print("\nSeconds for 20 epochs of 2,000 x 500, hidden (100,), batches of 200:")
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2000, 500)), rng.standard_normal(2000)
    runs = {"none": ("one step", 0.0), "one step": ("one step", 1e-3)}
    runs["elementwise"] = ("elementwise", 1e-3)
    seconds = {name: [] for name in runs}
    for _ in range(5):
        for name, (way, strength) in runs.items():
            model = MLPRegressor(group_lasso=strength, random_state=0)
            start = time.perf_counter()
            with group_lasso_by(way):
                for _ in range(20):
                    model.partial_fit(X, y)
            seconds[name].append(time.perf_counter() - start)
    for name, times in seconds.items():
        ratio = min(times) / min(seconds["none"])
        print(f"  {name:12} {min(times):.2f}   {ratio:.2f} times no group lasso")


def exactness():
    print("\nAgainst MultiTaskLasso(0.1), diabetes, three targets: error and wrong rows:")
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    Y = scale(np.column_stack([y, y[::-1] + X[:, 2], X[:, 0] * X[:, 1] + y]))
    coef = MultiTaskLasso(alpha=0.1, tol=1e-12).fit(X, Y).coef_.T
    for batch_size in (len(X), 64):
        for way in WAYS:
            settings = {"batch_size": batch_size, "max_iter": 3000, "epsilon": 0.1}
            W = fit(
                way,
                X,
                Y,
                hidden_layer_sizes=(),
                group_lasso=0.1,
                l2=0.0,
                learning_rate_init=0.02,
                n_iter_no_change=10**6,
                random_state=0,
                **settings,
            ).coefs_[0]
            error = np.linalg.norm(W - coef) / np.linalg.norm(coef)
            wrong = np.sum(W.any(axis=1) != coef.any(axis=1))
            print(f"  batches of {batch_size:3}, {way:12} {error:.0e}  {wrong} of 10")


def selection():
    print("\nPath on friedman1, 1,000 x 105, of which five features matter. Where no more than")
    print("so many are left, how many matter, of how many; five seeds:")
    for n_left in (15, 6):
        for way in WAYS:
            kept = [_kept(way, n_left, seed) for seed in range(5)]
            words = ", ".join(f"{np.sum(k < 5)} of {len(k)}" for k in kept)
            print(f"  {n_left:2} left, {way:12} {words}")


def _kept(way, n_left, seed):
    X, y = make_friedman1(1000, n_features=105, noise=1.0, random_state=seed)
    X, y = scale(X), scale(y)
    path = MLPRegressor(
        (50,),
        l2=1e-3,
        batch_size=50,
        max_iter=12,
        warm_start=True,
        learning_rate_init=0.003,
        random_state=seed,
    )
    with group_lasso_by(way):
        for strength in np.geomspace(0.002, 1, 45):
            path.set_params(group_lasso=strength).fit(X, y)
            if path.get_support().sum() <= n_left:
                return path.get_support(indices=True)
    return np.arange(0)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        speed()
        exactness()
        selection()
