r"""Several multilayer perceptrons side by side, as one that puts out their mean.

With :math:`K` networks of the same depth and the same activations, whose layers have
weights :math:`W_l^k` and biases :math:`b_l^k`, it has

.. math::
    W_1 = (W_1^1, \dots, W_1^K), \quad
    W_l = \operatorname{diag}(W_l^1, \dots, W_l^K), \quad
    W_L = \tfrac{1}{K} \begin{pmatrix} W_L^1 \\ \vdots \\ W_L^K \end{pmatrix}, \quad
    b_l = (b_l^1, \dots, b_l^K), \quad
    b_L = \tfrac{1}{K} \sum_k b_L^k.

Without hidden layers the mean of functions is that of the weights.

Networks whose outputs :math:`r` stand for :math:`a r + b`, each with other :math:`a` and
:math:`b`, are brought to common ones first.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from skreg.nn.arrays import to_dense
from skreg.nn.block_diagonal import BlockDiagonal, blocks_of
from skreg.nn.links import Scaling


class Members(NamedTuple):
    """Which part of an average is whose.

    Attributes
    ----------
    sizes : list of tuple of int
        Hidden units of each network, from the lowest layer on.

    deviations : ndarray of shape (n_networks, n_features, n_outputs), default=None
        Of networks without hidden layers, which the mean of weights has no place for: how
        much more than its share of the mean the share of each network is. They add up to
        zero.
    """

    sizes: list
    deviations: np.ndarray | None = None

    @property
    def are_lost(self):
        """Whether there are several, which cannot be told apart in their mean."""
        return len(self.sizes) > 1 and not self.sizes[0] and self.deviations is None

    def split(self, weights, biases):
        """Return networks whose raw outputs add up to that of the average.

        Parameters
        ----------
        weights : list of ndarray, sparse matrix or BlockDiagonal of shape (n_in, n_out)

        biases : list of ndarray of shape (n_out,)

        Returns
        -------
        networks : list of (weights, biases)
            The average alone, if its weights are no longer those of its members.
        """
        if self.sizes[0]:
            return self._split_units(weights, biases)
        if np.shape(self.deviations)[1:] != weights[0].shape:
            return [(weights, biases)]
        share = to_dense(weights[0]) / len(self.sizes)
        firsts = [(share + own).astype(share.dtype) for own in self.deviations]
        return [
            ([first], [last])
            for first, last in zip(firsts, self._last_biases(biases), strict=True)
        ]

    def select(self, features):
        """Return the members of an average without hidden layers that reads some features."""
        if self.deviations is None:
            return self
        return self._replace(deviations=self.deviations[:, features])

    def _split_units(self, weights, biases):
        n_units = [sum(layer) for layer in zip(*self.sizes, strict=True)]
        inner = [blocks_of(weight) for weight in weights[1:-1]]
        is_whole = any(len(blocks) != len(self.sizes) for blocks in inner)
        if is_whole or n_units != [len(bias) for bias in biases[:-1]]:
            return [(weights, biases)]
        ends = accumulate(self.sizes, np.add)
        networks = []
        for k, (end, last) in enumerate(zip(ends, self._last_biases(biases), strict=True)):
            units = [slice(stop - n, stop) for stop, n in zip(end, self.sizes[k], strict=True)]
            own_weights = [
                weights[0][:, units[0]],
                *(blocks[k] for blocks in inner),
                weights[-1][units[-1]],
            ]
            hidden = [bias[own] for bias, own in zip(biases[:-1], units, strict=True)]
            networks.append((own_weights, [*hidden, last]))
        return networks

    def _last_biases(self, biases):
        """Return biases that add up to those of the output: the first network has them."""
        return [biases[-1]] + [np.zeros_like(biases[-1])] * (len(self.sizes) - 1)


class Average(NamedTuple):
    """A network that is several.

    Attributes
    ----------
    weights : list of ndarray or BlockDiagonal of shape (n_in, n_out)
        Hidden layers have the units of all networks, in their order.

    biases : list of ndarray of shape (n_out,)

    members : Members or None
        None: it is one.
    """

    weights: list
    biases: list
    members: Members | None

    def split(self):
        """Return networks whose raw outputs add up to that of this one, by `Members.split`."""
        if self.members is None:
            return [(self.weights, self.biases)]
        return self.members.split(self.weights, self.biases)


def average(networks, with_own=False):
    """Return one network whose raw output is the mean of those of several.

    Parameters
    ----------
    networks : list of (weights, biases)
        With the same features, outputs and number of layers; weights are ndarrays of
        shape (n_in, n_out), biases of shape (n_out,).

    with_own : bool, default=False
        Whether to remember what the weights of each are where the average has but their
        mean, so that dropout can draw from each.

    Returns
    -------
    average : Average
        With memory of its own.
    """
    n_networks = len(networks)
    if len(networks[0][0]) > 1:
        return add(
            [
                (
                    [*weights[:-1], weights[-1] / n_networks],
                    [*biases[:-1], biases[-1] / n_networks],
                )
                for weights, biases in networks
            ]
        )
    own = np.array([weight for (weight,), _ in networks])
    mean = own.mean(axis=0)
    deviations = (own - mean) / n_networks if with_own else None
    bias = np.mean([bias for _, (bias,) in networks], axis=0)
    return Average([mean], [bias], Members([()] * n_networks, deviations))


def add(networks):
    """Return one network whose raw output is the sum of those of several.

    Parameters
    ----------
    networks : list of (weights, biases)
        As in `average`, with hidden layers.

    Returns
    -------
    sum : Average
        With memory of its own.
    """
    # One entry a layer, with the parts of all networks.
    weights, biases = (list(zip(*parts, strict=True)) for parts in zip(*networks, strict=True))
    sizes = [tuple(len(bias) for bias in own[:-1]) for _, own in networks]
    return Average(
        [np.hstack(weights[0]), *map(_diagonal, weights[1:-1]), np.vstack(weights[-1])],
        [*(np.concatenate(parts) for parts in biases[:-1]), np.sum(biases[-1], axis=0)],
        Members(sizes),
    )


def _diagonal(blocks):
    copies = [block.copy() for block in blocks]
    return BlockDiagonal(copies) if len(copies) > 1 else copies[0]


def mean_scaling(scalings):
    """Return the mean of a list of `Scaling`, factors and shifts alike."""
    return Scaling(*(np.mean(parts, axis=0) for parts in zip(*scalings, strict=True)))


def rescaled(weights, biases, scaling, common):
    r"""Return a network whose outputs stand for the same, on another scale.

    With factor :math:`a` and shift :math:`b` of the one scale, and :math:`a', b'` of the
    other, it has

    .. math:: W_L' = W_L \operatorname{diag}(a / a'), \quad b_L' = (a \, b_L + b - b') / a'.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)

    biases : list of ndarray of shape (n_out,)

    scaling : Scaling
        What the outputs of the network stand for.

    common : Scaling
        What those of the other are to stand for.

    Returns
    -------
    weights, biases : list of ndarray
    """
    dtype = biases[-1].dtype
    factor = (scaling.factor / common.factor).astype(dtype)
    shift = ((scaling.shift - common.shift) / common.factor).astype(dtype)
    return [*weights[:-1], weights[-1] * factor], [*biases[:-1], biases[-1] * factor + shift]
