"""Milliseconds an epoch of skreg and its peers, and their ratios.

Run ``python tests/benchmarks/bench_fit.py``. The peers are interleaved in one
process with one BLAS thread; each time is the best of several runs. That of l1 has
the closing steps in it, which weigh more in these few epochs than in a whole training.
"""

import argparse
import time
import warnings

import numpy as np
import sklearn.neural_network
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

import skreg

SHAPES = {
    # name: n_samples, n_features, hidden_layer_sizes, batch_size, epochs
    "tiny": (1000, 20, (100,), 200, 60),
    "small": (5000, 50, (64, 32), 32, 6),
    "mid": (20000, 50, (256, 256), 256, 2),
    "big": (5000, 784, (1024, 1024, 1024), 128, 1),
}
SKREG_ALONE = {"l1": {"l1": 1e-5}, "dropout": {"dropout": 0.5}}


def problem(n_samples, n_features, dtype):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features)).astype(dtype)
    y = (X[:, :5].sum(axis=1) + rng.standard_normal(n_samples) > 0).astype(int)
    return X, y


def fits(shape, dtype):
    """Return the peers' fits of one shape by name, as functions of no arguments."""
    n_samples, n_features, hidden, batch_size, epochs = SHAPES[shape]
    X, y = problem(n_samples, n_features, dtype)
    common = {
        "hidden_layer_sizes": hidden,
        "batch_size": batch_size,
        "max_iter": epochs,
        "n_iter_no_change": np.inf,
        "random_state": 0,
    }
    peers = {
        "scikit-learn": sklearn.neural_network.MLPClassifier(**common),
        "skreg": skreg.MLPClassifier(**common),
    }
    for name, params in SKREG_ALONE.items():
        peers[f"skreg, {name}"] = skreg.MLPClassifier(**common, **params)
    return {name: (lambda model=model: model.fit(X, y)) for name, model in peers.items()}


def best_times(functions, n_runs):
    """Seconds of the fastest of several runs of each function, in turn."""
    best = dict.fromkeys(functions, np.inf)
    for _ in range(n_runs):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="*", default=["tiny", "small", "mid"])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--dtypes", nargs="*", default=["float64", "float32"])
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)

    print(f"{'shape':8}{'dtype':9}{'model':18}{'ms/epoch':>10}{'scikit-learn / it':>20}")
    with threadpool_limits(1):
        for shape in options.shapes:
            for dtype in options.dtypes:
                times = best_times(fits(shape, dtype), options.runs)
                for name, seconds in times.items():
                    ms = seconds * 1000 / SHAPES[shape][-1]
                    ratio = times["scikit-learn"] / seconds
                    print(f"{shape:8}{dtype:9}{name:18}{ms:10.2f}{ratio:20.2f}", flush=True)


if __name__ == "__main__":
    main()
