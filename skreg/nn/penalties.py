r"""Penalties on weights.

A penalty knows its mathematics, not its place: which weights it applies to is
the business of `skreg.nn.regularizer`.

Conventions
-----------
- ``alpha`` is the strength; `value` is the penalty of the weights ``w``.
- A smooth penalty adds its gradient to that of the loss: `add_gradient`. It is told
  the total weight of the minibatch, which its strength may depend on.
- A proximal penalty moves the weights after the gradient step, to exact zeros
  where the penalty asks for them:

      prox(w, step) = argmin_z  1/2 sum_j (z_j - w_j)^2 / step_j + penalty(z)

  ``step`` is the step size that the gradient effectively got, one number or
  one for each weight: see `skreg.nn.optimizers`.
- `min_norm_subgradient` certifies: it is 0 where ``w`` is stationary. Penalties on
  the same weights take turns, each with what the one before has left of the
  gradient, in the order of their proximal operators; `slack` likewise.
- What solvers and certificates may ask of a penalty are its traits, the class attributes
  of `Penalty`.
"""

import numpy as np

from skreg.nn.arrays import Buffer, axpy, cache_blocks


class Penalty:
    r"""What every penalty can say of weights that training has left behind.

    A subclass implements `value` and `min_norm_subgradient`; either ``add_gradient`` or
    ``prox``; `slack` where it holds weights at zero; and says what it is by its traits.

    Attributes
    ----------
    is_smooth : bool, default=False
        It has ``add_gradient``, and `value` takes the total weight as well. The others
        have ``prox``.

    is_elementwise : bool, default=False
        It can be applied to any part of the weights alone.

    order : int, default=0
        Proximal operators on the same weights follow each other from the lowest on:
        soft-thresholding, then the group lasso, which together are the proximal
        operator of their sum; bounds last, or the weights might leave them again.

    needs_step : bool, default=True
        Its ``prox`` depends on the step size.

    needs_one_step : bool, default=False
        Its ``prox`` takes one number: all weights of its place take steps of one size.

    makes_zeros : bool, default=False
        Its ``prox`` makes exact zeros.

    splits : bool, default=False
        On halves of the weights, :math:`w = u - v` with :math:`u, v \ge 0`, it is linear:
        the sum of both times ``strengths``, a number or an array. L-BFGS-B takes it as that.

    is_certified : bool, default=True
        Trained networks are stationary points of the loss plus this penalty.
    """

    is_smooth = False
    is_elementwise = False
    order = 0
    needs_step = True
    needs_one_step = False
    makes_zeros = False
    splits = False
    is_certified = True

    def value(self, w):
        """Return the penalty of ``w`` as a float."""
        raise NotImplementedError

    def min_norm_subgradient(self, w, grad):
        """Return the smallest element of ``grad`` plus the subdifferential at ``w``.

        Parameters
        ----------
        w : ndarray

        grad : ndarray of the shape of ``w``
            Gradient of the smooth part at ``w``, or what other penalties on the
            same weights have left of it.

        Returns
        -------
        subgradient : ndarray of the shape of ``w``
            Zero where ``w`` is stationary.
        """
        raise NotImplementedError

    def within(self, part):
        """Return the same for a slice of the flat weights, of one that is elementwise."""
        return self

    def subgradient_distance(self, w, grad):
        """Distance of ``-grad`` to the subdifferential at ``w``, weight by weight.

        Parameters
        ----------
        w, grad : ndarray
            As in `min_norm_subgradient`.

        Returns
        -------
        distance : ndarray of the shape of ``w``
        """
        return np.abs(self.min_norm_subgradient(w, grad))

    def slack(self, w, grad):
        """Return how much larger the gradient could be before zeros had to move.

        Parameters
        ----------
        w, grad : ndarray
            As in `min_norm_subgradient`.

        Returns
        -------
        slack : ndarray of the shape of ``w``
            Negative where a zero is not stationary; not a number where the
            penalty holds no zero.
        """
        return np.full(w.shape, np.nan)


