"""What is drawn of a path."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import RegularizationPathDisplay
from skreg.inspection.axes import shortened
from skreg.model_selection import mlp_path

STRENGTHS = np.array([0.01, 0.1, 1.0, 10.0])
NORMS = np.array([[3.0, 1.0, 2.0], [2.0, 0.9, 0.0], [1.0, 0.8, 0.0], [0.0, 0.1, 0.0]])
SCORES = np.array([0.7, 0.9, 0.9, 0.2])


@pytest.fixture(scope="module")
def path():
    """A path of networks with a hidden layer, and scores."""
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)
    network = MLPClassifier((8,), batch_size=32, max_iter=10, random_state=0)
    kept = {"penalty": "group_lasso", "n_strengths": 15, "max_iter": 5, "relax": True}
    return mlp_path(network, X[:300], y[:300], X_val=X[300:], y_val=y[300:], **kept)


@pytest.fixture(scope="module")
def linear_path():
    """A path of linear models of features with names, without scores."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X[:] = scale(X)
    network = MLPRegressor((), solver="lbfgs", l2=0.0, max_iter=1000)
    return mlp_path(network, X, scale(y), n_strengths=15, relax=True)


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_curves_are_norms_over_strengths(pyplot):
    display = RegularizationPathDisplay(strengths=STRENGTHS, norms=NORMS).plot()
    for line, norms in zip(display.lines_, NORMS.T, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([STRENGTHS, norms]))
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "Strength of penalty"
    assert display.ax_.get_ylabel() == "Norm of first-layer weights"
    assert display.score_ax_ is display.score_line_ is display.chosen_line_ is None


def test_the_features_that_stay_the_longest_are_named(pyplot):
    names = ["b", "c", "a"]
    display = RegularizationPathDisplay(
        strengths=STRENGTHS, norms=NORMS, feature_names=names
    ).plot(max_named=2)
    assert legend(display) == ["c", "b"]
    assert [line.get_color() for line in display.lines_] == ["C1", "C0", "0.75"]
    # Of those that stay as long, the larger first.
    norms = NORMS[:, [1, 0, 0]] * [1, 1, -2]
    display = RegularizationPathDisplay(strengths=STRENGTHS, norms=norms).plot()
    assert legend(display) == ["x0", "x2", "x1"]
    assert (
        RegularizationPathDisplay(strengths=STRENGTHS, norms=NORMS)
        .plot(max_named=0)
        .ax_.get_legend()
        is None
    )


def counts(display):
    display.figure_.canvas.draw()
    ax = display.count_ax_
    return {
        float(place): int(label.get_text())
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    }


def test_features_that_are_left_are_counted_above(pyplot):
    display = RegularizationPathDisplay(strengths=STRENGTHS, norms=NORMS)
    assert counts(display.plot()) == {0.01: 3, 0.1: 2, 1.0: 2, 10.0: 1}
    display.n_features = [9, 8, 7, 6]
    assert counts(display.plot()) == {0.01: 9, 0.1: 8, 1.0: 7, 10.0: 6}


def test_scores_and_the_chosen_strength(pyplot):
    display = RegularizationPathDisplay(
        strengths=STRENGTHS, norms=NORMS, scores=SCORES, chosen=0.1, score_name="AUC"
    ).plot()
    np.testing.assert_array_equal(display.score_line_.get_ydata(), SCORES)
    assert display.score_ax_.get_ylabel() == "AUC"
    assert list(display.chosen_line_.get_xdata()) == [0.1, 0.1]
    assert legend(display)[-2:] == ["AUC", "chosen: 0.1, 2 features"]
    display.chosen = 10.0
    assert display.plot().chosen_line_.get_label() == "chosen: 10, 1 feature"


def test_from_path_draws_what_it_holds(pyplot, path):
    display = RegularizationPathDisplay.from_path(path)
    drawn = np.array([line.get_ydata() for line in display.lines_])
    np.testing.assert_array_equal(drawn.T, path.norms)
    np.testing.assert_array_equal(display.score_line_.get_ydata(), path.scores)
    assert counts(display)[path.strengths[0]] == path.n_features[0]
    assert display.ax_.get_xlabel() == "Strength of group_lasso"
    assert display.score_ax_.get_ylabel() == "Accuracy"
    # The best score, and of several the sparsest.
    best = [k for k, score in enumerate(path.scores) if score == max(path.scores)][-1]
    assert display.chosen == path.strengths[best]
    marked = RegularizationPathDisplay.from_path(path, chosen=0.5)
    assert list(marked.chosen_line_.get_xdata()) == [0.5, 0.5]


