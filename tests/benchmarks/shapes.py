"""The shapes of data and network that bench_speed.py and bench_memory.py measure at."""

from typing import NamedTuple

import numpy as np
from scipy import sparse


class Shape(NamedTuple):
    """Data, network and how long to train.

    Attributes
    ----------
    n_samples, n_features : int

    hidden : tuple of int

    batch_size : int

    epochs : int
        Of a fit that is timed: enough that its preparations do not count.

    copies : int
        Of the data for a call of `partial_fit`, for the same reason.

    density : float
        Share of the features that are stored; 1 for a dense array.

    effort : float
        Share of the runs that it gets: the slowest shapes need fewer.
    """

    n_samples: int
    n_features: int
    hidden: tuple
    batch_size: int
    epochs: int
    copies: int = 1
    density: float = 1.0
    effort: float = 1.0

    @property
    def is_sparse(self):
        return self.density < 1

    @property
    def settings(self):
        """Parameters that scikit-learn and skreg share."""
        return {
            "hidden_layer_sizes": self.hidden,
            "batch_size": self.batch_size,
            "max_iter": self.epochs,
            "n_iter_no_change": np.inf,
            "random_state": 0,
        }

    def data(self, dtype):
        """Return ``X`` and a binary ``y``, which five directions of noise decide."""
        rng = np.random.default_rng(0)
        size = self.n_samples, self.n_features
        if self.is_sparse:
            X = sparse.random(*size, self.density, "csr", random_state=rng)
            score = X @ rng.standard_normal(self.n_features)
        else:
            X = rng.standard_normal(size)
            score = X[:, :5].sum(axis=1) + rng.standard_normal(self.n_samples)
        return X.astype(dtype), (score > 0).astype(int)


SHAPES = {
    "tiny": Shape(1000, 20, (100,), 200, epochs=60, copies=60),
    "small": Shape(5000, 50, (64, 32), 32, epochs=10, copies=10),
    "mid": Shape(20_000, 50, (256, 256), 256, epochs=5),
    "big": Shape(5000, 784, (1024, 1024, 1024), 128, epochs=2, effort=0.4),
    "sparse": Shape(10_000, 50_000, (100,), 200, epochs=2, density=0.001, effort=0.4),
}
