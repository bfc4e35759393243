"""What the losses other than the default do to networks, on real data.

    python tests/benchmarks/bench_losses.py
    python tests/benchmarks/bench_losses.py band kinks

- outliers: diabetes, a tenth of the training targets ten standard deviations off; R2 on
  clean test data by loss, extremes over ten seeds.
- band: diabetes, the share of patients between the quantiles of 5 % and 95 % of a network
  that was not trained on them, with and without penalties; extremes over eight seeds.
- kinks: diabetes. Without hidden layers, how far above the minimum, which QuantileRegressor
  finds, lbfgs ends; with 50 units, the objective that lbfgs comes to, divided by Adam's.
- smoothing: 300 digits to train on; mean probability of the predicted class, accuracy and
  log-loss of the others without and with ``label_smoothing=0.1``, means over ten seeds, and
  extremes of their differences.
"""

import argparse
import warnings

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import log_loss, mean_pinball_loss
from sklearn.model_selection import KFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from threadpoolctl import threadpool_limits

from skreg import MLPClassifier, MLPRegressor

OUTER = [0.05, 0.95]


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


def extremes(values):
    return f"{np.min(values):.3f} to {np.max(values):.3f}"


def outliers():
    print("R2 on clean test data")
    settings = {"l2": 0.01, "learning_rate_init": 0.01, "batch_size": 64, "max_iter": 100}
    for loss in ("squared_error", "huber", "absolute_error"):
        scores = []
        for seed in range(10):
            X, X_test, y, y_test = train_test_split(*diabetes(), random_state=seed)
            is_wrong = np.random.default_rng(seed).random(len(y)) < 0.1
            model = MLPRegressor((20,), loss=loss, random_state=seed, **settings)
            scores.append(model.fit(X, y + 10 * is_wrong).score(X_test, y_test))
        print(f"  {loss:15} {extremes(scores)}")


def band():
    print("Patients within the band of 5 to 95 %")
    X, y = load_diabetes(return_X_y=True)
    for penalties in ({"l1": 0.007, "l2": 0.01}, {"l1": 0.0, "l2": 0.0}):
        covered = []
        for seed in range(8):
            folds = KFold(5, shuffle=True, random_state=seed)
            settings = {"learning_rate_init": 0.01, "batch_size": 64, "random_state": seed}
            network = MLPRegressor((50,), loss="quantile", quantile=OUTER, **settings)
            model = make_pipeline(StandardScaler(), network.set_params(**penalties))
            model = TransformedTargetRegressor(model, transformer=StandardScaler())
            low, high = cross_val_predict(model, X, y, cv=folds).T
            covered.append(np.mean((low <= y) & (y <= high)))
        print(f"  {penalties!s:26} {extremes(covered)}")


def kinks():
    X, y = diabetes()
    print("lbfgs without hidden layers, above the minimum, %")
    for q in (0.05, 0.25, 0.5, 0.75, 0.95):
        reference = QuantileRegressor(quantile=q, alpha=0.0).fit(X, y)
        lowest = mean_pinball_loss(y, reference.predict(X), alpha=q)
        excess = []
        for seed in range(20):
            model = MLPRegressor((), solver="lbfgs", loss="quantile", quantile=q, l2=0.0)
            model.set_params(random_state=seed, max_iter=2000).fit(X, y)
            loss = mean_pinball_loss(y, model.predict(X), alpha=q)
            excess.append(100 * (loss / lowest - 1))
        print(f"  quantile {q:<7} {extremes(excess)}")
    print("objective after 300 iterations of lbfgs, divided by that after 300 epochs of Adam")
    params = {"quantile": 0.9, "activation": "tanh", "l2": 1e-3, "max_iter": 300}
    for loss in ("absolute_error", "quantile"):
        ratios = []
        for seed in range(5):
            model = MLPRegressor((50,), loss=loss, n_iter_no_change=np.inf, **params)
            adam = model.set_params(random_state=seed).fit(X, y).loss_
            ratios.append(model.set_params(solver="lbfgs").fit(X, y).loss_ / adam)
        print(f"  {loss:15} {extremes(ratios)}")


def smoothing():
    X, y = load_digits(return_X_y=True)
    settings = {"alpha": 0.0, "batch_size": 32, "max_iter": 100, "n_iter_no_change": 20}
    rows = []
    for seed in range(10):
        X_train, X_test, y_train, y_test = train_test_split(
            X / 16, y, train_size=300, random_state=seed, stratify=y
        )
        for share in (0.0, 0.1):
            model = MLPClassifier((200,), label_smoothing=share, random_state=seed, **settings)
            p = model.fit(X_train, y_train).predict_proba(X_test)
            accuracy = model.score(X_test, y_test)
            rows.append((p.max(axis=1).mean(), accuracy, log_loss(y_test, p)))
    plain, smoothed = np.moveaxis(np.reshape(rows, (10, 2, 3)), 1, 0)
    names = ("probability of the predicted class", "accuracy", "log-loss")
    print("Label smoothing: without, with, difference")
    for name, before, after in zip(names, plain.T, smoothed.T, strict=True):
        difference = extremes(after - before)
        print(f"  {name:34} {before.mean():.3f}, {after.mean():.3f}, {difference}")


PARTS = {"outliers": outliers, "band": band, "kinks": kinks, "smoothing": smoothing}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        for name in options.parts:
            PARTS[name]()


if __name__ == "__main__":
    main()
