"""Networks from strength to strength of a penalty."""

import copy

from skreg.estimators.fitted import inputs_of


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


def features_left(network):
    """Return which features make a difference that a penalty could take out, a mask."""
    protected = inputs_of(network).protected(network.feature_weights)
    return network.prune().get_support() & ~protected


def is_empty(network):
    """Return whether there are no such features any more."""
    return not features_left(network).any()
