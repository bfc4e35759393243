"""
======================================================
Dropout closes the gap between training and validation
======================================================

Two networks learn to read 900 of the handwritten digits; a fifth of them is held out.
Without dropout the loss on the others goes towards zero, and that on the held-out ones stays
behind. With dropout the two keep together. (Its loss in training is that of a network half of
whose units are missing; the held-out digits are read by the whole network.)

The loss on held-out digits goes on falling for long after their accuracy has
stopped rising: the best epoch is that of the highest accuracy. Compare the loss there on
digits that neither network has seen.
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skreg import MLPClassifier
from skreg.inspection import LossCurveDisplay

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, train_size=900, random_state=0, stratify=y
)
network = MLPClassifier(
    (200,),
    batch_size=32,
    early_stopping=True,
    validation_fraction=0.2,
    n_iter_no_change=60,
    random_state=0,
)

figure, panels = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
print("dropout  epochs  best epoch  test accuracy  test log-loss")
for dropout, ax in zip([0.0, 0.5], panels, strict=True):
    network.set_params(dropout=dropout).fit(X_train, y_train)
    LossCurveDisplay.from_estimator(network, ax=ax, log_scale=True)
    ax.set_title(f"dropout={dropout}")
    print(
        f"{dropout:7}  {network.n_iter_:6}  {network.best_iter_:10}"
        f"  {network.score(X_test, y_test):13.3f}"
        f"  {log_loss(y_test, network.predict_proba(X_test)):13.3f}"
    )
plt.show()
