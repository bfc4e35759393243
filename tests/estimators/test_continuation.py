"""warm_start and partial_fit, where they differ from scikit-learn on purpose.

Where they agree: test_parity.py.
"""

import copy
import pickle
import warnings
from unittest import mock

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import make_scorer
from sklearn.model_selection import ShuffleSplit
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators import fitting
from skreg.nn import training

X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])


@BOTH
def test_changed_parameters_start_patience_afresh(Estimator):
    # scikit-learn goes on counting, and stops after one epoch.
    params = {"tol": 1e9, "n_iter_no_change": 4, "warm_start": True, "random_state": 0}
    model = Estimator((5,), **params).fit(X, Y)
    assert model.n_iter_ == 6
    assert model.fit(X, Y).n_iter_ == 1
    assert model.set_params(l1=1e-3).fit(X, Y).n_iter_ == 6
    same_problem = {"max_iter": 50, "max_fun": 9, "random_state": 1, "verbose": False}
    assert model.set_params(**same_problem).fit(X, Y).n_iter_ == 1


@BOTH
def test_a_warm_start_that_has_stopped_on_the_same_data_says_so(Estimator):
    # As scikit-learn, which says nothing.
    params = {"tol": 1e9, "n_iter_no_change": 4, "warm_start": True, "random_state": 0}
    model = Estimator((5,), **params).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="goes on waiting where the fit before has"):
        assert model.fit(X, Y).n_iter_ == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.fit(X[::-1], Y[::-1]).n_iter_ == 6
        assert model.set_params(tol=1e8).fit(X[::-1], Y[::-1]).n_iter_ == 6


OTHER_DATA = {
    "other rows": lambda X: (X[::-1], -X[::-1, 0]),
    "other targets": lambda X: (X, -X[:, 0]),
    "more rows": lambda X: (np.r_[X, -X], -np.r_[X, -X][:, 0]),
    "fewer rows": lambda X: (X[:200], -X[:200, 0]),
    "another scale": lambda X: (X * 2, X[:, 0]),
}


@pytest.mark.parametrize("other", OTHER_DATA)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_warm_start_on_other_data_trains_on_them(other, solver, early_stopping):
    # scikit-learn's stops after one epoch, having learnt nothing of them.
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 5))
    params = {"solver": solver, "early_stopping": early_stopping, "random_state": 0}
    params |= {"learning_rate_init": 0.02, "max_iter": 300, "warm_start": True}
    model = MLPRegressor((20,), **params).fit(X, X[:, 0])
    assert model.n_iter_ < 300
    X_other, y_other = OTHER_DATA[other](X)
    model.fit(X_other, y_other)
    fresh = MLPRegressor((20,), **params).fit(X_other, y_other)
    assert model.n_iter_ > 5
    assert model.score(X_other, y_other) > fresh.score(X_other, y_other) - 0.03 > 0.9
    if early_stopping:
        assert len(model.validation_scores_) == model.n_iter_


SCORERS = {
    "None": None,
    "loss": "loss",
    "name": "neg_log_loss",
    "own": lambda m, X, y: m.score(X, y),
}


@pytest.mark.parametrize("scoring", SCORERS)
@pytest.mark.parametrize("changed", [{}, {"l2": 0.1}, {"learning_rate_init": 1e-3}], ids=str)
@pytest.mark.parametrize("seed", [0, None])
def test_a_warm_start_is_judged_by_rows_that_it_has_not_been_trained_on(scoring, changed, seed):
    # Labels are coin flips: what was seen in training is learnt by heart.
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((400, 20)), rng.randint(0, 2, 400)
    held_out = []
    model = MLPClassifier(
        (100,),
        early_stopping=True,
        warm_start=True,
        random_state=seed,
        max_iter=40,
        learning_rate_init=0.02,
        n_iter_no_change=100,
        scoring=SCORERS[scoring],
    )
    split = fitting.hold_out

    def remembering(*args):
        train, rest = split(*args)
        held_out.append(rest)
        return train, rest

    with mock.patch.object(fitting, "hold_out", remembering):
        model.fit(X, y)
        first = len(model.validation_scores_)
        model.set_params(**changed).fit(X, y)
    [rows] = held_out
    assert model.score(X[rows], y[rows]) < 0.8
    assert len(model.validation_scores_) == first + model.n_iter_


