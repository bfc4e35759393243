"""Milliseconds an epoch of skreg, scikit-learn and torch, and of the matrix products alone.

    python tests/benchmarks/bench_speed.py
    python tests/benchmarks/bench_speed.py tiny small --threads 1 --dtypes float32
    python tests/benchmarks/bench_speed.py --repeat 3

The peers take turns in one process, and each time is the best of several runs. With
``--repeat`` everything is measured so many times, and the tables hold medians.

torch, where it is installed, trains in a plain loop over shuffled minibatches of tensors
that lie ready, by its fused Adam. The floor is the time of the matrix products of an epoch,
written to memory that lies ready: nothing that calls the same BLAS can be faster. The cost
of a penalty is measured by `partial_fit`, with it and without, since `fit` adds steps at
the end of a whole training that are no part of an epoch. With early stopping an epoch
trains on nine rows of ten and scores the tenth.
"""

import argparse
import math
import sys
import time
import warnings
from itertools import pairwise

import numpy as np
import sklearn.neural_network
from shapes import SHAPES
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

import skreg

try:
    import torch
except ImportError:
    torch = None

RATIOS = {
    "scikit-learn / skreg": ("scikit-learn", "skreg"),
    "torch / skreg": ("torch", "skreg"),
    "torch / skreg, dropout": ("torch, dropout", "skreg, dropout"),
    "floor / skreg": ("floor", "skreg"),
    "dropout / without": ("skreg, dropout", "skreg"),
    "early stopping / without": ("early stopping", "skreg"),
    "l1 / without": ("l1", "partial_fit"),
    "group lasso / without": ("group lasso", "partial_fit"),
}


class TorchFit:
    """A fit by torch of what skreg and scikit-learn fit by default."""

    def __init__(self, shape, X, y, dropout=0.0):
        self.shape = shape
        self.X = torch.from_numpy(X)
        self.y = torch.from_numpy(y.astype(X.dtype)[:, None])
        self.dropout = dropout

    def __call__(self):
        network = self._network()
        loss = torch.nn.BCEWithLogitsLoss()
        optimizer = torch.optim.Adam(
            network.parameters(), weight_decay=1e-4 / self.shape.batch_size, fused=True
        )
        for _ in range(self.shape.epochs):
            for rows in torch.randperm(len(self.X)).split(self.shape.batch_size):
                optimizer.zero_grad()
                loss(network(self.X[rows]), self.y[rows]).backward()
                optimizer.step()

    def _network(self):
        layers = []
        for n_in, n_out in pairwise((self.shape.n_features, *self.shape.hidden)):
            layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
            layers += [torch.nn.Dropout(self.dropout)] if self.dropout else []
        layers.append(torch.nn.Linear(self.shape.hidden[-1], 1))
        return torch.nn.Sequential(*layers).to(self.X.dtype)


