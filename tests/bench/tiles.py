"""Vector tiles: a fixed list over z12-z17, uncached, cached and unchanged, and what row security costs."""

from __future__ import annotations

import copy
import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

import mapbox_vector_tile
from sqlalchemy import false, func, select, update
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.boundaries import Grid
from gis.database import transaction
from gis.premises import Building, Household
from gis.viewer import Viewer, span
from layers import tiles
from layers.catalogue import CATALOGUE
from layers.layer import Layer
from layers.query import WORLD, TileAddress
from tests.bench.contestants import Pgbench, admission, tipg, transactions
from tests.bench.district import District, asked
from tests.bench.report import Line, Median, Report, Run, rounds
from tests.bench.server import Client, Crowd, Server

LAYERS = ("grids", "buildings", "households")
ZOOMS = range(12, 18)
PLACES = 4
HEAVY = 0.020
TIMES = 5
"""How often the list is fetched in a round when nothing has to be made."""
STATIC = "/static/css/base.css"

Wanted = tuple[str, TileAddress]


def places(session: Session, code: str, number: int) -> list[tuple[float, float]]:
    """Return points of the web mercator where somebody lives: buildings of an area, evenly through its list."""
    low, high = span(code)
    numbered = (
        select(Building.centre_tile, func.ntile(2 * number).over(order_by=Building.territory).label("part"))
        .where(Building.territory.between(low, high))
        .subquery()
    )
    first = select(numbered).distinct(numbered.c.part).order_by(numbered.c.part, numbered.c.centre_tile).subquery()
    point = first.c.centre_tile
    found = session.execute(select(func.st_x(point), func.st_y(point)).where(first.c.part % 2 == 1))
    return [(x, y) for x, y in found]


def address(zoom: int, place: tuple[float, float]) -> TileAddress:
    """Return the tile of a zoom that holds a point."""
    side = 2 * WORLD / 2**zoom
    return zoom, int((place[0] + WORLD) / side), int((WORLD - place[1]) / side)


def listed(session: Session, code: str, layers: Sequence[str], number: int = PLACES) -> list[Wanted]:
    """Return the fixed list of an area: each layer, each zoom, each place once."""
    spots = places(session, code, number)
    return [
        (name, tile) for zoom in ZOOMS for name in layers for tile in dict.fromkeys(address(zoom, s) for s in spots)
    ]


def path(wanted: Wanted) -> str:
    """Return the address of one of our tiles."""
    z, x, y = wanted[1]
    return f"/tiles/{wanted[0]}/{z}/{x}/{y}.mvt"


def peer_path(wanted: Wanted) -> str:
    """Return the address of one of tipg's tiles."""
    z, x, y = wanted[1]
    return f"/collections/bench.{wanted[0]}/tiles/WebMercatorQuad/{z}/{x}/{y}"


def query(viewer: Viewer, wanted: Wanted) -> object:
    """Return the statement that our server sends for a tile."""
    layer = CATALOGUE.get(wanted[0])
    request = replace(asked(), tile=wanted[1], filters=layer.kept_at(wanted[1][0]))
    return (tiles.counts if is_counted(layer, wanted) else tiles.features)(layer, viewer, request)


def is_counted(layer: Layer, wanted: Wanted) -> bool:
    """Tell whether our tile shows counts and not features."""
    return wanted[1][0] < layer.counts_below


def touch(district: District) -> None:
    """Write every layer's table without changing a row, so that every kept tile is out of date."""
    with transaction(district.engine) as session:
        for model in (Grid, Building, Household):
            session.execute(update(model).where(false()).values(kind=model.kind))