JUDGED = {
    "own data": ({}, True),
    "scoring": ({"scoring": "loss"}, False),
    "validation_fraction": ({"validation_fraction": 0.3}, False),
    "training data": ({}, False),
    "nothing": (None, False),
}


@pytest.mark.parametrize("what", JUDGED)
@pytest.mark.parametrize("seed", range(5))
def test_the_best_epoch_and_its_score_belong_together(what, seed):
    rng = np.random.RandomState(seed)
    X, y = rng.standard_normal((80, 4)), rng.randint(0, 2, 80)
    changed, is_own = JUDGED[what]
    model = MLPClassifier(
        (4,), early_stopping=True, warm_start=True, max_iter=4, random_state=seed
    )
    model.fit(X, y, **({"X_val": X[:20], "y_val": y[:20]} if is_own else {}))
    if what == "training data":
        y = 1 - y
    model.set_params(**changed or {})
    model.fit(X, y, **({"X_val": X[20:40], "y_val": y[20:40]} if is_own else {}))
    assert len(model.validation_scores_) == (8 if what == "nothing" else 4)
    best = model.validation_scores_[model.best_iter_ - 1]
    assert best == model.best_validation_score_ == max(model.validation_scores_)


def test_weights_that_were_set_by_hand_are_not_given_the_score_of_others():
    params = {"early_stopping": True, "warm_start": True, "random_state": 0, "max_iter": 20}
    model = MLPClassifier((20,), **params).fit(X, Y)
    score = model.best_validation_score_
    model.coefs_ = [np.zeros_like(weight) for weight in model.coefs_]
    model.set_params(learning_rate_init=1e-300, max_iter=2)
    model.fit(X, Y).set_params(max_iter=3).fit(X, Y)
    assert model.best_validation_score_ < score / 2
    assert max(model.validation_scores_[-5:]) == model.best_validation_score_


@pytest.mark.parametrize("learning_rate", ["cosine", "one_cycle"])
def test_a_longer_plan_takes_effect(learning_rate):
    model = MLPClassifier((5,), learning_rate=learning_rate, max_iter=5, random_state=0)
    for _ in range(8):
        model.partial_fit(X, Y, classes=np.arange(10))
    model.set_params(max_iter=200).partial_fit(X, Y)
    before = model.coefs_[0].copy()
    model.partial_fit(X, Y)
    fresh = MLPClassifier((5,), learning_rate=learning_rate, max_iter=200, random_state=0)
    fresh.partial_fit(X, Y, classes=np.arange(10)).partial_fit(X, Y)
    assert model.history_["learning_rate"][-2:] == pytest.approx(
        fresh.history_["learning_rate"]
    )
    assert (model.coefs_[0] != before).any()


class Splitter:
    """Has the default repr, with an address."""

    def split(self, X, y=None, groups=None):
        yield np.arange(50, len(X)), np.arange(50)

    def get_n_splits(self, *args):
        return 1


def constant(estimator, X, y):
    return 0.0


# Values that are never equal, or not told apart by equality, to others of their kind.
HARD_TO_COMPARE = {
    "function": {"scoring": constant},
    "lambda": {"scoring": lambda *args: 0.0},
    "scorer": {"scoring": make_scorer(constant)},
    "splitter": {"validation_fraction": Splitter()},
    "splitter with a generator": {
        "validation_fraction": ShuffleSplit(1, random_state=np.random.RandomState(0))
    },
    "strided groups": {"feature_groups": list(np.arange(64).reshape(32, 2).T)},
    "lists of groups": {"feature_groups": [[0, 1], (2, 3)]},
    "sequences": {"l1": np.array([0.0, 1e-3]), "dropout": [0.1]},
}


