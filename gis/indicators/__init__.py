"""The figures of a grid, each a numerator over a denominator, from the rows that anyone may list."""

from gis.indicators.by_grid import CLOSED_FIGURES, by_grid
from gis.indicators.registry import VERSION, Indicator

__all__ = ["CLOSED_FIGURES", "VERSION", "Indicator", "by_grid"]