class Tiles:
    """One list of tiles and everyone who can fetch it."""

    def __init__(self, district: District, crowd: Crowd, server: Server, account: str, wanted: list[Wanted]) -> None:
        self.district, self.crowd, self.server, self.wanted = district, crowd, server, wanted
        self.viewer, self.cookie = district.viewer(account), server.cookie(account)
        self.headers = f"{self.cookie}Accept-Encoding: gzip\r\n"

    def uncached(self) -> Run:
        """Fetch every tile anew from our server."""
        touch(self.district)
        seconds, rows, size, met = self.crowd.fetch(self.server.port, self.headers, [path(w) for w in self.wanted])
        assert met <= {200, 204}, met
        return Run(seconds, rows, size)

    def peer(self, port: int) -> Run:
        """Fetch every tile from tipg."""
        seconds, rows, size, met = self.crowd.fetch(
            port, "Accept-Encoding: gzip\r\n", [peer_path(w) for w in self.wanted]
        )
        assert met <= {200, 204}, met
        return Run(seconds, rows, size)

    def limit(self, *, user: str = "wangge_app", locked: bool = True, passes: int = 3) -> Pgbench:
        """Return pgbench with the statements of the same tiles, shared out to as many clients."""
        admit = (
            admission(self.viewer) if locked else ["SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"]
        )
        with self.district.session(self.viewer) as session:
            made = transactions(session, admit, [query(self.viewer, wanted) for wanted in self.wanted])
        n = self.crowd.clients
        lists = [list(chain.from_iterable(made[i::n])) for i in range(n)]
        return Pgbench(self.district, lists, rows=len(self.wanted), user=user, passes=passes)

    def again(self, stamps: Sequence[str] = ()) -> Run:
        """Fetch the tiles that the server has already made, or with their stamps only ask whether they hold."""
        paths, stamps = [path(wanted) for wanted in self.wanted] * TIMES, tuple(stamps) * TIMES
        seconds, rows, size, met = self.crowd.fetch(self.server.port, self.headers, paths, stamps)
        assert met <= ({304} if stamps else {200, 204}), met
        return Run(seconds, rows, size)

    def static(self, stamp: str = "") -> Run:
        """Fetch a static file of the same server as often as there are tiles, or ask whether it holds."""
        times = len(self.wanted) * TIMES
        paths, stamps = [STATIC] * times, [stamp] * times if stamp else ()
        return Run(*self.crowd.fetch(self.server.port, self.headers, paths, stamps)[:3])

    def bodies(self) -> list[bytes]:
        """Return our tiles, unpacked."""
        client = Client(self.server.port, self.headers)
        answers = [client.get(path(wanted)) for wanted in self.wanted]
        return [gzip.decompress(answer.body) if answer.body else b"" for answer in answers]

    def statements_agree(self) -> str:
        """Compare our tiles with what the statements return."""
        same = 0
        with self.district.session(self.viewer) as session:
            for wanted, ours in zip(self.wanted, self.bodies(), strict=True):
                theirs = bytes(session.execute(query(self.viewer, wanted)).one()[-1] or b"")  # type: ignore[call-overload]
                same += theirs == ours or ids(theirs) == ids(ours)
        return f"{same} of {len(self.wanted)} tiles the same"

    def peer_agrees(self, port: int) -> str:
        """Compare our features with tipg's: it takes those that touch the square, we also those within the margin."""
        client, held, ours_all, theirs_all = Client(port, ""), 0, 0, 0
        shown = [w for w in self.wanted if not is_counted(CATALOGUE.get(w[0]), w)]
        if not shown:
            return "counts on our side, features on theirs"
        for wanted, body in zip(self.wanted, self.bodies(), strict=True):
            if wanted in shown:
                ours, theirs = ids(body), ids(client.get(peer_path(wanted)).body)
                held += theirs <= ours
                ours_all, theirs_all = ours_all + len(ours), theirs_all + len(theirs)
        return f"in {held} of {len(shown)} all of theirs ({theirs_all:,}) are ours ({ours_all:,} with the margin)"


def ids(body: bytes) -> set[int]:
    """Return the ids of a tile's features; counts have none and are told by how many they count."""
    found: set[int] = set()
    for layer in mapbox_vector_tile.decode(body).values():
        found |= {
            feature.get("id") or feature["properties"].get("id") or -feature["properties"].get("n", 0)
            for feature in layer["features"]
        }
    return found


def subset(of: Tiles, keep: Callable[[Wanted], bool]) -> Tiles:
    """Return the same contestants over some of the tiles."""
    made = copy.copy(of)
    made.wanted = [wanted for wanted in of.wanted if keep(wanted)]
    return made


def faster(work: str, ours: Median, theirs: Median, target: float, agree: str, note: str = "") -> Line:
    """Return the line of a comparison by speed: how many times theirs we are."""
    return Line(work, str(ours), str(theirs), theirs.seconds / ours.seconds, target, True, agree, note)


