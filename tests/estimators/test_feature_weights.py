"""Weights of features: what the strengths of l1 and group_lasso are multiplied by.

Without hidden layers the oracle is the same problem on rescaled columns: the weight w of a
feature is its column divided by w.
"""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, LinearRegression, MultiTaskLasso
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skreg import MLPClassifier, MLPRegressor, MLPRegressorCV
from skreg.estimators.inputs import Inputs
from skreg.inspection import optimality
from skreg.model_selection import mlp_path

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
YY = scale(np.column_stack([Y, Y[::-1] + X[:, 2], X[:, 0] * X[:, 1] + Y]))
WEIGHTS = np.array([1.0, 3, 0.5, 1, 2, 0.2, 5, 1, 0.7, 1.3])
PROTECTING = np.array([1.0, 0, 0.5, 1, 2, 0.2, 0, 1, 0.7, 1.3])
BOTH = pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
# As in tests/test_equivalences.py: steps that settle, until nothing changes any more.
STEPS = {"n_iter_no_change": np.inf, "max_iter": 3000}
SOLVERS = {
    "adam": {"solver": "adam", "learning_rate_init": 0.04, "epsilon": 0.1, **STEPS},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05, **STEPS},
    "lbfgs": {"solver": "lbfgs", "max_iter": 5000},
}


def linear(solver="lbfgs", **params):
    kept = {"l2": 0.0, "batch_size": len(X), "tol": 1e-10, "random_state": 0}
    return MLPRegressor((), **{**kept, **SOLVERS[solver], **params})


def small(Estimator=MLPRegressor, **params):
    kept = {"max_iter": 20, "learning_rate_init": 0.01, "random_state": 0}
    return Estimator((4,), **{**kept, **params})


def lasso_of(weights, alpha=0.1):
    """Solve it by scikit-learn: what is free is projected out of the others first."""
    is_free = weights == 0
    free, others = np.column_stack([X[:, is_free], np.ones(len(X))]), X[:, ~is_free]
    left, target = (
        part - free @ np.linalg.lstsq(free, part, rcond=None)[0] for part in (others, Y)
    )
    lasso = Lasso(alpha, fit_intercept=False, tol=1e-14, max_iter=10**6)
    coef = np.zeros(len(weights))
    coef[~is_free] = lasso.fit(left / weights[~is_free], target).coef_ / weights[~is_free]
    coef[is_free] = np.linalg.lstsq(free, Y - X @ coef, rcond=None)[0][:-1]
    return coef


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("weights", [WEIGHTS, PROTECTING], ids=["positive", "protecting"])
def test_l1_is_the_lasso_on_rescaled_columns(solver, weights):
    expected = lasso_of(weights)
    model = linear(solver, l1=0.1, feature_weights=weights).fit(X, Y)
    np.testing.assert_allclose(model.coefs_[0].ravel(), expected, atol=1e-5)
    np.testing.assert_array_equal(model.get_support(), expected != 0)
    assert 2 <= (expected == 0).sum() <= 8
    result = optimality(model, X, Y)
    assert result.distance < 1e-5
    held = np.isfinite(result.slack[0].ravel())
    np.testing.assert_array_equal(held, expected == 0)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_group_lasso_is_the_multi_task_lasso_on_rescaled_columns(solver):
    lasso = MultiTaskLasso(0.2, tol=1e-14, max_iter=10**6).fit(X / WEIGHTS, YY)
    expected = (lasso.coef_ / WEIGHTS).T
    model = linear(solver, group_lasso=0.2, feature_weights=WEIGHTS).fit(X, YY)
    np.testing.assert_allclose(model.coefs_[0], expected, atol=1e-5)
    np.testing.assert_array_equal(model.coefs_[0] == 0, expected == 0)
    assert 2 <= (~model.get_support()).sum() <= 8
    assert optimality(model, X, YY).distance < 1e-4


