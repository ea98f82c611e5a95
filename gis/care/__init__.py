"""The elder-care action (情暖夕阳): enrolments in a schema of their own, seen by whom they are assigned to."""

from __future__ import annotations

from gis.care.tables import DAYS, CareVisit, Enrolment, register

__all__ = ["DAYS", "CareVisit", "Enrolment", "register"]
