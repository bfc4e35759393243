"""The estimators: scikit-learn's face of the engine."""

from skreg.estimators.classifier import MLPClassifier
from skreg.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
