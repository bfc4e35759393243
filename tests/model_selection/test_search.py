"""A search while it runs and after it: interrupts, lines, and what its best network has."""

import builtins
import contextlib
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import scale

import skreg
import skreg.model_selection
from skreg import MLPClassifier, MLPClassifierCV, MLPRegressor, MLPRegressorCV
from skreg.estimators.prediction import raw_output
from skreg.inspection import FeatureWeightsDisplay, RaceDisplay

X, Y = load_iris(return_X_y=True)
X = scale(X)
FOLDS = list(StratifiedKFold(3).split(X, Y))
NETWORKS = {MLPClassifierCV: MLPClassifier, MLPRegressorCV: MLPRegressor}
BOTH = pytest.mark.parametrize(("Search", "Network"), NETWORKS.items())
# Over all rows in their order a training in stages is one training.
WHOLE = {"batch_size": 100, "shuffle": False, "learning_rate_init": 0.01, "max_iter": 12}
STRENGTHS = [1e-3, 1.0, 10.0]


def negative_log_loss(model, X, y):
    return -log_loss(y, model.predict_proba(X), labels=[0, 1, 2])


def interrupting(at=np.inf):
    """Return a scorer, with an interrupt in the place of one score; it counts them."""

    # A function, which clones share.
    def score(model, X, y):
        score.n_scores += 1
        if score.n_scores == at:
            raise KeyboardInterrupt
        return negative_log_loss(model, X, y)

    score.n_scores = 0
    return score


def race(**params):
    kept = {"l2s": STRENGTHS, "cv": FOLDS, "random_state": 0}
    return MLPClassifierCV(MLPClassifier((8,), **WHOLE), **{**kept, **params})


def by_hand(l2, fold, n_epochs):
    """Return the network of a candidate on a fold, trained for so many epochs."""
    seeds = np.random.RandomState(0).randint(np.iinfo(np.int32).max, size=4)[1:]
    train, test = FOLDS[fold]
    network = MLPClassifier((8,), l2=l2, early_stopping=True, scoring="loss", **WHOLE)
    network.set_params(max_iter=n_epochs, random_state=seeds[fold])
    return network.fit(X[train], Y[train], X_val=X[test], y_val=Y[test])


def check_the_best_so_far(search, whole):
    """Check an interrupted race against the whole race, and by hand."""
    path = search.score_path_
    n_epochs = np.isfinite(path).sum(axis=2)
    assert np.isfinite(whole.score_path_).sum() > n_epochs.sum() > 0
    known = np.isfinite(path)
    np.testing.assert_array_equal(path[known], whole.score_path_[:, :, : path.shape[2]][known])
    best_of_folds = np.max(np.where(known, path, -np.inf), axis=2)
    n_folds = (n_epochs > 0).sum(axis=1)
    scores = [
        row[:n].mean() if n else -np.inf for row, n in zip(best_of_folds, n_folds, strict=True)
    ]
    best = max(range(3), key=lambda k: (n_folds[k], scores[k]))
    assert search.best_index_ == best
    assert search.best_score_ == scores[best]
    assert search.cv_results_["rank_test_score"][best] == 1
    raws = [
        raw_output(by_hand(STRENGTHS[best], fold, n_epochs[best, fold]), X)
        for fold in np.flatnonzero(n_epochs[best])
    ]
    raw = raw_output(search.best_estimator_, X)
    np.testing.assert_allclose(raw, np.mean(raws, axis=0), rtol=1e-10, atol=1e-10)
    return n_folds


# Five epochs for three candidates on two folds, then up to twelve for two on three.
@pytest.mark.parametrize(
    ("at", "judged"),
    [
        (6, [1, 0, 0]),
        (10, [1, 0, 0]),
        (11, [2, 0, 0]),
        (25, [2, 2, 0]),
        (26, [2, 2, 1]),
        (31, [2, 2, 2]),
        (44, [2, 2, 2]),
        (45, [2, 2, 2]),
        (57, [3, 2, 2]),
        (64, [3, 2, 2]),
        (82, [3, 2, 2]),
    ],
)
@pytest.mark.parametrize("refit", [False, True])
def test_an_interrupt_leaves_the_best_so_far(at, judged, refit):
    whole = race(scoring=interrupting()).fit(X, Y)
    assert whole.scoring.n_scores == 3 * 2 * 5 + 2 * (2 * 7 + 12)
    search = race(scoring=interrupting(at), refit=refit)
    with pytest.warns(UserWarning, match="Search interrupted by user") as record:
        assert search.fit(X, Y) is search
    assert record[0].filename == __file__
    n_judged = sum(n > 0 for n in judged)
    assert f"of {max(judged)} fold(s)" in str(record[0].message)
    assert f"{n_judged} candidate(s) out of 3" in str(record[0].message)
    assert sorted(check_the_best_so_far(search, whole)) == sorted(judged)
    assert len(search.rungs_) == 1 + (at > 30)
    assert search.predict(X).shape == (150,)


