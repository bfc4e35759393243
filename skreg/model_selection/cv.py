"""Networks that choose their own regularisation by cross-validation."""

import copy
import functools
import inspect
import re
import warnings
from itertools import product
from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state, get_tags, indexable
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.classifier import MLPClassifier
from skreg.estimators.regressor import MLPRegressor
from skreg.estimators.validation import InvalidParameterError, check_count
from skreg.model_selection.path import PATHS
from skreg.model_selection.race import Runner, race, rungs, split
from skreg.model_selection.relaxed import Path, judge, set_out
from skreg.model_selection.rules import SHORTFALLS, choose
from skreg.nn.averaging import average

_TRAINING = {
    "hidden_layer_sizes": (128, 128),
    "batch_size": 64,
    "learning_rate": "cosine",
    "learning_rate_init": 0.003,
    "n_iter_no_change": 20,
}
DEFAULT_CANDIDATES = [
    {**_TRAINING, "weight_decay": 1.0},
    {**_TRAINING, "dropout": 0.2, "weight_decay": 0.3},
    {**_TRAINING, "dropout": 0.1, "group_lasso": 0.01},
    {**_TRAINING, "group_lasso": 0.003},
    {**_TRAINING, "l2": 0.01},
    {**_TRAINING, "l2": 0.03},
    {**_TRAINING, "l1": 0.003},
    {**_TRAINING, "hidden_layer_sizes": (), "learning_rate_init": 0.01, "l1": 0.003},
]
"""What is tried without candidates; values of the user other than a default go before."""

GRIDS = {
    "hidden_layer_sizes": ("architectures", None),
    "learning_rate_init": ("learning_rate_inits", lambda n: np.geomspace(1e-2, 3e-4, n)),
    "dropout": ("dropouts", lambda n: np.linspace(0.0, 0.6, n)),
    "l2": ("l2s", lambda n: np.geomspace(1e-4, 1e-1, n)),
    "l1": ("l1s", lambda n: np.geomspace(1e-5, 1e-2, n)),
    "group_lasso": ("group_lassos", lambda n: np.geomspace(1e-4, 1e-1, n)),
}
"""Parameters of a network, with the name of their candidates and what an int stands for."""


def combinations(values):
    """Return all combinations of values by name, a list of dict."""
    return [dict(zip(values, one, strict=True)) for one in product(*values.values())]


def of_best(method):
    """Return a method of a network as one of a search: the best network answers."""

    @functools.wraps(method)
    def ask(self, *args, **kwargs):
        check_is_fitted(self)
        return method(self.best_estimator_, *args, **kwargs)

    return ask


def documented(cls):
    """Complete the docstring: what holds for both searches, and what networks say of theirs."""
    if not cls.__doc__:  # python -OO
        return cls
    own, shared, network = (
        _sections(inspect.getdoc(one)) for one in (cls, BaseMLPCV, cls._Network)
    )
    summary, note = own["Summary"].split("\n", 1)
    entries = _entries(network["Parameters"]) | _entries(shared["Parameters"])
    attributes = _entries(shared["Attributes"]) | _entries(own.get("Attributes", ""))
    sections = {
        "Parameters": "\n\n".join(entries[name] for name in inspect.signature(cls).parameters),
        "Attributes": "\n\n".join(attributes.values()),
        "See Also": own["See Also"],
        "References": shared["References"],
        "Examples": own["Examples"],
    }
    story = shared["Summary"].split("\n", 1)[1]
    cls.__doc__ = f"\n{summary}\n{story.rstrip()}\n{note.rstrip()}\n" + "".join(
        f"\n{name}\n{'-' * len(name)}\n{text.rstrip()}\n" for name, text in sections.items()
    )
    return cls


def _sections(text):
    """Return the sections of a docstring by name; what comes before them is the summary."""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", "Summary\n-\n" + text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _entries(section):
    """Return the entries of a section by name, without references to literature.

    These are numbered in each docstring for itself.
    """
    found = re.finditer(r"^(\w+)[\w, ]* : .*\n(?:(?: +.*)?\n)*", section + "\n", re.MULTILINE)
    return {match[1]: re.sub(r" \[\d\]_", "", match[0]).rstrip() for match in found}


