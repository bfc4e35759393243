"""What is drawn of a path."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import RegularizationPathDisplay
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
    assert display.score_ax_.get_ylabel() == "accuracy"
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
    assert display.score_ax_.get_ylabel() == "negative loss"
    assert display.score_line_.get_ydata()[0] < 0


def test_ax_and_settings_are_passed_on(pyplot, path):
    figure, ax = pyplot.subplots()
    display = RegularizationPathDisplay.from_path(path, ax=ax, color="k")
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert {line.get_color() for line in display.lines_} == {"k"}
    assert display.plot() is display
    assert display.ax_ is not ax


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
