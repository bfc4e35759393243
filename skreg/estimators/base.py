"""Fitting, continued fitting and prediction: what both estimators share."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.assembly import is_stochastic
from skreg.estimators.callbacks import CallbackSupportMixin
from skreg.estimators.continuation import FirstIncrement, Increment, start_of
from skreg.estimators.fitted import on_call, state_of
from skreg.estimators.fitting import (
    begin,
    check,
    fit,
    run_until_interrupted,
    take_over,
    unchanged_if_it_fails,
)
from skreg.estimators.held_out import Validation
from skreg.estimators.linear import LinearMixin
from skreg.estimators.notes import tell
from skreg.estimators.sparsity import SparsityMixin


class BaseMLP(CallbackSupportMixin, SparsityMixin, LinearMixin, BaseEstimator):
    """Multilayer perceptron: everything that does not depend on the kind of target."""

    # Groups are for splitters, which ask for them by themselves; a network has one seldom.
    __metadata_request__fit = {"groups": False}  # noqa: RUF012

    def _fit(self, given, validation):
        """Train; whatever goes wrong, the estimator is as it was before."""
        notes = fit(self, given, validation, start_of, run_until_interrupted)
        tell(notes, depth=2)
        return self

    def _partial_fit(self, given):
        """Train for one more epoch; whatever goes wrong, the estimator is as before."""
        validation = Validation()
        model = check(self, validation)
        if model.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        start = Increment(model) if hasattr(model, "coefs_") else FirstIncrement(model)
        with unchanged_if_it_fails(self), np.errstate(all="ignore"):
            fitting = begin(given, start, validation)
            fitting.training.advance(1)
            # Of many epochs this one is no end, whose message would be told.
            fitting.training.state.message = ""
            take_over(self, fitting, on_call)
        tell(fitting.notes, depth=2)
        return self

    @property
    def history_(self):
        """What was recorded of every epoch, a dict of arrays by name."""
        check_is_fitted(self)
        columns = state_of(self).record.columns
        return {name: np.array(values) for name, values in columns.items()}

    def __sklearn_is_fitted__(self):
        return hasattr(self, "coefs_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def has_partial_fit(model):
    """Whether ``partial_fit`` is there; the message is scikit-learn's."""
    if not is_stochastic(model):
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. "
            f"{model.solver} is not stochastic."
        )
    return True