class L1(Penalty):
    r"""The l1 norm, :math:`\alpha \sum_j \omega_j |w_j|`: small weights become exactly zero.

    The proximal operator is soft-thresholding,
    :math:`\operatorname{sign}(w_j) \max(|w_j| - \alpha \omega_j \cdot \text{step}_j, 0)`.

    Parameters
    ----------
    alpha : float
        Strength, not negative.

    weighting : float or ndarray of the shape of the weights, default=1.0
        :math:`\omega`, what the strength is multiplied by, not negative. Where it is 0
        there is no penalty.

    References
    ----------
    .. [1] Tibshirani, "Regression shrinkage and selection via the lasso",
       JRSS B 58 (1996).
    .. [2] Yun, Lozano and Yang, "Adaptive proximal gradient methods for
       structured neural networks", NeurIPS 2021: elementwise step sizes.
    .. [3] Zou, "The adaptive lasso and its oracle properties", JASA 101 (2006).
    """

    is_elementwise = True
    makes_zeros = True
    splits = True

    def __init__(self, alpha, weighting=1.0):
        self.alpha = alpha
        self.weighting = weighting
        self._threshold, self._clipped = Buffer(), Buffer()

    @property
    def strengths(self):
        r""":math:`\alpha \omega`, a float or an ndarray of the shape of the weights."""
        return self.alpha * self.weighting

    def within(self, part):
        """Return the same for a slice of the flat weights."""
        return L1(self.alpha, _within(self.weighting, part))

    def value(self, w):
        """Return the penalty of ``w`` as a float."""
        return self.alpha * float(np.sum(self.weighting * np.abs(w)))

    def prox(self, w, step):
        """Soft-threshold in place.

        Parameters
        ----------
        w : contiguous ndarray
            Weights after the gradient step.

        step : float or ndarray of the shape of ``w``
            Step size of the gradient step.
        """
        w = w.reshape(-1)
        for block in cache_blocks(0, len(w), w.itemsize):
            strength = self.alpha * _within(self.weighting, block)
            self._soft_threshold(w[block], _within(step, block), strength)

    def _soft_threshold(self, w, step, strength):
        # w - clip(w, -t, t) is zero exactly, not nearly, where |w| <= t.
        threshold = self._threshold.take(w.shape, w.dtype)
        clipped = self._clipped.take(w.shape, w.dtype)
        np.multiply(step, strength, out=threshold)
        np.minimum(w, threshold, out=clipped)
        np.negative(threshold, out=threshold)
        np.maximum(clipped, threshold, out=clipped)
        w -= clipped

    def min_norm_subgradient(self, w, grad):
        r"""Return the smallest element of ``grad`` plus the subdifferential.

        The subdifferential is :math:`\alpha \omega_j \operatorname{sign}(w_j)` at a nonzero
        weight and the interval :math:`[-\alpha \omega_j, \alpha \omega_j]` at zero.
        """
        return np.where(
            w == 0,
            grad - np.clip(grad, -self.strengths, self.strengths),
            grad + self.strengths * np.sign(w),
        )

    def slack(self, w, grad):
        r"""Return :math:`\alpha \omega_j - |g_j|` where weights are held at zero."""
        is_held = (w == 0) & (np.asarray(self.weighting) > 0)
        return np.where(is_held, self.strengths - np.abs(grad), np.nan)

    def alpha_max(self, grad):
        """Return the smallest strength at which all that are penalised may be zero.

        Parameters
        ----------
        grad : ndarray
            Gradient of the smooth part where these are zero.
        """
        return _largest_ratio(np.abs(grad), np.broadcast_to(self.weighting, grad.shape))


