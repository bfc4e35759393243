"""What early stopping watches, and on which data."""

import warnings

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, make_scorer, mean_absolute_error, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    ShuffleSplit,
    TimeSeriesSplit,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skreg import MLPClassifier, MLPRegressor

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)
TRAIN, OWN = np.arange(400), np.arange(400, 569)
PARAMS = {"hidden_layer_sizes": (10,), "early_stopping": True, "random_state": 0}
OWN_DATA = {"X_val": X[OWN], "y_val": Y[OWN]}
SOLVERS = pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])


def fit(model, **data):
    """Fit to the first rows, with the others to judge by."""
    return model.fit(X[TRAIN], Y[TRAIN], **{**OWN_DATA, **data})


@SOLVERS
@pytest.mark.parametrize(
    ("scoring", "score"),
    [
        (None, lambda model: model.score(X[OWN], Y[OWN])),
        ("loss", lambda model: -log_loss(Y[OWN], model.predict_proba(X[OWN]))),
        ("roc_auc", lambda model: roc_auc_score(Y[OWN], model.predict_proba(X[OWN])[:, 1])),
        (
            lambda model, X, y: -np.sum((model.predict(X) != y) * (1 + y)),
            lambda model: -np.sum((model.predict(X[OWN]) != Y[OWN]) * (1 + Y[OWN])),
        ),
    ],
    ids=["default", "loss", "roc_auc", "callable"],
)
def test_the_best_epoch_by_any_score_is_kept(scoring, score, solver):
    model = fit(MLPClassifier(solver=solver, scoring=scoring, max_iter=60, **PARAMS))
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_iter_ == 1 + np.argmax(model.validation_scores_)
    assert score(model) == pytest.approx(model.best_validation_score_, abs=1e-7)
    # The loss is recorded whatever is watched.
    loss = log_loss(Y[OWN], model.predict_proba(X[OWN]))
    assert model.validation_loss_curve_[model.best_iter_ - 1] == pytest.approx(loss, rel=1e-6)
    np.testing.assert_array_equal(model.history_["score"], model.validation_scores_)


def test_an_own_set_leaves_all_rows_to_train_on():
    model = fit(MLPClassifier(max_iter=20, n_iter_no_change=np.inf, **PARAMS))
    plain = clone(model).set_params(early_stopping=False).fit(X[TRAIN], Y[TRAIN])
    # Nothing is drawn for a split either.
    np.testing.assert_array_equal(model.loss_curve_, plain.loss_curve_)
    assert model.t_ == plain.t_ == 20 * len(TRAIN)


def test_an_own_set_may_be_as_long_as_one_likes_and_weighted(rng):
    weight = rng.random(len(OWN))
    model = fit(MLPClassifier(max_iter=30, **PARAMS), sample_weight_val=weight)
    expected = model.score(X[OWN], Y[OWN], weight)
    assert expected == pytest.approx(model.best_validation_score_)
    loss = log_loss(Y[OWN], model.predict_proba(X[OWN]), sample_weight=weight)
    assert model.validation_loss_curve_[model.best_iter_ - 1] == pytest.approx(loss)
    fit(MLPClassifier(max_iter=3, **PARAMS), X_val=X[:1], y_val=Y[:1])


def test_scorers_see_the_weights_of_samples(rng):
    weight = rng.random(len(OWN))
    model = MLPClassifier(scoring="roc_auc", max_iter=30, class_weight="balanced", **PARAMS)
    fit(model, sample_weight_val=weight)
    score = roc_auc_score(Y[OWN], model.predict_proba(X[OWN])[:, 1], sample_weight=weight)
    assert score == pytest.approx(model.best_validation_score_)


