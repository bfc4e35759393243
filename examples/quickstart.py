"""What each kind of regularisation does to a network, on real data.

scikit-learn's network and ours, on the breast cancer data that scikit-learn
bundles: 569 tumours, 30 measurements each, benign or malignant. Half of them
are used for training, so that there is something to overfit.
"""

import time
import warnings

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skreg

COMMON = {"hidden_layer_sizes": (100, 50), "max_iter": 500, "random_state": 0}
MODELS = {
    "scikit-learn's MLPClassifier": sklearn.neural_network.MLPClassifier(**COMMON),
    "skreg, defaults": skreg.MLPClassifier(**COMMON),
    "  l1=0.002": skreg.MLPClassifier(l1=0.002, **COMMON),
    "  l2=0.05": skreg.MLPClassifier(l2=0.05, **COMMON),
    "  dropout=0.5": skreg.MLPClassifier(dropout=0.5, **COMMON),
    "  early_stopping=True": skreg.MLPClassifier(early_stopping=True, **COMMON),
    "  all four": skreg.MLPClassifier(
        l1=0.002, l2=0.05, dropout=0.5, early_stopping=True, **COMMON
    ),
}


def share_of_zeros(network):
    return np.mean(np.concatenate([weight.ravel() for weight in network.coefs_]) == 0)


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.5, stratify=y, random_state=0
    )
    print(f"Breast cancer: {len(X_train)} tumours to train on, {len(X_test)} to test on\n")
    print(f"{'':30}{'train':>7}{'test':>7}{'zeros':>8}{'epochs':>8}{'seconds':>9}")
    for name, network in MODELS.items():
        model = make_pipeline(StandardScaler(), network)
        start = time.perf_counter()
        model.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        print(
            f"{name:30}{model.score(X_train, y_train):7.3f}{model.score(X_test, y_test):7.3f}"
            f"{share_of_zeros(network):8.1%}{network.n_iter_:8d}{seconds:9.2f}"
        )
    print(
        "\ntrain, test: accuracy; zeros: share of weights that are exactly 0.0.\n"
        "The first two rows are the same network, weight for weight."
    )


if __name__ == "__main__":
    main()
