"""Numerical oracles for gradients and proximal operators."""

import numpy as np
from scipy.optimize import minimize_scalar


def directional_derivative(function, theta, direction, step=1e-6):
    """Central difference of ``function`` at ``theta`` along ``direction``.

    ``theta`` is changed in place on the way and restored, as an objective reads
    its own vector.
    """
    start = theta.copy()
    theta[...] = start + step * direction
    ahead = function()
    theta[...] = start - step * direction
    behind = function()
    theta[...] = start
    return (ahead - behind) / (2 * step)


def brute_force_prox(penalty, w, step):
    """Minimise the definition of the proximal operator, one coordinate at a time.

    Right for separable penalties only.
    """
    minimisers = []
    for w_j, step_j in zip(w.ravel(), np.broadcast_to(step, w.shape).ravel(), strict=True):

        def definition(z, w_j=w_j, step_j=step_j):
            return (z - w_j) ** 2 / (2 * step_j) + penalty.value(np.array([z]))

        found = minimize_scalar(
            definition, bounds=(-abs(w_j) - 1, abs(w_j) + 1), options={"xatol": 1e-10}
        ).x
        # The penalty has a kink at zero, which a search cannot hit.
        minimisers.append(min([found, 0.0], key=definition))
    return np.reshape(minimisers, w.shape)
