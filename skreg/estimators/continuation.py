"""What a training begins with: nothing, a fitted network, or a state on its way.

All starts have the methods of `Start`, a training from scratch. `WarmStart` is that of
``fit`` under ``warm_start``, `Increment` that of ``partial_fit``, `Resumption` that of a
training whose state was kept.
"""

import copy
import threading
from dataclasses import replace
from numbers import Integral

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skreg.estimators.assembly import new_order, new_state
from skreg.estimators.comparing import fingerprint_of
from skreg.estimators.constraints import generator, shown
from skreg.estimators.fitted import packed, setting_of, state_of, target_of, weights_dtype
from skreg.estimators.notes import Note
from skreg.estimators.parity import is_as_in_scikit_learn
from skreg.estimators.targets import check_same_classes, new_target, target_again
from skreg.nn.architecture import dense, layer_units
from skreg.nn.initializers import uniform
from skreg.nn.null_model import begin_at_constant
from skreg.nn.parameters import Parameters
from skreg.nn.record import Record
from skreg.nn.stopping import Best

# Rows of X that tell whether data are those of before; all targets do.
_ROWS_LOOKED_AT = 256
_OF_THREAD = threading.local()


class Start:
    """A training from scratch.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        As it is read, see `skreg.estimators.strengths.as_read`.

    Attributes
    ----------
    dtype : dtype, or tuple of dtype
        What ``X`` is converted to, where the parameter ``dtype`` is None: the first of
        several, if it has none of them.

    is_continued : bool
        Whether it goes on from weights that are there, with the features that they have.
    """

    dtype = (np.float64, np.float32)
    is_continued = False

    def __init__(self, model):
        self.model = model

    def rng(self):
        """Return the generator that ``random_state`` stands for."""
        return generator(self.model.random_state)

    def fingerprint_of_weights(self):
        """Return what tells the weights to begin with from others, or None."""
        return None

    def fingerprint(self, data):
        """Return what tells data from those of other fits, or None."""
        return data.fingerprint(_ROWS_LOOKED_AT)

    def target(self, samples, classes):
        """Return the target for ``y``, which may not hold each of the ``classes``."""
        return new_target(self.model, samples.y, classes, samples.sample_weight)

    def parameters(self, units, dtype, rng):
        """Return the parameters to begin with, in memory of their own."""
        params = Parameters.of(dense(units, self.model.activation), dtype)
        uniform(params, rng)
        return params

    def place_outputs(self, params, loss, data):
        """Set the output biases to where training is to begin, if they are not there yet.

        Parameters
        ----------
        params : Parameters
            As `parameters` has returned them.

        loss : object
            One of `skreg.nn.losses`.

        data : Data
            What is trained on.
        """
        if not is_as_in_scikit_learn(self.model):
            begin_at_constant(params, loss, data)

    def held_out(self, setting):
        """Return the rows that were held out before; None: they are to be drawn.

        Parameters
        ----------
        setting : Setting
            Of the training that begins.
        """
        return None

    def state(self, setting, objective, rng):
        """Return the `State` to begin with; its parameters are those of the objective."""
        return new_state(self.model, objective, rng)

    def notes(self, state):
        """Return what a user is to be told of the state to begin with, a list of `Note`."""
        return []


class _Continuation(Start):
    """What goes on from the weights of a network."""

    is_continued = True

    def __init__(self, model):
        super().__init__(model)
        self.dtype = weights_dtype(model)
        self._before, self._setting = state_of(model), setting_of(model)

    def target(self, samples, classes):
        before = target_of(self.model)
        return target_again(self.model, samples.y, before, classes, samples.sample_weight)

    def place_outputs(self, params, loss, data):
        # They are where they have come to.
        pass

    def parameters(self, units, dtype, rng):
        model = self.model
        params = packed(model, dtype)
        present = layer_units(params.weights, params.biases)
        if present != units:
            raise ValueError(
                f"Training cannot go on from weights for layers of {present} "
                f"units: the data and hidden_layer_sizes={shown(model.hidden_layer_sizes)} "
                f"ask for {units}. Fit anew with warm_start=False."
            )
        return params

    def state(self, setting, objective, rng):
        state, before = new_state(self.model, objective, rng), self._before
        if before is None:
            return state
        state.n_seen = before.n_seen
        if self._is_judged_as(setting):
            # Curves go on while they mean the same.
            state.record = Record(before.record.columns)
            if self._is_same(setting, objective.theta):
                state.patience.take_over(before.patience)
                state.best = Best(before.best.score, objective.theta, before.best.epoch)
        return state

    def _is_judged_as(self, setting):
        is_alike = self._setting.judgement == setting.judgement
        return is_alike and np.array_equal(self._setting.held_out, setting.held_out)

    def _is_same(self, setting, theta):
        """Whether nothing that matters to patience and the best epoch has changed."""
        raise NotImplementedError