def test_a_regressor_may_watch_the_error():
    X, y = load_diabetes(return_X_y=True)
    X, y = X * 20, (y - y.mean()) / y.std()
    model = MLPRegressor(scoring="neg_mean_absolute_error", max_iter=60, **PARAMS)
    model.fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    error = mean_absolute_error(y[300:], model.predict(X[300:]))
    assert -error == pytest.approx(model.best_validation_score_)


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_array])
def test_sparse_data_score_the_same(layout):
    params = {**PARAMS, "scoring": "roc_auc", "max_iter": 10, "validation_fraction": 0.2}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        dense = MLPClassifier(**params).fit(X, Y)
        other = MLPClassifier(**params).fit(layout(X), Y)
        own = fit(MLPClassifier(**params), X_val=layout(X[OWN]))
        own_dense = fit(MLPClassifier(**params))
    np.testing.assert_allclose(other.validation_scores_, dense.validation_scores_)
    np.testing.assert_allclose(own.validation_scores_, own_dense.validation_scores_)


def test_names_of_features_are_no_trouble():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=[f"f{k}" for k in range(30)])
    model = MLPClassifier(scoring="roc_auc", max_iter=400, **PARAMS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(frame[:400], Y[:400], X_val=frame[400:], y_val=Y[400:])
    assert list(model.feature_names_in_[:2]) == ["f0", "f1"]
    with pytest.raises(ValueError, match=r"X_val, y_val or .*: The feature names should match"):
        model.fit(frame[:400], Y[:400], X_val=frame[frame.columns[::-1]][400:], y_val=Y[400:])


def test_a_pruned_network_trains_on_by_any_score():
    model = fit(MLPClassifier(l1=0.02, scoring="loss", max_iter=200, **PARAMS))
    pruned = model.prune().set_params(warm_start=True, scoring="roc_auc", max_iter=5)
    assert len(pruned.coefs_[0]) < 30
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit(pruned)
    score = roc_auc_score(Y[OWN], pruned.predict_proba(X[OWN])[:, 1])
    assert score == pytest.approx(pruned.best_validation_score_)


def test_half_a_validation_set_is_refused():
    model = MLPClassifier(**PARAMS)
    with pytest.raises(ValueError, match="y_val is missing: X_val was given"):
        model.fit(X, Y, X_val=X)
    with pytest.raises(ValueError, match="X_val is missing: y_val was given"):
        model.fit(X, Y, y_val=Y)
    with pytest.raises(ValueError, match="sample_weight_val was given without X_val"):
        model.fit(X, Y, sample_weight_val=np.ones(len(Y)))
    with pytest.raises(ValueError, match="Set early_stopping=True, or leave them out"):
        model.set_params(early_stopping=False).fit(X, Y, **OWN_DATA)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"X_val": X[OWN][:, :5]}, "X has 5 features, but MLPClassifier is expecting 30"),
        ({"y_val": Y[OWN][1:]}, "inconsistent numbers of samples"),
        ({"sample_weight_val": -np.ones(len(OWN))}, "Negative values"),
        ({"X_val": np.full((169, 30), np.nan)}, "contains NaN"),
    ],
)
def test_validation_data_are_checked_and_named(data, message):
    with pytest.raises(ValueError, match=rf"X_val, y_val or sample_weight_val: .*{message}"):
        fit(MLPClassifier(**PARAMS), **data)


def test_targets_to_judge_by_have_as_many_columns():
    with pytest.raises(ValueError, match=r"y must have 1 column\(s\).*shape \(169, 2\)"):
        fit(MLPRegressor(**PARAMS), y_val=np.c_[Y[OWN], Y[OWN]])


def test_unknown_classes_to_judge_by_are_refused():
    with pytest.raises(ValueError, match="classes not in"):
        fit(MLPClassifier(**PARAMS), y_val=Y[OWN] + 5)


def test_groups_do_not_leak():
    groups = np.arange(len(Y)) // 40
    seen = []

    def spy(model, X, y):
        seen.append(X)
        return model.score(X, y)

    model = MLPClassifier(scoring=spy, validation_fraction=GroupKFold(5), max_iter=30, **PARAMS)
    model.fit(X, Y, groups=groups)
    *_, (train, held_out) = GroupKFold(5).split(X, Y, groups)
    assert not set(groups[train]) & set(groups[held_out])
    np.testing.assert_array_equal(seen[0], X[held_out])
    assert model.t_ == model.n_iter_ * len(train)
    assert model.score(X[held_out], Y[held_out]) == model.best_validation_score_


