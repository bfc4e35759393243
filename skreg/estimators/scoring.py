"""Judge a network on held-out data while it is being trained.

A score is a function of the raw output of the network and of its loss there; higher is
better. `score_function` chooses it.
"""

from inspect import signature
from numbers import Real

import numpy as np
from sklearn.metrics import check_scoring, get_scorer_names

from skreg.estimators.constraints import shown
from skreg.nn.arrays import row_blocks


class HeldOut:
    """Held-out data, and what they say about a network.

    Parameters
    ----------
    network : Network
        Reads the weights in training, and owns its memory.

    loss : object
        One of `skreg.nn.losses`.

    data : Data
        With encoded targets. Taken block by block.

    score : callable
        As `score_function` returns it.
    """

    def __init__(self, network, loss, data, score):
        self._network = network
        self._loss = loss
        self.data = data
        self._score = score

    def evaluate(self):
        """Return score and loss, without dropout or penalties, as two floats."""
        data = self.data
        raw = np.empty((data.n_samples, self._network.n_outputs), data.X.dtype)
        for rows in row_blocks(data.n_samples, self._network.widest):
            raw[rows] = self._network.forward(data.take(rows).X)
        loss = self._loss.value(data.y, raw, np.empty_like(raw), data.sample_weight)
        return self._score(raw, loss), loss


def score_function(scoring, model, target, y, sample_weight, samples):
    """Choose what early stopping watches.

    Parameters
    ----------
    scoring : None, "loss", str or callable
        As users give it.

    model : estimator
        Predicts with the weights as they are at the time.

    target : object
        One of `skreg.estimators.targets`.

    y : ndarray
        Encoded targets of the held-out samples.

    sample_weight : ndarray of shape (n_samples,) or None
        Of the held-out samples, without class weights.

    samples : callable
        Returns X and y of the held-out samples, as users give them; called only if
        they are needed.

    Returns
    -------
    score : callable
        Takes the raw output, which it may overwrite, and the loss; returns a float,
        the higher the better.
    """
    if scoring is None:
        return lambda raw, loss: target.score(y, raw, sample_weight)
    if scoring == "loss":
        return lambda raw, loss: -loss
    if isinstance(scoring, str) and scoring not in get_scorer_names():
        raise ValueError(
            f"scoring={shown(scoring)} is not the name of a scorer: see "
            "sklearn.metrics.get_scorer_names(), or use 'loss' or a callable."
        )
    scorer = check_scoring(model, scoring)
    X, y = samples()
    weight = {}
    # scikit-learn's scorers take weights whether or not their metric does.
    metric = getattr(scorer, "_score_func", scorer)
    if sample_weight is not None and "sample_weight" in signature(metric).parameters:
        weight["sample_weight"] = sample_weight

    def score(raw, loss):
        value = scorer(model, X, y, **weight)
        if not isinstance(value, Real):
            raise TypeError(
                f"A scorer must return one number. Got {shown(value)} from "
                f"scoring={shown(scoring)}."
            )
        return float(value)

    return score
