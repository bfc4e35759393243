"""Paths of penalties: without hidden layers others have solved them."""

import builtins
import warnings

import numpy as np
import pytest
from numerical import elastic_net_logistic_regression
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, enet_path, lasso_path
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale
from sklearn.svm import l1_min_c

from skreg import MLPClassifier, MLPRegressor
from skreg.inspection import optimality
from skreg.model_selection import MLPRegressorCV, mlp_path

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X), scale(Y)
TARGETS = scale(np.column_stack([Y, Y[::-1] + X[:, 2], X[:, 0] * X[:, 1] + Y]))
GROUPS = [[0, 1, 4], [2, 3], [5], [6, 7, 8, 9]]
EXACT = {"solver": "lbfgs", "l2": 0.0, "tol": 1e-9, "max_iter": 5000, "max_fun": 10**6}
# Gradient steps over all data, until nothing changes any more.
STEPS = {
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05},
    "adam": {"solver": "adam", "learning_rate_init": 0.04, "epsilon": 0.1},
}
WHOLE = {"batch_size": len(X), "l2": 0.0, "n_iter_no_change": np.inf, "max_iter": 3000}


def linear(Estimator=MLPRegressor, **params):
    return Estimator((), random_state=0, **{**EXACT, **params})


def stepwise(solver, **params):
    return MLPRegressor((), random_state=0, **{**STEPS[solver], **WHOLE, **params})


def coefs(path):
    return np.array([network.coefs_[0] for network in path.models])


def wine(n_classes=3):
    features, y = load_wine(return_X_y=True)
    return scale(features), y if n_classes == 3 else (y == 0).astype(int)


def test_l1_is_the_lasso_path():
    path = mlp_path(linear(), X, Y)
    largest = np.abs(X.T @ Y).max() / len(X)
    np.testing.assert_allclose(path.strengths, np.geomspace(1e-3 * largest, largest, 50))
    _, expected, _ = lasso_path(X, Y, alphas=path.strengths, tol=1e-12, max_iter=10**5)
    expected = expected[:, ::-1].T
    np.testing.assert_allclose(coefs(path)[:, :, 0], expected, atol=1e-6)
    # Theirs is 3e-16 where rounding decides, at the largest strength.
    is_kept = np.abs(expected) > 1e-12
    np.testing.assert_array_equal(path.norms > 0, is_kept)
    np.testing.assert_array_equal(path.n_features, is_kept.sum(axis=1))
    np.testing.assert_array_equal(path.n_weights, path.n_features)
    losses = np.mean((Y[:, np.newaxis] - X @ expected.T) ** 2, axis=0) / 2
    np.testing.assert_allclose(path.losses, losses, rtol=1e-6)
    objectives = losses + path.strengths * np.abs(expected).sum(axis=1)
    np.testing.assert_allclose(path.objectives, objectives, rtol=1e-6)


@pytest.mark.parametrize("solver", STEPS)
def test_l1_is_the_lasso_path_by_gradient_steps(solver):
    strengths = np.geomspace(0.02, 0.6, 8)
    path = mlp_path(stepwise(solver), X, Y, strengths=strengths)
    _, expected, _ = lasso_path(X, Y, alphas=strengths, tol=1e-12, max_iter=10**5)
    expected = expected[:, ::-1].T
    np.testing.assert_allclose(coefs(path)[:, :, 0], expected, atol=1e-6)
    np.testing.assert_array_equal(path.norms > 0, expected != 0)


