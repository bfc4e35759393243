"""Where all features matter, a search for features must not lose them.

Linear truths and products of two features, 8, 24 or 100 features, one, three or thirty
outputs, strengths of both penalties, counted or listed: `relax=True` beside a network without
any penalty, on new rows. R2 and its standard error, over seeds, of the difference.

    python tests/benchmarks/bench_features.py --seeds 3 --sizes 8 24 --outputs 1 3
"""

import argparse
import itertools
import time
import warnings

import numpy as np
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

from skreg import MLPRegressor
from skreg.model_selection import MLPRegressorCV


def linear(rng, n_features, n_outputs):
    weights = rng.choice([-1.0, 1.0], (n_features, n_outputs))
    return lambda X: X @ weights


def products(rng, n_features, n_outputs):
    """Return sums of products of pairs: no feature matters alone."""
    weights = rng.choice([-1.0, 1.0], (n_features // 2, n_outputs))
    return lambda X: (X[:, ::2] * X[:, 1::2]) @ weights


TRUTHS = {"linear": linear, "products": products}
STRENGTHS = {"count": 8, "list": np.geomspace(1e-3, 1, 8).tolist()}


def compare(truth, n_features, n_outputs, penalty, strengths, seed, n_samples):
    """Return what is printed of one run."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples + 2000, n_features))
    y = scale(TRUTHS[truth](rng, n_features, n_outputs)(X))
    y = (y + 0.2 * rng.standard_normal(y.shape)).squeeze()
    rows, new = slice(n_samples), slice(n_samples, None)
    start = time.process_time()
    search = MLPRegressorCV(
        **{penalty: STRENGTHS[strengths]}, relax=True, cv=3, random_state=seed
    ).fit(X[rows], y[rows])
    seconds = time.process_time() - start
    plain = MLPRegressor(max_iter=1000, random_state=seed).fit(X[rows], y[rows])
    judged = search.cv_results_["mean_n_features"]
    scores = search.score(X[new], y[new]), plain.score(X[new], y[new])
    kept = search.get_support().sum()
    return kept, judged[search.best_index_], np.mean(judged == 0), *scores, seconds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--truths", nargs="+", default=list(TRUTHS))
    parser.add_argument("--sizes", nargs="+", type=int, default=[8, 24, 100])
    parser.add_argument("--outputs", nargs="+", type=int, default=[1, 3, 30])
    parser.add_argument("--penalties", nargs="+", default=["group_lassos", "l1s"])
    parser.add_argument("--strengths", nargs="+", default=list(STRENGTHS))
    options = parser.parse_args()
    print(
        "| truth | features | outputs | strengths | kept | on folds | empty | R2 | plain | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for truth, size, n_outputs, penalty, strengths in itertools.product(
        options.truths, options.sizes, options.outputs, options.penalties, options.strengths
    ):
        runs = np.array(
            [
                compare(truth, size, n_outputs, penalty, strengths, seed, options.samples)
                for seed in range(options.seeds)
            ]
        )
        kept, judged, empty, score, plain, seconds = runs.mean(axis=0)
        error = np.std(runs[:, 3] - runs[:, 4], ddof=1) / np.sqrt(len(runs))
        print(
            f"| {truth} | {size} | {n_outputs} | {penalty}, {strengths} | {kept:.1f} "
            f"| {judged:.1f} | {empty:.0%} | {score:.3f} | {plain:.3f} ± {error:.3f} "
            f"| {seconds:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
