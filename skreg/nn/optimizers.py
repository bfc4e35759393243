r"""Update rules.

The interface
-------------
- ``init(theta, weights, one_step)`` allocates state for a parameter vector;
  ``step(theta, grad)`` updates it in place.
- A step can be taken in pieces: ``begin(theta)``, then ``update(theta, grad, block)``
  for each of ``blocks``. A block is small enough to stay in cache, so that whoever has
  work of their own to do on it pays for its way from memory once.
- ``weights`` is the slice that ``weight_decay`` applies to. Within each slice of
  ``one_step``, a block of any size, all parameters take steps of one size.
- ``learning_rate`` may be set between steps.
- ``step_size`` is the step that the gradients so far effectively get. Proximal
  penalties threshold by it. That is not a nicety: at a fixed point, momentum
  multiplies the push of the gradient by ``1 / (1 - momentum)`` and Adam divides
  it by ``sqrt(v)``; thresholding by ``learning_rate`` alone would solve for
  another strength of the penalty. ``step_size_in(where)`` is that of a slice.

- ``has_overflowed`` says whether it keeps numbers beyond all floats, behind which
  gradients are lost.

A new rule writes `allocate`, `update` and `step_size_in`, as `SGD` does. One that divides
steps by the root of a mean square is an `AdaptiveOptimizer`, and says what its moments are.

State that a pickle keeps is the moments and the count of steps; scratch memory
is a `Buffer`.
"""

import math

import numpy as np

from skreg.nn.arrays import Buffer, axpy, cache_blocks, scale


class Optimizer:
    r"""What the update rules share: blocks, and decoupled weight decay.

    Before every step the weights shrink, :math:`\theta \leftarrow (1 - \eta d) \theta`,
    with the learning rate :math:`\eta` and the decay :math:`d`. Unlike the gradient
    of an l2 penalty the decay passes neither momentum nor the scaling of Adam.

    A subclass implements `allocate`, `update` and `step_size_in`.

    References
    ----------
    .. [1] Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
       2019: AdamW and SGDW. As in torch, the decay is per unit of learning rate.
    """

    has_overflowed = False

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
        # The rest of the vector, between the slices that take steps of one size.
        starts = [0, *(where.stop for where in self.one_step)]
        stops = [*(where.start for where in self.one_step), len(theta)]
        self.blocks = self.one_step + [
            block
            for start, stop in zip(starts, stops, strict=True)
            for block in cache_blocks(start, stop, theta.itemsize)
        ]
        self.allocate(theta)

    def allocate(self, theta):
        """Begin from rest: make the moments, for parameters like ``theta``."""
        raise NotImplementedError

    def copy(self):
        """Return one that goes its own way: what steps write to is copied."""
        twin = object.__new__(type(self))
        for name, value in vars(self).items():
            is_written_to = isinstance(value, (np.ndarray, Moment, Buffer))
            setattr(twin, name, value.copy() if is_written_to else value)
        return twin

    def step(self, theta, grad):
        """Update ``theta`` in place by one step."""
        self.begin(theta)
        for block in self.blocks:
            self.update(theta, grad, block)

    def begin(self, theta):
        """Begin a step: weights decay."""
        if self.weight_decay:
            theta[self.weights] *= 1 - self.learning_rate * self.weight_decay

    def update(self, theta, grad, block):
        """Update one of ``blocks`` of ``theta`` in place."""
        raise NotImplementedError

    def step_size_in(self, where):
        """Return the step size in a slice of the parameters.

        Parameters
        ----------
        where : slice
            Inside of one of ``one_step`` only if it is that.

        Returns
        -------
        step_size : float or ndarray
            An array is valid until the next call.
        """
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

    def allocate(self, theta):
        self.step_size = self._accumulated = 0.0
        self.velocity = np.zeros_like(theta)

    def begin(self, theta):
        super().begin(theta)
        self._accumulated = self.momentum * self._accumulated + self.learning_rate
        self.step_size = self._accumulated
        if self.nesterov:
            self.step_size = self.momentum * self._accumulated + self.learning_rate

    def update(self, theta, grad, block):
        theta, grad, velocity = theta[block], grad[block], self.velocity[block]
        scale(self.momentum, velocity)
        axpy(-self.learning_rate, grad, velocity)
        if self.nesterov:
            axpy(self.momentum, velocity, theta)
            axpy(-self.learning_rate, grad, theta)
        else:
            axpy(1.0, velocity, theta)

    def step_size_in(self, where):
        return self.step_size


