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
- ``decode(raw)``, predictions from the raw output of the network;
- ``score(y, raw, sample_weight)``, accuracy or R2 of the raw output for encoded targets, or
  the D2 of several quantiles;
- ``probabilities(raw)`` (classification only).
"""

from numbers import Real

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.multiclass import (
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from skreg.estimators.constraints import shown
from skreg.nn.log_losses import (
    BinaryLogLoss,
    MultinomialLogLoss,
    SmoothedBinaryLogLoss,
    SmoothedMultinomialLogLoss,
)
from skreg.nn.losses import AbsoluteError, Gamma, Huber, Poisson, Quantile, SquaredError
from skreg.nn.scores import accuracy, d2_pinball, r2

LOSSES_OF_OURS = ("absolute_error", "gamma", "huber", "quantile")
"""Losses that scikit-learn's own network does not have."""

# Of targets that are out of the range of a loss.
_WAYS_OUT = {"gamma": " loss='poisson' takes zeros."}


class RealTarget:
    """Real numbers, one or several for each sample.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma"}

    huber_delta : float, default=1.0
        Where the Huber loss becomes linear.

    quantile : float or sequence of float, default=0.5
        Level of the quantile loss, or several.
    """

    def __init__(self, y, loss, huber_delta=1.0, quantile=0.5):
        self._loss_name = loss
        # Of R2 the best is a mean, which is not what these losses ask for.
        self.is_scored_by_loss = loss in LOSSES_OF_OURS
        self.loss = {
            "squared_error": SquaredError,
            "absolute_error": AbsoluteError,
            "huber": lambda: Huber(float(huber_delta)),
            "quantile": lambda: Quantile(quantile),
            "poisson": Poisson,
            "gamma": Gamma,
        }[loss]()
        self._n_columns = 1 if y.ndim == 1 else y.shape[1]
        self.n_outputs = self._n_columns * self.loss.outputs_per_column
        # Of what is predicted for a sample: one number has none.
        self._shape = () if self._n_columns == 1 else (self._n_columns,)
        # A sequence asks for an axis of its own, even if it holds one level.
        self.has_levels = loss == "quantile" and not isinstance(quantile, Real)
        if self.has_levels:
            self._shape += (self.loss.outputs_per_column,)

    def encode(self, y, dtype):
        encoded = y.reshape(len(y), -1).astype(dtype, copy=False)
        if encoded.shape[1] != self._n_columns:
            raise ValueError(
                f"y must have {self._n_columns} column(s), as many as before. Got an array "
                f"of shape {y.shape}."
            )
        if not self.loss.in_y_range(encoded):
            raise ValueError(
                "Some value(s) of y are out of the valid range of the loss "
                f"{self._loss_name!r}: y {self.loss.y_range}, its minimum is {y.min()}."
                + _WAYS_OUT.get(self._loss_name, "")
            )
        return encoded

    def strata(self, y, fraction=None):
        return None

    def decode(self, raw):
        return self.loss.inverse_link(raw).reshape(-1, *self._shape)

    def score(self, y, raw, sample_weight=None):
        prediction = self.loss.inverse_link(raw)
        if self.has_levels:
            return d2_pinball(y, prediction, self.loss.levels, sample_weight)
        return r2(y, prediction, sample_weight)


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


def new_target(model, y, classes=None):
    """Choose and fit the target for ``y``, as the parameters of an estimator have it.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    classes : array-like of shape (n_classes,), default=None
        All classes, where ``y`` may not hold each of them.

    Returns
    -------
    target : RealTarget, BinaryTarget, MulticlassTarget or MultilabelTarget
    """
    if not is_classifier(model):
        return RealTarget(y, model.loss, model.huber_delta, model.quantile)
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


def target_again(model, y, before, classes=None):
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

    Returns
    -------
    target : RealTarget, BinaryTarget, MulticlassTarget or MultilabelTarget
    """
    if before is None or not is_classifier(model):
        return new_target(model, y, classes)
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
