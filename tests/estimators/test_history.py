"""What is recorded of a training, and what is printed."""

import copy
import warnings
from unittest import mock

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier, MLPRegressor
from skreg.nn import settling, training

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
PARAMS = {"hidden_layer_sizes": (8,), "random_state": 0, "max_iter": 12}
COLUMNS = ["loss", "objective", "learning_rate", "zeros", "seconds"]


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_it_is_one_record_an_epoch(Estimator, solver, early_stopping):
    pandas = pytest.importorskip("pandas")
    params = {**PARAMS, "solver": solver, "early_stopping": early_stopping, "l1": 1e-3}
    model = Estimator(**params).fit(X, Y)
    frame = pandas.DataFrame(model.history_)
    expected = [name for name in COLUMNS if solver != "lbfgs" or name != "learning_rate"]
    assert list(frame) == expected + ["validation_loss", "score"] * early_stopping
    assert len(frame) == model.n_iter_
    np.testing.assert_array_equal(frame["objective"], model.loss_curve_)
    assert (frame["seconds"] > 0).all()
    if early_stopping:
        np.testing.assert_array_equal(frame["score"], model.validation_scores_)
        np.testing.assert_array_equal(frame["validation_loss"], model.validation_loss_curve_)


@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_loss_and_objective_differ_by_the_penalties(solver):
    # Weights that hardly move, so that the mean over minibatches is that in the end.
    params = {"l1": 1e-3, "l2": 1e-2, "solver": solver, "learning_rate_init": 1e-12}
    model = MLPClassifier(**{**PARAMS, **params}).fit(X, Y)
    loss, objective = (model.history_[name][-1] for name in ("loss", "objective"))
    assert loss == pytest.approx(log_loss(Y, model.predict_proba(X)), rel=1e-6)
    penalty = sum(1e-3 * np.abs(W).sum() + 5e-3 * (W**2).sum() for W in model.coefs_)
    assert objective - loss == pytest.approx(penalty, rel=1e-6)


def test_the_share_of_zeros_is_that_of_all_weights():
    model = MLPClassifier(**{**PARAMS, "l1": 5e-2, "batch_size": 569}).fit(X, Y)
    weights = np.concatenate([W.ravel() for W in model.coefs_])
    assert 0.1 < model.history_["zeros"][-1] == pytest.approx(np.mean(weights == 0))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("learning_rate", ["cosine", "one_cycle", "plateau"])
def test_schedules_drive_every_optimizer(solver, learning_rate):
    params = {**PARAMS, "max_iter": 40, "n_iter_no_change": np.inf}
    model = MLPClassifier(solver=solver, learning_rate=learning_rate, tol=0.05, **params)
    rates = model.fit(X, Y).history_["learning_rate"]
    assert len(set(rates)) > 1
    assert rates.max() == pytest.approx(1e-3, rel=0.01)
    assert rates[-1] < 0.05 * rates.max()
    plain = MLPClassifier(solver=solver, **params).fit(X, Y)
    assert set(plain.history_["learning_rate"]) == {1e-3}
    assert not np.allclose(plain.coefs_[0], model.coefs_[0])


def test_a_plan_spans_max_iter_calls_of_partial_fit():
    params = {**PARAMS, "learning_rate": "cosine", "shuffle": False}
    model = MLPClassifier(**params).fit(X, Y)
    pieces = MLPClassifier(**params)
    for _ in range(12):
        pieces.partial_fit(X, Y, classes=[0, 1])
    np.testing.assert_allclose(
        pieces.history_["learning_rate"], model.history_["learning_rate"]
    )
    np.testing.assert_allclose(pieces.coefs_[0], model.coefs_[0])


def test_a_plan_counts_calls_whatever_their_size():
    model = MLPClassifier(learning_rate="cosine", max_iter=5, random_state=0)
    for n_rows in (10, 300, 300, 50, 300):
        model.partial_fit(X[:n_rows], Y[:n_rows], classes=[0, 1])
    even = MLPClassifier(learning_rate="cosine", max_iter=5, random_state=0).fit(X, Y)
    rates = model.history_["learning_rate"]
    np.testing.assert_array_equal(rates, even.history_["learning_rate"])


@pytest.mark.parametrize("learning_rate", ["cosine", "one_cycle"])
def test_a_plan_that_is_carried_out_is_no_failure_to_converge(learning_rate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPClassifier(learning_rate=learning_rate, **PARAMS).fit(X, Y)
    with pytest.warns(ConvergenceWarning):
        MLPClassifier(**PARAMS).fit(X, Y)


def test_a_warm_start_begins_a_plan_anew_and_goes_on_with_the_record():
    model = MLPClassifier(learning_rate="cosine", warm_start=True, **PARAMS).fit(X, Y)
    first = model.history_["learning_rate"]
    rates = model.fit(X, Y).history_["learning_rate"]
    np.testing.assert_array_equal(rates, np.tile(first, 2))


@pytest.mark.parametrize("learning_rate", ["cosine", "one_cycle"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_closing_steps_are_long_after_a_schedule_that_ends_with_short_ones(
    learning_rate, solver
):
    def settle(objective, evaluate, step_size, n_steps):
        before = evaluate() + objective.proximal_value()
        after = settling.settle(objective, evaluate, step_size, n_steps)
        gains.append((before - after) / before)
        return after

    gains = []
    params = {**PARAMS, "solver": solver, "l1": 3e-3, "learning_rate_init": 0.01}
    with mock.patch.object(training, "settle", settle):
        MLPClassifier(learning_rate=learning_rate, **params).fit(X, Y)
    # 0.28 or more; as short as the last ones of the training they gain 0.03 at most.
    assert gains[0] > 0.1


def test_a_pickled_or_copied_model_has_its_record():
    model = MLPClassifier(**PARAMS).fit(X, Y)
    other = copy.deepcopy(model)
    for name in COLUMNS:
        np.testing.assert_array_equal(other.history_[name], model.history_[name])


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_verbose_prints_the_lines_of_scikit_learn(capsys, solver):
    model = MLPClassifier(verbose=True, early_stopping=True, solver=solver, **PARAMS).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Iteration 1, loss = {model.loss_curve_[0]:.8f}"
    assert lines[1] == f"Validation score: {model.validation_scores_[0]:f}"


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_larger_values_print_the_record(capsys, solver):
    model = MLPClassifier(verbose=2, early_stopping=True, solver=solver, **PARAMS).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Iteration", *model.history_]
    row = dict(zip(model.history_, map(float, lines[1].split()[1:]), strict=True))
    assert row["score"] == pytest.approx(model.validation_scores_[0], rel=1e-3)
    assert row["objective"] == pytest.approx(model.loss_curve_[0], rel=1e-3)
