"""
==============================
Early stopping picks the epoch
==============================

Is a tumour malignant? The loss on the patients that a network learns from falls as long as
it is trained. The loss on those held out falls at first and then rises: the network
grows surer of its errors. With ``early_stopping=True`` the epoch that was best on
the patients held out is the one that is kept, here after some 200 more that were in vain.

What is best depends on what is watched. The accuracy on 57 patients takes few values, and is
at its highest early. The loss tells more: the network that it picks has learnt on, and does
better on patients that neither has seen.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.5, random_state=0, stratify=y
)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

network = MLPClassifier(
    early_stopping=True,
    validation_fraction=0.2,
    batch_size=32,
    max_iter=1000,
    n_iter_no_change=200,
    random_state=0,
)
print("watched   epochs  best epoch  test accuracy  test log-loss")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for scoring, color in ((None, "tab:green"), ("loss", "tab:orange")):
    network.set_params(scoring=scoring).fit(X_train, y_train)
    name = scoring or "accuracy"
    print(
        f"{name:8}  {network.n_iter_:6}  {network.best_iter_:10}"
        f"  {network.score(X_test, y_test):13.3f}"
        f"  {log_loss(y_test, network.predict_proba(X_test)):13.3f}"
    )
    for ax in (left, right):
        ax.axvline(network.best_iter_, color=color, ls="--", label=f"best {name}")
    if scoring is None:
        scores = network.validation_scores_
        right.plot(range(1, 1 + len(scores)), scores, "0.4", label="accuracy, held out")
epochs = range(1, 1 + network.n_iter_)
left.plot(epochs, network.history_["loss"], "tab:blue", label="training loss")
left.plot(epochs, network.validation_loss_curve_, "0.4", label="loss, held out")
left.set(yscale="log", xlabel="epoch", ylabel="log-loss", title="The loss tells more")
right.set(xlabel="epoch", ylabel="accuracy", title="Accuracy on 57 patients takes few values")
for ax in (left, right):
    ax.legend()
plt.show()
