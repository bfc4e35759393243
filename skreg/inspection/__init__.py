"""Look into fitted networks."""

from skreg.inspection.optimality import optimality

__all__ = ["optimality"]