@pytest.mark.parametrize("weight", [0.0, 0.5, 4.0])
def test_a_group_of_one_weight_is_penalised_so_many_times_as_much(weight):
    groups = [[0, 1, 4], [2, 3], [6, 7, 8, 9]]
    weights = np.ones(10)
    weights[groups[2]] = weight
    model = linear("adam", group_lasso=0.1, feature_groups=groups, feature_weights=weights)
    W = model.fit(X, YY).coefs_[0]
    gradient = X.T @ (model.predict(X) - YY) / len(X)
    for members in [*groups, [5]]:
        strength = 0.1 * np.sqrt(len(members)) * weights[members[0]]
        if W[members].any():
            pull = strength * W[members] / np.linalg.norm(W[members])
            np.testing.assert_allclose(gradient[members] + pull, 0, atol=1e-6)
        else:
            assert np.linalg.norm(gradient[members]) <= strength
    assert W[groups[2]].any() == (weight < 4)


def test_the_size_of_a_group_is_the_sum_of_the_squares_of_its_weights():
    model = linear("adam", group_lasso=0.1, feature_groups=[[0, 1, 2]])
    model.set_params(feature_weights=[1.0, 2, 0.5, *[1.0] * 7]).fit(X, YY)
    penalty = model.loss_ - 0.5 * np.sum((model.predict(X) - YY) ** 2) / len(X)
    norms = np.linalg.norm(model.coefs_[0], axis=1)
    group = np.sqrt(5.25) * np.linalg.norm(norms[:3])
    assert penalty == pytest.approx(0.1 * (group + norms[3:].sum()), rel=1e-6)


@BOTH
@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_weights_of_one_change_nothing_but_the_rounding(Estimator, penalty):
    y = (Y > 0).astype(int)
    plain = small(Estimator, **{penalty: 0.02}).fit(X, y)
    for weights in (np.ones(10), [1] * 10, {}, {3: 1}):
        model = small(Estimator, **{penalty: 0.02}, feature_weights=weights).fit(X, y)
        np.testing.assert_allclose(model.coefs_[0], plain.coefs_[0], rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
def test_only_l1_of_the_first_matrix_follows(dtype, layout):
    strong = {"l1": [0.1, 0.02], "feature_weights": np.zeros(10), "dtype": dtype}
    model = small(**strong, tol=1e-7, max_iter=60).fit(layout(X), Y)
    assert model.coefs_[0].dtype == dtype
    expected = small(l1=[0.0, 0.02], dtype=dtype, tol=1e-7, max_iter=60).fit(layout(X), Y)
    for one, other in zip(model.coefs_, expected.coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    follows = small(l2=0.1, feature_weights=np.zeros(10)).fit(X, Y)
    np.testing.assert_array_equal(follows.coefs_[0], small(l2=0.1).fit(X, Y).coefs_[0])


@BOTH
@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_protected_features_stay_under_any_strength(Estimator, penalty):
    strength = [100.0, 0.0] if penalty == "l1" else 100.0
    model = small(Estimator, **{penalty: strength}, feature_weights={2: 0, 8: 0.0})
    model.fit(X, (Y > 0).astype(int))
    assert model.get_support(indices=True).tolist() == [2, 8]


@BOTH
def test_ways_to_give_weights(Estimator):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=[f"f{k}" for k in range(10)])
    y = (Y > 0).astype(int)
    expected = small(Estimator, l1=0.05, feature_weights=PROTECTING).fit(frame, y)
    by_name = {f"f{k}": weight for k, weight in enumerate(PROTECTING) if weight != 1}
    by_index = {k: weight for k, weight in enumerate(PROTECTING) if weight != 1}
    mixed = {**by_index, "f0": 1}
    for weights in (
        PROTECTING.tolist(),
        pd.Series(PROTECTING),
        pd.Series(PROTECTING, index=frame.columns).sort_values(),
        by_name,
        by_index,
        mixed,
        lambda name: PROTECTING[int(name[1:])],
    ):
        model = small(Estimator, l1=0.05, feature_weights=weights).fit(frame, y)
        np.testing.assert_array_equal(model.coefs_[0], expected.coefs_[0])


@BOTH
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0] * 9, r"one for each of the 10 features of X. Got an array of shape \(9,\)"),
        (np.ones((10, 1)), r"Got an array of shape \(10, 1\)"),
        (np.float64(2), r"Got an array of shape \(\)"),
        ([1.0] * 9 + [-1], "must be 0, or from 1e-15 to .* Got -1.0 for feature 9"),
        ([np.inf] + [1.0] * 9, "Got inf for feature 0.*to leave one out drop its column"),
        ({3: np.nan}, "Got nan for feature 3"),
        ({3: 1e300}, r"Got 1e\+300 for feature 3"),
        ({3: 1e-300}, "Got 1e-300 for feature 3"),
        ({3: "much"}, "must be numbers"),
        ({10: 0}, "does not have: 10 is not within 0 and 9"),
        ({-1: 0}, "does not have: -1 is not within"),
        ({"bmi": 0}, "does not have: 'bmi'. Give indices, or a data frame"),
        ({True: 0}, "does not have: 'True'"),
        (len, "goes by the names of features, and X has none"),
        (2.0, "'feature_weights' parameter of .* must be None or an array-like or a dict"),
        ("prefix", "'feature_weights' parameter of"),
    ],
)
def test_weights_that_make_no_sense(Estimator, weights, message):
    with pytest.raises(ValueError, match=message):
        small(Estimator, l1=0.1, feature_weights=weights).fit(X, (Y > 0).astype(int))


