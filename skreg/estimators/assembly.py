"""From the parameters of an estimator to the parts of the engine.

Functions take the estimator as ``model`` and read its parameters.
"""

import numpy as np

from skreg.estimators.constraints import check_length, hidden_units, is_set, shown
from skreg.estimators.refusals import check_lbfgs
from skreg.estimators.strengths import check_lengths, new_terms
from skreg.nn.architecture import dense_network
from skreg.nn.data import Order
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
from skreg.nn.stopping import Patience
from skreg.nn.training import State


def new_objective(model, params, loss, inputs):
    """Return what training minimises.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    params : Parameters
        What moves.

    loss : object
        One of `skreg.nn.losses`.

    inputs : Inputs

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
    return Objective(params, grads, network, loss, _regularizer(model, params, inputs))


def _regularizer(model, params, inputs):
    rows = inputs.rows(model.feature_groups, model.feature_weights)
    return Regularizer(new_terms(model, params, rows))


def new_state(model, objective, rng):
    """Return the `State` of a training from scratch.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    objective : Objective

    rng : numpy.random.RandomState
        Shuffles the samples.

    Returns
    -------
    state : State
    """
    state = State(objective.theta, patience=_patience(model))
    if not is_stochastic(model):
        return state
    schedule = _schedule(model)
    optimizer = _optimizer(model, schedule.learning_rate)
    optimizer.init(objective.theta, objective.weights, objective.one_step)
    # Drawn only where needed, or fits without dropout would leave the sequence of
    # scikit-learn.
    drops = is_set(model.dropout) or model.input_dropout
    state.mask_rng = mask_generator(rng) if drops else None
    state.optimizer, state.schedule, state.order = optimizer, schedule, new_order(model, rng)
    return state


def new_order(model, rng):
    """Return the `Order` of the samples before the first epoch."""
    return Order(rng if model.shuffle else None, shuffle_window(model))


def _optimizer(model, learning_rate):
    if model.solver == "adam":
        moments = model.beta_1, model.beta_2, model.epsilon
        return Adam(learning_rate, *moments, model.weight_decay)
    nesterov = model.nesterovs_momentum
    return SGD(learning_rate, model.momentum, nesterov, model.weight_decay)


def _patience(model):
    # L-BFGS has criteria of its own, which are finer than the patience.
    is_patient = not is_stochastic(model) and not model.early_stopping
    return Patience(np.inf if is_patient else model.n_iter_no_change, model.tol)


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


def check_combinations(model):
    """Refuse parameters that are fine alone, but not together."""
    n_hidden = len(hidden_units(model.hidden_layer_sizes))
    check_length("activation", model.activation, n_hidden, "hidden layer(s)")
    check_length("dropout", model.dropout, n_hidden, "hidden layer(s)")
    check_lengths(model, n_hidden + 1)
    if model.min_epochs >= model.max_iter:
        raise ValueError(
            f"min_epochs={shown(model.min_epochs)} leaves no epoch that is watched: max_iter "
            f"is {shown(model.max_iter)}. Lower min_epochs, or raise max_iter."
        )
    if not is_stochastic(model):
        check_lbfgs(model)


def is_stochastic(model):
    """Whether the solver goes by minibatches, epoch after epoch."""
    return model.solver != "lbfgs"


def iteration_name(model):
    """Return what the solver counts."""
    return "epoch" if is_stochastic(model) else "iteration"


def new_solver(model, state, n_samples):
    """Return what moves the parameters.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    state : State

    n_samples : int
        Of the training data.

    Returns
    -------
    solver : StochasticSolver or LBFGSSolver
    """
    if not is_stochastic(model):
        return LBFGSSolver(state, model.max_fun, model.tol)
    return StochasticSolver(state, minibatch_size(model, n_samples), model.max_grad_norm)


def shuffle_window(model):
    """Return the number of rows to shuffle among, or None for all of them."""
    return None if isinstance(model.shuffle, bool) else model.shuffle


def minibatch_size(model, n_samples):
    """Return the number of rows of a minibatch; L-BFGS takes all of them."""
    if not is_stochastic(model):
        return n_samples
    return min(200 if model.batch_size == "auto" else model.batch_size, n_samples)