class MatrixProducts:
    """The matrix products of a fit, each written to memory of its own."""

    def __init__(self, shape, dtype):
        sizes = [shape.batch_size] * (shape.n_samples // shape.batch_size)
        if shape.n_samples % shape.batch_size:
            sizes.append(shape.n_samples % shape.batch_size)
        units = shape.n_features, *shape.hidden, 1
        self.products = {size: products(units, size, dtype) for size in set(sizes)}
        self.sizes = sizes * shape.epochs

    def __call__(self):
        for size in self.sizes:
            for product, a, b, out in self.products[size]:
                product(a, b, out=out)


def products(units, n_rows, dtype):
    """Return the products of one minibatch in order: function, two arrays and result."""
    rng = np.random.default_rng(0)

    def normal(n_in, n_out):
        return (rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype(dtype)

    weights = [normal(*both) for both in pairwise(units)]
    outputs = [normal(n_rows, n_units) for n_units in units]
    deltas = [normal(n_rows, n_units) for n_units in units]
    forward, backward = [], []
    for k, weight in enumerate(weights):
        forward.append((np.matmul, outputs[k], weight, outputs[k + 1]))
        gradient = np.matmul, outputs[k].T, deltas[k + 1], np.empty_like(weight)
        # One column times one row is an outer product, which matmul is slow at.
        product = np.multiply if weight.shape[1] == 1 else np.matmul
        inputs = product, deltas[k + 1], weight.T, deltas[k]
        backward = [gradient, *([inputs] if k else []), *backward]
    return forward + backward


def fits(shape, dtype):
    """Return the fits of one shape by name, as functions of no arguments."""
    X, y = shape.data(dtype)

    def fit(module, **params):
        model = module.MLPClassifier(**shape.settings, **params)
        return lambda: model.fit(X, y)

    functions = {
        "scikit-learn": fit(sklearn.neural_network),
        "skreg": fit(skreg),
        "skreg, dropout": fit(skreg, dropout=0.5),
        "early stopping": fit(skreg, early_stopping=True),
    }
    if not shape.is_sparse:
        functions["floor"] = MatrixProducts(shape, dtype)
        if torch:
            functions["torch"] = TorchFit(shape, X, y)
            functions["torch, dropout"] = TorchFit(shape, X, y, dropout=0.5)
    return functions


def continued_fits(shape, dtype):
    """Return calls of `partial_fit` by name, of skreg with and without penalties."""
    X, y = shape.data(dtype)
    if shape.copies > 1:
        X, y = np.tile(X, (shape.copies, 1)), np.tile(y, shape.copies)

    def partial_fit(**params):
        model = skreg.MLPClassifier(**shape.settings, **params)
        model.partial_fit(X[: shape.batch_size], y[: shape.batch_size], classes=[0, 1])
        return lambda: model.partial_fit(X, y)

    return {
        "partial_fit": partial_fit(),
        "l1": partial_fit(l1=1e-5),
        "group lasso": partial_fit(group_lasso=1e-5),
    }


def milliseconds(shape, dtype, n_threads, n_runs):
    """Return the time of an epoch by name."""
    if torch:
        torch.set_num_threads(n_threads)
    with threadpool_limits(n_threads):
        whole, continued = fits(shape, dtype), continued_fits(shape, dtype)
        seconds = best_seconds({**whole, **continued}, math.ceil(n_runs * shape.effort))
    n_epochs = dict.fromkeys(whole, shape.epochs) | dict.fromkeys(continued, shape.copies)
    return {name: 1000 * time / n_epochs[name] for name, time in seconds.items()}


def measure(options):
    """Return the times of every repeat by shape, dtype and number of threads."""
    cases = [
        (name, dtype, n_threads)
        for n_threads in options.threads
        for dtype in options.dtypes
        for name in options.shapes
    ]
    times = {case: [] for case in cases}
    start = time.perf_counter()
    print(machine(), file=sys.stderr)
    for repeat in range(options.repeat):
        for case in cases:
            name, *rest = case
            times[case].append(milliseconds(SHAPES[name], *rest, options.runs))
            done = f"repeat {repeat + 1} of {options.repeat}: {' '.join(map(str, case))}"
            brief = ", ".join(f"{k} {ms:.4g}" for k, ms in times[case][-1].items())
            print(f"{time.perf_counter() - start:5.0f} s  {done}: {brief}", file=sys.stderr)
    return times


def print_table(title, columns, times, cell):
    """Print a table in Markdown of medians over the repeats, a row for each case."""
    names = ["shape", "dtype", "threads", *columns]
    widths = [max(7, len(name)) for name in names]
    rows = [names, ["-" * (width - 1) + ":" for width in widths]]
    for case, repeats in times.items():
        cells = [[cell(one, column) for one in repeats] for column in columns]
        rows.append([*map(str, case), *map(_median, cells)])
    print(f"\n{title}\n")
    for row in rows:
        padded = (text.rjust(width) for text, width in zip(row, widths, strict=True))
        print(f"| {' | '.join(padded)} |")


def _median(values):
    if None in values:
        return "-"
    median = np.median(values)
    return f"{median:.2f}" if median < 100 else f"{median:.0f}"


def ratio(times, name):
    above, below = RATIOS[name]
    return times[above] / times[below] if above in times else None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shapes", nargs="*", help=f"of {', '.join(SHAPES)}; all of them")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    options = parser.parse_args()
    options.shapes = options.shapes or list(SHAPES)
    if unknown := set(options.shapes) - set(SHAPES):
        parser.error(f"unknown shapes: {', '.join(unknown)}")
    warnings.simplefilter("ignore", ConvergenceWarning)

    if torch:
        # The first optimizer of a process imports much of torch.
        TorchFit(SHAPES["tiny"], *SHAPES["tiny"].data("float32"))()
    times = measure(options)
    print(machine())
    columns = "scikit-learn", "skreg", "torch", "skreg, dropout", "torch, dropout", "floor"
    columns += "early stopping", "partial_fit", "l1", "group lasso"
    print_table("Milliseconds an epoch:", columns, times, dict.get)
    print_table("Ratios:", RATIOS, times, ratio)


if __name__ == "__main__":
    main()
