"""Bad input gets a clear error, and no useless model comes back in silence."""

import re
import warnings
from unittest import mock

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, PredefinedSplit

from skreg import MLPClassifier, MLPRegressor
from skreg.nn import training
from skreg.nn.objective import Objective

X, Y = load_iris(return_X_y=True)
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])


@BOTH
@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("l1", -1, "a float in the range [0, inf)"),
        ("l1", [0.1, -1], "a sequence, each a float in the range [0, inf)"),
        ("l1", "strong", "a float in the range [0, inf)"),
        ("l2", -0.5, "None or a float in the range [0, inf)"),
        ("dropout", 1.0, "a float in the range [0, 1)"),
        ("dropout", [0.5, 1.5], "a float in the range [0, 1)"),
        ("input_dropout", -0.1, "a float in the range [0, 1)"),
        ("dtype", "float16", "one of None, 'float32', 'float64'"),
        ("hidden_layer_sizes", (10, 0), "an int in the range [1, inf)"),
        ("hidden_layer_sizes", (10, 2.5), "an int in the range [1, inf)"),
        ("hidden_layer_sizes", -1, "an int in the range [1, inf)"),
        ("activation", "swish", "one of 'elu', 'gelu', 'identity', 'leaky_relu', 'logistic'"),
        ("activation", ("relu", "swish"), "a sequence, each one of 'elu', 'gelu'"),
        ("activation", ("relu", None), "a sequence, each one of 'elu', 'gelu'"),
        ("solver", "newton", "one of 'adam', 'lbfgs', 'sgd'"),
        ("alpha", -1, "a float in the range [0, inf)"),
        ("batch_size", 0, "'auto' or an int in the range [1, inf)"),
        ("learning_rate", "linear", "'cosine', 'invscaling', 'one_cycle', 'plateau'"),
        ("max_grad_norm", 0, "None or a float in the range (0, inf)"),
        ("scoring", 3, "None, 'loss' or the name of a scorer"),
        ("learning_rate_init", 0, "a float in the range (0, inf)"),
        ("power_t", -1, "a float in the range [0, inf)"),
        ("hidden_layer_sizes", [[1, 2], [3]], "an int in the range [1, inf)"),
        ("max_iter", 0, "an int in the range [1, inf)"),
        ("max_iter", 10.0, "an int in the range [1, inf)"),
        ("shuffle", "yes", "a bool"),
        ("tol", -1e-4, "a float in the range [0, inf)"),
        ("verbose", -1, "a bool or an int in the range [0, inf)"),
        ("warm_start", None, "a bool"),
        ("momentum", 1.1, "a float in the range [0, 1]"),
        ("nesterovs_momentum", 1, "a bool"),
        ("early_stopping", "auto", "a bool"),
        ("validation_fraction", 1.0, "a float in the range [0, 1) or an object with split()"),
        ("beta_1", 1.0, "a float in the range [0, 1)"),
        ("beta_2", -0.1, "a float in the range [0, 1)"),
        ("epsilon", 0, "a float in the range (0, inf)"),
        ("n_iter_no_change", 0, "an int in the range [1, inf) or inf"),
        ("max_fun", 0, "an int in the range [1, inf)"),
        ("alpha", float("nan"), "a float in the range [0, inf)"),
        ("l1", True, "a float in the range [0, inf)"),
        ("group_lasso", -1.0, "a float in the range [0, inf)"),
        ("feature_groups", "all", "one of None, 'prefix' or a callable or a list of lists"),
        ("max_norm", 0.0, "None or a float in the range (0, inf)"),
        ("weight_decay", -0.1, "a float in the range [0, inf)"),
    ],
)
def test_parameters_out_of_range(Estimator, name, value, allowed):
    assert_refused(Estimator, name, value, allowed)


