"""Fits that are interrupted and called again are those that were not interrupted."""

import random
import warnings
from unittest import mock

import numpy as np
import pytest
from killed import kill
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier, MLPRegressor
from skreg.nn import storage
from skreg.nn.monitor import Monitor

X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
PARAMS = {"hidden_layer_sizes": (9,), "batch_size": 64, "max_iter": 25, "random_state": 0}
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
WAYS = {
    "plain": {},
    "sgd": {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1},
    "dropout and zeros": {"dropout": 0.2, "l1": 1e-3, "learning_rate": "cosine"},
    "early stopping": {"early_stopping": True, "scoring": "loss", "group_lasso": 1e-3},
    "a splitter": {"early_stopping": True, "validation_fraction": ShuffleSplit(1)},
    "windows": {"shuffle": 50, "dtype": "float32"},
    "patience": {"tol": 1e9, "n_iter_no_change": 11},
}
WAYS["a splitter"]["validation_fraction"].random_state = 3


class CrashError(Exception):
    """Ends a training like a crash would: nobody catches it."""


def crash_after(n_epochs, error=CrashError):
    """Let a training crash within the epoch after so many."""
    begin, calls = Monitor.begin, []

    def counting(self):
        calls.append(self)
        if len(calls) > n_epochs:
            raise error
        begin(self)

    return mock.patch.object(Monitor, "begin", counting)


def count_epochs():
    """Count the epochs that are trained."""
    return mock.patch.object(Monitor, "update", autospec=True, side_effect=Monitor.update)


