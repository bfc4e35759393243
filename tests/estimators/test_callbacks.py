"""scikit-learn's callbacks see every epoch, and may stop the training."""

import os
import subprocess
import sys
import textwrap

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier, MLPRegressor

callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has them from 1.9 on")

X, Y = load_iris(return_X_y=True)
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
SOLVERS = pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
PARAMS = {"hidden_layer_sizes": (5,), "random_state": 0}


class Diary:
    """Notes every call; does something special when so many epochs have ended."""

    def __init__(self, at=None, action=lambda: None):
        self.calls, self.weights, self.n_ended = [], [], 0
        self.at, self.action = at, action

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name))
        self.max_subtasks = context.max_subtasks

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name))

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(
        self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None
    ):
        self.calls.append(("end", context.task_name, context.task_id))
        self.data = X, y, metadata
        if fitted_estimator is not None and context.parent is not None:
            self.weights.append(fitted_estimator.coefs_[0])
            assert len(fitted_estimator.predict(X)) == len(X)
            self.n_ended += 1
            if self.n_ended == self.at:
                return self.action()
        return False


def tasks(name, n):
    return [(what, name, k) for k in range(n) for what in ("begin", "end")]


@BOTH
@SOLVERS
def test_every_epoch_is_a_task(Estimator, solver):
    diary = Diary()
    model = Estimator(solver=solver, max_iter=7, **PARAMS).set_callbacks(diary)
    assert model.fit(X, Y, np.ones(150)) is model
    name = "iteration" if solver == "lbfgs" else "epoch"
    assert diary.calls == [
        ("setup", "fit"),
        ("begin", "fit", 0),
        *tasks(name, 7),
        ("end", "fit", 0),
        ("teardown", "fit"),
    ]
    assert diary.max_subtasks == 7
    assert diary.data[0] is X
    assert list(diary.data[2]) == ["sample_weight"]
    # Copies of the weights as they were, the last ones being those that are kept.
    assert len({weights.tobytes() for weights in diary.weights}) == 7
    np.testing.assert_array_equal(diary.weights[-1], model.coefs_[0])
    plain = Estimator(solver=solver, max_iter=7, **PARAMS).fit(X, Y, np.ones(150))
    np.testing.assert_array_equal(plain.coefs_[0], model.coefs_[0])


@SOLVERS
def test_a_callback_may_stop_the_training(solver):
    diary = Diary(at=3, action=lambda: True)
    model = MLPClassifier(solver=solver, max_iter=50, **PARAMS).set_callbacks(diary)
    model.fit(X, Y)
    assert model.n_iter_ == 3
    assert diary.calls[-1] == ("teardown", "fit")


def test_the_best_epoch_is_kept_when_a_callback_stops_the_training():
    model = MLPClassifier(early_stopping=True, **PARAMS)
    model.set_callbacks(Diary(at=12, action=lambda: True)).fit(X, Y)
    assert model.n_iter_ == 12
    assert model.best_validation_score_ == max(model.validation_scores_)


@SOLVERS
@pytest.mark.parametrize("was_fitted", [False, True])
def test_a_callback_that_raises_leaves_the_model_as_it_was(solver, was_fitted):
    def fail():
        raise RuntimeError("no more paper")

    model = MLPClassifier(solver=solver, max_iter=20, **PARAMS)
    if was_fitted:
        model.fit(X, Y)
    diary = Diary(at=3, action=fail)
    model.set_callbacks(diary)
    before = dict(vars(model))
    with pytest.raises(RuntimeError, match="no more paper"):
        model.fit(X, Y)
    assert diary.calls[-1] == ("teardown", "fit")
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())


def test_an_interrupt_in_a_callback_leaves_a_model():
    def interrupt():
        raise KeyboardInterrupt

    diary = Diary(at=3, action=interrupt)
    model = MLPClassifier(max_iter=20, **PARAMS).set_callbacks(diary)
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.fit(X, Y)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    assert diary.calls[-2:] == [("end", "fit", 0), ("teardown", "fit")]
    model.predict(X)


