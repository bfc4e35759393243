"""What is left of a network whose weights are zero in large part."""

import copy

import numpy as np
from scipy import sparse
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skreg.estimators.fitted import inputs_of, replace_network, whole_network
from skreg.nn.arrays import stored_values, to_dense
from skreg.nn.block_diagonal import blocks_of, each_block
from skreg.nn.pruning import prune_members


def _has_weights(estimator):
    check_is_fitted(estimator)
    return True


class SparsityMixin:
    """Zeros counted, used to select features, stored sparsely, and cut out.

    It reads ``coefs_``, ``intercepts_`` and ``activation``.
    """

    @property
    def sparsity_(self):
        """Share of exact zeros in each weight matrix, a list of float.

        Between the networks of an average there are no weights, and none is counted.
        """
        check_is_fitted(self)
        shares = []
        for weight in self.coefs_:
            blocks = blocks_of(weight)
            n_weights = sum(int(np.prod(block.shape)) for block in blocks)
            n_left = sum(int(np.count_nonzero(stored_values(block))) for block in blocks)
            shares.append((n_weights - n_left) / n_weights if n_weights else 1.0)
        return shares

    @property
    def feature_importances_(self):
        """Norm of the weights that leave each feature, of shape (n_features,)."""
        check_is_fitted(self)
        norms = np.linalg.norm(to_dense(self.coefs_[0]), axis=1)
        return inputs_of(self).spread(norms)

    @property
    def selected_features_(self):
        """Features with weights that are not zero: their names, or else their indices."""
        selected = self.get_support(indices=True)
        names = getattr(self, "feature_names_in_", None)
        return selected if names is None else names[selected]

    def get_support(self, indices=False):
        """Tell which features have first-layer weights that are not zero.

        Parameters
        ----------
        indices : bool, default=False
            Whether to return their indices and not a mask.

        Returns
        -------
        support : ndarray of bool of shape (n_features,), or of int
            As the selectors of scikit-learn return it.
        """
        check_is_fitted(self)
        mask = inputs_of(self).spread(to_dense(self.coefs_[0]).any(axis=1))
        return np.flatnonzero(mask) if indices else mask

    # scikit-learn's common checks take an estimator that has `sparsify` before it is
    # fitted for a linear model, whose weights are in `coef_`.
    @available_if(_has_weights)
    def sparsify(self):
        """Store the weights as sparse matrices, in place.

        Worth it where nearly all weights are zero: memory is saved from one half of
        zeros on, time seldom. `fit` and `partial_fit` start from sparse weights too, and
        leave dense ones.

        Returns
        -------
        self : object
            With ``coefs_`` in CSR format; of an average, the blocks between two hidden
            layers.
        """
        self.coefs_ = [each_block(sparse.csr_array, weight) for weight in self.coefs_]
        return self

    @available_if(_has_weights)
    def densify(self):
        """Store the weights as arrays again, in place.

        Returns
        -------
        self : object
            With ``coefs_`` as ndarrays; of an average, the blocks between two hidden
            layers.
        """
        self.coefs_ = [each_block(to_dense, weight) for weight in self.coefs_]
        return self

    def prune(self):
        """Return a smaller estimator that predicts the same.

        Left out are hidden units that read nothing, whose constant output moves
        into the next biases, hidden units that nobody reads, and features that
        nobody reads then: those out of `get_support`, and those that only dead
        units read. A layer of which nothing would be left keeps one
        unit with weights of zero. Of an average the networks are pruned, each on its own.

        Returns
        -------
        pruned : object
            A fitted estimator of the same class with smaller ``coefs_``, and with
            ``hidden_layer_sizes`` to match. It takes the same ``X`` as this one:
            ``n_features_in_`` stays, and the rows of ``coefs_[0]`` stand for
            the features that are left, in their order. `partial_fit`, and `fit`
            with ``warm_start``, go on training what is left, with fresh moments;
            `fit` without starts with all features again, and the smaller layers.
        """
        check_is_fitted(self)
        rows, network = prune_members(whole_network(self), self.activation)
        pruned = copy.deepcopy(self)
        replace_network(pruned, network, inputs_of(self).keep(rows))
        return pruned
