"""Training data and its minibatches."""

from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import Buffer, by_rows, take_rows


class Batch(NamedTuple):
    """The rows of one step.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)

    y : ndarray of shape (n_rows, n_outputs), or (n_rows,) of class codes

    sample_weight : ndarray of shape (n_rows,) or None
        Relative to the mean weight of all training data.

    total_weight : float
        Number of rows times the mean weight of all training data: what
        scikit-learn divides its ``alpha`` by.
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray | None
    total_weight: float


class Data:
    """Samples, encoded targets and weights.

    Weights are divided by their mean once, over all rows. A minibatch then
    estimates the weighted mean of the whole without bias, since

        sum_i s_i loss_i / sum_i s_i = 1/n sum_i (s_i / mean(s)) loss_i.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)

    y : ndarray of shape (n_samples, n_outputs), or (n_samples,) of class codes

    sample_weight : ndarray of shape (n_samples,), default=None
        Not negative, not all zero. None: every row counts once.
    """

    def __init__(self, X, y, sample_weight=None):
        self.X = by_rows(X)
        self.y = y
        self.n_samples = X.shape[0]
        self.mean_weight = 1.0
        self.sample_weight = None
        if sample_weight is not None:
            self.mean_weight = float(np.mean(sample_weight, dtype=np.float64))
            self.sample_weight = (sample_weight / self.mean_weight).astype(X.dtype)
        self._X_rows, self._y_rows, self._weight_rows = Buffer(), Buffer(), Buffer()

    def take(self, rows):
        """Gather rows into a `Batch`, valid until the next call.

        Parameters
        ----------
        rows : slice or ndarray of int

        Returns
        -------
        batch : Batch
        """
        y = take_rows(self.y, rows, self._y_rows)
        weight = self.sample_weight
        if weight is not None:
            weight = take_rows(weight, rows, self._weight_rows)
        X = take_rows(self.X, rows, self._X_rows)
        return Batch(X, y, weight, len(y) * self.mean_weight)

    def total_weight(self, batch_size):
        """Return the total weight of minibatches of that size, as their harmonic mean.

        Divided by it, ``alpha`` is the strength that minibatches have on average,
        the ragged last one included.
        """
        n_full, n_rest = divmod(self.n_samples, batch_size)
        inverses = n_full / batch_size
        if n_rest:
            inverses += 1 / n_rest
        return self.mean_weight * (n_full + (n_rest > 0)) / inverses

    def minibatches(self, batch_size, order=None):
        """Iterate over all rows once.

        Parameters
        ----------
        batch_size : int
            Rows of a minibatch; the last one may have fewer.

        order : ndarray of int of shape (n_samples,), default=None
            Order in which to visit the rows; None visits them as they lie.

        Yields
        ------
        batch : Batch
        """
        for start in range(0, self.n_samples, batch_size):
            rows = slice(start, min(start + batch_size, self.n_samples))
            yield self.take(rows if order is None else order[rows])
