"""What is drawn of a training, as scikit-learn tests its displays."""

import subprocess
import sys

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import LossCurveDisplay

X, Y = load_breast_cancer(return_X_y=True)
X = scale(X)
LOSS = np.array([2.0, 1.0, 0.5, 0.25, 0.125])
CURVES = {
    "train_loss": LOSS,
    "validation_loss": LOSS + 0.1,
    "scores": 1 - LOSS / 4,
    "best_iter": 4,
}


def fitted(Estimator=MLPClassifier, **params):
    return Estimator((5,), max_iter=8, random_state=0, **params).fit(X, Y)


def labels(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_curves_are_the_history(pyplot):
    model = fitted(early_stopping=True, n_iter_no_change=3)
    display = LossCurveDisplay.from_estimator(model)
    epochs = np.arange(1, model.n_iter_ + 1)
    for line, name in [
        (display.train_line_, "loss"),
        (display.validation_line_, "validation_loss"),
        (display.score_line_, "score"),
    ]:
        np.testing.assert_array_equal(line.get_xdata(), epochs)
        np.testing.assert_array_equal(line.get_ydata(), model.history_[name])
    assert display.train_line_.axes is display.validation_line_.axes is display.ax_
    assert display.score_line_.axes is display.score_ax_
    assert display.score_ax_.get_position().bounds == display.ax_.get_position().bounds
    assert list(display.best_line_.get_xdata()) == [model.best_iter_] * 2
    assert display.ax_.get_xlabel() == "Epoch"
    assert display.ax_.get_ylabel() == "Loss"
    assert display.score_ax_.get_ylabel() == "Accuracy"
    best = f"best epoch: {model.best_iter_}"
    assert labels(display) == ["training loss", "validation loss", best, "accuracy"]


def test_without_early_stopping_there_is_one_curve(pyplot):
    display = LossCurveDisplay.from_estimator(fitted())
    assert display.validation_line_ is display.score_line_ is display.score_ax_ is None
    assert display.best_line_ is None
    assert labels(display) == ["training loss"]
    assert len(display.figure_.axes) == 1


def named_scorer(estimator, X, y):
    return 0.5


@pytest.mark.parametrize(
    ("Estimator", "scoring", "name"),
    [
        (MLPClassifier, None, "accuracy"),
        (MLPRegressor, None, "R2"),
        (MLPClassifier, "roc_auc", "roc_auc"),
        (MLPClassifier, named_scorer, "named_scorer"),
        (MLPClassifier, make_scorer(np.dot), "score"),
    ],
)
def test_the_score_has_its_name(pyplot, Estimator, scoring, name):
    model = fitted(Estimator, early_stopping=True)
    model.scoring = scoring
    display = LossCurveDisplay.from_estimator(model)
    assert labels(display)[-1] == name
    words = name.replace("_", " ")
    assert display.score_ax_.get_ylabel() == words[0].upper() + words[1:]


def test_a_score_that_is_the_loss_is_not_drawn_twice(pyplot):
    model = fitted(early_stopping=True)
    model.scoring = "loss"
    display = LossCurveDisplay.from_estimator(model)
    assert display.score_ax_ is None
    assert labels(display)[:2] == ["training loss", "validation loss"]


def test_lbfgs_counts_iterations(pyplot):
    display = LossCurveDisplay.from_estimator(fitted(solver="lbfgs", early_stopping=True))
    assert display.ax_.get_xlabel() == "Iteration"
    assert labels(display)[2].startswith("best iteration: ")


def test_ax_and_settings_are_passed_on(pyplot):
    _, (left, right) = pyplot.subplots(1, 2)
    display = LossCurveDisplay(**CURVES)
    assert display.plot(ax=right, color="k", linewidth=3) is display
    assert display.ax_ is right
    assert display.figure_ is right.figure
    assert not left.lines
    for line in (display.train_line_, display.validation_line_, display.score_line_):
        assert line.get_color() == "k"
        assert line.get_linewidth() == 3
    assert display.plot().ax_ not in (left, right)


@pytest.mark.parametrize("log_scale", [False, True])
@pytest.mark.parametrize("is_constrained", [False, True])
@pytest.mark.parametrize("n_epochs", [1, 2, 5, 200])
def test_the_legend_covers_no_curve(pyplot, n_epochs, is_constrained, log_scale):
    layout = "constrained" if is_constrained else None
    figure, ax = pyplot.subplots(figsize=(4.5, 3), layout=layout)
    loss = 0.9 ** np.arange(n_epochs)
    display = LossCurveDisplay(
        train_loss=loss, validation_loss=1.1 * loss, scores=loss[::-1], best_iter=n_epochs
    ).plot(ax=ax, log_scale=log_scale)
    figure.canvas.draw()
    legend = ax.get_legend().get_window_extent()
    assert legend.x0 >= ax.get_window_extent().x0
    assert legend.x1 <= ax.get_window_extent().x1
    for line in (
        display.train_line_,
        display.validation_line_,
        display.score_line_,
    ):
        points = line.get_transform().transform(line.get_xydata())
        assert points[:, 1].max() < legend.y0
        assert points[:, 1].max() <= ax.get_window_extent().y1
    # The line at the best epoch goes all the way, behind the legend.
    assert display.best_line_.get_ydata() == [0, 1]
    assert display.best_line_.get_zorder() < ax.get_legend().get_zorder()
    assert ax.get_legend().get_frame().get_alpha() == 1
    assert ax.get_yscale() == ("log" if log_scale else "linear")


def test_several_trainings_on_one_ax_are_told_apart(pyplot):
    _, ax = pyplot.subplots(figsize=(6, 4))
    several = [LossCurveDisplay(**CURVES).plot(ax=ax, name=name) for name in (None, None, "c")]
    assert len(ax.figure.axes) == 2
    assert len({display.score_ax_ for display in several}) == 1
    lines = [
        line
        for display in several
        for line in (display.train_line_, display.validation_line_, display.score_line_)
    ]
    assert len({line.get_color() for line in lines}) == 9
    found = labels(several[-1])
    assert len(set(found)) == len(found) == 12
    assert {"training loss", "training loss (2)", "training loss (c)"} <= set(found)
    ax.figure.canvas.draw()
    legend = ax.get_legend().get_window_extent()
    for line in lines:
        points = line.get_transform().transform(line.get_xydata())
        assert points[:, 1].max() < legend.y0
    ax.clear()
    assert LossCurveDisplay(**CURVES).plot(ax=ax).train_line_.get_label() == "training loss"


def test_in_a_row_of_panels_the_legend_covers_no_label(pyplot):
    figure, axes = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for ax in axes:
        LossCurveDisplay(**CURVES).plot(ax=ax)
    figure.canvas.draw()
    for ax in axes:
        legend, box = ax.get_legend().get_window_extent(), ax.get_window_extent()
        assert box.x0 < legend.x0 < legend.x1 < box.x1
        assert legend.y1 < box.y1


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 10, 200])
def test_epochs_are_integers(pyplot, n_epochs):
    display = LossCurveDisplay(train_loss=np.linspace(2, 1, n_epochs)).plot()
    display.figure_.canvas.draw()
    ticks = display.ax_.get_xticks()
    assert len(ticks) >= 1
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_one_epoch_is_visible(pyplot):
    assert LossCurveDisplay(train_loss=LOSS[:1]).plot().train_line_.get_marker() == "o"
    assert LossCurveDisplay(train_loss=LOSS).plot().train_line_.get_marker() == "None"


def test_a_network_that_is_not_fitted(pyplot):
    with pytest.raises(NotFittedError):
        LossCurveDisplay.from_estimator(MLPClassifier())


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(MLPClassifier()),
        GridSearchCV(MLPClassifier(), {}),
        sklearn.neural_network.MLPClassifier(),
    ],
)
def test_other_estimators_are_refused(pyplot, estimator):
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=rf"LossCurveDisplay takes .*not a {name}.*\[-1\]"):
        LossCurveDisplay.from_estimator(estimator)
    assert not pyplot.get_fignums()


def test_matplotlib_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="LossCurveDisplay requires matplotlib"):
        LossCurveDisplay(**CURVES).plot()


def test_the_library_does_not_load_matplotlib():
    program = "import sys, skreg.inspection; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