@pytest.mark.parametrize("solver", STEPS)
def test_the_group_lasso_is_the_multi_task_lasso_path(solver):
    path = mlp_path(
        stepwise(solver), X, TARGETS, penalty="group_lasso", eps=0.05, n_strengths=8
    )
    largest = np.linalg.norm(X.T @ TARGETS, axis=1).max() / len(X)
    np.testing.assert_allclose(path.strengths, np.geomspace(0.05 * largest, largest, 8))
    _, expected, _ = enet_path(
        X, TARGETS, l1_ratio=1.0, alphas=path.strengths, tol=1e-12, max_iter=10**5
    )
    expected = expected[:, :, ::-1].transpose(2, 1, 0)
    np.testing.assert_allclose(coefs(path), expected, atol=1e-6)
    is_kept = np.linalg.norm(expected, axis=2) > 1e-12
    np.testing.assert_array_equal(path.norms > 0, is_kept)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_l1_is_the_path_of_logistic_regression(n_classes):
    features, y = wine(n_classes)
    path = mlp_path(linear(MLPClassifier), features, y, n_strengths=6, eps=0.05)
    for strength, network in zip(path.strengths, path.models, strict=True):
        reference = elastic_net_logistic_regression(
            strength, 0.0, len(y), tol=1e-10, max_iter=10**5
        ).fit(features, y)
        np.testing.assert_allclose(network.coefs_[0], reference.coef_.T, atol=1e-5)
        np.testing.assert_array_equal(network.coefs_[0] == 0, reference.coef_.T == 0)


def test_the_largest_strength_is_the_smallest_c_of_scikit_learn():
    # Theirs is for an intercept of zero, which is the best for classes of one size.
    features, y = load_breast_cancer(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == label)[:212] for label in (0, 1)])
    features, y = scale(features[rows]), y[rows]
    path = mlp_path(linear(MLPClassifier), features, y, n_strengths=3)
    smallest = l1_min_c(features, y, loss="log", fit_intercept=False)
    assert path.strengths[-1] == pytest.approx(1 / (smallest * len(y)), rel=1e-7)
    assert path.n_features[-1] == 0


def weighted(features, y, **params):
    weight = np.random.default_rng(0).random(len(y))
    return features, y, weight, params


LARGEST = {
    "one output": (MLPRegressor, *weighted(X, Y)),
    "outputs": (MLPRegressor, *weighted(X, TARGETS)),
    "groups": (MLPRegressor, *weighted(X, TARGETS, feature_groups=GROUPS)),
    "poisson": (MLPRegressor, *weighted(X, np.exp(Y), loss="poisson")),
    "classes": (MLPClassifier, *weighted(*wine())),
    "balanced": (MLPClassifier, *weighted(*wine(2), class_weight="balanced")),
    "float32": (MLPRegressor, *weighted(X.astype(np.float32), Y)),
}


@pytest.mark.parametrize("case", LARGEST)
@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_just_below_the_largest_strength_something_is_left(case, penalty):
    Estimator, features, y, weight, params = LARGEST[case]
    if penalty == "group_lasso":
        solver = {"solver": "sgd", "learning_rate_init": 0.05, "batch_size": len(y)}
        params = {**params, **solver, "n_iter_no_change": 50, "max_iter": 3000}
    network = linear(Estimator, **params)
    kept = {"penalty": penalty, "sample_weight": weight, "X_val": features, "y_val": y}
    largest = mlp_path(network, features, y, n_strengths=3, **kept).strengths[2]
    strengths = largest * np.array([0.98, 1.001])
    path = mlp_path(network, features, y, strengths=strengths, **kept)
    assert path.n_features[0] > 0
    assert path.n_features[1] == 0
    assert path.norms[0].max() < 0.2


@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_every_network_is_stationary(penalty):
    network = linear() if penalty == "l1" else stepwise("sgd", feature_groups=GROUPS)
    path = mlp_path(network, X, TARGETS, penalty=penalty, n_strengths=8, eps=0.01)
    for strength, network in zip(path.strengths, path.models, strict=True):
        assert getattr(network, penalty) == strength
        assert optimality(network, X, TARGETS).distance < 1e-5
    assert path.n_features[0] >= 9
    assert path.n_features[-1] == 0


