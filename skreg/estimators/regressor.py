"""The regressor."""

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils.metaestimators import available_if

from skreg.estimators.base import BaseMLP, has_partial_fit
from skreg.estimators.constraints import check_count
from skreg.estimators.fitted import target_of
from skreg.estimators.held_out import Validation
from skreg.estimators.prediction import raw_draws, raw_output, stacked
from skreg.estimators.problem import Given
from skreg.nn.sampling import standard_deviation


class MLPRegressor(RegressorMixin, BaseMLP):
    r"""Multilayer perceptron regressor with exact regularisation.

    A drop-in for :class:`sklearn.neural_network.MLPRegressor`: it takes the same
    parameters and gives the same numbers for the same ``random_state``. L1, L2 on
    a scale of its own, group lasso, max-norm, weight decay and dropout come on
    top. It minimises

    .. math::

        & \frac{\sum_i s_i \, \ell(y_i, f(x_i))}{\sum_i s_i}
        + \sum_l \lambda_{1,l} \|W_l\|_1 \\
        & + \frac{1}{2} \sum_l \lambda_{2,l} \|W_l\|_2^2
        + \lambda_g \sum_g \sqrt{|g|} \, \|W_{1,g}\|_F,

    where :math:`\ell` is the loss, summed over outputs, :math:`s_i` are sample
    weights, :math:`W_l` the weights of layer :math:`l` and :math:`W_{1,g}` those
    that leave the features of group :math:`g`; biases are not penalised.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer. An empty sequence makes the model linear.

    activation : str or sequence of str, default="relu"
        Function of the hidden units: one name for all hidden layers, or one for each.
        "identity" is x, "logistic" 1 / (1 + exp(-x)), "tanh" tanh(x), "relu" max(0, x),
        "leaky_relu" max(0.01 * x, x), "elu" x above 0 and exp(x) - 1 below, "selu" its
        self-normalising multiple, "gelu" x times the normal distribution function,
        "silu" x / (1 + exp(-x)), and "softplus" log(1 + exp(x)). Initial weights are
        drawn to suit [1]_: see the user guide.

    loss : str, default="squared_error"
        What is minimised, and with it what `predict` estimates:

        - "squared_error": half the squared error; the mean.
        - "absolute_error": the absolute error; the median.
        - "huber": half the squared error up to ``huber_delta``, linear beyond; a mean
          that outliers move little.
        - "quantile": the pinball loss; the quantile of level ``quantile`` [5]_, or
          several that do not cross [6]_.
        - "poisson": half the Poisson deviance of the exponential of the output; the mean
          of counts and rates, ``y >= 0``.
        - "gamma": half the gamma deviance of the exponential of the output; the mean
          of sizes whose spread is in proportion to it, ``y > 0``.

        Step sizes are meant for ``y`` of the size of 1: see ``scale_target``.

    solver : {"adam", "sgd", "lbfgs"}, default="adam"
        "adam" [2]_ and "sgd" take steps on minibatches; "lbfgs" minimises over
        the whole data at once, which suits small sets.

    alpha : float, default=1e-4
        Strength of the L2 penalty on scikit-learn's scale,
        ``alpha / (2 * S) * ||W||^2``, where ``S`` is the number of rows of the
        minibatch times the mean sample weight. Ignored where ``l2`` is set.

    batch_size : int or "auto", default="auto"
        Rows of a minibatch; "auto" is ``min(200, n_samples)``. Not used by "lbfgs".

    learning_rate : str, default="constant"
        Schedule of the learning rate, which changes once an epoch: "constant",
        "invscaling", "adaptive", "cosine", "one_cycle" or "plateau". For "sgd" only,
        as in scikit-learn: "invscaling" divides ``learning_rate_init`` by
        ``(t + 1) ** power_t`` after ``t`` samples; "adaptive" divides it by 5 each
        time patience runs out, and stops below 1e-6. For "adam" and "sgd":
        "cosine" goes from ``learning_rate_init`` to 0 along half a cosine over
        ``max_iter`` epochs; "one_cycle" rises from a 25th of it over the first three
        tenths of ``max_iter`` and falls to nearly 0 over the rest; "plateau"
        divides it by 5 each time the score that is watched has not improved by
        ``tol`` for more than half of ``n_iter_no_change`` epochs, 5 at most. Not used
        by "lbfgs".

    learning_rate_init : float, default=0.001
        Initial learning rate of "adam" and "sgd"; with "one_cycle" the largest.

    power_t : float, default=0.5
        Exponent of "invscaling".

    max_iter : int, default=200
        Largest number of epochs, for "lbfgs" of iterations.

    shuffle : bool or int, default=True
        Whether "adam" and "sgd" visit the samples in a new order every epoch. An int
        is the number of rows to shuffle among: windows of so many rows are visited
        in random order, and rows shuffled within each, so that a memory-mapped ``X``
        that is larger than memory is read window by window.

    random_state : int, RandomState instance or None, default=None
        Determines the initial weights, the order of the samples, the held-out
        part and the masks of dropout. With the same int, a fit is the same, and
        in double precision the same as scikit-learn's where no parameter below
        ``max_fun`` is set.

    tol : float, default=1e-4
        An epoch that does not improve the training objective, or with
        ``early_stopping`` the validation score, by ``tol`` over the best one so
        far counts against patience. For "lbfgs" the largest component of the
        gradient to stop at.

    verbose : bool or int, default=False
        What to print of every epoch: True or 1, the loss and the validation score, in
        scikit-learn's words; 2 or more, a row with all that `history_` holds.

    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the last fit. On the same data the
        same rows stay held out; with other parameters or data, patience and the best
        epoch start afresh.

    momentum : float, default=0.9
        Momentum of "sgd", from 0 to 1.

    nesterovs_momentum : bool, default=True
        Whether the momentum is Nesterov's.

    early_stopping : bool, default=False
        Whether to hold out a part of the data, or to take that given to `fit` as
        ``X_val``; to stop when the score on it does not improve any more, and to
        keep the weights of the best epoch. With every solver. Not with `partial_fit`.

    validation_fraction : float or cross-validation splitter, default=0.1
        Share of the data that is held out for ``early_stopping``. A splitter, for
        instance :class:`~sklearn.model_selection.GroupKFold` or
        :class:`~sklearn.model_selection.TimeSeriesSplit`, holds out the test part of
        its last split.

    beta_1 : float, default=0.9
        Decay of the first moment of "adam", from 0 to below 1.

    beta_2 : float, default=0.999
        Decay of the second moment of "adam", from 0 to below 1.

    epsilon : float, default=1e-8
        Keeps the division of "adam" finite.

    n_iter_no_change : int or inf, default=10
        Patience: training stops after more than this many epochs in a row
        without improvement by ``tol``. Not used by "lbfgs" without
        ``early_stopping``.

    max_fun : int, default=15000
        Largest number of evaluations of the objective by "lbfgs".

    l1 : float or sequence of float, default=0.0
        Strength of the L1 penalty, ``l1 * ||W||_1``: one for all weight
        matrices, or one for each. Weights become exactly zero, with every
        solver. It depends neither on the number of samples nor on
        ``batch_size``.

    l2 : None, float or sequence of float, default=None
        Strength of the L2 penalty, ``l2 / 2 * ||W||^2``: one for all weight
        matrices, or one for each. It depends neither on the number of samples
        nor on ``batch_size`` nor on the scale of weights, and replaces
        ``alpha``. None: ``alpha``, on scikit-learn's scale.

    group_lasso : float, default=0.0
        Strength of the group lasso,
        ``group_lasso * sum_g sqrt(size_g) * ||W_1[g]||``, over the rows of the
        first weight matrix: input features, or groups of them, leave the
        network together. Together with ``l1`` it is the sparse group lasso. Not
        with "lbfgs".

    feature_groups : sequence of array-like, "prefix" or callable, default=None
        Groups for ``group_lasso``, for instance the columns of a one-hot
        encoding: lists of feature indices, or of names where ``X`` has feature
        names, or masks. A feature in none of them is a group of its own. Or a
        rule for the names of the columns that are there. "prefix": together are
        those that have all before the last underscore in common, such as
        ``color_red`` and ``color_blue``, and one that is named just that,
        ``color``; the ``name__`` of a transformer does not end with that
        underscore. A function takes a name and returns the
        label of its group, or None for a feature alone. None: all are alone.

    feature_weights : array-like of shape (n_features,), dict or callable, default=None
        What the strengths of ``l1``, in the first weight matrix, and of
        ``group_lasso`` are multiplied by for each feature, from 1e-15 to
        1e15; ``l2`` and others do not follow. 0: neither of them penalises the
        feature. A dict has the
        weights that are not 1, by name or index; a function takes a name and
        returns the weight. The size of a group is the sum of squares of its
        weights, so that for one weight it is multiplied by that. None: all
        are 1.

    max_norm : float, default=None
        Largest norm of the weights that enter a unit; enforced after every
        step. Not with "lbfgs".

    weight_decay : float, default=0.0
        Decoupled weight decay: before every step the weights are multiplied by
        ``1 - learning_rate * weight_decay``. With "adam" this is AdamW. It is
        not part of the objective. Not with "lbfgs".

    dropout : float or sequence of float, default=0.0
        Probability to *drop* the output of a hidden unit in training: one for
        all hidden layers, or one for each. Kept units are divided by the
        probability to keep [3]_, so that prediction uses the plain network. The
        training loss becomes noisy: raise ``n_iter_no_change``, or use
        ``early_stopping``. Without hidden layers it has no effect. Not with
        "lbfgs".

    input_dropout : float, default=0.0
        Probability to drop a feature in training. Of sparse data, the stored
        values are dropped. Not with "lbfgs".

    scoring : None, "loss", str or callable, default=None
        What early stopping watches on the held-out data. None: R2; with the losses
        "absolute_error", "huber", "quantile" and "gamma" the loss, since R2 asks for means.
        "loss": the loss, without dropout and penalties. Or the name of a scorer of
        scikit-learn, or a callable with the signature ``scorer(estimator, X, y)``
        that returns a number, higher being better. One whose metric takes
        ``sample_weight`` gets the weights of the held-out samples, if there are any and its
        metadata request does not say no.
        Not used without ``early_stopping``.

    min_epochs : int, default=0
        So many epochs are not watched: they are neither the best one nor do they count for
        patience. Then `l1` and `group_lasso` have the time to make zeros before
        ``early_stopping`` chooses an epoch. Below ``max_iter``; with "lbfgs" iterations.

    max_grad_norm : float, default=None
        Longest gradient: where the norm of the gradient of loss and smooth penalties,
        all parameters together, is larger, it is scaled down to this before the
        step. None: as it is. Not with "lbfgs".

    huber_delta : float, default=1.0
        Residual at which the Huber loss becomes linear, positive, in units of ``y``, or of
        its standard deviation with ``scale_target``:
        ``r ** 2 / 2`` within, ``huber_delta * (abs(r) - huber_delta / 2)`` beyond. Used
        by ``loss="huber"`` only.

    quantile : float or sequence of float, default=0.5
        Level of the quantile that ``loss="quantile"`` estimates, between 0 and 1. Of
        several levels, in any order, each has an output of the network; the loss is
        the sum of theirs, and `predict` returns them along a last axis, the outputs of
        each sample put in the order of the levels, so that they never cross. `score` is
        the mean over them of :func:`~sklearn.metrics.d2_pinball_score` then.

    scale_target : bool, default=False
        Whether the network learns ``y`` on a scale of its own, on which mean and standard
        deviation of every column are 0 and 1; with "poisson" and "gamma" ``y`` divided by
        its mean. Predictions, their standard deviations, ``coef_`` and ``intercept_``
        and what scorers see are on the scale of ``y``; ``coefs_``, ``intercepts_``, losses,
        curves and strengths of penalties are those of the network that is trained. The
        scale is that of all rows that are given to the first `fit` or `partial_fit`, weighted
        by ``sample_weight``, and belongs to the network: training that goes on keeps it.

        Without, and where no parameter below ``max_fun`` is set, a network begins with
        outputs near 0, or with "poisson" near 1, as in scikit-learn; with one of them set
        (``dtype``, ``checkpoint`` and ``checkpoint_every`` do not count) or a loss that
        scikit-learn lacks, at the constant that is best under the loss.

    dtype : {None, "float32", "float64"}, default=None
        Precision of weights and training. None follows ``X``, as scikit-learn
        does: float32 for float32, float64 for everything else.

    time_limit : float, default=None
        Seconds for a fit: it ends with the first epoch that ends later, with a warning, and
        the model is the best so far. Zeros are not settled then. A training that goes on
        from a ``checkpoint`` has the seconds anew. None: no limit.

    checkpoint : str or path-like, default=None
        Directory that trainings are written to, and go on from: where `fit` is called
        again with the same parameters and data after it was killed, it continues, and a
        training that had come to its end is taken over. Needs a ``random_state`` other
        than None. Files are named by parameters and data, and hold no pickles; delete them
        when they are no longer needed. Functions in ``scoring`` and other
        parameters are told apart by name and code.
        "lbfgs" goes on from the last weights, with an empty memory.

    checkpoint_every : int, default=10
        Epochs between two states that are written; the last one always is.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (n_in, n_out)
        Weight matrices, from input to output. Prediction and continued training
        start from them, so they may be set. Sparse matrices after `sparsify`, smaller
        ones after `prune`. With ``scale_target`` the last is that for scaled targets.

    intercepts_ : list of ndarray of shape (n_out,)
        Biases, likewise.

    coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        Coefficients, as scikit-learn's linear models have them: only without hidden
        layers, and read only.

    intercept_ : float or ndarray of shape (n_outputs,)
        Intercepts, likewise.

    sparsity_ : list of float
        Share of exact zeros in each weight matrix.

    feature_importances_ : ndarray of shape (n_features,)
        Norm of the first-layer weights that leave each feature: zero for
        features that the network does not use. Comparable if features are
        scaled alike.

    selected_features_ : ndarray of shape (n_selected_features,)
        The features that the network uses, those whose importance is not zero:
        their names where ``X`` had any, or else their indices.

    n_iter_ : int
        Epochs of the last fit, for "lbfgs" iterations.

    t_ : int
        Training samples seen, all epochs taken together.

    loss_ : float
        Training objective of the last epoch, penalties included. For "adam" and
        "sgd" it is the mean over the minibatches, taken on the way; where closing
        steps follow (see Notes), that of the model over all data. With ``scale_target``
        for targets as they are scaled.

    loss_curve_ : list of float
        Training objective of every epoch. It goes on under ``warm_start``, unless other
        held-out data or another score judge, and in `partial_fit`.

    best_loss_ : float or None
        Lowest training objective. None with ``early_stopping``.

    validation_scores_ : list of float or None
        Score on the held-out data after every epoch: R2, or what
        ``scoring`` asks for, for "loss" the negative loss. None without
        ``early_stopping``.

    best_validation_score_ : float or None
        The highest of them.

    validation_loss_curve_ : list of float or None
        Loss on the held-out data after every epoch, without dropout and
        penalties, whatever ``scoring`` is. None without ``early_stopping``.

    best_iter_ : int or None
        Epoch, counted from 1 along the curves, whose weights were kept. None
        without ``early_stopping``: then the last ones are kept.

    history_ : dict of ndarray of shape (n_epochs,)
        One record an epoch, ready for ``pandas.DataFrame(history_)``: "loss" of the
        training data without penalties, "objective" with them (``loss_curve_``),
        "learning_rate" (not for "lbfgs"), "zeros", the share of the weights that are
        zero, "seconds" that the epoch took, and with ``early_stopping``
        "validation_loss" and "score".

    n_layers_ : int
        Number of layers, input and output included.

    n_outputs_ : int
        Number of output units.

    out_activation_ : str
        Function of the output units: "exp" for the losses "poisson" and "gamma", else
        "identity".

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where ``X`` has any.

    See Also
    --------
    MLPClassifier : The same for classes.
    skreg.inspection.optimality : How far weights are from optimality.
    sklearn.neural_network.MLPRegressor : What this replaces. There ``loss`` is
        the first parameter, here ``hidden_layer_sizes`` is.
    sklearn.linear_model.ElasticNet : The model without hidden layers.

    Notes
    -----
    L1 is applied as a proximal step after each step of the optimizer, with the
    step size that the gradient effectively got [4]_. Weights are therefore zero,
    not nearly zero, and without hidden layers the solution is that of
    :class:`~sklearn.linear_model.Lasso` with ``alpha=l1`` where ``l2=0``, or of
    :class:`~sklearn.linear_model.Ridge` with ``alpha=l2 * n_samples``, given
    convergence.

    A target of several columns has the sum of their losses; ``loss_`` reports
    this sum, where scikit-learn reports the mean and follows the gradient of the
    sum.

    The losses "absolute_error" and "quantile" have a kink where a residual is zero, and
    "lbfgs" may end at one, some percent above the minimum, without a warning. "adam" and
    "sgd" come as close as their learning rate is small in the end.

    After the last epoch of `fit`, where minibatches or dropout have left noise on the
    zeros of ``l1`` or ``group_lasso``, up to ten proximal gradient steps over all
    training data settle them. With ``early_stopping`` they start from the best epoch,
    and are taken back if they lower its score. There are none with ``weight_decay``.

    References
    ----------
    .. [1] Glorot and Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010: initial weights.
    .. [2] Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    .. [3] Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout:
       a simple way to prevent neural networks from overfitting", JMLR 15 (2014).
    .. [4] Yun, Lozano and Yang, "Adaptive proximal gradient methods for
       structured neural networks", NeurIPS 2021: exact zeros with Adam.
    .. [5] Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
    .. [6] Chernozhukov, Fernández-Val and Galichon, "Quantile and probability curves
       without crossing", Econometrica 78 (2010): putting quantiles in order.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skreg import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = make_pipeline(
    ...     StandardScaler(),
    ...     MLPRegressor(
    ...         hidden_layer_sizes=(), solver="lbfgs", l1=2.0, random_state=0
    ...     ),
    ... )
    >>> round(model.fit(X_train, y_train).score(X_test, y_test), 2)
    0.36
    >>> model[-1].sparsity_
    [0.3]
    """

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        loss="squared_error",
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        l1=0.0,
        l2=None,
        group_lasso=0.0,
        feature_groups=None,
        feature_weights=None,
        max_norm=None,
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        scoring=None,
        min_epochs=0,
        max_grad_norm=None,
        huber_delta=1.0,
        quantile=0.5,
        scale_target=False,
        dtype=None,
        time_limit=None,
        checkpoint=None,
        checkpoint_every=10,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.l1 = l1
        self.l2 = l2
        self.group_lasso = group_lasso
        self.feature_groups = feature_groups
        self.feature_weights = feature_weights
        self.max_norm = max_norm
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.scoring = scoring
        self.min_epochs = min_epochs
        self.max_grad_norm = max_grad_norm
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.scale_target = scale_target
        self.dtype = dtype
        self.time_limit = time_limit
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every

    def fit(
        self,
        X,
        y,
        sample_weight=None,
        *,
        X_val=None,
        y_val=None,
        sample_weight_val=None,
        groups=None,
    ):
        """Train the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, CSR or CSC where sparse. It is not densified.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.

        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts. Weights are divided by their mean over
            the training data once.

        X_val : {array-like, sparse matrix} of shape (n_val, n_features), default=None
            Data of your own to judge the training by; needs ``early_stopping=True``
            and ``y_val``. All of ``X`` is trained on then. In a pipeline that scales
            them as well: ``Pipeline(..., transform_input=["X_val"])`` with metadata
            routing. Within a search or cross-validation, an array as long as ``X`` is
            taken for one value a sample and split along with it.

        y_val : array-like of shape (n_val,) or (n_val, n_outputs), default=None
            Targets for ``X_val``.

        sample_weight_val : array-like of shape (n_val,), default=None
            Weights for ``X_val``.

        groups : array-like of shape (n_samples,), default=None
            Groups of the samples, for a splitter in ``validation_fraction`` that
            holds out whole groups.

        Returns
        -------
        self : MLPRegressor
            The fitted regressor.

        Raises
        ------
        ValueError
            If a parameter is out of its range, ``X``, ``y`` and ``sample_weight``
            do not fit together, or the weights or the loss overflow.
        """
        validation = Validation(X_val, y_val, sample_weight_val, groups)
        return self._fit(Given(X, y, sample_weight), validation)

    @available_if(has_partial_fit)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one more epoch over the given data.

        An interrupt goes through, and leaves the estimator as it was before the call.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.

        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts, relative to the mean of this call.

        Returns
        -------
        self : MLPRegressor
            The regressor, one epoch on.
        """
        return self._partial_fit(Given(X, y, sample_weight))

    def predict(self, X, return_std=False, *, n_draws=100, random_state=None):
        r"""Predict targets, and how far they are uncertain.

        The standard deviation is that of :math:`n` networks drawn by dropout, which take
        the training with dropout as approximate Bayesian inference [1]_: it is the
        spread of the functions that the data leave open, without the noise of the targets,

        .. math::

            \sigma(x)^2 = \frac{1}{n - 1} \sum_{i=1}^n \bigl(f_i(x) - \bar f(x)\bigr)^2 .

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        return_std : bool, default=False
            Whether to return the standard deviation too.

        n_draws : int, default=100
            Number of networks that it is computed from, 2 or more.

        random_state : int, RandomState instance or None, default=None
            Determines the masks of dropout. With the same int they are the same; with
            None they are new in every call.

        Returns
        -------
        y_mean : ndarray of shape (n_samples, [n_targets,] [n_quantiles])
            Predictions of the whole network, in the dtype of the weights: the same with
            ``return_std`` as without. The last axis is that of the levels, where
            ``quantile`` holds several.

        y_std : ndarray of the shape of ``y_mean``
            Only with ``return_std``. Standard deviations of the draws.

        Raises
        ------
        ValueError
            If ``return_std`` is set for a model without dropout.

        References
        ----------
        .. [1] Gal and Ghahramani, "Dropout as a Bayesian approximation: representing
           model uncertainty in deep learning", ICML 2016.
        """
        raw = raw_output(self, X)
        decode = target_of(self).decode
        y_mean = decode(raw)
        if not return_std:
            return y_mean
        n_draws = check_count("n_draws", n_draws, low=2)
        raws = raw_draws(self, X, n_draws, random_state)
        return y_mean, standard_deviation(map(decode, raws))

    def score(self, X, y, sample_weight=None):
        """Return R2, or of several quantiles the mean of their D2.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.

        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Their targets.

        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts.

        Returns
        -------
        score : float
            1 at best: :func:`~sklearn.metrics.r2_score` of the predictions. Where
            ``quantile`` holds several levels, the mean over them of
            :func:`~sklearn.metrics.d2_pinball_score`, the share of the pinball loss of a
            constant that is explained.
        """
        predictions = self.predict(X)
        target = target_of(self)
        if not target.has_levels:
            return r2_score(y, predictions, sample_weight=sample_weight)
        scores = [
            d2_pinball_score(y, predictions[..., k], sample_weight=sample_weight, alpha=level)
            for k, level in enumerate(target.loss.levels)
        ]
        return float(np.mean(scores))

    def sample_y(self, X, n_samples=1, random_state=0):
        """Draw functions by dropout, and return their values.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples_X, n_features)
            Where to evaluate them.

        n_samples : int, default=1
            Number of functions. Each is one network, drawn once for all rows.

        random_state : int, RandomState instance or None, default=0
            Determines the masks of dropout, as in `predict`.

        Returns
        -------
        y_samples : ndarray of shape (n_samples_X, [n_targets,] [n_quantiles,] n_samples)
            As :class:`~sklearn.gaussian_process.GaussianProcessRegressor` has it.

        Raises
        ------
        ValueError
            If the model has no dropout.
        """
        n_samples = check_count("n_samples", n_samples, low=1)
        raws = raw_draws(self, X, n_samples, random_state)
        draws = stacked(map(target_of(self).decode, raws), n_samples)
        return np.moveaxis(draws, 0, -1)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.positive_only = self.loss in ("poisson", "gamma")
        return tags
