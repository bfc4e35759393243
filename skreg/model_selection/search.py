"""Networks that choose their own regularization by cross-validation."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone, is_classifier
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping

from skreg.estimators.callbacks import CallbackSupportMixin, SearchTask, tear_down
from skreg.estimators.checkpoint import check_seed
from skreg.estimators.constraints import (
    CONSTRAINTS,
    InvalidParameterError,
    boolean,
    check_parameters,
    generator,
    number,
    options,
    shown,
)
from skreg.estimators.limits import TimeIsUp, TimeLimit
from skreg.estimators.networks import BestNetworkMixin
from skreg.estimators.notes import Note, tell
from skreg.estimators.problem import validate
from skreg.estimators.strengths import check_network_parameters
from skreg.estimators.targets import new_target
from skreg.estimators.weights import check_sample_weight
from skreg.model_selection.candidates import SHORTFALLS, Problem, choose
from skreg.model_selection.comparisons import RaceComparison, RefitComparison
from skreg.model_selection.folds import folds_of
from skreg.model_selection.grids import (
    DEFAULT_CANDIDATES,
    GRIDS,
    check_candidates,
    values_of,
)
from skreg.model_selection.progress import Progress
from skreg.model_selection.results import results, score_path

_SIZE = number(1, integer=True)
_CONSTRAINTS = {
    "min_epochs": [_SIZE],
    "n_jobs": [options(None), number(-np.inf, 0, brackets="()", integer=True), _SIZE],
    "scoring": CONSTRAINTS["scoring"],
    "refit": [boolean()],
    "relax": [boolean()],
    "max_features": [options(None), number(1, integer=True)],
    "rule": [options(*SHORTFALLS)],
    "verbose": [boolean(), number(0, integer=True)],
    "time_limit": CONSTRAINTS["time_limit"],
    "checkpoint": CONSTRAINTS["checkpoint"],
    "checkpoint_every": CONSTRAINTS["checkpoint_every"],
}


class BaseMLPCV(CallbackSupportMixin, BestNetworkMixin, MetaEstimatorMixin, BaseEstimator):
    """A search over networks, which predicts with the best of them.

    A subclass says by `_Network` which.
    """

    # MLPClassifier or MLPRegressor.
    _Network = None
    # It is the splitter that asks for them.
    __metadata_request__fit = {"groups": False}  # noqa: RUF012

    def fit(self, X, y, sample_weight=None, *, groups=None):
        """Try the candidates, and keep the best one.

        Ctrl-C ends the search: with a warning, the best of what has been judged by then is
        kept. Where nothing has been judged, the `KeyboardInterrupt` goes through.

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
        try:
            notes = self._search(X, y, sample_weight, groups)
        finally:
            tear_down(self)
        tell(notes, depth=1)
        return self

    def _search(self, X, y, sample_weight, groups):
        """Judge the candidates on the folds, keep the best; return what to warn of."""
        check_parameters(self, _CONSTRAINTS)
        template = self._template()
        for checkpoint in (self.checkpoint, template.checkpoint):
            check_seed(checkpoint, self.random_state)
        Comparison = RefitComparison if self.relax else RaceComparison
        candidates = self._given_candidates(template)
        comparison = Comparison(self, template, candidates, values_of(self))
        problem = self._problem(template, X, y, sample_weight, groups)
        task = SearchTask.of(self, X, y, sample_weight, comparison.n_stages(problem))
        limit = TimeLimit.within(self.time_limit)
        progress = Progress(print if self.verbose else None, task, limit)
        ranking = comparison.run(problem, progress)
        if ranking.interrupt is not None and not ranking.n_judged:
            raise ranking.interrupt
        notes = _notes_of_failures(ranking)
        best = choose(comparison.eligible(ranking.order), SHORTFALLS[self.rule])
        network, more = self._trained(comparison, ranking, best, problem, progress)
        chosen = {**template.get_params(), **best.params}
        vars(self).update(
            best_estimator_=network,
            best_index_=ranking.candidates.index(best),
            best_params_=best.params,
            best_score_=best.score,
            cv_results_=results(ranking),
            rungs_=ranking.rungs,
            score_path_=score_path(ranking.candidates),
            **{f"{name}_": chosen[name] for name in GRIDS},
        )
        progress.close()
        return notes + more

    def _bare(self):
        """Return the network whose parameters hold where none is given."""
        return self._Network()

    def _template(self):
        """Return the network whose parameters hold for all candidates."""
        template = self._bare() if self.estimator is None else self.estimator
        if isinstance(template, self._Network):
            check_network_parameters(template)
            return template
        name, wanted = type(self).__name__, self._Network.__name__
        raise InvalidParameterError(
            f"The 'estimator' parameter of {name} must be None or an instance of skreg's "
            f"{wanted}. Got {shown(template)} instead: of a pipeline pass the network alone, "
            "such as pipeline[-1], and let the search be its last step."
        )

    def _given_candidates(self, template):
        """Return the candidates before they are combined with further values."""
        if self.candidates is not None:
            check_candidates(self.candidates, self, template)
            return self.candidates
        plurals = [plural for plural, _ in GRIDS.values()]
        is_bare = self.estimator is None and all(
            getattr(self, name) is None for name in plurals
        )
        return DEFAULT_CANDIDATES if is_bare else [{}]

    def _problem(self, template, X, y, sample_weight, groups):
        """Return what the candidates are trained and judged on."""
        # Once, so that what is wrong with the data is no failure of candidates.
        if isinstance(X, memoryview):
            X = np.asarray(X)
        features, checked = validate(
            clone(template), X, y, (np.float64, np.float32), reset=True
        )
        # The array itself where it will do: by it joblib sees what it has sent before.
        if not (isinstance(y, np.ndarray) and y.shape == checked.shape):
            y = checked
        if sample_weight is not None:
            sample_weight = check_sample_weight(sample_weight, features)
        X, y, sample_weight, groups = indexable(X, y, sample_weight, groups)
        classes = new_target(template, checked).classes_ if is_classifier(self) else None
        rng = generator(self.random_state)
        splits = check_cv(self.cv, y, classifier=is_classifier(self)).split(X, y, groups)
        folds = folds_of(splits, X, y, sample_weight)
        if self.rule != "best" and len(folds) < 2:
            raise ValueError(
                f"rule={self.rule!r} needs the scores of two folds or more. Got one fold: set "
                "rule='best', or another cv."
            )
        seeds = rng.randint(np.iinfo(np.int32).max, size=len(folds) + 1).tolist()
        return Problem((X, y, sample_weight), folds, classes, seeds)

    def _trained(self, comparison, ranking, best, problem, progress):
        """Return the network of the best candidate, and what to warn of.

        After an interrupt no training is begun: the networks of the folds are there.
        """
        if ranking.interrupt is None:
            try:
                network = comparison.train(best, problem, progress)
                return network, comparison.notes(best, network)
            except KeyboardInterrupt:
                pass
        network = comparison.average(best, problem)
        is_late = isinstance(ranking.interrupt, TimeIsUp)
        why = (
            f"time_limit={shown(self.time_limit)} seconds have passed"
            if is_late
            else "Search interrupted by user"
        )
        message = (
            f"{why}: the model is the average of the networks of "
            f"{best.n_judged} fold(s), with the best parameters of {ranking.n_judged} "
            f"candidate(s) out of {len(ranking.candidates)} that were judged."
        )
        return network, [Note(message, ConvergenceWarning if is_late else UserWarning)]

    def get_metadata_routing(self):
        """Return which metadata the search and its splitter request.

        Returns
        -------
        routing : MetadataRouter
            To ``split`` of ``cv`` from `fit`: a splitter of groups gets them unasked.
        """
        mapping = MethodMapping().add(caller="fit", callee="split")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(splitter=self.cv, method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        network = get_tags(self._Network() if self.estimator is None else self.estimator)
        tags.input_tags.sparse = network.input_tags.sparse
        tags.target_tags = network.target_tags
        tags.classifier_tags = network.classifier_tags
        return tags


def _notes_of_failures(ranking):
    """Return what to warn of where candidates failed; raise if none came to the end."""
    failed = [candidate for candidate in ranking.candidates if candidate.error is not None]
    if not failed:
        return []
    first = failed[0]
    if ranking.order[0].error is not None:
        is_all = len(failed) == len(ranking.candidates)
        which = "All" if is_all else "Those that were not dropped before,"
        raise ValueError(
            f"{which} {len(failed)} candidates failed. The first of them said: {first.error}"
        ) from first.error
    message = (
        f"{len(failed)} of {len(ranking.candidates)} candidates failed, see "
        f"cv_results_['error']. The first of them, {first.params}, said: {first.error}"
    )
    return [Note(message, FitFailedWarning)]
