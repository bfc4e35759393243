"""Layers in series."""

from itertools import islice

import numpy as np

from skreg.nn.activations import ACTIVATIONS, for_each_layer
from skreg.nn.arrays import row_blocks
from skreg.nn.layers import Dense, Dropout


class Network:
    """Layers in series: dropout and affine maps with activations between them.

    ``Dropout -> Dense -> activation -> Dropout -> ... -> Dense``. The output is
    in link space: the inverse link belongs to the loss.

    A network owns the memory that its layers write to, so every thread needs a
    network of its own; the weights may be shared.

    Parameters
    ----------
    weights : list of ndarray of shape (n_in, n_out)
        A network that only predicts takes sparse matrices too.

    biases : list of ndarray of shape (n_out,)

    activation : str or sequence of str, default="relu"
        Keys of `ACTIVATIONS`: one for all hidden layers, or one for each.

    dropout : sequence of float, default=()
        One rate for each hidden layer, or none at all.

    input_dropout : float, default=0.0

    grads : Parameters, default=None
        Where `backward` writes; None for a network that only predicts.

    Attributes
    ----------
    n_outputs : int

    widest : int
        Units of the widest layer above the input.
    """

    def __init__(
        self, weights, biases, activation="relu", dropout=(), input_dropout=0.0, grads=None
    ):
        self.n_outputs = len(biases[-1])
        self.widest = max(map(len, biases))
        if grads is None:
            dense = [Dense(*both) for both in zip(weights, biases, strict=True)]
        else:
            everything = zip(weights, biases, grads.weights, grads.biases, strict=True)
            dense = [Dense(*one) for one in everything]
        names = for_each_layer(activation, len(dense) - 1)
        rates = [*dropout] or [0.0] * (len(dense) - 1)
        self.layers = [Dropout(input_dropout)] if input_dropout else []
        for hidden, name, rate in zip(dense[:-1], names, rates, strict=True):
            activate = ACTIVATIONS[name]
            self.layers.append(hidden)
            self.layers += [activate(hidden.memory)] if activate else []
            self.layers += [Dropout(rate)] if rate else []
        self.layers.append(dense[-1])
        # Below the first affine map there is nothing to train.
        self._first_dense = dense[0]
        self._downwards = self.layers[: self.layers.index(dense[0]) : -1]

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
        self._first_dense.param_gradient(delta)

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
        raw = np.empty((X.shape[0], self.n_outputs), self.layers[-1].weight.dtype)
        for rows, x in self._blocks(X, columns):
            raw[rows] = self.forward(x)
        return raw

    def hidden_outputs(self, X, which, columns=None):
        """Return what hidden layers put out, side by side, block by block.

        Layers above the last of them are not computed.

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
            Outputs of the activations, in inference.
        """
        hidden = [layer for layer in self.layers if isinstance(layer, Dense)][:-1]
        n_units = sum(len(layer.bias) for layer in hidden[which])
        outputs = np.empty((X.shape[0], n_units), self.layers[-1].weight.dtype)
        for rows, x in self._blocks(X, columns):
            parts = list(islice(self._hidden_outputs_of(x), which.start, which.stop))
            np.concatenate(parts, axis=1, out=outputs[rows])
        return outputs

    def _hidden_outputs_of(self, x):
        """Yield the output of every hidden layer for the rows of ``x``, from the lowest on."""
        for layer in self.layers:
            # What enters an affine map above the first has left a hidden layer.
            if isinstance(layer, Dense) and layer is not self._first_dense:
                yield x
            x = layer.forward(x)

    def _blocks(self, X, columns):
        """Yield slices of rows with these rows of ``X``, in the dtype of the weights."""
        dtype = self.layers[-1].weight.dtype
        for rows in row_blocks(X.shape[0], self.widest):
            x = X[rows] if columns is None else X[rows][:, columns]
            yield rows, x.astype(dtype, copy=False)
