"""Networks from strength to strength of a penalty."""

import copy


def walk(network, penalty, strengths, max_iter, fit):
    """Yield the networks along a path, up to the first that has no feature left.

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


def is_empty(network):
    """Return whether no feature makes a difference any more."""
    return not network.prune().get_support().any()
