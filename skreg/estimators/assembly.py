"""From the parameters of an estimator to the parts of the engine.

Functions take the estimator as ``model`` and read its parameters.
"""

import warnings
from typing import NamedTuple

import numpy as np

from skreg.estimators.inputs import group_of_feature
from skreg.estimators.strengths import new_terms
from skreg.nn.architecture import dense_network
from skreg.nn.lbfgs import LBFGSSolver
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.regularizer import Regularizer
from skreg.nn.schedules import (
    Adaptive,
    Constant,
    Cosine,
    InverseScaling,
    OneCycle,
    Plateau,
)
from skreg.nn.stochastic import StochasticSolver


class TrainingState(NamedTuple):
    """What `partial_fit` carries from call to call beside the weights.

    Attributes
    ----------
    optimizer : SGD or Adam

    schedule : Constant, InverseScaling or Adaptive

    mask_rng : numpy.random.Generator or None
        Without it every call would draw the same masks.
    """

    optimizer: object
    schedule: object
    mask_rng: object


def new_objective(model, params, loss):
    """Return what training minimises.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    params : Parameters
        What moves.

    loss : object
        One of `skreg.nn.losses`.

    Returns
    -------
    objective : Objective
    """
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(
        params.weights,
        params.biases,
        model.activation,
        dropout=np.broadcast_to(model.dropout, len(params.weights) - 1),
        input_dropout=model.input_dropout,
        grads=grads,
    )
    return Objective(params, grads, network, loss, _regularizer(model, params))


def feature_group_numbers(model):
    """Return the number of each feature's group, or None for groups of one."""
    names = getattr(model, "feature_names_in_", ())
    return group_of_feature(model.feature_groups, model.n_features_in_, names)


def _regularizer(model, params):
    group_of, group_sizes = feature_group_numbers(model), None
    if group_of is not None and model._kept_features is not None:
        # A group keeps its weight when pruning takes rows of zeros out of it.
        group_sizes = np.bincount(group_of)
        group_of = group_of[model._kept_features]
    return Regularizer(new_terms(model, params, (group_of, group_sizes)))


def new_state(model, objective, rng):
    """Return a fresh `TrainingState`; None for "lbfgs", which has none."""
    if model.solver == "lbfgs":
        return None
    schedule = _schedule(model)
    rate = schedule.learning_rate
    if model.solver == "adam":
        moments = model.beta_1, model.beta_2, model.epsilon
        optimizer = Adam(rate, *moments, model.weight_decay)
    else:
        optimizer = SGD(rate, model.momentum, model.nesterovs_momentum, model.weight_decay)
    optimizer.init(objective.theta, objective.weights, objective.one_step)
    # Drawn only where needed, or fits without dropout would leave the sequence of
    # scikit-learn.
    drops = np.any(model.dropout) or model.input_dropout
    return TrainingState(optimizer, schedule, mask_generator(rng) if drops else None)


def mask_generator(rng):
    """Return a fast generator for the masks of dropout, seeded by a `RandomState`."""
    seed = rng.randint(np.iinfo(np.int32).max)
    return np.random.Generator(np.random.SFC64(seed))


def _schedule(model):
    name, rate = model.learning_rate, model.learning_rate_init
    if name == "cosine":
        return Cosine(rate, model.max_iter)
    if name == "one_cycle":
        return OneCycle(rate, model.max_iter)
    if name == "plateau":
        return Plateau.within(rate, model.n_iter_no_change, model.tol)
    # As in scikit-learn these two drive "sgd" only.
    if name == "invscaling" and model.solver == "sgd":
        return InverseScaling(rate, model.power_t)
    if name == "adaptive" and model.solver == "sgd":
        return Adaptive(rate)
    return Constant(rate)


def new_solver(model, state, n_samples, rng, n_epochs, n_seen):
    """Return what moves the parameters.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    state : TrainingState or None

    n_samples : int
        Of the training data.

    rng : numpy.random.RandomState
        Shuffles the samples.

    n_epochs : int or None
        Largest number of epochs. None: ``max_iter``.

    n_seen : int
        Samples that training has seen before.

    Returns
    -------
    solver : StochasticSolver or LBFGSSolver
    """
    if model.solver == "lbfgs":
        return LBFGSSolver(model.max_iter, model.max_fun, model.tol)
    if model.batch_size != "auto" and model.batch_size > n_samples:
        warnings.warn(
            "Got `batch_size` less than 1 or larger than sample size. "
            f"It is going to be clipped to {n_samples}.",
            stacklevel=5,
        )
    return StochasticSolver(
        state.optimizer,
        state.schedule,
        minibatch_size(model, n_samples),
        max_iter=n_epochs or model.max_iter,
        order_rng=rng if model.shuffle else None,
        window=shuffle_window(model),
        mask_rng=state.mask_rng,
        n_seen=n_seen,
        max_grad_norm=model.max_grad_norm,
    )


def shuffle_window(model):
    """Return the number of rows to shuffle among, or None for all of them."""
    return None if isinstance(model.shuffle, (bool, np.bool_)) else model.shuffle


def minibatch_size(model, n_samples):
    """Return the number of rows of a minibatch."""
    return min(200 if model.batch_size == "auto" else model.batch_size, n_samples)
