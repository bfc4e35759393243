"""
=======================================
Is it an eight? Classes of unequal size
=======================================

One of ten handwritten digits is an eight. A network that is to tell eights from all
others, with a penalty that keeps it smooth, misses four in ten of them: the other
digits count nine times as much in the loss. ``class_weight="balanced"`` lets the eights
count as much as all others together, in a network as in logistic regression, and
balanced accuracy rises, the mean of the shares of eights and of others that are recognised.

The price is false alarms, and much of the gain is there without the weights: at a
lower threshold than one half. Compare with the highest balanced accuracy that any
threshold gives, and see how the weights move the curves to the right.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split

from skreg import MLPClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y == 8, test_size=0.5, random_state=0, stratify=y == 8
)
MODELS = {
    "MLPClassifier": MLPClassifier(
        (20,), l2=0.01, learning_rate_init=0.01, max_iter=500, random_state=0
    ),
    "LogisticRegression": LogisticRegression(max_iter=1000),
}
thresholds = np.linspace(0, 1, 201)

figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
print(
    "                                balanced accuracy  at any threshold  recall  false alarms"
)
for (name, model), ax in zip(MODELS.items(), panels, strict=True):
    for class_weight, color in [(None, "C0"), ("balanced", "C1")]:
        model.set_params(class_weight=class_weight).fit(X_train, y_train)
        probability = model.predict_proba(X_test)[:, 1]
        predicted = model.predict(X_test)
        is_alarm = probability > thresholds[:, np.newaxis]
        recall = is_alarm[:, y_test].mean(axis=1)
        false_alarms = is_alarm[:, ~y_test].mean(axis=1)
        best = np.max(recall + 1 - false_alarms) / 2
        score = balanced_accuracy_score(y_test, predicted)
        print(
            f"{name:18}  {class_weight!s:8}  {score:19.3f}  {best:16.3f}"
            f"  {predicted[y_test].mean():6.3f}  {predicted[~y_test].mean():12.3f}"
        )
        label = f"class_weight={class_weight!r}"
        ax.plot(thresholds, recall, color, label=f"recall, {label}")
        ax.plot(thresholds, false_alarms, color, ls="--", label=f"false alarms, {label}")
    ax.axvline(0.5, color="0.6", zorder=1)
    ax.set(title=name, xlabel="threshold of the probability of an eight")
panels[0].set_ylabel("share of the eights, or of the others")
figure.legend(
    handles=panels[0].get_legend_handles_labels()[0], loc="outside lower center", ncols=2
)
plt.show()
