"""What each kind of regularisation does to a network, on real data.

scikit-learn's network and ours, on the handwritten digits that scikit-learn
bundles: 1,797 images of 8 x 8 pixels. Half of them are used for training, so
that there is something to overfit.
"""

import time
import warnings

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

import skreg

COMMON = {"hidden_layer_sizes": (200,), "batch_size": 32, "random_state": 0}
PATIENT = {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 40}
MODELS = {
    "scikit-learn's MLPClassifier": sklearn.neural_network.MLPClassifier(**COMMON),
    "skreg, defaults": skreg.MLPClassifier(**COMMON),
    "  l1=0.0001": skreg.MLPClassifier(l1=0.0001, **COMMON),
    "  group_lasso=0.03": skreg.MLPClassifier(group_lasso=0.03, **COMMON),
    "  l2=0.002": skreg.MLPClassifier(l2=0.002, **COMMON),
    "  max_norm=2": skreg.MLPClassifier(max_norm=2, **COMMON),
    "  dropout=0.3": skreg.MLPClassifier(dropout=0.3, **COMMON),
    "  early_stopping=True": skreg.MLPClassifier(**PATIENT, **COMMON),
    "  l1 and dropout": skreg.MLPClassifier(l1=0.0001, dropout=0.3, **COMMON),
}


def share_of_zeros(network):
    return np.mean(np.concatenate([weight.ravel() for weight in network.coefs_]) == 0)


def n_features_left(network):
    return network.coefs_[0].any(axis=1).sum()


def main():
    warnings.simplefilter("ignore", ConvergenceWarning)
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, train_size=900, stratify=y, random_state=0
    )
    print(f"Digits: {len(X_train)} images to train on, {len(X_test)} to test on\n")
    print(f"{'':30}{'train':>7}{'test':>7}{'zeros':>8}{'pixels':>8}{'epochs':>8}{'seconds':>9}")
    for name, network in MODELS.items():
        model = make_pipeline(StandardScaler(), network)
        start = time.perf_counter()
        model.fit(X_train, y_train)
        seconds = time.perf_counter() - start
        print(
            f"{name:30}{model.score(X_train, y_train):7.3f}{model.score(X_test, y_test):7.3f}"
            f"{share_of_zeros(network):8.1%}{n_features_left(network):8d}"
            f"{network.n_iter_:8d}{seconds:9.2f}"
        )
    print(
        "\ntrain, test: accuracy; zeros: share of weights that are exactly 0.0;\n"
        "pixels: those that the network still reads, of 64.\n"
        "The first two rows are the same network, weight for weight. The others say what\n"
        "each kind does beside the score: l1 empties weights, group_lasso whole pixels,\n"
        "and dropout, max_norm and early stopping leave all of them in use."
    )


if __name__ == "__main__":
    # The networks are too small for a second thread to help, and where other programs keep
    # the cores busy threads wait for each other.
    with threadpool_limits(1):
        main()
