"""Multilayer perceptrons for scikit-learn, with the regularisation that it lacks."""

from skreg.estimators import MLPClassifier, MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
__version__ = "0.1.0"
