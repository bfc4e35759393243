"""What a network is to learn, in the terms of the engine."""

import copy
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.utils import _safe_indexing, assert_all_finite, column_or_1d
from sklearn.utils.validation import validate_data

from skreg.estimators.constraints import InvalidParameterError, hidden_units, in_brief, shown
from skreg.estimators.fitted import inputs_of, network_attributes
from skreg.estimators.inputs import Inputs
from skreg.estimators.scoring import HeldOut, score_function
from skreg.estimators.weights import (
    check_sample_weight,
    expand_class_weight,
    with_class_weight,
)
from skreg.nn.architecture import dense_network
from skreg.nn.data import Data


class Samples(NamedTuple):
    """Validated data, of the columns that a network reads.

    Attributes
    ----------
    X : ndarray or sparse matrix of shape (n_samples, n_kept)

    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)

    sample_weight : ndarray of shape (n_samples,) or None
    """

    X: object
    y: np.ndarray
    sample_weight: np.ndarray | None


class Given(NamedTuple):
    """Data as users give them.

    Attributes
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)

    y : array-like of shape (n_samples,) or (n_samples, n_outputs)

    sample_weight : array-like of shape (n_samples,) or None

    classes : array-like of shape (n_classes,) or None
        All classes, where ``y`` may not hold each of them.

    kept : ndarray of int or None
        Columns that a training from scratch reads. None: all of them.
    """

    X: object
    y: object
    sample_weight: object = None
    classes: object = None
    kept: np.ndarray | None = None


class Problem:
    """Data, and a network that is to learn them.

    Parameters
    ----------
    given : Given
        The data.

    start : Start
        What the network begins with.

    rng : numpy.random.RandomState
        Draws initial weights.

    Attributes
    ----------
    model : MLPClassifier or MLPRegressor
        That of the start. Its features become those of the data.

    samples : Samples

    inputs : Inputs

    target : object
        One of `skreg.estimators.targets`.

    params : Parameters
        Of the network, in memory of their own.

    data : Data
        The samples as the engine takes them, weighted by class as well.

    counting : ndarray of int
        The samples that count: one of weight zero is as if it were not there.
    """

    def __init__(self, given, start, rng):
        self.model = model = start.model
        dtype = model.dtype or start.dtype
        X, y = validate(model, given.X, given.y, dtype, reset=not start.is_continued)
        inputs = inputs_of(model)
        if not start.is_continued:
            inputs = Inputs(inputs.n_features, inputs.names, given.kept)
        X = inputs.select(X)
        self.inputs = inputs
        self._X = given.X  # as scorers get it
        self.samples = Samples(X, y, check_sample_weight(given.sample_weight, X))
        self.target = start.target(self.samples, given.classes)
        hidden = hidden_units(model.hidden_layer_sizes)
        units = (X.shape[1], *hidden, self.target.n_outputs)
        _check_size(model, units)
        self.params = start.parameters(units, X.dtype, rng)
        classes = getattr(self.target, "classes_", None)
        self._class_weight = (
            None
            if classes is None
            else expand_class_weight(model.class_weight, y, classes, self.samples.sample_weight)
        )
        self.data = self._encode(self.samples)
        weight = self.samples.sample_weight
        self.counting = np.arange(len(y)) if weight is None else np.flatnonzero(weight)

    def training_data(self):
        """Return the samples that count, where none are held out."""
        is_all = len(self.counting) == self.data.n_samples
        return self.data if is_all else self.data.part(self.counting)

    def own(self, validation):
        """Return the user's own data to judge by as `Samples`, checked like the others."""
        dtype = self.params.vector.dtype
        X, y = validate(self.model, validation.X, validation.y, dtype, reset=False)
        X = self.inputs.select(X)
        weight = check_sample_weight(validation.sample_weight, X, "sample_weight_val")
        return Samples(X, y, weight)

    def judge_own(self, validation):
        """Return what the user's own data say about the network, a `HeldOut`."""
        try:
            samples = self.own(validation)
            data = self._encode(samples)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidParameterError(
                f"X_val, y_val or sample_weight_val: {in_brief(error)}{_way_out(validation.X)}"
            ) from error
        return self._judge(data, samples.sample_weight, lambda: (validation.X, validation.y))

    def judge_rows(self, rows):
        """Return what some of the samples say about the network, a `HeldOut`."""
        _, y, weight = self.samples
        weight = None if weight is None else weight[rows]
        part = self.data.part(rows)
        return self._judge(part, weight, lambda: (_safe_indexing(self._X, rows), y[rows]))

    def network_attributes(self):
        """Return the attributes that make the estimator predict by this network."""
        return network_attributes(self.target, self.params, self.inputs)

    def _encode(self, samples):
        X, y, sample_weight = samples
        classes = getattr(self.target, "classes_", None)
        encoded = self.target.encode(y, X.dtype)
        return Data(
            X, encoded, with_class_weight(sample_weight, self._class_weight, y, classes)
        )

    def _judge(self, data, sample_weight, samples):
        params, target, model = self.params, self.target, self.model
        # A network of its own: scoring must not disturb the memory of training.
        network = dense_network(params.weights, params.biases, model.activation)
        predictor = copy.copy(model)
        vars(predictor).update(self.network_attributes())
        score = score_function(model.scoring, predictor, target, data.y, sample_weight, samples)
        return HeldOut(network, target.loss, data, score)


def _way_out(X):
    """Return what to do about words in ``X_val``, as the end of a message."""
    is_raw = any(isinstance(value, (str, bytes)) for value in np.asarray(X, object).flat)
    return (
        " In a pipeline X_val stays as it is unless transform_input=['X_val'] is set, with "
        "metadata routing; or hold out rows of X by validation_fraction=PredefinedSplit(fold)."
        if is_raw
        else ""
    )


def _check_size(model, units):
    """Refuse more weights than can be addressed, whatever memory there is."""
    n_bytes = 8 * sum((n_in + 1) * n_out for n_in, n_out in pairwise(units))
    if n_bytes > np.iinfo(np.intp).max:
        raise InvalidParameterError(
            f"hidden_layer_sizes={shown(model.hidden_layer_sizes)} asks for more weights than "
            "a computer can address."
        )


def _without_gaps(y):
    """Return a target whose pandas type allows gaps, and that has none, as an array."""
    plain = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if plain is None or y.isna().any():
        return y
    return y.to_numpy(dtype=plain)


def validate(model, X, y, dtype, reset):
    """Return ``X`` and ``y`` as arrays; where there is no reset, features must be the same."""
    X, y = validate_data(
        model,
        X,
        _without_gaps(y),
        accept_sparse=["csr", "csc"],
        multi_output=True,
        y_numeric=is_regressor(model),
        dtype=dtype,
        reset=reset,
    )
    if sparse.issparse(y):
        y = y.toarray()
    if is_regressor(model):
        if y.dtype.kind in "mM":
            raise ValueError(
                f"y holds dates or durations, of type {y.dtype}. Turn them into numbers, such "
                "as (y - y.min()) / numpy.timedelta64(1, 'D')."
            )
        # Objects were numbers only after scikit-learn had looked at them.
        assert_all_finite(y, input_name="y")
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return X, y
