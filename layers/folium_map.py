"""The Folium map of the product: local assets only, no features in the page, and it fails closed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from branca.element import Figure, Link, MacroElement


@contextmanager
def without(module: str) -> Iterator[None]:
    """Let imports in the block find a module missing that is not loaded yet."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


# Folium takes data frames where pandas is installed; we hand it none, and without pandas a worker is a third smaller.
with without("pandas"):
    import folium
    from folium.template import Template

Locate = Callable[[str], str]

ASSETS: Mapping[str, str] = {
    "leaflet": "node_modules/leaflet/dist/leaflet.js",
    "leaflet_css": "node_modules/leaflet/dist/leaflet.css",
}
"""Name of an asset that Folium links → the installed file under static/."""


class GridMap(folium.Map):
    """A Folium map without base tiles whose only libraries are the ones in ASSETS."""

    default_js = [("leaflet", ASSETS["leaflet"])]
    default_css = [("leaflet_css", ASSETS["leaflet_css"])]


class Start(MacroElement):
    """The one call that hands the Leaflet map to our scripts."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            wangge.start({{ this._parent.get_name() }},
                         JSON.parse(document.getElementById("map-config").textContent));
        {% endmacro %}
        """
    )


class ClosedFigure(Figure):
    """A figure that refuses to link anything that is not installed on this machine."""

    def close(self, locate: Locate) -> None:
        """Point every link at its installed file, or raise RuntimeError for one that has none."""
        for child in list(self._children.values()):
            child.render()
        for name, element in list(self.header._children.items()):
            if not isinstance(element, Link):
                continue
            if name not in ASSETS:
                raise RuntimeError(f"Folium links an asset that is not installed: {name} ({element.url})")
            element.url = locate(ASSETS[name])


@dataclass(frozen=True)
class Parts:
    """The three parts of the Folium page, each inline script and style carrying the nonce."""

    head: str
    body: str
    script: str


def page(bounds: tuple[float, float, float, float] | None, locate: Locate, nonce: str) -> Parts:
    """Return the parts of a map around the middle of west, south, east, north; it weighs the same for any district.

    Our scripts fit the bounds: Folium's own fitting is animated, and would end after the view of the address.
    """
    west, south, east, north = bounds or (73.0, 18.0, 135.0, 54.0)
    grid_map = GridMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        prefer_canvas=True,
        control_scale=False,
        font_size="0.875rem",
    )
    grid_map.add_child(Start())  # type: ignore[no-untyped-call]
    figure = ClosedFigure()
    figure.add_child(grid_map)
    figure.close(locate)
    return Parts(
        with_nonce(figure.header.render(), nonce),
        with_nonce(figure.html.render(), nonce),
        f'<script nonce="{nonce}">{figure.script.render()}</script>',
    )


def with_nonce(markup: str, nonce: str) -> str:
    """Return the markup with the nonce on every script and style element."""
    return markup.replace("<script", f'<script nonce="{nonce}"').replace("<style", f'<style nonce="{nonce}"')
