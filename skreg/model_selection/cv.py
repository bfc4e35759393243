"""The two searches, as users see them."""

from sklearn.base import ClassifierMixin, RegressorMixin

from skreg.estimators.classifier import MLPClassifier
from skreg.estimators.networks import of_best
from skreg.estimators.regressor import MLPRegressor
from skreg.model_selection.search import BaseMLPCV


class MLPClassifierCV(ClassifierMixin, BaseMLPCV):
    r"""Multilayer perceptron classifier that chooses its regularization.

    All candidates start, and those that fall behind are dropped on the way: they
    *race* [1]_. A candidate is trained on every fold with early stopping; after 5
    epochs (``min_epochs``) on two folds the best third goes on, after 15 on three the
    best third of these, and so on, but two at least; these are trained to their end on all
    folds. None is trained twice. The networks of the best on the :math:`K` folds, each at
    its best epoch, are averaged: the raw output of the model is

    .. math:: f(x) = \frac{1}{K} \sum_{k=1}^{K} f_k(x),

    and that is one network, with their hidden layers side by side. With ``refit=True``
    the best is trained once more instead, on all data.

    With ``relax=True`` features are selected: candidates are the strengths along a path,
    judged by refits of the features that they leave [2]_. With
    ``rule="one_standard_error"`` the sparsest candidate is taken that is about as good as
    the best [3]_.

    Without an estimator and candidates, eight settings are tried that did well on real
    tables: ``skreg.model_selection.DEFAULT_CANDIDATES``. To set something beside them, pass
    both an estimator, such as ``MLPClassifier(class_weight="balanced")``, and
    ``candidates=DEFAULT_CANDIDATES``.

    Features should be scaled.

    Parameters
    ----------
    estimator : MLPClassifier, default=None
        The network whose parameters hold for all candidates. The search itself decides on
        ``early_stopping``, ``min_epochs``, ``validation_fraction``, ``scoring``,
        ``time_limit``, ``warm_start``, ``verbose`` and ``random_state``, and callbacks of the
        network are not called. None: a network with the default parameters, or, where no
        candidates are given either, ``DEFAULT_CANDIDATES``.

    candidates : list of dict, default=None
        Candidates, each with the parameters of the network that it sets, as in a
        ``param_grid`` of scikit-learn. All values of ``l1s`` and so on are tried with each of
        them, in place of what it sets itself. None: one candidate, which sets nothing.

    architectures : list of (int or sequence of int), default=None
        Candidates for ``hidden_layer_sizes``. None: that of the estimator.

    l1s : list of float or int, default=None
        Candidates for ``l1``; an int is so many from 1e-5 to 1e-2 on a logarithmic
        scale. None: that of the estimator.

    l2s : list of float or int, default=None
        Candidates for ``l2``, likewise, from 1e-4 to 1e-1.

    group_lassos : list of float or int, default=None
        Candidates for ``group_lasso``, likewise, from 1e-4 to 1e-1. The best epoch may come
        before features have left: to select features, use ``relax=True``.

    dropouts : list of float or int, default=None
        Candidates for ``dropout``; an int is so many from 0 to 0.6.

    learning_rate_inits : list of float or int, default=None
        Candidates for ``learning_rate_init``; an int is so many from 1e-2 to 3e-4 on a
        logarithmic scale.

    weight_decays : list of float or int, default=None
        Candidates for ``weight_decay``; an int is so many from 1e-2 to 1 on a logarithmic
        scale.

    batch_sizes : list of int, default=None
        Candidates for ``batch_size``.

    activations : list of (str or sequence of str), default=None
        Candidates for ``activation``.

    cv : int, cross-validation splitter or iterable, default=5
        Folds, as scikit-learn's searches take them.

    scoring : None, "loss", str or callable, default="loss"
        What candidates are judged by, and what early stopping watches: as ``scoring`` of
        the networks. Higher is better; "loss" is the negative loss.

    n_jobs : int, default=None
        Trainings at a time, as in joblib. The result does not depend on it.

    min_epochs : int, default=5
        After how many epochs the first candidates are dropped. What is slow at first has
        little chance in a short time: with dropout, or a small learning rate, more are
        better, at the price of a longer race.

    refit : bool, default=False
        Whether to train the best candidate once more, on all data, for as many epochs as
        the folds found best on average. Otherwise its networks of all folds are averaged:
        that predicts better on most tables, but is wider and slower. Refit where folds are
        many, or train on few of the rows, as those of
        `sklearn.model_selection.TimeSeriesSplit`. Under ``relax`` there is always a refit.

    relax : bool, default=False
        Whether strengths are judged by the features that they leave, as the relaxed lasso
        does; exactly one of ``l1s`` and ``group_lassos`` is given then. On every fold a
        network is walked along the strengths, from dense to sparse as in `mlp_path`, with
        a tenth of ``max_iter`` epochs for each, or all of them where they are 200 steps or
        fewer, and with steps between strengths that are far apart. Every support on the way is
        refitted: a network is trained from scratch on these features alone, without ``l1`` and
        ``group_lasso``, with early stopping on the held-out rows, for up to five times
        ``max_iter`` epochs, and its best score there counts. In the end the path is walked
        over all data, the support there that is as large as those on the folds were is
        refitted, and ``best_estimator_`` is as if features had been pruned. An int for
        ``l1s`` or ``group_lassos`` is so many strengths that leave fewer features by the
        same factor each time, from all to none, as seen on the rows of a fold. Along the path
        the later layers have ``l2=1e-3`` where ``l2`` is None. "lbfgs" is allowed with
        ``l1s``.

    max_features : int, default=None
        With ``relax=True`` the largest number of features: of the strengths that leave no
        more, on average over the folds, the best is taken. None: as many as are best.

    rule : {"best", "one_standard_error"}, default="best"
        Which candidate is taken of those that were judged on all folds: the one with the
        best score, or of those whose score is within one standard error of it over the
        folds the one with the fewest features, and of these the fewest weights. What is
        within one standard error is not dropped on the way.

    random_state : int, RandomState instance or None, default=None
        Determines the seeds of all trainings. All candidates have the same on a fold.

    verbose : bool or int, default=False
        Whether to print a line after every rung, or with ``relax`` after every fold. From 2
        on, a last training on all data prints as networks do under ``verbose - 1``.

    time_limit : float, default=None
        Seconds for the comparison of the candidates, which ends as by Ctrl-C when they have
        passed: trainings end with the epoch they are in, what has been judged counts, and a
        warning says so. One training is judged in any case. Under ``relax`` it is looked at
        after each strength. None: no limit.

    checkpoint : str or path-like, default=None
        Directory that all trainings are written to, and go on from: a search that was killed
        and is run again does not repeat what was done. Needs a ``random_state`` other than
        None. As ``checkpoint`` of the networks, which holds where this is None.

    checkpoint_every : int, default=10
        Epochs between two states of a training that are written; the last of every rung
        always is.

    Attributes
    ----------
    best_estimator_ : MLPClassifier
        The model. What it has, this estimator has too, as listed below. Of an average,
        ``hidden_layer_sizes`` are those of all networks together, and ``history_`` and the
        curves are means over the networks, for as many epochs as all of them were trained.

    best_params_ : dict
        Parameters of the best candidate.

    best_score_ : float
        Mean over the folds of its best score. The loss is weighted by ``class_weight``.

    best_index_ : int
        Its place in ``cv_results_``.

    cv_results_ : dict of arrays of shape (n_candidates,)
        In the layout of scikit-learn's searches: "params", "param_*",
        "split*_test_score", not a number on folds that a candidate did not see, and after
        fewer epochs where it was dropped early,
        "mean_test_score", "std_test_score", "rank_test_score", "mean_fit_time"; and
        "rung", the place in ``rungs_`` of the last that a candidate took part in;
        "n_epochs", how far it came; "best_epoch", the mean over the folds of the epoch of
        its best score; "mean_n_features" and "mean_n_weights",
        what was left of it in the best epochs; and "error", what it failed with, or "".

    score_path_ : ndarray of shape (n_candidates, n_folds, n_epochs)
        Scores after every epoch, not a number where a candidate did not train;
        :class:`~skreg.inspection.RaceDisplay` draws them.

    rungs_ : list of Rung
        The rungs of the race, empty with ``relax=True``: named tuples of ``n_epochs``,
        up to which candidates train in a rung, ``n_folds``, on how many folds, and
        ``n_kept``, how many go on.

    hidden_layer_sizes_ : int or sequence of int
        What was chosen, or else is that of the estimator.

    learning_rate_init_ : float
        Likewise.

    activation_ : str or sequence of str
        Likewise.

    batch_size_ : int or "auto"
        Likewise.

    weight_decay_ : float
        Likewise.

    dropout_ : float or sequence of float
        Likewise.

    l2_ : float, sequence of float or None
        Likewise.

    l1_ : float or sequence of float
        Likewise; with ``relax=True`` and ``l1s`` the strength on the path.

    group_lasso_ : float
        Likewise.

    classes_ : ndarray of shape (n_classes,)
        Class labels.

    coef_, intercept_ : ndarray or float
        Coefficients and intercepts of the model, where it has no hidden layers.

    coefs_ : list of ndarray of shape (n_in, n_out)
        Weights of the model, layer by layer. Of an average those between two hidden layers
        are stored by ``blocks``, one for each network; ``np.asarray`` has zeros around them.

    intercepts_ : list of ndarray of shape (n_out,)
        Its biases.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where ``X`` has some.

    feature_importances_ : ndarray of shape (n_features,)
        Norm of the first-layer weights that leave each feature.

    selected_features_ : ndarray
        Names, or else indices, of the features with weights that are not zero.

    sparsity_ : list of float
        Share of exact zeros in each weight matrix; those between the blocks of an average
        are no weights.

    history_ : dict of ndarray
        What was recorded of every epoch.

    n_iter_ : int
        Number of epochs.

    t_ : int
        Training samples seen, of an average the mean over its networks.

    n_layers_ : int
        Number of layers, with the inputs.

    n_outputs_ : int
        Number of outputs.

    out_activation_ : str
        Name of the activation of the outputs.

    loss_ : float
        Objective of the last epoch.

    loss_curve_ : list of float
        Objective of every epoch.

    best_loss_ : float or None
        Smallest objective; None where training was judged by held-out rows.

    best_iter_ : int or None
        Epoch of the best score; None after a training on all data and of an average.

    best_validation_score_ : float or None
        Best score on held-out rows, of an average the mean; None after a training on all
        data.

    validation_scores_ : list of float or None
        Score on held-out rows after every epoch, likewise.

    validation_loss_curve_ : list of float or None
        Loss on held-out rows after every epoch, likewise.

    See Also
    --------
    skreg.MLPClassifier : A network with given parameters.
    MLPRegressorCV : The same for real targets.
    sklearn.model_selection.GridSearchCV : Trains all candidates to their end.
    sklearn.linear_model.LogisticRegressionCV : The same idea for a linear model.

    References
    ----------
    .. [1] Jamieson and Talwalkar, "Non-stochastic best arm identification and
       hyperparameter optimization", AISTATS 2016: successive halving.
    .. [2] Meinshausen, "Relaxed lasso", Computational Statistics & Data Analysis 52 (2007).
    .. [3] Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees",
       Wadsworth 1984: the one-standard-error rule.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skreg import MLPClassifier, MLPClassifierCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> network = MLPClassifier((50,), class_weight="balanced")
    >>> search = MLPClassifierCV(
    ...     network, dropouts=[0.0, 0.3], l2s=[1e-3, 1e-2], random_state=0
    ... )
    >>> model = make_pipeline(StandardScaler(), search).fit(X[:400], y[:400])
    >>> sorted(search.best_params_)
    ['dropout', 'l2']
    >>> model.score(X[400:], y[400:]) > 0.95
    True
    """

    _Network = MLPClassifier

    def __init__(
        self,
        estimator=None,
        *,
        candidates=None,
        architectures=None,
        l1s=None,
        l2s=None,
        group_lassos=None,
        dropouts=None,
        learning_rate_inits=None,
        weight_decays=None,
        batch_sizes=None,
        activations=None,
        cv=5,
        scoring="loss",
        n_jobs=None,
        min_epochs=5,
        refit=False,
        relax=False,
        max_features=None,
        rule="best",
        random_state=None,
        verbose=False,
        time_limit=None,
        checkpoint=None,
        checkpoint_every=10,
    ):
        self.estimator = estimator
        self.candidates = candidates
        self.architectures = architectures
        self.l1s = l1s
        self.l2s = l2s
        self.group_lassos = group_lassos
        self.dropouts = dropouts
        self.learning_rate_inits = learning_rate_inits
        self.weight_decays = weight_decays
        self.batch_sizes = batch_sizes
        self.activations = activations
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.min_epochs = min_epochs
        self.refit = refit
        self.relax = relax
        self.max_features = max_features
        self.rule = rule
        self.random_state = random_state
        self.verbose = verbose
        self.time_limit = time_limit
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every

    classes_ = of_best("classes_", MLPClassifier)
    predict = of_best("predict", MLPClassifier)
    predict_proba = of_best("predict_proba", MLPClassifier)
    predict_log_proba = of_best("predict_log_proba", MLPClassifier)
    sample_proba = of_best("sample_proba", MLPClassifier)


