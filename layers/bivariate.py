"""Two figures on one map: need by resource in nine classes, told by colour for both and by pattern for the need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, case, cast, null, or_, select

from gis.indicators import Indicator
from gis.words import N_
from layers.layer import Class
from layers.query import share

STEPS = 3
COLOURS = (
    ("#e8e8e8", "#b0d5df", "#64acbe"),
    ("#e4acac", "#ad9ea5", "#627f8c"),
    ("#c85a5a", "#985356", "#574249"),
)
"""Need from none to high, in each the resource from none to much (after Joshua Stevens' scheme in red and blue)."""
PATTERNS = (None, "horizontal", "cross")
"""The need once more, for those who see no colour and for grey print; within a pattern the resource darkens."""
NONE = Class(N_("no households or residents registered"), "#f7f5f0", pattern="diagonal")


@dataclass(frozen=True)
class Axis:
    """One of the two figures: its quotient, the two bounds between its three steps, and what the steps are called."""

    indicator: Indicator
    title: str
    bounds: tuple[float, float]
    steps: tuple[str, str, str]

    @property
    def ranges(self) -> tuple[str, str, str]:
        """The steps as numbers; a first bound of 0 is none at all."""
        low, high = self.bounds
        return ("0" if low == 0 else f"≤{low:g}", f">{low:g}–{high:g}", f">{high:g}")


@dataclass(frozen=True)
class Axes:
    """Need upwards and resource to the right."""

    need: Axis
    resource: Axis

    @property
    def classes(self) -> tuple[Class, ...]:
        """The nine classes, need by need, numbered from 0."""
        return tuple(
            Class(label, COLOURS[need][resource], upto=last if (last := need * STEPS + resource) < 8 else None,
                  pattern=PATTERNS[need])
            for (need, resource), label in LABELS.items()
        )  # fmt: skip

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that both figures are made from."""
        pairs = ((axis.indicator.numerator, axis.indicator.denominator) for axis in (self.need, self.resource))
        return tuple(name for pair in pairs for name in pair if name)

    def cell(self, found: Any) -> Any:
        """Return the number of the class of a row, empty where either figure has nothing to divide by."""
        need, resource = quotient(self.need, found), quotient(self.resource, found)
        both = step(need, self.need.bounds) * STEPS + step(resource, self.resource.bounds)
        return case((or_(need.is_(None), resource.is_(None)), null()), else_=cast(both, Integer))

    def values(self, found: Any) -> Select[Any]:
        """Select id, code, class, and after them both quotients with what they are made from."""
        cell = self.cell(found)
        parts = [found.c[name] for name in self.fields]
        quotients = [quotient(self.need, found), quotient(self.resource, found)]
        return select(found.c.id, found.c.code, cell, cell, null(), *quotients, *parts).order_by(found.c.code)


def quotient(axis: Axis, found: Any) -> Any:
    """Return the figure of an axis."""
    indicator = axis.indicator
    return share(found.c[indicator.numerator], found.c[indicator.denominator or ""], indicator.per)


def step(value: Any, bounds: tuple[float, float]) -> Any:
    """Return 0, 1 or 2 for a value up to the first bound, up to the second, or above."""
    return case((value <= bounds[0], 0), (value <= bounds[1], 1), else_=2)


LABELS = {
    (0, 0): N_("no need, no volunteers"),
    (0, 1): N_("no need, some volunteers"),
    (0, 2): N_("no need, many volunteers"),
    (1, 0): N_("some need, no volunteers"),
    (1, 1): N_("some need, some volunteers"),
    (1, 2): N_("some need, many volunteers"),
    (2, 0): N_("high need, no volunteers"),
    (2, 1): N_("high need, some volunteers"),
    (2, 2): N_("high need, many volunteers"),
}
"""Step of need and step of resource → what the class is called."""
