"""Numbers of any kind count by their value; those that are too large are told of."""

import copy
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skreg import HiddenLayerTransformer, MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV, mlp_path
from skreg.nn.activations import ACTIVATIONS

rng = np.random.RandomState(0)
X = rng.standard_normal((60, 4))
Y = (X[:, 0] > 0).astype(int)
POSITIVE = np.abs(X[:, 1]) + 0.1
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])


def assert_same_weights(one, other):
    for left, right in zip(one.coefs_, other.coefs_, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("name", "value", "others"),
    [
        ("learning_rate_init", np.float32(0.1), {}),
        ("learning_rate_init", np.float16(0.1), {"learning_rate": "cosine"}),
        ("learning_rate_init", np.longdouble(1) / 3, {"solver": "sgd"}),
        ("beta_1", np.float16(0.7), {}),
        ("beta_2", np.float32(0.9), {}),
        ("epsilon", np.float32(1e-3), {}),
        ("momentum", np.float32(0.7), {"solver": "sgd"}),
        ("power_t", np.float16(0.3), {"solver": "sgd", "learning_rate": "invscaling"}),
        ("weight_decay", np.float16(0.1), {}),
        ("alpha", np.float16(0.1), {}),
        ("l1", np.float32(0.01), {}),
        ("l1", [np.float32(0.01), np.float16(0.1)], {}),
        ("l2", np.array([0.01, 0.1], np.float32), {}),
        ("group_lasso", np.float16(0.01), {}),
        ("max_norm", np.float16(0.3), {}),
        ("dropout", np.float16(0.1), {}),
        ("dropout", np.array([0.1], np.float16), {}),
        ("input_dropout", np.float16(0.1), {}),
        ("label_smoothing", np.float32(0.1), {}),
        ("max_grad_norm", np.float16(0.01), {}),
        ("tol", np.float32(1e-3), {}),
        ("validation_fraction", np.float32(0.1), {"early_stopping": True}),
        ("validation_fraction", np.float16(0.1), {"early_stopping": True}),
        ("batch_size", np.uint8(3), {}),
        ("batch_size", np.int16(30), {}),
        ("hidden_layer_sizes", np.uint8(200), {}),
        ("hidden_layer_sizes", (np.uint8(200), np.int8(3)), {}),
        ("hidden_layer_sizes", np.array([200], np.uint8), {}),
        ("max_iter", np.uint8(5), {"learning_rate": "one_cycle"}),
        ("n_iter_no_change", np.uint8(5), {"learning_rate": "plateau"}),
        ("shuffle", np.uint8(7), {}),
        ("shuffle", np.False_, {}),
        ("random_state", np.int64(3), {}),
        ("max_fun", np.uint8(200), {"solver": "lbfgs"}),
    ],
)
@pytest.mark.parametrize("dtype", [None, "float32"])
def test_numbers_of_numpy_train_as_those_of_python(name, value, others, dtype):
    params = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0, **others}
    given = MLPClassifier(**{**params, name: value, "dtype": dtype}).fit(X, Y)
    plain = [one.item() for one in value] if np.ndim(value) else float(value)
    if not np.ndim(value) and not isinstance(value, np.floating):
        plain = value.item()
    assert_same_weights(
        given, MLPClassifier(**{**params, name: plain, "dtype": dtype}).fit(X, Y)
    )
    assert given.get_params()[name] is value


def test_a_batch_of_few_bits_may_meet_rows_of_many():
    wide = np.tile(X, 25)
    net = MLPClassifier((2,), batch_size=np.int16(300), max_iter=1, random_state=0)
    other = MLPClassifier((2,), batch_size=300, max_iter=1, random_state=0)
    with pytest.warns(UserWarning, match=r"clipped to 60"):
        assert_same_weights(net.fit(wide, Y), other.fit(wide, Y))


def test_numbers_of_regressors_and_of_partial_fit_are_numbers():
    kinds = {"quantile": np.float16(0.3), "huber_delta": np.float32(0.3)}
    for loss, (name, value) in zip(("quantile", "huber"), kinds.items(), strict=True):
        nets = [
            MLPRegressor((3,), loss=loss, random_state=0, **{name: kind})
            for kind in (value, float(value))
        ]
        for _ in range(2):
            for net in nets:
                net.partial_fit(X, POSITIVE)
        assert_same_weights(*nets)