@pytest.mark.parametrize("at", [1, 5])
@pytest.mark.parametrize("is_fitted", [False, True])
def test_where_nothing_is_judged_an_interrupt_leaves_the_search_as_it_was(at, is_fitted):
    search = race()
    if is_fitted:
        search.fit(X, Y)
    search.scoring = interrupting(at)
    before = vars(search).copy()
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    assert search.scoring.n_scores == at
    assert vars(search).keys() == before.keys()
    assert all(vars(search)[name] is value for name, value in before.items())


@pytest.fixture
def interrupted_by_the_last():
    """Return a scorer that interrupts the last candidate, when the others are done."""

    # Processes get it by its value.
    def score(model, X, y):
        if model.l2 == 10.0:
            time.sleep(1)
            raise KeyboardInterrupt
        return -log_loss(y, model.predict_proba(X), labels=[0, 1, 2])

    return score


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_an_interrupt_of_one_of_several_trainings(backend, interrupted_by_the_last):
    whole = race(scoring=interrupting()).fit(X, Y)
    search = race(scoring=interrupted_by_the_last)
    n_threads = threading.active_count()
    with (
        parallel_config(backend, n_jobs=2),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        search.fit(X, Y)
    while backend == "threading" and threading.active_count() > n_threads:
        time.sleep(0.01)
    n_folds = check_the_best_so_far(search, whole)
    assert n_folds[0] == 2
    assert n_folds[2] == 0


@pytest.mark.filterwarnings("ignore")
def test_a_backend_may_hand_over_its_results_when_the_last_is_done():
    alone = race().fit(X, Y)
    with parallel_config("multiprocessing", n_jobs=2):
        together = race().fit(X, Y)
    np.testing.assert_array_equal(together.coefs_[0], alone.coefs_[0])
    np.testing.assert_array_equal(together.score_path_, alone.score_path_)


PROGRAM = """
    import signal
    import warnings; warnings.simplefilter("ignore")
    from sklearn.datasets import load_digits
    from skreg import MLPClassifier, MLPClassifierCV

    if __name__ == "__main__":
        # It is ignored in what a shell has started in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        X, y = load_digits(return_X_y=True)
        network = MLPClassifier((100, 100), n_iter_no_change=10**6, max_iter=10**6)
        search = MLPClassifierCV(network, l2s=[0.01, 0.1, 1.0], cv=3)
        search.set_params(n_jobs={n_jobs}, verbose=1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            search.fit(X / 16, y)
        print([str(one.message) for one in caught if "interrupted" in str(one.message)])
        print("score", search.score(X / 16, y))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals to groups of processes")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_ctrl_c_in_a_terminal(n_jobs, tmp_path):
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(PROGRAM.format(n_jobs=n_jobs)))
    program = subprocess.Popen(
        [sys.executable, "-u", file],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert program.stdout.readline().startswith("rung 1 of ")
        time.sleep(0.5)
        # To all processes of the terminal.
        os.killpg(program.pid, signal.SIGINT)
        out, errors = program.communicate(timeout=60)
    finally:
        # Workers that ignore the interrupt, as what shells start in the background does.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
    assert program.returncode == 0, errors
    message, score = out.splitlines()[-2:]
    assert "average of the networks of 2 fold(s)" in message
    assert "3 candidate(s) out of 3 that were judged" in message
    assert float(score.split()[1]) > 0.5


RELAXED = {"batch_size": 20, "learning_rate_init": 0.01, "max_iter": 40}


def relaxed(**params):
    kept = {"group_lassos": [0.01, 0.1, 0.3], "cv": FOLDS, "random_state": 0, "relax": True}
    return MLPClassifierCV(MLPClassifier((8,), **RELAXED), **{**kept, **params})


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9, 1.0])
def test_an_interrupt_between_refits_leaves_the_best_so_far(share):
    whole = relaxed(scoring=interrupting()).fit(X, Y)
    # A refit is scored after each epoch, and once more in the end.
    first = np.isfinite(whole.score_path_[0, 0]).sum() + 2
    at = first + round(share * (whole.scoring.n_scores - first))
    search = relaxed(scoring=interrupting(at))
    with pytest.warns(UserWarning, match="Search interrupted by user"):
        search.fit(X, Y)
    path = search.score_path_
    known = np.isfinite(path)
    assert 0 < known.sum() < np.isfinite(whole.score_path_).sum()
    np.testing.assert_array_equal(path[known], whole.score_path_[:, :, : path.shape[2]][known])
    best, n_folds = search.best_index_, known.any(axis=2).sum(axis=1)
    assert n_folds[best] == n_folds.max()
    scores = np.max(np.where(known, path, -np.inf), axis=2)
    rivals = [
        scores[k][: n_folds.max()].mean() for k in np.flatnonzero(n_folds == n_folds[best])
    ]
    assert search.best_score_ == max(rivals)
    assert set(search.selected_features_) <= set(range(4))
    if n_folds[best] == 1:
        # Then it is the network that was judged.
        test = FOLDS[0][1]
        score = -log_loss(Y[test], search.predict_proba(X[test]))
        assert score == pytest.approx(search.best_score_, rel=1e-9)
    assert search.predict(X).shape == (150,)


@pytest.mark.filterwarnings("ignore")
def test_an_interrupt_between_refits_in_another_process():
    whole = relaxed(scoring=interrupting()).fit(X, Y)

    # Counted anew on each fold, to which a copy of it travels.
    n_scores = {"all": 0}
    at = np.isfinite(whole.score_path_[0, 0]).sum() + 5

    def score(model, X, y):
        n_scores["all"] += 1
        if n_scores["all"] == at:
            time.sleep(1)
            raise KeyboardInterrupt
        return -log_loss(y, model.predict_proba(X), labels=[0, 1, 2])

    search = relaxed(scoring=score)
    with parallel_config("loky", n_jobs=2), pytest.warns(UserWarning, match="interrupted"):
        search.fit(X, Y)
    known = np.isfinite(search.score_path_)
    assert known[0].any()
    assert not known.any(axis=2).all()
    expected = whole.score_path_[:, :, : known.shape[2]]
    np.testing.assert_array_equal(search.score_path_[known], expected[known])


def test_an_interrupt_before_the_first_refit_leaves_the_search_as_it_was():
    search = relaxed(scoring=interrupting(3))
    before = set(vars(search))
    with pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    assert set(vars(search)) == before


@pytest.mark.parametrize("make", [race, relaxed])
def test_an_interrupt_of_the_training_on_all_data_leaves_the_average(make, monkeypatch):
    def interrupt(line):
        # Networks print their iterations, the search its rungs.
        if line.startswith("Iteration 3"):
            raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "print", interrupt)
    search = make(refit=True, verbose=2)
    with pytest.warns(UserWarning, match="average of the networks of 3 fold"):
        search.fit(X, Y)
    monkeypatch.undo()
    whole = make(refit=True).fit(X, Y)
    assert search.best_params_ == whole.best_params_
    assert search.best_score_ == whole.best_score_
    np.testing.assert_array_equal(search.score_path_, whole.score_path_)
    if make is race:
        average = race().fit(X, Y)
        np.testing.assert_array_equal(search.coefs_[0], average.coefs_[0])


def test_an_interrupted_race_can_be_drawn(pyplot):
    for at in (6, 31, 57):
        search = race(scoring=interrupting(at))
        with pytest.warns(UserWarning, match="interrupted"):
            search.fit(X, Y)
        display = RaceDisplay.from_estimator(search)
        display.figure_.canvas.draw()
        best = display.lines_[search.best_index_].get_ydata()
        if at > 6:
            assert best[np.isfinite(best)][-1] == pytest.approx(search.best_score_)


def test_it_prints_a_line_a_rung(capsys):
    search = race(verbose=1).fit(X, Y)
    first, last = capsys.readouterr().out.splitlines()
    begin = r"rung 1 of 2, 5 epochs on 2 of 3 folds: 3 candidates, 2 left, best score "
    found = re.fullmatch(begin + r"(\S+) with l2=(\S+); \d+\.\d s", first)
    scores = search.score_path_[:, :2, :5].max(axis=2).mean(axis=1)
    assert float(found[1]) == pytest.approx(scores.max(), rel=1e-3)
    assert float(found[2]) == STRENGTHS[scores.argmax()]
    begin = r"rung 2 of 2, 12 epochs on 3 of 3 folds: 2 candidates, 1 left, best score "
    found = re.fullmatch(begin + r"(\S+) with l2=(\S+); \d+\.\d s", last)
    assert float(found[1]) == pytest.approx(search.best_score_, rel=1e-3)
    assert float(found[2]) == search.l2_


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_it_prints_a_line_a_fold_where_supports_are_refitted(n_jobs, capsys):
    search = relaxed(verbose=1, dropouts=[0.0, 0.2], n_jobs=n_jobs).fit(X, Y)
    lines = sorted(capsys.readouterr().out.splitlines())
    assert len(lines) == 6
    for number, line in enumerate(lines):
        fold, path = divmod(number, 2)
        rate = [0.0, 0.2][path]
        begin = rf"fold {fold + 1} of 3, 3 strengths of group_lasso with dropout={rate}: "
        pattern = r"best score (\S+) with group_lasso=(\S+), (\d) features; \d+\.\d s"
        score, strength, _ = re.fullmatch(begin + pattern, line).groups()
        column = search.cv_results_[f"split{fold}_test_score"][3 * path : 3 * path + 3]
        assert float(score) == pytest.approx(column.max(), rel=1e-3)
        assert float(strength) == [0.01, 0.1, 0.3][column.argmax()]


def test_from_two_on_the_last_training_prints_too(capsys):
    race(verbose=1, refit=True).fit(X, Y)
    assert "Iteration" not in capsys.readouterr().out
    search = race(verbose=2, refit=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("Iteration") for line in lines) == search.n_iter_
    race().fit(X, Y)
    assert capsys.readouterr().out == ""


@BOTH
@pytest.mark.parametrize(
    "params", [{}, {"refit": True}, {"relax": True, "l2s": None, "l1s": [1e-3]}]
)
def test_it_has_what_its_best_network_has(Search, Network, params):
    search = Search(Network((4,), max_iter=3), **{"l2s": [0.1], "cv": 2, **params})
    network = Network().fit(X, Y)
    names = [name for name in dir(network) if name.endswith("_") and name[0] != "_"]
    assert len(names) >= 19
    assert not any(hasattr(search, name) for name in names)
    search.fit(X, Y)
    best = search.best_estimator_
    for name in names:
        assert hasattr(search, name) == hasattr(best, name), name
        if hasattr(best, name):
            np.testing.assert_equal(getattr(search, name), getattr(best, name))
    methods = {"get_support", "prune", "predict"}
    methods |= {"predict_proba", "predict_log_proba"} if Network is MLPClassifier else set()
    for name in methods:
        assert callable(getattr(search, name))
        assert getattr(Search, name).__doc__ == getattr(Network, name).__doc__
    search.best_estimator_ = network
    assert search.coefs_ is network.coefs_
    np.testing.assert_array_equal(search.predict(X), network.predict(X))


@BOTH
def test_before_a_fit_its_methods_say_so(Search, Network):
    search = Search()
    for call in (lambda: search.predict(X), search.get_support, search.prune):
        with pytest.raises(NotFittedError, match=f"This {Search.__name__} instance"):
            call()
    with pytest.raises(NotFittedError):
        search.coefs_  # noqa: B018
    assert not hasattr(search, "coefs_")
    assert not hasattr(search, "no_such_attribute")


@BOTH
def test_nothing_is_left_of_an_earlier_fit(Search, Network, pyplot):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    search = Search(Network((4,), max_iter=3), l2s=2, cv=2, random_state=0).fit(frame, Y)
    assert list(search.feature_names_in_) == list("abcd")
    search.fit(X[:, ::-1], Y)
    assert not hasattr(search, "feature_names_in_")
    bars = FeatureWeightsDisplay.from_estimator(search)
    assert set(bars.feature_names) == {"x0", "x1", "x2", "x3"}
    wide = np.hstack([X, X[:, :2]])
    assert search.fit(wide, Y).n_features_in_ == 6
    assert FeatureWeightsDisplay.from_estimator(search).importances.shape == (6,)
    fresh = clone(search).fit(wide, Y)
    assert vars(search).keys() == vars(fresh).keys()


def test_a_column_is_warned_of_once():
    search = race()
    with pytest.warns(UserWarning, match="A column-vector y was passed") as record:
        search.fit(X, Y[:, np.newaxis])
    assert len(record) == 1
    np.testing.assert_array_equal(search.coefs_[0], race().fit(X, Y).coefs_[0])


def test_public_names():
    for name in ("MLPClassifierCV", "MLPRegressorCV"):
        assert getattr(skreg, name) is getattr(skreg.model_selection, name)
        assert name in skreg.__all__


def test_it_is_searched_over_in_its_turn():
    grid = {"estimator__hidden_layer_sizes": [(), (6,)], "min_epochs": [2]}
    outer = GridSearchCV(race(cv=2), grid, cv=2, error_score="raise").fit(X, Y)
    hidden = outer.best_params_["estimator__hidden_layer_sizes"]
    assert outer.best_estimator_.hidden_layer_sizes_ == hidden
    assert outer.best_estimator_.rungs_[0].n_epochs == 2
