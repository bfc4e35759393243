"""Choose how strongly to regularize."""

from skreg.model_selection.cv import MLPClassifierCV, MLPRegressorCV
from skreg.model_selection.grids import DEFAULT_CANDIDATES
from skreg.model_selection.path import mlp_path

__all__ = ["DEFAULT_CANDIDATES", "MLPClassifierCV", "MLPRegressorCV", "mlp_path"]
