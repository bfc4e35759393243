"""The multilayer perceptron, as layers of the engine."""

from itertools import pairwise

from skreg.nn.activations import ACTIVATIONS, for_each_layer
from skreg.nn.initializers import BOUNDS
from skreg.nn.layers import Dense, Dropout
from skreg.nn.network import Network


def dense(units, activation="relu", dropout=(), input_dropout=0.0):
    """Return the layers of a multilayer perceptron, unbound.

    ``Dropout -> Dense -> activation -> Dropout -> ... -> Dense``.

    Parameters
    ----------
    units : sequence of int
        Sizes of input, hidden and output layers.

    activation : str or sequence of str, default="relu"
        Keys of `ACTIVATIONS`: one for all hidden layers, or one for each. Initial numbers
        are bounded by the rule for the activation that follows; the output layer has that
        of the last hidden layer.

    dropout : sequence of float, default=()
        One rate for each hidden layer, or none at all.

    input_dropout : float, default=0.0

    Returns
    -------
    layers : list of Layer
    """
    *hidden, output = pairwise(units)
    names = for_each_layer(activation, len(hidden))
    rates = [*dropout] or [0.0] * len(hidden)
    layers = [Dropout(input_dropout)] if input_dropout else []
    for shape, name, rate in zip(hidden, names, rates, strict=True):
        affine = Dense(*shape, BOUNDS[name](*shape))
        layers.append(affine)
        if ACTIVATIONS[name]:
            layers.append(ACTIVATIONS[name](affine.memory))
        if rate:
            layers.append(Dropout(rate))
    last = (for_each_layer(activation, 1) or ["identity"])[-1]
    layers.append(Dense(*output, BOUNDS[last](*output)))
    return layers


def layer_units(weights, biases):
    """Return the sizes of input, hidden and output layers of a multilayer perceptron."""
    return weights[0].shape[0], *map(len, biases)


def dense_network(
    weights, biases, activation="relu", dropout=(), input_dropout=0.0, grads=None
):
    """Return a multilayer perceptron that reads the given arrays.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        A network that only predicts takes sparse matrices too.

    biases : list of ndarray of shape (n_out,)

    activation, dropout, input_dropout
        As in `dense`.

    grads : Parameters, default=None
        Where `Network.backward` writes; None for a network that only predicts.

    Returns
    -------
    network : Network
    """
    layers = dense(layer_units(weights, biases), activation, dropout, input_dropout)
    return Network(layers, weights, biases, grads)