@pytest.mark.parametrize("params", HARD_TO_COMPARE)
@pytest.mark.parametrize(
    "way", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_moments_survive_copies_and_pickles(params, way):
    if params == "lambda" and way is not copy.deepcopy:
        pytest.skip("a lambda cannot be pickled")
    rng = np.random.RandomState(0)
    one = MLPClassifier((5,), random_state=rng, **HARD_TO_COMPARE[params])
    for _ in range(5):
        one.partial_fit(X, Y, classes=np.arange(10))
    other = way(one)
    one.partial_fit(X, Y)
    other.partial_fit(X, Y)
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])
    fresh = way(one)
    fresh.set_params(beta_1=0.5)  # another optimizer
    assert (fresh.partial_fit(X, Y).coefs_[0] != one.partial_fit(X, Y).coefs_[0]).any()


@BOTH
def test_an_interrupt_of_partial_fit_goes_through_and_leaves_the_model_as_it_was(Estimator):
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    model, twin = (Estimator((5,), random_state=0).partial_fit(X, Y, **more) for _ in range(2))
    n_calls = 0
    with (
        mock.patch.object(training.Training, "advance", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        for _ in range(3):
            n_calls += 1
            model.partial_fit(X, Y)
    assert n_calls == 1
    np.testing.assert_array_equal(
        model.partial_fit(X, Y).coefs_[0], twin.partial_fit(X, Y).coefs_[0]
    )


@BOTH
def test_changed_parameters_start_the_best_weights_afresh(Estimator):
    # scikit-learn restores the old model if no score is better on the new split.
    params = {"early_stopping": True, "warm_start": True, "random_state": 0, "max_iter": 30}
    model = Estimator((20,), learning_rate_init=0.01, **params).fit(X, Y)
    score = model.best_validation_score_
    model.set_params(l1=0.1, max_iter=5).fit(X, Y)
    assert model.best_validation_score_ < score
    assert model.best_validation_score_ == max(model.validation_scores_[-5:])
    assert model.best_iter_ > len(model.validation_scores_) - 5
    assert (model.coefs_[0] == 0).any()


@BOTH
def test_unchanged_parameters_keep_the_best_weights(Estimator):
    # scikit-learn goes on training the weights that it remembers as the best ones.
    params = {"early_stopping": True, "warm_start": True, "random_state": 0}
    model = Estimator((20,), learning_rate_init=0.01, max_iter=60, **params).fit(X, Y)
    before, best_iter = model.coefs_[0].copy(), model.best_iter_
    model.set_params(tol=1e9, learning_rate_init=1e-300).fit(X, Y)
    best = model.best_validation_score_
    model.fit(X, Y)
    assert model.best_validation_score_ == best
    np.testing.assert_allclose(model.coefs_[0], before, atol=1e-5)
    assert best_iter < model.best_iter_ <= len(model.loss_curve_)


@BOTH
def test_curves_go_on_while_they_mean_the_same(Estimator):
    model = Estimator((5,), max_iter=4, warm_start=True, random_state=0).fit(X, Y)
    assert len(model.fit(X, Y).loss_curve_) == 8
    assert len(model.set_params(l2=0.1).fit(X, Y).loss_curve_) == 12
    model.set_params(early_stopping=True).fit(X, Y)
    assert len(model.loss_curve_) == len(model.validation_scores_) == 4
    model.set_params(early_stopping=False).partial_fit(X, Y)
    assert len(model.loss_curve_) == 1
    assert model.validation_scores_ is None


@pytest.mark.parametrize(
    "labels", [Y % 2, Y, np.eye(10, dtype=int)[Y]], ids=["binary", "multiclass", "multilabel"]
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_label_smoothing_that_is_set_later_takes_effect(labels, method):
    # Weights that do not move have the loss of any network that starts from them.
    still = {"learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0, "alpha": 0.0}
    plain = MLPClassifier((5,), warm_start=True, **still).fit(X, labels)
    smoothed = MLPClassifier((5,), label_smoothing=0.5, **still).fit(X, labels)
    later = copy.deepcopy(plain).set_params(label_smoothing=0.5)
    assert getattr(later, method)(X, labels).loss_ == pytest.approx(smoothed.loss_, rel=1e-12)
    assert abs(plain.loss_ - smoothed.loss_) > 1e-3


@BOTH
def test_a_fitted_model_does_not_carry_the_optimizer(Estimator):
    model = Estimator((50,), max_iter=5, random_state=0).fit(X, Y)
    weights = sum(array.nbytes for array in model.coefs_ + model.intercepts_)
    assert len(pickle.dumps(model)) < weights + 10_000
    model.partial_fit(X, Y)
    assert 3 * weights < len(pickle.dumps(model)) < 3 * weights + 12_000
    model.fit(X, Y)
    assert len(pickle.dumps(model)) < weights + 10_000


@BOTH
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_after_fit_starts_with_fresh_moments(Estimator, solver):
    params = {"solver": solver, "random_state": 0, "shuffle": False, "hidden_layer_sizes": (5,)}
    fitted = Estimator(max_iter=5, **params).fit(X, Y)
    fresh = Estimator(**params)
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    fresh.partial_fit(X, Y, **more)
    for ours, theirs in zip(
        fresh.coefs_ + fresh.intercepts_, fitted.coefs_ + fitted.intercepts_, strict=True
    ):
        ours[...] = theirs
    other = Estimator(**params)
    other.coefs_, other.intercepts_, other.n_features_in_ = (
        fitted.coefs_,
        fitted.intercepts_,
        64,
    )
    if Estimator is MLPClassifier:
        other.partial_fit(X, Y, classes=np.unique(Y))
    else:
        other.partial_fit(X, Y)
    fitted.partial_fit(X, Y)
    np.testing.assert_array_equal(fitted.coefs_[0], other.coefs_[0])


@BOTH
def test_a_pickle_in_between_changes_nothing(Estimator):
    one = Estimator((5,), random_state=0, dropout=0.3)
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    one.partial_fit(X, Y, **more)
    other = pickle.loads(pickle.dumps(one))
    for _ in range(3):
        one.partial_fit(X, Y)
        other.partial_fit(X, Y)
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])


def test_masks_differ_from_call_to_call():
    # Without a step nothing but the mask can change the loss.
    X, y = load_breast_cancer(return_X_y=True)
    model = MLPClassifier((20,), dropout=0.5, random_state=0, learning_rate_init=1e-300)
    for _ in range(4):
        model.partial_fit(scale(X), y, classes=[0, 1])
    assert len(set(model.loss_curve_)) == 4


@BOTH
def test_new_parameters_take_effect_in_partial_fit(Estimator):
    model = Estimator((5,), random_state=0)
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    model.partial_fit(X, Y, **more)
    before = model.coefs_[0].copy()
    model.set_params(learning_rate_init=1e-300).partial_fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], before)


