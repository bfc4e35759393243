r"""Losses in link space.

Conventions
-----------
- ``raw`` of shape (n_samples, n_outputs) is the output of the network; the
  prediction is ``inverse_link(raw)``.
- A loss is a mean over samples of a sum over outputs:

      value = 1/n sum_i s_i sum_k loss(y_ik, raw_ik)

  with weights ``s`` relative to their mean (see `skreg.nn.data.Data`), or 1.
- `value_and_gradient` is the one place where a loss is evaluated, so that its
  value and its gradient cannot drift apart. The gradient with respect to
  ``raw`` is written to ``out``, an array like ``raw``.
- All four links are canonical, hence the gradient is always
  ``s_i (inverse_link(raw) - y) / n``.
- ``out_activation`` is scikit-learn's name of the inverse link.
"""

import numpy as np
from scipy.special import expit, softmax, xlogy

from skreg.nn.arrays import row_blocks


def _to_mean(terms, sample_weight):
    """Turn gradients of single samples, in place, into those of their weighted mean."""
    if sample_weight is not None:
        terms *= sample_weight[:, np.newaxis]
    terms *= 1 / len(terms)


def _mean_of_sums(terms, sample_weight):
    """Weighted mean over samples of the sums over outputs."""
    if sample_weight is not None:
        return float(np.dot(sample_weight, terms.sum(axis=1))) / len(terms)
    return float(np.add.reduce(terms, axis=None)) / len(terms)


class SquaredError:
    r"""Half the squared error, :math:`\frac{1}{2} (y - \text{raw})^2`."""

    out_activation = "identity"

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        np.subtract(raw, y, out=out)
        if sample_weight is None:
            value = np.vdot(out, out) / len(out)
        else:
            value = np.einsum("i,ij,ij->", sample_weight, out, out) / len(out)
        _to_mean(out, sample_weight)
        return 0.5 * float(value)

    def inverse_link(self, raw):
        return raw


class Poisson:
    r"""Half the Poisson deviance of :math:`\mu = e^{\text{raw}}`.

    The loss is :math:`y \log(y / \mu) - y + \mu`, for :math:`y \ge 0`.
    """

    out_activation = "exp"

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        np.exp(raw, out=out)
        value = 0.0
        for rows in row_blocks(*out.shape, max_values=2**14):
            mean, target = out[rows], y[rows]
            terms = xlogy(target, target) - target * raw[rows] - target + mean
            weight = None if sample_weight is None else sample_weight[rows]
            value += _mean_of_sums(terms, weight) * len(mean)
        out -= y
        _to_mean(out, sample_weight)
        return value / len(out)

    def inverse_link(self, raw):
        return np.exp(raw, out=raw)


class BinaryLogLoss:
    r"""Log-loss of independent yes-or-no outputs: binary and multilabel targets.

    With :math:`p = 1 / (1 + e^{-\text{raw}})` the loss is
    :math:`-y \log p - (1 - y) \log(1 - p) = \log(1 + e^{(1 - 2 y)\,\text{raw}})`
    for ``y`` of 0 or 1. Computed from ``raw`` it is finite where ``p`` rounds to 0 or 1.
    """

    out_activation = "logistic"

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        np.multiply(y, -2, out=out)
        out += 1
        out *= raw
        np.logaddexp(0, out, out=out)
        value = _mean_of_sums(out, sample_weight)
        expit(raw, out=out)
        out -= y
        _to_mean(out, sample_weight)
        return value

    def inverse_link(self, raw):
        return expit(raw, out=raw)


class MultinomialLogLoss:
    r"""Log-loss of one class out of several.

    With :math:`p = \text{softmax}(\text{raw})` and the class :math:`k` the loss is
    :math:`-\log p_k = \log \sum_j e^{\text{raw}_j} - \text{raw}_k`. Targets are
    the codes ``k``, an integer array of shape (n_samples,).
    """

    out_activation = "softmax"

    def value_and_gradient(self, y, raw, out, sample_weight=None):
        rows = np.arange(len(y))
        np.subtract(raw, raw.max(axis=1, keepdims=True), out=out)
        log_numerator = out[rows, y]
        np.exp(out, out=out)
        total = out.sum(axis=1)
        terms = np.log(total) - log_numerator
        out /= total[:, np.newaxis]
        out[rows, y] -= 1
        _to_mean(out, sample_weight)
        return _mean_of_sums(terms[:, np.newaxis], sample_weight)

    def inverse_link(self, raw):
        return softmax(raw, axis=1)
