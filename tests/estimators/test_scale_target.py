"""Targets that are scaled inside the fit, against networks for targets scaled by hand."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold
from sklearn.preprocessing import scale

from skreg import MLPClassifierCV, MLPRegressor, MLPRegressorCV
from skreg.inspection import optimality
from skreg.model_selection import mlp_path

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")

X = scale(load_diabetes().data)
Y = load_diabetes().target
PRICES = 1000 * Y + 1e5
TWO = np.column_stack([PRICES, np.log(PRICES)])
WEIGHT = np.random.default_rng(0).random(len(Y))
CLOSE = {"rtol": 1e-9}


def pair(loss="squared_error", **params):
    """Return the same network twice, with targets that are scaled and not."""
    settings = {
        "hidden_layer_sizes": (10,),
        "l2": 0.01,
        "learning_rate_init": 0.01,
        "max_iter": 5,
        "random_state": 0,
    }
    model = MLPRegressor(loss=loss, **settings | params)
    return clone(model).set_params(scale_target=True), model


def standardized(y, weight=None):
    mean = np.average(y, axis=0, weights=weight)
    std = np.sqrt(np.average((y - mean) ** 2, axis=0, weights=weight))
    return (y - mean) / std, mean, std


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("y", [PRICES, TWO, Y.astype(np.int32)], ids=["one", "two", "int"])
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"solver": "lbfgs", "loss": "huber", "huber_delta": 0.5},
        {"loss": "absolute_error"},
        {"loss": "quantile", "quantile": 0.9},
        {"early_stopping": True},
    ],
    ids=str,
)
def test_it_is_the_network_of_standardized_targets(params, y, weight):
    model, by_hand = pair(**params)
    targets, mean, std = standardized(y, weight)
    model.fit(X, y, weight)
    by_hand.fit(X, targets, weight)
    np.testing.assert_allclose(model.coefs_[0], by_hand.coefs_[0], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.loss_, by_hand.loss_, rtol=1e-7)
    np.testing.assert_allclose(model.predict(X), by_hand.predict(X) * std + mean, rtol=1e-7)


@pytest.mark.parametrize("y", [PRICES, TWO], ids=["one", "two"])
def test_several_quantiles_come_back_on_the_scale_of_the_targets(y):
    model, by_hand = pair("quantile", quantile=[0.9, 0.1, 0.5])
    targets, mean, std = standardized(y)
    expected = by_hand.fit(X, targets).predict(X)
    expected = expected * np.expand_dims(std, -1) + np.expand_dims(mean, -1)
    np.testing.assert_allclose(model.fit(X, y).predict(X), expected, **CLOSE)
    np.testing.assert_allclose(model.score(X, y), by_hand.score(X, targets), **CLOSE)


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
@pytest.mark.parametrize("y", [PRICES, TWO], ids=["one", "two"])
def test_where_the_link_is_a_logarithm_targets_are_divided_by_their_mean(loss, y):
    model, by_hand = pair(loss)
    mean = y.mean(axis=0)
    expected = mean * by_hand.fit(X, y / mean).predict(X)
    np.testing.assert_allclose(model.fit(X, y).predict(X), expected, **CLOSE)


@pytest.mark.parametrize("factor", [1e-200, 1e-30, 1e30, 1e200, 1e305])
def test_targets_of_any_size_are_learnt_alike(factor):
    model, _ = pair()
    expected = clone(model).fit(X, Y).predict(X)
    predicted = model.fit(X, factor * Y).predict(X)
    np.testing.assert_allclose(predicted / factor, expected, rtol=1e-7)


def test_raw_and_log_prices_are_predicted_as_well_as_standardized_ones():
    train, test = slice(0, 300), slice(300, None)
    settings = {"hidden_layer_sizes": (100,), "l2": 0.1, "max_iter": 200}
    for y in (PRICES, np.log(PRICES), Y):
        model, by_hand = pair(**settings)
        targets, mean, std = standardized(y[train])
        by_hand.fit(X[train], targets)
        expected = by_hand.score(X[test], (y[test] - mean) / std)
        assert model.fit(X[train], y[train]).score(X[test], y[test]) == pytest.approx(expected)
        assert expected > 0.49


@pytest.mark.parametrize("kind", ["raw", "log"])
def test_a_search_without_an_estimator_takes_prices_as_they_are(kind):
    y = {"raw": PRICES, "log": np.log(PRICES)}[kind]
    search = MLPRegressorCV(cv=2, random_state=0).fit(X[:300], y[:300])
    assert search.best_estimator_.scale_target
    assert search.score(X[300:], y[300:]) > 0.47


def test_a_network_that_is_given_to_a_search_keeps_its_value():
    network = MLPRegressor((5,), max_iter=3)
    search = MLPRegressorCV(network, l2s=[0.1], cv=2, random_state=0).fit(X, Y)
    assert not search.best_estimator_.scale_target
    assert not hasattr(MLPClassifierCV()._bare(), "scale_target")


def test_candidates_may_have_a_loss_with_a_logarithm():
    candidates = [{"loss": "poisson", "max_iter": 5}]
    search = MLPRegressorCV(candidates=candidates, cv=2, random_state=0).fit(X, PRICES)
    assert (search.predict(X) > 0).all()
    assert search.score(X, PRICES) > 0


@pytest.mark.parametrize("params", [{}, {"loss": "gamma"}], ids=str)
@pytest.mark.parametrize("hidden", [(), (6,), (6, 4)])
def test_an_average_is_that_of_networks_with_scales_of_their_own(params, hidden):
    # The folds lie apart: so do means and spreads of what is trained on.
    order = np.argsort(PRICES)
    y = PRICES[order]
    network = pair(hidden_layer_sizes=hidden, **params)[0]
    search = MLPRegressorCV(network, cv=KFold(3), random_state=0).fit(X[order], y)
    raws = []
    for k, (train, test) in enumerate(KFold(3).split(X)):
        seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max, size=4)[k + 1]
        part = clone(network).set_params(
            early_stopping=True, scoring="loss", random_state=int(seed)
        )
        held_out = {"X_val": X[order][test], "y_val": y[test]}
        predicted = part.fit(X[order][train], y[train], **held_out).predict(X)
        raws.append(np.log(predicted) if params else predicted)
    mean = np.mean(raws, axis=0)
    np.testing.assert_allclose(search.predict(X), np.exp(mean) if params else mean, rtol=1e-8)
    # What is trained on is on the mean scale.
    more = search.best_estimator_.set_params(early_stopping=False).partial_fit(X, PRICES)
    assert more.loss_ < 5


def test_draws_and_their_spread_are_on_the_scale_of_the_targets():
    model, by_hand = pair(dropout=0.5)
    targets, mean, std = standardized(PRICES)
    model.fit(X, PRICES)
    by_hand.fit(X, targets)
    draws = by_hand.sample_y(X, 4, random_state=1) * std + mean
    np.testing.assert_allclose(model.sample_y(X, 4, random_state=1), draws, **CLOSE)
    options = {"return_std": True, "n_draws": 4, "random_state": 1}
    _, spread = by_hand.predict(X, **options)
    np.testing.assert_allclose(model.predict(X, **options)[1], spread * std, rtol=1e-7)


def test_scorers_judge_predictions_on_the_scale_of_the_targets():
    model, _ = pair(early_stopping=True, scoring="neg_mean_squared_error")
    held_out = {"X_val": X[300:], "y_val": PRICES[300:]}
    model.fit(X[:300], PRICES[:300], **held_out)
    error = mean_squared_error(PRICES[300:], model.predict(X[300:]))
    assert model.best_validation_score_ == pytest.approx(-error, rel=1e-9)


def test_coefficients_are_on_the_scale_of_the_targets():
    for y in (PRICES, TWO):
        model = pair(hidden_layer_sizes=())[0].fit(X, y)
        predicted = X @ model.coef_.T + model.intercept_
        np.testing.assert_allclose(predicted, model.predict(X), **CLOSE)
        assert np.abs(model.coef_).max() > 1e3 > 10 * np.abs(model.coefs_[0]).max()


def test_a_warm_start_keeps_the_scale_and_goes_on():
    model, by_hand = pair(warm_start=True)
    targets, mean, std = standardized(PRICES)
    for _ in range(2):
        model.fit(X, PRICES)
        by_hand.fit(X, targets)
    np.testing.assert_allclose(model.predict(X), by_hand.predict(X) * std + mean, **CLOSE)
    # On other targets as well, or weights would mean something else; and whatever the
    # parameter says by now.
    model.set_params(scale_target=False).fit(X, 2 * PRICES)
    by_hand.fit(X, (2 * PRICES - mean) / std)
    np.testing.assert_allclose(model.predict(X), by_hand.predict(X) * std + mean, **CLOSE)


def test_a_network_that_was_not_scaled_goes_on_without():
    _, model = pair(warm_start=True)
    model.fit(X, Y)
    before = model.predict(X)
    settings = {"scale_target": True, "max_iter": 1, "learning_rate_init": 1e-12}
    np.testing.assert_allclose(model.set_params(**settings).fit(X, Y).predict(X), before)


def test_partial_fit_has_the_scale_of_its_first_call():
    model, by_hand = pair()
    _, mean, std = standardized(PRICES[:100])
    for rows in (slice(0, 100), slice(100, 442)):
        model.partial_fit(X[rows], PRICES[rows])
        by_hand.partial_fit(X[rows], (PRICES[rows] - mean) / std)
    np.testing.assert_allclose(model.predict(X), by_hand.predict(X) * std + mean, **CLOSE)


def test_the_scale_travels_in_pickles_checkpoints_and_pruned_networks(tmp_path):
    model = pair(l1=0.1, checkpoint=tmp_path)[0].fit(X, PRICES)
    predicted = model.predict(X)
    for other in (
        pickle.loads(pickle.dumps(model)),
        clone(model).fit(X, PRICES),
        model.prune(),
    ):
        np.testing.assert_allclose(other.predict(X), predicted, **CLOSE)


def test_checkpoints_of_other_scales_are_told_apart(tmp_path):
    # Scaled they are the same numbers, but what scorers say of them is not.
    watched = {"early_stopping": True, "scoring": "neg_mean_squared_error"}
    first, _ = pair(checkpoint=tmp_path, **watched)
    first.fit(X, PRICES)
    again = clone(first).fit(X, 2 * PRICES)
    np.testing.assert_allclose(again.predict(X), 2 * first.predict(X), **CLOSE)
    four = 4 * np.array(first.validation_scores_)
    np.testing.assert_allclose(again.validation_scores_, four, **CLOSE)


def test_certificates_and_paths_are_those_of_the_network_that_is_trained():
    exact = {"hidden_layer_sizes": (), "solver": "lbfgs", "l1": 0.1, "tol": 1e-9}
    model, by_hand = pair(**exact, l2=0.0, max_iter=1000)
    targets = standardized(PRICES)[0]
    assert optimality(model.fit(X, PRICES), X, PRICES).distance < 1e-6
    ours = mlp_path(model, X, PRICES, n_strengths=5)
    theirs = mlp_path(by_hand, X, targets, n_strengths=5)
    np.testing.assert_allclose(ours.strengths, theirs.strengths, rtol=1e-6)
    np.testing.assert_allclose(ours.norms, theirs.norms, atol=1e-6)


def test_targets_that_do_not_vary_are_predicted():
    for value in (0.0, 0.1, 1e5):
        y = np.full(len(X), value)
        predicted = pair(max_iter=100)[0].fit(X, y).predict(X)
        np.testing.assert_allclose(predicted, y, atol=0.1)
    two = np.column_stack([PRICES, np.ones(len(X))])
    assert np.isfinite(pair()[0].fit(X, two).predict(X)).all()
    assert np.isfinite(pair("poisson")[0].fit(X, np.zeros(len(X))).predict(X)).all()


def test_predictions_have_the_dtype_of_the_weights():
    model = pair(dtype="float32")[0].fit(X, PRICES)
    assert model.predict(X).dtype == np.float32
    # Targets are scaled before they are rounded.
    reference = pair()[0].fit(X, PRICES).predict(X)
    np.testing.assert_allclose(model.predict(X), reference, rtol=1e-4)


def test_targets_of_other_columns_under_warm_start_are_refused():
    model = pair(warm_start=True)[0].fit(X, TWO)
    with pytest.raises(ValueError, match="layers of"):
        model.fit(X, PRICES)


def test_targets_out_of_range_are_refused_with_their_own_numbers():
    with pytest.raises(ValueError, match="its minimum is -5"):
        pair("gamma")[0].fit(X, np.r_[-5.0, PRICES[1:]])


def test_logs_of_prices_go_by_way_of_a_transformed_target():
    model, by_hand = pair()
    wrapped = TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp)
    targets, mean, std = standardized(np.log(PRICES))
    expected = np.exp(by_hand.fit(X, targets).predict(X) * std + mean)
    np.testing.assert_allclose(wrapped.fit(X, PRICES).predict(X), expected, **CLOSE)


@pytest.mark.parametrize(
    ("y", "params", "is_told"),
    [
        (PRICES, {}, True),
        (np.log(PRICES), {}, True),
        (100 * Y - 100 * Y.mean(), {}, True),
        (Y / 50, {}, False),
        (PRICES, {"loss": "poisson"}, True),
        (PRICES, {"loss": "poisson", "l2": 0.1}, False),
        (PRICES, {"l2": 0.1}, True),
        # The output begins at the mean.
        (np.log(PRICES), {"l2": 0.1}, False),
        (PRICES, {"scale_target": True}, False),
        (TWO, {"solver": "lbfgs"}, True),
    ],
)
def test_a_fit_that_has_not_converged_names_the_scale_of_the_targets(y, params, is_told):
    model = MLPRegressor((5,), max_iter=2, random_state=0, **params)
    with pytest.warns(UserWarning, match="(?i)maximum|limit|iterations") as caught:
        model.fit(X, y)
    message = str(caught[0].message)
    assert ("scale_target=True" in message) == is_told
    assert ("TransformedTargetRegressor" in message) == is_told
    assert ("with_mean=False" in message) == (is_told and "loss" in params)
    if params.get("solver") != "lbfgs":
        assert message.startswith(
            "Stochastic Optimizer: Maximum iterations (2) reached and the optimization "
            "hasn't converged yet."
        )


def test_a_training_that_has_gone_astray_names_the_scale_of_the_targets():
    # The plain steps of sgd are as long as the targets are large.
    model = MLPRegressor((5,), solver="sgd", random_state=0)
    with pytest.raises(ValueError, match=r"finite.*y is far from.*scale_target=True"):
        model.fit(X, 1e6 * PRICES)
    model.set_params(scale_target=True)
    assert model.fit(X, 1e6 * PRICES).score(X, 1e6 * PRICES) > 0.4
