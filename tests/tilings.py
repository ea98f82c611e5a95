"""What PostGIS says of the outlines in force in a village: ground twice, ground in none, buildings parted, pieces.

Areas are measured in degrees and scaled: between two systems a straight border bends by millimetres where it has no
corner, which is half a square metre along a village.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

OVERLAP = """
SELECT coalesce(sum(ST_Area(ST_Intersection(a.outline, b.outline))), 0)
FROM held a JOIN held b ON a.grid_id < b.grid_id AND ST_Intersects(a.outline, b.outline)
"""
GAP = """
SELECT coalesce(ST_Area(ST_Difference(v.outline, u.outline)), 0)
FROM areas v, (SELECT ST_Union(outline) AS outline FROM held) u WHERE v.code = :village
"""
BEYOND = """
SELECT coalesce(ST_Area(ST_Difference(u.outline, v.outline)), 0)
FROM areas v, (SELECT ST_Union(outline) AS outline FROM held) u WHERE v.code = :village
"""
CUT = """
SELECT b.code FROM buildings b JOIN held h ON h.grid_id = b.grid_id JOIN areas v ON v.code = :village
CROSS JOIN LATERAL (SELECT ST_Union(o.outline) AS outline FROM buildings o
                    WHERE o.id <> b.id AND ST_Intersects(o.outline, b.outline)) others
CROSS JOIN LATERAL (SELECT ST_Difference(ST_Intersection(b.outline, v.outline), h.outline) AS rest) elsewhere
WHERE :m2 * ST_Area(CASE WHEN others.outline IS NULL THEN elsewhere.rest
                    ELSE ST_Difference(elsewhere.rest, others.outline) END) > 0.01
ORDER BY b.code
"""
"""A building with ground of its own, in its village and under no other building, that lies in another grid than it."""
SQUARE = "SELECT cos(radians(ST_Y(ST_Centroid(outline)))) * 111319.5 * 110574.3 FROM areas WHERE code = :village"
"""About how many m² a square degree has there."""
PIECES = "SELECT code, ST_NumGeometries(outline) FROM held WHERE ST_NumGeometries(outline) > 1 ORDER BY code"
GRIDS = "SELECT count(*) FROM held"
HOMELESS = """
SELECT count(*) FROM buildings b WHERE b.territory BETWEEN :low AND :low + 999
AND NOT EXISTS (SELECT FROM held h WHERE h.grid_id = b.grid_id)
"""


@dataclass(frozen=True)
class Tiling:
    """Square metres, codes of cut buildings, grids in several pieces, and how many grids there are."""

    overlap_m2: float
    gap_m2: float
    beyond_m2: float
    cut: list[str]
    pieces: dict[str, int]
    grids: int
    homeless: int

    @property
    def sound(self) -> bool:
        """Whether no ground is twice, missing or foreign, and every building whole and in a grid."""
        size = max(self.overlap_m2, self.gap_m2, self.beyond_m2)
        return size < 0.01 and not self.cut and not self.homeless


def tiling(session: Session, village: str, day: object) -> Tiling:
    """Measure the outlines that are in force in a village on a day; the session is the owner's."""
    m2 = float(session.scalar(text(SQUARE), {"village": village}) or 0)
    given = {"village": village, "m2": m2, "low": int(village.ljust(15, "0")), "day": day}
    held = ("WITH held AS MATERIALIZED (SELECT o.grid_id, o.code, o.outline FROM grid_outlines o JOIN grids g ON "
            "g.id = o.grid_id WHERE g.village_code = :village AND o.valid @> cast(:day AS date)) ")  # fmt: skip
    overlap, gap, beyond = (
        m2 * float(session.scalar(text(held + query), given) or 0) for query in (OVERLAP, GAP, BEYOND)
    )
    cut = list(session.scalars(text(held + CUT), given))
    pieces = {code: int(count) for code, count in session.execute(text(held + PIECES), given)}
    grids, homeless = (int(session.scalar(text(held + query), given) or 0) for query in (GRIDS, HOMELESS))
    return Tiling(overlap, gap, beyond, cut, pieces, grids, homeless)
