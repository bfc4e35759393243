"""The gradient at zero weights, against the formulas of linear models."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits

from skreg.nn.data import Data
from skreg.nn.log_losses import MultinomialLogLoss
from skreg.nn.losses import Gamma, Huber, Poisson, SquaredError
from skreg.nn.null_model import null_gradient

X, Y = load_digits(return_X_y=True)
WEIGHT = np.random.default_rng(0).random(len(X))


def mean_of(terms, weight):
    return np.average(terms, axis=0, weights=weight)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("scaling", [1e-3, 1.0, 1e3])
def test_squared_error(weight, layout, scaling):
    targets = scaling * np.column_stack([Y, Y**2])
    gradient = null_gradient(SquaredError(), Data(layout(X), targets, weight), 2)
    residual = mean_of(targets, weight) - targets
    expected = [mean_of(X * column[:, np.newaxis], weight) for column in residual.T]
    np.testing.assert_allclose(gradient, np.transpose(expected), atol=1e-9 * scaling)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
def test_log_loss(weight):
    labels = np.eye(10)[Y]
    gradient = null_gradient(MultinomialLogLoss(), Data(X, Y, weight), 10)
    residual = mean_of(labels, weight) - labels
    expected = [mean_of(X * column[:, np.newaxis], weight) for column in residual.T]
    np.testing.assert_allclose(gradient, np.transpose(expected), atol=1e-6)


@pytest.mark.parametrize("loss", [Poisson(), Gamma(), Huber(2.0)], ids=lambda one: type(one))
def test_the_intercept_is_at_its_optimum(loss):
    # The gradient in the weight of a column of ones is that in the intercept.
    ones = np.column_stack([X, np.ones(len(X))])
    gradient = null_gradient(loss, Data(ones, Y[:, np.newaxis] + 1.0, WEIGHT), 1)
    assert abs(gradient[-1, 0]) < 1e-6 < np.abs(gradient[:-1]).max()
