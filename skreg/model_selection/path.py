"""Networks along the strength of a penalty, from dense to sparse."""

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Bunch

from skreg.estimators.assembly import check_combinations
from skreg.estimators.constraints import (
    InvalidParameterError,
    boolean,
    check_value,
    number,
    options,
    shown,
)
from skreg.estimators.evaluation import evaluate_objective, evaluate_on, largest_strengths
from skreg.estimators.fitting import fit_as_part
from skreg.estimators.held_out import Validation
from skreg.estimators.networks import check_network
from skreg.estimators.notes import Note, tell
from skreg.estimators.problem import Given
from skreg.estimators.strengths import check_network_parameters
from skreg.model_selection.strengths import geometric
from skreg.model_selection.walking import is_empty, walk

PATHS = ("l1", "group_lasso")
"""Penalties that a path can be walked along."""

_CONSTRAINTS = {
    "penalty": [options(*PATHS)],
    "n_strengths": [number(2, 10_000, brackets="[]", integer=True)],
    "eps": [number(1e-12, 1)],
    "max_iter": [options(None), number(1, integer=True)],
    "relax": [boolean()],
}


def mlp_path(
    estimator,
    X,
    y,
    *,
    penalty="l1",
    strengths=None,
    n_strengths=50,
    eps=1e-3,
    max_iter=None,
    sample_weight=None,
    X_val=None,
    y_val=None,
    sample_weight_val=None,
    relax=False,
):
    r"""Compute the regularisation path of a network, from dense to sparse.

    The network is first trained without the penalty, then with one strength of it after
    the other, each time from the weights of the last one, until no feature is left. With
    hidden layers the order matters: where all weights are zero there is no gradient that a
    path from sparse to dense could begin with [1]_.

    Without hidden layers, zero weights are the minimum from

    .. math::

        \lambda_{\max} &= \max_{jk} |G_{jk}| && \text{("l1")} \\
        \lambda_{\max} &= \max_g \|G_g\|_F / \sqrt{|g|} && \text{("group\_lasso")}

    on, where :math:`G` is the gradient of the loss in the weights at zero weights and the
    best intercepts. With hidden layers that is a scale, and no bound: strengths go on above
    it, by the same factor, until no feature is left.

    Where features have ``feature_weights``, :math:`|G_{jk}|` is divided by them, and
    :math:`|g|` is the sum of their squares. Features of weight 0 stay: :math:`G` is taken
    where they are fitted, and a path ends where no other feature is left.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        All parameters but the strength of the penalty; a clone of it is fitted. Its
        ``max_iter`` holds for the network to begin with, and for refits.

    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Training data.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.

    penalty : {"l1", "group_lasso"}, default="l1"
        The parameter of the estimator that grows.

    strengths : array-like of shape (n_strengths,), default=None
        Its values, positive; sorted upwards. None: ``n_strengths`` of them in geometric
        progression from ``eps`` times :math:`\lambda_{\max}` to :math:`\lambda_{\max}`,
        and from there on to :math:`\lambda_{\max}` / ``eps`` if need be.

    n_strengths : int, default=50
        Number of strengths up to :math:`\lambda_{\max}`, from 2 to 10,000.

    eps : float, default=1e-3
        Ratio of the smallest strength to :math:`\lambda_{\max}`, from 1e-12 to below 1.

    max_iter : int, default=None
        Largest number of epochs at each strength, without a warning where it is reached.
        None: that of the estimator. Since networks of neighbouring strengths are alike, a
        tenth of it may do.

    sample_weight : array-like of shape (n_samples,), default=None
        How often each sample counts.

    X_val : {array-like, sparse matrix} of shape (n_samples_val, n_features), default=None
        Data to judge the networks by.

    y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), default=None
        Their targets.

    sample_weight_val : array-like of shape (n_samples_val,), default=None
        Their weights.

    relax : bool, default=False
        Whether to refit each support without the penalties "l1" and "group_lasso", as the
        relaxed lasso does [2]_. The support is that of features: ``prune()`` takes features
        and hidden units that make no difference out of the network, and what is
        left goes on being trained. Single weights within it that "l1" had
        set to zero may come back. Of strengths in a row with the same features only the
        first is refitted.

    Returns
    -------
    path : :class:`~sklearn.utils.Bunch`
        Dictionary-like, with the following attributes.

        penalty : str
            As given.
        strengths : ndarray of shape (n_strengths,)
            Those that were fitted, upwards: none after the first that leaves no feature that
            is penalised.
        models : list of MLPClassifier or MLPRegressor
            The fitted network at each of them. Under ``warm_start=True``, which they have,
            ``fit`` goes on from there. Their curves begin with the first network.
        norms : ndarray of shape (n_strengths, n_features)
            Norm of the first-layer weights that leave each feature. Weights that only lead
            to dead hidden units do not count, as in ``prune()``, nor do they below.
        n_features : ndarray of int of shape (n_strengths,)
            Features with weights that are not zero.
        n_weights : ndarray of int of shape (n_strengths,)
            Weights that are not zero, of all layers.
        n_iters : ndarray of int of shape (n_strengths,)
            Epochs, or iterations, at each strength.
        losses : ndarray of shape (n_strengths,)
            Loss on the training data, without penalties and dropout.
        objectives : ndarray of shape (n_strengths,)
            The same with penalties.
        validation_losses : ndarray of shape (n_strengths,) or None
            Loss on the validation data. None without ``X_val``.
        scores : ndarray of shape (n_strengths,) or None
            Score on the validation data, by the ``scoring`` of the estimator: for None
            accuracy or R2. None without ``X_val``.
        relaxed : Bunch or None
            The same of the refitted networks, with ``relax=True``.

        After an interrupt, such as Ctrl-C, it is the path so far, with a warning: there
        are fewer strengths, and no refits or fewer. Where no strength is done yet, the
        interrupt goes through.

    Raises
    ------
    ValueError
        If a parameter has a value that it cannot have, or the estimator parameters that do
        not go with the penalty; if it has ``early_stopping``; or if ``y`` is constant.

    See Also
    --------
    skreg.inspection.RegularizationPathDisplay : Draws a path.
    sklearn.linear_model.lasso_path : The path of a linear model.

    References
    ----------
    .. [1] Lemhadri, Ruan, Abraham and Tibshirani, "LassoNet: a neural network with feature
       sparsity", JMLR 22 (2021): paths from dense to sparse.
    .. [2] Meinshausen, "Relaxed lasso", Computational Statistics & Data Analysis 52 (2007).

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skreg import MLPRegressor
    >>> from skreg.model_selection import mlp_path
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X, y = scale(X), scale(y)
    >>> linear = MLPRegressor((), solver="lbfgs", l2=0.0, tol=1e-8, random_state=0)
    >>> path = mlp_path(linear, X, y, strengths=[0.01, 0.1, 0.3, 1.0])
    >>> path.n_features
    array([8, 4, 2, 0])
    >>> path.models[1].selected_features_
    array([2, 3, 6, 8])
    """
    given = {"penalty": penalty, "n_strengths": n_strengths, "eps": eps, "max_iter": max_iter}
    given["relax"] = relax
    read = {name: check_value(name, value, _CONSTRAINTS[name]) for name, value in given.items()}
    strengths = _check_strengths(strengths)
    validation = Validation(X_val, y_val, sample_weight_val)
    validation.check(early_stopping=True, validation_fraction=1.0)
    network = _dense(estimator, penalty)

    notes = []

    def fit(network):
        found = fit_as_part(network, Given(X, y, sample_weight))
        # How a fit ends the path says once.
        notes.extend(note for note in found if not (note.is_of_the_end or note in notes))
        return network

    def record(networks):
        fitted = {"penalty": penalty, "strengths": strengths[: len(networks)]}
        return Bunch(**fitted, **_record(networks, X, y, sample_weight, validation))

    dense = fit(network)
    is_open = strengths is None
    if is_open:
        alpha_max = largest_strengths(dense, X, y, sample_weight)[penalty]
        strengths = geometric(alpha_max, read["n_strengths"], read["eps"])
    max_iter = read["max_iter"] or dense.max_iter
    networks, interrupt = _collect(walk(dense, penalty, strengths, max_iter, fit))
    if not networks:
        raise interrupt
    refitted = []
    if relax and interrupt is None:
        refitted, interrupt = _collect(_relax(networks, fit, estimator.max_iter))
    notes += _notes_of_what_is_unfinished([dense, *networks, *refitted], estimator.max_iter)
    if interrupt is not None:
        message = (
            f"Path interrupted by user: it has {len(networks)} strength(s), up to "
            f"{strengths[len(networks) - 1]:.3g}, and {len(refitted)} refit(s)."
        )
        notes.append(Note(message))
    elif is_open:
        notes += _notes_of_what_is_left(networks[-1], penalty)
    tell(notes, depth=1)
    path = record(networks)
    path.relaxed = record(refitted) if refitted else None
    return path