@BOTH
def test_weights_set_by_hand_are_what_counts(Estimator):
    model = Estimator((5,), "tanh", max_iter=5, random_state=0, warm_start=True).fit(X, Y)
    zeros = [np.zeros_like(weight) for weight in model.coefs_]
    for weight in zeros:
        weight.flags.writeable = False
    model.coefs_ = zeros
    assert len(np.unique(model.predict(X))) == 1
    model.fit(X, Y)
    assert any(weight.any() for weight in model.coefs_)
    assert not any(weight.any() for weight in zeros)


@BOTH
def test_weights_may_be_set_to_integers(Estimator):
    model = Estimator((5,), "identity", max_iter=3, warm_start=True, random_state=0).fit(X, Y)
    integers = [np.round(9 * weight).astype(int) for weight in model.coefs_]
    model.coefs_ = integers
    expected = model.predict(X)
    model.coefs_ = [weight.astype(float) for weight in integers]
    np.testing.assert_array_equal(model.predict(X), expected)
    model.coefs_ = integers
    assert model.fit(X, Y).coefs_[0].dtype == np.float64


@BOTH
def test_a_copy_has_moments_of_its_own(Estimator):
    model = Estimator((5,), random_state=0)
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    model.partial_fit(X, Y, **more)
    twin = pickle.loads(pickle.dumps(model))
    copy.copy(model).partial_fit(X, Y)
    np.testing.assert_array_equal(
        model.partial_fit(X, Y).coefs_[0], twin.partial_fit(X, Y).coefs_[0]
    )


