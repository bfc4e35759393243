"""
===============================================================
How ill will these patients be in a year, and how sure is that?
===============================================================

A network that is trained on the pinball loss estimates quantiles: that of 50 % splits
what may come in halves, those of 5 % and 95 % hold nine tenths of it between them. One
network has all three, and they never cross. Every
patient is predicted by a network that was trained on others, so the share of patients
within the band can be compared with the 90 % that it promises.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_pinball_loss
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPRegressor

X, y = load_diabetes(return_X_y=True)
folds = KFold(5, shuffle=True, random_state=0)


levels = [0.05, 0.5, 0.95]
regressor = MLPRegressor(
    (50,),
    loss="quantile",
    quantile=levels,
    l1=0.007,
    l2=0.01,
    batch_size=64,
    learning_rate_init=0.01,
    scale_target=True,
    random_state=0,
)
network = make_pipeline(StandardScaler(), regressor)
predictions = cross_val_predict(network, X, y, cv=folds)

print("quantile  patients below  pinball loss  without features")
for level, prediction in zip(levels, predictions.T, strict=True):
    constant = DummyRegressor(strategy="quantile", quantile=level)
    losses = [
        mean_pinball_loss(y, values, alpha=level)
        for values in (prediction, cross_val_predict(constant, X, y, cv=folds))
    ]
    below = np.mean(y < prediction)
    print(f"{level:8}  {below:14.3f}  {losses[0]:12.2f}  {losses[1]:16.2f}")

low, median, high = predictions.T
inside = (low <= y) & (y <= high)
print(f"within the band: {inside.mean():.3f} of {len(y)} patients")

order = np.argsort(median)
width = (high - low)[order]
third = len(y) // 3
print(
    f"width of the band: {width[:third].mean():.0f} on average over the third with the lowest "
    f"median, {width[-third:].mean():.0f} over that with the highest"
)
rank = np.arange(len(y))
figure, ax = plt.subplots(figsize=(9, 4.8), layout="constrained")
band = {"step": "mid", "color": "tab:blue", "alpha": 0.25, "linewidth": 0}
ax.fill_between(rank, low[order], high[order], **band, label="5 % to 95 %")
ax.plot(rank, median[order], color="tab:blue", label="median")
for shown, color, name in ((inside, "0.3", "inside"), (~inside, "tab:red", "outside")):
    there = shown[order]
    label = f"patients {name} ({there.mean():.0%})"
    ax.scatter(rank[there], y[order][there], s=8, color=color, label=label, zorder=3)
ax.set(
    xlabel="patients, by predicted median",
    ylabel="disease progression after a year",
    title="The higher the prediction, the wider the band",
    xlim=(-3, len(y) + 2),
    ylim=(0, 430),
)
ax.legend(loc="upper left", ncols=2)
plt.show()