def test_ordered_data_are_judged_by_the_latest():
    model = MLPClassifier(validation_fraction=TimeSeriesSplit(4), max_iter=30, **PARAMS)
    model.fit(X, Y)
    *_, (train, held_out) = TimeSeriesSplit(4).split(X)
    assert train.max() < held_out.min()
    assert model.t_ == model.n_iter_ * len(train)
    assert model.score(X[held_out], Y[held_out]) == model.best_validation_score_


class Fixed:
    """A splitter with one split, however it is written down."""

    def __init__(self, train, test):
        self.split_ = train, test

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1

    def split(self, X, y=None, groups=None):
        yield self.split_


@pytest.mark.parametrize(
    "as_rows",
    [
        lambda rows: rows.tolist(),
        lambda rows: rows - 569,
        lambda rows: np.isin(np.arange(569), rows),
    ],
    ids=["list", "negative", "mask"],
)
def test_rows_of_a_split_may_be_written_in_any_way(as_rows):
    params = {**PARAMS, "max_iter": 5, "scoring": "loss"}
    plain, other = (
        MLPClassifier(validation_fraction=Fixed(*rows), **params).fit(X, Y)
        for rows in ((TRAIN, OWN), (as_rows(TRAIN), as_rows(OWN)))
    )
    assert other.validation_scores_ == plain.validation_scores_
    np.testing.assert_array_equal(other.coefs_[0], plain.coefs_[0])


def test_splits_that_leave_too_little():
    for train, test in ((TRAIN, OWN[:1]), (TRAIN[:0], OWN)):
        with pytest.raises(ValueError, match="The validation set is too small"):
            MLPClassifier(validation_fraction=Fixed(train, test), **PARAMS).fit(X, Y)


def test_splitters_and_groups_that_do_not_fit():
    with pytest.raises(ValueError, match="groups"):
        MLPClassifier(validation_fraction=LeaveOneGroupOut(), **PARAMS).fit(X, Y)
    with pytest.raises(ValueError, match=r"Set early_stopping=True and validation_fraction"):
        MLPClassifier(**PARAMS).fit(X, Y, groups=Y)
    with pytest.raises(ValueError, match="validation_fraction"):
        MLPClassifier(validation_fraction=ShuffleSplit, **PARAMS).fit(X, Y)


@SOLVERS
def test_a_score_that_is_not_a_number_ends_it_and_the_best_stays(solver):
    def score(model, X, y):
        scores.append(float("nan") if len(scores) == 3 else model.score(X, y))
        return scores[-1]

    scores = []
    model = MLPClassifier(solver=solver, scoring=score, tol=0.0, **PARAMS)
    with pytest.warns(ConvergenceWarning, match=r"not finite in epoch 4.*The model is that of"):
        fit(model)
    assert model.n_iter_ == 4
    assert model.best_iter_ == 1 + np.argmax(scores[:3])
    assert model.score(X[OWN], Y[OWN]) == max(scores[:3])


def test_a_score_that_is_never_a_number_is_an_error():
    model = MLPClassifier(scoring=lambda model, X, y: float("nan"), **PARAMS)
    with pytest.raises(ValueError, match=r"was nan in epoch 1.*they may lack a class"):
        fit(model)


def test_a_scorer_that_raises_reaches_the_user_and_leaves_the_model_as_it_was():
    def score(model, X, y):
        if len(model.history) == 3:
            raise RuntimeError("no score today")
        model.history.append(1)
        return 0.5

    model = fit(MLPClassifier(max_iter=30, **PARAMS))
    before = {name: value for name, value in vars(model).items() if name != "scoring"}
    model.history = []
    model.set_params(scoring=score)
    with pytest.raises(RuntimeError, match="no score today"):
        fit(model)
    assert len(model.history) == 3
    for name, value in before.items():
        assert vars(model)[name] is value, name


def test_an_interrupted_scorer_leaves_the_best_epoch():
    def score(model, X, y):
        scores.append(model.score(X, y))
        if len(scores) == 4:
            raise KeyboardInterrupt
        return scores[-1]

    scores = []
    model = MLPClassifier(scoring=score, **PARAMS)
    with pytest.warns(UserWarning, match="interrupted by user"):
        fit(model)
    assert model.n_iter_ == len(model.history_["score"]) == 3
    assert model.score(X[OWN], Y[OWN]) == max(scores[:3])


