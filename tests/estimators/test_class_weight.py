"""Weights of classes are weights of their rows."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    log_loss,
    recall_score,
)
from sklearn.model_selection import StratifiedShuffleSplit, TimeSeriesSplit
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from skreg import MLPClassifier
from skreg.inspection import optimality

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
PARAMS = {"hidden_layer_sizes": (6,), "random_state": 0, "max_iter": 50}
XL, YL = make_multilabel_classification(200, 8, n_classes=3, random_state=0)


def same(one, other, rtol=1e-8):
    for a, b in zip(
        one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize(
    ("X", "y", "class_weight"),
    [
        (X[:120], Y[:120], "balanced"),
        (X, Y, {0: 1, 1: 2, 2: 5}),
        (X, NAMES, {"setosa": 3.0}),
        (X[:120], Y[:120].astype(str), "balanced"),
        (X[:100], Y[:100], {0: 0.5, 1: 2}),
    ],
    ids=["balanced", "three", "names", "digits", "two"],
)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_they_are_sample_weights(X, y, class_weight, solver, is_weighted, rng):
    sample_weight = rng.random(len(y)) if is_weighted else None
    classes, codes = np.unique(y, return_inverse=True)
    weight = compute_class_weight(
        class_weight, classes=classes, y=y, sample_weight=sample_weight
    )[codes]
    model = MLPClassifier(solver=solver, class_weight=class_weight, **PARAMS)
    model.fit(X, y, sample_weight)
    other = MLPClassifier(solver=solver, **PARAMS)
    other.fit(X, y, weight if sample_weight is None else weight * sample_weight)
    same(model, other)
    assert model.loss_ == pytest.approx(other.loss_)


@pytest.mark.parametrize("class_weight", ["balanced", [{0: 1, 1: 4}, {1: 2}, {}]])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_a_label_has_the_weights_of_a_network_for_it_alone(class_weight, is_weighted, rng):
    sample_weight = rng.integers(0, 4, len(YL)).astype(float) if is_weighted else None
    params = {"solver": "lbfgs", "l2": 1e-2, "max_iter": 2000, "tol": 1e-10}
    model = MLPClassifier((), class_weight=class_weight, **params).fit(XL, YL, sample_weight)
    for label in range(3):
        weight = class_weight if class_weight == "balanced" else class_weight[label]
        alone = MLPClassifier((), class_weight=weight, **params)
        alone.fit(XL, YL[:, label], sample_weight)
        s = np.ones(len(YL)) if sample_weight is None else sample_weight
        total = (s * expanded(weight, YL[:, label], sample_weight)).sum()
        theirs = LogisticRegression(C=1 / (1e-2 * total), class_weight=weight, tol=1e-10)
        theirs.fit(XL, YL[:, label], sample_weight)
        for coef in (alone.coefs_[0][:, 0], theirs.coef_[0]):
            np.testing.assert_allclose(model.coefs_[0][:, label], coef, atol=1e-5)


def expanded(class_weight, y, sample_weight):
    """Return scikit-learn's weight of the class of each row."""
    weights = compute_class_weight(
        class_weight, classes=np.array([0, 1]), y=y, sample_weight=sample_weight
    )
    return weights[y]


def test_rare_labels_are_learned_about_as_well_as_without_weights(rng):
    # Ten labels, each on one row of twenty. A product over labels brought .26.
    X = rng.standard_normal((3000, 30))
    Z = X @ rng.standard_normal((30, 10)) / 5 + 0.5 * rng.standard_normal((3000, 10))
    Y = (np.quantile(Z, 0.95, axis=0) < Z).astype(int)
    params = {"l2": 0.01, "batch_size": 64, "learning_rate_init": 0.01, "random_state": 0}
    model = MLPClassifier((30,), class_weight="balanced", max_iter=40, **params)
    model.fit(X[:1500], Y[:1500])
    scores = average_precision_score(Y[1500:], model.predict_proba(X[1500:]), average=None)
    assert np.mean(scores) > 0.55


