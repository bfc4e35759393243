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
"""

import numpy as np
from scipy.special import expit, log_expit, softmax, xlogy

from skreg.nn.arrays import row_blocks, scale


def _to_mean(terms, sample_weight):
    """Turn gradients of single samples, in place, into those of their weighted mean."""
    if sample_weight is not None:
        terms *= sample_weight[:, np.newaxis]
    scale(1 / len(terms), terms.reshape(-1))


def _mean_of_sums(terms, sample_weight):
    """Weighted mean over samples of the sums over outputs."""
    if sample_weight is not None:
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
    """

    y_range = "may be any number"

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

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        """Return the loss, and write its gradient with respect to ``raw`` to ``out``."""
        raise NotImplementedError

    def inverse_link(self, raw):
        """Return the prediction; it may be written to ``raw``."""
        raise NotImplementedError


class SquaredError(Loss):
    r"""Half the squared error, :math:`\frac{1}{2} (y - \text{raw})^2`."""

    out_activation = "identity"

    def value(self, y, raw, scratch, sample_weight=None):
        residual = np.subtract(raw, y, out=scratch)
        if sample_weight is None:
            value = np.vdot(residual, residual) / len(residual)
        else:
            value = np.einsum("i,ij,ij->", sample_weight, residual, residual) / len(residual)
        return 0.5 * float(value)

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = self.value(y, raw, out, sample_weight)
        _to_mean(out, sample_weight)
        return value

    def inverse_link(self, raw):
        return raw


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
            value += _mean_of_sums(terms, weight) * len(terms)
        return value / len(raw)

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = self.value(y, raw, out, sample_weight)
        _to_mean(out, sample_weight)
        return value


class AbsoluteError(_ByBlock):
    r"""The absolute error, :math:`|\text{raw} - y|`: the median is best.

    Its mean is :func:`sklearn.metrics.mean_absolute_error`, summed over outputs.
    """

    out_activation = "identity"

    def _terms_and_derivative(self, y, raw, out):
        residual = raw - y
        np.sign(residual, out=out)
        return np.abs(residual, out=residual)

    def inverse_link(self, raw):
        return raw


class Quantile(_ByBlock):
    r"""The pinball loss: the quantile of that level is best.

    With the residual :math:`r = \text{raw} - y` the loss is

    .. math::

        \max(-q r, (1 - q) r) = \tfrac{1}{2} \bigl(\operatorname{sign}(r) + 1 - 2 q\bigr) r.

    Its mean is :func:`sklearn.metrics.mean_pinball_loss` with ``alpha=q``, summed over
    outputs. For :math:`q = 1/2` it is half the absolute error.

    Parameters
    ----------
    quantile : float
        The level :math:`q`, between 0 and 1.

    References
    ----------
    .. [1] Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
    """

    out_activation = "identity"

    def __init__(self, quantile):
        self.quantile = quantile

    def _terms_and_derivative(self, y, raw, out):
        residual = raw - y
        np.sign(residual, out=out)
        out += 1 - 2 * self.quantile
        out *= 0.5
        residual *= out
        return residual

    def inverse_link(self, raw):
        return raw


class Huber(_ByBlock):
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

    out_activation = "identity"

    def __init__(self, delta):
        self.delta = delta

    def _terms_and_derivative(self, y, raw, out):
        residual = raw - y
        np.clip(residual, -self.delta, self.delta, out=out)
        residual -= 0.5 * out
        residual *= out
        return residual

    def inverse_link(self, raw):
        return raw


class Poisson(_ByBlock):
    r"""Half the Poisson deviance of :math:`\mu = e^{\text{raw}}`.

    The loss is :math:`y \log(y / \mu) - y + \mu`, for :math:`y \ge 0`.
    """

    out_activation = "exp"
    y_range = "must not be negative"

    def in_y_range(self, y):
        return bool((y >= 0).all())

    def _terms_and_derivative(self, y, raw, out):
        np.exp(raw, out=out)
        terms = xlogy(y, y) - y * raw - y + out
        out -= y
        return terms

    def inverse_link(self, raw):
        return np.exp(raw, out=raw)


class Gamma(_ByBlock):
    r"""Half the gamma deviance of :math:`\mu = e^{\text{raw}}`.

    With :math:`u = \log y - \text{raw}` the loss is
    :math:`y / \mu - \log(y / \mu) - 1 = e^u - 1 - u`, for :math:`y > 0`. The link is the
    logarithm, as for the Poisson deviance; it is not the canonical one.
    """

    out_activation = "exp"
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

    def inverse_link(self, raw):
        return np.exp(raw, out=raw)


class BinaryLogLoss(Loss):
    r"""Log-loss of independent yes-or-no outputs: binary and multilabel targets.

    With :math:`p = 1 / (1 + e^{-\text{raw}})` the loss is
    :math:`-y \log p - (1 - y) \log(1 - p) = -\log \sigma((2 y - 1)\,\text{raw})`
    for ``y`` of 0 or 1, where :math:`\sigma(x) = 1 / (1 + e^{-x})`. Computed from ``raw``
    it is finite where ``p`` rounds to 0 or 1.
    """

    out_activation = "logistic"

    def value(self, y, raw, scratch, sample_weight=None):
        return self._log_loss(y, raw, scratch, sample_weight)

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = self._log_loss(y, raw, out, sample_weight)
        expit(raw, out=out)
        out -= y
        _to_mean(out, sample_weight)
        return value

    def _log_loss(self, y, raw, scratch, sample_weight):
        # (2 y - 1) raw without a number: NumPy takes longer to convert one than to add
        # as many values as a small minibatch has.
        np.multiply(y, raw, out=scratch)
        scratch += scratch
        scratch -= raw
        log_expit(scratch, out=scratch)
        return -_mean_of_sums(scratch, sample_weight)

    def inverse_link(self, raw):
        return expit(raw, out=raw)


