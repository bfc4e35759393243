"""States of trainings in files, without pickle: reading one runs no code of the file.

A file is an ``.npz`` archive of NumPy's, whose members have checksums: one array for each
array of the state, and one that holds everything else as JSON. Only objects of the
classes that a state is made of are read, attribute by attribute.
"""

import json
import os
import tempfile
from pathlib import Path

import numpy as np

from skreg.nn import data, optimizers, record, schedules, stopping, training
from skreg.nn.arrays import Buffer

# Raised with every change of what a state is made of.
_FORMAT = 1

_CLASSES = {
    name: cls
    for module in (data, optimizers, record, schedules, stopping, training)
    for name, cls in vars(module).items()
    if isinstance(cls, type) and cls.__module__ == module.__name__
}


class StorageError(ValueError):
    """A file does not hold what was written."""


def save(path, tree):
    """Write a tree of values to a file, all of it or nothing.

    The file is written beside its place under another name, brought to the disk, and
    renamed: whatever happens meanwhile, there is a whole file or none.

    Parameters
    ----------
    path : Path

    tree : object
        Numbers, str, None, arrays, random generators, objects that states are made of,
        and lists, tuples and dicts of such.
    """
    arrays = []
    text = json.dumps({"format": _FORMAT, "tree": _encode(tree, arrays)})
    members = {str(number): array for number, array in enumerate(arrays)}
    members["tree"] = np.frombuffer(text.encode(), np.uint8)
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115, renamed when it is closed
        dir=path.parent, prefix=path.stem, suffix=".part", delete=False
    )
    try:
        with file:
            np.savez(file, **members)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def remove_parts(path):
    """Remove what a process has left that was killed while it wrote to a file."""
    for part in path.parent.glob(f"{path.stem}*.part"):
        part.unlink(missing_ok=True)


def load(path):
    """Return the tree that was saved to a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    tree : object

    Raises
    ------
    StorageError
        If the file was truncated, changed, or written by something else.

    FileNotFoundError
        If there is none.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as members:
            saved = json.loads(members["tree"].tobytes())
            if saved["format"] != _FORMAT:
                raise StorageError(
                    f"it has format {saved['format']} and not {_FORMAT}: another version of "
                    "skreg has written it"
                )
            return _decode(saved["tree"], members)
    except (StorageError, FileNotFoundError):
        raise
    except Exception as error:  # what is wrong shows in whatever comes across it
        raise StorageError(f"{type(error).__name__}: {error}") from error


def _encode(value, arrays):
    """Return a value as JSON has it; arrays are put aside."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (int, float)):
        return value
    kind, content = _taken_apart(value, arrays)
    return {"kind": kind, "content": content}


def _taken_apart(value, arrays):
    """Return the name of the kind of a value, and what it consists of, as JSON has it."""

    def encoded(values):
        return [_encode(part, arrays) for part in values]

    if isinstance(value, np.ndarray):
        arrays.append(value)
        return "array", len(arrays) - 1
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value).__name__, encoded(value)
    if isinstance(value, dict):
        return "dict", [encoded(item) for item in value.items()]
    if isinstance(value, slice):
        return "slice", [value.start, value.stop, value.step]
    if isinstance(value, Buffer):
        return "Buffer", value.fill
    if isinstance(value, np.random.RandomState):
        return "RandomState", _encode(value.get_state(legacy=False), arrays)
    if isinstance(value, np.random.Generator):
        return "Generator", _encode(value.bit_generator.state, arrays)
    if _CLASSES.get(type(value).__name__) is not type(value):
        raise TypeError(f"a {type(value).__name__} cannot be saved")
    return type(value).__name__, _encode(vars(value), arrays)


def _decode(value, members):
    """Return the value that was encoded."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    kind, content = value["kind"], value["content"]
    if kind == "array":
        return members[str(content)]
    if kind in ("list", "tuple"):
        values = [_decode(part, members) for part in content]
        return values if kind == "list" else tuple(values)
    if kind == "dict":
        return {_decode(key, members): _decode(part, members) for key, part in content}
    if kind == "slice":
        return slice(*content)
    if kind == "Buffer":
        return Buffer(content)
    if kind == "RandomState":
        random_state = np.random.RandomState()
        random_state.set_state(_decode(content, members))
        return random_state
    if kind == "Generator":
        state = _decode(content, members)
        bit_generator = np.random.SFC64()
        bit_generator.state = state
        return np.random.Generator(bit_generator)
    made = object.__new__(_CLASSES[kind])
    vars(made).update(_decode(content, members))
    return made
