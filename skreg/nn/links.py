"""Links of losses of numbers: from what a network puts out to what it predicts.

``scaling`` says in link space how large targets are, and ``scaled`` brings them to the size
of 1: by a shift and a factor with the identity, by a shift alone with the logarithm.
"""

from typing import NamedTuple

import numpy as np


class Scaling(NamedTuple):
    r"""From outputs for scaled targets to those for targets as they are.

    .. math:: \text{raw}' = a \, \text{raw} + b.

    Attributes
    ----------
    factor, shift : ndarray of shape (n_outputs,)
        :math:`a` and :math:`b`.
    """

    factor: np.ndarray
    shift: np.ndarray

    def apply(self, raw):
        """Return raw outputs for targets as they are, in the dtype of ``raw``."""
        return raw * self.factor.astype(raw.dtype) + self.shift.astype(raw.dtype)

    def apply_to_weights(self, weight):
        """Return weights that lead to such outputs; `apply` is for the biases."""
        return weight * self.factor.astype(weight.dtype)


class IdentityLink:
    """A loss of real numbers, which the network puts out as they are."""

    out_activation = "identity"

    def inverse_link(self, raw):
        return raw

    def scaling(self, y, sample_weight=None):
        """Return the `Scaling` from mean 0 and standard deviation 1 to ``y``.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_columns)

        sample_weight : ndarray of shape (n_samples,), default=None
        """
        # Relative to the largest, or squares of large targets would overflow.
        size = np.abs(y).max(axis=0)
        size[size == 0] = 1.0
        mean = np.average(y / size, axis=0, weights=sample_weight)
        variance = np.average((y / size - mean) ** 2, axis=0, weights=sample_weight)
        mean, std = size * mean, size * np.sqrt(variance)
        # A column that does not vary but by rounding keeps its size.
        varies = std > 1e-14 * np.abs(mean)
        each = self.outputs_per_column
        return Scaling(np.repeat(np.where(varies, std, 1.0), each), np.repeat(mean, each))

    def scaled(self, y, scaling):
        """Return targets that a network learns for whose outputs there is a `Scaling`."""
        each = self.outputs_per_column
        return (y - scaling.shift[::each]) / scaling.factor[::each]


class LogLink:
    """A loss of numbers of one sign, of which the network puts out the logarithm."""

    out_activation = "exp"

    def inverse_link(self, raw):
        with np.errstate(under="ignore"):
            return np.exp(raw, out=raw)

    def constant(self, y, sample_weight=None):
        # Of zeros alone the best would be minus infinity.
        mean = np.average(y, axis=0, weights=sample_weight)
        return np.log(np.where(mean > 0, mean, 1.0))

    def scaling(self, y, sample_weight=None):
        """Return the `Scaling` from mean 1 to ``y``, as for `IdentityLink`."""
        shift = self.constant(y, sample_weight)
        return Scaling(np.ones_like(shift), shift)

    def scaled(self, y, scaling):
        """Return targets that a network learns for whose outputs there is a `Scaling`."""
        return y / np.exp(scaling.shift)