def assert_refused(Estimator, name, value, allowed):
    estimator = Estimator(**{name: value})
    message = rf"The '{name}' parameter of {Estimator.__name__} must be .*{re.escape(allowed)}"
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, Y)
    with pytest.raises(TypeError, match=re.escape(f"Got {value!r} instead.")):
        estimator.fit(X, Y)


ALL_LOSSES = "one of 'absolute_error', 'gamma', 'huber', 'poisson', 'quantile', 'squared_error'"


@pytest.mark.parametrize(
    ("Estimator", "name", "value", "allowed"),
    [
        (MLPRegressor, "loss", "pinball", ALL_LOSSES),
        (MLPRegressor, "huber_delta", 0.0, "a float in the range (0, inf)"),
        (MLPRegressor, "quantile", 0, "a float in the range (0, 1)"),
        (MLPRegressor, "quantile", 1, "a float in the range (0, 1)"),
        (MLPRegressor, "quantile", [0.1, 1.0], "a float in the range (0, 1)"),
        (MLPClassifier, "label_smoothing", 1.0, "a float in the range [0, 1)"),
        (MLPClassifier, "label_smoothing", -0.1, "a float in the range [0, 1)"),
    ],
)
def test_parameters_of_losses_out_of_range(Estimator, name, value, allowed):
    assert_refused(Estimator, name, value, allowed)


def test_every_parameter_is_checked():
    for Estimator in (MLPClassifier, MLPRegressor):
        for name in Estimator().get_params():
            with pytest.raises(ValueError, match=name):
                Estimator(**{name: object()}).fit(X, Y)


@BOTH
def test_values_out_of_arrays_are_values(Estimator):
    grid = {"activation": np.array(["relu", "tanh"]), "hidden_layer_sizes": [range(3, 5)]}
    grid["n_iter_no_change"] = np.array([5, np.inf])[1:]
    search = GridSearchCV(Estimator(max_iter=2), grid, cv=2, error_score="raise")
    assert search.fit(X, Y).best_estimator_.coefs_[0].shape == (4, 3)


@BOTH
@pytest.mark.parametrize("kind", [int, np.int32, np.int64])
def test_numpy_numbers_and_arrays_are_numbers(Estimator, kind):
    estimator = Estimator(
        hidden_layer_sizes=np.array([4, 3], kind),
        max_iter=kind(2),
        l1=np.array([0.1, 0.0, 0.0]),
        l2=np.float32(0.1),
        dropout=np.array([0.1, 0.0]),
        batch_size=kind(50),
    )
    assert [len(b) for b in estimator.fit(X, Y).intercepts_[:-1]] == [4, 3]


@BOTH
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"l1": [0.1]}, "l1 has 1 value.s. for 3 weight"),
        ({"l2": [0.1, 0.1]}, "l2 has 2 value.s. for 3 weight"),
        ({"dropout": [0.1, 0.2, 0.3]}, "dropout has 3 value.s. for 2 hidden"),
        ({"activation": ["relu"]}, "activation has 1 value.s. for 2 hidden.*or one for each"),
    ],
)
def test_sequences_of_the_wrong_length(Estimator, params, message):
    with pytest.raises(ValueError, match=message):
        Estimator(hidden_layer_sizes=(5, 4), **params).fit(X, Y)


@BOTH
@pytest.mark.parametrize(
    "params", [{"dropout": 0.5}, {"input_dropout": 0.1}, {"dropout": [0.1]}]
)
def test_dropout_and_lbfgs_exclude_each_other(Estimator, params):
    estimator = Estimator(solver="lbfgs", **params)
    with pytest.raises(ValueError, match=r"new masks each time.*use solver='adam'"):
        estimator.fit(X, Y)


