"""Searches that crashed and are run again do not repeat what was done."""

from unittest import mock

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV
from skreg.nn.monitor import Monitor

X, Y = load_iris(return_X_y=True)
X = scale(X)
NETWORK = {"hidden_layer_sizes": (6,), "batch_size": 32, "max_iter": 30, "dropout": 0.1}
WAYS = {
    "race": {"l2s": [1e-4, 1e-3, 1e-2, 1e-1]},
    "refit": {"l2s": [1e-3, 1e-2], "refit": True},
    "relax": {"group_lassos": [0.01, 0.1], "relax": True},
}


class CrashError(BaseException):
    """Ends a process; no candidate is said to have failed with it."""


def search(way, directory=None, **params):
    settings = {"cv": 3, "random_state": 0, "checkpoint_every": 4, **WAYS[way], **params}
    return MLPClassifierCV(MLPClassifier(**NETWORK), **settings, checkpoint=directory)


def crash_after(n_epochs):
    """Crash within the epoch after so many of all trainings together."""
    begin, calls = Monitor.begin, []

    def counting(self):
        calls.append(self)
        if len(calls) > n_epochs:
            raise CrashError
        begin(self)

    return mock.patch.object(Monitor, "begin", counting)


def count_epochs():
    return mock.patch.object(Monitor, "update", autospec=True, side_effect=Monitor.update)


def assert_same(ours, theirs):
    np.testing.assert_array_equal(ours.score_path_, theirs.score_path_)
    assert ours.best_params_ == theirs.best_params_
    assert ours.best_score_ == theirs.best_score_
    for mine, yours in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_array_equal(mine, yours)
    for name in ("rung", "n_epochs", "mean_n_weights"):
        np.testing.assert_array_equal(ours.cv_results_[name], theirs.cv_results_[name])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_epochs", [3, 50, 100])
def test_a_search_that_crashed_goes_on(way, n_epochs, tmp_path):
    with count_epochs() as update:
        alone = search(way).fit(X, Y)
    n_alone = update.call_count
    assert n_alone > n_epochs
    with crash_after(n_epochs), pytest.raises(CrashError):
        search(way, tmp_path).fit(X, Y)
    with count_epochs() as update:
        again = search(way, tmp_path).fit(X, Y)
    assert_same(again, alone)
    # Epochs since the last that was written are trained again: three at most, of one
    # training.
    assert n_alone - n_epochs <= update.call_count <= n_alone - n_epochs + 3


@pytest.mark.parametrize("way", WAYS)
def test_a_search_that_is_done_is_taken_over(way, tmp_path):
    first = search(way, tmp_path).fit(X, Y)
    with count_epochs() as update:
        second = clone(first).fit(X, Y)
    assert update.call_count == 0
    assert_same(second, first)


def test_a_crash_in_a_late_rung_does_not_tell_the_early_ones_how_it_ended(tmp_path):
    # The files hold curves that are longer than what the first rung is to know.
    alone = search("race").fit(X, Y)
    n_first = 4 * 2 * 5
    with crash_after(n_first + 25), pytest.raises(CrashError):
        search("race", tmp_path).fit(X, Y)
    lines = []
    with mock.patch("builtins.print", lambda line: lines.append(line.rsplit(";", 1)[0])):
        again = search("race", tmp_path, verbose=1).fit(X, Y)
        expected, lines[:] = list(lines), []
        search("race", verbose=1).fit(X, Y)
    assert lines == expected
    assert_same(again, alone)


def test_the_directory_may_be_that_of_the_network(tmp_path):
    network = MLPRegressor(**NETWORK, checkpoint=tmp_path)
    model = MLPRegressorCV(network, l2s=[1e-3, 1e-2], cv=2, random_state=0).fit(X, X[:, 0])
    assert len(list(tmp_path.iterdir())) == 4
    with count_epochs() as update:
        clone(model).fit(X, X[:, 0])
    assert update.call_count == 0


def test_without_a_seed_searches_could_not_be_told_apart(tmp_path):
    with pytest.raises(ValueError, match="needs a random_state"):
        search("race", tmp_path, random_state=None).fit(X, Y)
    network = MLPClassifier(**NETWORK, checkpoint=tmp_path, random_state=0)
    with pytest.raises(ValueError, match="needs a random_state"):
        MLPClassifierCV(network, l2s=[1e-3]).fit(X, Y)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_directory_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="must be a directory"):
        search("race", tmp_path / "file").fit(X, Y)
    with pytest.raises(ValueError, match="'checkpoint' parameter of MLPClassifierCV"):
        search("race", 3).fit(X, Y)
