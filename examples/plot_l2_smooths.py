"""
=========================
L2 smooths what is learnt
=========================

Two measurements of a tumour, the mean of its texture and of its concave points, and how
probable a network takes it to be malignant. Without a penalty the border winds around single
patients, and nearly everywhere the network is sure. The stronger `l2`, the smoother the
border and the more gradual the change from one side to the other, until too little is left.

Training loss rises all the way. The loss on other patients falls before it rises.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X[["mean texture", "mean concave points"]].to_numpy()
X_train, X_test, y_train, y_test = train_test_split(
    X, y == 0, train_size=150, random_state=0, stratify=y
)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

print("   l2  training loss  test loss")
figure, panels = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained")
for l2, ax in zip([0.0, 1e-3, 1e-2, 1e-1], panels, strict=True):
    network = MLPClassifier((100, 100), solver="lbfgs", l2=l2, max_iter=2000, random_state=0)
    network.fit(X_train, y_train)
    losses = [
        log_loss(target, network.predict_proba(data))
        for data, target in ((X_train, y_train), (X_test, y_test))
    ]
    print(f"{l2:5}  {losses[0]:13.3f}  {losses[1]:9.3f}")
    display = DecisionBoundaryDisplay.from_estimator(
        network,
        X_train,
        response_method="predict_proba",
        plot_method="pcolormesh",
        cmap="RdBu_r",
        vmin=-0.2,
        vmax=1.2,
        eps=0.4,
        grid_resolution=200,
        ax=ax,
    )
    ax.scatter(
        *X_train.T,
        c=y_train,
        cmap="RdBu_r",
        vmin=-0.1,
        vmax=1.1,
        edgecolor="w",
        s=18,
        linewidth=0.6,
    )
    ax.set(
        title=f"l2={l2:g}: test loss {losses[1]:.2f}", xlabel="texture", xticks=[], yticks=[]
    )
panels[0].set_ylabel("concave points")
figure.colorbar(
    display.surface_,
    ax=panels,
    label="probability: malignant",
    boundaries=np.linspace(0, 1, 101),
    ticks=[0, 0.5, 1],
)
plt.show()
