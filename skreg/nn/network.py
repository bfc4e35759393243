"""Layers in series."""

from itertools import islice

import numpy as np

from skreg.nn.arrays import row_blocks
from skreg.nn.parameters import bind

# Values of a row block in prediction, 1 MB: the memory of twice as many is slow to get.
_MOST_VALUES = 2**17
# All weights are read for each block of rows: with fewer, that takes longer than the product.
_FEW_ROWS = 32


class Network:
    """Layers in series.

    The output is in link space: the inverse link belongs to the loss. A network owns the
    memory that its layers write to, so every thread needs a network of its own; the
    weights may be shared.

    Parameters
    ----------
    layers : sequence of Layer
        Not those of another network: they are bound to the arrays of this one.

    weights : list of ndarray of shape (n_in, n_out)
        Those that the layers declare, in their order.

    biases : list of ndarray of shape (n,)
        Likewise.

    grads : Parameters, default=None
        Where `backward` writes; None for a network that only predicts.

    Attributes
    ----------
    n_outputs : int

    widest : int
        Values that a row makes in the largest array of the layers, the input left aside.
    """

    def __init__(self, layers, weights, biases, grads=None):
        self.layers = layers
        self.n_outputs = _n_out(layers)
        self.widest = max([layer.widest or layer.n_out for layer in layers])
        self._dtype = weights[0].dtype
        bind(layers, weights, biases)
        if grads is not None:
            bind(layers, grads.weights, grads.biases, "_grad")
            # Below the first layer with parameters there is nothing to train.
            self._lowest = next(layer for layer in layers if layer.blocks)
            self._downwards = layers[: layers.index(self._lowest) : -1]

    def forward(self, x, rng=None):
        """Return the raw output for the rows of ``x``.

        Parameters
        ----------
        x : ndarray or CSR matrix of shape (n_rows, n_features)

        rng : numpy.random.Generator, default=None
            Draws the masks of dropout; None: inference.

        Returns
        -------
        raw : ndarray of shape (n_rows, n_outputs)
            Valid until the next call.
        """
        for layer in self.layers:
            x = layer.forward(x, rng)
        return x

    def backward(self, delta):
        """Store the gradient of all parameters, for the last `forward`.

        Parameters
        ----------
        delta : ndarray of shape (n_rows, n_outputs)
            Gradient with respect to the raw output; overwritten.
        """
        for layer in self._downwards:
            layer.param_gradient(delta)
            delta = layer.input_gradient(delta)
        self._lowest.param_gradient(delta)

    def predict(self, X, columns=None):
        """Return the raw output for any number of rows, block by block.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_columns)
            Converted to the dtype of the weights, a block at a time.

        columns : ndarray of int, default=None
            Those that are the features of the network. None: all of them.

        Returns
        -------
        raw : ndarray of shape (n_samples, n_outputs)
        """
        raw = np.empty((X.shape[0], self.n_outputs), self._dtype)
        for rows, x in self._blocks(X, columns):
            raw[rows] = self.forward(x)
        return raw

    def hidden_outputs(self, X, which, columns=None):
        """Return what hidden layers put out, side by side, block by block.

        What enters a layer with weights, above the first, is the output of a hidden layer.
        Layers above the last of ``which`` are not computed.

        Parameters
        ----------
        X : ndarray or CSR matrix of shape (n_samples, n_columns)
            As in `predict`.

        which : slice
            Neighbouring hidden layers, the lowest is number 0.

        columns : ndarray of int, default=None
            As in `predict`.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_units)
            In inference.
        """
        places = self._hidden_places()
        n_units = sum(_n_out(self.layers[:place]) for place in places[which])
        outputs = np.empty((X.shape[0], n_units), self._dtype)
        for rows, x in self._blocks(X, columns):
            parts = list(islice(self._hidden_outputs_of(x), which.start, which.stop))
            np.concatenate(parts, axis=1, out=outputs[rows])
        return outputs

    def _hidden_places(self):
        """Return the numbers of the layers that read a hidden layer."""
        return [place for place, layer in enumerate(self.layers) if _has_weights(layer)][1:]

    def _hidden_outputs_of(self, x):
        """Yield the output of every hidden layer for the rows of ``x``, from the lowest on."""
        places = self._hidden_places()
        for place, layer in enumerate(self.layers):
            if place in places:
                yield x
            x = layer.forward(x)

    def _blocks(self, X, columns):
        """Yield slices of rows with these rows of ``X``, in the dtype of the weights."""
        for rows in row_blocks(X.shape[0], self.widest, _MOST_VALUES, _FEW_ROWS):
            x = X[rows] if columns is None else X[rows][:, columns]
            yield rows, x.astype(self._dtype, copy=False)


def _n_out(layers):
    """Return how many values of a row leave the last of the layers."""
    return [layer.n_out for layer in layers if layer.n_out][-1]


def _has_weights(layer):
    return any(block.is_weight for block in layer.blocks)