def test_balanced_counts_weights_as_logistic_regression_does(rng):
    X = rng.standard_normal((300, 3))
    y = (X[:, 0] + rng.standard_normal(300) > 0.5).astype(int)
    weight = rng.integers(0, 4, 300) * (1.0 + y)
    rows = np.repeat(np.arange(300), weight.astype(int))
    params = {"solver": "lbfgs", "l2": 1 / len(rows), "tol": 1e-9, "max_iter": 5000}
    model = MLPClassifier((), class_weight="balanced", **params)
    theirs = LogisticRegression(class_weight="balanced", tol=1e-10, max_iter=9999)
    expected = theirs.fit(X[rows], y[rows]).intercept_
    np.testing.assert_allclose(theirs.fit(X, y, weight).intercept_, expected, atol=1e-5)
    np.testing.assert_allclose(model.fit(X, y, weight).intercepts_[0], expected, atol=1e-5)
    np.testing.assert_allclose(model.fit(X[rows], y[rows]).intercepts_[0], expected, atol=1e-5)


def test_a_class_whose_rows_do_not_count_keeps_its_weight(rng):
    weight = np.where(Y == 2, 0.0, 1.0)
    model = MLPClassifier(class_weight="balanced", **PARAMS).fit(X, Y, weight)
    assert np.isfinite(model.loss_)
    assert model.classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_they_are_rows_repeated(solver, alpha):
    params = {**PARAMS, "solver": solver, "alpha": alpha, "max_iter": 20}
    times = np.array([1, 2, 3])[Y]
    model = MLPClassifier(class_weight={0: 1, 1: 2, 2: 3}, batch_size=150, **params).fit(X, Y)
    repeated = MLPClassifier(batch_size=300, **params)
    repeated.fit(np.repeat(X, times, axis=0), np.repeat(Y, times))
    same(model, repeated)
    assert model.loss_ == pytest.approx(repeated.loss_, rel=1e-8)


@pytest.mark.parametrize("weight", ["balanced", {0: 1, 1: 3}])
def test_they_are_those_of_logistic_regression(weight):
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    total = compute_sample_weight(weight, y).sum()
    model = MLPClassifier(
        (), class_weight=weight, solver="lbfgs", l2=1e-2, max_iter=2000, tol=1e-8
    ).fit(X, y)
    theirs = LogisticRegression(C=1 / (1e-2 * total), class_weight=weight, tol=1e-10)
    theirs.fit(X, y)
    np.testing.assert_allclose(model.coefs_[0][:, 0], theirs.coef_[0], atol=1e-5)
    report = optimality(model, X, y)
    assert report.distance < 1e-5


def test_partial_fit_takes_a_dict():
    weight = {0: 1, 1: 2, 2: 5}
    model = MLPClassifier(class_weight=weight, **PARAMS)
    other = MLPClassifier(**PARAMS)
    for rows in (slice(0, 90), slice(50, 150), slice(0, 40)):
        model.partial_fit(X[rows], Y[rows], classes=[0, 1, 2])
        times = compute_sample_weight(weight, Y[rows])
        other.partial_fit(X[rows], Y[rows], times, classes=[0, 1, 2])
    same(model, other)
    with pytest.raises(ValueError, match=r"partial_fit does not see\. Pass a dict"):
        model.set_params(class_weight="balanced").partial_fit(X, Y)


@pytest.mark.parametrize(
    ("y", "class_weight", "message"),
    [
        (Y, {7: 1.0}, "a weight for 7, which is no class, and none for 0"),
        (Y, "even", "The 'class_weight' parameter"),
        (Y, [{0: 1}], "a list, which is for multilabel targets"),
        (Y, {0: -1.0}, "must hold numbers that are not negative"),
        (Y, {0: 0, 1: 0, 2: 0}, "at least one non-zero number"),
        (np.eye(3, dtype=int)[Y], {0: 1, 1: 2}, "a list of 3 dicts"),
        (np.eye(3, dtype=int)[Y], [{}, {0: 0, 1: 0}, {}], "no sample counts for label 1"),
        (np.eye(3, dtype=int)[Y], [{0: 1, 1: 2}], "a list of 3 dicts"),
    ],
)
def test_weights_that_make_no_sense(y, class_weight, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(class_weight=class_weight, **PARAMS).fit(X, y)


def test_a_dict_takes_labels_as_they_are():
    named = dict(zip(["0", "1", "2"], [1, 2, 5], strict=True))
    model = MLPClassifier(class_weight=named, **PARAMS).fit(X, Y.astype(str))
    same(model, MLPClassifier(class_weight={0: 1, 1: 2, 2: 5}, **PARAMS).fit(X, Y))
    other = MLPClassifier(class_weight=named, **PARAMS).fit(X, Y.astype(str).astype(object))
    same(model, other)


def test_unknown_classes_are_named_before_they_are_weighed():
    model = MLPClassifier(class_weight={0: 1, 1: 2, 2: 5}, **PARAMS)
    model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="`y` has classes not in"):
        model.partial_fit(X, Y + 1)


