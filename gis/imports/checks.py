"""The rules of an import, plain functions (frame, known) → findings: those about codes, and the list of all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gis.imports import fitting
from gis.imports.findings import Finding, Word
from gis.imports.frame import Frame
from gis.imports.known import Known
from gis.viewer import SIGNIFICANT, ancestors, level
from gis.words import N_

Rule = Callable[[Frame, Known], list[Finding]]

DIGITS = {"areas": 12, "grids": 15}
LEVEL_NAMES = {
    "district": Word(N_("district")),
    "town": Word(N_("town or street")),
    "village": Word(N_("village or community")),
    "grid": Word(N_("grid")),
}


def code_is_written_right(frame: Frame, known: Known) -> list[Finding]:
    """Division codes have 12 digits and grid codes 15."""
    wanted, findings = DIGITS[frame.kind], []
    for at, code in enumerate(frame.cells("code")):
        if code is None:
            continue
        if not (code.isascii() and code.isdigit()):
            findings.append(frame.finding("code_digits", at, "code", value=code[:40]))
        elif len(code) != wanted:
            short = "code_zeros" if wanted - 3 < len(code) < wanted else "code_length"
            findings.append(frame.finding(short, at, "code", value=code[:40], n=len(code), wanted=wanted))
    return findings


def code_is_free(frame: Frame, known: Known) -> list[Finding]:
    """A code stands once in the file, and not in the database."""
    return _unique(frame, "code", known.codes)


def source_is_free(frame: Frame, known: Known) -> list[Finding]:
    """An identifier of the source stands once in the file, and not in the database."""
    return _unique(frame, "source", known.sources) if frame.header("source") == "osm_id" else []


def _unique(frame: Frame, name: str, there: frozenset[str]) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for at, code in enumerate(frame.cells(name)):
        if code is None:
            continue
        if code in there:
            findings.append(frame.finding("code_there", at, name, value=code[:40]))
        if first.setdefault(code, at) != at:
            findings.append(frame.finding("code_twice", at, name, value=code[:40], other=first[code] + 1))
    return findings


def level_fits_code(frame: Frame, known: Known) -> list[Finding]:
    """The level that a row names is the one that the zeros of its code tell."""
    rows = zip(frame.cells("level_said"), frame.cells("level"), strict=True)
    return [
        frame.finding(
            "code_level", at, "level", value=frame.fields["code"][at], found=LEVEL_NAMES[own], said=LEVEL_NAMES[said]
        )
        for at, (said, own) in enumerate(rows)
        if said and own and said != own
    ]


def parent_is_there(frame: Frame, known: Known) -> list[Finding]:
    """An area hangs on the one that its code names, which is in the file or in the database."""
    there = set(known.areas.codes) | set(frame.cells("code"))
    findings = []
    for at, (code, own, parent) in enumerate(
        zip(frame.cells("code"), frame.cells("level"), frame.cells("parent"), strict=True)
    ):
        if own is None:
            continue
        wanted = ancestors(code)[-1] if own != "district" else None
        if parent != wanted:
            findings.append(frame.finding("parent_wrong", at, "parent", value=parent, wanted=wanted or "–"))
        elif wanted and wanted not in there:
            findings.append(frame.finding("parent_missing", at, "parent", value=wanted))
    return findings


def village_is_there(frame: Frame, known: Known) -> list[Finding]:
    """A grid belongs to the village or community that its code begins with, which is in the database."""
    villages = set(known.areas.only("village").codes)
    findings = []
    for at, (code, village) in enumerate(zip(frame.cells("code"), frame.cells("village_code"), strict=True)):
        if code is None or len(code) != DIGITS["grids"]:
            continue
        if village != code[:12]:
            findings.append(frame.finding("village_wrong", at, "village_code", value=village, wanted=code[:12]))
        elif village not in villages:
            findings.append(frame.finding("village_missing", at, "village_code", value=village))
        elif level(code) != "grid":
            findings.append(
                frame.finding(
                    "code_level", at, "code", value=code, found=LEVEL_NAMES["village"], said=LEVEL_NAMES["grid"]
                )
            )
    return findings


def building_is_there(frame: Frame, known: Known) -> list[Finding]:
    """A household stands in a building: the one it names, or the one at its place."""
    findings = []
    for at in np.flatnonzero(frame.sound & (frame.building < 0)):
        code = frame.cells("building_code")[at]
        if code is None:
            findings.append(frame.finding("household_alone", at))
        else:
            findings.append(frame.finding("building_missing", at, "building_code", value=code))
    return findings


RULES: dict[str, tuple[Rule, ...]] = {
    "areas": (
        code_is_written_right,
        code_is_free,
        level_fits_code,
        parent_is_there,
        fitting.near_the_district,
        fitting.within_the_parent,
        fitting.siblings_apart,
    ),
    "grids": (
        code_is_written_right,
        code_is_free,
        village_is_there,
        fitting.near_the_district,
        fitting.within_the_village,
        fitting.grids_apart,
        fitting.no_gaps,
    ),
    "buildings": (
        code_is_free,
        source_is_free,
        fitting.near_the_district,
        fitting.in_the_territory,
        fitting.not_shifted,
        fitting.buildings_apart,
        fitting.in_one_grid,
    ),
    "households": (building_is_there, fitting.near_the_district, fitting.in_the_territory, fitting.not_shifted),
    "barriers": (fitting.near_the_district,),
}
"""Kind of file → its rules, in the order in which they are asked."""

assert set(SIGNIFICANT) == set(LEVEL_NAMES)
