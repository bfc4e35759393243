"""Look into fitted networks."""

from skreg.inspection.certificates import optimality
from skreg.inspection.feature_weights import FeatureWeightsDisplay
from skreg.inspection.loss_curve import LossCurveDisplay
from skreg.inspection.path import RegularizationPathDisplay
from skreg.inspection.race import RaceDisplay

__all__ = [
    "FeatureWeightsDisplay",
    "LossCurveDisplay",
    "RaceDisplay",
    "RegularizationPathDisplay",
    "optimality",
]
