"""Prediction, memory, import and grid search of skreg and scikit-learn.

    python tests/benchmarks/bench_memory.py
    python tests/benchmarks/bench_memory.py predict fit
    python tests/benchmarks/bench_memory.py memmap --size-gb 1

- predict: a million rows of 50 features through two hidden layers of 256 units. The
  memory is what the process grows by at its peak, by the kernel's count of resident
  pages (VmHWM), in a fresh process for each; where there is no /proc, what NumPy
  allocates, by tracemalloc. The result, 8 or 16 bytes a row, is part of it. scikit-learn
  takes 5 GB of memory here.
- fit: what NumPy allocates at the peak of a fit beside the data, by tracemalloc.
- import: in fresh interpreters, without the time that an empty one takes.
- search: GridSearchCV over 12 settings.
- memmap: one epoch over a file of float32 in a temporary folder, as much of which is in
  the page cache as memory allows. The memory is the growth of what belongs to the process
  alone (RssAnon), which pages of the file do not, sampled every 50 ms: needs Linux.
  scikit-learn copies the data for early stopping, so it gets a tenth of the rows there.

One thread. Times are the best of several runs, taken in turn.
"""

import argparse
import concurrent.futures
import contextlib
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import sklearn.neural_network
from shapes import SHAPES
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

import skreg

MODULES = {"skreg": skreg, "scikit-learn": sklearn.neural_network}
STATUS = Path("/proc/self/status")
DTYPES = "float32", "float64"
MB = 1e6


def in_fresh_process(function, *args):
    """Return the result of a function of this module that ran in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_alone, function, *args).result()


def _alone(function, *args):
    warnings.simplefilter("ignore", ConvergenceWarning)
    with threadpool_limits(1):
        return function(*args)


def status(field):
    """Return a number of the kernel's report on this process, in bytes."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def allocated(function):
    """Bytes that NumPy holds at the peak of a call, beyond those before it."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def resident(function):
    """Bytes that this process grows by at the peak of a call, where the system tells."""
    if not STATUS.exists():
        return allocated(function)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # The peak so far is forgotten.
    before = status("VmRSS")
    function()
    return status("VmHWM") - before


class Sampler(threading.Thread):
    """Watches how far a number of the kernel's report rises, every 50 ms."""

    def __init__(self, field):
        super().__init__(daemon=True)
        self.field = field
        self.before = self.peak = status(field)
        self._is_over = threading.Event()

    def run(self):
        while not self._is_over.wait(0.05):
            self.peak = max(self.peak, status(self.field))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self._is_over.set()
        self.join()
        self.peak = max(self.peak, status(self.field))


def predict(options):
    n_rows = 1_000_000
    print(f"\n{n_rows:,} x 50 through hidden (256, 256), predict_proba:")
    for dtype in DTYPES:
        calls = _predictions(n_rows, dtype)
        for name, seconds in best_seconds(calls, options.runs).items():
            extra = in_fresh_process(_prediction_memory, name, dtype, n_rows)
            print(
                f"  {dtype}  {name:14}{n_rows / seconds:12,.0f} rows a second"
                f"{extra / MB:10,.0f} MB more at the peak"
            )


def _predictions(n_rows, dtype):
    X = _rows(n_rows, dtype)
    predictors = {name: _predictor(name, dtype) for name in MODULES}
    return {name: (lambda call=call: call(X)) for name, call in predictors.items()}


def _rows(n_rows, dtype):
    return np.random.default_rng(0).standard_normal((n_rows, 50), dtype)


def _predictor(name, dtype):
    X = _rows(1000, dtype)
    model = MODULES[name].MLPClassifier((256, 256), max_iter=1, random_state=0)
    return model.fit(X, X[:, 0] > 0).predict_proba


def _prediction_memory(name, dtype, n_rows):
    call, X = _predictor(name, dtype), _rows(n_rows, dtype)
    return resident(lambda: call(X))


