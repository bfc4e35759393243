"""Trainings that are killed at random moments, and called again until they come to an end.

    python tests/killed.py --kills 50
    python tests/killed.py fit search --kills 20 --seed 1

Every training runs in a process of its own that writes checkpoints, and is ended by
SIGKILL after a random time. In the end its weights must be those of an uninterrupted
training, bit for bit, and no file may be broken. Printed are the epochs of the
uninterrupted training, and those that all processes trained together.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skreg import MLPClassifier, MLPClassifierCV
from skreg.nn import storage
from skreg.nn.monitor import Monitor

PARAMS = {
    "hidden_layer_sizes": (40,),
    "batch_size": 50,
    "dropout": 0.2,
    "l1": 1e-4,
    "learning_rate": "cosine",
    "early_stopping": True,
    "scoring": "loss",
    "random_state": 0,
    "checkpoint_every": 3,
}


def fit(checkpoint):
    """Train one network."""
    return MLPClassifier(max_iter=150, checkpoint=checkpoint, **PARAMS)


def grid(checkpoint):
    """Search over twenty settings."""
    network = MLPClassifier(max_iter=12, checkpoint=checkpoint, **PARAMS)
    values = {"l2": [1e-4, 1e-3, 1e-2, 1e-1], "alpha": [1, 2, 3, 4, 5]}
    return GridSearchCV(network, values, cv=2)


def search(checkpoint):
    """Let candidates race."""
    network = MLPClassifier(max_iter=45, **PARAMS)
    return MLPClassifierCV(
        network,
        l2s=[1e-4, 1e-3, 1e-2, 1e-1],
        learning_rate_inits=[1e-3, 3e-3],
        cv=3,
        random_state=0,
        checkpoint=checkpoint,
        checkpoint_every=3,
    )


KINDS = {"fit": fit, "grid": grid, "search": search}
# Within which a training is killed after its first epoch: a part of what it takes.
SECONDS = {"fit": 0.3, "grid": 0.5, "search": 0.5}


def train(kind, checkpoint, diary, result):
    """Train with checkpoints; write a line an epoch, and the weights in the end."""
    update = Monitor.update

    def noted(self, *args):
        update(self, *args)
        with Path(diary).open("a") as file:
            file.write(".")

    Monitor.update = noted
    X, y = load_digits(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = KINDS[kind](checkpoint).fit(X[:600] / 16, y[:600])
    model = getattr(model, "best_estimator_", model)
    np.savez(result, *model.coefs_, *model.intercepts_)


def run(kind, folder, checkpoint, rng=None, seconds=0.0):
    """Train in a process; return whether it came to its end, or was killed before.

    With a generator it is killed at a random moment within so many seconds after its first
    epoch.
    """
    diary = folder / "diary"
    diary.touch()
    before = n_epochs(folder)
    arguments = [kind, checkpoint and str(checkpoint), str(diary), str(folder / "result.npz")]
    process = subprocess.Popen([sys.executable, __file__, "--train", json.dumps(arguments)])
    if rng is not None:
        while process.poll() is None and n_epochs(folder) == before:
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, seconds))
        process.kill()
    return process.wait() == 0


def n_epochs(folder):
    """Return how many epochs all processes have trained."""
    return (folder / "diary").stat().st_size


def weights(folder):
    """Return the weights that a training has come to, a list of arrays."""
    with np.load(folder / "result.npz") as saved:
        return [saved[name] for name in saved.files]


class Report(NamedTuple):
    """What came of a training that was killed again and again.

    Attributes
    ----------
    n_kills : int

    n_epochs : int
        Epochs of all processes together.

    n_uninterrupted : int
        Epochs of the training that nobody killed.

    is_same : bool
        Whether both have come to the same weights, bit for bit.

    n_broken : int
        Files of checkpoints that could not be read, looked at after each kill.
    """

    n_kills: int
    n_epochs: int
    n_uninterrupted: int
    is_same: bool
    n_broken: int


def kill(kind, max_kills, rng):
    """Kill a training until it has come to its end all the same, or often enough.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    max_kills : int

    rng : random.Random

    Returns
    -------
    report : Report
    """
    with tempfile.TemporaryDirectory() as name:
        alone, killed = Path(name) / "alone", Path(name) / "killed"
        alone.mkdir()
        killed.mkdir()
        run(kind, alone, None)
        n_kills = n_broken = 0
        is_done = False
        while n_kills < max_kills and not is_done:
            is_done = run(kind, killed, killed / "files", rng, SECONDS[kind])
            n_kills += not is_done
            n_broken += count_broken(killed / "files")
        if not is_done:
            run(kind, killed, killed / "files")
        is_same = all(map(np.array_equal, weights(alone), weights(killed)))
        return Report(n_kills, n_epochs(killed), n_epochs(alone), is_same, n_broken)


def count_broken(files):
    """Return how many checkpoints cannot be read."""
    n_broken = 0
    for path in files.glob("*.npz"):
        try:
            storage.load(path)
        except storage.StorageError:
            n_broken += 1
    return n_broken


def main():
    """Kill trainings, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=[*KINDS], help=", ".join(KINDS))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        train(*json.loads(given.train))
        return
    rng = random.Random(given.seed)
    print("kind     kills  epochs (uninterrupted)  same weights  broken files")
    for kind in given.kinds:
        n_left = given.kills
        while n_left > 0:
            report = kill(kind, n_left, rng)
            n_left -= max(1, report.n_kills)
            print(
                f"{kind:8} {report.n_kills:5}  {report.n_epochs:6} ({report.n_uninterrupted}) "
                f"{report.is_same!s:>18}  {report.n_broken:12}"
            )


if __name__ == "__main__":
    main()
