"""What counts as a network: one of ours, or a search that has chosen one."""

import functools

from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.base import BaseMLP
from skreg.estimators.constraints import InvalidParameterError


def of_best(name, network=BaseMLP):
    """Return what an attribute or a method of the best network is on a search.

    Nothing is copied: a search has what its best network has at the time, and lacks
    what that lacks.

    Parameters
    ----------
    name : str

    network : type, default=BaseMLP
        The class of the networks, which documents the methods.

    Returns
    -------
    member : function or property
        Raises a `NotFittedError` before there is a best network.
    """
    method = getattr(network, name, None)
    if not callable(method):

        def value(self):
            check_is_fitted(self)
            return getattr(self.best_estimator_, name)

        return property(value)

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        check_is_fitted(self)
        return getattr(self.best_estimator_, name)(*args, **kwargs)

    return call


class BestNetworkMixin:
    """A search that predicts with the best of its networks, ``best_estimator_``."""

    best_iter_ = of_best("best_iter_")
    best_loss_ = of_best("best_loss_")
    best_validation_score_ = of_best("best_validation_score_")
    coef_ = of_best("coef_")
    coefs_ = of_best("coefs_")
    feature_importances_ = of_best("feature_importances_")
    feature_names_in_ = of_best("feature_names_in_")
    history_ = of_best("history_")
    intercept_ = of_best("intercept_")
    intercepts_ = of_best("intercepts_")
    loss_ = of_best("loss_")
    loss_curve_ = of_best("loss_curve_")
    n_features_in_ = of_best("n_features_in_")
    n_iter_ = of_best("n_iter_")
    n_layers_ = of_best("n_layers_")
    n_outputs_ = of_best("n_outputs_")
    out_activation_ = of_best("out_activation_")
    selected_features_ = of_best("selected_features_")
    sparsity_ = of_best("sparsity_")
    t_ = of_best("t_")
    validation_loss_curve_ = of_best("validation_loss_curve_")
    validation_scores_ = of_best("validation_scores_")
    get_support = of_best("get_support")
    prune = of_best("prune")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "best_estimator_")


def check_network(estimator, caller):
    """Refuse an estimator that is none of our networks."""
    if isinstance(estimator, BaseMLP):
        return
    is_class = isinstance(estimator, type)
    given = f"the class {estimator.__name__}" if is_class else f"a {type(estimator).__name__}"
    raise InvalidParameterError(
        f"{caller} takes an MLPClassifier or MLPRegressor of skreg, not {given}. Of a "
        "pipeline or a search pass the network alone, such as pipeline[-1] or "
        "best_estimator_, and the data as they reach it."
    )


def unfrozen(estimator):
    """Return the estimator inside a frozen one, or what is not frozen as it is."""
    return estimator.estimator if isinstance(estimator, FrozenEstimator) else estimator


def network_of(estimator, caller):
    """Return the fitted network that an estimator is, or that it has chosen.

    Parameters
    ----------
    estimator : object
        A network, or a search of ours; either may be frozen.

    caller : str
        Who asks, for the error.

    Returns
    -------
    network : MLPClassifier or MLPRegressor

    Raises
    ------
    InvalidParameterError
        If it is something else.

    NotFittedError
        If it is not fitted.
    """
    estimator = unfrozen(estimator)
    if isinstance(estimator, BestNetworkMixin):
        check_is_fitted(estimator)
        return estimator.best_estimator_
    check_network(estimator, caller)
    check_is_fitted(estimator)
    return estimator