class BaseMLPCV(BaseEstimator):
    r"""A search over networks, which predicts with the best of them.

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

    Without candidates of yours, eight settings are tried that did well on real
    tables, see ``skreg.model_selection.cv.DEFAULT_CANDIDATES``. Parameters of the network
    that you have given another value than their default keep it in all of them.

    Parameters
    ----------
    architectures : list of (int or sequence of int), default=None
        Candidates for ``hidden_layer_sizes``. None: that alone.

    l1s : list of float or int, default=None
        Candidates for ``l1``; an int is so many from 1e-5 to 1e-2 on a logarithmic
        scale. None: ``l1`` alone.

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
        a tenth of ``max_iter`` epochs for each. Every support on the way is refitted: a
        network is trained from scratch on these features alone, without ``l1`` and
        ``group_lasso``, with early stopping on the held-out rows, for up to five times
        ``max_iter`` epochs, and its best score there counts. In the end the support that
        the chosen strength leaves on all data is refitted, and ``best_estimator_`` is as if
        features had been pruned. An int for ``l1s`` or ``group_lassos`` is so many
        strengths that leave fewer features by the same factor each time, from nearly all to
        none, as seen on all data. Along the path
        the later layers have ``l2=1e-3`` where ``l2`` is None. "lbfgs" is allowed with
        ``l1s``.

    rule : {"best", "one_standard_error"}, default="best"
        Which candidate is taken of those that were judged on all folds: the one with the
        best score, or of those whose score is within one standard error of it over the
        folds the one with the fewest features, and of these the fewest weights. What is
        within one standard error is not dropped on the way.

    random_state : int, RandomState instance or None, default=None
        Determines the seeds of all trainings. All candidates have the same on a fold.

    verbose : bool or int, default=False
        As in the networks, for the last training with ``refit``.

    Attributes
    ----------
    best_estimator_ : MLPClassifier or MLPRegressor
        The model. What it has, this estimator has too: ``coefs_``, ``intercepts_``,
        ``history_`` and so on. Of an average, ``hidden_layer_sizes`` are those of all
        networks together, and ``history_`` and the curves are means over the networks,
        for as many epochs as all of them were trained.

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
        How the race was planned, empty with ``relax=True``: named tuples of ``n_epochs``,
        up to which candidates train in a rung, ``n_folds``, on how many folds, and
        ``n_kept``, how many go on.

    hidden_layer_sizes_, learning_rate_init_, dropout_, l2_, l1_, group_lasso_ : object
        What was chosen. With ``relax=True`` a strength is that of the path.

    References
    ----------
    .. [1] Jamieson and Talwalkar, "Non-stochastic best arm identification and
       hyperparameter optimization", AISTATS 2016: successive halving.
    .. [2] Meinshausen, "Relaxed lasso", Computational Statistics & Data Analysis 52 (2007).
    .. [3] Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees",
       Wadsworth 1984: the one-standard-error rule.
    """

    # MLPClassifier or MLPRegressor.
    _Network = None

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Let the candidates race, and keep the best one.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, an indicator matrix of labels, or real targets.

        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts, in training and in the scores.

        groups : array-like of shape (n_samples,), default=None
            Groups of the samples, for a splitter that needs them.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter is out of its range, or all candidates fail.

        Warns
        -----
        FitFailedWarning
            If some of the candidates fail.
        """
        return self._search(X, y, sample_weight, groups)

    def _search(self, X, y, sample_weight, groups):
        """Judge the candidates on the folds, and keep the one that is chosen."""
        values = self._values()
        self._check_combinations(values)
        # Once for all, so that what is wrong with the data is no failure of candidates.
        self._Network()._validate(X, y, is_continued=False)
        X, y, sample_weight, groups = indexable(X, y, sample_weight, groups)
        rng = check_random_state(self.random_state)
        cv = check_cv(self.cv, y, classifier=is_classifier(self))
        folds = split(cv.split(X, y, groups), X, y, sample_weight)
        if self.rule != "best" and len(folds) < 2:
            raise ValueError(
                f"rule={self.rule!r} needs the scores of two folds or more. Got one fold: set "
                "rule='best', or another cv."
            )
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(folds) + 1).tolist()
        classes = unique_labels(y) if is_classifier(self) else None
        samples = X, y, sample_weight
        compete = self._walk_paths if self.relax else self._let_race
        runners, ranking, plan, train = compete(values, samples, folds, seeds, classes)
        _check_failures(runners, ranking, self._hint())
        best = choose(ranking, SHORTFALLS[self.rule])
        self.best_estimator_ = network = train(best)
        vars(self).update(
            {name: value for name, value in vars(network).items() if name.endswith("_")}
        )
        self.cv_results_ = results(runners, ranking)
        self.score_path_, self.rungs_ = score_path(runners), plan
        self.best_index_ = runners.index(best)
        self.best_params_, self.best_score_ = best.params, best.score
        for name in GRIDS:
            setattr(self, f"{name}_", best.params.get(name, getattr(self, name)))
        return self

    def _values(self):
        """Return the candidates for each parameter of which there are some, by its name.

        A number of strengths of a path stays one: its values are found on the data.
        """
        values = {}
        for name, (plural, grid) in GRIDS.items():
            given = getattr(self, plural)
            if given is None:
                continue
            is_count = isinstance(given, Integral) and grid is not None and given > 0
            if not is_count and (
                not isinstance(given, (list, tuple, np.ndarray)) or not len(given)
            ):
                raise InvalidParameterError(
                    f"The {plural!r} parameter of {type(self).__name__} must be None, a list "
                    f"of values of {name!r}, or how many of them. Got {given!r} instead."
                )
            is_open = self.relax and name in PATHS
            found = given if is_open or not is_count else grid(given).tolist()
            values[name] = found if isinstance(found, Integral) else list(found)
        return values

    def _default_candidates(self):
        """Return the default candidates, without what the user has set."""
        defaults = self._Network().get_params()
        candidates = []
        for candidate in DEFAULT_CANDIDATES:
            rest = {
                name: value
                for name, value in candidate.items()
                if np.array_equal(getattr(self, name), defaults[name])
            }
            if rest not in candidates:
                candidates.append(rest)
        return candidates

    def _check_combinations(self, values):
        """Refuse parameters of the search that are wrong, or do not go together."""
        check_count("min_epochs", self.min_epochs, low=1)
        for name, allowed in (("relax", (True, False)), ("rule", tuple(SHORTFALLS))):
            if getattr(self, name) not in allowed:
                raise InvalidParameterError(
                    f"The {name!r} parameter of {type(self).__name__} must be "
                    f"{' or '.join(map(repr, allowed))}. Got {getattr(self, name)!r} instead."
                )
        if self.relax:
            self._check_path(values)
        elif self.solver == "lbfgs":
            raise ValueError(
                "solver='lbfgs' has no epochs to race over. Use 'adam' or 'sgd', or search "
                "with sklearn.model_selection.GridSearchCV."
            )

    def _check_path(self, values):
        penalties = [name for name in PATHS if name in values]
        if len(penalties) != 1:
            raise ValueError(
                "relax=True walks a path along the strengths of one penalty. Got "
                f"l1s={self.l1s!r} and group_lassos={self.group_lassos!r}: give one of them."
            )
        strengths = values[penalties[0]]
        if isinstance(strengths, Integral):
            return
        if not all(isinstance(one, Real) and 0 <= one < np.inf for one in strengths):
            raise InvalidParameterError(
                f"With relax=True the {GRIDS[penalties[0]][0]!r} parameter of "
                f"{type(self).__name__} must hold numbers, none of them negative. Got "
                f"{strengths!r} instead."
            )

    def _let_race(self, values, samples, folds, seeds, classes):
        """Return the candidates as they started and as they came in, the plan, and how to
        train one of them.
        """
        runners = [
            Runner(params, [self._racer(params, seed) for seed in seeds[1:]])
            for params in (combinations(values) if values else self._default_candidates())
        ]
        plan = rungs(len(runners), len(folds), self.max_iter, self.min_epochs)
        shortfall = SHORTFALLS[self.rule]
        ranking = race(runners, folds, plan, classes, self.n_jobs, shortfall)

        def train(best):
            if self.refit:
                return self._refit(best, seeds[0], samples)
            network = averaged(best.networks)
            return network.set_params(random_state=seeds[0], verbose=self.verbose)

        return runners, ranking, plan, train

    def _hint(self):
        """Name the parameters that candidates belong to, where others look like some."""
        looks_like_some = [
            f"{name}={value!r} as {plural}"
            for name, (plural, _) in GRIDS.items()
            if isinstance(value := getattr(self, name), (list, tuple, np.ndarray))
            and np.iterable(value)
            and (name != "hidden_layer_sizes" or any(map(np.iterable, value)))
        ]
        if not looks_like_some:
            return ""
        return f" If values were meant as candidates, pass {' and '.join(looks_like_some)}."

    def _walk_paths(self, values, samples, folds, seeds, classes):
        """Do the same with candidates along paths."""
        penalty = next(name for name in PATHS if name in values)
        strengths = values.pop(penalty)
        paths = [
            Path(self._network(**params, verbose=False), penalty, params)
            for params in combinations(values)
        ]
        set_out(paths, strengths, len(folds), samples, seeds[0], classes, self.n_jobs)
        ranking = judge(paths, folds, seeds[1:], classes, self.n_jobs)
        runners = [runner for path in paths for runner in path.runners]

        def train(best):
            path = next(path for path in paths if best in path.runners)
            return path.train(best, samples, seeds[0], classes, self.verbose)

        return runners, ranking, [], train

    def _network(self, **params):
        names = self._Network().get_params()
        shared = {k: v for k, v in self.get_params(deep=False).items() if k in names}
        return self._Network(**{**shared, "scoring": self.scoring, **params})

    def _racer(self, params, seed):
        # A generator and not its seed, or every stage would draw the same order.
        rng = np.random.RandomState(seed)
        return self._network(**params, early_stopping=True, random_state=rng, verbose=False)

    def _refit(self, best, seed, samples):
        """Train the best candidate for as many epochs as the folds found best."""
        n_epochs = max(1, round(np.mean(best.best_epochs())))
        network = self._network(**best.params).set_params(
            random_state=seed, max_iter=n_epochs, n_iter_no_change=np.inf
        )
        with warnings.catch_warnings():
            # So many epochs are what is wanted.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return network.fit(*samples)

    # What pictures and certificates ask for.
    _predict_raw = of_best(MLPClassifier._predict_raw)
    get_support = of_best(MLPClassifier.get_support)
    prune = of_best(MLPClassifier.prune)
    sparsity_ = property(of_best(MLPClassifier.sparsity_.fget))
    feature_importances_ = property(of_best(MLPClassifier.feature_importances_.fget))
    selected_features_ = property(of_best(MLPClassifier.selected_features_.fget))
    history_ = property(of_best(MLPClassifier.history_.fget))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        network = get_tags(self._Network())
        tags.input_tags.sparse = network.input_tags.sparse
        tags.target_tags = network.target_tags
        tags.classifier_tags = network.classifier_tags
        return tags


def averaged(networks):
    """Return the average of networks of a race, each at its best epoch.

    Parameters
    ----------
    networks : list of MLPClassifier or list of MLPRegressor
        With the same targets; their best weights are restored.

    Returns
    -------
    network : MLPClassifier or MLPRegressor
        Its raw output is the mean of theirs.
    """
    for network in networks:
        network._restore_best()
    weights, biases = average([(network.coefs_, network.intercepts_) for network in networks])
    histories = [network.history_ for network in networks]
    n_epochs = min(len(history["loss"]) for history in histories)
    history = {
        name: np.mean([one[name][:n_epochs] for one in histories], axis=0).tolist()
        for name in histories[0]
    }
    mean = copy.deepcopy(networks[0])
    mean.set_params(
        hidden_layer_sizes=tuple(len(bias) for bias in biases[:-1]), early_stopping=False
    )
    vars(mean).update(
        coefs_=weights,
        intercepts_=biases,
        n_iter_=n_epochs,
        loss_=float(np.mean([network.loss_ for network in networks])),
        loss_curve_=history["objective"],
        best_validation_score_=float(np.mean([one["score"].max() for one in histories])),
        validation_scores_=history["score"],
        validation_loss_curve_=history["validation_loss"],
        best_iter_=None,
        _history=history,
        _problem_id=None,
    )
    return mean


def _check_failures(runners, ranking, hint):
    """Warn of candidates that have failed; raise if none came to the end."""
    failed = [runner for runner in runners if runner.error is not None]
    if not failed:
        return
    first = failed[0]
    if ranking[0].error is not None:
        which = "All" if len(failed) == len(runners) else "Those that were not dropped before,"
        raise ValueError(
            f"{which} {len(failed)} candidates failed. The first of them said: "
            f"{first.error}{hint}"
        ) from first.error
    warnings.warn(
        f"{len(failed)} of {len(runners)} candidates failed, see cv_results_['error']. The "
        f"first of them, {first.params}, said: {first.error}{hint}",
        FitFailedWarning,
        stacklevel=4,
    )


def results(runners, ranking):
    """Return the outcome of a race in the layout of scikit-learn's searches.

    Parameters
    ----------
    runners, ranking : list of Runner
        As they started, and as they came in.

    Returns
    -------
    cv_results : dict of arrays of shape (n_candidates,)
    """
    table = {"params": [runner.params for runner in runners]}
    for name in dict.fromkeys(name for runner in runners for name in runner.params):
        column = np.ma.masked_all(len(runners), dtype=object)
        for k, runner in enumerate(runners):
            if name in runner.params:
                column[k] = runner.params[name]
        table[f"param_{name}"] = column
    scores = np.array([runner.fold_scores() for runner in runners])
    for k, column in enumerate(scores.T):
        table[f"split{k}_test_score"] = column
    masked = np.ma.masked_invalid(scores)
    table["mean_test_score"] = masked.mean(axis=1).filled(np.nan)
    table["std_test_score"] = masked.std(axis=1).filled(np.nan)
    table["rank_test_score"] = 1 + np.array([ranking.index(runner) for runner in runners])
    table["rung"] = np.array([runner.rung for runner in runners])
    sizes = np.array([runner.size() for runner in runners])
    table["mean_n_features"], table["mean_n_weights"] = sizes.T
    table["n_epochs"] = np.array([runner.n_epochs for runner in runners])
    table["best_epoch"] = np.array(
        [np.mean(runner.best_epochs() or np.nan) for runner in runners]
    )
    table["mean_fit_time"] = np.array([np.mean(runner.seconds) for runner in runners])
    table["error"] = np.array(
        ["" if runner.error is None else str(runner.error) for runner in runners], dtype=object
    )
    return table


def score_path(runners):
    """Return what candidates scored, epoch by epoch.

    Parameters
    ----------
    runners : list of Runner

    Returns
    -------
    scores : ndarray of shape (n_candidates, n_folds, n_epochs)
        Not a number where a candidate did not train.
    """
    n_epochs = max(runner.n_epochs for runner in runners)
    scores = np.full((len(runners), len(runners[0].curves), n_epochs), np.nan)
    for of_candidate, runner in zip(scores, runners, strict=True):
        for of_fold, curve in zip(of_candidate, runner.curves, strict=True):
            of_fold[: len(curve)] = curve
    return scores


@documented
class MLPClassifierCV(ClassifierMixin, BaseMLPCV):
    """Multilayer perceptron classifier that chooses its regularisation.

    Features should be scaled.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels.

    See Also
    --------
    skreg.MLPClassifier : A network with given parameters.
    sklearn.model_selection.GridSearchCV : Trains all candidates to their end.
    sklearn.linear_model.LogisticRegressionCV : The same idea for a linear model.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skreg.model_selection import MLPClassifierCV
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> network = MLPClassifierCV(dropouts=[0.0, 0.3], l2s=[1e-3, 1e-2], random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X[:400], y[:400])
    >>> sorted(network.best_params_)
    ['dropout', 'l2']
    >>> model.score(X[400:], y[400:]) > 0.95
    True
    """

    _Network = MLPClassifier

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        architectures=None,
        l1s=None,
        l2s=None,
        group_lassos=None,
        dropouts=None,
        learning_rate_inits=None,
        cv=5,
        scoring="loss",
        n_jobs=None,
        min_epochs=5,
        refit=False,
        relax=False,
        rule="best",
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=0.0001,
        verbose=False,
        momentum=0.9,
        nesterovs_momentum=True,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-08,
        n_iter_no_change=10,
        max_fun=15000,
        l1=0.0,
        l2=None,
        group_lasso=0.0,
        feature_groups=None,
        max_norm=None,
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        class_weight=None,
        max_grad_norm=None,
        label_smoothing=0.0,
        dtype=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.architectures = architectures
        self.l1s = l1s
        self.l2s = l2s
        self.group_lassos = group_lassos
        self.dropouts = dropouts
        self.learning_rate_inits = learning_rate_inits
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.min_epochs = min_epochs
        self.refit = refit
        self.relax = relax
        self.rule = rule
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
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.l1 = l1
        self.l2 = l2
        self.group_lasso = group_lasso
        self.feature_groups = feature_groups
        self.max_norm = max_norm
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.class_weight = class_weight
        self.max_grad_norm = max_grad_norm
        self.label_smoothing = label_smoothing
        self.dtype = dtype

    predict = of_best(MLPClassifier.predict)
    predict_proba = of_best(MLPClassifier.predict_proba)
    predict_log_proba = of_best(MLPClassifier.predict_log_proba)
    sample_proba = of_best(MLPClassifier.sample_proba)
    classes_ = property(of_best(MLPClassifier.classes_.fget))


@documented
class MLPRegressorCV(RegressorMixin, BaseMLPCV):
    """Multilayer perceptron regressor that chooses its regularisation.

    Features should be scaled, and the target.

    See Also
    --------
    skreg.MLPRegressor : A network with given parameters.
    sklearn.model_selection.GridSearchCV : Trains all candidates to their end.
    sklearn.linear_model.ElasticNetCV : The same idea for a linear model.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import scale
    >>> from skreg.model_selection import MLPRegressorCV
    >>> X, y = load_diabetes(return_X_y=True)
    >>> X, y = scale(X), scale(y)
    >>> network = MLPRegressorCV(architectures=[(), (50,)], l1s=3, random_state=0)
    >>> network.fit(X[:300], y[:300]).score(X[300:], y[300:]) > 0.4
    True
    """

    _Network = MLPRegressor

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        architectures=None,
        l1s=None,
        l2s=None,
        group_lassos=None,
        dropouts=None,
        learning_rate_inits=None,
        cv=5,
        scoring="loss",
        n_jobs=None,
        min_epochs=5,
        refit=False,
        relax=False,
        rule="best",
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
        tol=0.0001,
        verbose=False,
        momentum=0.9,
        nesterovs_momentum=True,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-08,
        n_iter_no_change=10,
        max_fun=15000,
        l1=0.0,
        l2=None,
        group_lasso=0.0,
        feature_groups=None,
        max_norm=None,
        weight_decay=0.0,
        dropout=0.0,
        input_dropout=0.0,
        max_grad_norm=None,
        huber_delta=1.0,
        quantile=0.5,
        dtype=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.architectures = architectures
        self.l1s = l1s
        self.l2s = l2s
        self.group_lassos = group_lassos
        self.dropouts = dropouts
        self.learning_rate_inits = learning_rate_inits
        self.cv = cv
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.min_epochs = min_epochs
        self.refit = refit
        self.relax = relax
        self.rule = rule
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
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.l1 = l1
        self.l2 = l2
        self.group_lasso = group_lasso
        self.feature_groups = feature_groups
        self.max_norm = max_norm
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.max_grad_norm = max_grad_norm
        self.huber_delta = huber_delta
        self.quantile = quantile
        self.dtype = dtype

    predict = of_best(MLPRegressor.predict)
    sample_y = of_best(MLPRegressor.sample_y)
