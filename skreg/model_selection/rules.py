r"""Which candidate to take: the best, or the sparsest that is about as good.

With the mean :math:`\bar s` of a candidate's scores over folds and the best one
:math:`\bar s^*`, a rule allows a shortfall :math:`\delta` of it, and of all candidates with
:math:`\bar s \ge \bar s^* - \delta` the sparsest is taken.

References
----------
.. [1] Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees",
   Wadsworth 1984, section 3.4.3: the one-standard-error rule.
"""

import numpy as np


def standard_error(scores):
    r"""Return the standard error of the mean of scores over folds.

    .. math::

        \delta = \sqrt{\frac{1}{n (n - 1)} \sum_{k=1}^n (s_k - \bar s)^2}

    Parameters
    ----------
    scores : ndarray of shape (n_folds,)

    Returns
    -------
    shortfall : float
        Zero where there are fewer than two scores, which say nothing of an error.
    """
    if len(scores) < 2:
        return 0.0
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores)))


SHORTFALLS = {"best": None, "one_standard_error": standard_error}
"""What each rule allows, given the scores of the best candidate; None stands for nothing."""


def size_of(network):
    """Return how many features and weights of a network make a difference.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor

    Returns
    -------
    size : tuple of int
    """
    pruned = network.prune()
    n_features = np.count_nonzero(pruned.get_support())
    return int(n_features), sum(int(np.count_nonzero(weight)) for weight in pruned.coefs_)


def as_good(ranking, shortfall):
    """Return the candidates whose score is not clearly below the best one.

    Parameters
    ----------
    ranking : list of Runner
        The best first.

    shortfall : callable or None
        One of `SHORTFALLS`.

    Returns
    -------
    close : list of Runner
    """
    best = ranking[0]
    scores = best.fold_scores()
    allowed = 0.0 if shortfall is None else shortfall(scores[np.isfinite(scores)])
    return [runner for runner in ranking if runner.score >= best.score - allowed]


def choose(ranking, shortfall):
    """Return the sparsest of the candidates that are as good as the best.

    Fewest features first, then fewest weights, on average over the folds, then the best
    score. Candidates that were not judged on all folds are left out.

    Parameters
    ----------
    ranking : list of Runner
        The best first.

    shortfall : callable or None
        One of `SHORTFALLS`.

    Returns
    -------
    runner : Runner
    """
    judged = [runner for runner in ranking if np.isfinite(runner.fold_scores()).all()]
    return min(as_good(judged, shortfall), key=lambda runner: tuple(runner.size()))
