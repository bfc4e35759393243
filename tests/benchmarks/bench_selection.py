"""Select features by cross-validation, in one call, beside others that do.

NIPS 2003: the problem of bench_recovery.py (2,000 x 500; 5 informative features, 15
combinations of them, 480 of noise), a data set for each seed. NCI60: the problem of
bench_nci60.py (57 x 6,830, eight classes), stratified folds, an order of the rows for
each seed.

    pip install ".[bench]"
    python tests/benchmarks/bench_selection.py
    python tests/benchmarks/bench_selection.py nci60 --seeds 2 --peers "relax=True" trees

- features that are kept, and, where the answer is known, the share of them that is relevant
  (precision), and how well the informative ones can be computed from them (span: the least
  R2; the share of the relevant that is kept, recall, need not be high for that);
- accuracy on data that nobody has seen;
- seconds of the processor for a fit on one thread.

Means over seeds, with the extremes of the accuracy. All choose by cross-validation with
five folds (three on NCI60), but LassoNet: its path takes long, and the network on it with
the best score on a fifth of the data is taken. It is left out where it is not installed,
and on NCI60. There L1 logistic regression is saga's after 100 iterations, which is far from
the solution and has few zeros, if any.
"""

import argparse
import time
import warnings

import numpy as np
from bench_nci60 import data as nci60_data
from bench_recovery import classification, span
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from timing import machine

from skreg import MLPClassifier, MLPClassifierCV

N_RELEVANT, N_INFORMATIVE = 20, 5


class LassoNet(ClassifierMixin, BaseEstimator):
    """The network on a path of LassoNet that is best on a fifth of the data."""

    def fit(self, X, y):
        import torch
        from lassonet import LassoNetClassifier

        torch.set_num_threads(1)
        X, X_val, y, y_val = train_test_split(X, y, test_size=0.2, random_state=0)
        self.model_ = LassoNetClassifier(
            hidden_dims=(100,), random_state=0, torch_seed=0, verbose=0
        )
        path = self.model_.path(X, y, X_val=X_val, y_val=y_val, return_state_dicts=True)
        best = max(path, key=lambda one: self.model_.load(one.state_dict).score(X_val, y_val))
        self.model_.load(best.state_dict)
        self.support_ = best.selected.numpy()
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def get_support(self):
        return self.support_


def peers(seed, cv, is_wide):
    relaxed = {"group_lassos": 20, "relax": True, "cv": cv, "random_state": seed}
    faster = {**relaxed, "estimator": MLPClassifier(learning_rate_init=0.005)}
    logistic = {"solver": "saga", "max_iter": 100} if is_wide else {"solver": "liblinear"}
    found = {
        "relax=True": MLPClassifierCV(**relaxed),
        "relax=True, learning_rate_init=0.005": MLPClassifierCV(**faster),
        'and rule="one_standard_error"': MLPClassifierCV(**faster, rule="one_standard_error"),
        "L1 logistic regression": LogisticRegressionCV(
            Cs=10, cv=cv, l1_ratios=(1,), scoring="neg_log_loss", random_state=seed, **logistic
        ),
        "trees": HistGradientBoostingClassifier(random_state=seed),
    }
    if not is_wide and _has_lassonet():
        found["LassoNet"] = LassoNet()
    return found


def _has_lassonet():
    try:
        import lassonet  # noqa: F401
    except ImportError:
        return False
    return True


def support(model, n_features):
    """Return which features a model uses: trees are taken for users of all."""
    if hasattr(model, "get_support"):
        return model.get_support()
    return np.abs(getattr(model, "coef_", np.ones((1, n_features)))).any(axis=0)


def nips(seed):
    """Yield the one split of a data set."""
    yield classification(seed)


def nci60(seed):
    """Yield five splits."""
    X, y = nci60_data()
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        scaler = StandardScaler().fit(X[train])
        yield scaler.transform(X[train]), scaler.transform(X[test]), y[train], y[test]


def measure(model, splits, is_known):
    """Return what is printed, means over the splits."""
    rows = []
    for X, X_test, y, y_test in splits:
        start = time.process_time()
        model.fit(X, y)
        seconds = time.process_time() - start
        kept = support(model, X.shape[1])
        known = [np.nan] * 3
        if is_known and kept.any():
            hits = kept[:N_RELEVANT].sum()
            known = [hits / kept.sum(), hits / N_RELEVANT, span(X, kept, N_INFORMATIVE)]
        accuracy = np.mean(model.predict(X_test) == y_test)
        rows.append([kept.sum(), *known, accuracy, seconds])
    return np.mean(rows, axis=0)


PROBLEMS = {"nips": (nips, 5, False), "nci60": (nci60, 3, True)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("problems", nargs="*", default=list(PROBLEMS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--peers", nargs="+", help="only these")
    options = parser.parse_args()
    print(machine())
    for problem in options.problems:
        make, cv, is_wide = PROBLEMS[problem]
        print(f"\n| {problem} | features | precision | recall | span | accuracy | seconds |")
        print("|---|---|---|---|---|---|---|")
        for name in options.peers or peers(0, cv, is_wide):
            runs = np.array(
                [
                    measure(peers(seed, cv, is_wide)[name], make(seed), not is_wide)
                    for seed in range(options.seeds)
                ]
            )
            kept, *known, accuracy, seconds = runs.mean(axis=0)
            low, high = runs[:, 4].min(), runs[:, 4].max()
            shown = " | ".join("" if np.isnan(value) else f"{value:.3f}" for value in known)
            print(
                f"| {name} | {kept:.1f} | {shown} | {accuracy:.3f} ({low:.3f} to {high:.3f}) "
                f"| {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
