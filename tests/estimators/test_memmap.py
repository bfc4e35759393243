"""Data that lie in a file are trained on where they lie, and give the same network."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skreg import MLPClassifier, MLPRegressor

N_ROWS, N_FEATURES = 1200, 30


@pytest.fixture
def data(rng):
    X = rng.standard_normal((N_ROWS, N_FEATURES)).astype(np.float32)
    return X, X[:, 0] * X[:, 1] + X[:, 2]


def in_a_file(X, folder, offset=0):
    """Return ``X`` as a read-only memmap that starts at some byte of its file."""
    path = folder / "X.dat"
    with path.open("wb") as file:
        file.write(b"\0" * offset)
        X.tofile(file)
    return np.memmap(path, X.dtype, "r", offset=offset, shape=X.shape)


SETTINGS = [
    {},
    {"shuffle": False},
    {"shuffle": 100},
    {"early_stopping": True},
    {"early_stopping": True, "shuffle": 100},
    {"dropout": 0.3, "l1": 1e-4},
    {"solver": "sgd", "batch_size": 32, "group_lasso": 1e-4},
    {"solver": "lbfgs"},
]


@pytest.mark.parametrize("params", SETTINGS, ids=str)
# From a file, data may begin at any multiple of their size.
@pytest.mark.parametrize("offset", [0, 4])
def test_a_memmap_gives_the_same_network_as_an_array(params, offset, data, tmp_path):
    X, y = data
    model = MLPRegressor((20, 10), max_iter=8, random_state=0, **params)
    expected = model.fit(X, y).coefs_
    mapped = in_a_file(X, tmp_path, offset)
    for ours, theirs in zip(model.fit(mapped, y).coefs_, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(model.predict(mapped), model.predict(X))


def test_what_workers_are_handed_does_not_matter(data):
    # joblib hands arrays above max_nbytes to its workers as memmaps.
    X, y = data
    X, is_positive = X.astype(np.float64), y > 0
    grid = {"alpha": [1e-4, 1e-1], "early_stopping": [False, True]}
    model = MLPClassifier((10,), max_iter=5, random_state=0)
    searches = []
    for n_jobs, max_nbytes in [(1, None), (2, 1000)]:
        with joblib.parallel_config("loky", n_jobs=n_jobs, max_nbytes=max_nbytes):
            search = GridSearchCV(model, grid, cv=2, scoring="neg_log_loss")
            searches.append(search.fit(X, is_positive).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(*searches)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("shuffle", [True, 5000])
def test_a_fit_does_not_copy_the_data(early_stopping, shuffle, rng):
    X = rng.standard_normal((50_000, 100))
    y = X[:, 0] > 0
    model = MLPClassifier((5,), max_iter=1, early_stopping=early_stopping, shuffle=shuffle)
    tracemalloc.start()
    try:
        model.fit(X, y)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Orders, targets and the classes of the split: some numbers a row, not a hundred.
    assert peak < 0.25 * X.nbytes


def test_data_larger_than_what_the_process_holds(tmp_path):
    status = Path("/proc/self/status")
    if not (status.exists() and "RssAnon" in status.read_text()):
        pytest.skip("the system does not tell the memory that belongs to the process alone")
    code = Path(__file__).with_name("fit_memmap.py")
    growth = subprocess.run(
        [sys.executable, code, tmp_path / "X.dat"], check=True, capture_output=True, text=True
    )
    megabytes, size = map(float, growth.stdout.split())
    assert megabytes < 0.3 * size


@pytest.mark.parametrize("early_stopping", [False, True])
def test_shuffling_within_windows_learns_as_well(early_stopping, data):
    # Sorted by the target, so that windows differ.
    X, y = data
    order = np.argsort(y)
    params = {
        "hidden_layer_sizes": (20,),
        "max_iter": 100,
        "batch_size": 50,
        "early_stopping": early_stopping,
        "n_iter_no_change": 100,
        "random_state": 0,
    }
    scores = [
        MLPRegressor(shuffle=shuffle, **params).fit(X[order], y[order]).score(X, y)
        for shuffle in (True, 300)
    ]
    assert scores[0] > 0.8
    assert scores[1] > scores[0] - 0.1


def test_one_window_for_all_rows_is_a_shuffle_of_all_rows(data):
    X, y = data
    # A window is ours, and so is a limit that is never reached: both begin at the mean.
    model = MLPRegressor((5,), max_iter=1, max_grad_norm=1e9, random_state=0)
    every, window = (
        model.set_params(shuffle=shuffle).fit(X, y).loss_ for shuffle in (True, N_ROWS)
    )
    # Not the same numbers are drawn, but the same loss comes out, nearly.
    assert every == pytest.approx(window, rel=0.05)


@pytest.mark.parametrize("shuffle", [0, 1, -5, 2.5, "yes", None])
def test_what_shuffle_may_be(shuffle, data):
    with pytest.raises(ValueError, match=r"'shuffle' .* must be a bool or an int .*\[2, inf\)"):
        MLPRegressor(shuffle=shuffle).fit(*data)
