r"""The objective: where network, loss and penalties meet.

.. math::

    F(\theta) = \frac{\sum_i s_i \, \ell(y_i, f(x_i; \theta))}{\sum_i s_i}
              + \sum_l \lambda_{1,l} \|W_l\|_1
              + \frac{1}{2} \sum_l \Bigl(\lambda_{2,l} + \frac{\alpha}{S}\Bigr) \|W_l\|_2^2
              + \lambda_g \sum_g \sqrt{|g|} \, \|W_{1,g}\|_F
    \quad \text{subject to} \quad \|W_{l, \cdot k}\|_2 \le c

:math:`\lambda_1` and :math:`\lambda_2` depend neither on the number of samples nor
on the size of a minibatch. :math:`\alpha` is scikit-learn's: divided by
:math:`S`, the number of rows of the minibatch times the mean weight of the
training set. :math:`W_{1,g}` are the rows of the first weight matrix that leave the
input features of group :math:`g`, and column :math:`k` of :math:`W_l` holds what enters
unit :math:`k`. Biases are not penalised. Where features have weights :math:`\omega`, the rows
of :math:`W_1` count :math:`\omega_j` times in its l1 norm, and
:math:`|g| = \sum_{j \in g} \omega_j^2`.
"""

from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import Buffer, row_blocks
from skreg.nn.regularizer import EVERYTHING


class _Penalties(NamedTuple):
    """Penalties in a block of the parameters: each with its weights, and what it needs.

    Attributes
    ----------
    smooth : list of tuple
        With the gradient of the weights.

    proximal : list of tuple
        With the `Place` of the weights, in the order in which they apply.
    """

    smooth: list
    proximal: list


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
        The vectors of ``params`` and ``grads``, always the same memory.

    weights : slice
        All weights, without the biases.

    one_step : list of slice
        Parameters that must take steps of one size.

    is_sparse : bool
        Whether there are penalties that make zeros.
    """

    def __init__(self, params, grads, network, loss, regularizer):
        self.theta = params.vector
        self.gradient = grads.vector
        self.weights = slice(0, params.weight_slices[-1].stop)
        self.one_step = regularizer.one_step
        self.is_sparse = regularizer.is_sparse
        self._matrices = params.weight_slices
        self._network = network
        self._loss = loss
        self._regularizer = regularizer
        self._penalties_by_block = {}
        self._delta, self._sum = Buffer(), Buffer()

    def loss_and_gradient(self, batch, rng=None):
        """Evaluate the loss at ``theta``; store its gradient in ``gradient``.

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
        return value

    def add_smooth(self, total_weight, block=EVERYTHING):
        """Add the gradient of the smooth penalties to ``gradient``; return their value.

        Parameters
        ----------
        total_weight : float
            Of the minibatch.

        block : slice, default=all parameters
            One of those of a step.
        """
        value = 0.0
        for penalty, weights, gradient in self._penalties_in(block).smooth:
            value += penalty.add_gradient(weights, gradient, total_weight)
        return value

    def prox(self, step_size_in, block=EVERYTHING):
        """Apply the proximal penalties after a step.

        Parameters
        ----------
        step_size_in : callable
            Returns the step size of a slice of the parameters, one number or an array.

        block : slice, default=all parameters
            One of those of a step.
        """
        for penalty, weights, place in self._penalties_in(block).proximal:
            step = step_size_in(place.where) if penalty.needs_step else None
            if isinstance(step, np.ndarray):
                step = float(step[0]) if penalty.needs_one_step else step.reshape(place.shape)
            penalty.prox(weights, step)

    def _penalties_in(self, block):
        """Return the penalties in a block, with views of the parameters."""
        key = block.start, block.stop
        if key not in self._penalties_by_block:
            smooth = [
                (penalty, place.of(self.theta), place.of(self.gradient))
                for penalty, place in self._regularizer.smooth_in(block)
            ]
            proximal = [
                (penalty, place.of(self.theta), place)
                for penalty, place in self._regularizer.proximal_in(block)
            ]
            self._penalties_by_block[key] = _Penalties(smooth, proximal)
        return self._penalties_by_block[key]

    def evaluate(self, data, total_weight, rng=None):
        """Evaluate the smooth part over all data; store its gradient in ``gradient``.

        Parameters
        ----------
        data : Data
            Taken block by block: memory is bounded by the block.

        total_weight : float
            What ``alpha`` is divided by.

        rng : numpy.random.Generator, default=None
            Draws the masks of dropout; None: no dropout.

        Returns
        -------
        value : float
            Of exactly the function whose gradient is stored.
        """
        value = 0.0
        gradient = self._sum.take(self.gradient.shape, self.gradient.dtype)
        gradient[...] = 0
        for rows in row_blocks(data.n_samples, self._network.widest):
            batch = data.take(rows)
            share = len(batch.y) / data.n_samples
            value += share * self.loss_and_gradient(batch, rng)
            self.gradient *= share
            gradient += self.gradient
        self.gradient[...] = gradient
        return value + self.add_smooth(total_weight)

    def smooth_value(self, total_weight):
        """Return the value of the penalties that are in the smooth part."""
        return self._regularizer.smooth_value(self.theta, total_weight)

    def proximal_value(self):
        """Return the value of the penalties that are not in the smooth part."""
        return self._regularizer.proximal_value(self.theta)

    def split_strengths(self):
        """Return the strength of the penalties that split, an array like ``theta``."""
        return self._regularizer.split_strengths(self.theta)

    def l2_strengths(self, total_weight):
        """Return the strength of the l2 penalty of every weight matrix, a list of float."""
        return [self._regularizer.l2_strength(where, total_weight) for where in self._matrices]

    def min_norm_subgradient(self):
        """Return the smallest subgradient of the objective, where ``gradient`` is stored."""
        return self._regularizer.min_norm_subgradient(self.theta, self.gradient)

    def slack(self):
        """Return how much ``gradient`` could grow before zeros had to move.

        It is like ``theta``, and not a number where no penalty holds a zero.
        """
        return self._regularizer.slack(self.theta, self.gradient)
