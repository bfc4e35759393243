"""
==========================================
Which pixels does it take to read a digit?
==========================================

A growing group lasso takes pixels out of a network, one after another, while it
is being trained: first those that are always white, then others. Every support on the
way is refitted without the penalty, which shrinks what it keeps and so hides how good a
support is: compare the two curves.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from skreg import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.4, random_state=0, stratify=y
)

# The path: a network without the penalty, which then grows from stage to stage.
network = MLPClassifier((50,), l2=[0, 1e-3], batch_size=32, random_state=0)
path = clone(network).set_params(warm_start=True, learning_rate_init=0.002, max_iter=20)
path.fit(X_train, y_train)
stages = []
for strength in np.geomspace(0.005, 1, 30):
    path.set_params(group_lasso=strength).fit(X_train, y_train)
    kept = path.get_support()
    if kept.sum() < 3:
        break
    refitted = clone(network).fit(X_train[:, kept], y_train)
    scores = path.score(X_test, y_test), refitted.score(X_test[:, kept], y_test)
    stages.append((kept, *scores, path.prune()))

print("pixels  hidden units  weights left   accuracy  after a refit")
for kept, score, refitted_score, pruned in stages:
    n_weights = sum(weight.size for weight in pruned.coefs_)
    print(
        f"{kept.sum():6}  {pruned.hidden_layer_sizes[0]:12}  {n_weights:12}"
        f"  {score:9.3f}  {refitted_score:13.3f}"
    )

figure = plt.figure(figsize=(9, 4.5), layout="constrained")
curves, maps = figure.subfigures(1, 2)
axes = curves.subplots()
sizes = [kept.sum() for kept, *_ in stages]
axes.plot(sizes, [score for _, score, *_ in stages], "o-", label="on the path")
axes.plot(sizes, [score for _, _, score, _ in stages], "s-", label="refitted")
axes.set(xlabel="pixels left", ylabel="test accuracy", title="Shrinkage hides a good support")
axes.invert_xaxis()
axes.legend()
shown = [stages[k] for k in np.linspace(0, len(stages) - 1, 9).astype(int)]
for ax, (kept, _, score, _) in zip(maps.subplots(3, 3).flat, shown, strict=True):
    ax.imshow(X_train.mean(axis=0).reshape(8, 8), cmap="gray_r", alpha=0.6)
    ax.imshow(np.ma.masked_where(kept, ~kept).reshape(8, 8), cmap="Reds", vmin=0, vmax=2)
    ax.set_title(f"{kept.sum()} pixels, {score:.2f}", fontsize=9)
    ax.axis("off")
maps.suptitle("Pixels taken out (red), accuracy of the refit")
plt.show()
