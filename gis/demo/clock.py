"""Time limits of made-up cases: working days, working hours of a calendar with weekends and public holidays."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.datetime64]
END_OF_WORK = np.timedelta64(17 * 3600 + 1800, "s")

LIMITS: dict[str, tuple[int, str]] = {
    "environment": (5, "working_day"),
    "public_facility": (3, "working_day"),
    "safety_hazard": (5, "working_day"),
    "dispute": (10, "working_day"),
    "livelihood": (3, "working_day"),
    "property_repair": (3, "working_day"),
    "unauthorized_building": (20, "working_day"),
    "inquiry": (1, "working_day"),
    "suggestion": (13, "working_day"),
}
URGENT_HOURS = 24
SEWAGE_DAYS = 15


def holidays(day: date) -> Moments:
    """Return the fixed public holidays of the years around a day."""
    spans = (("01-01", 1), ("05-01", 3), ("10-01", 5))
    years = range(day.year - 2, day.year + 2)
    days = [
        np.datetime64(f"{year}-{start}") + step for year in years for start, length in spans for step in range(length)
    ]
    return np.array(days, dtype="datetime64[D]")


def days(category: NDArray[np.object_], sewage: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many working days each case has; the sewage of the story has more."""
    usual = np.array([LIMITS[name][0] for name in category], dtype=np.int64)
    return np.where(sewage, SEWAGE_DAYS, usual)


def due(filed: Moments, days: NDArray[np.int64], urgent: NDArray[np.bool_], day: date) -> Moments:
    """Return the end of the limit: the end of work after so many working days, or a day of natural hours if urgent."""
    last = np.busday_offset(filed.astype("datetime64[D]"), days, roll="forward", holidays=holidays(day))
    working = last.astype("datetime64[s]") + END_OF_WORK
    return np.asarray(np.where(urgent, filed + np.timedelta64(URGENT_HOURS, "h"), working))
