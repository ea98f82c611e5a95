"""The time that figures are of: a month in the district's time zone, as far as it has passed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gis.errors import Invalid
from gis.scope import ZONE
from gis.words import N_

WRITTEN = re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR = 1949


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, [first, after): what happens at midnight belongs to the next one."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return date(self.year + self.number // 12, self.number % 12 + 1, 1)

    @property
    def start(self) -> datetime:
        """The moment at which it begins in the district."""
        return datetime.combine(self.first, time.min, ZONE)

    @property
    def end(self) -> datetime:
        """The moment at which the next one begins."""
        return datetime.combine(self.after, time.min, ZONE)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after - timedelta(days=1)

    def back(self, months: int) -> Month:
        """Return the month so many months earlier."""
        count = self.year * 12 + self.number - 1 - months
        return Month(count // 12, count % 12 + 1)

    def day(self, today: date) -> date:
        """Return the day that its figures are of: its last one, or today while it runs."""
        return min(self.last, today)

    def closed(self, today: date) -> bool:
        """Tell whether it is over."""
        return self.after <= today

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def month_of(day: date) -> Month:
    """Return the month of a day."""
    return Month(day.year, day.month)


def read(text: str, today: date) -> Month:
    """Return the month that a text like 2026-10 names; raises Invalid for no month and for one that lies ahead."""
    found = WRITTEN.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < FIRST_YEAR:
        raise Invalid(N_("%(value)s is not a month; write it as 2026-01."), value=text)
    month = Month(int(found[1]), int(found[2]))
    if month.first > today:
        raise Invalid(N_("%(value)s lies ahead; choose this month or one before."), value=text)
    return month
