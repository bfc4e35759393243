"""Time of an epoch for every activation, in milliseconds, on one thread.

    python tests/benchmarks/bench_activations.py
    python tests/benchmarks/bench_activations.py --shape small --runs 10

Training with Adam, and prediction of the training data: the best of several runs.
"""

import argparse
import warnings
from functools import partial

from shapes import SHAPES
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

from skreg import MLPClassifier
from skreg.nn.activations import ACTIVATIONS


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    dense = [name for name, shape in SHAPES.items() if not shape.is_sparse]
    parser.add_argument("--shape", choices=dense, default="mid")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    shape = SHAPES[options.shape]
    times = {}
    print(machine())
    with threadpool_limits(1):
        for dtype in ("float32", "float64"):
            X, y = shape.data(dtype)
            models = {
                name: MLPClassifier(activation=name, **shape.settings) for name in ACTIVATIONS
            }
            fits = {name: partial(model.fit, X, y) for name, model in models.items()}
            times[f"epoch, {dtype}"] = best_seconds(fits, options.runs)
            predictions = {name: partial(model.predict, X) for name, model in models.items()}
            times[f"prediction, {dtype}"] = best_seconds(predictions, options.runs)
    print(f"\n{options.shape}, ms: {', '.join(times)}")
    for name in ACTIVATIONS:
        row = [
            1e3 * best[name] / (shape.epochs if column.startswith("epoch") else 1)
            for column, best in times.items()
        ]
        print(f"{name:>11}" + "".join(f"{one:9.1f}" for one in row))


if __name__ == "__main__":
    main()