def _collect(networks):
    """Return networks as a list, and the interrupt that ended it before its time, or None."""
    collected = []
    try:
        for network in networks:
            collected.append(network)
    except KeyboardInterrupt as interrupt:
        return collected, interrupt
    return collected, None


def _check_strengths(strengths):
    """Return strengths as an array, upwards, or None for None."""
    if strengths is None:
        return None
    try:
        values = np.unique(np.asarray(strengths, dtype=float))
        is_allowed = np.ndim(strengths) == 1 and len(values) and np.isfinite(values).all()
    except (TypeError, ValueError, OverflowError):
        is_allowed = False
    if not (is_allowed and values[0] > 0):
        raise InvalidParameterError(
            f"strengths must be a sequence of positive numbers. Got {shown(strengths)}: the "
            "network without the penalty is trained in front of them, and need not be named."
        )
    return values


def _dense(estimator, penalty):
    """Return a clone to begin with, without the penalty."""
    check_network(estimator, "mlp_path")
    if estimator.early_stopping:
        raise InvalidParameterError(
            "mlp_path does not take early_stopping=True: at every strength it would go back to "
            "the best weights, those from before the penalty has worked. Set "
            "early_stopping=False, and choose among the networks by X_val and y_val."
        )
    network = clone(estimator).set_params(warm_start=True, **{penalty: 1.0})
    check_network_parameters(network)
    check_combinations(network)
    return network.set_params(**{penalty: 0.0})