def test_relaxed_is_least_squares_on_the_support():
    path = mlp_path(linear(), X, Y, n_strengths=20, eps=0.01, relax=True)
    for k, network in enumerate(path.relaxed.models[:-1]):
        kept = np.flatnonzero(path.norms[k])
        design = np.column_stack([X[:, kept], np.ones(len(X))])
        solution, *_ = np.linalg.lstsq(design, Y, rcond=None)
        expected = np.zeros(10)
        expected[kept] = np.abs(solution[:-1])
        np.testing.assert_allclose(path.relaxed.norms[k], expected, atol=1e-6)
        np.testing.assert_allclose(network.predict(X), design @ solution, atol=1e-6)
    assert len(set(path.n_features)) >= 6
    np.testing.assert_array_equal(path.relaxed.norms > 0, path.norms > 0)
    assert (path.relaxed.losses <= path.losses + 1e-9).all()
    np.testing.assert_allclose(path.relaxed.models[-1].predict(X), Y.mean(), atol=1e-6)
    assert path.relaxed.models[0].get_params()["l1"] == 0


def test_relaxed_frees_single_weights_of_features_that_are_left():
    path = mlp_path(linear(), X, TARGETS, strengths=[0.1], relax=True)
    kept = path.models[0].get_support()
    reference = LinearRegression().fit(X[:, kept], TARGETS)
    assert 0 < kept.sum() < 10
    assert path.n_weights[0] < path.relaxed.n_weights[0] == 3 * kept.sum()
    np.testing.assert_allclose(
        path.relaxed.models[0].predict(X), reference.predict(X[:, kept]), atol=1e-6
    )


def test_weights_are_repeated_rows():
    counts = np.random.default_rng(0).integers(0, 3, len(X))
    kept = {"n_strengths": 5, "X_val": X, "y_val": Y, "relax": True}
    path = mlp_path(linear(), X, Y, sample_weight=counts, sample_weight_val=counts, **kept)
    rows = np.repeat(np.arange(len(X)), counts)
    kept |= {"X_val": X[rows], "y_val": Y[rows]}
    repeated = mlp_path(linear(), X[rows], Y[rows], **kept)
    for name in ("strengths", "norms", "losses", "objectives", "validation_losses", "scores"):
        np.testing.assert_allclose(path[name], repeated[name], atol=1e-6)
        np.testing.assert_allclose(path.relaxed[name], repeated.relaxed[name], atol=1e-6)


def test_class_weights_of_the_training_data_are_those_of_the_validation_loss():
    # Of two classes of three: weights cannot come from the validation data.
    features, y = wine()
    few = y < 2
    network = linear(MLPClassifier, class_weight="balanced")
    path = mlp_path(network, features, y, strengths=[0.02], X_val=features[few], y_val=y[few])
    proba = path.models[0].predict_proba(features[few])
    weight = (len(y) / (3 * np.bincount(y)))[y[few]]
    expected = log_loss(y[few], proba, sample_weight=weight, labels=[0, 1, 2])
    assert path.validation_losses[0] == pytest.approx(expected)
    assert path.scores[0] == path.models[0].score(features[few], y[few])


REAL = {
    "diabetes": (MLPRegressor, X, Y),
    "cancer": (MLPClassifier, *load_breast_cancer(return_X_y=True)),
    "digits": (MLPClassifier, *load_digits(return_X_y=True)),
}


def real(name):
    """Return a network with a hidden layer, and its data, to train and to judge."""
    Estimator, features, y = REAL[name]
    features = features / 16 if name == "digits" else scale(features)
    network = Estimator((20,), l2=[0.0, 1e-3], batch_size=32, max_iter=40, random_state=0)
    return network, *train_test_split(features, y, test_size=0.4, random_state=0)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("penalty", ["l1", "group_lasso"])
