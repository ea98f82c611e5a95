"""What a layer is: frozen declarations from which map, tile, file, legend, dictionary and tests are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select

from gis.errors import NotFound
from gis.scope import Scope
from gis.viewer import Viewer
from gis.words import N_

Geometry = Literal["polygon", "line", "point"]
Kind = Literal["text", "integer", "number", "date", "time", "boolean", "list"]
Source = Callable[[Scope], Select[Any]]

CODED = re.compile(r"(^|_)(codes?|no)$")


@dataclass(frozen=True)
class Field:
    """One property of a layer: its name in files, its title, and what guards it on its way out.

    `suppressed_by` names the column of its source that says with 1 that this field is empty: a count that is small, or
    that would tell a small one.
    """

    name: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    words: Mapping[str, str] | None = None
    permission: str | None = None
    suppressed_by: str | None = None
    free_text: bool = False
    in_tiles: bool = False
    filtered: bool = False
    searched: bool = False

    @property
    def written(self) -> bool:
        """Whether its text is written by people: neither a code nor one of a list of words."""
        return self.kind in ("text", "list") and self.words is None and not CODED.search(self.name)


@dataclass(frozen=True)
class Class:
    """One class of a style: a value or an upper bound, its colour, and a pattern or shape for those who see none."""

    label: str
    fill: str
    value: str | int | None = None
    upto: float | None = None
    pattern: str | None = None
    shape: str | None = None


@dataclass(frozen=True)
class Style:
    """How the features are drawn: one fill, or classes by a field."""

    fill: str = "#e8e6e1"
    line: str = "#5b6470"
    width: float = 1.0
    opacity: float = 0.85
    by: str | None = None
    classes: tuple[Class, ...] = ()
    label: str | None = None


@dataclass(frozen=True)
class Layer:
    """A layer, declared once: `source` gives rows with id, territory, geom, tile and the fields.

    `timed` layers depend on the day, `clocked` ones on the minute too. Tiles exist from `minzoom`; the map draws the
    layer from `drawn_from`. `sparse` names what a map of a small scale leaves out, as (below this zoom, field, values
    that stay). The rows of a `placeless` layer bear no territory: its source finds those that touch the viewer's. Those
    of a `spread` one may belong to an area above the viewer's and touch its ground. The rows of a `masked` layer come
    without words and exact place where the viewer is not concerned. One that is not `drawn` only gives figures. A
    search calls its rows a `found_as` and shows them at `found_at_zoom`.
    """

    name: str
    title: str
    about: str
    source: Source
    geometry: Geometry
    fields: tuple[Field, ...]
    tables: tuple[str, ...]
    permission: str = "map.view"
    style: Style = field(default_factory=Style)
    minzoom: int = 8
    drawn_from: int = 0
    maxzoom: int = 18
    counts_below: int = 0
    sparse: tuple[tuple[int, str, tuple[str, ...]], ...] = ()
    on: bool = False
    timed: bool = False
    clocked: bool = False
    placeless: bool = False
    spread: bool = False
    masked: bool = False
    drawn: bool = True
    found_as: str = "place"
    found_at_zoom: int = 16

    def __post_init__(self) -> None:
        names = [f.name for f in self.fields]
        if len(set(names)) < len(names):
            raise ValueError(f"layer {self.name} declares a field twice")
        if self.style.by is not None and self.style.by not in names:
            raise ValueError(f"layer {self.name} is styled by {self.style.by}, which is no field of it")

    @property
    def remembers(self) -> bool:
        """Whether a past day has rows of its own; a placeless layer's day only decides whose ground they touch."""
        return self.timed and not self.placeless

    def seen_by(self, viewer: Viewer) -> tuple[Field, ...]:
        """Return the fields that the viewer's role may see."""
        return tuple(f for f in self.fields if f.permission is None or viewer.may(f.permission))

    def kept_at(self, zoom: int) -> dict[str, tuple[str, ...]]:
        """Return the values that stay on the map at a zoom, by field."""
        return {name: values for below, name, values in reversed(self.sparse) if zoom < below}

    def field(self, name: str) -> Field:
        """Return a field by its name, or raise NotFound."""
        for one in self.fields:
            if one.name == name:
                return one
        raise NotFound(N_("The layer %(layer)s has no field %(field)s."), layer=self.name, field=name)


@dataclass(frozen=True)
class Catalogue:
    """The layers of the product, in drawing order; extended by making a new one."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        names = [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise ValueError("a layer name is used twice")

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def get(self, name: str) -> Layer:
        """Return a layer by its name, or raise NotFound."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise NotFound(N_("There is no layer %(name)s."), name=name)

    def seen_by(self, viewer: Viewer) -> tuple[Layer, ...]:
        """Return the layers that the viewer's role may see."""
        return tuple(layer for layer in self.layers if viewer.may(layer.permission))

    def extended_by(self, *more: Layer) -> Catalogue:
        """Return a new catalogue with further layers on top."""
        return Catalogue((*self.layers, *more))
