"""
===============================================
L1 switches features off, L2 makes them smaller
===============================================

A network reads 30 measurements of a tumour. A row of each picture holds the weights from one
measurement to 20 hidden units. Without a penalty all of them are in use. L2 makes weights
small, and none of them zero. L1 makes most of them exactly zero, and where a whole row is zero
the measurement has been switched off. With the group lasso rows go or stay as a whole.

Nine tenths of the weights are zero with L1, and the network is as good as before.
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

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, random_state=0, stratify=y
)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)
PENALTIES = {
    "no penalty": {},
    "l2=0.03": {"l2": 0.03},
    "l1=0.005": {"l1": 0.005},
    "group_lasso=0.02": {"group_lasso": 0.02},
}

print("                  weights at zero  features used  test accuracy  test log-loss")
figure, panels = plt.subplots(1, 4, figsize=(10, 4), sharey=True, layout="constrained")
for (name, penalty), ax in zip(PENALTIES.items(), panels, strict=True):
    network = MLPClassifier((20,), batch_size=32, l2=0.0, max_iter=300, random_state=0)
    network.set_params(n_iter_no_change=300, **penalty).fit(X_train, y_train)
    weight = network.coefs_[0]
    n_used = network.get_support().sum()
    print(
        f"{name:16}  {network.sparsity_[0]:15.1%}  {n_used:13}"
        f"  {network.score(X_test, y_test):13.3f}"
        f"  {log_loss(y_test, network.predict_proba(X_test)):13.3f}"
    )
    image = ax.imshow(np.ma.masked_equal(weight, 0), cmap="RdBu_r", vmin=-0.6, vmax=0.6)
    ax.set(title=f"{name}\n{n_used} of 30 features", xlabel="hidden unit", xticks=[])
    ax.set_facecolor("palegreen")  # shows where the image is masked
panels[0].set_ylabel("feature")
figure.colorbar(image, ax=panels, label="weight (green: exactly zero)")
plt.show()
