"""How a fit flows: from what users give to a training, and from there to a fitted network.

`begin` builds the training, ``advance`` and ``finish`` of the engine run it, and
`take_over` makes a fitted network of the estimator. `fit` is all of it in a row.
"""

import copy
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real

import numpy as np

from skreg.estimators.assembly import (
    check_combinations,
    iteration_name,
    new_objective,
    new_solver,
    shuffle_window,
)
from skreg.estimators.callbacks import FitTask
from skreg.estimators.checkpoint import Checkpoint, NoCheckpoint, check_seed
from skreg.estimators.comparing import comparable, fingerprint_of, steps_of
from skreg.estimators.constraints import shown
from skreg.estimators.continuation import start_of_part
from skreg.estimators.fitted import Fitted, Setting, resting
from skreg.estimators.held_out import Validation, hold_out, split_by
from skreg.estimators.limits import TimeIsUp, TimeLimit, hooks_of
from skreg.estimators.notes import (
    Note,
    large_values,
    note_of_time,
    notes_after,
    notes_before,
    notes_of_own,
    notes_of_r2,
)
from skreg.estimators.parity import is_as_in_scikit_learn
from skreg.estimators.problem import Problem
from skreg.estimators.strengths import as_read
from skreg.estimators.weights import check_any_weight
from skreg.nn.monitor import Monitor
from skreg.nn.record import iteration_lines, table_lines
from skreg.nn.training import Training


@dataclass
class Fitting:
    """A training, and what makes a fitted network of its outcome.

    Attributes
    ----------
    problem : Problem

    setting : Setting

    training : Training

    checkpoint : Checkpoint or NoCheckpoint

    notes : list of Note
    """

    problem: Problem
    setting: Setting
    training: Training
    checkpoint: object
    notes: list

    def advance(self, n_epochs):
        """Train for so many more epochs, or until it is over."""
        if not self.training.state.is_finished:
            self.training.advance(n_epochs)
            self.checkpoint.write()

    def finish(self):
        """End the training: the best weights come back, and zeros are settled."""
        if not self.training.state.is_finished:
            self.training.finish()
            self.checkpoint.write()


def fit(model, given, validation, start_of, run):
    """Train an estimator to the end; whatever goes wrong, it is as it was before.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    given : Given

    validation : Validation

    start_of : callable
        Returns what a model begins with: `start_of` or `start_of_part` of
        `skreg.estimators.continuation`.

    run : callable
        Runs a `Fitting`: `run_to_the_end`, or another.

    Returns
    -------
    notes : list of Note
    """
    read = check(model, validation)
    task = FitTask.of(model, given, read.max_iter, iteration_name(read))
    # What overflows shows in the loss, in the weights, or in the optimizer.
    with unchanged_if_it_fails(model), task, np.errstate(all="ignore"):
        limit = TimeLimit.within(read.time_limit)
        hooks = [*task.hooks, *hooks_of(limit)]
        fitting = begin(given, start_of(read), validation, hooks)
        task.watch(lambda: copy.deepcopy(fitting.problem.network_attributes()))
        run(fitting)
        take_over(model, fitting, resting)
    return fitting.notes


def check(model, validation):
    """Return the model as it is read; refuse what is wrong, or does not go together."""
    model = as_read(model)
    check_combinations(model)
    validation.check(model.early_stopping, model.validation_fraction)
    return model


def run_to_the_end(fitting):
    """Train until it is over, or for ``max_iter`` epochs, and settle the zeros.

    Where the time is up before, what is best so far is kept.
    """
    model, state = fitting.problem.model, fitting.training.state
    try:
        fitting.advance(model.max_iter - state.n_iter)
        fitting.finish()
    except TimeIsUp:
        fitting.training.break_off()
        fitting.notes.append(note_of_time(model, state))


def run_until_interrupted(fitting):
    """Do the same; Ctrl-C ends it, and what is best so far is kept."""
    try:
        run_to_the_end(fitting)
    except KeyboardInterrupt:
        fitting.training.break_off()
        fitting.notes.append(Note("Training interrupted by user."))


@contextmanager
def unchanged_if_it_fails(model):
    """Whatever is raised within, the estimator is as it was before."""
    before = vars(model).copy()
    try:
        yield
    except BaseException as error:
        vars(model).clear()
        vars(model).update(before)
        if isinstance(error, MemoryError):
            size = f"hidden_layer_sizes={shown(model.hidden_layer_sizes)}"
            message = f"There is not the memory to train a network with {size}: {error}"
            raise MemoryError(message) from error
        raise