def measure(district: District, server: Server, crowd: Crowd, report: Report, times: int) -> None:
    """Measure every line about tiles."""
    with transaction(district.engine) as session:
        code = session.scalars(select(Area.code).where(Area.level == "district")).one()
        whole = Tiles(district, crowd, server, "bench", listed(session, code, LAYERS))
    counted = {w for w in whole.wanted if is_counted(CATALOGUE.get(w[0]), w)}
    with tipg(district) as port:
        uncached(report, "tiles z12–z17, uncached, 2 clients", whole, port, times, 2)
        shown = subset(whole, lambda w: w not in counted)
        uncached(report, "… of these, those with features in both", shown, port, times, 2, limited=False)
        specks = subset(whole, lambda w: w in counted)
        uncached(report, "… of these, those where ours shows counts", specks, port, times, 5, limited=False)
    heavy(report, whole, times)
    again(report, whole, times)
    security(report, district, crowd, server, times)


def uncached(
    report: Report, work: str, of: Tiles, port: int, times: int, target: float, *, limited: bool = True
) -> None:
    """Measure a list against pgbench and tipg."""
    of.uncached()
    against = {"ours": of.uncached, "tipg": partial(of.peer, port), **({"pgbench": of.limit()} if limited else {})}
    found = rounds(times, against)
    if limited:
        report.add(faster(work, found["ours"], found["pgbench"], 0.6, of.statements_agree()))
    report.add(faster(work, found["ours"], found["tipg"], target, of.peer_agrees(port)))


def heavy(report: Report, whole: Tiles, times: int) -> None:
    """Measure the tiles whose statement alone takes more than HEAVY seconds."""
    some = subset(whole, lambda wanted: took(whole, wanted) > HEAVY)
    if some.wanted:
        found = rounds(times, {"ours": some.uncached, "pgbench": some.limit()})
        work = f"… of these, the {len(some.wanted)} above {HEAVY * 1000:.0f} ms of SQL"
        report.add(faster(work, found["ours"], found["pgbench"], 0.9, some.statements_agree()))


def took(of: Tiles, wanted: Wanted) -> float:
    """Return the seconds of a tile's statement alone, the second time it runs."""
    with of.district.session(of.viewer) as session:
        statement = query(of.viewer, wanted)
        for _ in range(2):
            began = time.perf_counter()
            session.execute(statement).all()  # type: ignore[call-overload]
            seconds = time.perf_counter() - began
    return seconds


def again(report: Report, whole: Tiles, times: int) -> None:
    """Measure tiles that nothing has changed since against a static file, and prove that a write is seen."""
    client = Client(whole.server.port, whole.headers)
    for _ in range(4):
        whole.again()
    stamps = [client.get(path(wanted)).etag for wanted in whole.wanted]
    file = client.get(STATIC).etag
    fresh = {"ours": whole.again, "static": whole.static}
    same = {"ours": partial(whole.again, stamps), "static": partial(whole.static, file)}
    held = rounds(
        times, {f"{name} {kind}": run for kind, runs in (("200", fresh), ("304", same)) for name, run in runs.items()}
    )
    touch(whole.district)
    after = client.get(path(whole.wanted[0]), f"If-None-Match: {stamps[0]}\r\n")
    seen = "after a write 200" if after.status == 200 and after.etag != stamps[0] else "STALE AFTER A WRITE"
    report.add(faster("the same tiles again, unchanged (304)", held["ours 304"], held["static 304"], 0.6, seen))
    report.add(faster("the same tiles again, from the cache (200)", held["ours 200"], held["static 200"], 0.6, seen))


def security(report: Report, district: District, crowd: Crowd, server: Server, times: int) -> None:
    """Measure what the second lock costs: the statements of a town manager's tiles with and without row security."""
    viewer = district.viewer("town_manager")
    with transaction(district.engine) as session:
        wanted = listed(session, viewer.territory.codes[0], LAYERS[:2], 3)
    town = Tiles(district, crowd, server, "town_manager", wanted)
    found = rounds(
        times, {"both locks": town.limit(passes=10), "one lock": town.limit(user="wangge", locked=False, passes=10)}
    )
    locked, bare = found["both locks"], found["one lock"]
    ratio = locked.seconds / bare.seconds
    report.add(
        Line("tiles of a town's manager (SQL)", str(locked), str(bare), ratio, 1.15, False, town.statements_agree())
    )
