import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Lasso, MultiTaskLasso, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import optimality

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
WHOLE = len(X)


def assigned(coef, intercept, **params):
    """Return a linear network with the weights of another model."""
    y = Y if coef.ndim == 1 else np.column_stack([Y] * len(coef))
    model = MLPRegressor((), max_iter=1, batch_size=WHOLE, **params).fit(X, y)
    model.coefs_ = [coef.T.reshape(10, -1)]
    model.intercepts_ = [np.atleast_1d(intercept)]
    return model


def test_the_lasso_of_scikit_learn_is_certified():
    lasso = Lasso(0.1, tol=1e-12, max_iter=10**5).fit(X, Y)
    result = optimality(assigned(lasso.coef_, lasso.intercept_, l1=0.1, l2=0.0), X, Y)
    assert result.distance < 1e-9
    assert result.objective == pytest.approx(
        np.mean((Y - lasso.predict(X)) ** 2) / 2 + 0.1 * np.abs(lasso.coef_).sum()
    )
    gradient = X.T @ (lasso.predict(X) - Y) / len(X)
    slack, is_zero = result.slack[0].ravel(), lasso.coef_ == 0
    np.testing.assert_allclose(slack[is_zero], 0.1 - np.abs(gradient[is_zero]))
    assert np.isnan(slack[~is_zero]).all()
    assert 0 < is_zero.sum() < 10
    assert (slack[is_zero] > 0).all()


def test_the_multi_task_lasso_of_scikit_learn_is_certified():
    targets = np.column_stack([Y, Y[::-1] + X[:, 2]])
    lasso = MultiTaskLasso(0.1, tol=1e-12, max_iter=10**5).fit(X, targets)
    model = assigned(lasso.coef_, lasso.intercept_, group_lasso=0.1, l2=0.0)
    result = optimality(model, X, targets)
    assert result.distance < 1e-7
    zero = ~lasso.coef_.any(axis=0)
    pull = np.linalg.norm(X.T @ (lasso.predict(X) - targets) / len(X), axis=1)
    expected = np.where(zero, 0.1 - pull, np.nan)
    np.testing.assert_allclose(result.slack[0], np.column_stack([expected] * 2))
    assert 0 < zero.sum() < 10


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [WHOLE, 100])
def test_alpha_is_stated_as_the_l2_that_it_is(weighted, batch_size):
    # Minibatches of 100 rows of 442: four have alpha / 100, one has alpha / 42.
    weight = np.random.default_rng(0).random(len(X)) if weighted else None
    mean = weight.mean() if weighted else 1.0
    l2 = 50 / mean / WHOLE if batch_size == WHOLE else 50 / mean * (4 / 100 + 1 / 42) / 5
    total = len(X) * mean
    ridge = Ridge(alpha=l2 * total).fit(X, Y, weight)
    model = assigned(ridge.coef_, ridge.intercept_, alpha=50.0)
    model.set_params(batch_size=batch_size)
    result = optimality(model, X, Y, weight)
    assert result.l2 == pytest.approx([l2])
    assert result.distance < 1e-9
    assert optimality(model.set_params(solver="lbfgs"), X, Y, weight).l2 == pytest.approx(
        [50 / total]
    )


def test_l2_by_layer_is_stated():
    model = MLPRegressor((4,), l2=[0.0, 0.1], max_iter=2).fit(X, Y)
    assert optimality(model, X, Y).l2 == [0, 0.1]


LATER_L2 = [0.0, 0.01, 0.01]
PENALTIES = {
    "l1": {"l1": 0.005, "l2": 0.0},
    "l2": {"l2": 0.01},
    "alpha": {"alpha": 3.0},
    "elastic net": {"l1": 0.003, "l2": 0.003},
    "group lasso": {"group_lasso": 0.02, "l2": LATER_L2},
    "groups": {
        "group_lasso": 0.02,
        "l2": LATER_L2,
        "feature_groups": [[k, k + 10, k + 20] for k in range(10)],
    },
    "sparse group lasso": {"group_lasso": 0.01, "l1": [0.005, 0.0, 0.0], "l2": LATER_L2},
}
SOLVERS = {
    # As gradients vanish, so does the divisor of Adam's steps: epsilon bounds them.
    "adam": {"solver": "adam", "learning_rate_init": 0.01, "epsilon": 0.01},
    "momentum": {"solver": "sgd", "learning_rate_init": 0.03},
    "lbfgs": {"solver": "lbfgs", "max_fun": 10**6},
}


# Over seeds 0 to 2 the last distance is 2e-5 of the first at most. Momentum takes
# longer on the badly conditioned ones than a test can wait.
@pytest.mark.parametrize(
    ("solver", "name"),
    [
        *[("adam", name) for name in PENALTIES],
        *[("momentum", name) for name in ("l2", "elastic net", "sparse group lasso")],
        *[("lbfgs", name) for name in ("l1", "l2", "alpha", "elastic net")],
    ],
)
def test_a_network_that_has_converged_is_told_from_one_stopped_early(solver, name):
    penalty = PENALTIES[name]
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)
    settings = {
        "hidden_layer_sizes": (8, 5),
        "activation": "tanh",
        "batch_size": len(X),
        "n_iter_no_change": 10**6,
        "tol": 1e-9,
        "random_state": 0,
        **SOLVERS[solver],
        **penalty,
    }
    # A learning rate of almost nothing: the initial weights.
    still = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1}
    initial = MLPClassifier(**{**settings, **still}).fit(X, y)
    converged = MLPClassifier(**settings, max_iter=15_000).fit(X, y)
    stopped = MLPClassifier(**settings, max_iter=30).fit(X, y)
    at_first, at_last, on_the_way = (
        optimality(model, X, y).distance for model in (initial, converged, stopped)
    )
    assert at_last < 1e-4 * at_first
    assert on_the_way > 100 * at_last
    assert all(weight.any() for weight in converged.coefs_)
    share = y.mean()
    null_loss = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert optimality(converged, X, y).objective < null_loss / 2
    if "l1" in penalty or "group_lasso" in penalty:
        result = optimality(converged, X, y)
        is_zero = converged.coefs_[0] == 0
        assert is_zero.any()
        assert np.isfinite(result.slack[0][is_zero]).all()
        assert result.slack[0][is_zero].min() > -1e-4 * at_first


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_data(layout):
    model = MLPRegressor((4,), l1=0.01, max_iter=5, random_state=0).fit(X, Y)
    dense, stored = optimality(model, X, Y), optimality(model, layout(X), Y)
    assert stored.distance == pytest.approx(dense.distance)
    np.testing.assert_allclose(stored.coefs[0], dense.coefs[0], atol=1e-12)


