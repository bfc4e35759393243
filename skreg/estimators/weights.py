"""Weights of samples and of classes."""

from numbers import Real

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.class_weight import compute_class_weight

from skreg.estimators.constraints import InvalidParameterError, in_brief, shown


def check_sample_weight(sample_weight, X, name="sample_weight"):
    """Return weights as a float array of shape (n_samples,), or None for None."""
    if sample_weight is None:
        return None
    n_samples = X.shape[0]
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_samples, sample_weight)
    try:
        weight = check_array(
            sample_weight,
            ensure_2d=False,
            dtype=(np.float64, np.float32),
            input_name=name,
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidParameterError(
            f"{name} must be one number, or one for each sample: {in_brief(error)}"
        ) from error
    if weight.shape != (n_samples,):
        raise ValueError(f"{name}.shape == {weight.shape}, expected {(n_samples,)}!")
    if weight.min() < 0:
        raise ValueError(
            f"Negative values in data passed to `{name}`: the smallest is "
            f"{weight.min()}. A weight says how often its sample counts."
        )
    check_any_weight(weight, f"in {name}")
    return weight


def check_any_weight(weight, whose=""):
    """Refuse weights that are all zero."""
    if not weight.any():
        where = f" Those {whose} are all zero." if whose else ""
        raise ValueError(f"Sample weights must contain at least one non-zero number.{where}")


def expand_class_weight(class_weight, y, classes, sample_weight=None):
    """Return the weight of every class in numbers.

    Parameters
    ----------
    class_weight : "balanced", dict, list of dict or None
        As users give it: a list for a multilabel target.

    y : ndarray of shape (n_samples,) or (n_samples, n_labels)

    classes : ndarray of shape (n_classes,)
        Of a one-dimensional ``y``, in ascending order.

    sample_weight : ndarray of shape (n_samples,), default=None
        How often each sample counts, for "balanced".

    Returns
    -------
    class_weight : ndarray of shape (n_classes,), or (n_labels, 2), or None
        Of a multilabel target the weights where a label is absent and present.
    """
    if class_weight is None:
        return None
    if y.ndim == 1:
        weights = _weights_of(class_weight, y, classes, sample_weight)
    else:
        is_list = isinstance(class_weight, list) and len(class_weight) == y.shape[1]
        is_of_dicts = is_list and all(isinstance(one, dict) for one in class_weight)
        if not (is_of_dicts or isinstance(class_weight, str)):
            raise ValueError(
                f"class_weight must be 'balanced' or a list of {y.shape[1]} dicts, one for "
                f"each label, each from 0 and 1 to weights. Got {shown(class_weight)}."
            )
        by_label = [class_weight] * y.shape[1] if class_weight == "balanced" else class_weight
        weights = np.array(
            [
                _weights_of(of_label, present, np.array([0, 1]), sample_weight)
                for of_label, present in zip(by_label, (y.T != 0).astype(int), strict=True)
            ]
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError(
            f"class_weight must hold numbers that are not negative. Got {shown(class_weight)}."
        )
    return weights


def _weights_of(class_weight, y, classes, sample_weight):
    """Return the weight of every class, 1 where none is given, or no sample counts."""
    if isinstance(class_weight, list):
        raise ValueError(
            "class_weight is a list, which is for multilabel targets. Got "
            f"{shown(class_weight)}: pass one dict, from class to weight, or 'balanced'."
        )
    if isinstance(class_weight, str):
        if sample_weight is not None:
            y, sample_weight = y[sample_weight > 0], sample_weight[sample_weight > 0]
        present = np.isin(classes, y)
        weights = np.ones(len(classes))
        weights[present] = compute_class_weight(
            "balanced", classes=classes[present], y=y, sample_weight=sample_weight
        )
        return weights
    labels = classes.tolist()
    weights = [class_weight.get(label) for label in labels]
    if not all(weight is None or isinstance(weight, Real) for weight in weights):
        raise InvalidParameterError(
            f"class_weight must hold numbers. Got {shown(class_weight)}."
        )
    unknown = [key for key in class_weight if key not in labels]
    if None in weights and unknown:
        raise ValueError(
            f"class_weight has a weight for {shown(unknown[0])}, which is no class, and none "
            f"for {shown(labels[weights.index(None)])}. Got {shown(class_weight)} for the "
            f"classes {shown(labels)}."
        )
    return np.array([1.0 if weight is None else float(weight) for weight in weights])


def with_class_weight(sample_weight, class_weight, y, classes):
    r"""Return the weight of every row, of its sample times that of its class.

    Of a multilabel target each label :math:`k` has weights of its own,

    .. math:: w_{ik} = \frac{s_i c_k(y_{ik})}{\sum_j s_j c_k(y_{jk})} \sum_j s_j,

    so the term of a label in the loss is what a network for this label alone would have.

    Parameters
    ----------
    sample_weight : ndarray of shape (n_samples,) or None

    class_weight : ndarray or None
        As `expand_class_weight` returns it.

    y : ndarray of shape (n_samples,) or (n_samples, n_labels)

    classes : ndarray of shape (n_classes,)
        As for `expand_class_weight`.

    Returns
    -------
    weight : ndarray of shape (n_samples,) or (n_samples, n_labels), or None
    """
    if class_weight is None:
        return sample_weight
    s = np.ones(len(y)) if sample_weight is None else sample_weight
    if y.ndim == 1:
        weight = s * class_weight[np.searchsorted(classes, y)]
        check_any_weight(weight, "with class_weight")
        return weight
    weight = s[:, np.newaxis] * np.where(y != 0, class_weight[:, 1], class_weight[:, 0])
    totals = weight.sum(axis=0)
    if not totals.all():
        label = int(np.flatnonzero(totals == 0)[0])
        raise ValueError(
            f"With class_weight no sample counts for label {label}, whose weights are "
            f"{class_weight[label].tolist()} where it is absent and present."
        )
    return weight * (s.sum() / totals)