def test_features_leave_a_network_until_none_is_left(name, penalty):
    network, X_train, X_val, y_train, y_val = real(name)
    path = mlp_path(
        network,
        X_train,
        y_train,
        penalty=penalty,
        n_strengths=30,
        max_iter=8,
        X_val=X_val,
        y_val=y_val,
        relax=True,
    )
    # Seen over seeds 0 to 4: features come back three times along a path at most, at
    # most two at once, and never on digits.
    changes = np.diff(path.n_features)
    assert changes.max() <= 3
    assert (changes > 0).sum() <= 5
    assert path.n_features[0] >= 0.7 * X_train.shape[1]
    assert path.n_features[-1] == path.n_weights[-1] == 0 < path.n_features[-2]
    assert (path.norms[:-1] > 0).any(axis=1).all()
    # What is dropped does not matter, and the rest is what was trained.
    best = path.scores.argmax()
    np.testing.assert_allclose(path.scores[best], path.models[best].score(X_val, y_val))
    others = np.where(path.norms[best] > 0, X_val, 7.0)
    np.testing.assert_array_equal(
        path.models[best].predict(others), path.models[best].predict(X_val)
    )
    assert path.scores[best] > {"diabetes": 0.3, "cancer": 0.95, "digits": 0.9}[name]
    # A support is better than the shrunk weights on it.
    is_half = path.n_features <= X_train.shape[1] / 2
    assert path.relaxed.losses[is_half].mean() < path.losses[is_half].mean()
    assert (path.relaxed.norms[path.norms == 0] == 0).all()
    assert len(set(map(id, path.relaxed.models))) <= (changes != 0).sum() + 4


def test_every_network_has_weights_of_its_own():
    network, X_train, _, y_train, _ = real("cancer")
    strengths = [0.01, 0.1, 0.3]
    whole = mlp_path(network, X_train, y_train, strengths=strengths, max_iter=5)
    for end in (1, 2, 3):
        part = mlp_path(network, X_train, y_train, strengths=strengths[:end], max_iter=5)
        for one, other in zip(
            part.models[-1].coefs_, whole.models[end - 1].coefs_, strict=True
        ):
            np.testing.assert_array_equal(one, other)
    assert not hasattr(network, "coefs_")
    assert network.l1 == 0


def test_strengths_are_sorted_and_end_with_the_first_that_leaves_nothing():
    path = mlp_path(linear(), X, Y, strengths=[5.0, 0.1, 2.0, 0.01, 0.1, 7.0])
    np.testing.assert_array_equal(path.strengths, [0.01, 0.1, 2.0])
    assert [network.l1 for network in path.models] == [0.01, 0.1, 2.0]
    assert len(path.losses) == len(path.norms) == len(path.n_iters) == 3
    assert path.scores is path.validation_losses is path.relaxed is None


def test_the_other_parameters_stay():
    network = stepwise("sgd", l1=0.1, group_lasso=5.0)
    path = mlp_path(network, X, TARGETS, penalty="group_lasso", strengths=[1e-3], relax=True)
    assert path.models[0].l1 == 0.1
    assert path.models[0].group_lasso == 1e-3
    assert path.relaxed.models[0].l1 == path.relaxed.models[0].group_lasso == 0


def test_any_scorer_judges():
    features, y = wine()
    network = linear(MLPClassifier, scoring="neg_log_loss")
    path = mlp_path(network, features, y, n_strengths=3, X_val=features, y_val=y)
    np.testing.assert_allclose(path.scores, -path.validation_losses)


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_array])
def test_sparse_is_dense(layout):
    network, X_train, X_val, y_train, y_val = real("digits")
    kept = {"strengths": [0.01, 0.1], "penalty": "group_lasso", "max_iter": 3, "relax": True}
    dense = mlp_path(network, X_train, y_train, X_val=X_val, y_val=y_val, **kept)
    stored = mlp_path(
        network, layout(X_train), y_train, X_val=layout(X_val), y_val=y_val, **kept
    )
    for name in ("norms", "losses", "validation_losses"):
        np.testing.assert_allclose(stored[name], dense[name], rtol=1e-6)
        np.testing.assert_allclose(stored.relaxed[name], dense.relaxed[name], rtol=1e-6)


