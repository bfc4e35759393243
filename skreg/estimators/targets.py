"""What kind of target this is: how it is encoded, decoded, and which loss it has.

A target is fitted to ``y`` once and then translates between the labels of the
user and the arrays of the engine. One class for each kind, with

- ``classes_`` (classification only) and ``n_outputs``;
- ``is_scored_by_loss``, whether the loss says more than ``score`` of how good a network is;
- ``loss``, the matching loss of `skreg.nn.losses`;
- ``encode(y, dtype)``, the targets as the loss wants them; labels that were not
  there when the target was fitted are refused;
- ``strata(y, fraction)``, the classes that a held-out part keeps in proportion, or None:
  as in scikit-learn, or, given the fraction to hold out, those of several classes too;
- ``scaling`` (numbers only), what the network learns them on the scale of;
- ``decode(raw)``, predictions from the raw output of the network;
- ``score(y, raw, sample_weight)``, accuracy or R2 of the raw output for encoded targets, or
  the D2 of several quantiles;
- ``probabilities(raw)`` (classification only).
"""

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from skreg.estimators.constraints import shown
from skreg.estimators.real_target import RealTarget
from skreg.nn.log_losses import (
    BinaryLogLoss,
    MultinomialLogLoss,
    SmoothedBinaryLogLoss,
    SmoothedMultinomialLogLoss,
)
from skreg.nn.scores import accuracy


class BinaryTarget:
    """Two classes, or one, with one output: the log-odds of the second."""

    n_outputs = 1
    is_scored_by_loss = False

    def __init__(self, classes, label_smoothing=0.0):
        self.classes_ = classes
        self.loss = _binary_log_loss(label_smoothing)

    def encode(self, y, dtype):
        return _codes(y, self.classes_)[:, np.newaxis].astype(dtype)

    def strata(self, y, fraction=None):
        # As strings: scikit-learn names a class that is too rare to split as 'True'.
        return np.where(self._is_second(y), "True", "False")

    def _is_second(self, y):
        return (y == self.classes_[-1]) & (len(self.classes_) == 2)

    def decode(self, raw):
        return self.classes_[self._is_decided_second(raw).astype(int)]

    def score(self, y, raw, sample_weight=None):
        return accuracy(self._is_decided_second(raw) == y.ravel(), sample_weight)

    def _is_decided_second(self, raw):
        return (raw.ravel() > 0) & (len(self.classes_) == 2)

    def probabilities(self, raw):
        if len(self.classes_) == 1:
            return np.ones_like(raw)
        # 1 - p would be 0 from p = 1 - 1e-16 on.
        return self.loss.inverse_link(np.hstack([-raw, raw]))


class MulticlassTarget:
    """One of several classes, with one output for each."""

    is_scored_by_loss = False

    def __init__(self, classes, label_smoothing=0.0):
        self.classes_ = classes
        self.n_outputs = len(classes)
        self.loss = (
            SmoothedMultinomialLogLoss(label_smoothing)
            if label_smoothing
            else MultinomialLogLoss()
        )

    def encode(self, y, dtype):
        return _codes(y, self.classes_)

    def strata(self, y, fraction=None):
        # scikit-learn stratifies the split of two classes only.
        if fraction is None:
            return None
        # One that is too rare to be held out goes with the largest.
        codes = _codes(y, self.classes_)
        counts = np.bincount(codes, minlength=self.n_outputs)
        is_rare = counts < max(2, 1 / fraction)
        return np.where(is_rare[codes], counts.argmax(), codes)

    def decode(self, raw):
        return self.classes_[raw.argmax(axis=1)]

    def score(self, y, raw, sample_weight=None):
        return accuracy(raw.argmax(axis=1) == y, sample_weight)

    def probabilities(self, raw):
        return self.loss.inverse_link(raw)