def test_from_path_draws_what_is_relaxed(pyplot, path):
    display = RegularizationPathDisplay.from_path(path.relaxed, max_named=3)
    drawn = np.array([line.get_ydata() for line in display.lines_])
    np.testing.assert_array_equal(drawn.T, path.relaxed.norms)
    assert len(legend(display)) == 5


def test_linear_models_have_coefficients(pyplot, linear_path):
    for drawn_of in (linear_path, linear_path.relaxed):
        display = RegularizationPathDisplay.from_path(drawn_of, max_named=10)
        drawn = np.array([line.get_ydata() for line in display.lines_])
        np.testing.assert_array_equal(np.abs(drawn.T), drawn_of.norms)
        assert drawn.min() < 0 < drawn.max()
        assert display.ax_.get_ylabel() == "Coefficient"
        assert set(legend(display)[:2]) == {"bmi", "s5"}
        assert display.chosen_line_ is None
    np.testing.assert_array_equal(
        np.array([line.get_ydata() for line in display.lines_])[:, 0],
        linear_path.relaxed.models[0].coefs_[0].ravel(),
    )


def test_a_loss_is_not_taken_for_a_score(pyplot):
    X, y = load_diabetes(return_X_y=True)
    network = MLPRegressor((), solver="lbfgs", scoring="loss")
    path = mlp_path(network, X, y, strengths=[0.1], X_val=X, y_val=y)
    display = RegularizationPathDisplay.from_path(path)
    assert display.score_name == "negative loss"
    assert display.score_line_.get_ydata()[0] < 0
    # On the picture it is the loss.
    assert display.score_ax_.get_ylabel() == "Loss"
    assert legend(display)[-2] == "loss"
    display.figure_.canvas.draw()
    for place, label in zip(
        display.score_ax_.get_yticks(), display.score_ax_.get_yticklabels(), strict=True
    ):
        assert float(label.get_text()) == pytest.approx(-place, rel=1e-5)


def test_ax_and_settings_are_passed_on(pyplot, path):
    figure, ax = pyplot.subplots()
    display = RegularizationPathDisplay.from_path(path, ax=ax, color="k")
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert {line.get_color() for line in display.lines_} == {"k"}
    assert display.plot() is display
    assert display.ax_ is not ax


LONG = [f"onehotencoder__payment_method_{k:02d} by check" for k in range(30)]
PLAIN = ["standardscaler__age", "standardscaler__tenure in months", "onehotencoder__sex_f"]


def of_long_names(n_features):
    rng = np.random.default_rng(0)
    strengths = np.geomspace(1e-3, 1, 12)
    norms = np.maximum(0, rng.random(n_features) - strengths[:, np.newaxis])
    names = (PLAIN + LONG)[:n_features]
    return RegularizationPathDisplay(
        strengths=strengths, norms=norms, feature_names=names, scores=1 - strengths, chosen=0.1
    )


@pytest.mark.parametrize(
    ("layout", "size", "n_features", "max_named"),
    [
        ("constrained", (7.5, 5), 12, 6),
        ("constrained", (7.5, 5), 30, 12),
        (None, (7.5, 5), 30, 12),
        (None, (5, 4), 12, 4),
        ("tight", (7.5, 5), 12, 6),
    ],
)
def test_long_names_leave_room_for_the_curves(pyplot, layout, size, n_features, max_named):
    figure, ax = pyplot.subplots(figsize=size, layout=layout)
    display = of_long_names(n_features).plot(ax=ax, max_named=max_named)
    figure.canvas.draw()
    box, beside = ax.get_window_extent(), ax.get_legend().get_window_extent()
    assert box.width > 0.6 * figure.bbox.width
    assert box.height > 0.35 * figure.bbox.height
    assert 0 <= beside.x0 < beside.x1 <= figure.bbox.x1
    assert 0 <= beside.y0 < beside.y1 < ax.xaxis.label.get_window_extent().y0
    assert display.score_ax_.get_window_extent().bounds == box.bounds
    assert len(set(legend(display))) == max_named + 2
    # Drawn again on the same axes, nothing becomes smaller.
    display.plot(ax=ax, max_named=max_named)
    figure.canvas.draw()
    assert ax.get_window_extent().height == pytest.approx(box.height, rel=0.05)