def test_names_of_features_are_kept():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X).add_prefix("column_")
    path = mlp_path(linear(), frame, Y, strengths=[0.3], X_val=frame, y_val=Y, relax=True)
    assert list(path.models[0].selected_features_) == ["column_2", "column_8"]
    assert list(path.relaxed.models[0].selected_features_) == ["column_2", "column_8"]


@pytest.mark.filterwarnings("error")
def test_it_warns_once_of_fits_that_have_not_converged():
    network = stepwise("sgd", max_iter=2)
    kept = {"strengths": [0.1, 0.5, 50.0], "relax": True}
    with pytest.warns(ConvergenceWarning, match="7 of 7 fits .* max_iter=2") as caught:
        mlp_path(network, X, Y, **kept)
    assert len(caught) == 1
    with pytest.warns(ConvergenceWarning, match="4 of 4 fits .* max_iter=2") as caught:
        mlp_path(network, X, Y, max_iter=3, **kept)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlp_path(linear(), X, Y, n_strengths=4)


def test_it_warns_where_a_path_does_not_end():
    network = MLPRegressor((5,), learning_rate_init=1e-7, max_iter=1, random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"Even at l1=.* there are features left"):
        path = mlp_path(network, X, Y, n_strengths=3, eps=0.1)
    assert len(path.strengths) == 5
    np.testing.assert_allclose(path.strengths[[0, -1]] / path.strengths[2], [0.1, 10])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"penalty": "l2"}, "penalty must be one of 'l1', 'group_lasso'. Got 'l2'"),
        ({"n_strengths": 1}, r"n_strengths must be an int in the range \[2, 10000\]. Got 1"),
        ({"eps": 1.0}, r"eps must be a float in the range \[1e-12, 1\). Got 1.0"),
        ({"max_iter": 0}, "max_iter must be None or an int .* Got 0"),
        ({"relax": "yes"}, "relax must be a bool. Got 'yes'"),
        ({"strengths": [0.1, 0.0]}, r"strengths must be .* positive numbers. Got \[0.1, 0.0\]"),
        ({"strengths": 0.1}, "strengths must be a sequence"),
        ({"strengths": []}, "strengths must be a sequence"),
        ({"strengths": [0.1, np.inf]}, "strengths must be a sequence"),
        ({"strengths": [0.1, np.nan]}, "strengths must be a sequence"),
        ({"strengths": "auto"}, "strengths must be a sequence .* Got 'auto'"),
        ({"strengths": [[0.1], [0.2, 0.3]]}, "strengths must be a sequence"),
        ({"X_val": X}, "y_val is missing"),
        ({"sample_weight_val": np.ones(10)}, "without X_val and y_val"),
        ({"X_val": X[:, :3], "y_val": Y}, "X_val, y_val or sample_weight_val: X has 3"),
        ({"sample_weight": np.ones(3)}, "sample_weight.shape"),
        ({"penalty": "group_lasso"}, "solver='lbfgs' minimizes a smooth function"),
    ],
    ids=str,
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        mlp_path(linear(), X, Y, **arguments)


def test_estimators_are_checked():
    with pytest.raises(ValueError, match="mlp_path does not take early_stopping=True"):
        mlp_path(MLPRegressor(early_stopping=True), X, Y)
    with pytest.raises(ValueError, match="mlp_path takes an MLPClassifier"):
        mlp_path(make_pipeline(linear()), X, Y)
    with pytest.raises(ValueError, match="'alpha' parameter of MLPRegressor"):
        mlp_path(MLPRegressor(alpha=-1.0), X, Y)


def test_a_constant_target_has_no_strengths():
    with pytest.raises(ValueError, match="y does not go together with any feature"):
        mlp_path(linear(), X, np.full(len(X), 3.0))