def _notes_of_what_is_unfinished(networks, max_iter):
    """Return what to tell of fits that took all of ``max_iter``, that of the estimator."""
    fits = {id(network): network for network in networks if network.max_iter == max_iter}
    n_unfinished = sum(network.n_iter_ >= max_iter for network in fits.values())
    message = (
        f"{n_unfinished} of {len(fits)} fits along the path ended by max_iter={max_iter}, "
        "before they had converged. Raise max_iter of the estimator."
    )
    return [Note(message, ConvergenceWarning)] if n_unfinished else []


def _notes_of_what_is_left(network, penalty):
    message = (
        f"Even at {penalty}={getattr(network, penalty):.3g} there are features left. Raise "
        "max_iter or learning_rate_init, or pass strengths."
    )
    return [] if is_empty(network) else [Note(message, ConvergenceWarning)]


def _relax(networks, fit, max_iter):
    """Yield the supports of the networks, refitted without penalties that make zeros."""
    latest = None
    for network in networks:
        support = network.prune()
        if latest is None or not np.array_equal(support.get_support(), latest):
            latest = support.get_support()
            refitted = fit(support.set_params(**dict.fromkeys(PATHS, 0.0), max_iter=max_iter))
        yield refitted


def _record(networks, X, y, sample_weight, validation):
    """Return what is to be told of the networks along a path."""
    pruned = [network.prune() for network in networks]
    norms = np.array([network.feature_importances_ for network in pruned])
    train = np.array(
        [_loss_and_objective(network, X, y, sample_weight) for network in networks]
    )
    scores = validation_losses = None
    if validation.X is not None:
        judged = [evaluate_on(network, validation, X, y) for network in networks]
        scores, validation_losses = np.array(judged).T
    return {
        "models": networks,
        "norms": norms,
        "n_features": np.count_nonzero(norms, axis=1),
        "n_weights": np.array(
            [sum(map(np.count_nonzero, network.coefs_)) for network in pruned]
        ),
        "n_iters": np.array([network.n_iter_ for network in networks]),
        "losses": train[:, 0],
        "objectives": train[:, 1],
        "validation_losses": validation_losses,
        "scores": scores,
    }


def _loss_and_objective(network, X, y, sample_weight):
    _, objective, total_weight, value = evaluate_objective(network, X, y, sample_weight)
    penalty = objective.smooth_value(total_weight)
    return value - penalty, value + objective.proximal_value()
