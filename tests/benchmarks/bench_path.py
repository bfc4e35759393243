"""Is it a path? How features leave networks as the strength of a penalty grows.

Networks with 20 hidden units on three data sets, 30 strengths up to the largest of a linear
model and further if need be, five seeds each. Printed are the extremes over seeds: the
strength at which nothing is left, over the largest of a linear model; how often features
came back, in how many of the five, and how many at once; the best validation score on the
path and after refits; and the seconds of path and refits.

    python tests/benchmarks/bench_path.py
"""

import time
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier, MLPRegressor
from skreg.model_selection import mlp_path

SETS = {
    "diabetes": (MLPRegressor, load_diabetes),
    "cancer": (MLPClassifier, load_breast_cancer),
    "digits": (MLPClassifier, load_digits),
}
N_STRENGTHS = 30


def measure(Network, X, y, penalty, seed):
    X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, random_state=0)
    network = Network((20,), l2=[0.0, 1e-3], batch_size=32, max_iter=40, random_state=seed)
    start = time.perf_counter()
    path = mlp_path(
        network,
        X_train,
        y_train,
        penalty=penalty,
        n_strengths=N_STRENGTHS,
        max_iter=8,
        X_val=X_val,
        y_val=y_val,
        relax=True,
    )
    seconds = time.perf_counter() - start
    returns = np.maximum(np.diff(path.n_features), 0)
    largest = path.strengths[0] / 1e-3
    scores = path.scores.max(), path.relaxed.scores.max()
    end = path.strengths[-1] / largest
    return end, np.count_nonzero(returns), returns.max(), *scores, seconds


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(
        "set       penalty       end / linear   times back    at once    best score"
        "      refitted"
    )
    for name, (Network, load) in SETS.items():
        X, y = load(return_X_y=True)
        X = X / 16 if name == "digits" else scale(X)
        y = scale(y) if name == "diabetes" else y
        for penalty in ("l1", "group_lasso"):
            rows = np.array([measure(Network, X, y, penalty, seed) for seed in range(5)])
            end, back, at_once, score, relaxed, seconds = (
                f"{low:.{n}f} to {high:.{n}f}"
                for low, high, n in zip(
                    rows.min(axis=0), rows.max(axis=0), (1, 0, 0, 2, 2, 1), strict=True
                )
            )
            n_runs = np.count_nonzero(rows[:, 1])
            print(
                f"{name:9} {penalty:12}  {end:>12}  {back:>10} in {n_runs}  {at_once:>7}"
                f"  {score:>12}  {relaxed:>12}  {seconds} s"
            )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
