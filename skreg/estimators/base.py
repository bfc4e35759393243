"""Fitting, continued fitting and prediction: what both estimators share."""

import copy
import warnings
from numbers import Number, Real
from typing import NamedTuple

import joblib
import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, is_regressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from skreg.estimators.assembly import (
    feature_group_numbers,
    mask_generator,
    minibatch_size,
    new_objective,
    new_solver,
    new_state,
    shuffle_window,
)
from skreg.estimators.callbacks import CallbackSupportMixin, FitTask, tear_down
from skreg.estimators.constraints import check_length, check_parameters, hidden_units
from skreg.estimators.held_out import Validation, hold_out, split_by
from skreg.estimators.refusals import check_lbfgs
from skreg.estimators.scoring import HeldOut, score_function
from skreg.estimators.sparsity import SparsityMixin
from skreg.estimators.strengths import check_strengths
from skreg.estimators.weights import check_any_weight, check_sample_weight, with_class_weight
from skreg.nn.architecture import dense, dense_network, layer_units
from skreg.nn.arrays import by_rows
from skreg.nn.data import Data
from skreg.nn.initializers import uniform
from skreg.nn.monitor import Monitor
from skreg.nn.null_model import null_gradient
from skreg.nn.parameters import Parameters, dtype_of
from skreg.nn.penalties import L1, GroupLasso
from skreg.nn.record import Outcome, Record, iteration_lines, table_lines
from skreg.nn.sampling import thin
from skreg.nn.stopping import Best, Patience

# Parameters that say how long to train or what to print, not what to train:
# with others than before, a warm start goes on counting where it stopped.
_NOT_THE_PROBLEM = {"max_iter", "max_fun", "random_state", "verbose", "warm_start"}


