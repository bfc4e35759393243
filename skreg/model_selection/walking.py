"""Networks from strength to strength of a penalty."""

import copy

import numpy as np

from skreg.estimators.fitted import inputs_of

# From one strength to the next: fifteen of them to three decades.
_FACTOR = 1.64


def walk(network, penalty, strengths, max_iter, fit):
    """Yield the networks along a path, up to the first with no feature left to take out.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor
        Fitted without the penalty, under ``warm_start``.

    penalty : str

    strengths : iterable of float
        Upwards.

    max_iter : int
        Largest number of epochs at each strength.

    fit : callable
        Fits a network and returns it.

    Yields
    ------
    network : MLPClassifier or MLPRegressor
        One for each strength, each fitted from the weights of the one before.
    """
    for strength in strengths:
        params = {penalty: float(strength), "max_iter": max_iter}
        network = fit(copy.copy(network).set_params(**params))
        yield network
        if is_empty(network):
            return


def gradual(strengths, start):
    """Return strengths, and between them further ones, so that none comes at once.

    A dense network is nearly stationary. Then the gradient is small, and the steps of an
    adaptive optimizer, which a proximal penalty is multiplied by, are large: a strength
    that comes at once takes out whole networks.

    Parameters
    ----------
    strengths : sequence of float
        Upwards.

    start : float
        Where to begin, if the first positive one is not below it.

    Returns
    -------
    strengths : list of float
    """
    steps = [strength for strength in strengths if strength == 0]
    latest = start
    for strength in strengths[len(steps) :]:
        n_steps = max(1, int(np.ceil(np.log(strength / latest) / np.log(_FACTOR) - 1e-6)))
        first = [latest] if latest == start < strength else []
        steps += [*first, *np.geomspace(min(latest, strength), strength, n_steps + 1)[1:-1]]
        steps.append(strength)
        latest = strength
    return steps


def features_left(network):
    """Return which features make a difference that a penalty could take out, a mask."""
    protected = inputs_of(network).protected(network.feature_weights)
    return network.prune().get_support() & ~protected


def is_empty(network):
    """Return whether there are no such features any more."""
    return not features_left(network).any()
