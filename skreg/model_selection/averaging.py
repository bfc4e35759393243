"""Fitted networks as one that puts out their mean."""

import copy

import numpy as np

from skreg.nn.averaging import average


def averaged(networks):
    """Return the average of networks, each at its best epoch.

    Parameters
    ----------
    networks : list of MLPClassifier or list of MLPRegressor
        With the same targets and layers, trained with held-out rows, to the end or in
        stages. Those that were trained on some features alone may differ in these.

    Returns
    -------
    network : MLPClassifier or MLPRegressor
        Its raw output is the mean of theirs.
    """
    networks = [_at_its_best(network) for network in networks]
    weights, biases = average([_parts(network) for network in networks])
    histories = [network.history_ for network in networks]
    n_epochs = min(len(history["loss"]) for history in histories)
    history = {
        name: np.mean([past[name][:n_epochs] for past in histories], axis=0).tolist()
        for name in histories[0]
    }
    mean = copy.deepcopy(networks[0])
    mean.set_params(
        hidden_layer_sizes=tuple(len(bias) for bias in biases[:-1]), early_stopping=False
    )
    vars(mean).update(
        coefs_=weights,
        intercepts_=biases,
        n_iter_=n_epochs,
        t_=round(np.mean([network.t_ for network in networks])),
        loss_=float(np.mean([network.loss_ for network in networks])),
        loss_curve_=history["objective"],
        best_validation_score_=float(np.mean([past["score"].max() for past in histories])),
        validation_scores_=history["score"],
        validation_loss_curve_=history["validation_loss"],
        best_iter_=None,
        _history=history,
        _kept_features=None,
        _problem_id=None,
    )
    is_reading_all = all(network._kept_features is None for network in networks)
    return mean if is_reading_all else mean.prune()


def _at_its_best(network):
    """Return a network with the weights of its best epoch."""
    network = copy.copy(network)
    if network._best is not None:
        network._restore_best()
    return network


def _parts(network):
    """Return weights and biases of a network that reads all features."""
    first, *others = network.coefs_
    if network._kept_features is not None:
        every = np.zeros((network.n_features_in_, first.shape[1]), first.dtype)
        every[network._kept_features] = first
        first = every
    return [first, *others], network.intercepts_
