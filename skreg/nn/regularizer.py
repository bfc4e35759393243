"""Which penalty where, and in which order.

Penalties know their mathematics; what rows and columns of weight matrices stand for is
told here. `by_weight`, `by_unit`, `by_feature` and `by_weight_and_feature` give a penalty its
places, and the `Regularizer` applies all of them, whole or block by block.
"""

import sys
from typing import NamedTuple

import numpy as np

from skreg.nn.penalties import L2, Penalty

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
        """Return the part of it that lies in a block of the vector, flat."""
        start = max(self.where.start, block.start)
        stop = max(start, min(self.where.stop, block.stop))
        return Place(slice(start, stop), (stop - start,))


class Term(NamedTuple):
    """A penalty, and where it applies."""

    penalty: Penalty
    place: Place

    def within(self, block):
        """Return the part of an elementwise one that lies in a block of the vector."""
        place, start = self.place.within(block), self.place.where.start
        part = slice(place.where.start - start, place.where.stop - start)
        return Term(self.penalty.within(part), place)


class Rows(NamedTuple):
    """What is said of the rows of the first weight matrix, each of which is a feature.

    Attributes
    ----------
    weights : ndarray of shape (n_rows,) or None
        What the strength of their penalty is multiplied by.

    group_of_row, group_sizes : ndarray or None
        As in `GroupLasso`; the sizes take account of the weights.
    """

    weights: np.ndarray | None = None
    group_of_row: np.ndarray | None = None
    group_sizes: np.ndarray | None = None


ALL_ALIKE = Rows()
"""Rows of the weight 1, each alone."""


def by_weight(penalty, strengths, params, rows=ALL_ALIKE):
    """Place penalties that look at every weight alone.

    Parameters
    ----------
    penalty : callable
        Takes a strength, returns a `Penalty`.

    strengths : float or sequence of float
        One for all weight matrices, or one for each; where it is 0 there is no penalty.

    params : Parameters
        Their layout is what counts.

    rows : Rows, default=ALL_ALIKE
        Not looked at.

    Returns
    -------
    terms : list of Term
    """
    places = _matrices(params)
    if np.ndim(strengths) == 0:
        # One flat place for all matrices, since weights lie side by side.
        n_weights = params.weight_slices[-1].stop
        strengths, places = [strengths], [Place(slice(0, n_weights), (n_weights,))]
    return [
        Term(penalty(float(strength)), place)
        for strength, place in zip(strengths, places, strict=True)
        if strength
    ]


def by_weight_and_feature(penalty, strengths, params, rows=ALL_ALIKE):
    """Place some that look at every weight alone, and are told of the weights of features.

    Parameters and what is returned are those of `by_weight`.
    """
    if rows.weights is None:
        return by_weight(penalty, strengths, params)
    places = _matrices(params)
    of_features = np.broadcast_to(rows.weights[:, np.newaxis], places[0].shape)
    weightings = [of_features.astype(params.vector.dtype), *[1.0] * (len(places) - 1)]
    strengths = np.broadcast_to(strengths, len(places))
    return [
        Term(penalty(float(strength), weighting), place)
        for strength, weighting, place in zip(strengths, weightings, places, strict=True)
        if strength
    ]


def by_unit(penalty, strength, params, rows=ALL_ALIKE):
    """Place one that looks at columns: each holds what enters a unit, in every layer.

    Parameters and what is returned are those of `by_weight`, for one strength.
    """
    return [Term(penalty(float(strength)), matrix) for matrix in _matrices(params)]


def by_feature(penalty, strength, params, rows=ALL_ALIKE):
    """Place one that looks at rows of the first matrix: each holds what leaves a feature.

    Parameters and what is returned are those of `by_weight`, for one strength. The penalty
    is told which rows belong together, and how large their groups are.
    """
    groups = rows.group_of_row, rows.group_sizes
    return [Term(penalty(float(strength), *groups), _matrices(params)[0])]


def _matrices(params):
    """Return the place of every weight matrix."""
    shapes = [weight.shape for weight in params.weights]
    return list(map(Place, params.weight_slices, shapes))


class Regularizer:
    """The penalties of a network.

    They apply to all parameters at once, or block by block in an order that takes every
    place from its beginning to its end. Of elementwise penalties a block has its part.
    Others look at their whole place: the smooth ones with the block that it begins in, while
    no step has been taken there, the proximal ones with that which it ends in.

    Parameters
    ----------
    terms : sequence of Term

    Attributes
    ----------
    is_sparse : bool
        Whether there are penalties that make zeros.

    one_step : list of slice
        Parameters that must take steps of one size.
    """

    def __init__(self, terms):
        # A network that has lost all features has a matrix of no rows.
        terms = [term for term in terms if term.place.where.start < term.place.where.stop]
        self._smooth = [term for term in terms if term.penalty.is_smooth]
        proximal = [term for term in terms if not term.penalty.is_smooth]
        self._proximal = sorted(proximal, key=lambda term: term.penalty.order)
        self.is_sparse = any(penalty.makes_zeros for penalty, _ in self._proximal)
        self.one_step = []
        for penalty, place in self._proximal:
            if penalty.needs_one_step and place.where not in self.one_step:
                self.one_step.append(place.where)
        self.one_step.sort(key=lambda where: where.start)

    def smooth_in(self, block):
        """Return what a block of the parameters has of the smooth penalties, as terms."""
        return _cut(self._smooth, block, lambda where: where.start)

    def proximal_in(self, block):
        """Return what a block has of the proximal penalties, in their order."""
        return _cut(self._proximal, block, lambda where: where.stop - 1)

    def smooth_value(self, theta, total_weight):
        """Return the value of the smooth penalties for a minibatch of that weight."""
        return sum(
            penalty.value(place.of(theta), total_weight) for penalty, place in self._smooth
        )

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

    def split_strengths(self, theta):
        """Return the strength of the penalties that split, an array like ``theta``."""
        strengths = np.zeros_like(theta)
        for penalty, place in self._proximal:
            if penalty.splits:
                there = place.of(strengths)
                there += penalty.strengths
        return strengths

    def l2_strength(self, where, total_weight):
        """Return the strength of the l2 penalty of a slice of the parameters, a float."""
        return sum(
            penalty.strength(total_weight)
            for penalty, place in self._smooth
            if isinstance(penalty, L2) and place.where.start <= where.start < place.where.stop
        )


def _cut(terms, block, position):
    """Return what a block has of each term: a part, or the whole at its position."""
    parts = []
    for term in terms:
        part = term.within(block) if term.penalty.is_elementwise else term
        where = part.place.where
        if block.start <= position(where) < block.stop and where.start < where.stop:
            parts.append(part)
    return parts
