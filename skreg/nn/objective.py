r"""The objective: where network, loss and penalties meet.

.. math::

    F(\theta) = \frac{\sum_i s_i \, \ell(y_i, f(x_i; \theta))}{\sum_i s_i}
              + \sum_l \lambda_{1,l} \|W_l\|_1
              + \frac{1}{2} \sum_l \Bigl(\lambda_{2,l} + \frac{\alpha}{S}\Bigr) \|W_l\|_2^2

:math:`\lambda_1` and :math:`\lambda_2` depend neither on the number of samples nor
on the size of a minibatch. :math:`\alpha` is scikit-learn's: divided by
:math:`S`, the number of rows of the minibatch times the mean weight of the
training set. Biases are not penalised.
"""

import numpy as np

from skreg.nn.arrays import Buffer
from skreg.nn.penalties import L1, L2


class Regularizer:
    """Which penalty where, and in which order.

    Parameters
    ----------
    params : Parameters
        Their layout is what counts.

    l1, l2 : float or sequence of float, default=0.0
        Strength for all weight matrices, or one for each.

    alpha : float, default=0.0
        Strength of the l2 penalty on scikit-learn's scale.

    Attributes
    ----------
    is_smooth : bool
        Whether there are no proximal penalties.
    """

    def __init__(self, params, l1=0.0, l2=0.0, alpha=0.0):
        self._l1 = [(L1(strength), where) for strength, where in _places(params, l1)]
        self._l2 = list(_places(params, l2))
        self._alpha = list(_places(params, alpha))
        self._smooth_by_weight = {}
        self.is_smooth = not self._l1

    def _smooth(self, total_weight):
        """Return pairs of `L2` and place for a minibatch of that weight."""
        # There are two at most: full minibatches and the ragged last one.
        if total_weight not in self._smooth_by_weight:
            per_sample = [(alpha / total_weight, where) for alpha, where in self._alpha]
            self._smooth_by_weight[total_weight] = [
                (L2(strength), where) for strength, where in self._l2 + per_sample
            ]
        return self._smooth_by_weight[total_weight]

    def add_smooth(self, theta, grad, total_weight):
        """Add the gradient of the smooth penalties to ``grad``; return their value.

        Parameters
        ----------
        theta, grad : ndarray of shape (n_parameters,)

        total_weight : float
            What ``alpha`` is divided by.
        """
        value = 0.0
        for penalty, where in self._smooth(total_weight):
            value += penalty.value(theta[where])
            penalty.add_gradient(theta[where], grad[where])
        return value

    def prox(self, theta, step):
        """Apply the proximal penalties in place, after a step.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        step : float or ndarray of shape (n_parameters,)
            Step size of the optimizer.
        """
        for penalty, where in self._l1:
            penalty.prox(theta[where], step if np.ndim(step) == 0 else step[where])

    def proximal_value(self, theta):
        """Return the value of the proximal penalties."""
        return sum(penalty.value(theta[where]) for penalty, where in self._l1)

    def l1_strengths(self, theta):
        """Return the l1 strength of every parameter, an array like ``theta``."""
        strengths = np.zeros_like(theta)
        for penalty, where in self._l1:
            strengths[where] = penalty.alpha
        return strengths


def _places(params, strengths):
    """Yield nonzero strengths and the slices of the vector that they apply to.

    One strength for all matrices needs one slice, since weights lie side by side.
    """
    if np.ndim(strengths) == 0:
        strengths = [strengths]
        slices = [slice(0, params.weight_slices[-1].stop)]
    else:
        slices = params.weight_slices
    for strength, where in zip(strengths, slices, strict=True):
        if strength:
            yield float(strength), where


class Objective:
    """The regularised loss of a network: all that a solver sees.

    Parameters
    ----------
    params, grads : Parameters
        What moves, and where its gradient is stored.

    network : Network
        Reads ``params`` and writes ``grads``.

    loss : object
        One of `skreg.nn.losses`.

    regularizer : Regularizer

    Attributes
    ----------
    theta, gradient : ndarray of shape (n_parameters,)
        The vectors of ``params`` and ``grads``.

    is_smooth : bool
        Whether there are no proximal penalties.
    """

    def __init__(self, params, grads, network, loss, regularizer):
        self.theta = params.vector
        self.gradient = grads.vector
        self.regularizer = regularizer
        self.is_smooth = regularizer.is_smooth
        self._network = network
        self._loss = loss
        self._delta = Buffer()

    def value_and_gradient(self, batch, rng=None):
        """Evaluate the smooth part at ``theta``; store its gradient in ``gradient``.

        Parameters
        ----------
        batch : Batch

        rng : numpy.random.Generator, default=None
            Draws the masks of dropout; None: no dropout.

        Returns
        -------
        value : float
            Of exactly the function whose gradient is stored.
        """
        raw = self._network.forward(batch.X, rng)
        delta = self._delta.take(raw.shape, raw.dtype)
        value = self._loss.value_and_gradient(batch.y, raw, delta, batch.sample_weight)
        self._network.backward(delta)
        return value + self.regularizer.add_smooth(
            self.theta, self.gradient, batch.total_weight
        )

    def prox(self, step):
        """Apply the proximal penalties after a step of the given size."""
        self.regularizer.prox(self.theta, step)

    def proximal_value(self):
        """Return the value of the penalties that are not in the smooth part."""
        return self.regularizer.proximal_value(self.theta)
