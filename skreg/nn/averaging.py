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
"""

import numpy as np
from scipy.linalg import block_diag


def average(networks):
    """Return one network whose raw output is the mean of those of several.

    Parameters
    ----------
    networks : list of (weights, biases)
        With the same features, outputs and number of layers; weights are ndarrays of
        shape (n_in, n_out), biases of shape (n_out,).

    Returns
    -------
    weights : list of ndarray of shape (n_in, n_out)
        Hidden layers have the units of all networks, in their order.

    biases : list of ndarray of shape (n_out,)
    """
    # One entry a layer, with the parts of all networks.
    weights, biases = (list(zip(*parts, strict=True)) for parts in zip(*networks, strict=True))
    last_bias = np.mean(biases[-1], axis=0)
    if len(weights) == 1:
        return [np.mean(weights[0], axis=0)], [last_bias]
    return (
        [
            np.hstack(weights[0]),
            *(block_diag(*blocks) for blocks in weights[1:-1]),
            np.vstack(weights[-1]) / len(networks),
        ],
        [*(np.concatenate(parts) for parts in biases[:-1]), last_bias],
    )