def fit(options):
    print("\nA fit of two epochs, allocated at the peak beside the data:")
    for shape in "mid", "big":
        for dtype in DTYPES:
            X, y = SHAPES[shape].data(dtype)
            for name, module in MODULES.items():
                model = module.MLPClassifier(**SHAPES[shape].settings | {"max_iter": 2})
                peak = allocated(lambda model=model, X=X, y=y: model.fit(X, y))
                n_parameters = sum(np.size(part) for part in model.coefs_ + model.intercepts_)
                vectors = peak / (n_parameters * X.itemsize)
                print(
                    f"  {shape}  {dtype}  {name:14}{peak / MB:8.1f} MB,"
                    f" {vectors:5.1f} times the parameters; X is {X.nbytes / MB:.1f} MB"
                )


def import_(options):
    print("\nImport, in a fresh interpreter:")

    def import_of(module):
        code = f"import {module}"
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    modules = ["skreg", "sklearn.neural_network"]
    calls = {name: import_of(name) for name in ("sys", *modules)}
    times = best_seconds(calls, options.runs)
    for name in modules:
        print(f"  import {name:23}{times[name] - times['sys']:6.2f} s")


def search(options):
    print("\nGridSearchCV over 12 settings, cv=3, max_iter=50, on scaled digits:")
    X, y = load_digits(return_X_y=True)
    X = scale(X)
    grid = {
        "alpha": [1e-5, 1e-4, 1e-3, 1e-2],
        "hidden_layer_sizes": [(50,), (100,), (100, 50)],
    }
    searches = {
        name: GridSearchCV(
            module.MLPClassifier(max_iter=50, random_state=0), grid, cv=3, n_jobs=1
        )
        for name, module in MODULES.items()
    }
    calls = {name: (lambda one=one: one.fit(X, y)) for name, one in searches.items()}
    for name, seconds in best_seconds(calls, options.runs).items():
        best = searches[name]
        print(f"  {name:14}{seconds:7.2f} s, best score {best.best_score_:.4f}")


def memmap(options):
    if not STATUS.exists():
        print("\nThe growth over a memmap needs /proc/self/status: skipped.")
        return
    n_columns = 1000
    n_rows = int(options.size_gb * 1e9 / (4 * n_columns))
    cases = [
        ("skreg", False, n_rows),
        ("skreg", True, n_rows),
        ("scikit-learn", False, n_rows),
        ("scikit-learn", True, n_rows // 10),
    ]
    print(f"\nOne epoch over a memmap of {n_rows:,} x {n_columns:,}, float32:")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.dat"
        _write(path, n_rows, n_columns)
        for name, early_stopping, n_used in cases:
            shape = n_used, n_columns
            seconds, growth = in_fresh_process(_epoch, name, path, shape, early_stopping)
            size = 4 * n_used * n_columns
            stopping = "early stopping" if early_stopping else ""
            print(
                f"  {name:14}{stopping:16}{n_used:10,} rows {seconds:7.1f} s"
                f"{growth / MB:8,.0f} MB more, {growth / size:.1%} of the data"
            )


def _write(path, n_rows, n_columns, block=10_000):
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, n_rows, block):
            size = min(block, n_rows - start), n_columns
            rng.standard_normal(size, np.float32).tofile(file)


def _epoch(name, path, shape, early_stopping):
    X = np.memmap(path, np.float32, "r", shape=shape)
    y = (X[:, :5].sum(axis=1) > 0).astype(int)
    model = MODULES[name].MLPClassifier(
        (32,), batch_size=256, max_iter=1, early_stopping=early_stopping, random_state=0
    )
    start = time.perf_counter()
    with Sampler("RssAnon") as sampler:
        model.fit(X, y)
    return time.perf_counter() - start, sampler.peak - sampler.before


SECTIONS = {
    "predict": predict,
    "fit": fit,
    "import": import_,
    "search": search,
    "memmap": memmap,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all of them")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size-gb", type=float, default=4.0, help="of the memmap")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"unknown sections: {', '.join(unknown)}")
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine())
    with threadpool_limits(1):
        for name in options.sections or SECTIONS:
            SECTIONS[name](options)


if __name__ == "__main__":
    main()
