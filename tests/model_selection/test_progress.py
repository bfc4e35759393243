"""scikit-learn's callbacks see a search, its rungs, and the trainings in each of them."""

import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has them from 1.9 on")

X, Y = load_iris(return_X_y=True)
X = scale(X)
TRAINING, ON_ALL_DATA = "candidate-split-evaluation", "refit-with-best-params"


def search(**params):
    kept = {"l2s": [1e-3, 1.0, 10.0], "cv": 3, "random_state": 0}
    return MLPClassifierCV(MLPClassifier((5,), max_iter=12), **{**kept, **params})


class Diary:
    """Notes every call; does something special at a certain one. It cannot be pickled."""

    def __init__(self, at=None, action=lambda: False):
        self.calls, self.processes = [], set()
        self.at, self.action = at, action
        self.lock = threading.Lock()

    def note(self, what, context):
        self.processes.add(os.getpid())
        self.calls.append((what, context.task_name))
        if self.at == (what, context.task_name, self.calls.count(self.calls[-1])):
            return self.action()
        return False

    def setup(self, estimator, context):
        self.note("setup", context)

    def teardown(self, estimator, context):
        self.note("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        self.note("begin", context)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None):
        if context.parent is None:
            self.data = X, y, metadata
        return self.note("end", context)


class Propagated(Diary):
    max_propagation_depth = None


def stage(name, n_trainings):
    """Return the calls of a stage, whose trainings are all handed out at its beginning."""
    return [
        ("begin", name),
        *[("begin", TRAINING)] * n_trainings,
        *[("end", TRAINING)] * n_trainings,
        ("end", name),
    ]


def whole(*stages):
    calls = [call for one in stages for call in one]
    return [("setup", "fit"), ("begin", "fit"), *calls, ("end", "fit"), ("teardown", "fit")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", [None, "threading", "loky"])
def test_rungs_and_their_trainings_are_tasks(backend):
    diary = Diary()
    watched = search().set_callbacks(diary)
    with parallel_config(backend or "threading", n_jobs=2 if backend else 1):
        watched.fit(X, Y, np.ones(150))
    # Three candidates on two folds, then two on three.
    assert diary.calls == whole(stage("rung", 6), stage("rung", 6))
    assert diary.processes == {os.getpid()}
    assert diary.data[0] is X
    assert list(diary.data[2]) == ["sample_weight"]
    plain = search().fit(X, Y, np.ones(150))
    np.testing.assert_array_equal(watched.coefs_[0], plain.coefs_[0])
    assert not hasattr(watched, "_callback_fit_ctx")


# Twelve epochs are too few, and that is told.
@pytest.mark.filterwarnings("ignore:The network on all data")
def test_paths_on_folds_are_tasks():
    diary = Diary()
    params = {"l2s": None, "group_lassos": [0.1, 0.2], "dropouts": [0.0, 0.1], "relax": True}
    search(**params).set_callbacks(diary).fit(X, Y)
    # Two paths on three folds.
    assert diary.calls == whole(
        stage("paths", 6), [("begin", ON_ALL_DATA), ("end", ON_ALL_DATA)]
    )


def test_a_training_on_all_data_has_epochs_for_callbacks_that_are_handed_on():
    alone, handed_on = Diary(), Propagated()
    model = search(refit=True).set_callbacks(alone, handed_on).fit(X, Y)
    rungs = stage("rung", 6), stage("rung", 6)
    assert alone.calls == whole(*rungs, [("begin", ON_ALL_DATA), ("end", ON_ALL_DATA)])
    epochs = [("begin", "epoch"), ("end", "epoch")] * model.n_iter_
    # The fit of the network is the very task.
    assert handed_on.calls == whole(*rungs, [("begin", "fit"), *epochs, ("end", "fit")])
    assert not hasattr(model.best_estimator_, "_skl_callbacks")


@pytest.mark.parametrize("kind", [Diary, Propagated])
def test_callbacks_of_the_network_are_left_out(kind):
    diary = kind()
    model = search(refit=True, n_jobs=2)
    model.estimator.set_callbacks(diary)
    model.fit(X, Y)
    assert diary.calls == []
    assert model.estimator._skl_callbacks == [diary]


def test_a_callback_may_end_the_race_after_a_rung():
    diary = Diary(at=("end", "rung", 1), action=lambda: True)
    model = search().set_callbacks(diary).fit(X, Y)
    assert diary.calls == whole(stage("rung", 6))
    assert len(model.rungs_) == 1
    scores = model.cv_results_["mean_test_score"]
    assert model.best_score_ == scores.max()
    assert model.best_estimator_.hidden_layer_sizes == (10,)


@pytest.mark.parametrize("is_fitted", [False, True])
@pytest.mark.parametrize("at", [("end", TRAINING, 3), ("end", "rung", 2), ("begin", "rung", 1)])
def test_a_callback_that_raises_leaves_the_search_as_it_was(at, is_fitted):
    def fail():
        raise RuntimeError("no more paper")

    model = search()
    if is_fitted:
        model.fit(X, Y)
    diary = Diary(at, fail)
    model.set_callbacks(diary)
    before = dict(vars(model))
    with pytest.raises(RuntimeError, match="no more paper"):
        model.fit(X, Y)
    assert diary.calls[-1] == ("teardown", "fit")
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())


@pytest.mark.parametrize(
    ("at", "n_judged"),
    [(("end", TRAINING, 3), 2), (("end", "rung", 1), 3), (("end", TRAINING, 9), 3)],
)
def test_an_interrupt_in_a_callback_leaves_the_best_so_far(at, n_judged):
    def interrupt():
        raise KeyboardInterrupt

    diary = Diary(at, interrupt)
    model = search().set_callbacks(diary)
    with pytest.warns(UserWarning, match=rf"{n_judged} candidate\(s\) out of 3"):
        model.fit(X, Y)
    assert model.predict(X).shape == (150,)
    # All that has begun has ended.
    begun, ended = (
        [name for what, name in diary.calls if what == one] for one in ("begin", "end")
    )
    assert sorted(begun) == sorted(ended)
    assert diary.calls[-2:] == [("end", "fit"), ("teardown", "fit")]


def test_a_search_that_fails_tears_them_down():
    diary = Diary()
    model = search(learning_rate_inits=[1e300]).set_callbacks(diary)
    with pytest.raises(ValueError, match="candidates failed"):
        model.fit(X, Y)
    assert diary.calls[-1] == ("teardown", "fit")
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, Y[1:])


