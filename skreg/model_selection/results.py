"""What came of candidates, as arrays."""

import numpy as np


def results(ranking):
    """Return what came of the candidates in the layout of scikit-learn's searches.

    Parameters
    ----------
    ranking : Ranking

    Returns
    -------
    cv_results : dict of arrays of shape (n_candidates,)
    """
    candidates = ranking.candidates
    table = {"params": [candidate.params for candidate in candidates]}
    for name in dict.fromkeys(name for params in table["params"] for name in params):
        column = np.ma.masked_all(len(candidates), dtype=object)
        for k, params in enumerate(table["params"]):
            if name in params:
                column[k] = params[name]
        table[f"param_{name}"] = column
    scores = np.array([candidate.fold_scores() for candidate in candidates])
    for k, column in enumerate(scores.T):
        table[f"split{k}_test_score"] = column
    masked = np.ma.masked_invalid(scores)
    table["mean_test_score"] = masked.mean(axis=1).filled(np.nan)
    table["std_test_score"] = masked.std(axis=1).filled(np.nan)
    places = [ranking.order.index(candidate) for candidate in candidates]
    table["rank_test_score"] = 1 + np.array(places)
    table["rung"] = np.array([candidate.rung for candidate in candidates])
    sizes = np.array([candidate.size() for candidate in candidates])
    table["mean_n_features"], table["mean_n_weights"] = sizes.T
    table["n_epochs"] = np.array([candidate.n_epochs for candidate in candidates])
    table["best_epoch"] = np.array(
        [np.mean(candidate.best_epochs() or np.nan) for candidate in candidates]
    )
    table["mean_fit_time"] = np.array([np.mean(candidate.seconds) for candidate in candidates])
    errors = [
        "" if candidate.error is None else str(candidate.error) for candidate in candidates
    ]
    table["error"] = np.array(errors, dtype=object)
    return table


def score_path(candidates):
    """Return what candidates scored, epoch by epoch.

    Parameters
    ----------
    candidates : list of Candidate

    Returns
    -------
    scores : ndarray of shape (n_candidates, n_folds, n_epochs)
        Not a number where a candidate did not train.
    """
    n_epochs = max(candidate.n_epochs for candidate in candidates)
    scores = np.full((len(candidates), len(candidates[0].curves), n_epochs), np.nan)
    for of_candidate, candidate in zip(scores, candidates, strict=True):
        for of_fold, curve in zip(of_candidate, candidate.curves, strict=True):
            of_fold[: len(curve)] = curve
    return scores
