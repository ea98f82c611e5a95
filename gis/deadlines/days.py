"""The days that differ from the working week: filled from a published calendar, or brought in as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Date, Text, delete, extract, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit
from gis.database import Base, hold_name, one_of
from gis.deadlines.hours import Calendar
from gis.errors import Invalid
from gis.tabular import rows_of
from gis.viewer import Viewer
from gis.words import N_

KINDS = {"holiday": N_("day off"), "workday": N_("make-up working day")}
HEADER = ("day", "kind", "name")
FESTIVALS = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节", "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节", "Mid-autumn Festival": "中秋节", "National Day": "国庆节",
}  # fmt: skip
"""What the calendar library calls a festival → its name."""
YEARS = range(2000, 2101)
"""The years of which a calendar is kept."""
LIST = "calendar_days"
"""What is held by who changes the calendar."""


class CalendarDay(Base):
    """A working day that is off, or a weekend day that is worked."""

    __tablename__ = "calendar_days"
    __table_args__ = (one_of("kind", *KINDS),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


def calendar(session: Session) -> Calendar:
    """Return the calendar as it is stored."""
    found = session.execute(select(CalendarDay.day, CalendarDay.kind))
    return Calendar({day: kind == "workday" for day, kind in found})


def filled(session: Session, viewer: Viewer) -> list[int]:
    """Return the years that have any day; in another year only weekends are off."""
    viewer.require("map.view")
    year = extract("year", CalendarDay.day)
    return [int(each) for each in session.scalars(select(year).group_by(year).order_by(year))]


def named(session: Session, viewer: Viewer, year: int) -> dict[date, CalendarDay]:
    """Return the days of a year that differ."""
    viewer.require("map.view")
    found = session.scalars(select(CalendarDay).where(extract("year", CalendarDay.day) == year))
    return {each.day: each for each in found}


def fill(session: Session, viewer: Viewer, year: int) -> int:
    """Replace a year by the published holidays of the country; returns how many days differ.

    Raises Invalid for a year that the calendar library does not know yet.
    """
    viewer.require("calendar.manage")
    import chinese_calendar  # type: ignore[import-untyped]  # only here: it reads its tables when it is loaded

    first = date(year, 1, 1)
    days = [first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days)]
    try:
        told = [(day, chinese_calendar.is_workday(day), chinese_calendar.get_holiday_detail(day)[1]) for day in days]
    except NotImplementedError as error:
        raise Invalid(N_("The holidays of %(year)s are not known yet. Bring them in as a table."), year=year) from error
    rows = [CalendarDay(day=day, kind="workday" if works else "holiday", name=FESTIVALS.get(name or "", name or ""))
            for day, works, name in told if works != (day.weekday() < 5)]  # fmt: skip
    replaced(session, viewer, [year], rows)
    return len(rows)


def replace(session: Session, viewer: Viewer, data: bytes) -> list[int]:
    """Replace the years that a table (day, kind, name) tells of, all or nothing; returns the years.

    Raises Invalid with the row and what is wrong with it.
    """
    viewer.require("calendar.manage")
    lines = rows_of(data)
    if not lines or not set(HEADER[:2]) <= set(lines[0]):
        raise Invalid(N_("The table needs the columns day, kind and name, and at least one row."))
    rows = [read(number, line) for number, line in enumerate(lines, 2)]
    if len({row.day for row in rows}) < len(rows):
        raise Invalid(N_("A day is in the table twice."))
    years = sorted({row.day.year for row in rows})
    replaced(session, viewer, years, rows)
    return years


def read(number: int, line: dict[str, str]) -> CalendarDay:
    """Return one row of a table; raises Invalid with its number."""
    message = N_("Row %(row)s: “%(value)s” is not a day like 2026-10-01.")
    try:
        day = date.fromisoformat((line.get("day") or "").strip())
    except ValueError as error:
        raise Invalid(message, row=number, value=line.get("day")) from error
    if day.year not in YEARS:
        raise Invalid(message, row=number, value=str(day))
    kind = (line.get("kind") or "").strip()
    if kind not in KINDS:
        raise Invalid(N_("Row %(row)s: the kind is “holiday” or “workday”, not “%(value)s”."), row=number, value=kind)
    return CalendarDay(day=day, kind=kind, name=(line.get("name") or "").strip()[:40])


def replaced(session: Session, viewer: Viewer, years: Iterable[int], rows: list[CalendarDay]) -> None:
    """Put rows in the place of whole years."""
    named = list(years)
    hold_name(session, LIST)
    session.execute(delete(CalendarDay).where(extract("year", CalendarDay.day).in_(named)))
    session.add_all(rows)
    session.flush()
    audit.record(session, viewer, "calendar.fill", ", ".join(map(str, named)), days=len(rows))


def put(session: Session, viewer: Viewer, day: date, kind: str | None, name: str = "") -> None:
    """Set one day off or worked, or with no kind back to what its weekday says."""
    viewer.require("calendar.manage")
    if kind is not None and kind not in KINDS:
        raise Invalid(N_("There is no kind of day “%(kind)s”."), kind=kind)
    if day.year not in YEARS:
        raise Invalid(N_("%(day)s is too far away: a calendar is kept of the years 2000 to 2100."), day=str(day))
    hold_name(session, LIST)
    session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    if kind is not None and (kind == "workday") != (day.weekday() < 5):
        session.add(CalendarDay(day=day, kind=kind, name=name.strip()[:40]))
    session.flush()
    audit.record(session, viewer, "calendar.put", day.isoformat(), kind=kind or "weekday")


def export(session: Session, viewer: Viewer, year: int) -> str:
    """Return a year as a table that comes in again as it went out."""
    viewer.require("map.view")
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADER)
    found = select(CalendarDay).where(extract("year", CalendarDay.day) == year).order_by(CalendarDay.day)
    rows.writerows((each.day.isoformat(), each.kind, each.name) for each in session.scalars(found))
    return out.getvalue()
