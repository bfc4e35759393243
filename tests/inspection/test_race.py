"""What is drawn of a race."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import RaceDisplay
from skreg.model_selection import DEFAULT_CANDIDATES, MLPClassifierCV, MLPRegressorCV

NAN = np.nan
RACE = {
    "curves": np.array(
        [
            [0.1, 0.2, 0.5, 0.6, NAN],
            [0.0, 0.3, 0.6, 0.7, 0.8],
            [0.1, 0.1, NAN, NAN, NAN],
            [-9.0, -8.0, NAN, NAN, NAN],
            [0.1, 0.2, 0.3, NAN, NAN],
        ]
    ),
    "rung_epochs": np.array([2, 3]),
    "best_index": 1,
}


@pytest.fixture(scope="module")
def search():
    """A race of twelve over three rungs, in which each has one fold more."""
    X, y = load_digits(return_X_y=True)
    candidates = {"l2s": [1e-3, 1e-1, 10.0], "learning_rate_inits": [1e-4, 1e-3, 1e-2, 1e-1]}
    network = MLPClassifier((10,), max_iter=25)
    search = MLPClassifierCV(network, **candidates, cv=4, random_state=0)
    return search.fit(X[:300] / 16, y[:300])


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def ends(display):
    """Return the last epoch and score that is drawn of every candidate."""
    drawn = [line.get_xydata() for line in display.lines_]
    drawn = [points[np.isfinite(points[:, 1])] for points in drawn]
    return np.array([points[-1] if len(points) else (0, NAN) for points in drawn])


def counts(display):
    ax = display.count_ax_
    return {
        int(place): int(label.get_text().split()[0])
        for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    }


def test_curves_end_where_candidates_did(pyplot, search):
    display = RaceDisplay.from_estimator(search)
    table = search.cv_results_
    epochs, scores = ends(display).T
    np.testing.assert_allclose(scores, table["mean_test_score"], rtol=1e-12)
    assert [rung.n_folds for rung in search.rungs_] == [2, 3, 4]
    planned = np.array([rung.n_epochs for rung in search.rungs_])[table["rung"]]
    is_dropped = table["rung"] < 2
    np.testing.assert_array_equal(epochs[is_dropped], planned[is_dropped])
    np.testing.assert_array_equal(epochs[~is_dropped], table["n_epochs"][~is_dropped])
    np.testing.assert_array_equal(
        display.dropped_points_.get_xydata()[:, 0], epochs[is_dropped]
    )


def test_those_that_go_on_are_above_those_that_are_dropped(pyplot, search):
    display = RaceDisplay.from_estimator(search)
    rung = search.cv_results_["rung"]
    assert set(rung) == {0, 1, 2}
    for number, epoch in enumerate(display.rung_epochs):
        scores = np.array([line.get_ydata()[epoch - 1] for line in display.lines_])
        assert scores[rung > number].min() > scores[rung == number].max()


def test_a_curve_is_the_mean_over_folds_of_the_best_so_far(pyplot, search):
    display = RaceDisplay.from_estimator(search)
    path = search.score_path_[search.best_index_]
    curve = display.lines_[search.best_index_].get_ydata()
    for epoch, n_folds in [(1, 2), (5, 2), (6, 3), (15, 3), (16, 4), (25, 4)]:
        best = [max(path[fold, :epoch]) for fold in range(n_folds)]
        assert curve[epoch - 1] == pytest.approx(np.mean(best), rel=1e-12)


def test_what_is_drawn(pyplot):
    display = RaceDisplay(**RACE, best_epoch=3.7, score_name="AUC").plot()
    for line, curve in zip(display.lines_, RACE["curves"], strict=True):
        points = np.column_stack([np.arange(1, 6), curve])
        np.testing.assert_array_equal(line.get_xydata(), points)
    assert [list(line.get_xdata()) for line in display.rung_lines_] == [[2, 2], [3, 3]]
    assert counts(display) == {1: 5, 2: 3, 3: 2}
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "Epoch"
    assert display.ax_.get_ylabel() == "Best AUC so far"
    assert display.best_point_.get_xydata().tolist() == [[4, 0.7]]
    assert legend(display) == ["1: 0.8", "0: 0.6", "mean best epoch: 4", "dropped"]
    assert [line.get_color() for line in display.lines_] == ["C1", "C0", "0.7", "0.7", "0.7"]


def test_folds_that_join_are_told_above(pyplot):
    def told(n_folds):
        display = RaceDisplay(**RACE, n_folds=n_folds).plot()
        assert counts(display) == {1: 5, 2: 3, 3: 2}
        return [label.get_text() for label in display.count_ax_.get_xticklabels()]

    assert told([2, 3, 5]) == ["5\non 2 folds", "3\non 3 folds", "2\non 5 folds"]
    assert told([3, 3, 3]) == told(None) == ["5", "3", "2"]


def test_the_winner_comes_first_whatever_its_score(pyplot):
    race = {**RACE, "best_index": 0, "names": list("abcde")}
    assert legend(RaceDisplay(**race).plot()) == ["a: 0.6", "b: 0.8", "dropped"]
    assert legend(RaceDisplay(**race).plot(max_named=1)) == ["a: 0.6", "dropped"]
    assert legend(RaceDisplay(**race).plot(max_named=0)) == ["dropped"]


def test_awful_scores_are_below_the_axis(pyplot):
    display = RaceDisplay(**RACE).plot()
    bottom, top = display.ax_.get_ylim()
    assert -0.1 < bottom < 0.2
    assert 0.8 < top < 0.9
    crosses = display.dropped_points_.get_xydata()
    assert crosses[:, 0].tolist() == [2, 2, 3]
    assert (crosses[:, 1] > bottom).all()
    # Of scores that are none of them awful nothing is cut off.
    curves = np.maximum(RACE["curves"], 0.05)
    display = RaceDisplay(**{**RACE, "curves": np.maximum(curves, curves[0, 1])}).plot()
    assert display.ax_.get_ylim()[0] < 0.2


def test_candidates_are_named_by_what_they_differ_in(pyplot, search):
    display = RaceDisplay.from_estimator(search)
    assert display.names[:2] == [
        "learning_rate_init=0.0001, l2=0.001",
        "learning_rate_init=0.0001, l2=0.1",
    ]
    best = display.names[search.best_index_]
    assert legend(display)[0].replace("\n", " ") == f"{best}: {-search.best_score_:.4g}"
    assert display.ax_.get_ylabel() == "Lowest loss so far"
    assert display.score_name == "negative loss"
    X, y = load_iris(return_X_y=True)
    settings = {"candidates": DEFAULT_CANDIDATES, "scoring": "accuracy", "random_state": 0}
    search = MLPClassifierCV(MLPClassifier(max_iter=6), cv=2, **settings).fit(X, y)
    display = RaceDisplay.from_estimator(search)
    assert (
        display.names[0] == "hidden_layer_sizes=(128,128), learning_rate_init=0.003, "
        "weight_decay=1"
    )
    assert display.ax_.get_ylabel() == "Best accuracy so far"


def test_without_rungs_nobody_is_dropped(pyplot):
    X, y = load_iris(return_X_y=True)
    network = MLPRegressor((5,), max_iter=1)
    search = MLPRegressorCV(network, l2s=[0.1], cv=2, random_state=0).fit(X, y)
    display = RaceDisplay.from_estimator(search)
    assert display.rung_lines_ == []
    assert display.dropped_points_ is None
    assert counts(display) == {1: 1}
    assert display.names == ["l2=0.1"]
    # A curve of one point is visible as a marker only.
    assert display.best_point_.get_xdata() == [1]
    display.figure_.canvas.draw()
    search = MLPRegressorCV(network, cv=2, random_state=0).fit(X, y)
    assert RaceDisplay.from_estimator(search).names == ["estimator"]


def test_those_without_patience_stay_in_the_race_to_the_end_of_a_rung(pyplot):
    X, y = load_iris(return_X_y=True)
    network = MLPClassifier((5,), n_iter_no_change=1, tol=1.0, max_iter=30)
    search = MLPClassifierCV(network, l2s=[0.1, 1.0, 2.0], cv=3, random_state=0)
    search.fit(scale(X), y)
    assert search.cv_results_["n_epochs"].tolist() == [3, 3, 3]
    display = RaceDisplay.from_estimator(search)
    epochs, scores = ends(display).T
    # In the last rung a third fold joins, on which they train for no longer than before.
    assert epochs.tolist() == [6, 6, 5]
    np.testing.assert_allclose(scores, search.cv_results_["mean_test_score"])


@pytest.mark.filterwarnings("ignore:.*candidates failed")
def test_of_what_failed_there_are_the_rungs_before(pyplot):
    def score(model, X, y):
        if model.l2 == 1.0:
            raise ValueError("at once")
        if model.l2 == 2.0:
            scored.append(1)
            # Five epochs on two folds, in the first rung, are fine.
            return 0.9 if len(scored) <= 10 else NAN
        return model.l2

    scored = []
    X, y = load_iris(return_X_y=True)
    params = {"l2s": [0.1, 0.2, 1.0, 2.0], "cv": 3, "random_state": 0}
    search = MLPClassifierCV(MLPClassifier((5,), max_iter=8), scoring=score, **params)
    search.fit(scale(X), y)
    display = RaceDisplay.from_estimator(search)
    epochs, scores = ends(display).T
    assert epochs.tolist() == [5, 8, 0, 5]
    np.testing.assert_allclose(scores, [0.1, 0.2, NAN, 0.9])
    assert legend(display) == ["l2=0.2: 0.2", "mean best epoch: 1", "dropped"]
    assert counts(display) == {1: 3, 5: 1}


@pytest.mark.parametrize("size", [(7.5, 5), (4, 3)])
@pytest.mark.parametrize("n_candidates", [8, 100])
def test_labels_have_room(pyplot, n_candidates, size):
    last_rung = np.zeros(n_candidates, int)
    last_rung[: n_candidates // 3], last_rung[: n_candidates // 9] = 1, 2
    last_rung[:2] = 3
    n_epochs = np.array([5, 15, 45, 140])[last_rung]
    curves = 1 - 1 / np.sqrt(np.arange(1, 141)) - np.arange(n_candidates)[:, np.newaxis] / 1e3
    curves[np.arange(1, 141) > n_epochs[:, np.newaxis]] = NAN
    figure, ax = pyplot.subplots(figsize=size, layout="constrained")
    name = "hidden_layer_sizes=(128,128), learning_rate_init=0.003, weight_decay=1"
    RaceDisplay(
        curves=curves,
        rung_epochs=np.array([5, 15, 45]),
        best_index=0,
        best_epoch=70,
        names=[name] * n_candidates,
    ).plot(ax=ax)
    figure.canvas.draw()
    box = ax.get_legend().get_window_extent()
    assert box.y1 < ax.xaxis.label.get_window_extent().y0
    assert box.y0 >= 0
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    labels = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(labels))


def test_ax_and_settings_are_passed_on(pyplot):
    figure, ax = pyplot.subplots()
    display = RaceDisplay(**RACE)
    assert display.plot(ax=ax, color="k", linewidth=3) is display
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert {(line.get_color(), line.get_linewidth()) for line in display.lines_} == {("k", 3)}
    assert display.plot().ax_ is not ax


@pytest.mark.parametrize(
    "estimator",
    [make_pipeline(MLPClassifierCV()), GridSearchCV(MLPClassifier(), {}), MLPClassifier()],
)
def test_other_estimators_are_refused(pyplot, estimator):
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=rf"RaceDisplay takes .*not an? {name}.*\[-1\]"):
        RaceDisplay.from_estimator(estimator)
    assert not pyplot.get_fignums()


def test_without_a_race_there_is_nothing_to_draw(pyplot):
    X, y = load_iris(return_X_y=True)
    search = MLPClassifierCV(
        MLPClassifier((), max_iter=20), group_lassos=3, relax=True, cv=2, random_state=0
    )
    search.fit(X, y)
    with pytest.raises(ValueError, match=r"no race: with relax=True"):
        RaceDisplay.from_estimator(search)
    assert not pyplot.get_fignums()


def test_what_cannot_be_drawn(pyplot):
    with pytest.raises(NotFittedError):
        RaceDisplay.from_estimator(MLPClassifierCV())
    with pytest.raises(ValueError, match=r"names has 2 name\(s\) for 5 candidate\(s\)"):
        RaceDisplay(**RACE, names=["a", "b"]).plot()
    with pytest.raises(ValueError, match=r"max_named must be an int .* Got 1\.5"):
        RaceDisplay(**RACE).plot(max_named=1.5)


def test_matplotlib_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="RaceDisplay requires matplotlib"):
        RaceDisplay(**RACE).plot()
