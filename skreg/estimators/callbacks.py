"""The bridge to `sklearn.callback`, which scikit-learn has from version 1.9 on.

Before, estimators have no `set_callbacks`, and everything here does nothing.
"""

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:
        """Without methods: there are no callbacks to support."""

    def with_callbacks(method):
        """Return the method as it is."""
        return method


tear_down = with_callbacks(lambda estimator: None)
"""Tear down the callbacks of an estimator whose fit is over, however it ended."""


class FitTask:
    """A fit, and its epochs, as a tree of tasks that callbacks are told of.

    Parameters
    ----------
    estimator : estimator
        What is fitted.

    X, y, sample_weight : object
        As the user gave them.

    n_epochs : int
        The largest number there can be.

    epoch_name : str
        What an epoch is called.
    """

    def __init__(self, estimator, X, y, sample_weight, n_epochs, epoch_name):
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._told = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._epoch_name = epoch_name
        self._epoch = None
        self._context = estimator._init_callback_context(max_subtasks=n_epochs)
        self._context.call_on_fit_task_begin(**self._told)

    @classmethod
    def of(cls, estimator, *given):
        """Return the task of a fit, or None where nobody asks for it."""
        is_watched = hasattr(estimator, "_skl_callbacks") or hasattr(
            estimator, "_parent_callback_ctx"
        )
        return cls(estimator, *given) if is_watched else None

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

    def close(self):
        """Tell that the fit ends, and an epoch before it that was not finished."""
        if self._epoch is not None:
            self._epoch.call_on_fit_task_end(estimator=self._told["estimator"])
        self._context.call_on_fit_task_end(**self._told)
