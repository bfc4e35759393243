"""Look into fitted networks."""

from skreg.inspection.certificates import optimality

__all__ = ["optimality"]
