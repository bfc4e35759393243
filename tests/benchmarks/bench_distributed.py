"""How should two cores be shared out: among workers, threads of workers, or products?

A grid search of eight fits, refit apart, by each way to use two cores, in seconds; the
fastest of several runs. Two shapes: small products that one thread computes best, and
large ones that two threads share.

- products: the threads that BLAS may use for one matrix product,
- alone: no workers; loky, dask: two processes; threads: two within one process,
  once those of joblib, once those of one worker of dask.

    pip install ".[dask]"
    python tests/benchmarks/bench_distributed.py
"""

import argparse
import contextlib
import warnings

import dask
import joblib
import numpy as np
from distributed import Client
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

from skreg import MLPClassifier

SHAPES = {
    "small: 5,000 x 50, (64, 32), 32": (5000, 50, (64, 32), 32, 40),
    "big: 4,000 x 784, (1024, 1024), 256": (4000, 784, (1024, 1024), 256, 4),
}
GRID = {"alpha": [1e-4, 1e-3, 1e-2, 1e-1]}


@contextlib.contextmanager
def on_dask(n_workers, threads_per_worker, n_product_threads):
    """Run what is inside on a cluster of this machine.

    Parameters
    ----------
    n_workers, threads_per_worker : int

    n_product_threads : int
        In each worker; dask sets 1 unless it is told otherwise.
    """
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    environment = {
        "distributed.nanny.pre-spawn-environ": dict.fromkeys(names, n_product_threads)
    }
    with (
        dask.config.set(environment),
        Client(
            n_workers=n_workers,
            threads_per_worker=threads_per_worker,
            dashboard_address=":0",
        ),
        joblib.parallel_config("dask"),
    ):
        yield


@contextlib.contextmanager
def in_process(backend, n_jobs, n_product_threads):
    """Run what is inside in threads of this process, or in processes of joblib's."""
    inner = {"inner_max_num_threads": n_product_threads} if backend == "loky" else {}
    with (
        threadpool_limits(n_product_threads),
        joblib.parallel_config(backend, n_jobs=n_jobs, **inner),
    ):
        yield


WAYS = {
    "alone, products 1": lambda: in_process("threading", 1, 1),
    "alone, products 2": lambda: in_process("threading", 1, 2),
    "2 threads, products 1": lambda: in_process("threading", 2, 1),
    "2 threads, products 2": lambda: in_process("threading", 2, 2),
    "loky: 2 processes, products 1": lambda: in_process("loky", 2, 1),
    "loky: 2 processes, products 2": lambda: in_process("loky", 2, 2),
    "dask: 2 workers of 1 thread, products 1": lambda: on_dask(2, 1, 1),
    "dask: 2 workers of 1 thread, products 2": lambda: on_dask(2, 1, 2),
    "dask: 1 worker of 2 threads, products 1": lambda: on_dask(1, 2, 1),
}


def seconds_of_a_search(way, shape, n_runs):
    """Return the seconds of a search that is set up one way."""
    n_samples, n_features, hidden, batch_size, n_epochs = shape
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features)).astype("float32")
    y = X[:, 0] * X[:, 1] > 0
    model = MLPClassifier(hidden, batch_size=batch_size, max_iter=n_epochs, random_state=0)
    search = GridSearchCV(model, GRID, cv=2, refit=False)
    with way():
        search.fit(X, y)  # Processes start, and load what they need.
        return best_seconds({"search": lambda: search.fit(X, y)}, n_runs)["search"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    n_runs = parser.parse_args().runs
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine())
    print(f"{'':42}" + "".join(f"{name.split(':')[0]:>8}" for name in SHAPES))
    for name, way in WAYS.items():
        seconds = [seconds_of_a_search(way, shape, n_runs) for shape in SHAPES.values()]
        print(f"{name:42}" + "".join(f"{one:8.2f}" for one in seconds), flush=True)


if __name__ == "__main__":
    main()