def test_weights_by_name_that_make_no_sense():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=list("abcdefghij"))
    for weights, message in [
        ({"k": 0}, "'k'. Its columns are named differently. Where they change"),
        ({"a": 0, 0: 1}, "two weights for one feature"),
        (pd.Series([0, 1], index=["a", "a"]), r"two weights for one .* \['a', 'a'\]"),
        (pd.Series([0, 1], index=["a", "k"]), "does not have: 'k'"),
        (pd.DataFrame({"a": [0] * 10}), r"Got an array of shape \(10, 1\)"),
        (lambda name: -1, "Got -1.0 for 'a'"),
    ]:
        with pytest.raises(ValueError, match=message):
            small(feature_weights=weights).fit(frame, Y)


def test_a_group_is_protected_as_a_whole():
    groups = [[0, 1], [2, 3]]
    with pytest.raises(ValueError, match="is 0 for feature 1, and not for other features of"):
        small(feature_groups=groups, feature_weights={1: 0}).fit(X, Y)
    model = small(feature_groups=groups, feature_weights={0: 0, 1: 0}, group_lasso=9).fit(X, Y)
    assert model.get_support(indices=True).tolist() == [0, 1]


@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_a_path_ends_where_no_penalised_feature_is_left(penalty, l2):
    solver = "lbfgs" if penalty == "l1" else "sgd"
    network = linear(solver, feature_weights=PROTECTING, l2=l2)
    network.set_params(max_iter=1000, n_iter_no_change=10)
    path = mlp_path(network, X, Y, penalty=penalty, n_strengths=6, eps=1e-2, relax=True)
    protected = PROTECTING == 0
    assert [bool((norms != 0)[~protected].any()) for norms in path.norms] == [True] * 5 + [
        False
    ]
    assert (path.norms[:, protected] != 0).all()
    assert path.n_features[-1] == 2
    # The largest strength is that of the formula, with the others as ridge has them.
    free = np.column_stack([X[:, protected]])
    ridge = np.linalg.solve(free.T @ free / len(X) + l2 * np.eye(2), free.T @ Y / len(X))
    pulls = np.abs(X.T @ (Y - free @ ridge)) / len(X)
    expected = np.max(pulls[~protected] / PROTECTING[~protected])
    assert path.strengths[-1] == pytest.approx(expected, rel=1e-5)
    least_squares = LinearRegression().fit(X[:, protected], Y)
    if l2 == 0:
        relaxed = path.relaxed.models[-1]
        assert relaxed.loss_ == pytest.approx(
            np.mean((least_squares.predict(X[:, protected]) - Y) ** 2) / 2, rel=1e-5
        )


