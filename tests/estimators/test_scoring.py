"""Scores that are defined are computed, as scikit-learn's own searches compute them."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, get_scorer_names, log_loss, make_scorer, r2_score
from sklearn.model_selection import KFold, LeaveOneOut, StratifiedKFold
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV
from skreg.model_selection import mlp_path
from skreg.nn.scores import r2

X, Y = load_iris(return_X_y=True)
X = scale(X)
# Of the third class three rows: fewer than folds, and than fit into a tenth.
FEW = np.r_[:103]
# The last is from scikit-learn 1.8 on.
PROBABILITY_SCORES = {"neg_log_loss", "neg_brier_score", "d2_log_loss_score"}
PROBABILITY_SCORES = sorted(PROBABILITY_SCORES.intersection(get_scorer_names()))
FAST = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}


@pytest.mark.parametrize("scoring", PROBABILITY_SCORES)
@pytest.mark.parametrize("seed", range(8))
def test_early_stopping_knows_classes_that_are_not_held_out(scoring, seed):
    model = MLPClassifier(**FAST | {"random_state": seed}, early_stopping=True, scoring=scoring)
    model.fit(X[FEW], Y[FEW])
    assert np.isfinite(model.validation_scores_).all()


@pytest.mark.parametrize("scoring", PROBABILITY_SCORES)
def test_searches_know_classes_that_a_fold_lacks(scoring):
    search = MLPClassifierCV(MLPClassifier(**FAST), l1s=[0, 1e-3], scoring=scoring)
    search.set_params(cv=StratifiedKFold(5), random_state=0)
    with pytest.warns(UserWarning, match="least populated class"):
        search.fit(X[FEW], Y[FEW])
    assert np.isfinite(search.best_score_)


def test_a_path_knows_them():
    params = {"X_val": X[:90], "y_val": Y[:90], "n_strengths": 3, "max_iter": 3}
    path = mlp_path(MLPClassifier(**FAST, scoring="neg_log_loss"), X, Y, **params)
    assert np.isfinite(path.scores).all()


@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"]])
def test_the_log_loss_of_held_out_rows_of_one_class_is_defined(labels):
    y = np.array(labels)[(Y[:100] == 1).astype(int)]
    params = {"early_stopping": True, "scoring": "neg_log_loss"}
    model = MLPClassifier(**FAST, **params).fit(X[:100], y, X_val=X[:40], y_val=y[:40])
    value = -log_loss(y[:40], model.predict_proba(X[:40]), labels=labels)
    assert model.best_validation_score_ == pytest.approx(value)
    model.set_params(scoring="neg_brier_score").fit(X[:100], y, X_val=X[:40], y_val=y[:40])
    assert np.isfinite(model.best_validation_score_)


def test_scores_of_labels_are_those_of_the_classes_that_are_there():
    # To name all classes would count the missing one as never found.
    model = MLPClassifier(**FAST, early_stopping=True, scoring="f1_macro")
    model.fit(X, Y, X_val=X[:100], y_val=Y[:100])
    assert model.best_validation_score_ == get_scorer("f1_macro")(model, X[:100], Y[:100])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_what_is_not_defined_is_said_with_the_classes():
    scoring = "roc_auc_ovr"
    model = MLPClassifier(**FAST, early_stopping=True, scoring=scoring)
    with pytest.raises(
        ValueError, match=rf"scoring='{scoring}' is not defined .* of 2: .*loss"
    ):
        model.fit(X, Y, X_val=X[:100], y_val=Y[:100])
    search = MLPClassifierCV(MLPClassifier(**FAST), l1s=[0], scoring=scoring, cv=KFold(3))
    with pytest.raises(ValueError, match="no sample of 1, 2"):
        search.fit(X, Y)


@pytest.mark.parametrize("scoring", ["loss", "accuracy", "neg_log_loss"])
@pytest.mark.parametrize("seed", range(5))
def test_classes_are_held_out_in_proportion(scoring, seed):
    held_out = []

    def score(model, X, y):
        held_out.append(np.bincount(y, minlength=3))
        return 0.0

    params = {**FAST, "random_state": seed, "early_stopping": True, "validation_fraction": 0.2}
    rows = np.r_[:150, 100:150, 100:150]
    MLPClassifier(**params, scoring=score).fit(X[rows], Y[rows])
    assert held_out[0].tolist() == [10, 10, 30]
    # A class of one row is trained on, and does not end the fit.
    MLPClassifier(**params, scoring=scoring).fit(X[:101], Y[:101])


def test_r2_is_that_of_scikit_learn():
    assert np.isnan(r2(np.array([[1.0]]), np.array([[2.0]])))
    for y in (np.full((5, 1), 3.0), np.c_[np.arange(5.0), np.full(5, 3.0)]):
        assert r2(y, y + 1) == pytest.approx(r2_score(y, y + 1))


def test_r2_of_one_row_or_of_a_constant_chooses_nothing_in_silence():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:60], scale(y)[:60]
    model = MLPRegressor(**FAST, early_stopping=True)
    with pytest.raises(ValueError, match=r"R2 of 1 held-out row.* scoring='loss'"):
        model.fit(X, y, X_val=X[:1], y_val=y[:1])
    with pytest.raises(ValueError, match=r"R2 of 5 held-out row.* scoring='loss'"):
        model.fit(X, y, X_val=X[:5], y_val=np.full(5, y[0]))
    with pytest.raises(ValueError, match=r"R2 of 6 held-out row.* scoring='loss'"):
        clone(model).set_params(l1=1e-3).fit(X, np.full(60, 3.0))
    # As scikit-learn's network, which says nothing.
    with pytest.warns(RuntimeWarning, match=r"R2 of 6 held-out row.* scoring='loss'"):
        model.fit(X, np.full(60, 3.0))
    search = MLPRegressorCV(MLPRegressor(**FAST), l2s=[1.0, 0.1], cv=LeaveOneOut())
    with pytest.raises(ValueError, match="R2 of 1 held-out row"):
        search.set_params(scoring=None).fit(X[:10], y[:10])
    search.set_params(scoring="loss").fit(X[:10], y[:10])
    assert len(set(search.cv_results_["mean_test_score"])) == 2


@pytest.mark.parametrize("loss", ["absolute_error", "huber", "quantile", "gamma"])
def test_losses_that_scikit_learn_lacks_are_watched_themselves(loss):
    X, y = load_diabetes(return_X_y=True)
    params = {**FAST, "loss": loss, "early_stopping": True}
    by_default = MLPRegressor(**params).fit(X, y)
    by_loss = MLPRegressor(**params, scoring="loss").fit(X, y)
    assert by_default.validation_scores_ == by_loss.validation_scores_
    assert by_default.validation_scores_ == [-v for v in by_loss.validation_loss_curve_]


@pytest.mark.parametrize("level", [0.05, 0.95])
def test_early_stopping_keeps_the_quantile_that_was_asked_for(level, rng):
    # By R2 the first epoch won, and a band of 90 % covered 53 %.
    X = rng.standard_normal((4000, 5))
    y = X[:, 0] + rng.standard_normal(4000)
    params = {"loss": "quantile", "quantile": level, "early_stopping": True, "random_state": 0}
    model = MLPRegressor(**params).fit(X[:2000], y[:2000])
    assert np.mean(y[2000:] <= model.predict(X[2000:])) == pytest.approx(level, abs=0.025)


@pytest.mark.parametrize("scorer_of", ["early_stopping", "X_val", "search", "path"])
def test_a_scorer_gets_the_data_frame_that_was_given(scorer_of):
    frame = pd.DataFrame(X, columns=list("abcd"))
    kinds = set()

    def score(model, X, y):
        kinds.add(type(X))
        return float(X["a"].mean()) + LogisticRegression().fit(X, y).score(X, y)

    network = MLPClassifier(**FAST, scoring=score)
    own = {"X_val": frame, "y_val": Y}
    match scorer_of:
        case "early_stopping":
            network.set_params(early_stopping=True).fit(frame, Y)
        case "X_val":
            network.set_params(early_stopping=True).fit(frame, Y, **own)
        case "search":
            MLPClassifierCV(MLPClassifier(**FAST), l1s=[0], cv=2, scoring=score).fit(frame, Y)
        case "path":
            mlp_path(network, frame, Y, n_strengths=2, max_iter=2, **own)
    assert kinds == {pd.DataFrame}


@pytest.mark.parametrize("value", [np.array(0.5), np.float32(0.5), np.array([0.5]), True])
def test_a_scorer_may_return_what_item_makes_a_number_of(value):
    model = MLPClassifier(**FAST, early_stopping=True, scoring=lambda model, X, y: value)
    assert model.fit(X, Y).best_validation_score_ == float(np.ravel(value)[0])


@pytest.mark.parametrize("asks", [False, True, None])
def test_a_scorer_gets_weights_if_it_asks_for_them(asks):
    seen = []

    def metric(y, prediction, sample_weight=None):
        seen.append(sample_weight is not None)
        return 0.0

    with sklearn.config_context(enable_metadata_routing=True):
        scorer = make_scorer(metric).set_score_request(sample_weight=asks)
        model = MLPClassifier(**FAST, early_stopping=True, scoring=scorer)
        model.set_fit_request(sample_weight=True).fit(X, Y, np.ones(150))
    assert set(seen) == {asks is not False}


@pytest.mark.parametrize("scoring", ["acc", "typo", MLPClassifier, 3])
def test_a_scoring_that_does_not_exist_is_refused_at_once(scoring):
    for model in (MLPClassifier(scoring=scoring), MLPClassifierCV(scoring=scoring)):
        with pytest.raises(ValueError, match="'scoring' parameter of MLPClassifier"):
            model.fit(X, Y)
