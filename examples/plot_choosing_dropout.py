"""
=================
How much dropout?
=================

Two hidden layers learn to read 900 of the handwritten digits. `MLPClassifierCV` lets nine
rates race: after five epochs the worse two thirds are dropped, and so on. To see whether it
chooses well, all nine are then trained to their end on the same folds. Dropout narrows the
gap between the losses on training and held-out digits, up to a rate at which the network
cannot learn the training digits either. The held-out loss hardly differs between 0.1 and 0.4,
the race ends within that range, and it takes about a quarter of the epochs.

A race prefers quick learners, and dropout slows a training down. So the race leans to small
rates, the more so where five epochs are few steps or small ones. Where it matters, give all
candidates more time by `min_epochs`, at the price of a longer race.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, train_test_split

from skreg import MLPClassifier, MLPClassifierCV
from skreg.inspection import RaceDisplay

warnings.simplefilter("ignore", ConvergenceWarning)
learning_rate = 0.01
X, y = load_digits(return_X_y=True)
X, _, y, _ = train_test_split(X / 16, y, train_size=900, random_state=0, stratify=y)
folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
rates = np.linspace(0.0, 0.8, 9).round(1).tolist()
settings = {
    "hidden_layer_sizes": (100, 100),
    "batch_size": 32,
    "learning_rate_init": learning_rate,
    "n_iter_no_change": 20,
    "max_iter": 150,
    "scoring": "loss",
}
search = MLPClassifierCV(MLPClassifier(**settings), dropouts=rates, cv=folds, random_state=0)
search.fit(X, y)

# Every rate on every fold to its end: losses of the best epoch.
train_losses, val_losses, n_epochs = np.empty((3, len(rates), len(folds)))
for i, rate in enumerate(rates):
    for k, (train, val) in enumerate(folds):
        network = MLPClassifier(dropout=rate, early_stopping=True, random_state=k, **settings)
        network.fit(X[train], y[train], X_val=X[val], y_val=y[val])
        train_losses[i, k] = log_loss(y[train], network.predict_proba(X[train]))
        val_losses[i, k] = log_loss(y[val], network.predict_proba(X[val]))
        n_epochs[i, k] = network.n_iter_
val_loss = val_losses.mean(axis=1)
error = val_losses.std(axis=1, ddof=1) / np.sqrt(len(folds))

print("dropout  training loss  held-out loss (standard error)  epochs  epochs in the race")
for i, rate in enumerate(rates):
    print(
        f"{rate:7}  {train_losses[i].mean():13.3f}  {val_loss[i]:13.3f}  ({error[i]:.3f})"
        f"           {n_epochs[i].sum():11.0f}  {np.isfinite(search.score_path_[i]).sum():18}"
    )
print(f"all {n_epochs.sum():59.0f}  {np.isfinite(search.score_path_).sum():18}")
best = rates[val_loss.argmin()]
print(f"\nThe race chose {search.dropout_}; of all, trained to their end, {best} is best.")

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5.5), layout="constrained")
RaceDisplay.from_estimator(search, ax=left)
left.set_title("A race of nine rates")
right.errorbar(rates, val_loss, error, capsize=3, label="held-out digits, standard error")
right.plot(rates, train_losses.mean(axis=1), "--", label="training digits")
right.axvline(search.dropout_, color="0.4", linestyle=":", label="chosen in the race")
right.set(
    xlabel="Dropout", ylabel="Loss", yscale="log", title="All of them, trained to the end"
)
ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
right.set_yticks(ticks, [str(tick) for tick in ticks])
right.yaxis.set_minor_formatter("")
right.legend(loc="upper left")
plt.show()
