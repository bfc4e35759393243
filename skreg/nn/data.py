"""Training data and its minibatches."""

import hashlib
from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import Buffer, by_rows, is_dense, row_blocks, take_rows

# Rows gathered together, a part of the second-level cache.
_GATHERED_BYTES = 2**18


class Batch(NamedTuple):
    """The rows of one step.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)

    y : ndarray of shape (n_rows, n_outputs), or (n_rows,) of class codes

    sample_weight : ndarray of shape (n_rows,) or (n_rows, n_outputs), or None
        Relative to the mean weight of all training data.

    total_weight : float
        Number of rows times the mean weight of all training data: what
        scikit-learn divides its ``alpha`` by.
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray | None
    total_weight: float


class Order:
    """The order in which the epochs of a training visit the samples.

    Every epoch shuffles the order of the epoch before, so that the order goes on where a
    training goes on.

    Parameters
    ----------
    rng : numpy.random.RandomState, default=None
        Shuffles the samples before every epoch. None: they stay as they lie.

    window : int, default=None
        Samples of a window: windows are visited in random order, and samples shuffled
        within each, so that reading follows the order in which they lie. None: one
        shuffle of all samples.

    Attributes
    ----------
    samples : ndarray of int of shape (n_samples,) or None
        Order of the latest epoch. None before the first, and where nothing is shuffled.
    """

    def __init__(self, rng=None, window=None):
        self.rng = rng
        self.window = window
        self.samples = None

    def shuffle(self, n_samples):
        """Return the order of the next epoch; None: as the samples lie."""
        if self.rng is None:
            return None
        if self.window is None:
            # Composing permutations, each drawn over int64 indices from the
            # identity, visits the samples in scikit-learn's order.
            drawn = self._permutation(0, n_samples)
            self.samples = drawn if self.samples is None else self.samples[drawn]
        else:
            starts = np.arange(0, n_samples, self.window)
            self.rng.shuffle(starts)
            ends = np.minimum(starts + self.window, n_samples)
            windows = map(self._permutation, starts, ends)
            self.samples = np.concatenate(list(windows))
        return self.samples

    def _permutation(self, start, stop):
        permutation = np.arange(start, stop)
        self.rng.shuffle(permutation)
        return permutation


class Data:
    """Samples, encoded targets and weights.

    Weights are divided by their mean once, over all rows. A minibatch then
    estimates the weighted mean of the whole without bias, since

        sum_i s_i loss_i / sum_i s_i = 1/n sum_i (s_i / mean(s)) loss_i.

    Parameters
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)

    y : ndarray of shape (n_samples, n_outputs), or (n_samples,) of class codes

    sample_weight : ndarray of shape (n_samples,) or (n_samples, n_outputs), default=None
        Not negative, not all zero; one for each output where losses have them. None: every
        row counts once.

    rows : ndarray of int of shape (n_samples,), default=None
        Which rows of ``X`` the samples are, where they are a part of them: ``X`` itself
        is not copied. None: all of them.
    """

    def __init__(self, X, y, sample_weight=None, rows=None):
        self.X = by_rows(X)
        self.y = y
        self.rows = rows
        self.n_samples = len(y)
        self.mean_weight = 1.0
        self.sample_weight = None
        if sample_weight is not None:
            self.mean_weight = _mean(sample_weight)
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
        X_rows = rows if self.rows is None else self.rows[rows]
        X = take_rows(self.X, X_rows, self._X_rows)
        return Batch(X, y, weight, len(y) * self.mean_weight)

    def part(self, samples):
        """Return some of the samples as data of their own, without a copy of ``X``.

        Parameters
        ----------
        samples : ndarray of int
        """
        weight = self.sample_weight
        return Data(
            self.X,
            self.y[samples],
            None if weight is None else self.mean_weight * weight[samples],
            samples if self.rows is None else self.rows[samples],
        )

    def fingerprint(self, max_rows=None):
        """Return what tells these data from others, a str.

        Parameters
        ----------
        max_rows : int, default=None
            Rows of ``X`` to look at, evenly spaced. None: all of them. All targets and
            weights count in any case.
        """
        step = 1 if max_rows is None else max(1, -(-self.n_samples // max_rows))
        looked_at = np.arange(0, self.n_samples, step)
        if self.rows is not None:
            looked_at = self.rows[looked_at]
        digest = hashlib.blake2b(repr((self.X.shape, self.X.dtype.str)).encode())
        for rows in row_blocks(len(looked_at), self.X.shape[1]):
            block = self.X[looked_at[rows]]
            for part in (block,) if is_dense(block) else (block.data, block.indices):
                digest.update(np.ascontiguousarray(part))
        for values in (self.y, self.sample_weight):
            if values is not None:
                digest.update(np.ascontiguousarray(values))
        return f"{self.n_samples} {self.mean_weight!r} {digest.hexdigest()}"

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

    def epoch(self, batch_size, order):
        """Iterate over all rows once.

        Parameters
        ----------
        batch_size : int
            Rows of a minibatch; the last one may have fewer.

        order : Order
            Shuffles the rows.

        Yields
        ------
        batch : Batch
        """
        order = order.shuffle(self.n_samples)
        size = batch_size * self._batches_at_once(batch_size)
        for start in range(0, self.n_samples, size):
            rows = slice(start, min(start + size, self.n_samples))
            gathered = self.take(rows if order is None else order[rows])
            yield from self._split(gathered, batch_size)

    def _batches_at_once(self, batch_size):
        """Return how many minibatches are gathered in one go.

        Small ones together: a gather has its price, a slice of what is gathered nearly
        none. Slices of sparse matrices have.
        """
        if not is_dense(self.X):
            return 1
        return max(1, _GATHERED_BYTES // max(1, batch_size * self.X[:1].nbytes))

    def _split(self, gathered, batch_size):
        """Yield minibatches of rows that were gathered together."""
        X, y, weight, _ = gathered
        if len(y) <= batch_size:
            yield gathered
            return
        for start in range(0, len(y), batch_size):
            rows = slice(start, min(start + batch_size, len(y)))
            yield Batch(
                X[rows],
                y[rows],
                None if weight is None else weight[rows],
                (rows.stop - start) * self.mean_weight,
            )


def _mean(weight):
    """Return the mean of weights, whose sum may be beyond the largest float."""
    with np.errstate(over="ignore"):
        mean = np.mean(weight, dtype=np.float64)
    if np.isfinite(mean):
        return float(mean)
    largest = float(weight.max())
    return largest * float(np.mean(weight / largest, dtype=np.float64))