@BOTH
@pytest.mark.parametrize(
    "params", [{"group_lasso": 0.1}, {"max_norm": 2.0}, {"weight_decay": 0.1}]
)
def test_lbfgs_refuses_what_it_cannot_minimise(Estimator, params):
    name, value = next(iter(params.items()))
    with pytest.raises(ValueError, match=rf"{name}={value} cannot be.*Use solver='adam'"):
        Estimator(solver="lbfgs", **params).fit(X, Y)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([[0, 1], [1, 2, 3]], r"overlap: group 1, \[1, 2, 3\]"),
        ([[0, 0], [1, 2, 3]], "overlap: group 0"),
        ([[0, 1, 2, 3, 4]], "does not have: .* is not within 0 and 3"),
        ([[-1, 0, 1, 2]], "is not within 0 and 3"),
        ([["a"], [1, 2, 3]], "does not have: 'a'. Give indices, or a data frame"),
        ([0, 1], "must list features. Got 0"),
        (["a", "b"], "must list features. Got 'a'"),
        ([[0, 1, 2, 3], []], "must list features"),
    ],
)
def test_feature_groups_that_make_no_sense(groups, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(group_lasso=0.1, feature_groups=groups).fit(X, Y)


@BOTH
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(Estimator, bad):
    dirty = X.copy()
    dirty[3, 1] = bad
    with pytest.raises(ValueError, match="Input X contains"):
        Estimator().fit(dirty, Y)
    with pytest.raises(ValueError, match="Input X contains"):
        Estimator().fit(sparse.csr_array(dirty), Y)
    with pytest.raises(ValueError, match="Input X contains"):
        Estimator(max_iter=2).fit(X, Y).predict(dirty)


def test_targets_that_are_not_finite():
    y = Y.astype(float)
    y[0] = np.nan
    for Estimator in (MLPClassifier, MLPRegressor):
        with pytest.raises(ValueError, match="Input y contains NaN"):
            Estimator().fit(X, y)


@BOTH
def test_lengths_that_do_not_match(Estimator):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        Estimator().fit(X, Y[:-1])
    with pytest.raises(
        ValueError, match=re.escape("sample_weight.shape == (149,), expected (150,)")
    ):
        Estimator().fit(X, Y, np.ones(149))
    with pytest.raises(ValueError, match="X has 3 features"):
        Estimator(max_iter=2).fit(X, Y).predict(X[:, :3])


@BOTH
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(150), "at least one non-zero number"),
        (np.r_[-1.0, np.ones(149)], "Negative values in data passed to `sample_weight`"),
        (np.r_[np.nan, np.ones(149)], "Input sample_weight contains NaN"),
        (np.ones((150, 2)), "sample_weight.shape"),
    ],
)
def test_weights_that_make_no_sense(Estimator, weight, message):
    with pytest.raises(ValueError, match=message):
        Estimator().fit(X, Y, weight)


def test_weights_may_all_fall_into_one_part():
    fold = np.where(np.arange(150) < 100, -1, 0)
    for rows, whose in ((fold == 0, "the rows to train on"), (fold < 0, "the held-out rows")):
        model = MLPRegressor(early_stopping=True, validation_fraction=PredefinedSplit(fold))
        with pytest.raises(ValueError, match=f"non-zero number. Those of {whose}"):
            model.fit(X, Y, rows.astype(float))


