r"""Update rules.

The interface
-------------
- ``init(theta)`` allocates state for a parameter vector; ``step(theta, grad)``
  updates it in place.
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

from skreg.nn.arrays import Buffer, row_blocks


def _cache_blocks(theta):
    """Slices of a vector whose blocks pass through the cache once per step."""
    return list(row_blocks(len(theta), 1, max_values=2**14))


class SGD:
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

    def __init__(self, learning_rate, momentum=0.0, nesterov=False):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.step_size = 0.0
        self._accumulated = 0.0
        self._scaled, self._ahead = Buffer(), Buffer()

    def init(self, theta):
        """Start from rest, for parameters like ``theta``."""
        self.velocity = np.zeros_like(theta)
        self._blocks = _cache_blocks(theta)

    def step(self, theta, grad):
        """Update ``theta`` in place by one step along ``-grad``."""
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


class Adam:
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

    Attributes
    ----------
    step_size : ndarray like theta
        :math:`\eta \sqrt{1 - \beta_2^t} / (\sqrt{v} + \epsilon)`, the factor of the
        bias-corrected first moment.

    References
    ----------
    .. [1] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015,
       algorithm 1 in the order of the end of section 2.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        self.learning_rate = learning_rate
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self._scratch, self._step_size = Buffer(), Buffer()

    def init(self, theta):
        """Start with zero moments, for parameters like ``theta``."""
        self.t = 0
        # Kept without their factors 1 - beta, which saves two passes a step:
        # first_moment = m / (1 - beta_1), second_moment = v / (1 - beta_2).
        self.first_moment = np.zeros_like(theta)
        self.second_moment = np.zeros_like(theta)
        self._blocks = _cache_blocks(theta)

    def step(self, theta, grad):
        """Update ``theta`` in place by one step."""
        self.t += 1
        rate = self._corrected_rate * (1 - self.beta_1) / (1 - self.beta_1**self.t)
        for block in self._blocks:
            m, v = self.first_moment[block], self.second_moment[block]
            self._step_block(theta[block], grad[block], m, v, rate)

    def _step_block(self, theta, grad, m, v, rate):
        scratch = self._scratch.take(grad.shape, grad.dtype)
        m *= self.beta_1
        m += grad
        np.multiply(grad, grad, out=scratch)
        v *= self.beta_2
        v += scratch
        self._write_denominator(v, scratch)
        np.divide(m, scratch, out=scratch)
        scratch *= rate
        theta -= scratch

    @property
    def _corrected_rate(self):
        # The factor of v goes where v is used: sqrt(v) + epsilon is
        # sqrt(1 - beta_2) times what _write_denominator writes.
        return self.learning_rate * math.sqrt((1 - self.beta_2**self.t) / (1 - self.beta_2))

    def _write_denominator(self, v, out):
        np.sqrt(v, out=out)
        out += self.epsilon / math.sqrt(1 - self.beta_2)

    @property
    def step_size(self):
        v = self.second_moment
        step_size = self._step_size.take(v.shape, v.dtype)
        self._write_denominator(v, step_size)
        return np.divide(self._corrected_rate, step_size, out=step_size)
