"""Targets that are real numbers, as `skreg.estimators.targets` describes targets."""

import copy
from numbers import Real

import numpy as np

from skreg.nn.losses import AbsoluteError, Gamma, Huber, Poisson, Quantile, SquaredError
from skreg.nn.scores import d2_pinball, r2

LOSSES_OF_OURS = ("absolute_error", "gamma", "huber", "quantile")
"""Losses that scikit-learn's own network does not have."""

# Of targets that are out of the range of a loss.
_WAYS_OUT = {"gamma": " loss='poisson' takes zeros."}


class RealTarget:
    """Real numbers, one or several for each sample.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma"}

    huber_delta : float, default=1.0
        Where the Huber loss becomes linear.

    quantile : float or sequence of float, default=0.5
        Level of the quantile loss, or several.
    """

    # From the outputs of the network to those for targets as they are; None: the same.
    scaling = None

    def __init__(self, y, loss, huber_delta=1.0, quantile=0.5):
        self._loss_name = loss
        # Of R2 the best is a mean, which is not what these losses ask for.
        self.is_scored_by_loss = loss in LOSSES_OF_OURS
        self.loss = {
            "squared_error": SquaredError,
            "absolute_error": AbsoluteError,
            "huber": lambda: Huber(float(huber_delta)),
            "quantile": lambda: Quantile(quantile),
            "poisson": Poisson,
            "gamma": Gamma,
        }[loss]()
        self._n_columns = 1 if y.ndim == 1 else y.shape[1]
        self.n_outputs = self._n_columns * self.loss.outputs_per_column
        # Of what is predicted for a sample: one number has none.
        self._shape = () if self._n_columns == 1 else (self._n_columns,)
        # A sequence asks for an axis of its own, even if it holds one level.
        self.has_levels = loss == "quantile" and not isinstance(quantile, Real)
        if self.has_levels:
            self._shape += (self.loss.outputs_per_column,)

    def scaled(self, y, sample_weight):
        """Return the same target, whose network learns numbers of the size of 1."""
        columns = y.reshape(len(y), -1).astype(np.float64, copy=False)
        return self.on(self.loss.scaling(columns, sample_weight))

    def on(self, scaling):
        """Return the same target on a given scale."""
        target = copy.copy(self)
        target.scaling = scaling
        return target

    def like(self, before):
        """Return the same target on the scale of the one before, where it is one for it."""
        is_alike = before.n_outputs == self.n_outputs
        is_alike &= before.loss.out_activation == self.loss.out_activation
        return self.on(before.scaling) if is_alike else self

    def encode(self, y, dtype):
        encoded = y.reshape(len(y), -1)
        if encoded.shape[1] != self._n_columns:
            raise ValueError(
                f"y must have {self._n_columns} column(s), as many as before. Got an array "
                f"of shape {y.shape}."
            )
        if self.scaling is not None:
            encoded = self.loss.scaled(encoded, self.scaling)
        encoded = encoded.astype(dtype, copy=False)
        if not self.loss.in_y_range(encoded):
            raise ValueError(
                "Some value(s) of y are out of the valid range of the loss "
                f"{self._loss_name!r}: y {self.loss.y_range}, its minimum is {y.min()}."
                + _WAYS_OUT.get(self._loss_name, "")
            )
        return encoded

    def strata(self, y, fraction=None):
        return None

    def decode(self, raw):
        if self.scaling is not None:
            raw = self.scaling.apply(raw)
        return self.loss.inverse_link(raw).reshape(-1, *self._shape)

    def score(self, y, raw, sample_weight=None):
        prediction = self.loss.inverse_link(raw)
        if self.has_levels:
            return d2_pinball(y, prediction, self.loss.levels, sample_weight)
        return r2(y, prediction, sample_weight)
