"""What a call of `partial_fit` costs beside an epoch inside `fit`, on one thread.

    python tests/benchmarks/bench_partial_fit.py
    python tests/benchmarks/bench_partial_fit.py tiny --runs 20

Of one call over the data of a shape, in milliseconds, and divided by an epoch of the same
training; of scikit-learn and skreg. What is beyond 1 is checking data and parameters, and
making what an epoch needs. An epoch is the difference of a long and a short fit.
"""

import argparse
import warnings

import sklearn.neural_network
from shapes import SHAPES
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from timing import best_seconds, machine

import skreg

_SHORT, _LONG = 5, 105
_CALLS = 20


def functions(shape, module):
    """Return a short fit, a long one and calls of `partial_fit`, by name."""
    X, y = shape.data("float64")
    settings = {**shape.settings, "n_iter_no_change": 10**6}

    def fit(max_iter):
        model = module.MLPClassifier(**{**settings, "max_iter": max_iter})
        return lambda: model.fit(X, y)

    model = module.MLPClassifier(**settings).partial_fit(X, y, classes=[0, 1])

    def calls():
        for _ in range(_CALLS):
            model.partial_fit(X, y)

    return {"short": fit(_SHORT), "long": fit(_LONG), "calls": calls}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shapes", nargs="*", default=["tiny", "small"])
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(machine())
    print("shape   library         epoch (ms)   call (ms)   call / epoch")
    for name in options.shapes:
        libraries = {"scikit-learn": sklearn.neural_network, "skreg": skreg}
        timed = {
            (library, what): function
            for library, module in libraries.items()
            for what, function in functions(SHAPES[name], module).items()
        }
        with threadpool_limits(1):
            seconds = best_seconds(timed, options.runs)
        for library in libraries:
            difference = seconds[library, "long"] - seconds[library, "short"]
            epoch = 1000 * difference / (_LONG - _SHORT)
            call = 1000 * seconds[library, "calls"] / _CALLS
            print(f"{name:7} {library:14} {epoch:11.3f} {call:11.3f} {call / epoch:14.2f}")


if __name__ == "__main__":
    main()
