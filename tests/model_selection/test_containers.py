"""Searches take what scikit-learn's own take: data of any kind, and folds of any kind."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, PredefinedSplit, TimeSeriesSplit, cross_val_score

from skreg import MLPClassifier, MLPClassifierCV, MLPRegressorCV

RNG = np.random.RandomState(0)
X = RNG.randn(90, 4)
Y = (X[:, 0] > 0).astype(int)
FRAME = pd.DataFrame(X, columns=list("abcd"))
MASK = np.arange(90) % 2 == 0
MASKS = [(MASK, ~MASK), (~MASK, MASK)]
NUMBERS = [(np.flatnonzero(train), np.flatnonzero(test)) for train, test in MASKS]
NETWORK = MLPClassifier((4,), max_iter=5)


def search(**params):
    params = {"l2s": 2, "cv": NUMBERS, "random_state": 0} | params
    return MLPClassifierCV(NETWORK, **params)


def arrow(values):
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.table(values) if isinstance(values, pd.DataFrame) else pyarrow.array(values)


EXPECTED = search().fit(X, Y).best_score_
CONTAINERS = {
    "lists": lambda: (X.tolist(), Y.tolist()),
    "tuples": lambda: (tuple(map(tuple, X)), tuple(Y)),
    "pandas": lambda: (FRAME, pd.Series(Y, index=range(90, 0, -1))),
    "nullable": lambda: (FRAME, pd.Series(Y, dtype="Int64")),
    "polars": lambda: (pl.DataFrame(X, schema=list("abcd")), pl.Series(Y)),
    "polars and a list": lambda: (pl.DataFrame(X, schema=list("abcd")), Y.tolist()),
    "pyarrow": lambda: (arrow(FRAME), arrow(Y)),
    "words in pyarrow": lambda: (X, arrow(np.array(["a", "b"])[Y])),
    "sparse": lambda: (sparse.csr_array(X), Y),
    "memoryview": lambda: (memoryview(X), Y),
}


@pytest.mark.parametrize("folds", [NUMBERS, MASKS], ids=["numbers", "masks"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_data_and_folds_of_any_kind(container, folds):
    A, b = CONTAINERS[container]()
    assert search(cv=folds).fit(A, b).best_score_ == pytest.approx(EXPECTED)


def test_masks_as_lists_and_negative_rows():
    lists = [(train.tolist(), test.tolist()) for train, test in MASKS]
    assert search(cv=lists).fit(X.tolist(), Y.tolist()).best_score_ == EXPECTED
    negative = [(train - 90, test) for train, test in NUMBERS]
    assert search(cv=negative).fit(X, Y).best_score_ == EXPECTED


@pytest.mark.parametrize("weight", [2.0, [2.0] * 90, pd.Series([2] * 90)])
def test_weights_of_any_kind(weight):
    score = search().fit(X, Y, sample_weight=weight).best_score_
    # alpha is divided by the weight.
    assert score == pytest.approx(EXPECTED, abs=1e-3)
    assert search(cv=MASKS).fit(X, Y, sample_weight=weight).best_score_ == score


@pytest.mark.parametrize("params", [{}, {"l2s": None, "l1s": 2, "relax": True}])
def test_a_generator_that_is_used_up_is_told_of(params):
    model = search(cv=KFold(2).split(X), **params).fit(X, Y)
    with pytest.raises(ValueError, match=r"cv yields no split\. A generator .* is used up"):
        model.fit(X, Y)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        ([], "cv yields no split"),
        ([(np.arange(3),)], "cv cannot split the 90 rows of X: not enough values"),
        ([(np.arange(50), np.arange(80, 95))], "pairs of row numbers.* the 90 rows of X"),
        ([(np.arange(50), ["a", "b"])], "pairs of row numbers.* the 90 rows of X"),
        ([([], [1, 2])], r"0 row\(s\) to train on and 2 to judge by"),
        ([([1, 2], [])], r"2 row\(s\) to train on and 0 to judge by"),
        (KFold(200), "cv cannot split the 90 rows of X: .*n_splits=200"),
    ],
)
def test_folds_that_make_no_sense(cv, message):
    with pytest.raises(ValueError, match=message):
        search(cv=cv).fit(X, Y)


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (pd.Series(Y, dtype="Int64"), [0, 1]),
        (pd.Series(Y == 1, dtype="boolean"), [False, True]),
        (pd.Series(Y == 1), [False, True]),
    ],
)
def test_classes_of_nullable_targets_are_what_they_were(target, classes):
    for model in (NETWORK, search()):
        model.fit(X, target)
        assert model.classes_.tolist() == classes
        assert model.classes_.dtype.kind == model.predict(X).dtype.kind == target.dtype.kind


def test_a_target_with_gaps_is_refused():
    target = pd.Series([None, *Y[1:]], dtype="Int64")
    for model in (NETWORK, search()):
        with pytest.raises(ValueError, match="NaN"):
            model.fit(X, target)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.array([1, "a"] * 45, dtype=object), "Unknown label type"),
        (RNG.randint(0, 3, (90, 2)), "Multioutput target data is not supported"),
        (X[:, 0], "Unknown label type"),
    ],
)
def test_targets_that_are_no_classes(target, message):
    with pytest.raises(ValueError, match=message):
        search().fit(X, target)


def test_a_split_for_other_rows_is_told_of():
    fold = np.r_[[-1] * 60, [0] * 30]
    network = MLPClassifier(early_stopping=True, validation_fraction=PredefinedSplit(fold))
    with pytest.raises(ValueError, match=r"is for 90 rows, X has 60\. Within cross-validation"):
        cross_val_score(network, X, Y, cv=3, error_score="raise")

    class OfFixedRows:
        def split(self, X, y=None, groups=None):
            yield np.arange(60), np.arange(60, 90)

        def get_n_splits(self, X=None, y=None, groups=None):
            return 1

    network.set_params(validation_fraction=OfFixedRows())
    with pytest.raises(ValueError, match="names rows that X does not have: it has 60"):
        cross_val_score(network, X, Y, cv=3, error_score="raise")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"estimator": MLPClassifier(max_iter=0)}, "'max_iter' parameter of MLPClassifier"),
        ({"estimator": MLPClassifier(max_iter="a")}, "'max_iter' parameter of MLPClassifier"),
        ({"n_jobs": []}, "'n_jobs' parameter of MLPClassifierCV"),
        ({"n_jobs": np.inf}, "'n_jobs' parameter of MLPClassifierCV"),
        ({"n_jobs": 1.5}, "'n_jobs' parameter of MLPClassifierCV"),
        ({"n_jobs": 0}, "'n_jobs' parameter of MLPClassifierCV"),
        ({"refit": "False"}, "'refit' parameter of MLPClassifierCV"),
        ({"refit": np.array([1])}, "'refit' parameter of MLPClassifierCV"),
        ({"relax": np.array([])}, "'relax' parameter of MLPClassifierCV"),
        ({"rule": np.array([1])}, "'rule' parameter of MLPClassifierCV"),
        ({"l1s": np.array(3)}, "'l1s' parameter of MLPClassifierCV"),
        ({"l1s": 10**9}, "'l1s' parameter of MLPClassifierCV .* up to 10,000"),
        ({"l2s": True}, "'l2s' parameter of MLPClassifierCV"),
        ({"scoring": "typo"}, "'scoring' parameter of MLPClassifierCV"),
        ({"scoring": MLPClassifier}, "'scoring' parameter of MLPClassifierCV"),
        ({"random_state": -1}, "random_state must be"),
    ],
)
def test_parameters_are_checked_before_anything_runs(params, message, monkeypatch):
    monkeypatch.setattr(KFold, "split", None)
    model = MLPClassifierCV(**{"estimator": NETWORK, "l2s": 2, "cv": KFold(2), **params})
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)


def test_a_regression_over_a_table_of_pyarrow():
    model = MLPRegressorCV(l2s=2, cv=2, random_state=0)
    model.set_params(estimator=None, architectures=[(4,)])
    table = arrow(FRAME)
    assert model.fit(table, X[:, 0]).predict(table).shape == (90,)


def test_folds_that_differ_in_size_are_told_of():
    with pytest.warns(UserWarning, match="have 18 to 72 rows to train on.* refit=True"):
        search(cv=TimeSeriesSplit(4)).fit(X, Y)
    search(cv=TimeSeriesSplit(4), refit=True).fit(X, Y)


def test_a_search_that_is_left_with_nothing_says_so():
    network = MLPClassifier((4,), max_iter=60, learning_rate_init=0.1)
    empty = MLPClassifierCV(
        network, l1s=[100.0], cv=NUMBERS, random_state=0, scoring="accuracy"
    )
    with pytest.warns(ConvergenceWarning, match=r"l1=100.0, has no weight left"):
        # So few are of the second class that the constant is right nearly always.
        empty.fit(X, np.arange(90) < 3)


def test_a_refit_on_few_rows_does_not_tell_of_a_batch_size_that_nobody_has_set():
    MLPClassifierCV(refit=True, cv=NUMBERS, random_state=0).fit(X[:, :2], Y)