def test_draws_by_rates_of_few_bits_are_draws():
    net = MLPClassifier((5,), dropout=np.float16(0.25), max_iter=1, random_state=0).fit(X, Y)
    other = copy.copy(net).set_params(dropout=0.25)
    draws = [one.sample_proba(X, np.uint8(3), random_state=0) for one in (net, other)]
    np.testing.assert_array_equal(*draws)


@pytest.mark.parametrize("power_t", [1000, 140, np.int16(300), 10**9, 1e300])
def test_a_rate_that_falls_beneath_all_floats_is_zero(power_t):
    params = {"solver": "sgd", "learning_rate": "invscaling", "momentum": 0.0, "batch_size": 20}
    net = MLPClassifier((3,), power_t=power_t, max_iter=3, random_state=0, **params).fit(X, Y)
    rates = net.history_["learning_rate"]
    assert rates[0] == 0.001
    assert (rates[1:] < 1e-200).all()
    assert_same_weights(net, MLPClassifier(**{**net.get_params(), "max_iter": 1}).fit(X, Y))
    # Zeros are not settled by steps that have no size.
    sparse = MLPClassifier(**{**net.get_params(), "l1": 1e-3}).fit(X, Y)
    assert np.isfinite(sparse.coefs_[0]).all()


@pytest.mark.parametrize("value", [b"\x05\x04", bytearray(b"\x05"), memoryview(b"\x05")])
@pytest.mark.parametrize("name", ["hidden_layer_sizes", "dropout", "l1", "l2", "activation"])
def test_bytes_are_no_numbers(name, value):
    with pytest.raises(TypeError, match=f"'{name}' parameter .* a sequence"):
        MLPClassifier(**{name: value}).fit(X, Y)


@BOTH
def test_a_class_is_no_scorer(Estimator):
    net = Estimator(scoring=MLPClassifier, early_stopping=True)
    with pytest.raises(ValueError, match=r"'scoring' parameter .* or a callable. Got <class"):
        net.fit(X, Y)


def test_a_class_is_no_network():
    for call in (
        HiddenLayerTransformer(MLPClassifier).fit,
        lambda *data: mlp_path(MLPClassifier, *data),
    ):
        with pytest.raises(ValueError, match=r"not the class MLPClassifier"):
            call(X, Y)


def test_the_order_of_arguments_of_scikit_learn_is_told_of():
    with pytest.raises(
        ValueError, match=r"comes first; a loss .* by keyword\)\. Got 'squared_er"
    ):
        MLPRegressor("squared_error").fit(X, Y)


@BOTH
def test_more_units_than_memory_are_told_of_by_name(Estimator):
    for size in (10**15, (3, 10**15)):
        with pytest.raises(MemoryError, match=r"hidden_layer_sizes=.*1000000000000000"):
            Estimator(size).fit(X, Y)
        with pytest.raises(MemoryError, match=r"hidden_layer_sizes=.*1000000000000000"):
            Estimator(size).partial_fit(
                X, Y, **({"classes": [0, 1]} if Estimator is MLPClassifier else {})
            )
    for size in (10**30, 10**400):
        with pytest.raises(ValueError, match=r"hidden_layer_sizes=1000.*can address"):
            Estimator(size).fit(X, Y)


@pytest.mark.parametrize("n_samples", [10**15, 10**18, 10**30])
def test_more_draws_than_memory_are_told_of_by_name(n_samples):
    params = {"hidden_layer_sizes": (3,), "dropout": 0.1, "max_iter": 1}
    with pytest.raises(MemoryError, match=r"n_samples=10000"):
        MLPClassifier(**params).fit(X, Y).sample_proba(X, n_samples)
    with pytest.raises(MemoryError, match=r"n_samples=10000"):
        MLPRegressor(**params).fit(X, Y).sample_y(X, n_samples)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("n_strengths", 10**9, r"an int in the range \[2, 10000\]"),
        ("eps", 5e-324, r"a float in the range \[1e-12, 1\)"),
    ],
)
def test_arguments_of_a_path_that_cannot_be(name, value, allowed):
    with pytest.raises(ValueError, match=f"^{name} must be {allowed}. Got"):
        mlp_path(MLPClassifier(), X, Y, **{name: value})


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ({0: 1}, "sample_weight must be one number, or one for each sample"),
        ("balanced", "sample_weight must be one number, or one for each sample"),
        (np.ones((60, 1, 1)), "sample_weight must be .*dim 3"),
        (np.full(60, 1j), "sample_weight must be .*Complex"),
        ([10**400] * 60, "sample_weight must be"),
        (np.zeros(60), "at least one non-zero number. Those in sample_weight are"),
    ],
)
@BOTH
def test_weights_of_a_wrong_kind_are_refused_by_name(Estimator, weight, message):
    with pytest.raises(ValueError, match=message):
        Estimator((2,)).fit(X, Y, sample_weight=weight)
    own = {"X_val": X, "y_val": Y, "sample_weight_val": weight}
    with pytest.raises(ValueError, match=message.replace("sample_weight", "sample_weight_val")):
        Estimator((2,), early_stopping=True).fit(X, Y, **own)


