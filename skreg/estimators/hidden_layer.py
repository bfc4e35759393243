"""Hidden layers of a network as features for other estimators."""

import numpy as np
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    MetaEstimatorMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.constraints import (
    boolean,
    check_parameters,
    hidden_units,
    number,
    options,
    shown,
)
from skreg.estimators.networks import (
    BestNetworkMixin,
    check_network,
    network_of,
    unfrozen,
)
from skreg.estimators.prediction import hidden_outputs
from skreg.estimators.strengths import check_network_parameters

_CONSTRAINTS = {
    "layer": [options("all"), number(-np.inf, brackets="()", integer=True)],
    "prefit": [boolean()],
}


def _estimator_has_partial_fit(transformer):
    return hasattr(transformer.estimator, "partial_fit")


class HiddenLayerTransformer(
    ClassNamePrefixFeaturesOutMixin, MetaEstimatorMixin, TransformerMixin, BaseEstimator
):
    r"""Transform data into the outputs of a network's hidden layer.

    With weights :math:`W_l`, biases :math:`b_l` and activation :math:`a`, the outputs of
    the hidden layers are

    .. math::

        h_0 = X, \qquad h_l = a(h_{l-1} W_l + b_l),

    without dropout, and the transformed data are one of them, or all side by side: a
    representation that was learned for the target [1]_.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, MLPClassifierCV or MLPRegressorCV
        The network, or a search for one: its hidden layers are those of
        ``best_estimator_``. A clone of it is fitted, unless ``prefit``.

    layer : int or "all", default=-1
        Which hidden layer: 0 is the lowest, negative numbers count from the top, so that
        -1 is the one that the output reads. "all" is all of them, from the lowest to the
        top, side by side.

    prefit : bool, default=False
        Whether ``estimator`` is fitted already and used as it is. `fit` then does
        nothing but check it, and `transform` may be called without. Tools that clone,
        such as searches and cross-validation, would forget the training: there,
        pass a :class:`~sklearn.frozen.FrozenEstimator`.

    Attributes
    ----------
    estimator_ : MLPClassifier, MLPRegressor, MLPClassifierCV or MLPRegressorCV
        The fitted network or search; with ``prefit`` that is ``estimator`` itself.

    n_features_in_ : int
        Number of features that the network takes.

    feature_names_in_ : ndarray of shape (n_features,)
        Their names, where ``X`` has any.

    See Also
    --------
    MLPClassifier : The network, for classes.
    MLPRegressor : The network, for real targets.
    sklearn.feature_selection.SelectFromModel : Features that a network uses.

    References
    ----------
    .. [1] Bengio, Courville and Vincent, "Representation learning: a review and new
       perspectives", IEEE Transactions on Pattern Analysis and Machine Intelligence 35
       (2013).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from skreg import HiddenLayerTransformer, MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> network = MLPClassifier((50, 20), l2=1e-3, max_iter=50, random_state=0)
    >>> features = HiddenLayerTransformer(network).fit(X[:1000] / 16, y[:1000])
    >>> features.transform(X / 16).shape
    (1797, 20)
    >>> model = make_pipeline(features, KNeighborsClassifier())
    >>> model.fit(X[:1000] / 16, y[:1000]).score(X[1000:] / 16, y[1000:]) > 0.9
    True
    """

    def __init__(self, estimator, *, layer=-1, prefit=False):
        self.estimator = estimator
        self.layer = layer
        self.prefit = prefit

    def fit(self, X, y=None, **fit_params):
        """Fit a clone of the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets of the network. Ignored with ``prefit``.

        **fit_params : dict
            Passed to `fit` of the network, such as ``sample_weight``; with metadata routing
            enabled, those that it requests. Ignored with ``prefit``.

        Returns
        -------
        self : HiddenLayerTransformer
            The fitted transformer.

        Raises
        ------
        ValueError
            If ``estimator`` is not one of skreg's networks, or has no hidden layer
            number ``layer``, or its own `fit` raises it.

        NotFittedError
            If ``prefit`` and the network is not fitted.
        """
        self._check()
        estimator = self.estimator
        if not self.prefit:
            estimator = clone(estimator).fit(X, y, **self._routed("fit", fit_params))
        network = network_of(estimator, type(self).__name__)
        # Only now it is known how many hidden layers the network of a search has.
        self._hidden_layers(len(network.intercepts_) - 1)
        self.estimator_ = estimator
        return self

    @available_if(_estimator_has_partial_fit)
    def partial_fit(self, X, y=None, **partial_fit_params):
        """Train the network for one more epoch over the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets of the network. Ignored with ``prefit``.

        **partial_fit_params : dict
            Passed to `partial_fit` of the network, such as ``classes``; with metadata
            routing enabled, those that it requests. Ignored with ``prefit``.

        Returns
        -------
        self : HiddenLayerTransformer
            The transformer, one epoch on.

        Raises
        ------
        ValueError
            As in `fit`.
        """
        if self.prefit:
            return self.fit(X, y)
        self._check()
        partial_fit_params = self._routed("partial_fit", partial_fit_params)
        estimator = getattr(self, "estimator_", None) or clone(self.estimator)
        self.estimator_ = estimator.partial_fit(X, y, **partial_fit_params)
        return self

    def transform(self, X):
        """Return the outputs of the hidden layer.

        Rows go through the network block by block: memory is that of the result and a block.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data, on the scale of the training data.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_units)
            In the dtype of the network's weights.

        Raises
        ------
        ValueError
            If ``X`` does not have the features of the training data, or there is no
            hidden layer number ``layer``.

        NotFittedError
            If the network is not fitted.
        """
        network = self._network()
        which = self._hidden_layers(len(network.intercepts_) - 1)
        return hidden_outputs(network, X, which)

    def get_metadata_routing(self):
        """Return which metadata the network requests.

        Returns
        -------
        routing : MetadataRouter
            To `fit` from `fit`, and to `partial_fit` from `partial_fit`.
        """
        mapping = (
            MethodMapping()
            .add(caller="fit", callee="fit")
            .add(caller="fit_transform", callee="fit")
            .add(caller="partial_fit", callee="partial_fit")
        )
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    def _check(self):
        """Refuse what cannot be transformed by, before it is trained."""
        check_parameters(self, _CONSTRAINTS)
        estimator = unfrozen(self.estimator)
        if isinstance(estimator, BestNetworkMixin):
            return
        check_network(estimator, type(self).__name__)
        check_network_parameters(estimator)
        self._hidden_layers(len(hidden_units(estimator.hidden_layer_sizes)))

    def _hidden_layers(self, n_hidden):
        """Return the hidden layers that are asked for, a slice with both ends."""
        check_parameters(self, _CONSTRAINTS)
        if not n_hidden:
            raise ValueError(
                "The network has no hidden layer whose output could be returned. Got "
                "hidden_layer_sizes=(): give it one, or use X itself."
            )
        if self.layer == "all":
            return slice(0, n_hidden)
        if not -n_hidden <= self.layer < n_hidden:
            raise ValueError(
                f"There is no hidden layer number {shown(self.layer)}: the network has "
                f"{n_hidden}. Got layer={shown(self.layer)}: pass an int from "
                f"{-n_hidden} to {n_hidden - 1}, or 'all'."
            )
        start = self.layer % n_hidden
        return slice(start, start + 1)

    def _routed(self, method, params):
        """Return the parameters that the network gets."""
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, method, **params).estimator[method]
        return params

    def _network(self):
        """Return the fitted network."""
        check_is_fitted(self)
        estimator = self.estimator if self.prefit else self.estimator_
        return network_of(estimator, type(self).__name__)

    @property
    def n_features_in_(self):
        return self._network().n_features_in_

    @property
    def feature_names_in_(self):
        return self._network().feature_names_in_

    @property
    def _n_features_out(self):
        biases = self._network().intercepts_[:-1]
        return sum(map(len, biases[self._hidden_layers(len(biases))]))

    def __sklearn_is_fitted__(self):
        network = self.estimator if self.prefit else getattr(self, "estimator_", None)
        return hasattr(network, "intercepts_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        network = get_tags(self.estimator)
        tags.input_tags.sparse = network.input_tags.sparse
        tags.target_tags.required = network.target_tags.required and not self.prefit
        dtype = getattr(self.estimator, "dtype", None)
        tags.transformer_tags.preserves_dtype = [dtype] if dtype else ["float64", "float32"]
        return tags
