"""Several quantiles from one network."""

import pickle

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss
from sklearn.model_selection import KFold, cross_val_predict, cross_val_score
from sklearn.preprocessing import StandardScaler, scale

from skreg import MLPRegressor, MLPRegressorCV
from skreg.inspection import optimality
from skreg.model_selection import mlp_path

LEVELS = [0.05, 0.5, 0.95]


def two_sided(n_samples=300, n_columns=1, seed=0):
    """Targets whose spread depends on a feature."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_samples, 3))
    noise = rng.standard_normal((n_samples, n_columns))
    y = X[:, :1] + (0.3 + np.abs(X[:, 1:2])) * noise
    return X, y[:, 0] if n_columns == 1 else y


def network(**params):
    # Few steps, large ones and many units: outputs that cross in plenty.
    params = {"learning_rate_init": 0.05, "max_iter": 8, "random_state": 0, **params}
    return MLPRegressor((20,), loss="quantile", **{"quantile": LEVELS, **params})


def assert_no_crossing(predictions, levels=LEVELS):
    in_order = predictions[..., np.argsort(levels)]
    assert (np.diff(in_order, axis=-1) >= 0).all()


def outputs_cross(model, X, levels=LEVELS):
    """Whether the outputs of a network, as they are, cross on some row."""
    hidden = np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)
    outputs = hidden @ model.coefs_[1] + model.intercepts_[1]
    by_level = outputs.reshape(len(X), -1, len(levels))[..., np.argsort(levels)]
    return bool((np.diff(by_level, axis=-1) < 0).any())


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("levels", [LEVELS, (0.6, 0.4), np.array([0.5, 0.2, 0.8, 0.3]), [0.3]])
@pytest.mark.parametrize("n_columns", [1, 2])
def test_quantiles_stand_in_the_order_of_their_levels_on_a_last_axis(levels, n_columns):
    X, y = two_sided(n_columns=n_columns)
    model = network(quantile=levels, max_iter=1).fit(X, y)
    far = 20 * X
    predictions = model.predict(far)
    columns = () if n_columns == 1 else (2,)
    assert predictions.shape == (300, *columns, len(levels))
    assert model.n_outputs_ == n_columns * len(levels)
    assert_no_crossing(predictions, levels)
    assert outputs_cross(model, far, levels) == (len(levels) > 1)


def test_quantiles_of_a_linear_model_are_those_of_quantile_regressor():
    X, y = two_sided()
    levels = [0.75, 0.25]
    model = MLPRegressor((), loss="quantile", quantile=levels, l2=0.0, warm_start=True)
    model.set_params(batch_size=300, max_iter=300, tol=0.0, random_state=0)
    for rate in np.geomspace(0.03, 1e-5, 7):
        model.set_params(learning_rate_init=rate, n_iter_no_change=np.inf)
        with pytest.warns(UserWarning, match="converged"):
            model.fit(X, y)
    for k, level in enumerate(levels):
        reference = QuantileRegressor(quantile=level, alpha=0.0).fit(X, y)
        np.testing.assert_allclose(model.coefs_[0][:, k], reference.coef_, atol=2e-3)
        losses = [
            mean_pinball_loss(y, prediction, alpha=level)
            for prediction in (model.predict(X)[:, k], reference.predict(X))
        ]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_one_level_in_a_list_trains_as_the_level_alone():
    X, y = two_sided()
    one, alone = network(quantile=[0.3]).fit(X, y), network(quantile=0.3).fit(X, y)
    np.testing.assert_array_equal(one.predict(X)[:, 0], alone.predict(X))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_columns", [1, 2])
def test_the_score_of_quantiles_is_the_mean_of_d2_pinball_scores(weighted, n_columns):
    X, y = two_sided(n_columns=n_columns)
    weight = np.random.default_rng(1).random(300) if weighted else None
    model = network().fit(X, y, weight)
    expected = [
        d2_pinball_score(y, model.predict(X)[..., k], alpha=level, sample_weight=weight)
        for k, level in enumerate(LEVELS)
    ]
    assert model.score(X, y, weight) == pytest.approx(np.mean(expected), rel=1e-12)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_one_network_crosses_nowhere_and_has_no_higher_pinball_loss_than_one_for_each():
    X, y = load_diabetes(return_X_y=True)
    X, y = scale(X), scale(y)
    settings = {"early_stopping": True, "scoring": "loss", "batch_size": 64, "l2": 1e-3}
    settings |= {"learning_rate_init": 0.003, "random_state": 0}
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    model = MLPRegressor(loss="quantile", quantile=levels, **settings)
    folds = KFold(5, shuffle=True, random_state=0)
    together = cross_val_predict(model, X, y, cv=folds)
    alone = np.column_stack(
        [
            cross_val_predict(model.set_params(quantile=level), X, y, cv=folds)
            for level in levels
        ]
    )
    assert (np.diff(together) >= 0).all()
    assert (np.diff(alone) < 0).any()
    losses = [
        sum(mean_pinball_loss(y, p[:, k], alpha=q) for k, q in enumerate(levels))
        for p in (together, alone)
    ]
    assert losses[0] < losses[1]


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_what_early_stopping_watches_of_quantiles_is_finite_and_kept():
    X, y = two_sided()
    for scoring in ("loss", None):
        model = network(early_stopping=True, scoring=scoring).fit(X, y)
        assert np.isfinite(model.validation_scores_).all()
        assert model.best_validation_score_ == max(model.validation_scores_)


@pytest.mark.parametrize("refit", [False, True])
def test_an_average_over_folds_does_not_cross(refit):
    X, y = two_sided()
    close = [0.45, 0.5, 0.55]
    search = MLPRegressorCV(
        network(max_iter=20, quantile=close),
        learning_rate_inits=[0.05, 0.02],
        refit=refit,
        random_state=0,
    ).fit(X, y)
    far = 20 * X
    assert outputs_cross(search, far, close)
    assert search.predict(far).shape == (300, 3)
    assert_no_crossing(search.predict(far), close)
    assert search.score(X, y) == search.best_estimator_.score(X, y) > 0.2
    assert cross_val_score(search, X, y, cv=2).min() > 0.05


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_quantiles_go_on_under_warm_start_partial_fit_checkpoints_and_pickles(tmp_path):
    X, y = two_sided()
    whole = network(max_iter=4, shuffle=False).fit(X, y)
    steps = network(shuffle=False)
    for _ in range(4):
        steps.partial_fit(X, y)
    np.testing.assert_allclose(steps.predict(X), whole.predict(X), rtol=1e-12)
    kept = network(checkpoint=tmp_path).fit(X, y)
    np.testing.assert_array_equal(
        network(checkpoint=tmp_path).fit(X, y).predict(X), kept.predict(X)
    )
    again = pickle.loads(pickle.dumps(kept))
    np.testing.assert_array_equal(again.predict(X), kept.predict(X))
    more = kept.set_params(warm_start=True, checkpoint=None).fit(X, y)
    assert_no_crossing(more.predict(X))
    with pytest.raises(ValueError, match="layers of"):
        more.set_params(quantile=[0.1, 0.9]).fit(X, y)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_draws_of_quantiles_do_not_cross():
    X, y = two_sided(n_columns=2)
    model = network(dropout=0.3).fit(X, y)
    assert_no_crossing(np.moveaxis(model.sample_y(X, 5), -1, 0))
    mean, std = model.predict(X, return_std=True, n_draws=10)
    assert mean.shape == std.shape == (300, 2, 3)


def test_paths_and_certificates_take_quantiles():
    X, y = two_sided()
    estimator = MLPRegressor(
        (), loss="quantile", quantile=LEVELS, l2=0.0, solver="lbfgs", random_state=0
    )
    path = mlp_path(estimator, X, y, n_strengths=5, X_val=X, y_val=y)
    assert path.n_features[-1] == 0
    assert np.isfinite(path.scores).all()
    assert np.isfinite(optimality(path.models[0], X, y).distance)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_scaled_target_has_its_quantiles_on_the_scale_of_the_user():
    X, y = two_sided()
    wrapped = TransformedTargetRegressor(network(), transformer=StandardScaler())
    predictions = wrapped.fit(X, 1000 * y + 5000).predict(X)
    plain = network().fit(X, (y - y.mean()) / y.std()).predict(X)
    expected = 1000 * (plain * y.std() + y.mean()) + 5000
    np.testing.assert_allclose(predictions, expected, rtol=1e-9)


@pytest.mark.parametrize(
    "levels", [[], [0.5, 0.5], [0.0, 0.5], [0.5, 1.0], [[0.1, 0.2]], "0.5", [0.1, True], {0.1}]
)
def test_levels_that_are_none_are_refused(levels):
    X, y = two_sided()
    with pytest.raises(
        ValueError, match="'quantile' parameter of MLPRegressor must be a float"
    ):
        network(quantile=levels).fit(X, y)