def test_a_fit_that_fails_early_tears_them_down():
    diary = Diary()
    model = MLPClassifier(**PARAMS).set_callbacks(diary)
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, Y[1:])
    assert diary.calls[-1] == ("teardown", "fit")
    assert not hasattr(model, "_callback_fit_ctx")


def test_scores_can_be_monitored_on_any_data():
    monitor = callback.ScoringMonitor(scoring="accuracy")
    model = MLPClassifier(max_iter=5, **PARAMS).set_callbacks(monitor).fit(X, Y)
    scores = [entry["accuracy"] for entry in monitor.get_logs().data]
    assert len(scores) == 6
    assert scores[0] == scores[-1] == model.score(X, Y)  # the whole fit, the last epoch


@pytest.mark.parametrize("n_jobs", [1, 2], ids=["alone", "two_processes"])
def test_they_work_within_pipelines_and_searches(n_jobs):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    network = MLPClassifier(max_iter=3, **PARAMS).set_callbacks(monitor)
    pipeline = make_pipeline(StandardScaler(), network)
    search = GridSearchCV(pipeline, {"mlpclassifier__l1": [0.0, 1e-3]}, cv=2)
    with joblib.parallel_config("loky", n_jobs=n_jobs):
        search.fit(X, Y)
    # Four fits on parts and one on all, each of them a task with three epochs.
    entries = monitor.get_logs().data
    assert len([entry for entry in entries if entry["task_name"] == "epoch"]) == 15
    assert clone(network)._skl_callbacks == network._skl_callbacks


def test_partial_fit_is_no_task():
    diary = Diary()
    MLPClassifier(**PARAMS).set_callbacks(diary).partial_fit(X, Y, classes=[0, 1, 2])
    assert diary.calls == []


@pytest.mark.parametrize("n_jobs", [1, 2], ids=["alone", "two_processes"])
def test_a_progress_bar_in_a_terminal(n_jobs):
    pytest.importorskip("rich")
    code = f"""
        import warnings; warnings.simplefilter("ignore")
        from sklearn.callback import ProgressBar
        from sklearn.datasets import load_iris
        from sklearn.model_selection import GridSearchCV
        from skreg import MLPClassifier

        X, y = load_iris(return_X_y=True)
        MLPClassifier(max_iter=5).set_callbacks(ProgressBar()).fit(X, y)
        search = GridSearchCV(
            MLPClassifier(max_iter=5), {{"l1": [0, 1e-3]}}, cv=2, n_jobs={n_jobs}
        )
        search.set_callbacks(ProgressBar(max_propagation_depth=None)).fit(X, y)
    """
    shown = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"},
    ).stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0].startswith("MLPClassifier - fit")
    assert lines[1].startswith("GridSearchCV - fit")
    fits = [line for line in lines if "MLPClassifier - fit #" in line]
    assert len(fits) == 5
    assert all("100%" in line for line in lines)


def test_without_scikit_learns_callbacks_everything_else_works():
    code = """
        import sys
        sys.modules["sklearn.callback"] = None
        import warnings; warnings.simplefilter("ignore")
        from sklearn.datasets import load_iris
        from skreg import MLPClassifier

        X, y = load_iris(return_X_y=True)
        model = MLPClassifier(max_iter=3, early_stopping=True).fit(X, y)
        assert not hasattr(model, "set_callbacks")
        assert model.n_iter_ == 3
        try:
            model.fit(X, y[1:])
        except ValueError:
            assert model.n_iter_ == 3
    """
    # Only what skreg imports is hidden: scikit-learn 1.9 itself has it loaded by then.
    code = "import sklearn.linear_model, sklearn.pipeline, sklearn.model_selection\n" + (
        textwrap.dedent(code)
    )
    subprocess.run([sys.executable, "-c", code], check=True)
