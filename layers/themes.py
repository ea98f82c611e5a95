"""The themes of the map: which figure paints the grids, in which classes, with which layers on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from gis.boundaries import KINDS
from gis.errors import NotFound
from gis.indicators import Indicator, registry
from gis.viewer import Viewer
from gis.words import N_
from layers import bivariate
from layers.bivariate import Axes, Axis
from layers.catalogue import COVERAGE, GRIDS
from layers.layer import Class, Layer

# ColorBrewer YlGnBu, Oranges and BuPu in five classes: ordered in lightness, so they survive colour blindness and grey.
GREEN_BLUE = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
ORANGES = ("#feedde", "#fdbe85", "#fd8d3c", "#e6550d", "#a63603")
BLUE_PURPLE = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#810f7c")
NONE = Class(N_("no figure"), "#eceae6", pattern="dots")


@dataclass(frozen=True)
class Measure:
    """One figure of a theme: its indicator, the layer whose rows it is taken from, its classes and companions.

    Where it is `general_only`, dedicated grids (a school, a market) are not measured. With `axes` it is two figures
    in one, and its value is the number of the class.
    """

    indicator: Indicator
    layer: Layer
    classes: tuple[Class, ...]
    companions: tuple[str, ...] = ()
    permission: str = "map.view"
    general_only: bool = False
    axes: Axes | None = None

    @property
    def none(self) -> Class:
        """How a grid without a figure is painted; where only general grids have one, it is a dedicated grid."""
        if self.axes is not None:
            return bivariate.NONE
        return replace(NONE, label=KINDS["dedicated"]) if self.general_only else NONE

    @property
    def name(self) -> str:
        """The name of the indicator, used in addresses."""
        return self.indicator.name


@dataclass(frozen=True)
class Theme:
    """A group of figures that belong together; the first is shown when none is asked for."""

    name: str
    title: str
    measures: tuple[Measure, ...]

    def seen_by(self, viewer: Viewer) -> tuple[Measure, ...]:
        """Return the measures that the viewer's role may see."""
        return tuple(m for m in self.measures if viewer.may(m.permission) and viewer.may(m.layer.permission))

    def get(self, name: str | None, viewer: Viewer) -> Measure:
        """Return a measure by its name, the first one without a name, or raise NotFound."""
        seen = self.seen_by(viewer)
        for measure in seen:
            if name in (None, measure.name):
                return measure
        raise NotFound(N_("The theme %(theme)s has no figure %(name)s."), theme=self.name, name=name)


def upto(
    bounds: tuple[float, ...], colours: tuple[str, ...], unit: str = "", worst: str | None = None
) -> tuple[Class, ...]:
    """Return classes up to each bound, the last one open; `worst` marks the first or the last with a pattern.

    Shares are kept as 0 to 1 and labelled in per cent.
    """
    shown = [f"{bound * (100 if unit == '%' else 1):g}" for bound in bounds]
    labels = ["0" if bounds[0] == 0 else f"≤{shown[0]}{unit}"]
    labels += [f">{low}–{high}{unit}" for low, high in pairwise(shown)]
    labels.append(f">{shown[-1]}{unit}")
    marked = {"first": 0, "last": len(bounds)}.get(worst or "", -1)
    edges: tuple[float | None, ...] = (*bounds, None)
    return tuple(
        Class(label, colour, upto=edge, pattern="diagonal" if place == marked else None)
        for place, (label, colour, edge) in enumerate(zip(labels, colours, edges, strict=True))
    )


def counted(bounds: tuple[int, ...], colours: tuple[str, ...], worst: str | None = None) -> tuple[Class, ...]:
    """Return classes of a whole number up to each bound, which name the numbers that they hold: 0, 1, 3–4, ≥5."""
    starts = [0, *(bound + 1 for bound in bounds)]
    labels = [f"{low}" if low == high else f"{low}–{high}" for low, high in zip(starts, bounds, strict=False)]
    labels.append(f"≥{starts[-1]}")
    return tuple(
        replace(each, label=label) for each, label in zip(upto(bounds, colours, "", worst), labels, strict=True)
    )