class Samples(NamedTuple):
    """Validated data of the user.

    Attributes
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_features)

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    sample_weight : ndarray of shape (n_samples,) or None
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray | None


class BaseMLP(CallbackSupportMixin, SparsityMixin, BaseEstimator):
    """Multilayer perceptron: everything that does not depend on the kind of target.

    A subclass implements `_fit_target`.
    """

    _history = None
    # Of the stage of a training, where that was the last thing done.
    _state = None
    _best = None

    def _fit(
        self,
        X,
        y,
        sample_weight,
        validation=None,
        *,
        n_epochs=None,
        classes=None,
        features=None,
        is_part=False,
    ):
        """Train; whatever goes wrong, the estimator is as it was before.

        With ``n_epochs`` it is a stage of a training that can go on after so many more
        epochs at most: the optimizer keeps its state, neither is the best epoch
        restored, nor are zeros settled. With ``features``, their indices, a training from
        scratch is on these alone. As a part of a search it is ended by an interrupt like
        the search itself. ``y`` may lack some of the ``classes``.
        """
        before = vars(self).copy()
        try:
            try:
                given = validation or Validation()
                return self._train(
                    X, y, sample_weight, given, n_epochs, classes, features, is_part
                )
            finally:
                tear_down(self)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    def _train(self, X, y, sample_weight, validation, n_epochs, classes, features, is_part):
        """Train from scratch, on from where a fit ended, or for some more epochs."""
        is_stage = n_epochs is not None
        problem = _identity(check_parameters(self))
        self._check_combinations()
        validation.check(self.early_stopping, self.validation_fraction)
        rng = check_random_state(self.random_state)
        is_continued = hasattr(self, "coefs_") and (self.warm_start or is_stage)
        is_same_problem = is_continued and getattr(self, "_problem_id", None) == problem
        task = None if is_stage else self._task(X, y, sample_weight)

        X, y = self._validate(X, y, is_continued, features=features)
        sample_weight = check_sample_weight(sample_weight, X)
        target = self._fit_target(y, is_continued, is_stage, classes)
        params = self._start(X, target, rng, is_continued)
        class_weight = self._class_weight_of(y, target)
        samples = Samples(X, y, sample_weight)
        data, held_out = self._split(samples, class_weight, validation, target, params, rng)
        # scikit-learn goes on with the best score, whatever data it was measured on. A
        # stage does not start from the best weights.
        is_as_sklearn = self.scoring is None and isinstance(self.validation_fraction, Real)
        is_rescored = held_out is not None and not is_stage
        is_rescored &= validation.X is not None or not is_as_sklearn
        monitor = self._monitor(
            params, held_out, task, is_continued, is_same_problem, is_rescored
        )
        objective = new_objective(self, params, target.loss)
        # A copy, or a call that fails would leave moments that have gone astray.
        state = copy.deepcopy(self._state) if is_stage and is_same_problem else None
        n_seen = getattr(self, "t_", 0) if is_continued else 0
        state = state or new_state(self, objective, rng)
        solver = new_solver(self, state, data.n_samples, rng, n_epochs, n_seen)
        if task is not None:
            task.watch(lambda: copy.deepcopy(_model(target, params)))

        outcome = _run(solver, objective, data, monitor, is_stage, is_part)
        _check_success(params, monitor)
        if not (outcome.converged or is_stage):
            warnings.warn(outcome.message, ConvergenceWarning, stacklevel=4)
        self._warn_if_empty(params)

        self._store(target, params, monitor, outcome.loss)
        self.t_ = n_seen + monitor.n_iter * data.n_samples
        self._problem_id = problem
        self._state, self._best = (state, monitor.best) if is_stage else (None, None)
        if task is not None:
            task.close()
        return self

    def _restore_best(self):
        """End a training in stages: go back to the weights of the best epoch."""
        params = Parameters.pack(self.coefs_, self.intercepts_, self._weights_dtype())
        self._best.restore(params.vector)
        vars(self).update(coefs_=params.weights, intercepts_=params.biases)
        self._state = self._best = None

    def _task(self, X, y, sample_weight):
        name = "iteration" if self.solver == "lbfgs" else "epoch"
        return FitTask.of(self, X, y, sample_weight, self.max_iter, name)

    def _class_weight_of(self, y, target):
        """Return the weights of classes in numbers; None where there are no classes."""
        return None

    def _check_combinations(self):
        """Refuse parameters that are fine alone, but not together."""
        n_hidden = len(hidden_units(self.hidden_layer_sizes))
        check_length("activation", self.activation, n_hidden, "hidden layer(s)")
        check_length("dropout", self.dropout, n_hidden, "hidden layer(s)")
        check_strengths(self, n_hidden + 1)
        if self.solver == "lbfgs":
            check_lbfgs(self)

    def _check_partial_fit(self):
        """Refuse parameters that need more than the data of one call."""
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")

    def _validate(self, X, y, is_continued, dtype=None, features=None):
        """Check ``X`` and ``y``; a continued model keeps its dtype and its features."""
        dtype = dtype or self.dtype
        if dtype is None:
            dtype = self._weights_dtype() if is_continued else (np.float64, np.float32)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=is_regressor(self),
            dtype=dtype,
            reset=not is_continued,
        )
        if sparse.issparse(y):
            y = y.toarray()
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not is_continued:
            self._kept_features = features
        if self._kept_features is not None:
            X = X[:, self._kept_features]
        return X, y

    def _start(self, X, target, rng, is_continued):
        """Return the parameters to start from, in memory of their own."""
        hidden = hidden_units(self.hidden_layer_sizes)
        units = (X.shape[1], *hidden, target.n_outputs)
        if is_continued:
            params = Parameters.pack(self.coefs_, self.intercepts_, X.dtype)
            present = layer_units(params.weights, params.biases)
            if present != units:
                raise ValueError(
                    f"Training cannot go on from weights for layers of {present} "
                    f"units: the data and hidden_layer_sizes={self.hidden_layer_sizes!r} "
                    f"ask for {units}. Fit anew with warm_start=False."
                )
            return params
        params = Parameters.of(dense(units, self.activation), X.dtype)
        uniform(params, rng)
        return params

    def _split(self, samples, class_weight, validation, target, params, rng):
        """Return the data to train on, and those held out for early stopping."""
        data = _encode(samples, class_weight, target)
        if not self.early_stopping:
            return data, None
        if validation.X is not None:
            return data, self._judge_own(validation, class_weight, target, params)
        train, rest = self._hold_out(samples, validation.groups, target, rng)
        if shuffle_window(self):
            train = np.sort(train)  # so that windows are stretches of X
        _, y, weight = samples
        if data.sample_weight is not None:
            check_any_weight(data.sample_weight[train], "of the rows to train on")
            check_any_weight(data.sample_weight[rest], "of the held-out rows")
        weight = None if weight is None else weight[rest]
        return data.part(train), self._judge(
            target, params, data.part(rest), weight, lambda: (data.X[rest], y[rest])
        )

    def _judge_own(self, validation, class_weight, target, params):
        """Return what the user's own validation data say about the weights."""
        held_out = self._validate_own(validation, params.vector.dtype)
        return self._judge(
            target,
            params,
            _encode(held_out, class_weight, target),
            held_out.sample_weight,
            lambda: held_out[:2],
        )

    def _validate_own(self, validation, dtype):
        """Check the user's own validation data like the training data."""
        try:
            X, y = self._validate(validation.X, validation.y, True, dtype)
            return Samples(X, y, check_sample_weight(validation.sample_weight, X))
        except ValueError as error:
            raise ValueError(f"X_val, y_val or sample_weight_val: {error}") from error

    def _hold_out(self, samples, groups, target, rng):
        """Return the numbers of the rows to train on, and of those to judge by."""
        X, y, _ = samples
        if isinstance(self.validation_fraction, Real):
            return hold_out(len(y), self.validation_fraction, rng, target.strata(y))
        return split_by(self.validation_fraction, X, y, groups)

    def _judge(self, target, params, data, sample_weight, samples):
        # A network of its own: scoring must not disturb the memory of training.
        network = dense_network(params.weights, params.biases, self.activation)
        model = copy.copy(self)
        vars(model).update(_model(target, params), n_features_in_=len(params.weights[0]))
        # A scorer hands arrays over, without the names and without pruned features.
        vars(model).pop("feature_names_in_", None)
        model._kept_features = None
        score = score_function(self.scoring, model, target, data.y, sample_weight, samples)
        return HeldOut(network, target.loss, data, score)

    def _monitor(self, params, held_out, task, is_continued, is_same_problem, is_rescored):
        """Return a monitor that starts afresh, or goes on where the last one ended.

        Where the best weights are rescored on the present held-out data, patience
        begins anew if their score is another than before.
        """
        # L-BFGS has criteria of its own, which are finer than the patience.
        is_patient = self.solver == "lbfgs" and not self.early_stopping
        n_iter_no_change = np.inf if is_patient else self.n_iter_no_change
        patience = Patience(n_iter_no_change, self.tol)
        record, best = Record(), Best()
        had_held_out = getattr(self, "validation_scores_", None) is not None
        if is_continued and had_held_out == self.early_stopping:
            record = Record(self._history)
        if is_same_problem:
            score = self.best_validation_score_ if self.early_stopping else -self.best_loss_
            waited = self._waited
            if is_rescored:
                # The best score so far may be that of other data.
                present = held_out.evaluate()[0]
                score, waited = present, waited if present == score else 0
            patience = Patience(n_iter_no_change, self.tol, score, waited)
            if self.early_stopping:
                best = copy.deepcopy(self._best) or Best(score, params.vector, self.best_iter_)
        return Monitor(
            patience,
            record,
            evaluate=held_out.evaluate if held_out else None,
            best=best,
            weights=slice(0, params.weight_slices[-1].stop),
            log=print if self.verbose else None,
            describe=table_lines if self.verbose > 1 else iteration_lines,
            hooks=task if hasattr(self, "_skl_callbacks") else None,
        )

    def _evaluate_objective(self, X, y, sample_weight):
        """Evaluate what training minimises at the weights that it has brought.

        Returns
        -------
        params : Parameters
            A copy of the weights.

        objective : Objective
            With the gradient of its smooth part over all data.

        total_weight : float
            What ``alpha`` is divided by, on average over minibatches.

        value : float
            Of the smooth part.
        """
        data, target, _ = self._encode_again(X, y, sample_weight)
        params = Parameters.pack(self.coefs_, self.intercepts_, data.X.dtype)
        n_outputs = len(params.biases[-1])
        if target.n_outputs != n_outputs:
            raise ValueError(
                f"y asks for {target.n_outputs} output(s), but the network has "
                f"{n_outputs}: pass the targets that it was fitted to."
            )
        objective = new_objective(self, params, target.loss)
        is_whole = self.solver == "lbfgs"
        batch_size = data.n_samples if is_whole else minibatch_size(self, data.n_samples)
        total_weight = data.total_weight(batch_size)
        return params, objective, total_weight, objective.evaluate(data, total_weight)

    def _evaluate_on(self, validation, X, y):
        """Return score and loss on the user's own validation data, two floats.

        They are those that early stopping would watch; ``X`` and ``y`` are the training
        data, which class weights are taken from.
        """
        _, target, class_weight = self._encode_again(X, y, None)
        params = Parameters.pack(self.coefs_, self.intercepts_, self._weights_dtype())
        return self._judge_own(validation, class_weight, target, params).evaluate()

    def _alpha_max(self, X, y, sample_weight):
        """Return the least strengths that leave nothing of a model without hidden layers.

        Returns
        -------
        strengths : dict of float
            Of ``l1`` and of ``group_lasso``, each on its own.
        """
        data, target, _ = self._encode_again(X, y, sample_weight)
        gradient = null_gradient(target.loss, data, target.n_outputs)
        by_group = GroupLasso(0.0, feature_group_numbers(self))
        return {"l1": L1.alpha_max(gradient), "group_lasso": by_group.alpha_max(gradient)}

    def _encode_again(self, X, y, sample_weight):
        """Return data as the fitted network takes them, their target and class weights."""
        check_is_fitted(self)
        X, y = self._validate(X, y, is_continued=True)
        sample_weight = check_sample_weight(sample_weight, X)
        # As in a stage the data may lack classes.
        target = self._fit_target(y, is_continued=True, is_stage=True, classes=None)
        class_weight = self._class_weight_of(y, target)
        data = _encode(Samples(X, y, sample_weight), class_weight, target)
        return data, target, class_weight

    def _warn_if_empty(self, params):
        """Tell a user whose penalty has left nothing that reads the features."""
        empty = [layer for layer, weight in enumerate(params.weights) if not weight.any()]
        strengths = [
            f"{name}={getattr(self, name)!r}"
            for name in ("l1", "group_lasso")
            if np.any(getattr(self, name))
        ]
        if empty and strengths:
            warnings.warn(
                f"All weights of coefs_[{empty[0]}] are zero, so predictions do not depend "
                f"on X. Lower {' or '.join(strengths)}.",
                stacklevel=5,
            )

    def _store(self, target, params, monitor, loss):
        """Take over what the training has brought."""
        record, patience = monitor.record, monitor.patience
        is_scored = self.early_stopping
        vars(self).update(_model(target, params))
        self._waited = patience.waited
        self.n_iter_ = monitor.n_iter
        self.loss_ = loss
        self._history = record.columns
        self.loss_curve_ = list(record.column("objective"))
        self.best_loss_ = None if is_scored else -patience.best
        self.best_validation_score_ = patience.best if is_scored else None
        self.validation_scores_ = list(record.column("score")) if is_scored else None
        losses = record.column("validation_loss")
        self.validation_loss_curve_ = list(losses) if is_scored else None
        self.best_iter_ = monitor.best.epoch if is_scored else None

    @property
    def history_(self):
        """What was recorded of every epoch, a dict of arrays by name."""
        check_is_fitted(self)
        return {name: np.array(values) for name, values in self._history.items()}

    def _predict_raw(self, X):
        """Return the raw output of the network for ``X`` of shape (n_samples, n_features).

        Every call builds a network with memory of its own, so that threads may
        predict with one estimator at once.
        """
        X, weights, biases = self._validate_prediction(X)
        network = dense_network(weights, biases, self.activation)
        return network.predict(X, self._kept_features)

    def _draw_raw(self, X, n_draws, random_state):
        """Return an iterator over raw outputs for ``X``, each under a draw of dropout."""
        X, weights, biases = self._validate_prediction(X)
        check_parameters(self)
        n_hidden = len(weights) - 1
        check_length("dropout", self.dropout, n_hidden, "hidden layer(s)")
        rates = [self.input_dropout, *np.broadcast_to(self.dropout, n_hidden)]
        if not np.any(rates):
            raise ValueError(
                "Draws differ by what dropout drops, and this model drops nothing: it has "
                f"dropout={self.dropout!r}, input_dropout={self.input_dropout!r} and "
                f"{n_hidden} hidden layer(s). Fit it with dropout or input_dropout above 0."
            )
        rng = mask_generator(check_random_state(random_state))
        return (
            dense_network(thin(weights, rates, rng), biases, self.activation).predict(
                X, self._kept_features
            )
            for _ in range(n_draws)
        )

    def _validate_prediction(self, X):
        """Return ``X``, weights and biases as a network that predicts takes them."""
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            accept_sparse=["csr", "csc"],
            dtype=(np.float64, np.float32),
            # A scorer asks one whose features have all been pruned.
            ensure_min_features=min(1, self.n_features_in_),
            reset=False,
        )
        dtype = self._weights_dtype()
        weights = [
            weight.astype(dtype, copy=False)
            if sparse.issparse(weight)
            else np.asarray(weight, dtype)
            for weight in self.coefs_
        ]
        biases = [np.asarray(bias, dtype) for bias in self.intercepts_]
        return by_rows(X), weights, biases

    def _weights_dtype(self):
        """Dtype to compute in: users may have set weights of another than the two."""
        return dtype_of([*self.coefs_, *self.intercepts_])

    def _hidden_outputs(self, X, which):
        """Return the outputs of hidden layers for ``X``; ``which`` is a slice of them."""
        X, weights, biases = self._validate_prediction(X)
        network = dense_network(weights, biases, self.activation)
        return network.hidden_outputs(X, which, self._kept_features)

    def _is_stochastic(self):
        """Whether `partial_fit` is there; the message is scikit-learn's."""
        if self.solver == "lbfgs":
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def __sklearn_is_fitted__(self):
        return hasattr(self, "coefs_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _model(target, params):
    """Return the attributes that make a network predict, with views of its weights."""
    return {
        "coefs_": params.weights,
        "intercepts_": params.biases,
        "n_layers_": len(params.weights) + 1,
        "n_outputs_": target.n_outputs,
        "out_activation_": target.loss.out_activation,
        "_target": target,
    }


def _identity(parameters):
    """Return what tells whether two trainings minimise the same thing the same way."""
    told = {k: v for k, v in parameters.items() if k not in _NOT_THE_PROBLEM}
    for name, value in told.items():
        if name in ("scoring", "validation_fraction"):
            # Users' own functions and splitters, which joblib may be unable to hash.
            told[name] = repr(value)
        elif not (value is None or isinstance(value, (str, Number))):
            # A copy of arrays would do as well, if arrays could be compared like numbers.
            told[name] = joblib.hash(value)
    return told


def _encode(samples, class_weight, target):
    """Return samples as the engine takes them, weighted by class as well."""
    X, y, sample_weight = samples
    encoded = target.encode(y, X.dtype)
    classes = getattr(target, "classes_", None)
    return Data(X, encoded, with_class_weight(sample_weight, class_weight, y, classes))


def _run(solver, objective, data, monitor, is_stage, is_part):
    """Train until the monitor, the solver or the user says stop; settle the zeros."""
    outcome = None
    try:
        outcome = solver.solve(objective, data, monitor)
        if is_stage:
            return outcome
        monitor.finish(objective.theta)
        if monitor.diverged:
            return outcome
        best = objective.theta.copy()
        settled = solver.settle(objective, data, monitor.n_iter, outcome)
        if monitor.is_as_good_as_best():
            return settled
        objective.theta[...] = best
    except KeyboardInterrupt:
        if is_part:
            raise
        warnings.warn("Training interrupted by user.", stacklevel=5)
        if outcome is None:
            monitor.finish(objective.theta)
            outcome = Outcome(converged=True, loss=monitor.record.last_loss)
    return outcome


def _check_success(params, monitor):
    """Refuse a model that cannot predict; warn of one that was saved just in time."""
    if not np.isfinite(params.vector).all():
        raise ValueError(
            "Solver produced non-finite parameter weights. The input data may contain "
            "large values and need to be preprocessed."
        )
    if not monitor.diverged:
        return
    if monitor.best.epoch is None:
        if np.isfinite(monitor.record.last_loss):
            raise ValueError(
                f"The validation score was {monitor.score} in epoch {monitor.n_iter}, and "
                "there is no earlier one to go back to. The data may contain large values, "
                "learning_rate_init may be too high, or what scoring= asks for is undefined "
                "on the held-out rows: they may lack a class."
            )
        raise ValueError(
            f"The training loss was not finite in epoch {monitor.n_iter}. The data may "
            "contain large values and need to be preprocessed, or learning_rate_init "
            "is too high."
        )
    warnings.warn(
        f"The loss or the validation score was not finite in epoch {monitor.n_iter}, and "
        f"training stopped there. The model is that of epoch {monitor.best.epoch} on the "
        "curve. The data may contain large values and need to be preprocessed, or "
        "learning_rate_init is too high.",
        ConvergenceWarning,
        stacklevel=5,
    )
