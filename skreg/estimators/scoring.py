"""Judge a network on held-out data while it is being trained."""

import numpy as np

from skreg.nn.arrays import row_blocks


class HeldOut:
    """Held-out data, and what they say about a network.

    Parameters
    ----------
    network : Network
        Reads the weights in training, and owns its memory.

    target : object
        One of `skreg.estimators.targets`.

    data : Data
        With encoded targets. Taken block by block.
    """

    def __init__(self, network, target, data):
        self._network = network
        self._target = target
        self._data = data

    def evaluate(self):
        """Return score and loss, without dropout or penalties, as two floats."""
        data = self._data
        raw = np.empty((data.n_samples, self._network.n_outputs), data.X.dtype)
        for rows in row_blocks(data.n_samples, self._network.widest):
            raw[rows] = self._network.forward(data.take(rows).X)
        loss = self._target.loss.value_and_gradient(
            data.y, raw, np.empty_like(raw), data.sample_weight
        )
        return self._target.score(data.y, raw, data.sample_weight), loss
