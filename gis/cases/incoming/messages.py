"""What is said of a row of another system's cases: finding code → severity, what is wrong, how to mend it."""

from __future__ import annotations

from gis.imports.messages import DELETE_ROW, MESSAGES, Message
from gis.words import N_

CASES = {
    "table_format": Message(
        "error", N_("%(name)s cannot be read as CSV, Excel (.xlsx) or GeoJSON."), N_("Save the table as CSV in UTF-8.")
    ),
    "table_empty": Message("error", N_("The table has no row."), N_("Choose the file that holds the cases.")),
    "table_long": Message(
        "error", N_("The table has more than %(most)s rows."), N_("Cut it into several files, for example by month.")
    ),
    "case_ref_twice": Message(
        "error", N_("The number %(ref)s is in the table twice."), N_("Keep one row for each case of the other system.")
    ),
    "case_word": Message(
        "error", N_("“%(value)s” is none of: %(words)s."),
        N_("Write one of these words, or map the column to another field.")
    ),
    "case_moment": Message(
        "error", N_("“%(value)s” is no moment."), N_("Write it as 2026-01-31 08:30; without a zone it is Beijing time.")
    ),
    "case_ahead": Message("error", N_("%(value)s lies ahead."), N_("Correct the date, or leave the row out.")),
    "case_closed_when": Message(
        "error", N_("A closed case needs the moment when it was closed."), N_("Fill it in, or write the case as open.")
    ),
    "case_ended_how": Message(
        "note", N_("It is not told how the case ended: it counts as closed, and neither as solved nor as unsolved."),
        N_("Fill in how it ended, where that is known.")
    ),
    "case_before": Message(
        "error", N_("The case was closed before it was reported."), N_("Correct one of the two moments.")
    ),
    "case_accepted_when": Message(
        "error", N_("The case was accepted before it was reported or after it was closed."),
        N_("Correct one of the moments.")
    ),
    "case_unseen": Message(
        "error", N_("The text holds signs that cannot be seen."), N_("Write it anew without copying it.")
    ),
    "case_degrees": Message(
        "error", N_("“%(value)s” is no coordinate in degrees."),
        N_("Write longitude and latitude as decimal degrees, and name the system they are in."),
    ),
    "case_short": Message("error", N_("The title is too short."), N_("Say in a few words what it is.")),
    "case_long": Message("error", N_("That is too long: at most %(most)s characters."), N_("Shorten the text.")),
    "case_elsewhere": Message(
        "error",
        N_("The place lies outside your territory; the nearest grid of yours is “%(name)s”, %(metres)s m away."),
        N_("Check the coordinate system, correct the place, or leave the row out."),
    ),
    "case_far": Message(
        "error", N_("The place lies outside your territory, and no grid of yours is near."), DELETE_ROW
    ),
    "case_no_grid": Message(
        "warning",
        N_("The place lies in no grid; the nearest is “%(name)s”, %(metres)s m away. The case goes to its village."),
        N_("Correct the place, or extend a grid over it with a boundary plan."),
    ),
    "case_known": Message(
        "note", N_("The number %(ref)s was brought in before; the row is left out."), N_("Nothing has to be done.")
    ),
}  # fmt: skip
MESSAGES.update(CASES)
