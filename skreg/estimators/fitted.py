"""What a fitted network consists of: written by a training, read by everything else."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skreg.estimators.inputs import Inputs
from skreg.nn.averaging import Average
from skreg.nn.block_diagonal import blocks_of
from skreg.nn.parameters import Parameters, dtype_of
from skreg.nn.stopping import Best

# Weights up to which an average is trained as one network: 800 MB as float64.
_MOST_WEIGHTS = 10**8


class Setting(NamedTuple):
    """What a training was about.

    Attributes
    ----------
    steps : dict or None
        Parameters that decide what a step does. None: there are no such steps to go on with.

    judgement : dict or None
        What decides about the score that is watched, where held-out data are.

    held_out : ndarray of int or None
        Rows that were held out.

    data : str or None
        Fingerprint of all data. None after `partial_fit`, whose data are others each time.

    weights : str or None
        Fingerprint of the parameters that it has brought, where a score was watched.
    """

    steps: dict | None
    judgement: dict | None = None
    held_out: np.ndarray | None = None
    data: str | None = None
    weights: str | None = None


class Fitted(NamedTuple):
    """What a training has brought.

    Attributes
    ----------
    target : object
        One of `skreg.estimators.targets`.

    inputs : Inputs

    params : Parameters

    setting : Setting

    state : State
        Without the parameters.

    members : Members or None
        Of an average, whose ``params`` are no more than ``weights`` and ``biases``.
    """

    target: object
    inputs: Inputs
    params: object
    setting: Setting
    state: object
    members: object = None

    def at_its_best(self):
        """Return the same with the parameters of the best epoch, where one is remembered."""
        params = self.params.like(self.params.vector.copy())
        self.state.best.restore(params.vector)
        return self._replace(params=params, state=resting(self.state))

    def store(self, model):
        """Make a fitted network of an estimator; return it."""
        state, record = self.state, self.state.record
        is_judged = self.setting.judgement is not None
        scores, losses = record.column("score"), record.column("validation_loss")
        vars(model).pop("feature_names_in_", None)
        vars(model).update(
            network_attributes(self.target, self.params, self.inputs),
            n_iter_=state.n_iter,
            t_=state.n_seen,
            loss_=state.loss,
            loss_curve_=list(record.column("objective")),
            best_loss_=None if is_judged else -state.patience.best,
            best_validation_score_=state.patience.best if is_judged else None,
            validation_scores_=list(scores) if is_judged else None,
            validation_loss_curve_=list(losses) if is_judged else None,
            best_iter_=state.best.epoch if is_judged else None,
            _setting=self.setting,
            _state=state,
            _members=self.members,
        )
        return model


def network_attributes(target, params, inputs):
    """Return the attributes that make an estimator predict, with views of its weights."""
    attributes = {
        "coefs_": params.weights,
        "intercepts_": params.biases,
        "n_layers_": len(params.weights) + 1,
        "n_outputs_": target.n_outputs,
        "out_activation_": target.loss.out_activation,
        "n_features_in_": inputs.n_features,
        "_target": target,
        "_inputs": inputs,
    }
    if len(inputs.names):
        attributes["feature_names_in_"] = inputs.names
    return attributes


def resting(state):
    """Return what a network keeps of the state of a training that is over."""
    return replace(on_call(state), optimizer=None, schedule=None, mask_rng=None)


def on_call(state):
    """Return what a network keeps of the state of a training that goes on with other data."""
    best = Best(state.best.score, epoch=state.best.epoch)
    return replace(state, theta=None, order=None, best=best)


def target_of(model):
    """Return the target of a network; None where its weights were set by hand."""
    return getattr(model, "_target", None)


def scaling_of(model):
    """Return the `Scaling` of the outputs of a network, None where they are as they are."""
    return getattr(target_of(model), "scaling", None)


def inputs_of(model):
    """Return the `Inputs` of a network, as its latest data or its training had them."""
    names = getattr(model, "feature_names_in_", ())
    fitted = getattr(model, "_inputs", None)
    return Inputs(model.n_features_in_, names, None if fitted is None else fitted.kept)


def state_of(model):
    """Return the `State` that a training has left; None where there was none."""
    return getattr(model, "_state", None)


def setting_of(model):
    """Return the `Setting` of the latest training; None where there was none."""
    return getattr(model, "_setting", None)


def weights_of(model):
    """Return weights and biases as a network that predicts takes them, of one dtype.

    Returns
    -------
    weights : list of ndarray, sparse matrix or BlockDiagonal of shape (n_in, n_out)

    biases : list of ndarray of shape (n_out,)
    """
    dtype = weights_dtype(model)
    weights = [
        weight.astype(dtype, copy=False)
        if hasattr(weight, "toarray")
        else np.asarray(weight, dtype)
        for weight in model.coefs_
    ]
    return weights, [np.asarray(bias, dtype) for bias in model.intercepts_]


def weights_dtype(model):
    """Return the dtype to compute in: users may have set weights of another than the two."""
    return dtype_of([*model.coefs_, *model.intercepts_])


def packed(model, dtype):
    """Return a copy of the parameters, a `Parameters`: between blocks they are zeros."""
    n_weights = sum(weight.size for weight in model.coefs_)
    n_stored = sum(block.size for weight in model.coefs_ for block in blocks_of(weight))
    if n_weights > max(n_stored, _MOST_WEIGHTS):
        raise ValueError(
            f"The model is an average of networks side by side, which have {n_stored:,} "
            f"weights. To train or certify it takes those between them too, {n_weights:,} in "
            "all. Search with refit=True for one network, or with fewer folds."
        )
    return Parameters.pack(model.coefs_, model.intercepts_, dtype)


def members_of(model):
    """Return the `Members` of an average; None where it is one network."""
    return getattr(model, "_members", None)


def whole_network(model):
    """Return weights, biases and members of a network, an `Average`."""
    return Average(*weights_of(model), members_of(model))


def replace_network(model, network, inputs):
    """Give a fitted estimator another network, which what was remembered does not fit.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    network : Average

    inputs : Inputs
    """
    model.coefs_, model.intercepts_, model._members = network
    biases = network.biases
    model.hidden_layer_sizes = tuple(len(bias) for bias in biases[:-1])
    model._inputs = inputs
    if state_of(model) is not None:
        model._setting = model._setting._replace(steps=None)
        model._state = resting(model._state)