COVERAGE_THEME = Theme("coverage", N_("Coverage"), (
    Measure(registry.VISITS, COVERAGE, upto((0.6, 0.75, 0.85, 0.95), GREEN_BLUE, "%", "first"), ("unvisited",)),
    Measure(registry.ORGANISATION, COVERAGE, (
        Class(N_("no branch"), "#d55e00", upto=0, pattern="cross"),
        Class(N_("joint branch"), "#a1dab4", upto=1),
        Class(N_("own branch"), "#2c7fb8"),
    )),
    Measure(registry.LINK, COVERAGE, (
        Class(N_("no link cadre"), "#d55e00", upto=0, pattern="cross"),
        Class(N_("one"), "#a1dab4", upto=1),
        Class(N_("two"), "#41b6c4", upto=2),
        Class(N_("three or more"), "#253494"),
    )),
    Measure(registry.ADVISER, COVERAGE, (
        Class(N_("no adviser under contract"), "#d55e00", upto=0, pattern="cross"),
        Class(N_("contract ends within 30 days"), "#f0e442", upto=1, pattern="diagonal"),
        Class(N_("adviser under contract"), "#2c7fb8"),
    )),
    Measure(registry.FUNCTIONAL, COVERAGE, (
        Class(N_("no functional branch"), "#f2f0f7", upto=0, pattern="dots"),
        Class(N_("one kind"), "#9e9ac8", upto=1),
        Class(N_("both kinds"), "#54278f"),
    )),
    Measure(registry.CARE, COVERAGE, upto((0.6, 0.75, 0.85, 0.95), GREEN_BLUE, "%", "first"), permission="care.count"),
))  # fmt: skip
CASES_THEME = Theme("cases", N_("Open cases"), (
    Measure(registry.OPEN, GRIDS, upto((0, 3, 6, 9), ORANGES, "", "last"), ("cases",)),
    Measure(registry.OVERDUE, GRIDS, counted((0, 1, 2, 4), ORANGES, "last"), ("cases",)),
    Measure(registry.DUE_TODAY, GRIDS, counted((0, 1, 2, 4), ORANGES, "last"), ("cases",)),
    Measure(registry.DUE_SOON, GRIDS, counted((0, 1, 2, 4), ORANGES, "last"), ("cases",)),
    Measure(registry.ON_TIME, GRIDS, upto((0.6, 0.75, 0.85, 0.95), GREEN_BLUE, "%", "first")),
))  # fmt: skip
NEED_AXES = Axes(
    Axis(registry.OPEN, N_("need"), (0, 3), (N_("none"), N_("some"), N_("high"))),
    Axis(registry.VOLUNTEERS, N_("resources"), (0, 25), (N_("none"), N_("some"), N_("many"))),
)
VOLUNTEERS_THEME = Theme("volunteers", N_("Volunteer resources"), (
    Measure(registry.VOLUNTEERS, GRIDS, upto((0, 10, 20, 30), BLUE_PURPLE, "", "first"), ("volunteers", "service_points")),
    Measure(registry.NEAREST, GRIDS, upto((300, 600, 1000, 2000), tuple(reversed(BLUE_PURPLE)), " m", "last"), ("volunteers",)),
    Measure(registry.NEED, GRIDS, NEED_AXES.classes, ("volunteers",), axes=NEED_AXES),
))  # fmt: skip
ORGANISATION_THEME = Theme("organisation", N_("Organisation"), (
    Measure(registry.TIER, COVERAGE, (
        Class(N_("none of the grid's own"), "#eff3ff", upto=2, pattern="dots"),
        Class(N_("grid Party branch"), "#bdd7e7", upto=3),
        Class(N_("Party group"), "#6baed6", upto=4),
        Class(N_("contact household"), "#2171b5"),
    )),
    Measure(registry.WORKERS, GRIDS, upto((200, 300, 400, 500), ORANGES, "", "last"), ("staffing",)),
))  # fmt: skip
GRIDS_THEME = Theme("grids", N_("Grids"), (
    Measure(registry.SIZE, GRIDS, (
        Class("<300", "#c7eae5", upto=299, pattern="dots"),
        Class("300–500", "#5ab4ac", upto=500),
        Class("501–700", "#dfc27d", upto=700, pattern="diagonal"),
        Class(">700", "#a6611a", pattern="cross"),
    ), ("buildings", "gaps"), general_only=True),
))  # fmt: skip

THEMES = (CASES_THEME, COVERAGE_THEME, VOLUNTEERS_THEME, ORGANISATION_THEME, GRIDS_THEME)


def get(name: str | None) -> Theme:
    """Return a theme by its name, the first one without a name, or raise NotFound."""
    for theme in THEMES:
        if name in (None, theme.name):
            return theme
    raise NotFound(N_("There is no theme %(name)s."), name=name)
