"""Judge a network on held-out data while it is being trained.

A score is a function of the raw output of the network and of its loss there; higher is
better. `score_function` chooses it.
"""

from contextlib import suppress
from inspect import signature
from numbers import Real

import numpy as np
from sklearn import get_config
from sklearn.metrics import check_scoring, make_scorer

from skreg.estimators.constraints import in_brief, shown
from skreg.nn.arrays import row_blocks

# What scikit-learn's own scorers are made of.
_OF_SCORERS = ("_score_func", "_sign", "_response_method", "_kwargs")


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
    if scoring == "loss" or (scoring is None and target.is_scored_by_loss):
        return lambda raw, loss: -loss
    if scoring is None:
        return lambda raw, loss: target.score(y, raw, sample_weight)
    classes = () if y.ndim == 2 and y.shape[1] > 1 else getattr(target, "classes_", ())
    scorer = _with_classes(check_scoring(model, scoring), classes)
    X, y = samples()
    has_weight = sample_weight is not None and _takes_weight(scorer)
    weight = {"sample_weight": sample_weight} if has_weight else {}
    missing = np.setdiff1d(classes, y)

    def score(raw, loss):
        try:
            value = scorer(model, X, y, **weight)
        except ValueError as error:
            if not len(missing):
                raise
            raise ValueError(_undefined(scoring, missing, in_brief(error))) from error
        # As scikit-learn's own searches take what a scorer returns.
        if hasattr(value, "item"):
            with suppress(ValueError):
                value = value.item()
        if not isinstance(value, Real):
            raise TypeError(
                f"A scorer must return one number. Got {shown(value)} from "
                f"scoring={shown(scoring)}."
            )
        if np.isnan(value) and len(missing):
            raise ValueError(_undefined(scoring, missing, "it is not a number"))
        return float(value)

    return score


def _metric(scorer):
    return getattr(scorer, "_score_func", scorer)


def _with_classes(scorer, classes):
    """Return a scorer that knows all classes, which held-out rows may lack.

    Scorers of scikit-learn that read probabilities take them as ``labels``, as in
    `LogisticRegressionCV`.
    """
    metric, sign, method, kwargs = (getattr(scorer, name, ()) for name in _OF_SCORERS)
    takes = signature(_metric(scorer)).parameters
    if not len(classes) or "predict_proba" not in np.ravel(method) or "labels" not in takes:
        return scorer
    known = {"labels": classes}
    if len(classes) == 2 and "pos_label" in takes:
        known["pos_label"] = classes[-1]
    return make_scorer(
        metric, greater_is_better=sign > 0, response_method=method, **{**known, **kwargs}
    )


def _takes_weight(scorer):
    """Return whether a scorer is to get the weights of samples."""
    # scikit-learn's scorers take weights whether or not their metric does.
    if "sample_weight" not in signature(_metric(scorer)).parameters:
        return False
    if not (
        get_config()["enable_metadata_routing"] and hasattr(scorer, "get_metadata_routing")
    ):
        return True
    asks = scorer.get_metadata_routing().score.requests.get("sample_weight")
    return asks in (None, True, "sample_weight")


def _undefined(scoring, missing, why):
    return (
        f"scoring={shown(scoring)} is not defined on held-out rows that have no sample of "
        f"{', '.join(map(repr, missing.tolist()))}: {why}. Hold out rows of all classes, for "
        "instance by StratifiedKFold or StratifiedShuffleSplit, or use scoring='loss'."
    )
