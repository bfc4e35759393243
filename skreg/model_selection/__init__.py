"""Choose how much to regularise."""

from skreg.model_selection.cv import MLPClassifierCV, MLPRegressorCV

__all__ = ["MLPClassifierCV", "MLPRegressorCV"]