class SmoothedBinaryLogLoss(BinaryLogLoss):
    r"""Log-loss of yes-or-no outputs whose targets are moved towards one half.

    The log-loss is linear in its targets. With
    :math:`\tilde y = (1 - \epsilon) y + \epsilon / 2` in the place of :math:`y` it becomes

    .. math::

        \log(1 + e^{\text{raw}}) - \tilde y\,\text{raw} = \log(1 + e^{\text{raw}})
            - y\,\text{raw} + \epsilon \bigl(y - \tfrac{1}{2}\bigr)\,\text{raw}.

    Parameters
    ----------
    smoothing : float
        The share :math:`\epsilon`, from 0 to below 1.

    References
    ----------
    .. [1] Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception
       architecture for computer vision", CVPR 2016.
    """

    def __init__(self, smoothing):
        self.smoothing = smoothing

    def value(self, y, raw, scratch, sample_weight=None):
        value = super().value(y, raw, scratch, sample_weight)
        for _, _, extra in self._pulls(y, raw, sample_weight):
            value += extra
        return value

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = super().value_and_gradient(y, raw, out, sample_weight)
        for rows, pull, extra in self._pulls(y, raw, sample_weight):
            out[rows] += pull
            value += extra
        return value

    def _pulls(self, y, raw, sample_weight):
        """Yield slices of rows with what smoothing adds there, to gradient and value."""
        for rows in row_blocks(*y.shape, max_values=2**14):
            pull = y[rows] - 0.5
            pull *= self.smoothing / len(y)
            if sample_weight is not None:
                pull *= sample_weight[rows, np.newaxis]
            yield rows, pull, float(np.vdot(pull, raw[rows]))


class MultinomialLogLoss(Loss):
    r"""Log-loss of one class out of several.

    With :math:`p = \text{softmax}(\text{raw})` and the class :math:`k` the loss is
    :math:`-\log p_k = \log \sum_j e^{\text{raw}_j} - \text{raw}_k`. Targets are
    the codes ``k``, an integer array of shape (n_samples,).
    """

    out_activation = "softmax"

    def value(self, y, raw, scratch, sample_weight=None):
        value, _ = self._value_and_totals(y, raw, scratch, sample_weight)
        return value

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value, totals = self._value_and_totals(y, raw, out, sample_weight)
        out /= totals[:, np.newaxis]
        out[np.arange(len(y)), y] -= 1
        _to_mean(out, sample_weight)
        return value

    def _value_and_totals(self, y, raw, out, sample_weight):
        """Return the loss and the denominators of p; write its numerators to ``out``."""
        np.subtract(raw, raw.max(axis=1, keepdims=True), out=out)
        log_numerator = out[np.arange(len(y)), y]
        np.exp(out, out=out)
        totals = out.sum(axis=1)
        terms = np.log(totals) - log_numerator
        return _mean_of_sums(terms[:, np.newaxis], sample_weight), totals

    def inverse_link(self, raw):
        return softmax(raw, axis=1)


class SmoothedMultinomialLogLoss(MultinomialLogLoss):
    r"""Log-loss of one class out of :math:`K`, with a share of the target for all classes.

    The log-loss is linear in its targets. With :math:`1 - \epsilon + \epsilon / K` for the
    class :math:`k` and :math:`\epsilon / K` for the others it becomes

    .. math::

        -\log p_k + \epsilon \Bigl(\text{raw}_k - \frac{1}{K} \sum_j \text{raw}_j\Bigr).

    Parameters
    ----------
    smoothing : float
        The share :math:`\epsilon`, from 0 to below 1.

    References
    ----------
    .. [1] Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception
       architecture for computer vision", CVPR 2016.
    """

    def __init__(self, smoothing):
        self.smoothing = smoothing

    def value(self, y, raw, scratch, sample_weight=None):
        _, extra = self._pull(y, raw, sample_weight)
        return super().value(y, raw, scratch, sample_weight) + extra

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        value = super().value_and_gradient(y, raw, out, sample_weight)
        pull, extra = self._pull(y, raw, sample_weight)
        out[np.arange(len(y)), y] += pull
        out -= pull[:, np.newaxis] / out.shape[1]
        return value + extra

    def _pull(self, y, raw, sample_weight):
        """Return what smoothing adds to the gradient at the class of each sample.

        It is taken from all classes in equal parts. And return what it adds to the value.
        """
        n_samples, n_classes = raw.shape
        pull = np.full(n_samples, self.smoothing / n_samples, raw.dtype)
        if sample_weight is not None:
            pull *= sample_weight
        above_mean = raw[np.arange(n_samples), y] - raw.sum(axis=1) / n_classes
        return pull, float(np.dot(pull, above_mean))
