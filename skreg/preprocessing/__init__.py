"""Numbers and tables as small networks like them."""

from skreg.preprocessing.piecewise_linear import PiecewiseLinearEncoder
from skreg.preprocessing.squashing import SquashingScaler
from skreg.preprocessing.table import TableEncoder

__all__ = ["PiecewiseLinearEncoder", "SquashingScaler", "TableEncoder"]
