"""What a user is to be told of a training: found on the way, told by the public method."""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.base import is_regressor
from sklearn.exceptions import ConvergenceWarning

from skreg.estimators.assembly import is_stochastic, iteration_name
from skreg.estimators.constraints import is_set, shown
from skreg.estimators.parity import is_as_in_scikit_learn
from skreg.estimators.scales import columns_off_scale

_OFF_SCALE = (
    "{0} is not on the scale of {1}, so what early stopping judges by it means little. "
    "Pipelines and TransformedTargetRegressor transform X and y, and leave X_val and y_val as "
    "they are. Transform them alike, or put these rows into X and y and hold them out by "
    "validation_fraction=sklearn.model_selection.PredefinedSplit(fold), where fold is 0 for "
    "them and -1 for the others."
)
# Means and standard deviations of targets that a network takes long to come to.
_FAR = 10


class Note(NamedTuple):
    """Something to be told.

    Attributes
    ----------
    message : str

    category : type of Warning

    is_of_the_end : bool
        Whether it says how a training has ended, which is no news where a search or a path
        has asked for just that: at its limit of epochs, or without weights.
    """

    message: str
    category: type = UserWarning
    is_of_the_end: bool = False


def tell(notes, depth):
    """Warn of what is to be told.

    Parameters
    ----------
    notes : iterable of Note

    depth : int
        How many calls of ours lie between the user and this one.
    """
    for note in notes:
        warnings.warn(note.message, note.category, stacklevel=depth + 2)


def notes_before(problem, data):
    """Return what is to be told before the first epoch, a list of `Note`.

    Parameters
    ----------
    problem : Problem

    data : Data
        What is trained on.
    """
    notes, batch_size = [], problem.model.batch_size
    classes = getattr(problem.target, "classes_", ())
    if len(classes) == 1 and problem.samples.y.ndim == 1:
        message = f"y has one class only, '{classes[0]}': that is what will be predicted."
        notes.append(Note(message, RuntimeWarning))
    has_size = is_stochastic(problem.model) and batch_size != "auto"
    n_without_weight = problem.data.n_samples - len(problem.counting)
    if has_size and batch_size > data.n_samples + n_without_weight:
        message = (
            "Got `batch_size` less than 1 or larger than sample size. "
            f"It is going to be clipped to {data.n_samples}."
        )
        notes.append(Note(message))
    return notes


def notes_of_own(problem, own):
    """Return what is to be told of the user's own data to judge by, a list of `Note`.

    Parameters
    ----------
    problem : Problem

    own : Data
        Of ``X_val`` and ``y_val``, encoded like the others.
    """
    notes = []
    is_off = columns_off_scale(problem.data.X, own.X)
    # Single features may well drift.
    if is_off.size and is_off.mean() >= 0.5:
        notes.append(Note(_OFF_SCALE.format("X_val", "X")))
    if is_regressor(problem.model) and columns_off_scale(problem.data.y, own.y).any():
        notes.append(Note(_OFF_SCALE.format("y_val", "y")))
    return notes


def notes_of_r2(problem, y, validation):
    """Return what to tell where R2 is watched on targets that do not vary.

    That is refused, but where scikit-learn's own network goes on with it.

    Parameters
    ----------
    problem : Problem

    y : ndarray
        Encoded targets of the held-out rows.

    validation : Validation

    Returns
    -------
    notes : list of Note
    """
    model = problem.model
    is_watched = model.scoring is None and is_regressor(model)
    if not is_watched or problem.target.is_scored_by_loss or not (y == y[0]).all():
        return []
    message = (
        f"R2 of {len(y)} held-out row(s) whose targets do not vary says nothing: it is the "
        "same in every epoch. Hold out more rows, or set scoring='loss'."
    )
    if validation.X is None and is_as_in_scikit_learn(model):
        return [Note(message, RuntimeWarning)]
    raise ValueError(message)


def note_of_time(model, state):
    """Return what is to be told where a training has ended by its limit of time, a `Note`."""
    message = (
        f"time_limit={model.time_limit:g} seconds have passed after {state.n_iter} "
        f"{iteration_name(model)}(s), before the training had ended. The model is the best so "
        "far: raise time_limit, or go on with warm_start=True."
    )
    return Note(message, ConvergenceWarning, is_of_the_end=True)


def large_values(problem):
    """Return what may have made numbers overflow, as sentences."""
    model = problem.model
    names = ["learning_rate_init", "weight_decay"] if is_stochastic(model) else []
    suspects = [name for name in names if is_set(getattr(model, name))]
    # Where l2 is given, it takes the place of alpha.
    strengths = ("l1", "alpha" if model.l2 is None else "l2", "group_lasso")
    suspects += [name for name in strengths if np.max(getattr(model, name)) > 1]
    named = " or ".join(f"{name}={shown(getattr(model, name))}" for name in suspects)
    too_high = f" Or {named} is too high." if named else ""
    return (
        "The input data may contain large values and need to be preprocessed."
        f"{too_high}{far_targets(problem)}"
    )


def notes_after(problem, state):
    """Return what is to be told of how a training has ended, a list of `Note`.

    Parameters
    ----------
    problem : Problem

    state : State
    """
    notes, model = [], problem.model
    if state.optimizer is not None and state.optimizer.has_overflowed:
        message = (
            "Squares of gradients have overflowed, so some weights were not trained at all. "
            f"{large_values(problem)}"
        )
        notes.append(Note(message, ConvergenceWarning))
    if state.diverged:
        message = (
            f"The loss or the validation score was not finite in epoch {state.n_iter}, and "
            f"training stopped there. The model is that of epoch {state.best.epoch} on the "
            f"curve. {large_values(problem)}"
        )
        notes.append(Note(message, ConvergenceWarning))
    if state.message:
        message = state.message + far_targets(problem)
        notes.append(Note(message, ConvergenceWarning, is_of_the_end=True))
    weights = problem.params.weights
    empty = [layer for layer, weight in enumerate(weights) if not weight.any()]
    strengths = [
        f"{name}={shown(strength)}"
        for name in ("l1", "group_lasso")
        if is_set(strength := getattr(model, name))
    ]
    if empty and strengths:
        message = (
            f"All weights of coefs_[{empty[0]}] are zero, so predictions do not depend on X. "
            f"Lower {' or '.join(strengths)}."
        )
        notes.append(Note(message, is_of_the_end=True))
    return notes


def far_targets(problem):
    """Return what to add where targets are far from the size of 1, a sentence or nothing."""
    if not is_regressor(problem.model) or problem.target.scaling is not None:
        return ""
    y = problem.samples.y.reshape(len(problem.samples.y), -1)
    mean, std = np.abs(y.mean(axis=0)).max(), y.std(axis=0).max()
    is_log = problem.target.loss.out_activation == "exp"
    # What steps have to go: to the mean, unless they begin there, and to the single targets,
    # which are near in the logarithm.
    far = max(mean * is_as_in_scikit_learn(problem.model), std * (not is_log))
    if far <= _FAR:
        return ""
    return (
        " y is far from the size of 1, which networks begin at and step sizes are meant for: "
        f"its mean is {mean:.3g} and its standard deviation {std:.3g}. Set scale_target=True, "
        "or wrap the network in sklearn.compose.TransformedTargetRegressor(network, "
        f"transformer=StandardScaler({'with_mean=False' if is_log else ''}))."
    )