def begin(given, start, validation, hooks=()):
    """Return the `Fitting` whose training is to run.

    Parameters
    ----------
    given : Given

    start : Start
        Of a model that `check` has returned.

    validation : Validation
        What early stopping judges by.

    hooks : sequence, default=()
        As in `Monitor`.

    Returns
    -------
    fitting : Fitting
    """
    model = start.model
    seed = comparable(model.random_state)  # before it is drawn from
    rng = start.rng()
    problem = Problem(given, start, rng)
    setting = Setting(steps_of(model), data=start.fingerprint(problem.data))
    data, judge = problem.training_data(), None
    if model.early_stopping:
        setting, data, judge = _hold_out(problem, setting, start, validation, rng)
    start.place_outputs(problem.params, problem.target.loss, data)
    objective = new_objective(model, problem.params, problem.target.loss, problem.inputs)
    checkpoint = _checkpoint(problem, setting, start, seed)
    state = start.state(setting, objective, rng)
    notes = notes_before(problem, data) + start.notes(state)
    if validation.X is not None:
        notes += notes_of_own(problem, judge.data)
    if judge is not None:
        notes += notes_of_r2(problem, judge.data.y, validation)
    state = checkpoint.resume(state, rng)
    monitor = Monitor(
        state,
        evaluate=None if judge is None else judge.evaluate,
        weights=slice(0, problem.params.weight_slices[-1].stop),
        log=print if model.verbose else None,
        describe=table_lines if model.verbose > 1 else iteration_lines,
        min_epochs=model.min_epochs,
        hooks=[*hooks, checkpoint],
    )
    solver = new_solver(model, state, data.n_samples)
    training = Training(objective, solver, data, monitor)
    return Fitting(problem, setting, training, checkpoint, notes)


def _checkpoint(problem, setting, start, seed):
    """Return the file of the training, or what stands for none."""
    model, inputs = problem.model, problem.inputs
    if model.checkpoint is None or setting.data is None:
        return NoCheckpoint()
    check_seed(model.checkpoint, model.random_state)
    key = {
        "class": type(model).__name__,
        "setting": setting,
        "steps": (model.max_iter, model.max_fun, seed),
        "data": problem.data.fingerprint(),
        "scaling": comparable(getattr(problem.target, "scaling", None)),
        "inputs": (inputs.n_features, list(inputs.names), comparable(inputs.kept)),
        "held_out": comparable(setting.held_out),
        "start": start.fingerprint_of_weights(),
        "dtype": problem.params.vector.dtype.str,
    }
    return Checkpoint(model.checkpoint, model.checkpoint_every, key)


def _hold_out(problem, setting, start, validation, rng):
    """Return the completed setting, the data to train on, and a `HeldOut` to judge by."""
    model, data, counting = problem.model, problem.data, problem.counting
    judgement = {"scoring": comparable(model.scoring)}
    if validation.X is not None:
        judge = problem.judge_own(validation)
        judgement["own"] = judge.data.fingerprint()
        return setting._replace(judgement=judgement), problem.training_data(), judge
    judgement["split"] = comparable(model.validation_fraction)
    setting = setting._replace(judgement=judgement)
    held_out = start.held_out(setting)
    if held_out is None:
        train, held_out = _draw(problem, validation.groups, rng)
    else:
        train = np.setdiff1d(np.arange(data.n_samples), held_out)
    if shuffle_window(model):
        train = np.sort(train)  # so that windows are stretches of X
    if data.sample_weight is not None:
        check_any_weight(data.sample_weight[train], "of the rows to train on")
        check_any_weight(data.sample_weight[held_out], "of the held-out rows")
    train, held_out = (rows[np.isin(rows, counting)] for rows in (train, held_out))
    setting = setting._replace(held_out=held_out)
    return setting, data.part(train), problem.judge_rows(held_out)


def _draw(problem, groups, rng):
    """Return the numbers of the rows to train on, and of those to judge by."""
    X, y, _ = problem.samples
    fraction = problem.model.validation_fraction
    if not isinstance(fraction, Real):
        return split_by(fraction, X, y, groups)
    counting = problem.counting
    of_all = None if is_as_in_scikit_learn(problem.model) else fraction
    strata = problem.target.strata(y[counting], of_all)
    train, held_out = hold_out(len(counting), fraction, rng, strata)
    return counting[train], counting[held_out]


def fit_as_part(model, given, validation=None):
    """Fit an estimator as a part of something larger, which an interrupt ends as well.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    given : Given

    validation : Validation, default=None
        What early stopping judges by. None: rows that are held out.

    Returns
    -------
    notes : list of Note
    """
    validation = Validation() if validation is None else validation
    return fit(model, given, validation, start_of_part, run_to_the_end)


def take_over(model, fitting, keep):
    """Make a fitted network of the outcome of a training.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    fitting : Fitting
        Its notes are completed.

    keep : callable
        What the network keeps of the state: `resting` or `on_call`.
    """
    check_success(fitting.problem, fitting.training.state)
    fitting.notes.extend(Note(text) for text in fitting.checkpoint.troubles)
    fitting.notes.extend(notes_after(fitting.problem, fitting.training.state))
    fitted_from(fitting, keep).store(model)


def fitted_from(fitting, keep):
    """Return the outcome of a training, as `Fitted`."""
    problem, setting, state = fitting.problem, fitting.setting, fitting.training.state
    if setting.judgement is not None:
        setting = setting._replace(weights=fingerprint_of(state.theta))
    return Fitted(problem.target, problem.inputs, problem.params, setting, keep(state))


def check_success(problem, state):
    """Refuse a state from which no network can predict."""
    why = large_values(problem)
    if not np.isfinite(state.theta).all():
        raise ValueError(f"Solver produced non-finite parameter weights. {why}")
    if not state.diverged or state.best.epoch is not None:
        return
    if np.isfinite(state.record.last_loss):
        raise ValueError(
            f"The validation score was {state.score} in epoch {state.n_iter}, and "
            f"there is no earlier one to go back to. {why} Or what scoring= asks for is "
            "undefined on the held-out rows: they may lack a class, or R2 is asked of one row. "
            "scoring='loss' is always defined."
        )
    raise ValueError(f"The training loss was not finite in epoch {state.n_iter}. {why}")
