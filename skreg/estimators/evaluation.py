"""What a fitted network is worth on data, in the terms of its training."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.assembly import minibatch_size, new_objective
from skreg.estimators.constraints import shown
from skreg.estimators.continuation import Present
from skreg.estimators.problem import Given, Problem
from skreg.estimators.strengths import as_read
from skreg.nn.null_model import null_gradient, null_loss
from skreg.nn.penalties import L1, GroupLasso


class Evaluation(NamedTuple):
    """What training minimises, at the weights that it has brought.

    Attributes
    ----------
    params : Parameters
        A copy of the weights.

    objective : Objective
        With the gradient of its smooth part over all data.

    total_weight : float
        What ``alpha`` is divided by, on average over minibatches.

    smooth : float
        Value of the smooth part of the objective.
    """

    params: object
    objective: object
    total_weight: float
    smooth: float


def evaluate_objective(model, X, y, sample_weight=None):
    """Return the `Evaluation` of a fitted network on data.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    X, y, sample_weight : array-like
        As `fit` takes them; ``y`` may lack classes.
    """
    problem = _problem(model, X, y, sample_weight)
    params, data = problem.params, problem.data
    objective = new_objective(problem.model, params, problem.target.loss, problem.inputs)
    total_weight = data.total_weight(minibatch_size(problem.model, data.n_samples))
    smooth = objective.evaluate(data, total_weight)
    return Evaluation(params, objective, total_weight, smooth)


def evaluate_on(model, validation, X, y):
    """Return score and loss on the user's own data, as early stopping would watch them.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    validation : Validation

    X, y : array-like
        Training data, which class weights are taken from.

    Returns
    -------
    score, loss : float
    """
    return _problem(model, X, y).judge_own(validation).evaluate()


def gain(model, X, y, sample_weight=None):
    """Return by how much the loss is lower than without any feature, penalties apart."""
    problem = _problem(model, X, y, sample_weight)
    objective = new_objective(model, problem.params, problem.target.loss, problem.inputs)
    total_weight = problem.data.total_weight(minibatch_size(model, problem.data.n_samples))
    value = objective.evaluate(problem.data, total_weight)
    value -= objective.smooth_value(total_weight)
    return null_loss(problem.target.loss, problem.data, problem.target.n_outputs) - value


def largest_strengths(model, X, y, sample_weight=None):
    """Return the least strengths that leave nothing of a model without hidden layers.

    Nothing but the features whose weight is 0, that is.

    Returns
    -------
    strengths : dict of float
        Of ``l1`` and of ``group_lasso``, each on its own.
    """
    problem = _problem(model, X, y, sample_weight)
    loss, data, inputs = problem.target.loss, problem.data, problem.inputs
    rows = inputs.rows(model.feature_groups, model.feature_weights)
    weights = np.ones(inputs.n_kept) if rows.weights is None else rows.weights
    if not weights.any():
        raise ValueError(
            "There is nothing that a penalty could take out: feature_weights is 0 for all "
            f"features. Got {shown(model.feature_weights)}."
        )
    objective = new_objective(model, problem.params, loss, inputs)
    total_weight = data.total_weight(minibatch_size(model, data.n_samples))
    l2, *_ = objective.l2_strengths(total_weight)
    free = np.flatnonzero(weights == 0)
    gradient = null_gradient(loss, data, problem.target.n_outputs, free, l2)
    by_weight = L1(0.0, weights[:, np.newaxis])
    by_group = GroupLasso(0.0, rows.group_of_row, rows.group_sizes)
    return {"l1": by_weight.alpha_max(gradient), "group_lasso": by_group.alpha_max(gradient)}


def _problem(model, X, y, sample_weight=None):
    """Return data as the fitted network takes them."""
    check_is_fitted(model)
    given = Given(X, y, sample_weight)
    return Problem(given, Present(as_read(model)), check_random_state(None))
