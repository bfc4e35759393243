"""Multilayer perceptrons for scikit-learn, with the regularisation that it lacks."""

from skreg.estimators import HiddenLayerTransformer, MLPClassifier, MLPRegressor
from skreg.model_selection import MLPClassifierCV, MLPRegressorCV

__all__ = [
    "HiddenLayerTransformer",
    "MLPClassifier",
    "MLPClassifierCV",
    "MLPRegressor",
    "MLPRegressorCV",
]
__version__ = "0.1.0"
