"""The first view in Chromium until it is painted, against a Folium page with the same features embedded."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import folium
import requests
from playwright.sync_api import Browser, sync_playwright

from gis import machine
from gis.database import transaction
from gis.settings import ROOT
from layers.query import WORLD
from tests.bench.district import District
from tests.bench.report import Line, Report, Run, rounds
from tests.bench.server import HOST, Crowd, Server
from tests.bench.tiles import places, touch

ACCOUNT = "district_manager"
ZOOM = 15
SIZE = {"width": 1600, "height": 900}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-accelerated-2d-canvas",
)  # fmt: skip
PAINTED = """() => new Promise((done) => {
  const look = () => (document.documentElement.dataset.painted === "true" ? done() : requestAnimationFrame(look));
  look();
})"""
OTHERS = r"\s*<(script|link)[^>]*https?://(?!cdn\.jsdelivr\.net/npm/leaflet@)[^>]*>(</script>)?"
"""What Folium links besides Leaflet; the machine has no network."""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def spot(district: District) -> tuple[float, float]:
    """Return longitude and latitude of a place where many live."""
    with transaction(district.engine) as session:
        x, y = places(session, district.viewer("dispatcher").territory.codes[0], 3)[1]
    return degrees(x, y)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of web-mercator metres."""
    from math import atan, degrees, exp, pi

    return x / WORLD * 180, degrees(2 * atan(exp(y / WORLD * pi)) - pi / 2)


def window(lon: float, lat: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the view, about: a pixel of the zoom is as many degrees everywhere in it."""
    from math import cos, radians

    pixel = 360 / (256 * 2**ZOOM)
    wide, high = SIZE["width"] / 2 * pixel, SIZE["height"] / 2 * pixel * cos(radians(lat))
    return lon - wide, lat - high, lon + wide, lat + high


def embedded(server: Server, folder: Path, lon: float, lat: float, box: str) -> int:
    """Write a Folium page with the features of a box, its libraries local, and return how many there are."""
    cookie = {"session": server.cookie(ACCOUNT).split("session=")[1].strip()}
    made, number = folium.Map([lat, lon], zoom_start=ZOOM, tiles=None, prefer_canvas=True), 0
    for layer in ("buildings", "grids"):
        address = f"{server.address}/layers/{layer}.geojson?purpose=bench{box}"
        content = requests.get(address, cookies=cookie, timeout=600).json()
        number += len(content["features"])
        folium.GeoJson({"type": "FeatureCollection", "features": content["features"]}, name=layer).add_to(made)
    page = re.sub(OTHERS, "", made.get_root().render())
    folder.mkdir()
    (folder / "index.html").write_text(re.sub(r'https?://[^"]*leaflet\.(js|css)', r"leaflet.\1", page))
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copy(ROOT / "static/node_modules/leaflet/dist" / name, folder / name)
    return number


@contextmanager
def shared(folder: Path) -> Iterator[str]:
    """Serve a folder until the block ends."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer((HOST, 0), functools.partial(Quiet, directory=str(folder))) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{web.server_port}/index.html"
        web.shutdown()


class View:
    """One page, opened in a fresh profile each time."""

    def __init__(
        self, browser: Browser, address: str, ready: str, rows: int, cookie: str = "", district: District | None = None
    ) -> None:
        self.browser, self.address, self.ready, self.rows, self.cookie = browser, address, ready, rows, cookie
        self.district = district

    def __call__(self) -> Run:
        """Open it and wait until it is painted; our tiles are made anew, and the bytes are those on the wire."""
        if self.district is not None:
            touch(self.district)
        context = self.browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
        if self.cookie:
            context.add_cookies([{"name": "session", "value": self.cookie, "url": self.address}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        sizes: list[int] = []
        wire.on("Network.loadingFinished", lambda told: sizes.append(int(told["encodedDataLength"])))
        began = time.perf_counter()
        page.goto(self.address, wait_until="load", timeout=120_000)
        page.evaluate(self.ready)
        page.evaluate(FRAMES)
        seconds = time.perf_counter() - began
        page.wait_for_timeout(200)
        context.close()
        return Run(seconds, self.rows, sum(sizes))


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure time and bytes of the first view, against the whole district embedded and against this view alone."""
    lon, lat = spot(district)
    view = "&bbox=" + ",".join(f"{edge:.6f}" for edge in window(lon, lat))
    cookie = server.cookie(ACCOUNT).split("session=")[1].strip()
    address = f"{server.address}/map?layers=grids,buildings&at={ZOOM}/{lat:.5f}/{lon:.5f}"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=list(FLAGS))
        for what, box, targets in (("the district", "", (1 / 3, 1 / 20)), ("this view alone", view, (1, 1))):
            folder = Path(home, str(len(box)))
            number = embedded(server, folder, lon, lat, box)
            with shared(folder) as theirs:
                mine = View(browser, address, PAINTED, number, cookie, district)
                found = rounds(times, {"ours": mine, "Folium": View(browser, theirs, FRAMES, number)})
            us, them = found["ours"], found["Folium"]
            work = f"first view in Chromium, z{ZOOM}, grids + buildings; Folium embeds {what}"
            agree = f"one page for {number:,} features"
            report.add(Line(f"{work}: time", str(us), str(them), us.seconds / them.seconds, targets[0], False, agree))
            report.add(Line(f"{work}: bytes", str(us), str(them), us.size / them.size, targets[1], False, agree))
        browser.close()
