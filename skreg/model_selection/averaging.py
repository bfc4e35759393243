"""Fitted networks as one that puts out their mean."""

import copy

import numpy as np

from skreg.estimators.fitted import Fitted, Setting, inputs_of, scaling_of, target_of
from skreg.estimators.inputs import Inputs
from skreg.nn.averaging import average, mean_scaling, rescaled
from skreg.nn.record import Record
from skreg.nn.stopping import Patience
from skreg.nn.training import State


def averaged(networks):
    """Return the average of networks, each at its best epoch.

    Parameters
    ----------
    networks : list of MLPClassifier or list of MLPRegressor
        With the same targets and layers, trained with held-out rows. Those that were trained
        on some features alone may differ in these.

    Returns
    -------
    network : MLPClassifier or MLPRegressor
        Its raw output is the mean of theirs.
    """
    first = networks[0]
    # Without hidden layers their own weights are needed for what they drop alone.
    with_own = first.input_dropout > 0
    target, parts = _on_one_scale(networks)
    whole = average(parts, with_own)
    names = getattr(first, "feature_names_in_", ())
    state = _mean_state(networks)
    setting = Setting(steps=None, judgement={"average": len(networks)})
    inputs = Inputs(first.n_features_in_, names)
    mean = copy.copy(first).set_params(
        hidden_layer_sizes=tuple(len(bias) for bias in whole.biases[:-1]), early_stopping=False
    )
    Fitted(target, inputs, whole, setting, state, whole.members).store(mean)
    is_reading_all = all(inputs_of(network).kept is None for network in networks)
    return mean if is_reading_all else mean.prune()


def _mean_state(networks):
    """Return the mean of what was recorded, for as many epochs as all were trained."""
    histories = [network.history_ for network in networks]
    n_epochs = min(len(history["loss"]) for history in histories)
    columns = {
        name: np.mean([past[name][:n_epochs] for past in histories], axis=0).tolist()
        for name in histories[0]
    }
    best = float(np.mean([past["score"].max() for past in histories]))
    return State(
        None,
        record=Record(columns),
        patience=Patience(np.inf, 0.0, best),
        n_seen=round(np.mean([network.t_ for network in networks])),
        n_iter=n_epochs,
        loss=float(np.mean([network.loss_ for network in networks])),
        is_finished=True,
    )


def _on_one_scale(networks):
    """Return the target of all networks, and weights and biases of each for it."""
    target, parts = target_of(networks[0]), [_parts(network) for network in networks]
    scalings = [scaling_of(network) for network in networks]
    if None in scalings:
        return target, parts
    common = mean_scaling(scalings)
    rows = zip(parts, scalings, strict=True)
    return target.on(common), [rescaled(*part, scaling, common) for part, scaling in rows]


def _parts(network):
    """Return weights and biases of a network that reads all features."""
    first, *others = network.coefs_
    return [inputs_of(network).spread(first), *others], network.intercepts_
