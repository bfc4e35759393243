"""Searches on a cluster find what they find in one process, to the last bit."""

import itertools
import os
import signal
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, scale
from threadpoolctl import threadpool_info, threadpool_limits

from skreg import MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV

distributed = pytest.importorskip("distributed")

GRID = {"early_stopping": [False, True], "dropout": [0.0, 0.3]}


@pytest.fixture(scope="module", autouse=True)
def one_thread_for_matrix_products():
    """What workers of dask have; products may round otherwise with more."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def client():
    with (
        # Any free port: even without a dashboard the default would be a fixed one.
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.amm.stop()  # Every two seconds it drops copies that no task waits for.
        yield client


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


def network(**params):
    return MLPClassifier((10,), max_iter=10, random_state=0, l1=1e-3, **params)


def searched(model=None, grid=GRID, cv=3):
    # The log-loss shows every bit of the predictions.
    return GridSearchCV(model or network(), grid, cv=cv, scoring="neg_log_loss")


def scores(search):
    return np.array([search.cv_results_[f"split{k}_test_score"] for k in range(3)])


def mapped(X, folder):
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


@pytest.mark.parametrize("layout", ["array", "memmap"])
# Threads share the filters that one of them has silenced warnings by.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["loky", "threading", "dask"])
def test_every_backend_finds_the_same_network(backend, layout, cancer, tmp_path, request):
    X, y = cancer
    expected = searched().fit(X, y)
    if layout == "memmap":
        X = mapped(X, tmp_path)
    if backend == "dask":
        request.getfixturevalue("client")
    config = {
        # From 1,000 bytes on, arrays reach the processes as memmaps.
        "loky": {"n_jobs": 2, "max_nbytes": 1000, "inner_max_num_threads": 1},
        "threading": {"n_jobs": 2},
        "dask": {"scatter": [X, y]},
    }[backend]
    with joblib.parallel_config(backend, **config):
        search = searched().fit(X, y)
    np.testing.assert_array_equal(scores(search), scores(expected))
    for ours, theirs in zip(
        search.best_estimator_.coefs_, expected.best_estimator_.coefs_, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def of_ones_own():
    """Return a scorer that travels by value: workers cannot import this module."""

    def negative_brier(model, X, y):
        return -((y - model.predict_proba(X)[:, 1]) ** 2).mean()

    return negative_brier


@pytest.mark.parametrize(
    "scoring",
    [of_ones_own(), "neg_brier_score", make_scorer(f1_score)],
    ids=["function", "name", "scorer"],
)
@pytest.mark.parametrize("backend", ["loky", "threading", "dask"])
def test_a_race_has_the_same_end_whatever_it_is_judged_by(backend, scoring, cancer, request):
    if backend == "dask":
        request.getfixturevalue("client")
    # Schedule, moments, masks, patience and the best epoch are carried from rung to rung.
    network = MLPClassifier(
        (10,),
        learning_rate="cosine",
        dropout=0.2,
        batch_size=64,
        max_iter=30,
        n_iter_no_change=5,
    )
    params = {"l2s": [1e-4, 1e-3, 1e-2, 1e-1], "cv": 3, "scoring": scoring, "random_state": 0}
    alone = MLPClassifierCV(network, **params).fit(*cancer)
    with joblib.parallel_config(backend, n_jobs=2):
        there = MLPClassifierCV(network, **params, n_jobs=2).fit(*cancer)
    np.testing.assert_array_equal(there.score_path_, alone.score_path_)
    assert there.best_score_ == alone.best_score_
    for ours, theirs in zip(there.coefs_, alone.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def searches():
    """Return searches of each kind, which have something to warn of in every training."""
    network = MLPClassifier((5,), max_iter=4)
    return {
        "race": MLPClassifierCV(network, l2s=4, cv=3, random_state=0),
        "relax": MLPClassifierCV(network, l1s=3, relax=True, cv=3, random_state=0),
        "refit": MLPClassifierCV(network, l2s=2, refit=True, cv=3, random_state=0),
    }


@pytest.mark.parametrize("kind", searches())
@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_searches_silence_nothing(backend, kind, cancer):
    X, y = cancer
    before = list(warnings.filters)
    for _ in range(3):
        with joblib.parallel_config(backend, n_jobs=1 if backend == "sequential" else 4):
            searches()[kind].fit(X[:200], y[:200])
    if backend == "threading":
        # scikit-learn's check of arrays, which turns one warning into an error for a moment,
        # may come into its own way.
        new = [entry for entry in warnings.filters if entry not in before]
        assert [entry for entry in new if entry[0] != "error"] == []
        warnings.filters[:] = before
    assert list(warnings.filters) == before


def test_a_race_on_a_cluster_has_the_same_winner(client, cancer):
    X, y = cancer
    network = MLPClassifier((10,), max_iter=12)
    search = MLPClassifierCV(network, l2s=[1e-3, 1e-1], dropouts=2, random_state=0)
    alone = clone(search).fit(X, y)
    with joblib.parallel_config("dask"):
        search.fit(X, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    np.testing.assert_array_equal(search.coefs_[0], alone.coefs_[0])


def test_workers_of_dask_take_one_thread_for_matrix_products(client):
    def n_threads():
        import scipy.linalg  # noqa: F401, which loads a library of its own

        return {library["num_threads"] for library in threadpool_info()}

    assert all(threads == {1} for threads in client.run(n_threads).values())


@pytest.fixture
def sent(client, monkeypatch):
    """Arrays that leave this process, by how they do."""
    arrays = {"to all workers": [], "to one worker": [], "within tasks": []}
    scatter, submit = client.scatter, client.submit

    def spy_on_scatter(data, **kwargs):
        is_for_all = kwargs.get("broadcast", False)
        way = "to all workers" if is_for_all else "to one worker"
        arrays[way] += data if isinstance(data, list) else [data]
        return scatter(data, **kwargs)

    def spy_on_submit(function, *, tasks, **kwargs):
        for _, args, named in tasks:
            values = itertools.chain(args, named.values())
            arrays["within tasks"] += [value for value in values if hasattr(value, "nbytes")]
        return submit(function, tasks=tasks, **kwargs)

    monkeypatch.setattr(client, "scatter", spy_on_scatter)
    monkeypatch.setattr(client, "submit", spy_on_submit)
    return arrays


def test_data_are_sent_once_for_all_searches_within_a_config(client, sent, cancer):
    X, y = cancer[0][:450], cancer[1][:450]  # A size of X that no other test has.
    with joblib.parallel_config("dask", scatter=[X, y]):
        for _ in range(2):
            searched().fit(X, y)
        holders, sizes = client.who_has(), client.nbytes(summary=False)
    assert [len(holders[key]) for key, size in sizes.items() if size == X.nbytes] == [2]
    assert [id(array) for array in sent["to all workers"]] == [id(X), id(y)]
    # For each search, the numbers of the rows to train on and of those to test on.
    sizes = [len(array) for array in sent["to one worker"]]
    assert len(sizes) == 2 * 6
    assert sum(sizes) == 2 * 3 * len(X)
    assert sent["within tasks"] == []


def race_of_three_rungs(cv):
    grid = {"l2s": 3, "dropouts": 3}
    return MLPClassifierCV(MLPClassifier((10,), max_iter=20), cv=cv, random_state=0, **grid)


def test_a_race_sends_what_is_listed_once(client, sent, cancer):
    X, y = cancer
    splits = list(StratifiedKFold(3).split(X, y))
    listed = [X, y, *itertools.chain(*splits)]
    with joblib.parallel_config("dask", scatter=listed):
        race_of_three_rungs(splits).fit(X, y)
    assert [id(array) for array in sent["to all workers"]] == list(map(id, listed))
    assert sent["to one worker"] == []
    # The labels of the classes.
    assert {array.nbytes for array in sent["within tasks"]} == {np.unique(y).nbytes}


def test_a_race_sends_what_is_not_listed_once_a_rung(client, sent, cancer):
    X, y = cancer
    with joblib.parallel_config("dask"):
        search = race_of_three_rungs(3).fit(X, y)
    assert sorted(set(search.cv_results_["n_epochs"])) == [5, 15, 20]
    assert [array is X for array in sent["to one worker"]].count(True) == 3
    assert max(array.nbytes for array in sent["within tasks"]) < 1000


def test_rows_may_be_read_by_the_workers(client, sent, cancer, tmp_path):
    X, y = cancer
    file = mapped(X, tmp_path).filename

    def read(rows):
        return np.load(file, mmap_mode="r")[rows[:, 0]]

    rows = np.arange(len(X))[:, None]
    pipeline = make_pipeline(FunctionTransformer(read), network())
    grid = {f"mlpclassifier__{name}": values for name, values in GRID.items()}
    with joblib.parallel_config("dask", scatter=[rows, y]):
        search = searched(pipeline, grid).fit(rows, y)
    np.testing.assert_array_equal(scores(search), scores(searched().fit(X, y)))
    assert [id(array) for array in sent["to all workers"]] == [id(rows), id(y)]
    assert max(array.nbytes for array in sent["to one worker"]) <= rows.nbytes
    assert sent["within tasks"] == []


@pytest.mark.parametrize("when", ["at the start", "in the middle"])
def test_a_search_survives_the_death_of_a_worker(when, client, cancer, tmp_path):
    X, y = cancer
    marker = tmp_path / "was here"

    def die_once(X):
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return X
        os.kill(os.getpid(), signal.SIGKILL)

    functions = [die_once, None] if when == "at the start" else [None, die_once]
    pipeline = make_pipeline(FunctionTransformer(), network())
    grid = {
        "functiontransformer__func": functions,
        "mlpclassifier__dropout": GRID["dropout"],
    }
    splits = list(StratifiedKFold(3).split(X, y))
    client.wait_for_workers(2)
    with joblib.parallel_config("dask", scatter=[X, y, *itertools.chain(*splits)]):
        search = searched(pipeline, grid, splits).fit(X, y)
    assert marker.exists()
    expected = scores(searched(grid={"dropout": GRID["dropout"]}).fit(X, y))
    np.testing.assert_array_equal(scores(search), np.hstack([expected, expected]))
    client.wait_for_workers(2)


@pytest.mark.parametrize(
    "params", [{}, {"dropout": 0.3, "l1": 1e-3}, {"solver": "sgd"}], ids=str
)
def test_chunks_of_a_dask_array_one_after_the_other(params, client, cancer):
    dask_ml = pytest.importorskip("dask_ml.wrappers")
    import dask.array as da

    X, y = cancer[0], cancer[0][:, 0] * cancer[0][:, 1]
    chunks = (100, 200, 150, 119)
    model = MLPRegressor((10,), batch_size=32, random_state=0, **params)
    incremental = dask_ml.Incremental(model, shuffle_blocks=False)
    incremental.fit(da.from_array(X, (chunks, X.shape[1])), da.from_array(y, (chunks,)))
    by_hand, ends = clone(model), np.cumsum(chunks)
    for start, end in zip([0, *ends], ends, strict=False):
        by_hand.partial_fit(X[start:end], y[start:end])
    assert incremental.estimator_.t_ == by_hand.t_ == len(X)
    for ours, theirs in zip(incremental.estimator_.coefs_, by_hand.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
