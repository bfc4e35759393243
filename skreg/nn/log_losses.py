"""Log-losses of classes, as `skreg.nn.losses` has losses."""

import numpy as np
from scipy.special import expit, log_expit, softmax

from skreg.nn.arrays import row_blocks
from skreg.nn.losses import Loss, by_output, mean_of_sums, to_mean


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
        to_mean(out, sample_weight)
        return value

    def _log_loss(self, y, raw, scratch, sample_weight):
        # (2 y - 1) raw without a number: NumPy takes longer to convert one than to add
        # as many values as a small minibatch has.
        np.multiply(y, raw, out=scratch)
        scratch += scratch
        scratch -= raw
        log_expit(scratch, out=scratch)
        return -mean_of_sums(scratch, sample_weight)

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
                pull *= by_output(sample_weight[rows])
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
        to_mean(out, sample_weight)
        return value

    def _value_and_totals(self, y, raw, out, sample_weight):
        """Return the loss and the denominators of p; write its numerators to ``out``."""
        np.subtract(raw, raw.max(axis=1, keepdims=True), out=out)
        log_numerator = out[np.arange(len(y)), y]
        np.exp(out, out=out)
        totals = out.sum(axis=1)
        terms = np.log(totals) - log_numerator
        return mean_of_sums(terms[:, np.newaxis], sample_weight), totals

    def inverse_link(self, raw):
        with np.errstate(under="ignore"):
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
