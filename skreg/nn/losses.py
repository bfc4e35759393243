r"""Losses in link space.

Conventions
-----------
- ``raw`` of shape (n_samples, n_outputs) is the output of the network; the
  prediction is ``inverse_link(raw)``.
- A loss is a mean over samples of a sum over outputs:

      value = 1/n sum_i s_i sum_k loss(y_ik, raw_ik)

  with weights ``s`` relative to their mean (see `skreg.nn.data.Data`), or 1.
- `value` and `value_and_gradient` evaluate a loss by the same lines, so that a value and
  its gradient cannot drift apart. The gradient with respect to ``raw`` is written to
  ``out``, an array like ``raw``; `value` takes one to work in.
- `in_y_range` says whether a loss is defined for its targets, and ``y_range`` in words what
  they must be.
- Where the link is canonical (squared error, Poisson, both log-losses) the gradient
  is ``s_i (inverse_link(raw) - y) / n``. At a kink it is one of the subgradients.
- ``out_activation`` is scikit-learn's name of the inverse link.
- ``constant`` is the raw output of the best model that reads nothing. Where training is to
  begin at it, a loss of numbers has it in closed form; losses of classes have none.
- What depends on the link alone is in `skreg.nn.links`.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy

from skreg.nn.arrays import row_blocks, scale
from skreg.nn.links import IdentityLink, LogLink
from skreg.nn.scores import quantile as quantile_of


def by_output(sample_weight):
    """Return weights as a matrix: of one column where samples have one for all outputs."""
    return sample_weight.reshape(len(sample_weight), -1)


def to_mean(terms, sample_weight):
    """Turn gradients of single samples, in place, into those of their weighted mean."""
    if sample_weight is not None:
        terms *= by_output(sample_weight)
    scale(1 / len(terms), terms.reshape(-1))


def mean_of_sums(terms, sample_weight):
    """Weighted mean over samples of the sums over outputs."""
    if sample_weight is not None:
        if sample_weight.ndim == 2:
            return float(np.vdot(sample_weight, terms)) / len(terms)
        return float(np.dot(sample_weight, terms.sum(axis=1))) / len(terms)
    return float(np.add.reduce(terms, axis=None)) / len(terms)


class Loss:
    """What every loss has.

    A subclass implements `value`, `value_and_gradient` and `inverse_link`.

    Attributes
    ----------
    out_activation : str
        scikit-learn's name of the inverse link.

    y_range : str
        What targets must be, as part of a sentence.

    outputs_per_column : int
        Outputs of the network for each column of ``y``.
    """

    y_range = "may be any number"
    outputs_per_column = 1

    def in_y_range(self, y):
        """Whether all targets are in the range that the loss is defined for."""
        return True

    def value(self, y, raw, scratch, sample_weight=None):
        """Return the loss of raw outputs.

        Parameters
        ----------
        y : ndarray
            Targets, encoded for the loss.

        raw : ndarray of shape (n_samples, n_outputs)

        scratch : ndarray like ``raw``
            Memory to work in.

        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        value : float
        """
        raise NotImplementedError

    def constant(self, y, sample_weight=None):
        """Return the raw output that is the best of those that are the same for all samples.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_columns)

        sample_weight : ndarray of shape (n_samples,), default=None

        Returns
        -------
        constant : ndarray of shape (n_outputs,) or None
            None of a loss that training does not begin at it.
        """
        return None

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        """Return the loss, and write its gradient with respect to ``raw`` to ``out``."""
        raise NotImplementedError

    def inverse_link(self, raw):
        """Return the prediction; it may be written to ``raw``."""
        raise NotImplementedError


class SquaredError(IdentityLink, Loss):
    r"""Half the squared error, :math:`\frac{1}{2} (y - \text{raw})^2`."""

    def constant(self, y, sample_weight=None):
        return np.average(y, axis=0, weights=sample_weight)

    def value(self, y, raw, scratch, sample_weight=None):
        residual = np.subtract(raw, y, out=scratch)
        if sample_weight is None:
            value = np.vdot(residual, residual) / len(residual)
        else:
            value = np.einsum("i,ij,ij->", sample_weight, residual, residual) / len(residual)
        return 0.5 * float(value)

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = self.value(y, raw, out, sample_weight)
        to_mean(out, sample_weight)
        return value


class _ByBlock(Loss):
    """A loss whose terms need memory of their own: block by block, in cache.

    A subclass implements `_terms_and_derivative`, which returns the loss of each output
    of each sample and writes its derivative to ``out``.
    """

    def value(self, y, raw, scratch, sample_weight=None):
        value = 0.0
        for rows in row_blocks(*raw.shape, max_values=2**14):
            terms = self._terms_and_derivative(y[rows], raw[rows], scratch[rows])
            weight = None if sample_weight is None else sample_weight[rows]
            value += mean_of_sums(terms, weight) * len(terms)
        return value / len(raw)

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = self.value(y, raw, out, sample_weight)
        to_mean(out, sample_weight)
        return value


class AbsoluteError(IdentityLink, _ByBlock):
    r"""The absolute error, :math:`|\text{raw} - y|`: the median is best.

    Its mean is :func:`sklearn.metrics.mean_absolute_error`, summed over outputs.
    """

    def constant(self, y, sample_weight=None):
        return quantile_of(y, 0.5, sample_weight)

    def _terms_and_derivative(self, y, raw, out):
        residual = raw - y
        np.sign(residual, out=out)
        return np.abs(residual, out=residual)


class Quantile(IdentityLink, _ByBlock):
    r"""The pinball loss: the quantile of that level is best.

    With the residual :math:`r = \text{raw} - y` the loss is

    .. math::

        \max(-q r, (1 - q) r) = \tfrac{1}{2} \bigl(\operatorname{sign}(r) + 1 - 2 q\bigr) r.

    Its mean is :func:`sklearn.metrics.mean_pinball_loss` with ``alpha=q``, summed over
    outputs. For :math:`q = 1/2` it is half the absolute error.

    Of several levels each has an output, next to each other for every column of ``y``. The
    prediction is the outputs of a row put in the order of the levels: it never crosses, and
    its loss is never above that of the outputs [2]_. The loss itself is that of the outputs,
    so it is convex in them, and the mean of the outputs of several networks is put in order
    like those of one.

    Parameters
    ----------
    quantile : float or sequence of float
        The level :math:`q`, between 0 and 1, or several that differ.

    References
    ----------
    .. [1] Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
    .. [2] Chernozhukov, Fernández-Val and Galichon, "Quantile and probability curves
       without crossing", Econometrica 78 (2010), proposition 4: rearrangement.
    """

    def __init__(self, quantile):
        self.levels = np.array(quantile, dtype=np.float64, ndmin=1)
        self.outputs_per_column = len(self.levels)
        self._ranks = self.levels.argsort().argsort()

    def constant(self, y, sample_weight=None):
        best = [quantile_of(y, level, sample_weight) for level in self.levels]
        return np.stack(best, axis=-1).ravel()

    def _terms_and_derivative(self, y, raw, out):
        residual = self._by_level(raw) - y[:, :, np.newaxis]
        slope = self._by_level(out)
        np.sign(residual, out=slope)
        slope += 1 - 2 * self.levels
        slope *= 0.5
        residual *= slope
        return residual.reshape(raw.shape)

    def inverse_link(self, raw):
        if self.outputs_per_column == 1:
            return raw
        return np.sort(self._by_level(raw))[..., self._ranks].reshape(raw.shape)

    def _by_level(self, outputs):
        n_samples, n_outputs = outputs.shape
        n_levels = self.outputs_per_column
        return outputs.reshape(n_samples, n_outputs // n_levels, n_levels)


class Huber(IdentityLink, _ByBlock):
    r"""Half the squared error of small residuals, linear beyond.

    With the residual :math:`r = \text{raw} - y` and its clipped value
    :math:`c = \max(-\delta, \min(r, \delta))`, which is the derivative, the loss is

    .. math::

        c \Bigl(r - \frac{c}{2}\Bigr) = \begin{cases}
            \frac{1}{2} r^2 & |r| \le \delta \\
            \delta \bigl(|r| - \frac{\delta}{2}\bigr) & |r| > \delta.
        \end{cases}

    Parameters
    ----------
    delta : float
        Where the linear part begins, positive, in units of ``y``.

    References
    ----------
    .. [1] Huber, "Robust estimation of a location parameter", Annals of Mathematical
       Statistics 35 (1964).
    """

    def __init__(self, delta):
        self.delta = delta

    def constant(self, y, sample_weight=None):
        weight = np.ones(len(y)) if sample_weight is None else sample_weight

        def slope(constant, column):
            return weight @ np.clip(constant - column, -self.delta, self.delta)

        return np.array(
            [brentq(slope, column.min(), column.max(), args=(column,)) for column in y.T]
        )

    def _terms_and_derivative(self, y, raw, out):
        residual = raw - y
        np.clip(residual, -self.delta, self.delta, out=out)
        residual -= 0.5 * out
        residual *= out
        return residual


class Poisson(LogLink, _ByBlock):
    r"""Half the Poisson deviance of :math:`\mu = e^{\text{raw}}`.

    The loss is :math:`y \log(y / \mu) - y + \mu`, for :math:`y \ge 0`.
    """

    y_range = "must not be negative"

    def in_y_range(self, y):
        return bool((y >= 0).all())

    def _terms_and_derivative(self, y, raw, out):
        np.exp(raw, out=out)
        terms = xlogy(y, y) - y * raw - y + out
        out -= y
        return terms


class Gamma(LogLink, _ByBlock):
    r"""Half the gamma deviance of :math:`\mu = e^{\text{raw}}`.

    With :math:`u = \log y - \text{raw}` the loss is
    :math:`y / \mu - \log(y / \mu) - 1 = e^u - 1 - u`, for :math:`y > 0`. The link is the
    logarithm, as for the Poisson deviance; it is not the canonical one.
    """

    y_range = "must be positive"

    def in_y_range(self, y):
        return bool((y > 0).all())

    def _terms_and_derivative(self, y, raw, out):
        log_ratio = np.log(y)
        log_ratio -= raw
        np.expm1(log_ratio, out=out)
        terms = np.subtract(out, log_ratio, out=log_ratio)
        np.negative(out, out=out)
        return terms
