"""The estimators: scikit-learn's face of the engine."""

from skreg.estimators.classifier import MLPClassifier
from skreg.estimators.hidden_layer import HiddenLayerTransformer
from skreg.estimators.regressor import MLPRegressor

__all__ = ["HiddenLayerTransformer", "MLPClassifier", "MLPRegressor"]