class WarmStart(_Continuation):
    """A fit that goes on from the weights of the one before, on the same data or others.

    Patience and the best epoch go on where nothing that matters has changed: neither
    parameters, nor data, nor the weights, which users may set.
    """

    def target(self, samples, classes):
        target = super().target(samples, classes)
        if classes is None:
            check_same_classes(samples.y, target)
        return target

    def fingerprint_of_weights(self):
        model, before = self.model, self._before
        params = packed(model, self.dtype)
        seen = None if before is None else (before.n_seen, before.record.n_epochs)
        return fingerprint_of(params.vector), seen

    def held_out(self, setting):
        before = self._setting
        if before is None or before.held_out is None or before.data != setting.data:
            return None
        is_split_alike = before.judgement["split"] == setting.judgement["split"]
        return before.held_out if is_split_alike else None

    def notes(self, state):
        if not state.patience.has_run_out:
            return []
        message = (
            "warm_start goes on waiting where the fit before has stopped on the same data, so "
            "this one ends with the first epoch that is no better. To train on, change the "
            "parameters (n_iter_no_change, tol, learning_rate_init, ...), or fit anew with "
            "warm_start=False."
        )
        return [Note(message, ConvergenceWarning)]

    def _is_same(self, setting, theta):
        before = self._setting
        return (
            before.steps == setting.steps
            and before.data == setting.data
            and before.weights in (None, fingerprint_of(theta))
        )


class StartOfPart(Start):
    """A training from scratch that is a part of a search or a path: never a drop-in."""

    def place_outputs(self, params, loss, data):
        begin_at_constant(params, loss, data)


def start_of(model):
    """Return what a fit begins with."""
    return WarmStart(model) if _is_warm(model) else Start(model)


def start_of_part(model):
    """Return what a fit begins with that is a part of a search or a path."""
    return WarmStart(model) if _is_warm(model) else StartOfPart(model)


def _is_warm(model):
    return model.warm_start and hasattr(model, "coefs_")


def _seeded(seed):
    """Return a generator with a seed: in a thread always the same one.

    To make one takes longer than a step of a small network.
    """
    if not hasattr(_OF_THREAD, "rng"):
        _OF_THREAD.rng = np.random.RandomState()
    _OF_THREAD.rng.seed(seed)
    return _OF_THREAD.rng


class FirstIncrement(Start):
    """The first of the calls of ``partial_fit``."""

    def fingerprint(self, data):
        return None


class Increment(_Continuation):
    """One more epoch, on data of its own: with the optimizer and masks of the call before."""

    def rng(self):
        seed = self.model.random_state
        is_seed = isinstance(seed, Integral) and 0 <= seed < 2**32
        return _seeded(seed) if is_seed else super().rng()

    def fingerprint(self, data):
        return None

    def state(self, setting, objective, rng):
        before = self._before
        if before is None or before.optimizer is None or self._setting.steps != setting.steps:
            return super().state(setting, objective, rng)
        # Copies, or a call that fails would leave moments that have gone astray.
        return replace(
            before,
            theta=objective.theta,
            record=Record(before.record.columns),
            patience=copy.copy(before.patience),
            best=Best(),
            order=new_order(self.model, rng),
            optimizer=before.optimizer.copy(),
            schedule=copy.deepcopy(before.schedule),
            mask_rng=copy.deepcopy(before.mask_rng),
            n_iter=0,
            is_over=False,
        )

    def _is_same(self, setting, theta):
        return self._setting.steps == setting.steps


class Present(Increment):
    """The weights as they are, for data that are looked at and not trained on."""

    def parameters(self, units, dtype, rng):
        params = packed(self.model, dtype)
        n_outputs = len(params.biases[-1])
        if units[-1] != n_outputs:
            raise ValueError(
                f"y asks for {units[-1]} output(s), but the network has {n_outputs}: pass the "
                "targets that it was fitted to."
            )
        return params


class Resumption(Start):
    """A training whose state was kept; it is copied, so that whoever kept it has it still."""

    def __init__(self, model, state):
        super().__init__(model)
        self.dtype = state.theta.dtype
        self._state = copy.deepcopy(state)

    def parameters(self, units, dtype, rng):
        layers = dense(units, self.model.activation)
        return Parameters.of(layers).like(self._state.theta)

    def place_outputs(self, params, loss, data):
        # They are where they have come to.
        pass

    def state(self, setting, objective, rng):
        return self._state