@pytest.mark.parametrize("weight", ["a", [1, 2], 1j, ..., np.ones(2)])
def test_class_weights_that_are_no_numbers_are_refused_by_name(weight):
    with pytest.raises(TypeError, match=r"class_weight must hold numbers. Got {0: "):
        MLPClassifier((2,), class_weight={0: weight}).fit(X, Y)
    labels = np.c_[Y, 1 - Y]
    with pytest.raises(TypeError, match=r"class_weight must hold numbers. Got {1: "):
        MLPClassifier((2,), class_weight=[{}, {1: weight}]).fit(X, labels)


@pytest.mark.parametrize("class_weight", [[1, 2], [None, None], [{}, "balanced"], [{}], {0: 1}])
def test_labels_want_a_dict_each(class_weight):
    with pytest.raises(
        ValueError, match=r"class_weight must be 'balanced' or a list of 2 dicts"
    ):
        MLPClassifier((2,), class_weight=class_weight).fit(X, np.c_[Y, 1 - Y])


@BOTH
@pytest.mark.parametrize(
    "own",
    [
        {"X_val": object(), "y_val": Y},
        {"X_val": X, "y_val": object()},
        {"X_val": X, "y_val": ["q"] * 60},
        {"X_val": [[10**400] * 4] * 60, "y_val": Y},
        {"X_val": [[{}] * 4] * 60, "y_val": Y},
    ],
)
def test_data_of_ones_own_of_a_wrong_kind_are_refused_by_name(Estimator, own):
    with pytest.raises(TypeError, match=r"^X_val, y_val or sample_weight_val: "):
        Estimator((2,), early_stopping=True).fit(X, Y, **own)


def test_targets_that_are_missing_are_not_finite():
    with pytest.raises(ValueError, match=r"y contains NaN"):
        MLPRegressor((2,)).fit(X, [None] * 60)


def test_a_fraction_of_the_rows_that_holds_too_few_is_named():
    net = MLPClassifier((2,), early_stopping=True, validation_fraction=1e-300)
    with pytest.raises(ValueError, match=r"^validation_fraction=1e-300: "):
        net.fit(X, Y)


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"weight_decay": 1e300}, "weight_decay=1e+300"),
        ({"weight_decay": 1e300, "solver": "sgd"}, "weight_decay=1e+300"),
        ({"learning_rate_init": 1e300, "solver": "sgd"}, "learning_rate_init=1e+300"),
        ({"alpha": 1e300, "solver": "lbfgs"}, "alpha=1e+300"),
        ({"alpha": 1e300, "solver": "sgd"}, "alpha=1e+300"),
        ({"l2": 1e300, "solver": "lbfgs"}, "l2=1e+300"),
        ({"l2": [0.0, 1e300], "solver": "sgd"}, "l2=[0.0, 1e+300]"),
        ({"l1": 1e300, "solver": "lbfgs"}, "l1=1e+300"),
    ],
)
def test_parameters_that_make_numbers_overflow_are_named(params, named):
    net = MLPClassifier((3,), batch_size=10, max_iter=20, random_state=0, **params)
    with (
        warnings.catch_warnings(),
        pytest.raises(ValueError, match=r"may contain large") as told,
    ):
        warnings.simplefilter("error")
        net.fit(X, Y)
    assert named in str(told.value)


