"""Numbers as small networks like them."""

from skreg.preprocessing.piecewise_linear import PiecewiseLinearEncoder
from skreg.preprocessing.squashing import SquashingScaler

__all__ = ["PiecewiseLinearEncoder", "SquashingScaler"]
