"""What makes the zeros settle: nothing, decaying steps, dual averaging, closing steps.

With minibatches, which weights are zero changes from epoch to epoch. A network is
trained for 96 to 100 epochs by each of

- plain: proximal steps as they come,
- decay: with a learning rate that falls to zero like a cosine over 100 epochs,
- averaging: regularised dual averaging, whose thresholds apply to the mean of all
  gradients (Xiao, JMLR 11, 2010, with the weights of Jelassi and Defazio, 2020),
- closing n: plain, followed by n proximal gradient steps over all data,

and the table says for each: the share of nonzero weights that differ between one
epoch's end and the next, the distance from optimality, the objective, the
nonzero weights, the score on test data and the seconds of the longest training.

    python tests/benchmarks/bench_settling.py
"""

import contextlib
import itertools
import time
import warnings
from unittest import mock

import numpy as np
from sklearn.datasets import load_diabetes, load_digits, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators import assembly
from skreg.inspection import optimality
from skreg.nn import training
from skreg.nn.optimizers import SGD
from skreg.nn.schedules import Cosine

N_EPOCHS = 100
SOLVERS = {
    "adam": {"solver": "adam", "learning_rate_init": 0.001},
    "sgd": {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1},
    "momentum": {"solver": "sgd", "momentum": 0.9, "learning_rate_init": 0.01},
}


class DualAveraging(SGD):
    """The point that minimises all linear models of the past plus the penalty."""

    def allocate(self, theta):
        self._t, self._weight = 0, 0.0
        self._start, self._sum = theta.copy(), np.zeros_like(theta)

    def begin(self, theta):
        self._t += 1
        self._weight += self.learning_rate * np.sqrt(self._t)
        self.step_size = self._weight / np.sqrt(self._t)

    def update(self, theta, grad, block):
        self._sum[block] += self.learning_rate * np.sqrt(self._t) * grad[block]
        theta[block] = self._start[block] - self._sum[block] / np.sqrt(self._t)


def problems():
    X, y = load_diabetes(return_X_y=True)
    yield "lasso: diabetes", MLPRegressor((), l1=0.1, l2=0.0), scale(X), scale(y)
    X, y = load_digits(return_X_y=True)
    yield "l1: digits", MLPClassifier((100,), l1=5e-4, l2=1e-4), X / 16, y
    X, y = make_friedman1(1500, n_features=50, noise=1.0, random_state=0)
    network = MLPRegressor((50,), group_lasso=0.05, l2=1e-3)
    yield "group lasso: friedman1", network, scale(X), scale(y)


def ways():
    """Return the changes to the library that each way needs, by name."""

    def closing(n_steps):
        return [mock.patch.object(training, "_CLOSING_STEPS", n_steps)]

    def decaying(learning_rate):
        return Cosine(learning_rate, N_EPOCHS)

    return {
        "plain": closing(0),
        "decay": [*closing(0), mock.patch.object(assembly, "Constant", decaying)],
        "averaging": [*closing(0), mock.patch.object(assembly, "SGD", DualAveraging)],
        "closing 3": closing(3),
        "closing 10": closing(10),
        "closing 30": closing(30),
    }


def measure(model, changes, train, test):
    supports = []
    with contextlib.ExitStack() as stack:
        for change in changes:
            stack.enter_context(change)
        for n_epochs in range(N_EPOCHS - 4, N_EPOCHS + 1):
            start = time.perf_counter()
            model.set_params(max_iter=n_epochs).fit(*train)
            seconds = time.perf_counter() - start
            supports.append(np.concatenate([weight.ravel() != 0 for weight in model.coefs_]))
    changed = [np.sum(a != b) / np.sum(a | b) for a, b in itertools.pairwise(supports)]
    result = optimality(model, *train)
    return (
        f"{np.mean(changed):8.1%} {result.distance:9.1e} {result.objective:10.4f}"
        f" {supports[-1].sum():8} {model.score(*test):7.3f} {seconds:8.2f}"
    )


def main():
    for name, model, X, y in problems():
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
        print(f"\n{name}")
        print("                      changing  distance  objective  nonzero   score  seconds")
        for solver, settings in SOLVERS.items():
            model.set_params(batch_size=64, n_iter_no_change=10**6, random_state=0, **settings)
            for way, changes in ways().items():
                if way == "averaging" and solver != "sgd":
                    continue
                line = measure(model, changes, (X_train, y_train), (X_test, y_test))
                print(f"  {solver:8} {way:10} {line}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
