"""
================================================
Where does a network know that it does not know?
================================================

A network with dropout learns how diabetes progresses with the body mass index, from
patients up to an index of 30 alone. At prediction, `return_std` draws networks by dropout
and returns how far they differ. Where there were patients to learn from the draws agree;
beyond, nothing holds them together, and the band opens.

The band is the uncertainty of the curve, not the scatter of the patients around it:
most of them lie outside.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPRegressor

X, y = load_diabetes(return_X_y=True, scaled=False)
bmi = X[:, [2]]
seen = bmi.ravel() <= 30
scaler = StandardScaler().fit(y[seen, np.newaxis])
network = MLPRegressor(
    (50, 50),
    dropout=0.1,
    learning_rate_init=0.01,
    max_iter=200,
    n_iter_no_change=50,
    random_state=0,
)
model = make_pipeline(StandardScaler(), network)
model.fit(bmi[seen], scaler.transform(y[seen, np.newaxis]).ravel())

grid = np.linspace(16, 44, 200)[:, np.newaxis]
mean, std = model.predict(grid, return_std=True, random_state=0)
mean, std = mean * scaler.scale_ + scaler.mean_, std * scaler.scale_
draws = network.sample_y(model[0].transform(grid), 8) * scaler.scale_ + scaler.mean_

mean_there, std_there = (np.interp(bmi.ravel(), grid.ravel(), one) for one in (mean, std))
is_outside = np.abs(y - mean_there) > 2 * std_there
print(f"{is_outside[seen].mean():.0%} of the patients to learn from lie outside the band.\n")
print("body mass index  prediction  standard deviation")
for at in (20, 25, 30, 35, 40):
    k = np.abs(grid.ravel() - at).argmin()
    print(f"{at:15}  {mean[k]:10.0f}  {std[k]:18.1f}")

figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
x = grid.ravel()
axes.fill_between(
    x, mean - 2 * std, mean + 2 * std, alpha=0.25, label="two standard deviations"
)
axes.plot(x, draws[:, 0], color="C0", alpha=0.4, linewidth=0.7, label="networks drawn")
axes.plot(x, draws[:, 1:], color="C0", alpha=0.4, linewidth=0.7)
axes.plot(x, mean, color="C0", linewidth=2, label="prediction")
axes.plot(bmi[seen], y[seen], ".", color="0.4", markersize=4, label="patients to learn from")
axes.plot(bmi[~seen], y[~seen], "x", color="C3", markersize=5, label="patients left out")
axes.axvline(30, color="0.7", linestyle="--", linewidth=1)
axes.set(
    xlabel="body mass index",
    ylabel="progression of diabetes after a year",
    title="The band opens where the data end",
    ylim=(0, 450),
)
axes.legend(loc="upper left")
plt.show()
