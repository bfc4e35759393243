r"""Penalties on weights.

A penalty knows its mathematics, not its place: which weights it applies to is
the business of `skreg.nn.objective.Regularizer`.

Conventions
-----------
- ``alpha`` is the strength; `value` is the penalty of the weights ``w``.
- A smooth penalty adds its gradient to that of the loss: `add_gradient`.
- A proximal penalty moves the weights after the gradient step, to exact zeros
  where the penalty asks for them:

      prox(w, step) = argmin_z  1/2 sum_j (z_j - w_j)^2 / step_j + penalty(z)

  ``step`` is the step size that the gradient effectively got, one number or
  one for each weight: see `skreg.nn.optimizers`.
- `subgradient_distance` certifies: it is 0 where ``w`` is stationary.
"""

import numpy as np

from skreg.nn.arrays import Buffer


class L1:
    r"""The l1 norm, :math:`\alpha \sum_j |w_j|`: small weights become exactly zero.

    The proximal operator is soft-thresholding,
    :math:`\operatorname{sign}(w) \max(|w| - \alpha \cdot \text{step}, 0)`.

    Parameters
    ----------
    alpha : float
        Strength, not negative.

    References
    ----------
    .. [1] Tibshirani, "Regression shrinkage and selection via the lasso",
       JRSS B 58 (1996).
    .. [2] Yun, Lozano and Yang, "Adaptive proximal gradient methods for
       structured neural networks", NeurIPS 2021: elementwise step sizes.
    """

    def __init__(self, alpha):
        self.alpha = alpha
        self._threshold, self._clipped = Buffer(), Buffer()

    def value(self, w):
        """Return the penalty of ``w`` as a float."""
        return self.alpha * float(np.abs(w).sum())

    def prox(self, w, step):
        """Soft-threshold in place.

        Parameters
        ----------
        w : ndarray
            Weights after the gradient step.

        step : float or ndarray of the shape of ``w``
            Step size of the gradient step.
        """
        # w - clip(w, -t, t) is zero exactly, not nearly, where |w| <= t.
        threshold = self._threshold.take(w.shape, w.dtype)
        clipped = self._clipped.take(w.shape, w.dtype)
        np.multiply(step, self.alpha, out=threshold)
        np.minimum(w, threshold, out=clipped)
        np.negative(threshold, out=threshold)
        np.maximum(clipped, threshold, out=clipped)
        w -= clipped

    def subgradient_distance(self, w, grad):
        r"""Distance of ``-grad`` to the subdifferential, weight by weight.

        The subdifferential is :math:`\alpha \operatorname{sign}(w_j)` at a nonzero
        weight and the interval :math:`[-\alpha, \alpha]` at zero.

        Parameters
        ----------
        w : ndarray

        grad : ndarray of the shape of ``w``
            Gradient of the smooth part at ``w``.

        Returns
        -------
        distance : ndarray of the shape of ``w``
        """
        return np.where(
            w == 0,
            np.maximum(np.abs(grad) - self.alpha, 0),
            np.abs(grad + self.alpha * np.sign(w)),
        )

    @staticmethod
    def alpha_max(grad):
        """Return the smallest strength at which zero weights are stationary.

        Parameters
        ----------
        grad : ndarray
            Gradient of the smooth part at zero weights.
        """
        return float(np.abs(grad).max())


class L2:
    r"""Half the squared l2 norm, :math:`\frac{\alpha}{2} \sum_j w_j^2`.

    Parameters
    ----------
    alpha : float
        Strength, not negative.
    """

    def __init__(self, alpha):
        self.alpha = alpha
        self._gradient = Buffer()

    def value(self, w):
        """Return the penalty of ``w`` as a float."""
        return 0.5 * self.alpha * float(np.vdot(w, w))

    def add_gradient(self, w, out):
        """Add ``alpha * w`` to ``out``, in place."""
        out += np.multiply(w, self.alpha, out=self._gradient.take(w.shape, w.dtype))

    def subgradient_distance(self, w, grad):
        """Absolute gradient of the sum of the smooth part and the penalty."""
        return np.abs(grad + self.alpha * w)