def test_one_class_is_warned_of_and_predicted():
    y = np.full(150, "only")
    model = MLPClassifier(max_iter=3)
    with pytest.warns(RuntimeWarning, match=r"y has one class only, .*'only'"):
        model.fit(X, y)
    assert set(model.predict(X)) == {"only"}
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((150, 1)))
    assert model.score(X, y) == 1


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (X[:, 0], "Unknown label type: continuous"),
        (np.c_[Y, Y], "Multioutput target data is not supported"),
        (Y.reshape(50, 3), "inconsistent numbers of samples"),
        ([], "inconsistent numbers of samples|minimum of 1 is required"),
    ],
)
def test_classes_of_the_wrong_kind(y, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier().fit(X, y)


def test_targets_of_the_wrong_kind():
    with pytest.raises(ValueError, match="could not convert string to float"):
        MLPRegressor().fit(X, np.array(["a"] * 150, dtype=object))
    with pytest.raises(ValueError, match="y must not be negative, its minimum is -1"):
        MLPRegressor(loss="poisson").fit(X, Y - 1)
    with pytest.raises(ValueError, match=r"y must be positive, its minimum is 0\..*poisson"):
        MLPRegressor(loss="gamma").fit(X, Y)


def test_a_validation_set_that_is_too_small():
    for Estimator in (MLPClassifier, MLPRegressor):
        with pytest.raises(ValueError, match="The validation set is too small"):
            Estimator(early_stopping=True).fit(X[::15], Y[::15])
    with pytest.raises(ValueError, match=r"only have 1 member|least populated class"):
        MLPClassifier(early_stopping=True).fit(X[:51], Y[:51])


def test_a_validation_fraction_of_nothing():
    with pytest.raises(ValueError, match="The validation set is too small"):
        MLPRegressor(early_stopping=True, validation_fraction=0).fit(X, Y)


@pytest.mark.parametrize("values", [(-1, 1), (1, 2), (0, 1, 2)])
def test_indicators_that_are_neither_absent_nor_present(values):
    indicator = np.array(values)[np.arange(450).reshape(150, 3) % len(values)]
    with pytest.raises(ValueError, match=r"An indicator matrix holds 0|Multioutput target"):
        MLPClassifier().fit(X, indicator)


def test_any_other_value_than_zero_is_present():
    indicator = np.eye(3, dtype=int)[Y]
    params = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
    one, two = (MLPClassifier(**params).fit(X, k * indicator) for k in (1, 2))
    np.testing.assert_array_equal(one.coefs_[0], two.coefs_[0])
    with pytest.raises(ValueError, match="Unknown label type"):
        one.partial_fit(X, 0.5 * indicator)


def test_classes_in_partial_fit():
    model = MLPClassifier(hidden_layer_sizes=(3,))
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match=re.escape("`y` has classes not in `self.classes_`")):
        model.partial_fit(X, Y, classes=[0, 1])
    model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
        model.partial_fit(X, Y, classes=[0, 1, 2, 3])
    before = model.coefs_[0].copy()
    with pytest.raises(ValueError, match="`y` has classes not in"):
        model.partial_fit(X, Y + 5)
    np.testing.assert_array_equal(model.coefs_[0], before)


def test_labels_of_another_shape_than_before():
    indicator = np.eye(3, dtype=int)[Y]
    model = MLPClassifier(hidden_layer_sizes=(3,)).partial_fit(X, indicator, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="an indicator matrix with 3 columns"):
        model.partial_fit(X, Y)
    with pytest.raises(ValueError, match="an indicator matrix with 3 columns"):
        model.partial_fit(X, indicator[:, :2])
    model = MLPClassifier(hidden_layer_sizes=(3,)).partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="y must be one-dimensional"):
        model.partial_fit(X, indicator)


@BOTH
def test_partial_fit_is_there_for_stochastic_solvers_only(Estimator):
    assert hasattr(Estimator(solver="sgd"), "partial_fit")
    estimator = Estimator(solver="lbfgs")
    assert not hasattr(estimator, "partial_fit")
    with pytest.raises(AttributeError, match="has no attribute 'partial_fit'") as caught:
        estimator.partial_fit(X, Y)
    assert "lbfgs is not stochastic" in str(caught.value.__cause__)


