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
unit :math:`k`. Biases are not penalised.
"""

import sys
from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import Buffer, row_blocks
from skreg.nn.penalties import L1, L2, GroupLasso, MaxNorm

EVERYTHING = slice(0, sys.maxsize)
"""All parameters, as a block of them."""


class Place(NamedTuple):
    """Where in the vector of all parameters a penalty applies.

    Attributes
    ----------
    where : slice

    shape : tuple of int
        How the penalty looks at it.
    """

    where: slice
    shape: tuple

    def of(self, vector):
        """Return the view of a vector like theta."""
        return vector[self.where].reshape(self.shape)

    def within(self, block):
        """Return the part of a block of the vector that belongs to it, a slice."""
        return slice(max(self.where.start, block.start), min(self.where.stop, block.stop))


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

    group_lasso : float, default=0.0
        Strength for groups of rows of the first weight matrix.

    group_of_feature : ndarray of int of shape (n_features,), default=None
        Number of each feature's group. None: every feature is its own.

    group_sizes : ndarray of int of shape (n_groups,), default=None
        As in `GroupLasso`.

    max_norm : float, default=None
        Largest norm of a column of any weight matrix.

    Attributes
    ----------
    is_sparse : bool
        Whether there are proximal penalties that make zeros.

    weights : slice
        All weights, without the biases.

    one_step : list of slice
        Parameters that must take steps of one size.
    """

    def __init__(
        self,
        params,
        l1=0.0,
        l2=0.0,
        alpha=0.0,
        group_lasso=0.0,
        group_of_feature=None,
        group_sizes=None,
        max_norm=None,
    ):
        self._matrices = matrices = _matrices(params)
        self._l1 = [(L1(strength), place) for strength, place in _places(params, l1)]
        self._l2 = list(_places(params, l2))
        self._alpha = list(_places(params, alpha))
        self._smooth_by_weight, self._smooth_by_block = {}, {}
        # Soft-thresholding first, then the group lasso: together they are the
        # proximal operator of their sum, the sparse group lasso. The constraint
        # comes last, or the weights might leave it again.
        self._proximal = list(self._l1)
        # A network that has lost all features has no rows left to group.
        if group_lasso and len(params.weights[0]):
            penalty = GroupLasso(group_lasso, group_of_feature, group_sizes)
            self._proximal.append((penalty, matrices[0]))
        self.is_sparse = bool(self._proximal)
        if max_norm is not None:
            self._proximal += [(MaxNorm(max_norm), matrix) for matrix in matrices]
        self._elementwise = [both for both in self._proximal if both[0].is_elementwise]
        self._together = [both for both in self._proximal if not both[0].is_elementwise]
        self.weights = slice(0, params.weight_slices[-1].stop)
        self.one_step = [
            place.where for penalty, place in self._proximal if penalty.needs_one_step
        ]

    def _smooth(self, total_weight):
        """Return pairs of `L2` and place for a minibatch of that weight."""
        # There are two at most: full minibatches and the ragged last one.
        if total_weight not in self._smooth_by_weight:
            per_sample = [(alpha / total_weight, place) for alpha, place in self._alpha]
            self._smooth_by_weight[total_weight] = [
                (L2(strength), place) for strength, place in self._l2 + per_sample
            ]
        return self._smooth_by_weight[total_weight]

    def add_smooth(self, theta, grad, total_weight, block=EVERYTHING):
        """Add the gradient of the smooth penalties to ``grad``; return their value.

        Parameters
        ----------
        theta, grad : ndarray of shape (n_parameters,)

        total_weight : float
            What ``alpha`` is divided by.

        block : slice, default=all parameters
            The part of the parameters to look at.
        """
        value = 0.0
        for penalty, where in self._smooth_in(block, total_weight):
            value += penalty.add_gradient(theta[where], grad[where])
        return value

    def smooth_value(self, theta, total_weight):
        """Return the value of the smooth penalties, as `add_smooth` does."""
        return sum(
            penalty.value(place.of(theta)) for penalty, place in self._smooth(total_weight)
        )

    def _smooth_in(self, block, total_weight):
        """Return pairs of `L2` and the part of a block that it applies to."""
        key = block.start, block.stop, total_weight
        if key not in self._smooth_by_block:
            parts = [(one, place.within(block)) for one, place in self._smooth(total_weight)]
            self._smooth_by_block[key] = [both for both in parts if _has_any(both[1])]
        return self._smooth_by_block[key]

    def prox(self, theta, step):
        """Apply the proximal penalties in place, after a step.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        step : float or ndarray of shape (n_parameters,)
            Step size of the optimizer.
        """
        for penalty, place in self._proximal:
            step_there = step if np.ndim(step) == 0 else place.of(step)
            if penalty.needs_one_step:
                step_there = float(np.ravel(step_there)[0])
            penalty.prox(place.of(theta), step_there)

    def prox_block(self, theta, block, step_size_in):
        """Apply the elementwise proximal penalties to a block of the parameters.

        Those that look at weights together follow by `prox_matrices` when all blocks are
        done: both are `prox`.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        block : slice

        step_size_in : callable
            Returns the step size of a slice of the parameters.
        """
        for penalty, place in self._elementwise:
            where = place.within(block)
            if not _has_any(where):
                continue
            step = step_size_in(block)
            if np.ndim(step):
                step = step[where.start - block.start : where.stop - block.start]
            penalty.prox(theta[where], step)

    def prox_matrices(self, theta, step_size_in):
        """Apply the proximal penalties that look at weights together.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        step_size_in : callable
            Returns the step size of a slice of the parameters.
        """
        for penalty, place in self._together:
            step = step_size_in(place.where) if penalty.needs_step else None
            if np.ndim(step):
                step = step.reshape(place.shape)
            penalty.prox(place.of(theta), step)

    def proximal_value(self, theta):
        """Return the value of the proximal penalties."""
        return sum(penalty.value(place.of(theta)) for penalty, place in self._proximal)

    def min_norm_subgradient(self, theta, grad):
        """Return the smallest subgradient of everything: zero at a stationary point.

        Parameters
        ----------
        theta : ndarray of shape (n_parameters,)

        grad : ndarray of shape (n_parameters,)
            Gradient of the smooth part.

        Returns
        -------
        subgradient : ndarray of shape (n_parameters,)
        """
        left = grad.copy()
        for penalty, place in self._proximal:
            there = place.of(left)
            there[...] = penalty.min_norm_subgradient(place.of(theta), there)
        return left

    def slack(self, theta, grad):
        """Return how much larger the gradient could be before zeros had to move.

        Parameters
        ----------
        theta, grad : ndarray of shape (n_parameters,)
            As in `min_norm_subgradient`.

        Returns
        -------
        slack : ndarray of shape (n_parameters,)
            Not a number for parameters that no penalty holds at zero. Where
            several do, it is that of the last: a zero weight of a zero group
            needs the group to leave first. What the earlier ones would hold on
            top of that is not counted.
        """
        left, slack = grad.copy(), np.full_like(grad, np.nan)
        for penalty, place in self._proximal:
            weights, there = place.of(theta), place.of(left)
            latest, so_far = penalty.slack(weights, there), place.of(slack)
            so_far[...] = np.where(np.isnan(latest), so_far, latest)
            there[...] = penalty.min_norm_subgradient(weights, there)
        return slack

    def l2_strengths(self, total_weight):
        """Return the l2 strength of every weight matrix, a list of float.

        Parameters
        ----------
        total_weight : float
            What ``alpha`` is divided by.
        """
        return [
            sum(
                penalty.alpha
                for penalty, place in self._smooth(total_weight)
                if place.where.start <= matrix.where.start < place.where.stop
            )
            for matrix in self._matrices
        ]

    def l1_strengths(self, theta):
        """Return the l1 strength of every parameter, an array like ``theta``."""
        strengths = np.zeros_like(theta)
        for penalty, place in self._l1:
            strengths[place.where] = penalty.alpha
        return strengths


