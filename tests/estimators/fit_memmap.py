"""Train on a file of 200 MB; print by how many MB the process grew, and the file's size.

Run by test_memmap.py in a process of its own: what is measured is its memory.
"""

import sys
import threading
from pathlib import Path

import numpy as np

from skreg import MLPClassifier


def anonymous_megabytes():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise KeyError("RssAnon")


def main(path, n_rows=100_000, n_features=500):
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for _ in range(0, n_rows, 10_000):
            rng.standard_normal((10_000, n_features), np.float32).tofile(file)
    X = np.memmap(path, np.float32, "r", shape=(n_rows, n_features))
    y = (X[:, 0] > 0).astype(int)
    model = MLPClassifier((8,), batch_size=500, max_iter=1, early_stopping=True, shuffle=20_000)
    model.fit(X[:1000], y[:1000])  # What the first fit of a process loads does not count.

    before = peak = anonymous_megabytes()
    is_over = threading.Event()

    def watch():
        nonlocal peak
        while not is_over.wait(0.005):
            peak = max(peak, anonymous_megabytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    model.fit(X, y)
    is_over.set()
    watcher.join()
    print(peak - before, X.nbytes / 2**20)


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]))
