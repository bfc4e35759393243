"""The two ways of a search to compare its candidates: by a race, or by refits of supports."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from skreg.estimators.constraints import InvalidParameterError, shown
from skreg.estimators.fitting import fit_as_part
from skreg.estimators.notes import Note
from skreg.estimators.problem import Given
from skreg.estimators.strengths import check_network_parameters
from skreg.model_selection.averaging import averaged
from skreg.model_selection.candidates import SHORTFALLS, Candidate
from skreg.model_selection.grids import GRIDS, combinations, spread
from skreg.model_selection.path import PATHS
from skreg.model_selection.progress import written
from skreg.model_selection.race import race, rungs
from skreg.model_selection.refits import refit_on_folds
from skreg.model_selection.relaxed import Path, add_candidates

# Folds of groups differ by as much as this; those that grow with time by far more.
_ALIKE = 0.7


class _Comparison:
    """What both ways share.

    Parameters
    ----------
    search : MLPClassifierCV or MLPRegressorCV

    template : MLPClassifier or MLPRegressor
        Its parameters hold for all candidates.

    candidates : list of dict

    values : dict of (list or int)
        Of further parameters, to be combined with the candidates.
    """

    def __init__(self, search, template, candidates, values):
        self._search, self._template = search, template
        self._prepare(candidates, values)

    def notes(self, best, network):
        """Return what to warn of in the choice of a candidate and its network.

        Returns
        -------
        notes : list of Note
        """
        return []

    def eligible(self, order):
        """Return the candidates that may be chosen, of all in their order."""
        return order

    def average(self, best, problem):
        """Return the average of the networks that a candidate has on the folds."""
        network = averaged(best.judged_networks())
        return network.set_params(random_state=problem.seeds[0], verbose=self._verbose)

    @property
    def _verbose(self):
        # The search itself has printed first.
        return max(0, int(self._search.verbose) - 1)

    def _network(self, **params):
        """Return a network that is yet to be trained."""
        network = clone(self._template)
        if hasattr(network, "set_callbacks"):  # of scikit-learn 1.9
            network.set_callbacks()
        settings = {
            "early_stopping": False,
            "min_epochs": 0,
            "scoring": self._search.scoring,
            "time_limit": None,
            "validation_fraction": 0.1,
            "verbose": False,
            "warm_start": False,
        }
        if self._search.checkpoint is not None:
            settings["checkpoint"] = self._search.checkpoint
            settings["checkpoint_every"] = self._search.checkpoint_every
        network.set_params(**{**settings, **params})
        check_network_parameters(network)
        return network


class RaceComparison(_Comparison):
    """Candidates race over epochs."""

    def _prepare(self, candidates, values):
        if self._search.max_features is not None:
            raise ValueError(
                "max_features is for searches that select features. Got "
                f"max_features={self._search.max_features!r} with relax=False: set relax=True."
            )
        self._params = combinations(candidates, spread(values))
        self._notes = []
        networks = [self._network(**params) for params in self._params]
        if not all(hasattr(network, "partial_fit") for network in networks):
            raise ValueError(
                "solver='lbfgs' has no epochs to race over. Use 'adam' or 'sgd', or search "
                "with sklearn.model_selection.GridSearchCV."
            )
        self._max_iter = max(network.max_iter for network in networks)

    def _plan(self, problem):
        sizes = len(self._params), len(problem.folds)
        return rungs(*sizes, self._max_iter, self._search.min_epochs)

    def n_stages(self, problem):
        """Return in how many stages the candidates are compared."""
        return len(self._plan(problem))

    def run(self, problem, progress):
        """Return the `Ranking` of the candidates."""
        candidates = [
            Candidate(params, [self._racing(params, seed) for seed in problem.seeds[1:]])
            for params in self._params
        ]
        return race(
            candidates,
            problem.folds,
            self._plan(problem),
            problem.classes,
            self._search.n_jobs,
            SHORTFALLS[self._search.rule],
            progress,
        )

    def _racing(self, params, seed):
        return self._network(**params, early_stopping=True, random_state=seed)

    def train(self, best, problem, progress):
        """Return the network to predict with: an average, or trained on all data."""
        if not self._search.refit:
            network = self.average(best, problem)
            self._notes = _notes_of_sizes(problem.folds) + _notes_of_support(network, best)
            return network
        n_epochs = max(1, round(np.mean(best.best_epochs())))
        network = self._network(**best.params)
        if network.batch_size != "auto":
            # As on the folds, where nobody is told.
            network.set_params(batch_size=min(network.batch_size, len(problem.samples[1])))
        network.set_params(
            random_state=problem.seeds[0],
            max_iter=n_epochs,
            n_iter_no_change=np.inf,
            verbose=self._verbose,
        )
        with progress.on_all_data(network):
            notes = fit_as_part(network, Given(*problem.samples))
        # So many epochs are what is wanted.
        self._notes = [note for note in notes if not note.is_of_the_end]
        return network

    def notes(self, best, network):
        return self._notes


def _notes_of_sizes(folds):
    """Return what to tell of networks in an average that have seen few of the rows."""
    sizes = [len(fold.train) for fold in folds]
    if min(sizes) >= _ALIKE * max(sizes):
        return []
    message = (
        f"The folds have {min(sizes)} to {max(sizes)} rows to train on, and the model is the "
        "average of a network of each. Set refit=True: then it is one that is trained on all."
    )
    return [Note(message)]


def _notes_of_support(network, best):
    """Return what to tell of a network whose weights are all zero."""
    if network.get_support().any():
        return []
    message = (
        f"The best candidate, {written(best.params)}, has no weight left, so predictions do "
        "not depend on X. Try weaker penalties, or features that are scaled."
    )
    return [Note(message, ConvergenceWarning)]


class RefitComparison(_Comparison):
    """Strengths of a penalty are compared by refits of the features that they leave."""

    def _prepare(self, candidates, values):
        penalty = self._penalty(values)
        self._strengths = values[penalty]
        others = {name: given for name, given in values.items() if name != penalty}
        without = [
            {name: value for name, value in params.items() if name != penalty}
            for params in candidates
        ]
        self._paths = [
            Path(self._network(**params), penalty, params)
            for params in combinations(without, spread(others))
        ]

    def _penalty(self, values):
        """Return the penalty whose strengths are given; refuse what is no path."""
        search = self._search
        penalties = [name for name in PATHS if name in values]
        if len(penalties) != 1:
            raise ValueError(
                "relax=True walks a path along the strengths of one penalty. Got "
                f"l1s={shown(search.l1s)} and group_lassos={shown(search.group_lassos)}: give "
                "one of them."
            )
        strengths = values[penalties[0]]
        if not isinstance(strengths, Integral) and not all(
            isinstance(strength, Real) and 0 <= strength < np.inf for strength in strengths
        ):
            raise InvalidParameterError(
                f"With relax=True the {GRIDS[penalties[0]][0]!r} parameter of "
                f"{type(search).__name__} must hold numbers, none of them negative. Got "
                f"{shown(strengths)} instead."
            )
        return penalties[0]

    def n_stages(self, problem):
        """Return in how many stages the candidates are compared."""
        return 1

    def run(self, problem, progress):
        """Return the `Ranking` of the candidates."""
        n_jobs = self._search.n_jobs
        add_candidates(self._paths, self._strengths, problem, n_jobs)
        on_folds = problem.folds, problem.seeds[1:], problem.classes
        return refit_on_folds(self._paths, *on_folds, n_jobs, progress)

    def eligible(self, order):
        """Return the candidates with as few features as are asked for."""
        limit = self._search.max_features
        if limit is None:
            return order
        few = [candidate for candidate in order if candidate.size()[0] <= limit]
        if not few:
            fewest = np.nanmin([candidate.size()[0] for candidate in order])
            raise ValueError(
                f"No strength leaves as few features as max_features={limit}: the fewest are "
                f"{fewest:.3g}, on average over the folds. Add stronger ones."
            )
        return few

    def train(self, best, problem, progress):
        """Return the network to predict with, trained on all data."""
        limit = np.inf if self._search.max_features is None else self._search.max_features
        path = self._path_of(best)
        return path.train(best, limit, problem, progress, self._verbose)

    def notes(self, best, network):
        return self._path_of(best).notes(best, network)

    def _path_of(self, candidate):
        return next(path for path in self._paths if candidate in path.candidates)