@BOTH
def test_weights_of_other_layers_are_refused(Estimator):
    model = Estimator((5,), warm_start=True, max_iter=2).fit(X, Y)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(6,\) ask for \(4, 6, "):
        model.set_params(hidden_layer_sizes=(6,)).fit(X, Y)


@BOTH
def test_predicting_needs_a_fit(Estimator):
    with pytest.raises(NotFittedError):
        Estimator().predict(X)


@BOTH
def test_a_fit_that_fails_leaves_no_model(Estimator):
    estimator = Estimator(random_state=0)
    huge = X / X.max() * np.finfo(float).max
    with warnings.catch_warnings(), pytest.raises(ValueError, match=r"not finite|non-finite"):
        warnings.simplefilter("ignore", RuntimeWarning)
        estimator.fit(huge, Y)
    with pytest.raises(NotFittedError):
        estimator.predict(X)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_loss_that_overflows_is_an_error(solver):
    with warnings.catch_warnings(), pytest.raises(ValueError, match=r"not finite|non-finite"):
        warnings.simplefilter("ignore", RuntimeWarning)
        MLPRegressor(solver=solver, max_iter=5).fit(X, Y * 1e200)


def test_diverging_with_early_stopping_keeps_the_best_and_warns():
    model = MLPRegressor(
        100, "identity", solver="sgd", learning_rate_init=1, early_stopping=True, random_state=0
    )
    with (
        warnings.catch_warnings(),
        pytest.warns(ConvergenceWarning, match="was not finite in epoch"),
    ):
        warnings.simplefilter("ignore", RuntimeWarning)
        model.fit(X, Y)
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.predict(X)).all()
    assert model.best_validation_score_ == np.nanmax(model.validation_scores_)


def test_a_classifier_that_diverges_keeps_the_best_and_warns():
    # Outputs that are not numbers have a class and an accuracy all the same.
    model = MLPClassifier(
        (20,), early_stopping=True, solver="sgd", learning_rate_init=1e30, random_state=0
    )
    with (
        warnings.catch_warnings(),
        pytest.warns(ConvergenceWarning, match="was not finite in epoch"),
    ):
        warnings.simplefilter("ignore", RuntimeWarning)
        model.fit(X, Y)
    assert np.isnan(model.loss_)
    assert model.n_iter_ == len(model.loss_curve_) < 14
    assert np.isfinite(model.predict_proba(X)).all()


def test_diverging_at_once_with_early_stopping_is_an_error():
    with warnings.catch_warnings(), pytest.raises(ValueError, match=r"not finite|non-finite"):
        warnings.simplefilter("ignore", RuntimeWarning)
        MLPRegressor(early_stopping=True, solver="sgd").fit(X, Y * 1e200)


def interrupt_after(n):
    """Interrupt training in the minibatch after the first ``n``."""
    evaluate, n_left = Objective.loss_and_gradient, n

    def loss_and_gradient(self, batch, rng=None):
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            raise KeyboardInterrupt
        return evaluate(self, batch, rng)

    return mock.patch.object(Objective, "loss_and_gradient", loss_and_gradient)


@BOTH
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupt_keeps_the_model_as_trained_so_far(Estimator, early_stopping):
    params = {"early_stopping": early_stopping, "batch_size": 30, "random_state": 0}
    n_batches = 5
    model = Estimator((6,), **params)
    with (
        interrupt_after(3 * n_batches + 2),
        pytest.warns(UserWarning, match=re.escape("Training interrupted by user.")),
    ):
        model.fit(X, Y)
    assert model.n_iter_ == len(model.loss_curve_) == 3
    assert model.loss_ == model.loss_curve_[-1]
    assert np.isfinite(model.predict(X).astype(float)).all()
    uninterrupted = Estimator((6,), max_iter=3, **params).fit(X, Y)
    np.testing.assert_allclose(model.loss_curve_, uninterrupted.loss_curve_)
    if early_stopping:
        np.testing.assert_array_equal(model.coefs_[0], uninterrupted.coefs_[0])


@BOTH
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupt_of_the_closing_steps_keeps_what_was_trained(Estimator, early_stopping):
    params = {"early_stopping": early_stopping, "batch_size": 30, "random_state": 0, "l1": 1e-2}
    model = Estimator((6,), max_iter=5, **params)
    with (
        mock.patch.object(training, "settle", side_effect=KeyboardInterrupt),
        pytest.warns(UserWarning, match=re.escape("Training interrupted by user.")),
        pytest.warns(ConvergenceWarning),
    ):
        model.fit(X, Y)
    assert model.n_iter_ == 5
    assert model.loss_ == model.loss_curve_[-1]
    if early_stopping:
        assert model.best_validation_score_ == max(model.validation_scores_)