def assert_same(ours, theirs):
    for mine, yours in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(mine, yours)
    for name in ("n_iter_", "t_", "loss_", "loss_curve_", "best_loss_", "best_iter_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.validation_scores_ == theirs.validation_scores_
    assert ours.best_validation_score_ == theirs.best_validation_score_


@BOTH
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n_epochs", [1, 10, 12])
def test_a_fit_that_crashed_goes_on(Estimator, way, n_epochs, tmp_path):
    params = {**PARAMS, **WAYS[way]}
    alone = Estimator(**params).fit(X, Y)
    model = Estimator(**params, checkpoint=tmp_path, checkpoint_every=3)
    with crash_after(n_epochs), pytest.raises(CrashError):
        model.fit(X, Y)
    assert not hasattr(model, "coefs_")
    with count_epochs() as update:
        model.fit(X, Y)
    assert update.call_count == alone.n_iter_ - n_epochs // 3 * 3
    assert_same(model, alone)


@BOTH
@pytest.mark.parametrize("way", WAYS)
def test_a_fit_that_is_finished_is_taken_over(Estimator, way, tmp_path):
    params = {**PARAMS, **WAYS[way], "checkpoint": tmp_path}
    first = Estimator(**params).fit(X, Y)
    with count_epochs() as update, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        second = Estimator(**params).fit(X, Y)
    assert update.call_count == 0
    assert_same(second, first)
    # What the first fit had to say, the second says as well.
    is_unfinished = second.n_iter_ == 25 and params.get("learning_rate") != "cosine"
    assert ["Maximum iterations" in str(one.message) for one in told] == [True] * is_unfinished


@pytest.mark.parametrize("n_iter", [24, 25])
def test_a_fit_that_crashed_at_its_last_step_is_finished(n_iter, tmp_path):
    params = {**PARAMS, "l1": 1e-3}
    alone = MLPClassifier(**params).fit(X, Y)
    model = MLPClassifier(**params, checkpoint=tmp_path, checkpoint_every=1)
    with (
        mock.patch("skreg.nn.training.settle", side_effect=CrashError),
        pytest.raises(CrashError),
    ):
        model.fit(X, Y)
    assert_same(model.fit(X, Y), alone)


def test_an_interrupted_fit_goes_on_when_it_is_called_again(tmp_path):
    alone = MLPClassifier(**PARAMS).fit(X, Y)
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path, checkpoint_every=5)
    with (
        crash_after(12, KeyboardInterrupt),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        model.fit(X, Y)
    assert model.n_iter_ == 12
    assert_same(model.fit(X, Y), alone)


def test_a_generator_is_left_as_the_uninterrupted_fit_leaves_it(tmp_path):
    params = {**PARAMS, "early_stopping": True, "dropout": 0.1}

    def fit(**more):
        rng = np.random.RandomState(5)
        return MLPClassifier(**{**params, "random_state": rng}, **more).fit(X, Y), rng

    alone, expected = fit()
    with crash_after(12), pytest.raises(CrashError):
        fit(checkpoint=tmp_path)
    for _ in range(2):  # goes on, then takes over
        model, rng = fit(checkpoint=tmp_path)
        assert_same(model, alone)
        ours, theirs = (one.get_state(legacy=False) for one in (rng, expected))
        np.testing.assert_array_equal(ours["state"]["key"], theirs["state"]["key"])
        assert ours["state"]["pos"] == theirs["state"]["pos"]


def test_lbfgs_goes_on_from_its_last_iterate(tmp_path):
    # Strongly convex, so that every way leads to one minimum.
    params = {"solver": "lbfgs", "l2": 0.1, "tol": 1e-8, "random_state": 0, "max_iter": 500}
    alone = MLPRegressor((), **params).fit(X, Y)
    model = MLPRegressor((), **params, checkpoint=tmp_path, checkpoint_every=1)
    with crash_after(6), pytest.raises(CrashError):
        model.fit(X, Y)
    with count_epochs() as update:
        model.fit(X, Y)
    assert update.call_count == model.n_iter_ - 6
    np.testing.assert_allclose(model.coefs_[0], alone.coefs_[0], atol=1e-6)
    assert model.loss_curve_[:6] == alone.loss_curve_[:6]


CHANGES = {
    "X": lambda m: m.fit(X + 1e-9 * (np.arange(64) == 63), Y),
    "one row of X": lambda m: m.fit(np.r_[X[:299], X[:1]], Y),
    "y": lambda m: m.fit(X, np.r_[Y[:299], 9 - Y[299:]]),
    "weights": lambda m: m.fit(X, Y, np.r_[np.ones(299), 2.0]),
    "dtype": lambda m: m.fit(X.astype(np.float32), Y),
    "strength": lambda m: m.set_params(l1=1e-3).fit(X, Y),
    "epochs": lambda m: m.set_params(max_iter=26).fit(X, Y),
    "seed": lambda m: m.set_params(random_state=1).fit(X, Y),
    "score": lambda m: m.set_params(early_stopping=True).fit(X, Y),
    "sizes": lambda m: m.set_params(hidden_layer_sizes=(8,)).fit(X, Y),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_data_or_parameters_are_another_training(change, tmp_path):
    MLPClassifier(**PARAMS, checkpoint=tmp_path).fit(X, Y)
    alone = CHANGES[change](MLPClassifier(**PARAMS))
    with count_epochs() as update:
        model = CHANGES[change](MLPClassifier(**PARAMS, checkpoint=tmp_path))
    assert update.call_count == alone.n_iter_ > 0
    assert_same(model, alone)
    assert len(list(tmp_path.iterdir())) == 2


def scorers():
    """Return scorers that differ, in pairs that are hard to tell apart."""

    def by(power):
        return lambda m, X, y: m.score(X, y) ** power

    def ours(m, X, y):
        return m.score(X, y)

    first = ours

    def ours(m, X, y):
        return -m.score(X, y)

    return {
        "lambdas": (lambda m, X, y: m.score(X, y), lambda m, X, y: -m.score(X, y)),
        "constants": (lambda m, X, y: m.score(X, y) * 2, lambda m, X, y: m.score(X, y) * 3),
        "closures": (by(1), by(2)),
        "one name": (first, ours),
        "in scorers": (make_scorer(lambda y, z: 0.5), make_scorer(lambda y, z: 0.25)),
    }


@pytest.mark.parametrize("pair", scorers())
def test_scorers_of_one_name_tell_trainings_apart(pair, tmp_path):
    params = {**PARAMS, "early_stopping": True, "max_iter": 6}
    for scoring in scorers()[pair]:
        alone = MLPClassifier(**params, scoring=scoring).fit(X, Y)
        model = MLPClassifier(**params, scoring=scoring, checkpoint=tmp_path).fit(X, Y)
        assert_same(model, alone)
        with count_epochs() as update:
            MLPClassifier(**params, scoring=scoring, checkpoint=tmp_path).fit(X, Y)
        assert update.call_count == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_held_out_data_of_ones_own_tell_trainings_apart(tmp_path):
    params = {**PARAMS, "early_stopping": True}
    for rows in (slice(0, 50), slice(50, 100)):
        given = {"X_val": X[rows], "y_val": Y[rows]}
        alone = MLPClassifier(**params).fit(X[100:], Y[100:], **given)
        model = MLPClassifier(**params, checkpoint=tmp_path).fit(X[100:], Y[100:], **given)
        assert_same(model, alone)
    assert len(list(tmp_path.iterdir())) == 2


def test_warm_starts_go_on_too(tmp_path):
    alone = MLPClassifier(**PARAMS, warm_start=True).fit(X, Y)
    alone.set_params(l1=1e-3).fit(X, Y)
    for _ in range(2):
        model = MLPClassifier(**PARAMS, warm_start=True, checkpoint=tmp_path).fit(X, Y)
        with count_epochs() as update:
            model.set_params(l1=1e-3).fit(X, Y)
        assert_same(model, alone)
    assert update.call_count == 0


def test_grid_searches_do_not_repeat_what_was_done(tmp_path):
    network = MLPClassifier(**{**PARAMS, "max_iter": 8}, checkpoint=tmp_path)
    pipeline = make_pipeline(StandardScaler(), network)
    search = GridSearchCV(pipeline, {"mlpclassifier__l1": [0.0, 1e-3, 1e-2]}, cv=2)
    with crash_after(20), pytest.raises(CrashError):
        clone(search).set_params(error_score="raise").fit(X, Y)
    with count_epochs() as update:
        again = clone(search).fit(X, Y)
    assert update.call_count == 7 * 8 - 16
    pipeline.set_params(mlpclassifier__checkpoint=None)
    alone = search.set_params(estimator=pipeline).fit(X, Y)
    assert again.cv_results_["mean_test_score"].tolist() == (
        alone.cv_results_["mean_test_score"].tolist()
    )


@pytest.mark.parametrize("length", [0, 10, 1000, -1])
def test_a_truncated_file_is_told_of_and_replaced(length, tmp_path):
    alone = MLPClassifier(**PARAMS).fit(X, Y)
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path).fit(X, Y)
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:length])
    with pytest.warns(UserWarning, match="cannot be read, so training starts anew"):
        model.fit(X, Y)
    assert_same(model, alone)
    assert_same(model.fit(X, Y), alone)


