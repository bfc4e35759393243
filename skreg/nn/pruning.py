"""A smaller multilayer perceptron that computes the same."""

import numpy as np

from skreg.nn.activations import ACTIVATIONS, for_each_layer
from skreg.nn.arrays import to_dense
from skreg.nn.averaging import Average, add


def prune(weights, biases, activation="relu"):
    """Leave out the features and hidden units that make no difference.

    A unit that reads nothing puts out a constant, which moves into the biases of
    the next layer. A unit or feature that nobody reads is dropped. One pass up
    and one pass down find them all: what becomes constant shows from below, what
    becomes unread shows from above. A layer of which nothing would be left keeps
    one unit with weights of zero, so that the depth stays.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        One for each layer, as in `skreg.nn.architecture`.

    biases : list of ndarray of shape (n_out,)

    activation : str or sequence of str, default="relu"
        Keys of `ACTIVATIONS`: one for all hidden layers, or one for each.

    Returns
    -------
    kept_features : ndarray of int
        Which rows of the first weight matrix are left.

    weights : list of ndarray of shape (n_in_left, n_out_left)

    biases : list of ndarray of shape (n_out_left,)
        In memory of their own.
    """
    weights = [weight.copy() for weight in weights]
    biases = [bias.copy() for bias in biases]
    n_hidden = len(weights) - 1
    names = for_each_layer(activation, n_hidden)

    def keep(layer, units):
        units = units if units.any() else np.arange(len(units)) == 0
        weights[layer], biases[layer] = weights[layer][:, units], biases[layer][units]
        weights[layer + 1] = weights[layer + 1][units]

    for layer in range(n_hidden):
        is_constant = ~weights[layer].any(axis=0)
        above = weights[layer + 1]
        biases[layer + 1] += (
            _activate(biases[layer][is_constant], names[layer]) @ above[is_constant]
        )
        above[is_constant] = 0
        keep(layer, ~is_constant)
    for layer in reversed(range(n_hidden)):
        is_read = weights[layer + 1].any(axis=1)
        weights[layer][:, ~is_read] = 0
        keep(layer, is_read)
    kept_features = np.flatnonzero(weights[0].any(axis=1))
    weights[0] = weights[0][kept_features]
    return kept_features, weights, biases


def prune_members(network, activation="relu"):
    """Leave out what makes no difference, in each of the networks of an average.

    Those that put out a constant are left out altogether.

    Parameters
    ----------
    network : Average
        Its weights dense or sparse; without ``members`` it is pruned as one.

    activation : str or sequence of str, default="relu"
        As in `prune`.

    Returns
    -------
    kept_features : ndarray of int
        Which rows of the first weight matrix are left.

    pruned : Average
    """
    weights, biases, members = network
    is_linear = len(weights) == 1
    parts = [(weights, biases)] if is_linear else network.split()
    pruned = [prune([*map(to_dense, part)], own, activation) for part, own in parts]
    if len(parts) > 1:
        return _side_by_side(pruned)
    ((kept_features, weights, biases),) = pruned
    if is_linear and members is not None:
        return kept_features, Average(weights, biases, members.select(kept_features))
    return kept_features, Average(weights, biases, None)


def _side_by_side(pruned):
    """Return features and sum of pruned networks, without those that read nothing."""
    reading = [one for one in pruned if len(one[0])] or pruned[:1]
    kept_features = np.unique(np.concatenate([rows for rows, _, _ in reading]))
    networks = []
    for rows, weights, biases in reading:
        first = np.zeros((len(kept_features), weights[0].shape[1]), weights[0].dtype)
        first[np.searchsorted(kept_features, rows)] = weights[0]
        networks.append(([first, *weights[1:]], biases))
    total = add(networks)
    # What a network that reads nothing puts out is its last bias.
    total.biases[-1][:] = np.sum([biases[-1] for _, _, biases in pruned], axis=0)
    return kept_features, total


def _activate(values, name):
    activate = ACTIVATIONS[name]
    return activate().forward(values[np.newaxis])[0] if activate else values
