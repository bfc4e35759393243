"""The bridge to `sklearn.callback`, which scikit-learn has from version 1.9 on.

Before, estimators have no `set_callbacks`, and everything here does nothing.
"""

from contextlib import contextmanager

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:
        """Without methods: there are no callbacks to support."""

    def with_callbacks(method):
        """Return the method as it is."""
        return method


tear_down = with_callbacks(lambda estimator: None)


def _is_watched(estimator):
    return hasattr(estimator, "_skl_callbacks") or hasattr(estimator, "_parent_callback_ctx")


def _told_of(estimator, X, y, sample_weight):
    """Return what callbacks are told of a fit, by the names that they know it by."""
    metadata = None if sample_weight is None else {"sample_weight": sample_weight}
    return {"estimator": estimator, "X": X, "y": y, "metadata": metadata}


class FitTask:
    """A fit, and its epochs, as a tree of tasks that callbacks are told of.

    Where nobody asks for it, see `FitTask.of`, it is one that tells nobody.

    Parameters
    ----------
    estimator : estimator
        What is fitted.

    given : Given
        Data as the user gave them.

    n_epochs : int
        The largest number there can be.

    epoch_name : str
        What an epoch is called.
    """

    def __init__(self, estimator, given, n_epochs, epoch_name):
        self._told = _told_of(estimator, given.X, given.y, given.sample_weight)
        self._epoch_name = epoch_name
        self._epoch = None
        self._n_epochs = n_epochs

    @classmethod
    def of(cls, estimator, *given):
        """Return the task of a fit, as a context."""
        return cls(estimator, *given) if _is_watched(estimator) else Unwatched()

    def __enter__(self):
        """Tell that the fit begins."""
        estimator = self._told["estimator"]
        try:
            self._context = estimator._init_callback_context(max_subtasks=self._n_epochs)
            self._context.call_on_fit_task_begin(**self._told)
        except BaseException:
            tear_down(estimator)
            raise
        return self

    def __exit__(self, kind, error, trace):
        """Tell that the fit ends, if it has not failed; callbacks are torn down anyway."""
        try:
            if error is None:
                self._close()
        finally:
            tear_down(self._told["estimator"])

    @property
    def hooks(self):
        """What is to be told of epochs, a list."""
        return [self] if hasattr(self._told["estimator"], "_skl_callbacks") else []

    def watch(self, attributes):
        """Say what makes the estimator a fitted one in the middle of a training.

        Parameters
        ----------
        attributes : callable
            Returns a dict of attributes, in memory of their own.
        """
        self._told["reconstruction_attributes"] = attributes

    def begin(self):
        """Tell that an epoch begins."""
        self._epoch = self._context.subcontext(task_name=self._epoch_name)
        self._epoch.call_on_fit_task_begin(**self._told)

    def end(self):
        """Tell that an epoch ends; return whether a callback wants to stop."""
        epoch, self._epoch = self._epoch, None
        return epoch.call_on_fit_task_end(**self._told)

    def _close(self):
        """Tell that the fit ends, and an epoch before it that was not finished."""
        if self._epoch is not None:
            self._epoch.call_on_fit_task_end(estimator=self._told["estimator"])
        self._context.call_on_fit_task_end(**self._told)


class Unwatched:
    """The task of a fit that nobody watches."""

    hooks = ()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """Do nothing."""

    def watch(self, attributes):
        """Do nothing."""


class SearchTask:
    """A search, its stages and their trainings, as a tree of tasks for callbacks.

    All of it is told in the process of the search, wherever networks are trained: a
    training begins when its stage does, and ends when its result is there. At the end
    there may be one more training, on all data.

    Parameters
    ----------
    search : estimator
        What is fitted.

    X, y, sample_weight : object
        As the user gave them.

    n_stages : int
        The largest number there can be.
    """

    def __init__(self, search, X, y, sample_weight, n_stages):
        self._told = _told_of(search, X, y, sample_weight)
        self._search = search
        self._stage = None
        self._trainings = {}
        self._context = search._init_callback_context(max_subtasks=n_stages + 1)
        self._context.call_on_fit_task_begin(**self._told)

    @classmethod
    def of(cls, search, *given):
        """Return the task of a search, or None where nobody asks for it."""
        return cls(search, *given) if _is_watched(search) else None

    def begin(self, name, n_trainings):
        """Tell that a stage begins, with so many trainings."""
        self._stage = self._context.subcontext(
            task_name=name, max_subtasks=n_trainings, sequential_subtasks=False
        )
        self._stage.call_on_fit_task_begin(estimator=self._search)
        for number in range(n_trainings):
            training = self._stage.subcontext("candidate-split-evaluation", number)
            self._trainings[number] = training
            training.call_on_fit_task_begin(estimator=self._search)

    def end_training(self, number):
        """Tell that a training of the stage ends."""
        self._trainings.pop(number).call_on_fit_task_end(estimator=self._search)

    def end(self):
        """Tell that the stage ends; return whether a callback wants to stop."""
        stage, self._stage = self._stage, None
        return stage.call_on_fit_task_end(estimator=self._search)

    @contextmanager
    def on_all_data(self, network):
        """Tell that a network begins to be trained on all data, and that it ends."""
        context = self._context.subcontext(task_name="refit-with-best-params")
        try:
            with context.propagate_callback_context(network):
                context.call_on_fit_task_begin(**self._told)
                yield
        finally:
            context.call_on_fit_task_end(**self._told)

    def close(self):
        """Tell that the search ends, and before it what was interrupted."""
        for number in list(self._trainings):
            self.end_training(number)
        if self._stage is not None:
            self.end()
        self._context.call_on_fit_task_end(**self._told)