def test_a_path_with_hidden_layers_ends_as_well():
    network = small(feature_weights={2: 0, 8: 0}, max_iter=100)
    path = mlp_path(network, X, Y, penalty="group_lasso", n_strengths=6, eps=0.1, max_iter=40)
    assert np.flatnonzero(path.norms[-1]).tolist() == [2, 8]
    assert (np.delete(path.norms, [2, 8], axis=1)[:-1] != 0).any(axis=1).all()


def test_a_path_has_nothing_to_take_out_where_all_are_protected():
    with pytest.raises(ValueError, match="nothing that a penalty could take out: feature_w"):
        mlp_path(linear(feature_weights=np.zeros(10)), X, Y)


@pytest.mark.parametrize("strengths", [4, [0.05, 5.0]])
def test_a_search_for_features_keeps_those_that_are_protected(strengths):
    network = MLPRegressor((4,), max_iter=30, feature_weights={1: 0, 5: 0})
    network.set_params(learning_rate_init=0.02)
    search = MLPRegressorCV(
        network, group_lassos=strengths, relax=True, cv=2, random_state=0
    ).fit(X, Y)
    assert (search.cv_results_["mean_n_features"] >= 2).all()
    assert search.cv_results_["mean_n_features"].min() == 2
    assert search.get_support()[[1, 5]].all()


def test_pruned_networks_keep_the_weights_of_their_features():
    weights = {0: 5.0, 1: 5.0, 3: 0, 9: 0.1}
    model = small(group_lasso=0.15, feature_weights=weights, max_iter=80).fit(X, Y)
    assert model.get_support()[3]
    assert 2 < model.get_support().sum() < 9
    strong = {"warm_start": True, "group_lasso": 9.0, "max_iter": 40}
    pruned = model.prune().set_params(**strong).fit(X, Y)
    assert pruned.get_support(indices=True).tolist() == [3]
    plain = clone(model).set_params(l1=0.01, feature_groups=[[0, 1]]).fit(X, Y)
    for one in (model, plain):
        before = optimality(one, X, Y).objective
        assert optimality(one.prune(), X, Y).objective == pytest.approx(before)


def test_weights_travel_through_searches_pipelines_and_pickles():
    pipeline = make_pipeline(StandardScaler(), small(group_lasso=9.0))
    grid = {"mlpregressor__feature_weights": [{2: 0}, {8: 0}, {2: 0, 8: 0}]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_estimator_[-1].get_support(indices=True).tolist() == [2, 8]
    again = clone(pickle.loads(pickle.dumps(search.best_estimator_))).fit(X, Y)
    np.testing.assert_array_equal(again.predict(X), search.predict(X))


def test_the_time_that_weights_by_name_take_is_linear():
    class Names(list):
        walks = 0

        def __iter__(self):
            type(self).walks += 1
            return super().__iter__()

    names = Names(f"f{number}" for number in range(1000))
    rows = Inputs(1000, names).rows(None, {f"f{number}": 2 for number in range(1000)})
    assert (rows.weights == 2).all()
    assert Names.walks == 1


def test_trainings_on_disk_are_told_apart_by_their_weights(tmp_path):
    ways = [None, {2: 0}, {2: 0.5}, {8: 0}, PROTECTING, WEIGHTS]
    for count, weights in enumerate(ways, start=1):
        for _ in range(2):
            model = small(l1=0.1, feature_weights=weights, checkpoint=tmp_path).fit(X, Y)
            alone = clone(model).set_params(checkpoint=None).fit(X, Y)
            np.testing.assert_array_equal(model.coefs_[0], alone.coefs_[0])
            assert len(list(tmp_path.iterdir())) == count


def test_partial_fit_goes_on_with_its_moments_while_weights_stay_the_same():
    grown = [small(l1=0.05, feature_weights=PROTECTING).partial_fit(X, Y) for _ in range(2)]
    grown[1].set_params(feature_weights=PROTECTING.tolist())
    for model in grown:
        model.partial_fit(X, Y)
    np.testing.assert_array_equal(grown[0].coefs_[0], grown[1].coefs_[0])
    grown[1].set_params(feature_weights=None)
    for model in grown:
        model.partial_fit(X, Y)
    assert (grown[0].coefs_[0] != grown[1].coefs_[0]).any()