@BOTH
def test_a_continued_model_keeps_its_dtype(Estimator):
    model = Estimator((5,), max_iter=2, warm_start=True).fit(X.astype(np.float32), Y)
    assert model.fit(X, Y).coefs_[0].dtype == np.float32
    assert model.partial_fit(X, Y).coefs_[0].dtype == np.float32
    assert model.set_params(dtype="float64").fit(X, Y).coefs_[0].dtype == np.float64


@BOTH
def test_a_failed_continuation_leaves_the_model_as_it_was(Estimator):
    model = Estimator((5,), max_iter=3, random_state=0, warm_start=True).fit(X, Y)
    expected, curve = model.predict(X), list(model.loss_curve_)
    with pytest.raises(ValueError, match=r"not finite|non-finite"), np.errstate(all="ignore"):
        model.fit(X * 1e300 * 1e7, Y)
    np.testing.assert_array_equal(model.predict(X), expected)
    assert model.loss_curve_ == curve


@BOTH
def test_a_refit_that_fails_leaves_the_model_as_it_was(Estimator):
    model = Estimator((5,), max_iter=3, random_state=0).fit(X, Y)
    expected = model.predict(X)
    bad = X[:, :10].copy()
    bad[0, 0] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        model.fit(bad, Y)
    with pytest.raises(ValueError, match=r"not finite|non-finite"), np.errstate(all="ignore"):
        model.fit(X[:, :10] * 1e300 * 1e7, Y)
    np.testing.assert_array_equal(model.predict(X), expected)


@BOTH
def test_partial_fit_recovers_from_a_call_that_failed(Estimator):
    model = Estimator((5,), random_state=0)
    more = {"classes": np.unique(Y)} if Estimator is MLPClassifier else {}
    model.partial_fit(X, Y, **more)
    with pytest.raises(ValueError, match=r"not finite|non-finite"), np.errstate(all="ignore"):
        model.partial_fit(X * 1e300 * 1e7, Y)
    before = model.loss_curve_[-1]
    for _ in range(20):
        model.partial_fit(X, Y)
    assert model.loss_curve_[-1] < before


def test_partial_fit_of_a_stream_learns():
    X, y = load_digits(return_X_y=True)
    model = MLPClassifier((50,), random_state=0, dropout=0.2, l1=1e-4, learning_rate_init=0.003)
    for _ in range(30):
        for start in range(0, 1500, 100):
            rows = slice(start, start + 100)
            model.partial_fit(X[rows] / 16, y[rows], classes=np.arange(10))
    assert model.score(X[1500:] / 16, y[1500:]) > 0.9
    assert model.n_iter_ == 1
    assert model.t_ == 30 * 1500
    assert len(model.loss_curve_) == 450


@BOTH
def test_partial_fit_takes_no_closing_steps(Estimator):
    with mock.patch.object(training, "settle", side_effect=AssertionError):
        Estimator((5,), l1=0.01, batch_size=20).partial_fit(
            X, Y, **({"classes": np.unique(Y)} if Estimator is MLPClassifier else {})
        )
        with pytest.raises(AssertionError):
            Estimator((5,), l1=0.01, batch_size=20, max_iter=1).fit(X, Y)
