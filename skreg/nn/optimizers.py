r"""Update rules.

The interface
-------------
- ``init(theta, weights, one_step)`` allocates state for a parameter vector;
  ``step(theta, grad)`` updates it in place.
- ``weights`` is the slice that ``weight_decay`` applies to. Within each slice of
  ``one_step`` all parameters take steps of one size.
- ``learning_rate`` may be set between steps.
- ``step_size`` is the step that the gradients so far effectively get. Proximal
  penalties threshold by it. That is not a nicety: at a fixed point, momentum
  multiplies the push of the gradient by ``1 / (1 - momentum)`` and Adam divides
  it by ``sqrt(v)``; thresholding by ``learning_rate`` alone would solve for
  another strength of the penalty.

State that a pickle keeps is the moments and the count of steps; scratch memory
is a `Buffer`.
"""

import math

import numpy as np

from skreg.nn.arrays import Buffer, axpy, cache_blocks, scale


class Optimizer:
    r"""What the update rules share: decoupled weight decay.

    Before every step the weights shrink, :math:`\theta \leftarrow (1 - \eta d) \theta`,
    with the learning rate :math:`\eta` and the decay :math:`d`. Unlike the gradient
    of an l2 penalty the decay passes neither momentum nor the scaling of Adam.

    References
    ----------
    .. [1] Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
       2019: AdamW and SGDW. As in torch, the decay is per unit of learning rate.
    """

    def __init__(self, learning_rate, weight_decay=0.0):
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay

    def init(self, theta, weights=slice(0, 0), one_step=()):
        """Allocate state for parameters like ``theta``.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        weights : slice, default=slice(0, 0)
            What decays.

        one_step : sequence of slice, default=()
            Parameters that take steps of one size, in ascending order.
        """
        self.weights = weights
        self.one_step = list(one_step)
        self._allocate(theta)

    def step(self, theta, grad):
        """Update ``theta`` in place by one step."""
        if self.weight_decay:
            theta[self.weights] *= 1 - self.learning_rate * self.weight_decay
        self._update(theta, grad)

    def _allocate(self, theta):
        raise NotImplementedError

    def _update(self, theta, grad):
        raise NotImplementedError


class SGD(Optimizer):
    r"""Gradient descent, with momentum or Nesterov's momentum.

    .. math::

        v &\leftarrow \mu v - \eta g \\
        \theta &\leftarrow \theta + v
        \quad\text{or, Nesterov,}\quad
        \theta \leftarrow \theta + \mu v - \eta g

    Parameters
    ----------
    learning_rate : float
        :math:`\eta`.

    momentum : float, default=0.0
        :math:`\mu`, from 0 to 1.

    nesterov : bool, default=False

    weight_decay : float, default=0.0
        Decoupled, see `Optimizer`.

    Attributes
    ----------
    step_size : float
        With :math:`s \leftarrow \mu s + \eta` from 0, the total weight of all
        gradients so far: :math:`s`, or :math:`\mu s + \eta` with Nesterov's
        momentum. Tends to :math:`\eta / (1 - \mu)`.

    References
    ----------
    .. [1] Sutskever, Martens, Dahl and Hinton, "On the importance of
       initialization and momentum in deep learning", ICML 2013, equations 1 to 4.
    """

    def __init__(self, learning_rate, momentum=0.0, nesterov=False, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay)
        self.momentum = momentum
        self.nesterov = nesterov
        self._scaled, self._ahead = Buffer(), Buffer()

    def _allocate(self, theta):
        self.step_size = self._accumulated = 0.0
        self.velocity = np.zeros_like(theta)
        self._blocks = cache_blocks(0, len(theta), theta.itemsize)

    def _update(self, theta, grad):
        self._accumulated = self.momentum * self._accumulated + self.learning_rate
        self.step_size = self._accumulated
        if self.nesterov:
            self.step_size = self.momentum * self._accumulated + self.learning_rate
        for block in self._blocks:
            self._step_block(theta[block], grad[block], self.velocity[block])

    def _step_block(self, theta, grad, velocity):
        scaled = self._scaled.take(grad.shape, grad.dtype)
        np.multiply(grad, self.learning_rate, out=scaled)
        velocity *= self.momentum
        velocity -= scaled
        if not self.nesterov:
            theta += velocity
            return
        ahead = self._ahead.take(grad.shape, grad.dtype)
        np.multiply(velocity, self.momentum, out=ahead)
        ahead -= scaled
        theta += ahead


