"""The powers-and-duties list: for a category on a level, who leads, who helps, and within which time."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Integer, Select, Text, case, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from gis import audit
from gis.cases.tables import CATEGORIES, LEVELS
from gis.database import Base, add_alone, from_day, one_of
from gis.errors import Conflict, Invalid, Refused, WanggeError
from gis.private import refuse
from gis.successive import Successive, all_as_seen, as_seen, end_at
from gis.tabular import Wrong, rows_of
from gis.viewer import Viewer
from gis.words import N_, Word

UNITS = {"natural_hour": N_("hours"), "working_hour": N_("working hours"), "working_day": N_("working days")}
LEVEL_NAMES = {"grid": N_("grid"), "village": N_("village"), "town": N_("town"), "district": N_("district")}


class DutyItem(Successive, Base):
    """An entry of the list; with an urgency it holds for such cases only, before the entry without one."""

    PLACE = ("category", "level", "urgency")
    __tablename__ = "duty_items"
    __table_args__ = (
        one_of("category", *CATEGORIES),
        one_of("level", *LEVELS),
        one_of("unit", *UNITS),
        one_of("urgency", "normal", "urgent"),
        ExcludeConstraint(
            ("category", "="),
            ("level", "="),
            (text("coalesce(urgency, '')"), "="),
            ("valid", "&&"),
            using="gist",
            name="ex_duty_items_one_at_a_time",
        ),
    )

    category: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str | None] = mapped_column(Text)
    lead_body: Mapped[str] = mapped_column(Text)
    helpers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    amount: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date | None] = mapped_column()

    def taken(self) -> Conflict:
        """Return what to tell somebody who did not see that this entry holds."""
        message = N_(
            "Somebody else has set this entry meanwhile: %(lead)s, %(amount)s %(unit)s. Look at the list again."
        )
        return Conflict(message, lead=self.lead_body, amount=self.amount, unit=Word(UNITS[self.unit]))


def in_force(category: str, urgency: str, day: date) -> Select[DutyItem]:
    """Select the entries for a category on a day: the lowest level first, those for the urgency before the general."""
    fits = or_(DutyItem.urgency == urgency, DutyItem.urgency.is_(None))
    rank = case({level: at for at, level in enumerate(LEVELS)}, value=DutyItem.level)
    chosen = select(DutyItem).where(DutyItem.category == category, fits, DutyItem.valid.contains(day))
    return chosen.order_by(rank, DutyItem.urgency.is_(None), DutyItem.id)


def offered(session: Session, viewer: Viewer, category: str, urgency: str, day: date) -> list[DutyItem]:
    """Return the one entry of each level that answers for such a case, the lowest level first."""
    viewer.require("case.view")
    found: dict[str, DutyItem] = {}
    for item in session.scalars(in_force(category, urgency, day)):
        found.setdefault(item.level, item)
    return list(found.values())


def listed(
    session: Session, viewer: Viewer, day: date, *, category: str = "", level: str = "", text: str = ""
) -> list[DutyItem]:
    """Return the entries in force on a day, by category and level."""
    viewer.require("map.view")
    found = select(DutyItem).where(DutyItem.valid.contains(day))
    for column, value in ((DutyItem.category, category), (DutyItem.level, level)):
        if value:
            found = found.where(column == value)
    if text:
        found = found.where(DutyItem.lead_body.icontains(text, autoescape=True))
    by_level = case({each: at for at, each in enumerate(LEVELS)}, value=DutyItem.level)
    by_category = case({each: at for at, each in enumerate(CATEGORIES)}, value=DutyItem.category)
    return list(session.scalars(found.order_by(by_category, by_level, DutyItem.urgency.nulls_first())))


@dataclass(frozen=True)
class Entry:
    """What an entry says; `urgency` is empty for all cases."""

    category: str
    level: str
    lead_body: str
    amount: int
    unit: str
    urgency: str = ""
    helpers: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """What there is one entry for at a time."""
        return self.category, self.level, self.urgency


Place = tuple[str, str, str]


def lasting(session: Session, viewer: Viewer) -> list[int]:
    """Return the numbers of the entries without an end, which a page tells when one is set."""
    viewer.require("map.view")
    return list(session.scalars(select(DutyItem.id).where(DutyItem.lasting()).order_by(DutyItem.id)))


def put(session: Session, viewer: Viewer, entry: Entry, day: date, seen: Collection[int] | None = None) -> DutyItem:
    """Let an entry hold from a day on; the one in its place ends the day before and stays readable.

    Raises Conflict when somebody else put one there since the page that showed what was `seen`.
    """
    viewer.require("duty.manage")
    check(entry)
    if seen is not None:
        as_seen(session, DutyItem, entry.place, seen)
    end(session, viewer, entry.place, day)
    made = DutyItem(
        category=entry.category, level=entry.level, urgency=entry.urgency or None, lead_body=entry.lead_body.strip(),
        helpers=list(entry.helpers), amount=entry.amount, unit=entry.unit, published_on=day, valid=from_day(day),
    )  # fmt: skip
    add_alone(session, made)
    audit.record(session, viewer, "duty.put", f"{entry.category}/{entry.level}", lead_body=made.lead_body)
    return made


def end(session: Session, viewer: Viewer, place: Place, day: date, seen: Collection[int] | None = None) -> int:
    """Let the entry in a place end before a day; one that began that day never held."""
    viewer.require("duty.manage")
    if seen is not None:
        as_seen(session, DutyItem, place, seen)
    ended = end_at(session, DutyItem, place, day)
    if ended:
        audit.record(session, viewer, "duty.end", "/".join(place[:2]), entries=ended)
    return ended


def check(entry: Entry) -> None:
    """Raise what is wrong with an entry first, Invalid or Refused."""
    for _field, error in faults(entry):
        raise error


def faults(entry: Entry) -> Iterator[tuple[str, WanggeError]]:
    """Yield field and fault of everything that is wrong with an entry."""
    words = {"category": CATEGORIES, "level": LEVELS, "urgency": ("", "normal", "urgent"), "unit": UNITS}
    for field, known in words.items():
        if (value := getattr(entry, field)) not in known:
            message = N_("“%(value)s” is none of: %(known)s.")
            yield field, Invalid(message, value=value[:40], known=", ".join(filter(None, known)))
    if not 1 < len(entry.lead_body.strip()) <= 60:
        yield "lead_body", Invalid(N_("Say who leads, in 2 to 60 characters."))
    for field, texts in (("lead_body", (entry.lead_body,)), ("helpers", entry.helpers)):
        try:
            refuse(*texts)
        except Refused as error:
            yield field, error
    if not 0 < entry.amount <= 365:
        yield "amount", Invalid(N_("A limit is a whole number from 1 to 365."))


def amount_of(text: str) -> int:
    """Return the amount of a limit as it was written, 0 for what is none."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


