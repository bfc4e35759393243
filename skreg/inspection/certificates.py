"""How far a fitted network is from a stationary point of its objective."""

import numpy as np
from sklearn.utils import Bunch

from skreg.estimators.evaluation import evaluate_objective
from skreg.estimators.networks import network_of
from skreg.estimators.refusals import check_certified


def optimality(estimator, X, y, sample_weight=None):
    r"""Certify a fitted network: distance from optimality, weight by weight.

    At a stationary point of the training objective :math:`f + \sum_p p`, where
    :math:`f` is the loss with the smooth penalties and :math:`p` are the penalties that make
    zeros, :math:`0` is in the subdifferential
    :math:`\nabla f(\theta) + \sum_p \partial p(\theta)` [1]_. The smallest element of that set
    says how far :math:`\theta` is from it. For L1 it is, weight by weight,

    .. math::

        d_j = \begin{cases}
            |\partial_j f + \lambda_1 \operatorname{sign}(w_j)| & w_j \ne 0 \\
            \max(|\partial_j f| - \lambda_1, 0) & w_j = 0,
        \end{cases}

    and :math:`\lambda_1 - |\partial_j f|` is the slack of a zero: how much the
    gradient may grow before it has to move. For the group lasso norms of groups
    take the place of absolute values. Where features have ``feature_weights``, strengths are
    multiplied by these, and a weight of 0 holds no zero.

    A training that has converged leaves a small distance; one that was stopped
    early, or that minibatches keep in motion, a larger one. How small depends on the
    scale of the loss: compare with the distance of other networks on the same data.
    A network without hidden layers that is at distance 0 is the best there
    is; with hidden layers it is a stationary point. At the kink of a ReLU the slope
    is taken to be 0, and at the kink of the losses "absolute_error" and "quantile" to be
    that in the middle: where residuals are zero, their minima may be at a distance.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, MLPClassifierCV or MLPRegressorCV
        Fitted, without ``weight_decay``, ``max_norm`` and dropout. Its parameters are
        taken as they are now. A search stands for its ``best_estimator_``.

    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        The data that it was fitted to. With ``early_stopping`` a part of them was
        held out; such a network is not meant to be stationary.

    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The targets that it was fitted to.

    sample_weight : array-like of shape (n_samples,), default=None
        The weights that it was fitted with.

    Returns
    -------
    result : :class:`~sklearn.utils.Bunch`
        Dictionary-like, with the following attributes.

        distance : float
            Euclidean norm of all distances, biases included.
        coefs : list of ndarray of shape (n_in, n_out)
            Distance of every weight, like ``coefs_``.
        intercepts : list of ndarray of shape (n_out,)
            Distance of every bias, like ``intercepts_``.
        slack : list of ndarray of shape (n_in, n_out)
            Slack of every weight that a penalty holds at zero, negative where it
            should move; not a number for all others. The weights of a zero group
            have the slack of the group, whatever ``l1`` holds on top of it.
        objective : float
            Value of the objective, penalties included.
        l2 : list of float
            Strength of the L2 penalty of each weight matrix. Where ``l2=None``, what
            ``alpha`` has come to: divided by rows and mean weight of a minibatch, on
            average over the minibatches of an epoch.

    Raises
    ------
    ValueError
        If the estimator was trained with ``weight_decay``, ``max_norm`` or dropout,
        for which there is no certificate, or the data do not fit the estimator.

    TypeError
        If ``estimator`` is something else, such as a pipeline.

    See Also
    --------
    skreg.MLPClassifier.get_support : The features that are not zero.

    References
    ----------
    .. [1] Parikh and Boyd, "Proximal algorithms", Foundations and Trends in
       Optimization 1 (2014), section 2.3: fixed points and subdifferentials.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skreg import MLPRegressor
    >>> from skreg.inspection import optimality
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X, y = scale(X), scale(y)
    >>> network = MLPRegressor((5,), activation="tanh", solver="lbfgs", l1=0.01, l2=0.01,
    ...                        tol=1e-7, max_iter=5000, random_state=0)
    >>> result = optimality(network.fit(X, y), X, y)
    >>> result.distance < 1e-4
    True
    >>> bool((result.slack[0][network.coefs_[0] == 0] > -1e-5).all())
    True
    >>> stopped = network.set_params(max_iter=5).fit(X, y)
    >>> optimality(stopped, X, y).distance > 1e-2
    True
    """
    network = network_of(estimator, "optimality")
    check_certified(network)
    params, objective, total_weight, value = evaluate_objective(network, X, y, sample_weight)
    subgradient = objective.min_norm_subgradient()
    distances = params.like(np.abs(subgradient))
    return Bunch(
        distance=float(np.linalg.norm(subgradient)),
        coefs=distances.weights,
        intercepts=distances.biases,
        slack=params.like(objective.slack()).weights,
        objective=value + objective.proximal_value(),
        l2=objective.l2_strengths(total_weight),
    )