@pytest.mark.parametrize(
    ("weight", "whose"), [({2: 0.0}, "held-out rows"), ({0: 0.0, 1: 0}, "rows to train on")]
)
def test_weights_may_vanish_in_one_part(weight, whose):
    params = {**PARAMS, "early_stopping": True, "class_weight": weight}
    model = MLPClassifier(validation_fraction=TimeSeriesSplit(2, test_size=50), **params)
    with pytest.raises(ValueError, match=f"non-zero number. Those of the {whose}"):
        model.fit(X, Y)


def test_losses_are_weighted_and_scores_are_not():
    params = {**PARAMS, "early_stopping": True, "class_weight": {0: 1, 1: 2, 2: 5}}
    rows = np.random.default_rng(0).permutation(150)
    train, own = rows[:100], rows[100:]
    model = MLPClassifier(**params).fit(X[train], Y[train], X_val=X[own], y_val=Y[own])
    assert model.best_validation_score_ == model.score(X[own], Y[own])
    loss = log_loss(
        Y[own],
        model.predict_proba(X[own]),
        sample_weight=compute_sample_weight(params["class_weight"], Y[own]),
    )
    assert model.validation_loss_curve_[model.best_iter_ - 1] == pytest.approx(loss)


def test_balanced_is_counted_before_the_split():
    imbalanced = Y[:110]
    counted = compute_class_weight("balanced", classes=np.unique(imbalanced), y=imbalanced)
    params = {**PARAMS, "early_stopping": True, "validation_fraction": 0.3}
    balanced = MLPClassifier(class_weight="balanced", **params).fit(X[:110], imbalanced)
    given = MLPClassifier(class_weight=dict(enumerate(counted)), **params)
    given.fit(X[:110], imbalanced)
    same(balanced, given)
    assert balanced.validation_loss_curve_ == given.validation_loss_curve_


def test_balanced_finds_more_of_a_rare_class():
    """Breast cancer with one malignant tumour in eleven, as LogisticRegression has it."""
    X, y = load_breast_cancer(return_X_y=True)
    y = 1 - y  # malignant is 1
    rng = np.random.default_rng(0)
    rare = rng.permutation(np.flatnonzero(y == 1))[:36]
    rows = np.concatenate([np.flatnonzero(y == 0), rare])
    X, y = StandardScaler().fit_transform(X[rows][:, :10]), y[rows]
    # Few features, so that there is something to gain.
    X = X[:, [1, 4, 8, 9]]
    gains = {"network": [], "logistic": []}
    for seed, (train, test) in enumerate(
        StratifiedShuffleSplit(10, test_size=0.5, random_state=0).split(X, y)
    ):
        network = MLPClassifier((20,), random_state=seed)
        for name, model in {"network": network, "logistic": LogisticRegression()}.items():
            scores = []
            for weight in (None, "balanced"):
                model.set_params(class_weight=weight).fit(X[train], y[train])
                y_hat = model.predict(X[test])
                scores.append(
                    (recall_score(y[test], y_hat), balanced_accuracy_score(y[test], y_hat))
                )
            gains[name].append(np.subtract(scores[1], scores[0]))
    for name, gain in gains.items():
        recall, balanced_accuracy = np.mean(gain, axis=0)
        assert recall > 0.2, name
        assert balanced_accuracy > 0.05, name
