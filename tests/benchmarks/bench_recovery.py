"""Find the features that matter by a path of growing group lasso.

Two problems whose relevant features are known: classification as in the NIPS 2003
feature selection challenge (2,000 x 500; 5 informative features, 15 linear
combinations of them, 480 of noise; 8 clusters a class), and the nonlinear regression
of Friedman (1991) with 100 features of noise (2,000 x 105). From a network trained
without the penalty, ``group_lasso`` grows by 1.15 from stage to stage until nothing
is left; every support on the way is refitted without it, and of those that are within
one standard error of the best on validation data the smallest is taken.

    python tests/benchmarks/bench_recovery.py            as it is meant to be done
    python tests/benchmarks/bench_recovery.py pairings   what later layers need

The first prints for every seed the features left, the share of them that is
relevant (precision), the share of the relevant that is left (recall), how well the
informative ones can be computed from what is left (span: the least R2), and test
scores: of the refitted network, of one on all features, of one on the features of
L1 logistic regression or the lasso, and of boosted trees. The second prints how
few features are left when the support is last complete.
"""

import sys
import time
import warnings

import numpy as np
from sklearn.datasets import make_classification, make_friedman1
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LassoCV, LinearRegression, LogisticRegressionCV
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier, MLPRegressor

HIDDEN = (64, 32)
N_TRAIN = 2000
PATH = {"solver": "sgd", "learning_rate_init": 0.01, "batch_size": 25, "warm_start": True}
LATER_L2 = {"l2": [0.0, 1e-3, 1e-3]}
PLAIN = {"max_iter": 100, "batch_size": 50}


def classification(seed):
    X, y = make_classification(
        2 * N_TRAIN,
        500,
        n_informative=5,
        n_redundant=15,
        n_clusters_per_class=8,
        class_sep=1.5,
        shuffle=False,
        random_state=seed,
    )
    return split_and_scale(X, y)


def regression(seed):
    X, y = make_friedman1(2 * N_TRAIN, 105, noise=1.0, random_state=seed)
    return split_and_scale(X, (y - y.mean()) / y.std())


def split_and_scale(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=0.5, random_state=0)
    scaler = StandardScaler().fit(X_train)
    return scaler.transform(X_train), scaler.transform(X_test), y_train, y_test


def supports(network, X, y):
    """Yield the masks along a path from dense to sparse."""
    network.set_params(**PATH, max_iter=40).fit(X, y)
    for strength in 0.02 * 1.15 ** np.arange(60):
        network.set_params(group_lasso=strength, max_iter=12).fit(X, y)
        if not network.get_support().any():
            return
        yield network.get_support()


def choose(network, masks, X, y, X_val, y_val):
    """Return the smallest support whose refit is not clearly worse than the best one.

    Clearly: by more than a standard error of the difference of their squared errors.
    """
    errors = np.array(
        [(network.fit(X[:, m], y).predict(X_val[:, m]) - y_val) ** 2 for m in masks], float
    )
    excess = errors - errors[errors.mean(axis=1).argmin()]
    is_close = excess.mean(axis=1) <= excess.std(axis=1) / np.sqrt(len(y_val))
    return min((masks[k] for k in np.flatnonzero(is_close)), key=sum)


def recover(Network, X, y, largest, seed):
    """Return the support chosen, and a plain network trained on it."""
    X_fit, X_val, y_fit, y_val = train_test_split(X, y, test_size=0.2, random_state=seed)
    path = supports(Network(HIDDEN, random_state=seed, **LATER_L2), X_fit, y_fit)
    small = {mask.tobytes(): mask for mask in path if mask.sum() <= largest}
    plain = Network(HIDDEN, random_state=seed, **PLAIN)
    mask = choose(plain, list(small.values()), X_fit, y_fit, X_val, y_val)
    return mask, plain.fit(X[:, mask], y)


def span(X, mask, n_informative):
    """Return how well the worst of the informative features follows from those left."""
    kept, linear = X[:, mask], LinearRegression()
    return min(linear.fit(kept, x).score(kept, x) for x in X[:, :n_informative].T)


