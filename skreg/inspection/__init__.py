"""Look into fitted networks."""

from skreg.inspection.certificates import optimality
from skreg.inspection.feature_weights import FeatureWeightsDisplay
from skreg.inspection.loss_curve import LossCurveDisplay

__all__ = ["FeatureWeightsDisplay", "LossCurveDisplay", "optimality"]
