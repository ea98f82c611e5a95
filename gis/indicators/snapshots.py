"""The figures of closed months as they were when they were kept: added once, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    Text,
    cast,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis.areas import Area
from gis.database import Base, Territorial, admit, hold_name
from gis.errors import Conflict, NotFound
from gis.indicators.kpis import BY_CODE, Result, Spread, Times, results, share
from gis.indicators.measuring import SIZES, Measured, Sizes, measure
from gis.indicators.periods import Month
from gis.scope import Scope, moment_of
from gis.viewer import Territory, Viewer
from gis.words import N_

SPREAD_CODE, CATEGORY_CODE, SOURCE_CODE = "hours", "category", "source"
KEPT = {level: size for level, size in SIZES.items() if level != "all"}
VALUES = ("numerator", "denominator", "value")


class KpiSnapshot(Territorial, Base):
    """One figure of a territory in a closed month: numerator over denominator, and by which version of its formula.

    A code with a dot is a part of a figure: `filed.dispute`, `hours.dispute.p50`.
    """

    __tablename__ = "kpi_snapshots"
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="first_of_month"),
        CheckConstraint("code ~ '^[a-z0-9_.]+$'", name="code_plain"),
        Index("uq_kpi_snapshots_month_code_territory", "month", "code", "territory", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    code: Mapped[str] = mapped_column(Text)
    numerator: Mapped[float | None] = mapped_column(Float)
    denominator: Mapped[float | None] = mapped_column(Float)
    value: Mapped[float | None] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def take(session: Session, viewer: Viewer, month: Month, wanted: Sizes, now: datetime) -> int:
    """Keep the figures of a closed month for every territory of the viewer, and return how many rows were added.

    Idempotent: what is kept stays as it is. Raises Conflict for a month that is not over.
    """
    viewer.require("figure.keep")
    if now < month.end:
        raise Conflict(N_("%(month)s is not over yet; its figures still move."), month=str(month))
    hold_name(session, f"figures/{month}")
    if kept_at(session, viewer, month) is not None:
        return 0
    moment = moment_of(month.last, now)
    scope = Scope(month.last, moment, viewer.territory.spans, live=False)
    found = measure(session, viewer, scope, month, wanted, KEPT.values())
    rows = list(lines(found, viewer))
    add(session, month, now, rows)
    return len(rows)


def add(session: Session, month: Month, now: datetime, rows: list[tuple[int, str, Result]]) -> None:
    """Add the rows in one statement; COPY would go past row security, so PostgreSQL refuses it here."""
    columns: dict[str, tuple[Any, list[Any]]] = {
        "territory": (BigInteger, [unit for unit, _code, _result in rows]),
        "code": (Text, [code for _unit, code, _result in rows]),
        **{name: (Float, [rounded(getattr(result, name)) for _unit, _code, result in rows]) for name in VALUES},
        "version": (Integer, [BY_CODE[code].version if code in BY_CODE else 1 for _unit, code, _result in rows]),
    }
    lists = (cast(literal(values, ARRAY(kind)), ARRAY(kind)) for kind, values in columns.values())
    given = func.unnest(*lists).table_valued(*(column(name, kind) for name, (kind, _v) in columns.items()))
    given = given.render_derived(name="given")
    moment = cast(literal(now), DateTime(timezone=True))
    chosen = select(*(given.c[name] for name in columns), cast(literal(month.first), Date), moment)
    session.execute(insert(KpiSnapshot).from_select([*columns, "month", "made_at"], chosen))


def rounded(value: float | None) -> float | None:
    """Return a number as it is stored."""
    return None if value is None else float(value)


def kept_at(session: Session, viewer: Viewer, month: Month) -> datetime | None:
    """Return when the figures of a month were kept for the viewer's territory, None when they were not."""
    viewer.require("map.view")
    low = [first for first, _last in viewer.territory.spans]
    stored = select(func.max(KpiSnapshot.made_at)).where(
        KpiSnapshot.month == month.first, KpiSnapshot.territory.in_(low)
    )
    return session.scalar(stored)


