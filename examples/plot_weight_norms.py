"""
=================================
A bound, a pull and a slow leak
=================================

Three ways to hold the weights of a network down while it learns to read digits. `l2` is a part
of the objective: it pulls at every weight in proportion to its size, against the pull of the
data. `weight_decay` is not part of it: all weights leak by the same share at each step,
whatever Adam makes of their gradients. `max_norm` is a bound on the weights that enter a unit:
nothing happens below it, and nothing gets past it.

On the right the hidden units stand in a row, by the norm of the weights that enter them. The
bound cuts the curve off and lets small units be; the other two bring all of them down. Some
are dead, active for no digit to learn from. Nothing but the penalty acts on them: they
leak slowly under `weight_decay`, and are soon next to zero with `l2`, since Adam takes as
large a step for a faint gradient as for any other.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skreg import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, train_size=900, random_state=0, stratify=y
)
SETTINGS = {
    "nothing": {},
    "l2=0.003": {"l2": 0.003},
    "weight_decay=0.3": {"weight_decay": 0.3},
    "max_norm=1.5": {"max_norm": 1.5},
}

print("                  largest norm  smallest  dead  training accuracy  test accuracy")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for name, setting in SETTINGS.items():
    network = MLPClassifier((100,), batch_size=32, l2=0.0, random_state=0)
    network.set_params(learning_rate_init=0.003, **setting)
    largest = []
    for _ in range(60):
        network.partial_fit(X_train, y_train, classes=np.arange(10))
        norms = np.linalg.norm(network.coefs_[0], axis=0)
        largest.append(norms.max())
    n_dead = np.sum((X_train @ network.coefs_[0] + network.intercepts_[0] <= 0).all(axis=0))
    print(
        f"{name:16}  {largest[-1]:12.2f}  {norms.min():8.3f}  {n_dead:4}"
        f"  {network.score(X_train, y_train):17.3f}  {network.score(X_test, y_test):13.3f}"
    )
    left.plot(range(1, 61), largest, label=name)
    right.plot(np.sort(norms), label=name)
left.set(xlabel="epoch", ylabel="norm of incoming weights", title="Largest of all hidden units")
right.set(xlabel="hidden units, by their norm", title="All hidden units, in the end")
left.legend()
plt.show()