class MultilabelTarget:
    """Any number of labels for each sample, as an indicator matrix."""

    is_scored_by_loss = False

    def __init__(self, classes, label_smoothing=0.0):
        self.classes_ = classes
        self.n_outputs = len(classes)
        self.loss = _binary_log_loss(label_smoothing)

    def encode(self, y, dtype):
        if y.ndim != 2 or y.shape[1] != self.n_outputs:
            raise ValueError(
                f"y must be an indicator matrix with {self.n_outputs} columns, one for "
                f"each label. Got an array of shape {y.shape}."
            )
        check_classification_targets(y)
        values = np.unique(y)
        if len(values) > 2 or (len(values) == 2 and 0 not in values):
            raise ValueError(
                "An indicator matrix holds 0 where a label is absent and 1 where it is "
                f"present. Got the values {values}."
            )
        return (y != 0).astype(dtype)

    def strata(self, y, fraction=None):
        return None

    def decode(self, raw):
        return (raw > 0).astype(int)

    def score(self, y, raw, sample_weight=None):
        # As in scikit-learn all labels of a sample must be right.
        return accuracy(((raw > 0) == y).all(axis=1), sample_weight)

    def probabilities(self, raw):
        return self.loss.inverse_link(raw)


def _binary_log_loss(label_smoothing):
    return SmoothedBinaryLogLoss(label_smoothing) if label_smoothing else BinaryLogLoss()


def labels_of(y):
    """Return the labels in ``y``, an array: scikit-learn's `unique_labels`.

    That examines the kind of its target first, which takes longer than a short training,
    and which a vector of numbers or strings needs no more once it has passed as a target.
    """
    is_plain = y.ndim == 1 and y.dtype.kind in "biufUS"
    return np.unique(y) if is_plain else unique_labels(y)


def _codes(y, classes):
    """Return the place of every label in the classes; refuse those that have none."""
    if y.ndim != 1:
        raise ValueError(
            f"y must be one-dimensional for the classes {classes}. Got shape {y.shape}."
        )
    if y.dtype.kind == classes.dtype.kind:
        codes = np.searchsorted(classes, y)
        if (classes.take(codes, mode="clip") == y).all():
            return codes
    present = labels_of(y)
    if not np.isin(present, classes).all():
        raise ValueError(
            f"`y` has classes not in `self.classes_`. `self.classes_` has {classes}. "
            f"'y' has {present}."
        )
    return np.searchsorted(classes, y)


def new_target(model, y, classes=None, sample_weight=None):
    """Choose and fit the target for ``y``, as the parameters of an estimator have it.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    classes : array-like of shape (n_classes,), default=None
        All classes, where ``y`` may not hold each of them.

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    target : RealTarget, BinaryTarget, MulticlassTarget or MultilabelTarget
    """
    if not is_classifier(model):
        target = RealTarget(y, model.loss, model.huber_delta, model.quantile)
        return target.scaled(y, sample_weight) if model.scale_target else target
    check_classification_targets(y)
    if y.ndim == 2 and type_of_target(y) == "multiclass-multioutput":
        raise ValueError(
            "Multioutput target data is not supported: y of shape "
            f"{y.shape} holds more than two values. Fit one classifier for each column, "
            "for instance with sklearn.multioutput.MultiOutputClassifier."
        )
    classes = labels_of(y) if classes is None else unique_labels(classes)
    if y.ndim == 2:
        return MultilabelTarget(classes, model.label_smoothing)
    Target = BinaryTarget if len(classes) <= 2 else MulticlassTarget
    return Target(classes, model.label_smoothing)


def target_again(model, y, before, classes=None, sample_weight=None):
    """Return the target that a network was trained for, with the present parameters.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        May lack classes.

    before : object or None
        The target of before. None where weights were set by hand.

    classes : array-like of shape (n_classes,), default=None
        If given, they must be those of before.

    sample_weight : ndarray of shape (n_samples,), default=None

    Returns
    -------
    target : RealTarget, BinaryTarget, MulticlassTarget or MultilabelTarget
    """
    if before is None or not is_classifier(model):
        target = new_target(model, y, classes, sample_weight)
        return target if before is None else target.like(before)
    if classes is not None and not np.array_equal(unique_labels(classes), before.classes_):
        raise ValueError(
            f"`classes={shown(classes)}` is not the same as on last call to partial_fit, "
            f"was: {shown(before.classes_)}"
        )
    return type(before)(before.classes_, model.label_smoothing)


def check_same_classes(y, target):
    """Refuse targets that lack classes of the network."""
    classes = getattr(target, "classes_", None)
    if classes is not None and not np.array_equal(unique_labels(y), classes):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the "
            f"previous call to fit. Previously got {classes}, `y` has "
            f"{unique_labels(y)}"
        )