def test_panels_in_a_row_have_their_legends_below(pyplot):
    figure, axes = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    for ax in axes:
        of_long_names(12).plot(ax=ax)
    figure.canvas.draw()
    boxes = [ax.get_legend().get_window_extent() for ax in axes]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert boxes[0].x0 >= 0
    assert boxes[-1].x1 <= figure.bbox.x1
    assert all(ax.get_window_extent().height > 0.35 * figure.bbox.height for ax in axes)


def test_a_picture_in_a_tight_box_has_its_legend(pyplot):
    _, ax = pyplot.subplots()
    display = of_long_names(12).plot(ax=ax)
    display.figure_.canvas.draw()
    tight = display.figure_.get_tightbbox().transformed(display.figure_.dpi_scale_trans)
    box = ax.get_legend().get_window_extent()
    assert tight.x0 <= box.x0 < box.x1 <= tight.x1
    assert tight.y0 <= box.y0 < ax.get_window_extent().y1 < tight.y1


@pytest.mark.parametrize("layout", ["constrained", None])
@pytest.mark.parametrize("size", [(7.5, 5), (4, 3)])
@pytest.mark.parametrize("where", ["even", "at one end", "two"])
def test_counts_are_not_printed_over_each_other(pyplot, where, size, layout):
    strengths = np.geomspace(0.01, 10, 30)
    if where == "at one end":
        strengths = np.append(np.geomspace(0.01, 0.02, 29), 10.0)
    if where == "two":
        strengths = strengths[:2]
    n_features = np.geomspace(41_414, 1, len(strengths)).astype(int)
    norms = np.abs(np.outer(1 / strengths, [1, 2]))
    figure, ax = pyplot.subplots(figsize=size, layout=layout)
    display = RegularizationPathDisplay(
        strengths=strengths, norms=norms, n_features=n_features
    ).plot(ax=ax)
    figure.canvas.draw()
    labels = display.count_ax_.get_xticklabels()
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert labels[-1].get_text() == "1"
    shown = counts(display)
    assert all(
        shown[one] == n for one, n in zip(strengths, n_features, strict=True) if one in shown
    )
    assert len(labels) >= (2 if where != "even" else 5)


@pytest.mark.parametrize(
    ("names", "n_letters", "expected"),
    [
        (["age", "bmi"], 16, ["age", "bmi"]),
        (["one__color_red", "sc__age"], 16, ["one__color_red", "sc__age"]),
        (["onehotencoder__color_red", "sc__age"], 16, ["color_red", "age"]),
        (["a" * 30, "b"], 16, ["a" * 5 + "\u2026" + "a" * 10, "b"]),
        ([], 16, []),
    ],
)
def test_names_become_shorter_as_long_as_they_are_told_apart(names, n_letters, expected):
    assert shortened(names, n_letters) == expected


def test_names_that_would_become_alike_are_left_longer():
    twins = ["a" * 9 + "b" + "c" * 20, "a" * 10 + "c" * 20]
    assert shortened(twins, 16) == ["a" * 9 + "b\u2026ccccc", "a" * 10 + "\u2026ccccc"]
    tails = [f"{'a' * 20}{letter}{'b' * 20}" for letter in "xy"]
    assert shortened(tails, 16) == [f"{'a' * 20}{letter}bb\u2026" for letter in "xy"]
    assert shortened(["one_hot_encoder__a", "scaler__a"], 16) == [
        "one_h\u2026encoder__a",
        "scaler__a",
    ]


def test_what_cannot_be_drawn(pyplot, path):
    with pytest.raises(ValueError, match="takes what mlp_path returns, not a MLPClassifier"):
        RegularizationPathDisplay.from_path(path.models[0])
    with pytest.raises(ValueError, match=r"has 2 name\(s\) for 30 feature\(s\)"):
        RegularizationPathDisplay.from_path(path, feature_names=["a", "b"])
    with pytest.raises(ValueError, match=r"max_named must be an int .* Got 1\.5"):
        RegularizationPathDisplay.from_path(path, max_named=1.5)


def test_matplotlib_is_missing(monkeypatch, path):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="RegularizationPathDisplay requires matplotlib"):
        RegularizationPathDisplay.from_path(path)
