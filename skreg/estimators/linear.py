"""Networks without hidden layers, as scikit-learn's linear models describe themselves."""

from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.fitted import inputs_of, scaling_of
from skreg.nn.arrays import to_dense


class LinearMixin:
    """Coefficients and intercepts, where there are no hidden layers.

    It reads ``coefs_`` and ``intercepts_``, and gives them on the scale of the targets.
    """

    @property
    def coef_(self):
        """Coefficients of a network without hidden layers, an array that is read only.

        It has shape (n_features,) for a regressor with one output, (1, n_features) for
        two classes, and (n_outputs, n_features) else. Features that `prune` has taken out
        have zeros. A network with hidden layers has no such attribute.
        """
        self._check_linear("coef_")
        weight, scaling = to_dense(self.coefs_[0]), scaling_of(self)
        if scaling is not None:
            weight = scaling.apply_to_weights(weight)
        by_output = inputs_of(self).spread(weight).T
        return _read_only(by_output[0] if self._is_alone() else by_output)

    @property
    def intercept_(self):
        """Intercepts of a network without hidden layers, an array that is read only.

        A float for a regressor with one output, and else of shape (1,) for two classes, or
        (n_outputs,). A network with hidden layers has no such attribute.
        """
        self._check_linear("intercept_")
        by_output, scaling = self.intercepts_[0], scaling_of(self)
        if scaling is not None:
            by_output = scaling.apply(by_output)
        return float(by_output[0]) if self._is_alone() else _read_only(by_output)

    def _is_alone(self):
        return not is_classifier(self) and self.n_outputs_ == 1

    def _check_linear(self, name):
        check_is_fitted(self)
        n_hidden = len(self.coefs_) - 1
        if n_hidden:
            raise AttributeError(
                f"{name} is there without hidden layers alone, and this network has "
                f"{n_hidden}: what it predicts is not linear in the features. Its weights are "
                "in coefs_ and intercepts_."
            )


def _read_only(values):
    """Return a copy that says so where it is written to: weights are set by ``coefs_``."""
    values = values.copy()
    values.flags.writeable = False
    return values