def test_what_is_no_network_is_refused_before_any_work():
    for estimator in (
        MLPRegressorCV(linear()),
        MLPRegressorCV(MLPRegressor(max_iter=1), cv=2).fit(X, Y),
        GridSearchCV(linear(), {}),
    ):
        name = type(estimator).__name__
        with pytest.raises(ValueError, match=rf"not a {name}\. .*best_estimator_"):
            mlp_path(estimator, X, Y)
    with pytest.raises(ValueError, match="not the class MLPRegressor"):
        mlp_path(MLPRegressor, X, Y)


def interrupted(at, monkeypatch, **arguments):
    """Compute a path that is interrupted when so many epochs are printed."""

    def interrupt(line):
        lines.append(line)
        if len(lines) == at:
            raise KeyboardInterrupt

    lines = []
    network = stepwise("sgd", max_iter=4, verbose=True)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "print", interrupt)
        return mlp_path(network, X, Y, strengths=[0.1, 0.2, 0.3], **arguments)


# Four epochs for the first network, for each strength and for each refit.
@pytest.mark.parametrize(
    ("at", "n_strengths", "n_refits"),
    [
        (9, 1, 0),
        (12, 1, 0),
        (13, 2, 0),
        (16, 2, 0),
        (17, 3, 0),
        (21, 3, 1),
        (24, 3, 1),
        (25, 3, 2),
    ],
)
def test_an_interrupt_ends_the_path(at, n_strengths, n_refits, monkeypatch):
    whole = interrupted(np.inf, monkeypatch, relax=True, X_val=X, y_val=Y)
    assert len(whole.strengths) == len(whole.relaxed.strengths) == 3
    message = rf"interrupted by user: it has {n_strengths} strength\(s\).* {n_refits} refit"
    with pytest.warns(UserWarning, match=message) as record:
        path = interrupted(at, monkeypatch, relax=True, X_val=X, y_val=Y)
    (warned,) = [one for one in record if one.category is UserWarning]
    assert warned.filename == __file__
    for ours, theirs, n in (
        (path, whole, n_strengths),
        (path.relaxed, whole.relaxed, n_refits),
    ):
        if n == 0:
            assert ours is None
            continue
        for name in ("strengths", "norms", "n_features", "n_iters", "losses", "scores"):
            np.testing.assert_array_equal(ours[name], theirs[name][:n])
        assert len(ours.models) == n


@pytest.mark.parametrize("at", [1, 4, 5, 8])
def test_where_no_strength_is_done_an_interrupt_goes_through(at, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        interrupted(at, monkeypatch)


def test_losses_are_without_penalties_and_objectives_with_them():
    network, X_train, X_val, y_train, y_val = real("cancer")
    kept = {"penalty": "group_lasso", "strengths": [0.01, 0.1], "max_iter": 5, "relax": True}
    network.set_params(l1=1e-3, l2=0.1)
    path = mlp_path(network, X_train, y_train, X_val=X_val, y_val=y_val, **kept)
    for fitted in (path, path.relaxed):
        for k, one in enumerate(fitted.models):
            loss = log_loss(y_train, one.predict_proba(X_train))
            assert fitted.losses[k] == pytest.approx(loss, rel=1e-6)
            objective = optimality(one, X_train, y_train).objective
            assert fitted.objectives[k] == pytest.approx(objective, rel=1e-9)
            loss = log_loss(y_val, one.predict_proba(X_val))
            assert fitted.validation_losses[k] == pytest.approx(loss, rel=1e-6)
    assert (path.objectives > path.losses + 0.05).all()


def test_losses_are_those_without_dropout():
    params = {"hidden_layer_sizes": (6,), "dropout": 0.3, "max_iter": 10, "random_state": 0}
    path = mlp_path(MLPRegressor(**params), X, Y, strengths=[0.01])
    predicted = path.models[0].predict(X)
    assert path.losses[0] == pytest.approx(np.mean((predicted - Y) ** 2) / 2)