class Moment:
    r"""A running mean, :math:`m \leftarrow \beta m + (1 - \beta) x`, of vectors.

    It is kept as :math:`m = s m'`. All of it decays by one number,
    :math:`s \leftarrow \beta s`, which touches no memory, and
    :math:`m' \leftarrow m' + (1 - \beta) x / s` takes a vector in.

    Parameters
    ----------
    beta : float
        :math:`\beta`, from 0 to below 1.

    theta : ndarray
        The vectors are like it.

    Attributes
    ----------
    factor : float
        :math:`s`.

    stored : ndarray like theta
        :math:`m'`.
    """

    # Stored values stay this close to the mean, far from overflow.
    _SMALLEST_FACTOR = 2.0**-16

    def __init__(self, beta, theta):
        self.beta = beta
        self.factor = 1.0
        self.stored = np.zeros_like(theta)

    def copy(self):
        """Return one with values of its own."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self), stored=self.stored.copy())
        return twin

    def decay(self):
        """Make room for the vector that comes next."""
        self.factor *= self.beta
        if self.factor < self._SMALLEST_FACTOR:
            self.stored *= self.factor
            self.factor = 1.0

    def add(self, x, block):
        """Take a block of a vector in; return that of ``stored``."""
        stored = self.stored[block]
        axpy((1 - self.beta) / self.factor, x, stored)
        return stored


class AdaptiveOptimizer(Optimizer):
    r"""Steps along one moment, divided by the root of another.

    .. math::

        \theta \leftarrow \theta - \rho \frac{m}{\sqrt{v} + \epsilon}

    A subclass implements `allocate`, `moments` and `squares`, and `rates` where
    :math:`\rho` is not the learning rate. Within a slice that takes steps of one size,
    :math:`v` is its mean over the slice.

    Parameters
    ----------
    learning_rate : float

    epsilon : float
        Keeps the division finite.

    weight_decay : float, default=0.0
        Decoupled, see `Optimizer`.

    Attributes
    ----------
    squares : ndarray like theta
        :math:`v`.

    has_overflowed : bool
        Whether :math:`v` holds infinity, by which the steps of its parameters are divided:
        they have not moved since, and the loss may look well.
    """

    def __init__(self, learning_rate, epsilon, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay)
        self.epsilon = epsilon
        self._scratch, self._step_size = Buffer(), Buffer()

    def init(self, theta, weights=slice(0, 0), one_step=()):
        super().init(theta, weights, one_step)
        # Without axes: NumPy adds it in two thirds of the time of a number.
        self._epsilon = np.zeros((), theta.dtype)
        # sqrt(v) + epsilon of the latest step, in each slice of one_step.
        self._common_divisors = np.ones(len(self.one_step))

    def rates(self):
        r"""Begin a step.

        Returns
        -------
        rate : float
            :math:`\rho`.

        step_rate : float
            The step size is ``step_rate / (sqrt(v) + epsilon)``.

        epsilon : float
        """
        return self.learning_rate, self.learning_rate, self.epsilon

    def moments(self, grad, block, scratch):
        """Take a block of the gradient in.

        Parameters
        ----------
        grad : ndarray
            The block of the gradient.

        block : slice

        scratch : ndarray like ``grad``
            Memory to work in.

        Returns
        -------
        m, v : ndarray like ``grad``
            That of both moments, in memory of their own.
        """
        raise NotImplementedError

    def begin(self, theta):
        super().begin(theta)
        self._rate, self._step_rate, self._epsilon[...] = self.rates()

    def update(self, theta, grad, block):
        if block in self.one_step:
            self._update_by_one_step(theta, grad, block)
            return
        grad = grad[block]
        scratch = self._scratch.take(grad.shape, grad.dtype)
        m, v = self.moments(grad, block, scratch)
        # theta <- theta - rate * m / (sqrt(v) + epsilon)
        np.sqrt(v, out=scratch)
        scratch += self._epsilon
        np.divide(m, scratch, out=scratch)
        axpy(-self._rate, scratch, theta[block])

    @property
    def has_overflowed(self):
        return not math.isfinite(self.squares.max(initial=0.0))

    def _update_by_one_step(self, theta, grad, where):
        blocks = cache_blocks(where.start, where.stop, theta.itemsize)
        directions = []
        for block in blocks:
            part = grad[block]
            scratch = self._scratch.take(part.shape, part.dtype)
            directions.append(self.moments(part, block, scratch)[0])
        divisor = math.sqrt(self.squares[where].mean()) + float(self._epsilon)
        self._common_divisors[self.one_step.index(where)] = divisor
        for block, m in zip(blocks, directions, strict=True):
            axpy(-self._rate / divisor, m, theta[block])

    def step_size_in(self, where):
        if where in self.one_step:
            # A number of Python leaves arrays in single precision.
            return self._step_rate / float(self._common_divisors[self.one_step.index(where)])
        v = self.squares[where]
        step_size = self._step_size.take(v.shape, v.dtype)
        for block in cache_blocks(0, len(v), v.itemsize):
            there = step_size[block]
            np.sqrt(v[block], out=there)
            there += self._epsilon
            np.divide(self._step_rate, there, out=there)
        return step_size

    @property
    def step_size(self):
        step_size = np.empty_like(self.squares)
        for block in self.blocks:
            step_size[block] = self.step_size_in(block)
        return step_size


class Adam(AdaptiveOptimizer):
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
        super().__init__(learning_rate, epsilon, weight_decay)
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def allocate(self, theta):
        self.t = 0
        self._first = Moment(self.beta_1, theta)
        self._second = Moment(self.beta_2, theta)

    @property
    def squares(self):
        return self._second.stored

    def rates(self):
        self.t += 1
        self._first.decay()
        self._second.decay()
        # With the factors s of the moments, m = s_1 m' and v = s_2 v', it holds that
        # m / (sqrt(v) + epsilon) = s_1 / sqrt(s_2) * m' / (sqrt(v') + epsilon / sqrt(s_2)).
        root = math.sqrt(self._second.factor)
        step_rate = self.learning_rate * math.sqrt(1 - self.beta_2**self.t) / root
        rate = step_rate * self._first.factor / (1 - self.beta_1**self.t)
        return rate, step_rate, self.epsilon / root

    def moments(self, grad, block, scratch):
        np.multiply(grad, grad, out=scratch)
        return self._first.add(grad, block), self._second.add(scratch, block)