def test_an_interrupt_in_the_first_epoch():
    model = MLPClassifier((6,), batch_size=30, random_state=0)
    with (
        interrupt_after(2),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        model.fit(X, Y)
    assert model.n_iter_ == 0
    assert model.loss_curve_ == []
    assert np.isnan(model.loss_)
    model.predict(X)


def test_an_interrupt_of_lbfgs_keeps_the_last_iterate(capsys):
    from skreg.nn.monitor import Monitor

    original, calls = Monitor.update, []

    def update(self, *args):
        original(self, *args)
        calls.append(self.state.theta.copy())
        if len(calls) == 4:
            raise KeyboardInterrupt

    model = MLPClassifier((6,), solver="lbfgs", random_state=0)
    with (
        mock.patch.object(Monitor, "update", update),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        model.fit(X, Y)
    assert model.n_iter_ == 4
    np.testing.assert_array_equal(model.coefs_[0].ravel(), calls[-1][:24])


@BOTH
@pytest.mark.parametrize("params", [{"l1": 10.0}, {"group_lasso": 10.0}, {"l1": [0.0, 10.0]}])
def test_a_penalty_that_leaves_nothing_is_warned_of(Estimator, params):
    model = Estimator((5,), learning_rate_init=0.1, max_iter=50, random_state=0, **params)
    [(name, value)] = params.items()
    lower = re.escape(f"Lower {name}={value}.")
    with pytest.warns(UserWarning, match=f"predictions do not depend on X. {lower}$"):
        model.fit(X, Y)
    assert len(np.unique(model.predict(X))) == 1


@BOTH
def test_reaching_max_iter_is_warned_of(Estimator):
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(3\) reached"):
        Estimator(max_iter=3).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 3 iteration"):
        Estimator(max_iter=3, solver="lbfgs").fit(X, Y)


@BOTH
def test_column_targets_are_flattened_with_a_warning(Estimator):
    from sklearn.exceptions import DataConversionWarning

    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        column = Estimator(max_iter=2, random_state=0).fit(X, Y[:, np.newaxis])
    assert column.predict(X).shape == (150,)


def test_fit_leaves_parameters_as_they_are():
    strengths = [0.1, 0.0]
    model = MLPRegressor((3,), l1=strengths, max_iter=2, random_state=0).fit(X, Y)
    assert model.l1 is strengths
    assert strengths == [0.1, 0.0]


@pytest.mark.parametrize(
    ("params", "y"),
    [
        ({}, Y),
        ({"batch_size": 1000}, Y),
        ({"l1": 1e3}, Y),
        ({}, 0 * Y),
        ({"solver": "lbfgs"}, Y),
    ],
)
def test_warnings_point_at_the_line_of_the_user(params, y):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        MLPClassifier((5,), max_iter=3, **params).fit(X, y)
    assert caught
    assert {warning.filename for warning in caught} == {__file__}


def test_a_subclass_may_have_parameters_of_its_own_and_fewer():
    class Small(MLPClassifier):
        def __init__(self, hidden_layer_sizes=(3,), layer="first", random_state=None):
            super().__init__(hidden_layer_sizes, random_state=random_state, max_iter=5)
            self.layer = layer

    model = Small(random_state=0).fit(X, Y)
    plain = MLPClassifier((3,), random_state=0, max_iter=5).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], plain.coefs_[0])


def test_gamma_targets_that_vanish_in_single_precision():
    y = np.full(150, 1e-60)
    with pytest.raises(ValueError, match="valid range of the loss 'gamma'"):
        MLPRegressor(loss="gamma").fit(X.astype(np.float32), y)
