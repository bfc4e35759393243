"""Numerical oracles: gradients, proximal operators, logistic regression with an L1 penalty."""

from inspect import signature

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression


def elastic_net_logistic_regression(l1, l2, n_samples, **settings):
    """Return scikit-learn's model for strengths ``l1`` and ``l2`` of ours, not yet fitted."""
    # Before scikit-learn 1.8 `l1_ratio` is only read where the penalty is named.
    if signature(LogisticRegression).parameters["penalty"].default == "l2":
        settings["penalty"] = "elasticnet"
    return LogisticRegression(
        C=1 / ((l1 + l2) * n_samples), l1_ratio=l1 / (l1 + l2), solver="saga", **settings
    )


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


def brute_force_prox(penalty, w, step, tied):
    """Minimise the definition of the proximal operator numerically.

    ``tied`` numbers the coordinates, those that the penalty ties together alike:
    they can be searched on their own, with the others at zero. Since penalties
    have kinks at zero, which no search hits, zero is tried as well.
    """
    flat, steps = w.ravel(), np.broadcast_to(step, w.shape).ravel()
    minimiser = np.zeros_like(flat)
    for number in np.unique(tied):
        part = tied == number

        def definition(z, part=part):
            point = np.zeros_like(flat)
            point[part] = z
            distance = np.sum((z - flat[part]) ** 2 / steps[part]) / 2
            return distance + penalty.value(point.reshape(w.shape))

        found = minimize(
            definition,
            flat[part],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 20_000, "adaptive": True},
        ).x
        minimiser[part] = min(found, np.zeros_like(found), key=definition)
    return minimiser.reshape(w.shape)