def rivals(Network, linear, trees, X, y, X_test, y_test, seed):
    """Yield test scores of what one would do otherwise."""
    plain = Network(HIDDEN, random_state=seed, **PLAIN)
    yield plain.fit(X, y).score(X_test, y_test)
    lasso = SelectFromModel(linear, threshold=np.nextafter(0, 1)).fit(X, y)
    yield plain.fit(lasso.transform(X), y).score(lasso.transform(X_test), y_test)
    yield trees.fit(X, y).score(X_test, y_test)


def l1_logistic_regression():
    strengths = np.geomspace(0.005, 0.5, 7)
    return LogisticRegressionCV(
        Cs=strengths, cv=3, l1_ratios=(1,), solver="liblinear", scoring="accuracy"
    )


# name, data, network, most features to keep, informative, relevant, linear model, trees
PROBLEMS = [
    (
        "20 of 500 features, accuracy",
        classification,
        MLPClassifier,
        (30, 5, 20),
        l1_logistic_regression,
        HistGradientBoostingClassifier,
    ),
    (
        "5 of 105 features, R2",
        regression,
        MLPRegressor,
        (15, 5, 5),
        LassoCV,
        HistGradientBoostingRegressor,
    ),
]


def recovery(n_seeds=10):
    for title, make, Network, (largest, n_informative, n_relevant), linear, trees in PROBLEMS:
        print(f"\n{title}")
        print("seed  left  precision  recall   span | recipe    all  lasso  trees | seconds")
        rows = []
        for seed in range(n_seeds):
            X, X_test, y, y_test = make(seed)
            start = time.perf_counter()
            mask, network = recover(Network, X, y, largest, seed)
            seconds = time.perf_counter() - start
            hits = mask[:n_relevant].sum()
            rows.append(
                [
                    mask.sum(),
                    hits / mask.sum(),
                    hits / n_relevant,
                    span(X, mask, n_informative),
                    network.score(X_test[:, mask], y_test),
                    *rivals(
                        Network, linear(), trees(random_state=0), X, y, X_test, y_test, seed
                    ),
                    seconds,
                ]
            )
            print_row(seed, rows[-1])
        for name, summary in (("min.", np.min), ("med.", np.median), ("max.", np.max)):
            print_row(name, summary(rows, axis=0))
        # The fifth is the recipe, and the trees stand before the seconds.
        margins = np.array(rows)[:, 4] - np.array(rows)[:, -2]
        print(f"Ahead of the trees by {margins.min():.3f} to {margins.max():.3f}")


def print_row(name, values):
    left, precision, recall, spanned, *scores, seconds = values
    shown = " ".join(f"{score:6.3f}" for score in scores)
    print(
        f"{name:>4} {left:5.0f} {precision:10.2f} {recall:7.2f} {spanned:6.3f} "
        f"| {shown} | {seconds:6.1f}",
        flush=True,
    )


PAIRINGS = {
    "l2=0": {"l2": 0.0},
    "l2=None (alpha=1e-4)": {},
    "l2=1e-4 later": {"l2": [0.0, 1e-4, 1e-4]},
    "l2=1e-3 later": LATER_L2,
    "l2=1e-2 later": {"l2": [0.0, 1e-2, 1e-2]},
    "max_norm=2": {"l2": 0.0, "max_norm": 2.0},
    "max_norm=3": {"l2": 0.0, "max_norm": 3.0},
}


def pairings(n_seeds=4):
    print("\nFeatures left where they last spanned the informative ones (R2 > .99), and noise")
    print("features among the last 20 or fewer:")
    for title, make, Network, (_, n_informative, n_relevant), *_ in PROBLEMS:
        print(title)
        for name, params in PAIRINGS.items():
            complete, noise = [], []
            for seed in range(n_seeds):
                X, _, y, _ = make(seed)
                masks = list(supports(Network(HIDDEN, random_state=seed, **params), X, y))
                spanning = [int(m.sum()) for m in masks if span(X, m, n_informative) > 0.99]
                complete.append(min(spanning, default=np.inf))
                few = next((m for m in masks if m.sum() <= 20), masks[-1])
                noise.append(int(few[n_relevant:].sum()))
            print(f"  {name:22} {complete!s:26} {noise}, mean {np.mean(noise):.2f}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        pairings() if sys.argv[1:] == ["pairings"] else recovery()