class GroupLasso(Penalty):
    r"""Group lasso over rows, :math:`\alpha \sum_g \sqrt{|g|} \, \|W_g\|_F`.

    :math:`W_g` are the rows of group :math:`g`, of which there are :math:`|g|`. On
    the first weight matrix a row holds all that leaves one input feature, so a
    group of zero rows takes its features out of the network together. The
    factor :math:`\sqrt{|g|}` makes groups of different sizes comparable. Where rows
    have weights :math:`\omega`, these are counted as :math:`|g| = \sum_{j \in g} \omega_j^2`:
    a row alone is penalised :math:`\omega_j` times as much, and one of weight 0 is not.

    The proximal operator shrinks whole groups,
    :math:`W_g \max(1 - \alpha \sqrt{|g|} \cdot \text{step} / \|W_g\|_F, 0)`. It has
    this form only where all weights of a group took a step of the same size:
    hence `needs_one_step`.

    Parameters
    ----------
    alpha : float
        Strength, not negative.

    group_of_row : ndarray of int of shape (n_rows,), default=None
        Number of the group that each row belongs to, from 0. None: every row is
        a group of its own.

    group_sizes : ndarray of shape (n_groups,), default=None
        :math:`|g|`, where rows have weights, or groups have lost rows that were zero.
        None: the rows are counted.

    References
    ----------
    .. [1] Yuan and Lin, "Model selection and estimation in regression with
       grouped variables", JRSS B 68 (2006).
    .. [2] Feng and Simon, "Sparse-input neural networks for high-dimensional
       nonparametric regression and classification", 2017, arXiv:1711.07592.
    """

    order = 1
    needs_one_step = True
    makes_zeros = True

    def __init__(self, alpha, group_of_row=None, group_sizes=None):
        self.alpha = alpha
        self.group_of_row = group_of_row
        if group_sizes is None:
            group_sizes = 1.0 if group_of_row is None else np.bincount(group_of_row)
        self._weight = np.sqrt(group_sizes)

    def norms(self, w):
        """Return the norm of every group, an array of shape (n_groups,)."""
        squares = np.einsum("ij,ij->i", w, w)
        if self.group_of_row is not None:
            squares = np.bincount(self.group_of_row, squares, minlength=len(self._weight))
        return np.sqrt(squares)

    def value(self, w):
        """Return the penalty of ``w`` as a float."""
        return self.alpha * float(np.sum(self._weight * self.norms(w)))

    def prox(self, w, step):
        """Shrink groups in place.

        Parameters
        ----------
        w : ndarray of shape (n_rows, n_columns)
            Weights after the gradient step.

        step : float
            Step size of the gradient step.
        """
        w *= self._shrinkage(w, self.alpha * step)

    def min_norm_subgradient(self, w, grad):
        r"""Return the smallest element of ``grad`` plus the subdifferential.

        The subdifferential is :math:`\alpha \sqrt{|g|} W_g / \|W_g\|_F` at a nonzero
        group, and the ball of radius :math:`\alpha \sqrt{|g|}` at a zero group.
        """
        norms = self.norms(w)
        pull = self.alpha * self._weight / np.where(norms > 0, norms, 1)
        return np.where(
            self._by_row(norms) > 0,
            grad + self._by_row(pull) * w,
            grad * self._shrinkage(grad, self.alpha),
        )

    def slack(self, w, grad):
        r"""Return :math:`\alpha \sqrt{|g|} - \|g_g\|_F` for weights of groups held at zero."""
        left = self.alpha * self._weight - self.norms(grad)
        by_group = np.where((self.norms(w) == 0) & (self._weight > 0), left, np.nan)
        return np.broadcast_to(self._by_row(by_group), w.shape)

    def alpha_max(self, grad):
        """Return the smallest strength at which all that are penalised may be zero.

        Parameters
        ----------
        grad : ndarray of shape (n_rows, n_columns)
            Gradient of the smooth part where these are zero.
        """
        norms = self.norms(grad)
        return _largest_ratio(norms, np.broadcast_to(self._weight, norms.shape))

    def _shrinkage(self, w, threshold):
        """Return what the rows are multiplied by when their groups are shrunk."""
        norms = self.norms(w)
        left = np.maximum(norms - threshold * self._weight, 0)
        return self._by_row(np.divide(left, norms, out=left, where=norms > 0)).astype(w.dtype)

    def _by_row(self, values):
        """Give every row the value of its group, as a column."""
        if self.group_of_row is not None:
            values = values[self.group_of_row]
        return values[:, np.newaxis]


