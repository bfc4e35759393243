"""Trainings on disk: a fit that is killed goes on where it was, when it is called again."""

import hashlib
from dataclasses import replace
from pathlib import Path

from skreg.estimators.constraints import InvalidParameterError, shown
from skreg.nn.data import Order
from skreg.nn.stopping import Best
from skreg.nn.storage import StorageError, load, remove_parts, save


def check_seed(checkpoint, random_state):
    """Refuse checkpoints of trainings that could not be told from others."""
    if checkpoint is not None and random_state is None:
        raise InvalidParameterError(
            f"checkpoint={shown(checkpoint)} needs a random_state: with None, a fit that "
            "goes on could not be told from one that is to begin anew. Set random_state, for "
            "instance to 0."
        )


class Checkpoint:
    """The file of a training.

    Parameters
    ----------
    directory : str or path-like
        Made where it is missing.

    every : int
        Epochs between two states that are written.

    key : object
        What tells this training from others, with a ``repr`` that is the same in every
        process.

    Attributes
    ----------
    troubles : list of str
        What went wrong with reading and writing, in sentences. The training goes on.
    """

    def __init__(self, directory, every, key):
        name = hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest()
        self._path = Path(directory) / f"{name}.npz"
        self._every = every
        self._state = None
        self._latest = None
        self.troubles = []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise InvalidParameterError(
                f"The 'checkpoint' parameter must be a directory that can be written to. Got "
                f"{shown(directory)}: {getattr(error, 'strerror', error)}."
            ) from error

    def resume(self, state, rng):
        """Return the state to go on with: what the file holds, or a fresh one.

        Parameters
        ----------
        state : State
            A fresh one, or one that was kept; its parameters, an array, are those that move.

        rng : numpy.random.RandomState
            Set to where the training had come to.

        Returns
        -------
        state : State
        """
        self._state = state
        remove_parts(self._path)
        try:
            found = load(self._path)
            if found.theta.shape != state.theta.shape or found.theta.dtype != state.theta.dtype:
                raise StorageError("it holds the parameters of another network")
        except FileNotFoundError:
            return state
        except (StorageError, AttributeError) as error:
            self.troubles.append(
                f"The checkpoint {self._path} cannot be read, so training starts anew, and "
                f"writes another in its place: {error}."
            )
            return state
        if found.n_iter <= state.n_iter and not found.is_finished:
            return state
        state.theta[...] = found.theta
        found.theta = state.theta
        if found.order.rng is not None:
            rng.set_state(found.order.rng.get_state())
            found.order.rng = rng
        self._state = found
        self._latest = found.n_iter, found.is_finished
        return found

    def begin(self):
        """Do nothing: of an epoch that begins there is nothing to keep."""

    def end(self):
        """Write the state where it is time; a checkpoint never ends a training."""
        if self._state.n_iter % self._every == 0 or self._state.is_over:
            self.write()
        return False

    def write(self):
        """Write the state, if it is another than was written last."""
        state = self._state
        place = state.n_iter, state.is_finished
        if place == self._latest:
            return
        self._latest = place
        try:
            save(self._path, _result_of(state) if state.is_finished else state)
        except OSError as error:
            if not self.troubles:
                self.troubles.append(
                    f"The checkpoint {self._path} cannot be written, and training goes on "
                    f"without: {error}."
                )


class NoCheckpoint:
    """What stands for a checkpoint where there is none."""

    troubles = ()

    def resume(self, state, rng):
        """Return the fresh state."""
        return state

    def begin(self):
        """Do nothing."""

    def end(self):
        """Do nothing."""
        return False

    def write(self):
        """Do nothing."""


def _result_of(state):
    """Return what is left of a training that is finished: no more steps will follow."""
    return replace(
        state,
        best=Best(state.best.score, epoch=state.best.epoch),
        order=Order(state.order.rng),
        optimizer=None,
        schedule=None,
        mask_rng=None,
    )
