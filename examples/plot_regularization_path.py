"""
============================================================================
Which measurements of a tumour does it take to tell whether it is malignant?
============================================================================

A growing group lasso takes measurements out of a network, one after another, until none
is left. What is left at each strength is refitted without the penalty, which shrinks what
it keeps and so hides how good it is. Validation data choose the smallest support whose
refit is within one standard error of the best; test data have the last word.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier
from skreg.inspection import RegularizationPathDisplay
from skreg.model_selection import mlp_path

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_rest, X_test, y_rest, y_test = train_test_split(
    X, y, test_size=0.3, random_state=0, stratify=y
)
X_train, X_val, y_train, y_val = train_test_split(
    X_rest, y_rest, test_size=0.3, random_state=0, stratify=y_rest
)
scaler = StandardScaler().set_output(transform="pandas").fit(X_train)
X_train, X_val, X_test = map(scaler.transform, (X_train, X_val, X_test))

network = MLPClassifier(
    (20,), l2=[0.0, 1e-3], batch_size=32, max_iter=60, scoring="loss", random_state=0
)
path = mlp_path(
    network,
    X_train,
    y_train,
    penalty="group_lasso",
    max_iter=15,
    X_val=X_val,
    y_val=y_val,
    relax=True,
)

# The loss of every refitted network on every validation sample, beside the best one's.
proba = np.array([one.predict_proba(X_val) for one in path.relaxed.models])
losses = -np.log(proba[:, np.arange(len(y_val)), y_val])
excess = losses - losses[losses.mean(axis=1).argmin()]
is_close = excess.mean(axis=1) <= excess.std(axis=1) / np.sqrt(len(y_val))
chosen = np.flatnonzero(is_close)[-1]

print("             validation loss         test loss")
print("measurements  path  refitted    path  refitted")
_, first = np.unique(path.n_features, return_index=True)
for k in first[::-1]:
    on_path, refitted = (
        log_loss(y_test, one.models[k].predict_proba(X_test)) for one in (path, path.relaxed)
    )
    print(
        f"{path.n_features[k]:12}  {path.validation_losses[k]:.2f}"
        f"      {path.relaxed.validation_losses[k]:.2f}"
        f"    {on_path:.2f}      {refitted:.2f}"
    )
network = path.relaxed.models[chosen]
print(f"\nChosen: {', '.join(network.selected_features_)}")
print(f"Test accuracy: {network.score(X_test, y_test):.3f}", end=", ")
print(f"of all 30: {path.relaxed.models[0].score(X_test, y_test):.3f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
display = RegularizationPathDisplay.from_path(
    path, chosen=path.strengths[chosen], ax=left, max_named=6
)
display.ax_.set_title("From dense to sparse")
right.plot(path.n_features, path.validation_losses, "o", label="on the path")
right.plot(path.n_features, path.relaxed.validation_losses, "s", label="refitted")
right.axvline(path.n_features[chosen], color="0.4", linestyle="--", linewidth=1)
right.set(xlabel="Measurements left", ylabel="Validation loss", yscale="log")
right.set_title("The penalty hides a good support")
right.invert_xaxis()
right.legend()
plt.show()