def lines(found: Measured, viewer: Viewer) -> Iterator[tuple[int, str, Result]]:
    """Yield territory, code and result of every figure; districts and towns have their parts as well."""
    for level, size in KEPT.items():
        for unit, counts in found.of(size).items():
            if level == "grid" and unit % SIZES["village"] == 0:
                continue  # what lies in no grid is counted with its village
            yield from ((unit, code, result) for code, result in results(counts, found.took(size, unit)).items())
            if level in ("district", "town"):
                yield from ((unit, code, result) for code, result in parts(found, size, unit))
    if len(viewer.territory.codes) == 1:
        yield from ((viewer.territory.spans[0][0], code, result) for code, result in mix(found))


def mix(found: Measured) -> Iterator[tuple[str, Result]]:
    """Yield how many of the filed cases are of each category and of each source."""
    filed = found.whole().filed_in_period
    for category, counts in found.by_category.items():
        yield f"{CATEGORY_CODE}.{category}", share(counts.filed_in_period, filed)
    for source, count in found.by_source.items():
        yield f"{SOURCE_CODE}.{source}", share(count, filed)


def parts(found: Measured, size: int, unit: int) -> Iterator[tuple[str, Result]]:
    """Yield the quantiles of the hours to close of each category in a territory."""
    for (of_size, of_unit, category), times in found.times.items():
        if (of_size, of_unit) == (size, unit) and category is not None and times.closing.n:
            for name in ("p10", "p25", "p50", "p75", "p90"):
                yield f"{SPREAD_CODE}.{category}.{name}", Result(None, times.closing.n, getattr(times.closing, name))


def kept(session: Session, viewer: Viewer, months: Iterable[Month], keys: Iterable[int]) -> dict[Any, Result]:
    """Return (territory, month, code) → result of what was kept, inside the viewer's territory and the areas above."""
    viewer.require("map.view")
    columns = (KpiSnapshot.territory, KpiSnapshot.month, KpiSnapshot.code)
    values = (KpiSnapshot.numerator, KpiSnapshot.denominator, KpiSnapshot.value, KpiSnapshot.version)
    firsts = {month.first: month for month in months}
    found = select(*columns, *values).where(KpiSnapshot.month.in_(firsts), KpiSnapshot.territory.in_(list(keys)))
    return {
        (row.territory, firsts[row.month], row.code): Result(row.numerator, row.denominator, row.value, row.version)
        for row in session.execute(found)
    }


def spread_of(found: dict[Any, Result], key: int, month: Month, category: str) -> Times:
    """Return the kept quantiles of a category."""
    stored = {name: found.get((key, month, f"{SPREAD_CODE}.{category}.{name}"))
              for name in ("p10", "p25", "p50", "p75", "p90")}  # fmt: skip
    first = stored["p50"]
    if first is None:
        return Times()
    return Times(Spread(int(first.denominator or 0), *(each.value if each else None for each in stored.values())))


@contextmanager
def of_district(session: Session, viewer: Viewer) -> Iterator[Viewer]:
    """Give the command line the territory of every district, under the application's role until the block ends."""
    districts = tuple(session.scalars(select(Area.code).where(Area.level == "district").order_by(Area.code)))
    if not districts:
        raise NotFound(N_("There is no district yet; import areas, or load the demo."))
    everywhere = Viewer(None, viewer.name, viewer.role, Territory(districts), viewer.day, None, viewer.permissions)
    admit(session, everywhere)
    yield everywhere
    session.execute(select(func.set_config("role", "none", True), func.set_config("enable_nestloop", "on", True)))


def of_grids(session: Session, viewer: Viewer, month: Month, code: str, area: int) -> dict[int, Result]:
    """Return grid key → one kept figure of every grid in an area."""
    viewer.require("map.view")
    size = next(size for size in KEPT.values() if area % size == 0)
    values = (KpiSnapshot.numerator, KpiSnapshot.denominator, KpiSnapshot.value, KpiSnapshot.version)
    inside = KpiSnapshot.territory.between(area, area + size - 1)
    found = select(KpiSnapshot.territory, *values).where(
        KpiSnapshot.month == month.first, KpiSnapshot.code == code, inside
    )
    return {row[0]: Result(*row[1:]) for row in session.execute(found) if row[0] % SIZES["village"]}
