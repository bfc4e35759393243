"""
============================================
Six kinds of regularisation, on one data set
============================================

Ten measurements of 442 patients, their squares and products: 65 features, from which a
network learns how diabetes progresses. It has a hundred hidden units, far too many for
250 patients. Without regularisation it learns these by heart and predicts others worse than
their mean would: an :math:`R^2` near 1 and one below zero. Each of six parameters, alone and
from weak to strong, gives up the first for the sake of the second.

All of them can do it, but not alike. Only `l1` and `group_lasso` make zeros: about a fifth
of the 65 features is enough. Of dropout it takes a lot here. Training for few
epochs, which is what early stopping comes to, is the cheapest and helps least. (The best
amounts in the table are chosen by the very data that they are judged on, which flatters all
six.)
"""

import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from skreg import MLPRegressor

# Few epochs have not converged, and the strongest l1 leaves nothing: both are meant.
warnings.simplefilter("ignore", ConvergenceWarning)
warnings.filterwarnings("ignore", "All weights of coefs_")
AMOUNTS = {  # from weak to strong
    "l1": [0.001, 0.003, 0.01, 0.02, 0.05, 0.08],
    "l2": [0.003, 0.01, 0.03, 0.1, 0.3, 1],
    "group_lasso": [0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
    "max_norm": [1, 0.7, 0.5, 0.3, 0.2, 0.1],
    "dropout": [0, 0.3, 0.5, 0.7, 0.8, 0.9],
    "max_iter": [200, 100, 50, 20, 10, 5],
}
X, y = load_diabetes(return_X_y=True)
X = PolynomialFeatures(degree=2, include_bias=False).fit_transform(X)
splits = [train_test_split(X, y, train_size=250, random_state=seed) for seed in range(3)]


def fit_and_score(X_train, X_test, y_train, y_test, **amount):
    """R2 of a network on training and test data, and what is left of it."""
    network = MLPRegressor(
        (100,), learning_rate_init=0.003, batch_size=32, l2=0.0, random_state=0
    )
    network.set_params(n_iter_no_change=200, **amount)  # no patience: amounts alone decide
    model = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), network), transformer=StandardScaler()
    ).fit(X_train, y_train)
    fitted = model.regressor_[-1]
    n_features = fitted.get_support().sum()
    return model.score(X_train, y_train), model.score(X_test, y_test), n_features


def mean_scores(**amount):
    return np.mean([fit_and_score(*split, **amount) for split in splits], axis=0)


row = "{:12} {:6}  {:8.2f}  {:7.2f}  {:13.0f}"
print("             amount  train R2  test R2  features used")
print(row.format("nothing", "", *mean_scores()))
figure, panels = plt.subplots(2, 3, figsize=(9, 5.2), sharey=True, layout="constrained")
for (name, amounts), ax in zip(AMOUNTS.items(), panels.flat, strict=True):
    scores = np.array([mean_scores(**{name: one}) for one in amounts])
    best = scores[:, 1].argmax()
    print(row.format(name, amounts[best], *scores[best]))
    ax.plot(range(len(amounts)), scores[:, 0], "o--", color="0.55", label="training")
    ax.plot(range(len(amounts)), scores[:, 1], "o-", color="tab:blue", label="test")
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.set(title=name, xticks=range(len(amounts)), xticklabels=amounts, ylim=(-0.5, 1.05))
for ax in panels[:, 0]:
    ax.set_ylabel("$R^2$")
panels[0, 0].legend()
figure.supxlabel("amount, from weak to strong", fontsize="medium")
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=130)
else:
    plt.show()