@pytest.mark.parametrize(("scale", "dtype"), [(1e160, None), (1e300, None), (1e25, "float32")])
def test_gradients_whose_squares_overflow_are_told_of(scale, dtype):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        net = MLPClassifier((3,), dtype=dtype, max_iter=3, random_state=0).fit(scale * X, Y)
        net.partial_fit(scale * X, Y)
    texts = [str(one.message) for one in told]
    assert sum("Squares of gradients have overflowed" in text for text in texts) == 2
    assert all(one.category is ConvergenceWarning for one in told)


def test_rows_beyond_all_floats_have_no_prediction():
    clf = MLPClassifier((3,), max_iter=3, random_state=0).fit(X, Y)
    reg = MLPRegressor((3,), max_iter=3, random_state=0, dtype="float32").fit(X, POSITIVE)
    for net, huge in ((clf, 1.7e308), (reg, 1e39)):
        rows = X.copy()
        rows[7] = huge
        with pytest.raises(
            ValueError, match=r"not finite for row 7 of X.*the largest is [0-9.]+$"
        ):
            net.predict(rows)
        with pytest.raises(ValueError, match=r"not finite for row 7 of X"):
            HiddenLayerTransformer(net, prefit=True).transform(rows)


def test_weights_that_are_not_finite_have_no_prediction():
    net = MLPClassifier((3,), max_iter=3, random_state=0).fit(X, Y)
    net.coefs_[0][1, 2] = np.nan
    for call in (net.predict, net.predict_proba):
        with pytest.raises(ValueError, match=r"coefs_ or intercepts_ .* not finite"):
            call(X)


def test_weights_of_a_search_are_set_on_its_best_estimator():
    search = MLPClassifierCV(
        MLPClassifier((3,), max_iter=2), l2s=[0.1, 1.0], cv=2, random_state=0
    )
    search.fit(X, Y)
    zeros = [np.zeros_like(weight) for weight in search.coefs_]
    with pytest.raises(AttributeError, match=r"coefs_"):
        search.coefs_ = zeros
    search.best_estimator_.coefs_ = zeros
    assert len(np.unique(search.predict_proba(X), axis=0)) == 1


def everything(net, X, y):
    net.fit(X, y)
    for name in ("predict", "predict_proba", "predict_log_proba", "sample_proba", "sample_y"):
        if hasattr(net, name) and not (name.startswith("sample") and net.solver == "lbfgs"):
            getattr(net, name)(X)
    net.score(X, y)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_numbers_that_vanish_are_no_errors_where_numpy_would_make_them_some(activation):
    params = {"activation": activation, "max_iter": 5, "random_state": 0, "dtype": "float32"}
    targets = [Y, (X[:, 0] // 0.5).astype(int), np.c_[Y, 1 - Y]]
    with np.errstate(all="raise"):
        for solver in ("adam", "sgd", "lbfgs"):
            dropout = 0.0 if solver == "lbfgs" else 0.2
            for y in targets:
                everything(
                    MLPClassifier((5,), solver=solver, dropout=dropout, **params), 30 * X, y
                )
        for loss in (
            "absolute_error",
            "gamma",
            "huber",
            "poisson",
            "quantile",
            "squared_error",
        ):
            everything(MLPRegressor((5,), loss=loss, dropout=0.1, **params), X, POSITIVE)


@pytest.mark.parametrize("count", [10**9, 10**30, np.array(3), 10**400])
@pytest.mark.parametrize("name", ["l1s", "l2s", "dropouts", "learning_rate_inits"])
def test_more_candidates_than_there_is_time_for_are_refused_by_name(name, count):
    with pytest.raises(ValueError, match=rf"'{name}' parameter .* up to 10,000"):
        MLPClassifierCV(MLPClassifier((2,), max_iter=1), **{name: count}).fit(X, Y)


def test_searches_show_values_in_few_words_and_name_their_seed():
    for params in ({"candidates": [0.1] * 10**5}, {"estimator": "a" * 10**5}):
        with pytest.raises(ValueError, match=next(iter(params))) as refused:
            MLPClassifierCV(**params).fit(X, Y)
        assert len(str(refused.value)) < 700
    with pytest.raises(ValueError, match=r"random_state must be .* Got 'a'"):
        MLPClassifierCV(random_state="a").fit(X, Y)
