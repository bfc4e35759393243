"""What an average of networks costs against the networks, predicted one by one.

    python tests/benchmarks/bench_averages.py
    python tests/benchmarks/bench_averages.py 442 --hidden 128 128 --rows 442

For each number of networks: megabytes of the pickled models; megabytes that NumPy
allocates at the peak of a prediction, by tracemalloc; milliseconds of a prediction, the
best of several runs, taken in turn. The networks are of one epoch, on 10 features. One thread.
"""

import argparse
import pickle
import tracemalloc
import warnings

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

from skreg import MLPRegressor
from skreg.model_selection.averaging import averaged


def networks_of(n_networks, hidden):
    """Return networks that were hardly trained."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((100, 10)), rng.standard_normal(100)
    network = MLPRegressor(hidden, max_iter=1, early_stopping=True)
    return [
        clone(network).set_params(random_state=seed).fit(X, y) for seed in range(n_networks)
    ]


def peak_of(function):
    """Bytes that NumPy holds at the peak of a call, beyond those before it."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="*", type=int, default=[5, 20, 50])
    parser.add_argument("--hidden", nargs="*", type=int, default=[128, 128])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    X = np.random.default_rng(1).standard_normal((options.rows, 10))
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine())
    print(f"\nhidden {tuple(options.hidden)}, {options.rows:,} rows")
    print("\n| networks | pickled, MB | average | peak, MB | average | ms | average |")
    print("|---|---|---|---|---|---|---|")
    with threadpool_limits(1):
        for n_networks in options.networks:
            compare(n_networks, tuple(options.hidden), X, options.runs)


def compare(n_networks, hidden, X, n_runs):
    networks = networks_of(n_networks, hidden)
    mean = averaged(networks)
    calls = {
        "one by one": lambda: np.mean([one.predict(X) for one in networks], axis=0),
        "average": lambda: mean.predict(X),
    }
    times = best_seconds(calls, n_runs)
    sizes = [len(pickle.dumps(model)) / 1e6 for model in (networks, mean)]
    peaks = [peak_of(call) / 1e6 for call in calls.values()]
    pairs = zip(sizes, peaks, [1e3 * seconds for seconds in times.values()], strict=True)
    (size, peak, ms), (of_mean, mean_peak, mean_ms) = pairs
    print(
        f"| {n_networks} | {size:.1f} | {of_mean:.1f} | {peak:.1f} | {mean_peak:.1f} "
        f"| {ms:.0f} | {mean_ms:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
