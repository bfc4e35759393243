"""The gradient at zero weights, against the formulas of linear models."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

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


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["equal", "weighted"])
@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("l2", [0.0, 2.0])
def test_free_columns_are_where_least_squares_have_them(weight, layout, l2):
    free = np.array([10, 20, 30])
    targets = np.column_stack([Y, Y**2]).astype(float)
    data = Data(layout(X), targets, weight)
    gradient = null_gradient(SquaredError(), data, 2, free, l2)
    scales = np.ones(len(X)) if weight is None else weight / weight.mean()
    read = np.column_stack([X[:, free], np.ones(len(X))])
    ridge = np.diag([l2] * 3 + [0.0]) * len(X)
    normal = read.T @ (scales[:, np.newaxis] * read) + ridge
    best = np.linalg.solve(normal, read.T @ (scales[:, np.newaxis] * targets))
    residual = scales[:, np.newaxis] * (read @ best - targets)
    np.testing.assert_allclose(gradient, X.T @ residual / len(X), atol=1e-4)
    np.testing.assert_allclose(gradient[free], -l2 * best[:3], atol=1e-5)


def test_free_columns_are_where_logistic_regression_has_them():
    free, l2 = np.array([10, 20, 30, 40]), 0.1
    theirs = LogisticRegression(C=1 / (l2 * len(X)), tol=1e-9, max_iter=1000)
    error = theirs.fit(X[:, free], Y).predict_proba(X[:, free]) - np.eye(10)[Y]
    gradient = null_gradient(MultinomialLogLoss(), Data(X, Y), 10, free, l2)
    np.testing.assert_allclose(gradient, X.T @ error / len(X), atol=1e-4)
