r"""The model that reads nothing: all weights are zero, biases are at their optimum.

From the gradient there follows in closed form how strong a penalty has to be for a
linear model to become that one: see ``alpha_max`` in `skreg.nn.penalties`.
"""

import numpy as np
from scipy.optimize import minimize


def null_gradient(loss, data, n_outputs):
    r"""Return the gradient of the loss at zero weights, for a network without hidden layers.

    With :math:`b^* = \arg\min_b \sum_i s_i \ell(y_i, b) / \sum_i s_i` it is, in the weights,

    .. math::

        G = X^T \nabla_f L(1 b^{*T}).

    Smooth penalties add nothing at zero. The loss must be smooth: at a kink, :math:`b^*` is
    where L-BFGS ends.

    Parameters
    ----------
    loss : object
        One of `skreg.nn.losses`.

    data : Data

    n_outputs : int

    Returns
    -------
    gradient : ndarray of shape (n_features, n_outputs)
    """
    raw = np.empty((data.n_samples, n_outputs), data.X.dtype)
    delta = np.empty_like(raw)

    def evaluate(bias):
        raw[...] = bias
        value = loss.value_and_gradient(data.y, raw, delta, data.sample_weight)
        return value, delta.sum(axis=0, dtype=np.float64)

    # Until the line search finds nothing lower.
    exact = {"ftol": 0.0, "gtol": 0.0}
    best = minimize(evaluate, np.zeros(n_outputs), jac=True, method="L-BFGS-B", options=exact)
    evaluate(best.x)
    return data.X.T @ delta
