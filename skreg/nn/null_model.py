r"""The model that is left where a penalty has taken everything that it can.

Weights that are penalised are zero; the others, and the biases, are at their optimum.

From the gradient there follows in closed form how strong a penalty has to be for a
linear model to become that one: see ``alpha_max`` in `skreg.nn.penalties`. Its biases are
also where the output of a network may begin.
"""

import numpy as np
from scipy.optimize import minimize

_NONE = np.zeros(0, int)


def null_gradient(loss, data, n_outputs, free=_NONE, l2=0.0):
    r"""Return the gradient of the loss at zero weights, for a network without hidden layers.

    With the columns :math:`X_f` whose weights are free, and

    .. math::

        V^*, b^* = \arg\min_{V, b} L(X_f V + 1 b^T) + \tfrac{\lambda_2}{2} \|V\|_F^2

    it is, in the weights of all columns,

    .. math::

        G = X^T \nabla_f L(X_f V^* + 1 b^{*T}).

    Smooth penalties add nothing where weights are zero. The loss must be smooth: at a kink,
    :math:`b^*` is where L-BFGS ends.

    Parameters
    ----------
    loss : object
        One of `skreg.nn.losses`.

    data : Data

    n_outputs : int

    free : ndarray of int, default=none
        Columns whose weights are not zero.

    l2 : float, default=0.0
        :math:`\lambda_2`, the strength of the l2 penalty on these.

    Returns
    -------
    gradient : ndarray of shape (n_features, n_outputs)
    """
    _, delta = _null_model(loss, data, n_outputs, free, l2)
    return data.X.T @ delta


def null_loss(loss, data, n_outputs):
    """Return the loss of the network that reads nothing, at the best biases.

    Parameters
    ----------
    loss : object
        One of `skreg.nn.losses`.

    data : Data

    n_outputs : int

    Returns
    -------
    value : float
    """
    value, _ = _null_model(loss, data, n_outputs, _NONE, 0.0)
    return value


def _null_model(loss, data, n_outputs, free, l2):
    """Return the least value, and the gradient of the loss in the raw output there."""
    X_free = data.X[:, free]
    raw = np.empty((data.n_samples, n_outputs), data.X.dtype)
    delta = np.empty_like(raw)

    def evaluate(theta):
        bias, *weights = theta.reshape(-1, n_outputs)
        V = np.reshape(weights, (len(free), n_outputs))
        raw[...] = bias
        raw[...] += X_free @ V.astype(raw.dtype)
        value = loss.value_and_gradient(data.y, raw, delta, data.sample_weight)
        in_bias = delta.sum(axis=0, dtype=np.float64)
        in_weights = X_free.T @ delta + l2 * V
        return value + l2 / 2 * np.sum(V**2), np.concatenate([in_bias, in_weights.ravel()])

    # Until the line search finds nothing lower.
    exact = {"ftol": 0.0, "gtol": 0.0}
    theta = np.zeros((1 + len(free)) * n_outputs)
    best = minimize(evaluate, theta, jac=True, method="L-BFGS-B", options=exact)
    value, _ = evaluate(best.x)
    return float(value), delta


def begin_at_constant(params, loss, data):
    """Set the output biases to those of the model that reads nothing.

    Parameters
    ----------
    params : Parameters
        Of a network that is yet to be trained. A loss without a ``constant`` leaves them as
        they are.

    loss : object
        One of `skreg.nn.losses`.

    data : Data
        What is trained on.
    """
    constant = loss.constant(data.y, data.sample_weight)
    if constant is not None:
        params.biases[-1][...] = constant