def test_a_search_within_a_search_is_a_part_of_its_tasks():
    diary = Propagated()
    outer = GridSearchCV(search(), {"min_epochs": [2, 6]}, cv=2).set_callbacks(diary)
    outer.fit(X, Y)
    # Twice two fits of the search, and one on all data.
    assert diary.calls.count(("begin", "rung")) >= 5
    assert clone(search().set_callbacks(diary))._skl_callbacks == [diary]


@pytest.mark.parametrize("n_jobs", [1, 2], ids=["alone", "two_processes"])
def test_a_progress_bar_in_a_terminal(n_jobs):
    pytest.importorskip("rich")
    code = f"""
        import warnings; warnings.simplefilter("ignore")
        from sklearn.callback import ProgressBar
        from sklearn.datasets import load_iris
        from skreg import MLPClassifier, MLPClassifierCV

        X, y = load_iris(return_X_y=True)
        network = MLPClassifier((5,), max_iter=12)
        search = MLPClassifierCV(network, l2s=4, refit=True, n_jobs={n_jobs})
        search.set_callbacks(ProgressBar()).fit(X, y)
    """
    shown = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"},
    ).stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0].startswith("MLPClassifierCV - fit")
    assert [line.split(" #")[0] for line in lines[1:3]] == ["MLPClassifierCV - rung"] * 2
    assert "MLPClassifier - fit" in lines[3]
    assert all("100%" in line for line in lines)


def test_without_scikit_learns_callbacks_everything_else_works():
    code = """
        import sys
        sys.modules["sklearn.callback"] = None
        import warnings; warnings.simplefilter("ignore")
        from sklearn.datasets import load_iris
        from skreg import MLPClassifier, MLPClassifierCV

        X, y = load_iris(return_X_y=True)
        search = MLPClassifierCV(MLPClassifier((5,), max_iter=3), l2s=3, cv=2, refit=True)
        assert not hasattr(search, "set_callbacks")
        assert search.fit(X, y).n_iter_ <= 3
    """
    # Only what skreg imports is hidden: scikit-learn 1.9 itself has it loaded by then.
    code = "import sklearn.linear_model, sklearn.pipeline, sklearn.model_selection\n" + (
        textwrap.dedent(code)
    )
    subprocess.run([sys.executable, "-c", code], check=True)
