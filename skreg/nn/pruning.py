"""A smaller multilayer perceptron that computes the same."""

import numpy as np

from skreg.nn.activations import ACTIVATIONS, for_each_layer


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


def _activate(values, name):
    activate = ACTIVATIONS[name]
    return activate().forward(values[np.newaxis])[0] if activate else values
