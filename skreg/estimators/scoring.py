"""Judge a network on held-out data while it is being trained."""

import numpy as np
from sklearn.metrics import accuracy_score, r2_score

from skreg.nn.data import Data


def accuracy(target, y, raw, sample_weight=None):
    """Share of samples that are classified correctly."""
    return float(accuracy_score(y, target.decode(raw), sample_weight=sample_weight))


def r2(target, y, raw, sample_weight=None):
    """Coefficient of determination; not a number where a prediction is not finite."""
    prediction = target.decode(raw)
    if not np.isfinite(prediction).all():
        return float("nan")
    return float(r2_score(y, prediction, sample_weight=sample_weight))


class HeldOut:
    """Held-out data, and what they say about a network.

    Parameters
    ----------
    network : Network
        Reads the weights in training, and owns its memory.

    target : object
        One of `skreg.estimators.targets`.

    score : callable
        `accuracy` or `r2`.

    X : ndarray or CSR matrix of shape (n_samples, n_features)

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        As the user passed them.

    sample_weight : ndarray of shape (n_samples,) or None
    """

    def __init__(self, network, target, score, X, y, sample_weight=None):
        self._network = network
        self._target = target
        self._score = score
        self._y = y
        self._sample_weight = sample_weight
        self._data = Data(X, target.encode(y, X.dtype), sample_weight)

    def evaluate(self):
        """Return score and loss, without dropout or penalties, as two floats."""
        raw = self._network.predict(self._data.X)
        loss = self._target.loss.value_and_gradient(
            self._data.y, raw, np.empty_like(raw), self._data.sample_weight
        )
        return self._score(self._target, self._y, raw, self._sample_weight), loss