class MaxNorm(Penalty):
    r"""A bound on norms, :math:`\|W_{\cdot k}\|_2 \le c` for every column.

    Column :math:`k` holds the weights that enter unit :math:`k`. As a penalty it is
    0 inside and infinite outside; its proximal operator is the projection, which
    leaves columns within the bound alone and scales others down to it.

    Parameters
    ----------
    max_norm : float
        The bound :math:`c`, positive.

    References
    ----------
    .. [1] Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout:
       a simple way to prevent neural networks from overfitting", JMLR 15 (2014),
       section 5.1.
    """

    order = 2
    needs_step = False
    is_certified = False

    def __init__(self, max_norm):
        self.max_norm = max_norm

    def norms(self, w):
        """Return the norm of every column, an array of shape (n_columns,)."""
        return np.sqrt(np.einsum("ij,ij->j", w, w))

    def value(self, w):
        """Return 0: the weights are within the bound."""
        return 0.0

    def prox(self, w, step):
        """Project every column in place, whatever the step size."""
        w *= (self.max_norm / np.maximum(self.norms(w), self.max_norm)).astype(w.dtype)

    def min_norm_subgradient(self, w, grad):
        r"""Return the smallest element of ``grad`` plus the normal cone.

        The cone is 0 within the bound and :math:`\{\mu W_{\cdot k}, \mu \ge 0\}` on it.
        """
        # A projected column is on the bound up to rounding.
        is_bound = self.norms(w) >= self.max_norm * (1 - 1e-6)
        outwards = np.maximum(-np.sum(w * grad, axis=0), 0)
        return grad + np.where(is_bound, outwards / self.max_norm**2, 0) * w


class L2(Penalty):
    r"""Half the squared l2 norm, :math:`\frac{\alpha}{2} \sum_j w_j^2`.

    Parameters
    ----------
    alpha : float
        Strength, not negative.
    """

    is_smooth = True
    is_elementwise = True

    def __init__(self, alpha):
        self.alpha = alpha

    def strength(self, total_weight):
        """Return what half the squares are multiplied by in a minibatch of that weight."""
        return self.alpha

    def value(self, w, total_weight=1.0):
        """Return the penalty of ``w`` as a float."""
        return 0.5 * self.strength(total_weight) * float(np.vdot(w, w))

    def add_gradient(self, w, out, total_weight=1.0):
        """Add the gradient to ``out``, in place; return the penalty of ``w``.

        Parameters
        ----------
        w, out : contiguous ndarray of the same shape

        total_weight : float, default=1.0
            Of the minibatch.
        """
        w, strength = w.reshape(-1), self.strength(total_weight)
        axpy(strength, w, out.reshape(-1))
        return 0.5 * strength * float(w.dot(w))

    def min_norm_subgradient(self, w, grad):
        """Return the gradient of the sum of the smooth part and the penalty."""
        return grad + self.strength(1.0) * w


class L2PerSample(L2):
    r"""Half the squared l2 norm as in scikit-learn, :math:`\frac{\alpha}{2 S} \sum_j w_j^2`.

    It is divided by the total weight :math:`S` of the minibatch.

    Parameters
    ----------
    alpha : float
        Strength, not negative.
    """

    def strength(self, total_weight):
        return self.alpha / total_weight


def _within(values, part):
    """Return values of a slice of the flat weights, or one number for all of them."""
    return values if np.ndim(values) == 0 else values.reshape(-1)[part]


def _largest_ratio(pulls, weights):
    """Return the largest ratio of what has weight; 0, where nothing has."""
    has_weight = weights > 0
    return float(np.max(pulls[has_weight] / weights[has_weight], initial=0.0))