def _has_any(where):
    return where.start < where.stop


def _matrices(params):
    """Return the place of every weight matrix."""
    shapes = [weight.shape for weight in params.weights]
    return [Place(*both) for both in zip(params.weight_slices, shapes, strict=True)]


def _places(params, strengths):
    """Yield nonzero strengths and the places that they apply to.

    One strength for all matrices needs one flat place, since weights lie side by
    side; it is for penalties that look at every weight alone.
    """
    places = _matrices(params)
    if np.ndim(strengths) == 0:
        n_weights = params.weight_slices[-1].stop
        strengths, places = [strengths], [Place(slice(0, n_weights), (n_weights,))]
    for strength, place in zip(strengths, places, strict=True):
        if strength:
            yield float(strength), place


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

    is_sparse : bool
        Whether there are proximal penalties that make zeros.
    """

    def __init__(self, params, grads, network, loss, regularizer):
        self.theta = params.vector
        self.gradient = grads.vector
        self.regularizer = regularizer
        self.is_sparse = regularizer.is_sparse
        self._network = network
        self._loss = loss
        self._delta, self._sum = Buffer(), Buffer()

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
        value = self.loss_and_gradient(batch, rng)
        return value + self.regularizer.add_smooth(
            self.theta, self.gradient, batch.total_weight
        )

    def evaluate(self, data, total_weight, rng=None):
        """Evaluate the smooth part over all data, like `value_and_gradient`.

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
        return value + self.regularizer.add_smooth(self.theta, self.gradient, total_weight)

    def loss_and_gradient(self, batch, rng=None):
        """Evaluate the data term alone, like `value_and_gradient`."""
        raw = self._network.forward(batch.X, rng)
        delta = self._delta.take(raw.shape, raw.dtype)
        value = self._loss.value_and_gradient(batch.y, raw, delta, batch.sample_weight)
        self._network.backward(delta)
        return value

    def prox(self, step):
        """Apply the proximal penalties after a step of the given size."""
        self.regularizer.prox(self.theta, step)

    def proximal_value(self):
        """Return the value of the penalties that are not in the smooth part."""
        return self.regularizer.proximal_value(self.theta)
