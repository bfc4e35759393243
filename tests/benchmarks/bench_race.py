"""What does a race save against an exhaustive grid search, and what does it lose?

    pip install ".[bench]"
    python tests/benchmarks/bench_race.py
    python tests/benchmarks/bench_race.py --splits 1 digits

27 networks, three values each of learning rate, dropout and L2, on three real tables (at
most 3,000 rows, numbers scaled, the rest one-hot encoded), five folds, both ways with skreg:

- race: MLPClassifierCV or MLPRegressorCV, where each network stops early on the rows that
  its fold holds out, and those that fall behind are dropped;
- grid search: GridSearchCV, which trains all of them to the end of their patience, early
  stopping on a tenth of the training rows of each fold, and again on all of them.

Grid search cannot stop on the rows of the fold, as the race does; to score there and stop
elsewhere is how one uses it. Both judge by the loss. Printed are for each table

- seconds of processor time of a search on one thread, mean over splits, and how many times
  less the race took;
- accuracy or R2 on three rows of ten, mean over splits, of the race, of its winner with
  refit=True, and of the grid search; in brackets the standard error of the race's difference.
"""

import argparse
import time
import warnings

import numpy as np
from bench_choice import preparation, table
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from threadpoolctl import threadpool_limits
from timing import machine

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV

CANDIDATES = {
    "learning_rate_init": [1e-2, 3e-3, 1e-3],
    "dropout": [0.0, 0.2, 0.4],
    "l2": [1e-4, 1e-3, 1e-2],
}
SETS = {
    "digits": (True, lambda: load_digits(return_X_y=True, as_frame=True)),
    "spam7": (True, lambda: table("DAAG", "spam7", "yesno")),
    "diamonds": (False, lambda: table("ggplot2", "diamonds", "price", log=True)),
}


def searches(is_classification, seed):
    """Return the race, the race with refit, and the grid search."""
    Search = MLPClassifierCV if is_classification else MLPRegressorCV
    Network = MLPClassifier if is_classification else MLPRegressor
    lists = {f"{name}s": values for name, values in CANDIDATES.items()}
    scoring = "neg_log_loss" if is_classification else "neg_mean_squared_error"
    network = Network(early_stopping=True, scoring="loss", random_state=seed)
    return {
        "race": Search(random_state=seed, **lists),
        "refit": Search(random_state=seed, refit=True, **lists),
        "grid search": GridSearchCV(network, CANDIDATES, scoring=scoring),
    }


def measure(is_classification, X, y, seed):
    """Return seconds and test score of each search on one split."""
    rows = train_test_split(
        np.arange(len(y)),
        test_size=0.3,
        random_state=seed,
        stratify=y if is_classification else None,
    )
    prepared = preparation().fit(X.iloc[rows[0]])
    X_train, X_test = (prepared.transform(X.iloc[part]) for part in rows)
    if not is_classification:
        y = (y - y[rows[0]].mean()) / y[rows[0]].std()
    score = accuracy_score if is_classification else r2_score
    results = []
    for search in searches(is_classification, seed).values():
        start = time.process_time()
        search.fit(X_train, y[rows[0]])
        seconds = time.process_time() - start
        results.append((seconds, score(y[rows[1]], search.predict(X_test))))
    return results


def compare(name, n_splits):
    """Print the row of a table."""
    is_classification, load = SETS[name]
    X, y = load()
    runs = [measure(is_classification, X, np.asarray(y), seed) for seed in range(n_splits)]
    seconds, scores = np.moveaxis(np.array(runs), 2, 0)
    race, _, search = seconds.mean(axis=0)
    differences = scores[:, 0] - scores[:, 2]
    spread = differences.std(ddof=1) / np.sqrt(n_splits) if n_splits > 1 else np.nan
    raced, refitted, searched = scores.mean(axis=0)
    cells = [f"{race:.1f}", f"{search:.1f}", f"{search / race:.1f}"]
    cells += [f"{raced:.4f} ({spread:.4f})", f"{refitted:.4f}", f"{searched:.4f}"]
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=list(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(machine())
    print("\n| set | race, s | grid search, s | ratio | race | its refit | grid search |")
    print("|---|---|---|---|---|---|---|")
    with threadpool_limits(1):
        for name in options.sets:
            compare(name, options.splits)


if __name__ == "__main__":
    main()