class MLPRegressorCV(RegressorMixin, BaseMLPCV):
    r"""Multilayer perceptron regressor that chooses its regularization.

    All candidates start, and those that fall behind are dropped on the way: they
    *race* [1]_. A candidate is trained on every fold with early stopping; after 5
    epochs (``min_epochs``) on two folds the best third goes on, after 15 on three the
    best third of these, and so on, but two at least; these are trained to their end on all
    folds. None is trained twice. The networks of the best on the :math:`K` folds, each at
    its best epoch, are averaged: the raw output of the model is

    .. math:: f(x) = \frac{1}{K} \sum_{k=1}^{K} f_k(x),

    and that is one network, with their hidden layers side by side. With ``refit=True``
    the best is trained once more instead, on all data.

    With ``relax=True`` features are selected: candidates are the strengths along a path,
    judged by refits of the features that they leave [2]_. With
    ``rule="one_standard_error"`` the sparsest candidate is taken that is about as good as
    the best [3]_.

    Without an estimator and candidates, eight settings are tried that did well on real
    tables: ``skreg.model_selection.DEFAULT_CANDIDATES``. To set something beside them, pass
    both an estimator, such as ``MLPRegressor(loss="huber", scale_target=True)``, and
    ``candidates=DEFAULT_CANDIDATES``.

    Features should be scaled. The target is scaled by the network: without an estimator
    that has ``scale_target=True``. An estimator of your own keeps its value.

    Parameters
    ----------
    estimator : MLPRegressor, default=None
        The network whose parameters hold for all candidates. The search itself decides on
        ``early_stopping``, ``min_epochs``, ``validation_fraction``, ``scoring``,
        ``time_limit``, ``warm_start``, ``verbose`` and ``random_state``, and callbacks of the
        network are not called. None: ``MLPRegressor(scale_target=True)``, or, where no
        candidates are given either, ``DEFAULT_CANDIDATES``.

    candidates : list of dict, default=None
        Candidates, each with the parameters of the network that it sets, as in a
        ``param_grid`` of scikit-learn. All values of ``l1s`` and so on are tried with each of
        them, in place of what it sets itself. None: one candidate, which sets nothing.

    architectures : list of (int or sequence of int), default=None
        Candidates for ``hidden_layer_sizes``. None: that of the estimator.

    l1s : list of float or int, default=None
        Candidates for ``l1``; an int is so many from 1e-5 to 1e-2 on a logarithmic
        scale. None: that of the estimator.

    l2s : list of float or int, default=None
        Candidates for ``l2``, likewise, from 1e-4 to 1e-1.

    group_lassos : list of float or int, default=None
        Candidates for ``group_lasso``, likewise, from 1e-4 to 1e-1. The best epoch may come
        before features have left: to select features, use ``relax=True``.

    dropouts : list of float or int, default=None
        Candidates for ``dropout``; an int is so many from 0 to 0.6.

    learning_rate_inits : list of float or int, default=None
        Candidates for ``learning_rate_init``; an int is so many from 1e-2 to 3e-4 on a
        logarithmic scale.

    weight_decays : list of float or int, default=None
        Candidates for ``weight_decay``; an int is so many from 1e-2 to 1 on a logarithmic
        scale.

    batch_sizes : list of int, default=None
        Candidates for ``batch_size``.

    activations : list of (str or sequence of str), default=None
        Candidates for ``activation``.

    cv : int, cross-validation splitter or iterable, default=5
        Folds, as scikit-learn's searches take them.

    scoring : None, "loss", str or callable, default="loss"
        What candidates are judged by, and what early stopping watches: as ``scoring`` of
        the networks. Higher is better; "loss" is the negative loss.

    n_jobs : int, default=None
        Trainings at a time, as in joblib. The result does not depend on it.

    min_epochs : int, default=5
        After how many epochs the first candidates are dropped. What is slow at first has
        little chance in a short time: with dropout, or a small learning rate, more are
        better, at the price of a longer race.

    refit : bool, default=False
        Whether to train the best candidate once more, on all data, for as many epochs as
        the folds found best on average. Otherwise its networks of all folds are averaged:
        that predicts better on most tables, but is wider and slower. Refit where folds are
        many, or train on few of the rows, as those of
        `sklearn.model_selection.TimeSeriesSplit`. Under ``relax`` there is always a refit.

    relax : bool, default=False
        Whether strengths are judged by the features that they leave, as the relaxed lasso
        does; exactly one of ``l1s`` and ``group_lassos`` is given then. On every fold a
        network is walked along the strengths, from dense to sparse as in `mlp_path`, with
        a tenth of ``max_iter`` epochs for each, or all of them where they are 200 steps or
        fewer, and with steps between strengths that are far apart. Every support on the way is
        refitted: a network is trained from scratch on these features alone, without ``l1`` and
        ``group_lasso``, with early stopping on the held-out rows, for up to five times
        ``max_iter`` epochs, and its best score there counts. In the end the path is walked
        over all data, the support there that is as large as those on the folds were is
        refitted, and ``best_estimator_`` is as if features had been pruned. An int for
        ``l1s`` or ``group_lassos`` is so many strengths that leave fewer features by the
        same factor each time, from all to none, as seen on the rows of a fold. Along the path
        the later layers have ``l2=1e-3`` where ``l2`` is None. "lbfgs" is allowed with
        ``l1s``.

    max_features : int, default=None
        With ``relax=True`` the largest number of features: of the strengths that leave no
        more, on average over the folds, the best is taken. None: as many as are best.

    rule : {"best", "one_standard_error"}, default="best"
        Which candidate is taken of those that were judged on all folds: the one with the
        best score, or of those whose score is within one standard error of it over the
        folds the one with the fewest features, and of these the fewest weights. What is
        within one standard error is not dropped on the way.

    random_state : int, RandomState instance or None, default=None
        Determines the seeds of all trainings. All candidates have the same on a fold.

    verbose : bool or int, default=False
        Whether to print a line after every rung, or with ``relax`` after every fold. From 2
        on, a last training on all data prints as networks do under ``verbose - 1``.

    time_limit : float, default=None
        Seconds for the comparison of the candidates, which ends as by Ctrl-C when they have
        passed: trainings end with the epoch they are in, what has been judged counts, and a
        warning says so. One training is judged in any case. Under ``relax`` it is looked at
        after each strength. None: no limit.

    checkpoint : str or path-like, default=None
        Directory that all trainings are written to, and go on from: a search that was killed
        and is run again does not repeat what was done. Needs a ``random_state`` other than
        None. As ``checkpoint`` of the networks, which holds where this is None.

    checkpoint_every : int, default=10
        Epochs between two states of a training that are written; the last of every rung
        always is.

    Attributes
    ----------
    best_estimator_ : MLPRegressor
        The model. What it has, this estimator has too, as listed below. Of an average,
        ``hidden_layer_sizes`` are those of all networks together, and ``history_`` and the
        curves are means over the networks, for as many epochs as all of them were trained.

    best_params_ : dict
        Parameters of the best candidate.

    best_score_ : float
        Mean over the folds of its best score.

    best_index_ : int
        Its place in ``cv_results_``.

    cv_results_ : dict of arrays of shape (n_candidates,)
        In the layout of scikit-learn's searches: "params", "param_*",
        "split*_test_score", not a number on folds that a candidate did not see, and after
        fewer epochs where it was dropped early,
        "mean_test_score", "std_test_score", "rank_test_score", "mean_fit_time"; and
        "rung", the place in ``rungs_`` of the last that a candidate took part in;
        "n_epochs", how far it came; "best_epoch", the mean over the folds of the epoch of
        its best score; "mean_n_features" and "mean_n_weights",
        what was left of it in the best epochs; and "error", what it failed with, or "".

    score_path_ : ndarray of shape (n_candidates, n_folds, n_epochs)
        Scores after every epoch, not a number where a candidate did not train;
        :class:`~skreg.inspection.RaceDisplay` draws them.

    rungs_ : list of Rung
        The rungs of the race, empty with ``relax=True``: named tuples of ``n_epochs``,
        up to which candidates train in a rung, ``n_folds``, on how many folds, and
        ``n_kept``, how many go on.

    hidden_layer_sizes_ : int or sequence of int
        What was chosen, or else is that of the estimator.

    learning_rate_init_ : float
        Likewise.

    activation_ : str or sequence of str
        Likewise.

    batch_size_ : int or "auto"
        Likewise.

    weight_decay_ : float
        Likewise.

    dropout_ : float or sequence of float
        Likewise.

    l2_ : float, sequence of float or None
        Likewise.

    l1_ : float or sequence of float
        Likewise; with ``relax=True`` and ``l1s`` the strength on the path.

    group_lasso_ : float
        Likewise.

    coef_, intercept_ : ndarray or float
        Coefficients and intercepts of the model, where it has no hidden layers.

    coefs_ : list of ndarray of shape (n_in, n_out)
        Weights of the model, layer by layer. Of an average those between two hidden layers
        are stored by ``blocks``, one for each network; ``np.asarray`` has zeros around them.

    intercepts_ : list of ndarray of shape (n_out,)
        Its biases.

    n_features_in_ : int
        Number of features.

    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where ``X`` has some.

    feature_importances_ : ndarray of shape (n_features,)
        Norm of the first-layer weights that leave each feature.

    selected_features_ : ndarray
        Names, or else indices, of the features with weights that are not zero.

    sparsity_ : list of float
        Share of exact zeros in each weight matrix; those between the blocks of an average
        are no weights.

    history_ : dict of ndarray
        What was recorded of every epoch.

    n_iter_ : int
        Number of epochs.

    t_ : int
        Training samples seen, of an average the mean over its networks.

    n_layers_ : int
        Number of layers, with the inputs.

    n_outputs_ : int
        Number of outputs.

    out_activation_ : str
        Name of the activation of the outputs.

    loss_ : float
        Objective of the last epoch.

    loss_curve_ : list of float
        Objective of every epoch.

    best_loss_ : float or None
        Smallest objective; None where training was judged by held-out rows.

    best_iter_ : int or None
        Epoch of the best score; None after a training on all data and of an average.

    best_validation_score_ : float or None
        Best score on held-out rows, of an average the mean; None after a training on all
        data.

    validation_scores_ : list of float or None
        Score on held-out rows after every epoch, likewise.

    validation_loss_curve_ : list of float or None
        Loss on held-out rows after every epoch, likewise.

    See Also
    --------
    skreg.MLPRegressor : A network with given parameters.
    MLPClassifierCV : The same for classes.
    sklearn.model_selection.GridSearchCV : Trains all candidates to their end.
    sklearn.linear_model.ElasticNetCV : The same idea for a linear model.

    References
    ----------
    .. [1] Jamieson and Talwalkar, "Non-stochastic best arm identification and
       hyperparameter optimization", AISTATS 2016: successive halving.
    .. [2] Meinshausen, "Relaxed lasso", Computational Statistics & Data Analysis 52 (2007).
    .. [3] Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees",
       Wadsworth 1984: the one-standard-error rule.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skreg import MLPRegressorCV
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X = scale(X)
    >>> search = MLPRegressorCV(architectures=[(), (50,)], l1s=3, random_state=0)
    >>> search.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.4
    True
    """

    _Network = MLPRegressor

    def __init__(
        self,
        estimator=None,
        *,
        candidates=None,
        architectures=None,
        l1s=None,
        l2s=None,
        group_lassos=None,
        dropouts=None,
        learning_rate_inits=None,
        weight_decays=None,
        batch_sizes=None,
        activations=None,
        cv=5,
        scoring="loss",
        n_jobs=None,
        min_epochs=5,
        refit=False,
        relax=False,
        max_features=None,
        rule="best",
        random_state=None,
        verbose=False,
        time_limit=None,
        checkpoint=None,
        checkpoint_every=10,
    ):
        self.estimator = estimator
        self.candidates = candidates
        self.architectures = architectures
        self.l1s = l1s
        self.l2s = l2s
        self.group_lassos = group_lassos
        self.dropouts = dropouts
        self.learning_rate_inits = learning_rate_inits
        self.weight_decays = weight_decays
        self.batch_sizes = batch_sizes
        self.activations = activations
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.min_epochs = min_epochs
        self.refit = refit
        self.relax = relax
        self.max_features = max_features
        self.rule = rule
        self.random_state = random_state
        self.verbose = verbose
        self.time_limit = time_limit
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every

    def _bare(self):
        return MLPRegressor(scale_target=True)

    predict = of_best("predict", MLPRegressor)
    score = of_best("score", MLPRegressor)
    sample_y = of_best("sample_y", MLPRegressor)