@pytest.mark.parametrize("content", [b"text", {"a": 1}, "another network"], ids=str)
def test_a_foreign_file_is_told_of(content, tmp_path):
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path).fit(X, Y)
    [file] = tmp_path.iterdir()
    if content == "another network":
        other = MLPClassifier((3,), max_iter=2, random_state=0, checkpoint=tmp_path / "other")
        other.fit(X, Y)
        [theirs] = (tmp_path / "other").iterdir()
        theirs.replace(file)
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        storage.save(file, content)
    with pytest.warns(UserWarning, match="cannot be read"):
        again = clone(model).fit(X, Y)
    assert_same(again, model)


def test_what_was_half_written_is_removed(tmp_path):
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path).fit(X, Y)
    [file] = tmp_path.iterdir()
    for name in (f"{file.stem}abc.part", "mine.part"):
        (tmp_path / name).write_bytes(b"half")
    clone(model).fit(X, Y)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file.name, "mine.part"])


def test_a_disk_that_is_full_is_told_of_once_and_training_goes_on(tmp_path):
    alone = MLPClassifier(**PARAMS).fit(X, Y)
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path, checkpoint_every=5)
    with crash_after(12), pytest.raises(CrashError):
        model.fit(X, Y)
    [file] = tmp_path.iterdir()
    good = file.read_bytes()
    full = OSError(28, "No space left on device")
    with (
        mock.patch("skreg.nn.storage.os.fsync", side_effect=full),
        pytest.warns(UserWarning, match="cannot be written, and training goes on") as told,
    ):
        model.fit(X, Y)
    assert len([one for one in told if "No space left" in str(one.message)]) == 1
    assert_same(model, alone)
    assert file.read_bytes() == good
    assert [file] == list(tmp_path.iterdir())


def test_what_is_no_directory_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for directory in (file, file / "below"):
        with pytest.raises(ValueError, match="'checkpoint' parameter must be a directory"):
            MLPClassifier(**PARAMS, checkpoint=directory).fit(X, Y)
    assert file.read_text() == "mine"
    with pytest.raises(ValueError, match="the path of a directory"):
        MLPClassifier(**PARAMS, checkpoint=3).fit(X, Y)


def test_without_a_seed_trainings_could_not_be_told_apart(tmp_path):
    params = {**PARAMS, "random_state": None}
    with pytest.raises(ValueError, match="needs a random_state"):
        MLPClassifier(**params, checkpoint=tmp_path).fit(X, Y)


def test_partial_fit_writes_nothing(tmp_path):
    model = MLPClassifier(**PARAMS, checkpoint=tmp_path / "files")
    model.partial_fit(X, Y, classes=np.arange(10))
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(("kind", "max_kills"), [("fit", 10), ("grid", 4), ("search", 4)])
def test_what_is_killed_again_and_again_comes_to_the_same_end(kind, max_kills):
    rng, n_kills = random.Random(0), 0
    while n_kills < max_kills:
        report = kill(kind, max_kills - n_kills, rng)
        n_kills += max(1, report.n_kills)
        assert report.is_same
        assert report.n_broken == 0
        # No more is trained again than lies between two states that are written, and
        # one that was under way.
        n_again = report.n_epochs - report.n_uninterrupted
        assert n_again <= 4 * report.n_kills
