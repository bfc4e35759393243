import json

import numpy as np
import pytest

from skreg.nn.arrays import Buffer
from skreg.nn.optimizers import Adam
from skreg.nn.schedules import Plateau
from skreg.nn.storage import StorageError, load, save


def through_a_file(tree, tmp_path):
    save(tmp_path / "tree.npz", tree)
    return load(tmp_path / "tree.npz")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        2**80,
        0.1 + 0.2,
        float("inf"),
        "text",
        [1, (2.5, None)],
        {1: slice(0, 4), "a": {}},
        np.float64(0.1),
    ],
    ids=repr,
)
def test_plain_values_come_back(value, tmp_path):
    back = through_a_file(value, tmp_path)
    assert back == value
    assert type(back) is type(value) or isinstance(value, np.generic)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, bool])
def test_arrays_come_back(dtype, tmp_path):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    back = through_a_file({"array": array, "none": np.empty(0, dtype)}, tmp_path)
    np.testing.assert_array_equal(back["array"], array)
    assert back["array"].dtype == back["none"].dtype == dtype


def test_generators_go_on(tmp_path):
    legacy = np.random.RandomState(0)
    legacy.standard_normal()  # has a second number in hand
    fast = np.random.Generator(np.random.SFC64(0))
    fast.integers(9, dtype=np.int8)
    back = through_a_file([legacy, fast], tmp_path)
    np.testing.assert_array_equal(back[0].standard_normal(5), legacy.standard_normal(5))
    ours, theirs = (rng.integers(9, size=9, dtype=np.int8) for rng in (back[1], fast))
    np.testing.assert_array_equal(ours, theirs)


def test_objects_of_a_state_come_back(tmp_path):
    adam, plateau = Adam(0.1), Plateau.within(0.1, 10, 1e-3)
    adam.init(np.zeros(3), one_step=[slice(0, 2)])
    adam.step(np.zeros(3), np.ones(3))
    plateau(10, -1.0)
    back_adam, back_plateau, buffer = through_a_file([adam, plateau, Buffer(1)], tmp_path)
    theta, same = np.zeros(3), np.zeros(3)
    adam.step(theta, np.ones(3))
    back_adam.step(same, np.ones(3))
    np.testing.assert_array_equal(theta, same)
    assert back_plateau(10, -1.0) == plateau(10, -1.0)
    assert buffer.take((2,), float).tolist() == [1, 1]


class Own:
    pass


@pytest.mark.parametrize(
    "value", [Own(), {1, 2}, b"bytes", Own, len], ids=lambda v: type(v).__name__
)
def test_nothing_else_is_written(value, tmp_path):
    with pytest.raises(TypeError, match="cannot be saved"):
        save(tmp_path / "tree.npz", [value])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_fails_leaves_the_last_good_one(tmp_path):
    save(tmp_path / "tree.npz", [1])
    with pytest.raises(TypeError):
        save(tmp_path / "tree.npz", [Own()])
    assert load(tmp_path / "tree.npz") == [1]
    assert len(list(tmp_path.iterdir())) == 1


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "tree.npz"
    save(path, {"array": np.arange(100.0), "text": "x" * 50})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StorageError):
            load(path)


def test_changed_bytes_are_noticed_or_of_no_importance(tmp_path, rng):
    path = tmp_path / "tree.npz"
    tree = {"array": np.arange(50.0), "text": "x" * 50}
    save(path, tree)
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    n_noticed = 0
    for position in rng.choice(len(whole), 300, replace=False):
        changed = whole.copy()
        changed[position] ^= 1 << rng.integers(8)
        path.write_bytes(changed.tobytes())
        try:
            back = load(path)
        except StorageError:
            n_noticed += 1
        else:
            # Times and attributes of members of the archive.
            np.testing.assert_array_equal(back["array"], tree["array"])
            assert back["text"] == tree["text"]
    assert n_noticed > 150


@pytest.mark.parametrize(
    "tree",
    [
        {"kind": "Popen", "content": {"kind": "dict", "content": []}},
        {"kind": "array", "content": 7},
        {"kind": "State"},
        {"kind": "list", "content": 3},
        [],
    ],
    ids=str,
)
def test_foreign_content_is_refused(tree, tmp_path):
    text = json.dumps({"format": 1, "tree": tree}).encode()
    np.savez(tmp_path / "tree.npz", tree=np.frombuffer(text, np.uint8))
    with pytest.raises(StorageError):
        load(tmp_path / "tree.npz")


def test_other_formats_and_pickles_are_refused(tmp_path):
    text = json.dumps({"format": 0, "tree": None}).encode()
    np.savez(tmp_path / "old.npz", tree=np.frombuffer(text, np.uint8))
    np.savez(tmp_path / "pickle.npz", tree=np.array([Own()], dtype=object))
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(StorageError, match="format 0"):
        load(tmp_path / "old.npz")
    for name in ("pickle.npz", "text.npz"):
        with pytest.raises(StorageError):
            load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.npz")