class Adam(Optimizer):
    r"""Adam: steps scaled by running moments of the gradient.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
                 \frac{m}{\sqrt{v} + \epsilon}

    As in scikit-learn, :math:`\epsilon` is added before the bias correction of
    :math:`v`; torch adds it after.

    Parameters
    ----------
    learning_rate : float, default=0.001
        :math:`\eta`.

    beta_1, beta_2 : float, default=0.9, 0.999
        Decay of the moments, from 0 to below 1.

    epsilon : float, default=1e-8
        Keeps the division finite.

    weight_decay : float, default=0.0
        Decoupled, see `Optimizer`.

    Attributes
    ----------
    step_size : ndarray like theta
        :math:`\eta \sqrt{1 - \beta_2^t} / (\sqrt{v} + \epsilon)`, the factor of the
        bias-corrected first moment. Within a slice that takes steps of one
        size, :math:`v` is the mean over the slice.

    References
    ----------
    .. [1] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015,
       algorithm 1 in the order of the end of section 2.
    """

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8, weight_decay=0.0
    ):
        super().__init__(learning_rate, weight_decay)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self._scratch, self._step_size = Buffer(), Buffer()

    def _allocate(self, theta):
        self.t = 0
        # Kept without their factors 1 - beta, which saves two passes a step:
        # first_moment = m / (1 - beta_1), second_moment = v / (1 - beta_2).
        self.first_moment = np.zeros_like(theta)
        self.second_moment = np.zeros_like(theta)
        # What is left of the vector between the slices that take steps of one size.
        starts = [0, *(where.stop for where in self.one_step)]
        stops = [*(where.start for where in self.one_step), len(theta)]
        self._blocks = [
            block
            for start, stop in zip(starts, stops, strict=True)
            for block in cache_blocks(start, stop, theta.itemsize)
        ]

    def _update(self, theta, grad):
        self.t += 1
        rate = self._corrected_rate * (1 - self.beta_1) / (1 - self.beta_1**self.t)
        epsilon = self._epsilon
        for block in self._blocks:
            m, v, scratch = self._update_moments(block, grad[block])
            # theta <- theta - rate * m / (sqrt(v) + epsilon)
            np.sqrt(v, out=scratch)
            scratch += epsilon
            np.divide(m, scratch, out=scratch)
            axpy(-rate, scratch, theta[block])
        for where in self.one_step:
            for block in cache_blocks(where.start, where.stop, theta.itemsize):
                self._update_moments(block, grad[block])
            denominator = self._common_denominator(self.second_moment[where])
            axpy(-rate / denominator, self.first_moment[where], theta[where])

    def _update_moments(self, block, grad):
        """Return both moments of a block, updated, and scratch memory of its size."""
        m, v = self.first_moment[block], self.second_moment[block]
        scratch = self._scratch.take(grad.shape, grad.dtype)
        # m <- beta_1 * m + grad
        scale(self.beta_1, m)
        axpy(1.0, grad, m)
        # v <- beta_2 * v + grad**2
        np.multiply(grad, grad, out=scratch)
        scale(self.beta_2, v)
        axpy(1.0, scratch, v)
        return m, v, scratch

    # The factors of the moments go where they are used: sqrt(v) + epsilon is
    # sqrt(1 - beta_2) times (sqrt(second_moment) + self._epsilon).

    @property
    def _epsilon(self):
        return self.epsilon / math.sqrt(1 - self.beta_2)

    @property
    def _corrected_rate(self):
        return self.learning_rate * math.sqrt((1 - self.beta_2**self.t) / (1 - self.beta_2))

    def _common_denominator(self, v):
        return math.sqrt(v.mean()) + self._epsilon

    @property
    def step_size(self):
        v = self.second_moment
        step_size = self._step_size.take(v.shape, v.dtype)
        rate = self._corrected_rate
        for block in self._blocks:
            there = step_size[block]
            np.sqrt(v[block], out=there)
            there += self._epsilon
            np.divide(rate, there, out=there)
        for block in self.one_step:
            step_size[block] = rate / self._common_denominator(v[block])
        return step_size