def test_results_are_shaped_like_the_weights_and_leave_them_alone():
    iris, species = load_iris(return_X_y=True)
    model = MLPClassifier((6, 5), l1=0.01, max_iter=50, random_state=0)
    model.fit(iris, species)
    before = [weight.copy() for weight in model.coefs_ + model.intercepts_]
    result = optimality(model, iris, species)
    for of_model, of_result in [
        (model.coefs_, result.coefs),
        (model.coefs_, result.slack),
        (model.intercepts_, result.intercepts),
    ]:
        assert [a.shape for a in of_model] == [a.shape for a in of_result]
    squares = sum(np.sum(part**2) for part in result.coefs + result.intercepts)
    assert result.distance == pytest.approx(np.sqrt(squares))
    for weight, old in zip(model.coefs_ + model.intercepts_, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert result.objective == pytest.approx(model.loss_, rel=0.05)


def test_pruned_and_sparse_networks():
    model = MLPRegressor((10,), l1=0.02, max_iter=200, random_state=0).fit(X, Y)
    whole = optimality(model, X, Y)
    pruned = optimality(model.prune(), X, Y)
    # It lacks the weights of dead units, and what they cost.
    assert 0.95 * whole.objective < pruned.objective <= whole.objective
    assert pruned.coefs[0].shape == model.prune().coefs_[0].shape
    assert optimality(model.sparsify(), X, Y).distance == pytest.approx(whole.distance)


@pytest.mark.parametrize(
    "params",
    [{"weight_decay": 0.1}, {"max_norm": 2.0}, {"dropout": [0.1]}, {"input_dropout": 0.1}],
)
def test_what_has_no_certificate_is_refused(params):
    (name,) = params
    model = MLPRegressor((4,), max_iter=2, **params).fit(X, Y)
    with pytest.raises(ValueError, match=f"There is no certificate for {name}="):
        optimality(model, X, Y)


def test_other_data_are_refused():
    model = MLPRegressor((4,), max_iter=2).fit(X, Y)
    with pytest.raises(ValueError, match="features"):
        optimality(model, X[:, :5], Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        optimality(model, X, Y[:-1])


def test_pruning_leaves_the_objective_of_groups_as_it_is():
    # A group that has lost features to l1 keeps its weight.
    groups = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    model = MLPRegressor(
        (),
        solver="sgd",
        l1=0.05,
        group_lasso=0.05,
        l2=0.0,
        feature_groups=groups,
        batch_size=WHOLE,
        learning_rate_init=0.05,
        max_iter=3000,
        tol=0,
        n_iter_no_change=3000,
        random_state=0,
    ).fit(X, Y)
    pruned = model.prune()
    assert len(pruned.coefs_[0]) < 9
    assert optimality(pruned, X, Y).objective == pytest.approx(
        optimality(model, X, Y).objective
    )
    assert optimality(pruned, X, Y).distance < 1e-9


def test_what_is_not_a_network_is_refused():
    pipeline = make_pipeline(MLPRegressor((4,), max_iter=2)).fit(X, Y)
    with pytest.raises(TypeError, match="not a Pipeline"):
        optimality(pipeline, X, Y)
    with pytest.raises(NotFittedError):
        optimality(MLPRegressor(), X, Y)


def test_targets_of_another_shape_are_refused():
    model = MLPRegressor((4,), max_iter=2).fit(X, np.column_stack([Y, Y]))
    with pytest.raises(ValueError, match="y asks for 1 output"):
        optimality(model, X, Y)


def test_a_large_batch_size_is_not_warned_of_again(recwarn):
    model = MLPRegressor((4,), l1=0.01, max_iter=2, batch_size=WHOLE).fit(X, Y)
    recwarn.clear()
    optimality(model.set_params(batch_size=10**6), X, Y)
    assert not recwarn


@pytest.mark.parametrize("loss", ["absolute_error", "quantile"])
def test_a_minimum_at_a_kink_may_be_at_a_distance(loss):
    # The median of 0, 0, 1 is 0, where two residuals are at the kink.
    X, y = np.zeros((3, 1)), np.array([0.0, 0.0, 1.0])
    model = MLPRegressor((), loss=loss, max_iter=1, alpha=0.0, random_state=0).fit(X, y)
    model.coefs_[0][:], model.intercepts_[0][:] = 0.0, 0.0
    slope = 1 if loss == "absolute_error" else 0.5
    result = optimality(model, X, y)
    assert result.objective == pytest.approx(slope / 3)
    assert result.distance == pytest.approx(slope / 3)