def test_a_scorer_must_return_a_number():
    with pytest.raises(TypeError, match=r"must return one number\. Got 'good'"):
        fit(MLPClassifier(scoring=lambda *args: "good", **PARAMS))
    with pytest.raises(ValueError, match=r"the name of a scorer.* Got 'no_such_score'"):
        fit(MLPClassifier(scoring="no_such_score", **PARAMS))


def test_a_warm_start_with_the_same_score_goes_on():
    params = {**PARAMS, "scoring": make_scorer(roc_auc_score), "warm_start": True}
    model = fit(MLPClassifier(max_iter=3, n_iter_no_change=2, **params))
    n_first = model.n_iter_
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit(model)
    assert len(model.history_["score"]) == n_first + model.n_iter_
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_a_warm_start_with_other_data_to_judge_by_does_not_compare_them():
    params = {**PARAMS, "scoring": "loss", "warm_start": True, "max_iter": 30}
    model = fit(MLPClassifier(**params))
    # Everything is the other way round now: the old score is out of reach for long.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X[TRAIN], 1 - Y[TRAIN], X_val=X[OWN], y_val=1 - Y[OWN])
    assert model.n_iter_ == 30
    scores = model.validation_scores_[-30:]
    assert model.best_validation_score_ == max(scores) == scores[-1]


@pytest.mark.parametrize("scoring", ["neg_max_error", "max_error_of_ours"])
def test_scorers_of_metrics_without_weights_get_none(scoring, rng):
    if scoring == "max_error_of_ours":
        scoring = make_scorer(lambda y, y_hat: -np.abs(y - y_hat).max())
    model = MLPRegressor(scoring=scoring, max_iter=5, **PARAMS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, Y.astype(float), rng.random(569))
    assert len(model.validation_scores_) == 5


class CountingScaler(StandardScaler):
    """Remembers how many rows it learnt from."""

    def fit(self, X, y=None, sample_weight=None):
        self.n_fitted_ = len(X)
        return super().fit(X, y, sample_weight)


def test_validation_data_pass_through_the_pipeline_without_leaking():
    raw, y = load_breast_cancer(return_X_y=True)
    seen = []

    def spy(model, X, y):
        seen.append(X)
        return model.score(X, y)

    with sklearn.config_context(enable_metadata_routing=True):
        network = MLPClassifier(scoring=spy, max_iter=50, **PARAMS)
        network.set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline(
            [("scale", CountingScaler()), ("mlp", network)], transform_input=["X_val"]
        )
        pipeline.fit(raw[TRAIN], y[TRAIN], X_val=raw[OWN], y_val=y[OWN])
    # Scaled by what the training rows have taught, and only by that.
    scaler = StandardScaler().fit(raw[TRAIN])
    np.testing.assert_allclose(seen[0], scaler.transform(raw[OWN]))
    assert pipeline[0].n_fitted_ == len(TRAIN)
    by_hand = MLPClassifier(max_iter=50, **PARAMS).fit(
        scaler.transform(raw[TRAIN]),
        y[TRAIN],
        X_val=scaler.transform(raw[OWN]),
        y_val=y[OWN],
    )
    np.testing.assert_allclose(pipeline[1].coefs_[0], by_hand.coefs_[0], rtol=1e-7)


def test_validation_data_reach_every_fit_of_a_grid_search():
    grid = {"l2": [0.0, 1e-3]}
    search = GridSearchCV(MLPClassifier(max_iter=20, **PARAMS), grid, cv=3)
    search.fit(X[TRAIN], Y[TRAIN], **OWN_DATA)
    best = search.best_estimator_
    assert best.score(X[OWN], Y[OWN]) == best.best_validation_score_


def test_a_scorer_works_in_a_plain_pipeline():
    model = make_pipeline(
        StandardScaler(), MLPClassifier(scoring="neg_log_loss", max_iter=100, **PARAMS)
    ).fit(X, Y)
    assert model[-1].best_validation_score_ == max(model[-1].validation_scores_)
