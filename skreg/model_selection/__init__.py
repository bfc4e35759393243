"""Choose how strongly to regularise."""

from skreg.model_selection.path import mlp_path

__all__ = ["mlp_path"]
