"""Multilayer perceptrons for scikit-learn, with the regularisation that it lacks."""

from skreg.estimators import HiddenLayerTransformer, MLPClassifier, MLPRegressor

__all__ = ["HiddenLayerTransformer", "MLPClassifier", "MLPRegressor"]
__version__ = "0.1.0"