HEADER = ("category", "level", "urgency", "lead_body", "helpers", "amount", "unit")


def table(session: Session, viewer: Viewer, day: date) -> str:
    """Return the list in force on a day as a table that comes in again as it went out."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADER)
    for item in listed(session, viewer, day):
        helpers = ";".join(item.helpers)
        rows.writerow((item.category, item.level, item.urgency or "", item.lead_body, helpers, item.amount, item.unit))
    return out.getvalue()


def read(data: bytes) -> tuple[list[Entry], list[Wrong]]:
    """Return the entries of a table, and everything that is wrong with its rows."""
    lines = rows_of(data)
    if not lines or not set(HEADER) - {"urgency", "helpers"} <= set(lines[0]):
        other = N_("This table does not come in: take “The whole list of today, as a pattern”, with %(columns)s.")
        raise Invalid(other, columns=", ".join(HEADER))
    entries: list[Entry] = []
    wrong: list[Wrong] = []
    for number, told in enumerate(lines, 2):
        helpers = tuple(filter(None, map(str.strip, told.get("helpers", "").replace("；", ";").split(";"))))
        amount, plain = amount_of(told["amount"]), ("category", "level", "lead_body", "unit")
        entry = Entry(**{name: told[name] for name in plain}, urgency=told.get("urgency", ""), amount=amount,
                      helpers=helpers)  # fmt: skip
        wrong += [Wrong(number, field, error) for field, error in faults(entry)]
        if entry.place in {each.place for each in entries}:
            wrong.append(Wrong(number, "category", Invalid(N_("This category and level is in the table twice."))))
        entries.append(entry)
    return entries, wrong


@dataclass(frozen=True)
class Changes:
    """What a table would do: the entries that begin or change, and the places whose entry ends."""

    put: list[Entry]
    ended: list[Place]


def compare(session: Session, viewer: Viewer, entries: list[Entry], day: date) -> Changes:
    """Hold a table against the list in force."""
    now = {}
    for item in listed(session, viewer, day):
        place = item.category, item.level, item.urgency or ""
        now[place] = Entry(*place[:2], item.lead_body, item.amount, item.unit, place[2], tuple(item.helpers))
    wanted = {entry.place for entry in entries}
    changed = [entry for entry in entries if now.get(entry.place) != entry]
    return Changes(changed, [each for each in now if each not in wanted])


def replace(session: Session, viewer: Viewer, data: bytes, day: date, seen: Collection[int] | None = None) -> Changes:
    """Put a table in the place of the whole list from a day on, all or nothing.

    Raises Invalid when a row is wrong, Conflict when the list is not any more what the page showed (`seen`).
    """
    viewer.require("duty.manage")
    if seen is not None:
        all_as_seen(session, DutyItem, seen)
    entries, wrong = read(data)
    if wrong:
        raise Invalid(N_("Nothing was written: mend the errors and bring the file again."))
    changes = compare(session, viewer, entries, day)
    for entry in changes.put:
        put(session, viewer, entry, day)
    for place in changes.ended:
        end(session, viewer, place, day)
    audit.record(session, viewer, "duty.import", None, put=len(changes.put), ended=len(changes.ended))
    return changes
