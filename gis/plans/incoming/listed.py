"""An assignment as a table: one line per cell or building, with the grid it goes to."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.errors import Invalid
from gis.plans.draft import Draft
from gis.plans.incoming.proposal import Proposal, Remark, emptied, refused
from gis.plans.labels import labels
from gis.premises import Building
from gis.tabular import text_of
from gis.viewer import Viewer
from gis.words import N_

CELL, BUILDING = ("cell", "cell_code", "地块", "地块编码"), ("building", "building_code", "楼栋", "楼栋编码")
GRID, NAME = ("grid", "grid_code", "网格", "网格编码"), ("grid_name", "name", "网格名称", "名称")
VILLAGE = ("village", "village_code", "村社区", "村社区编码")
SPOILT = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
MOST_BYTES = 20_000_000
AS_TEXT = N_("Format the column as text, fill it in again, and save the table as CSV.")


def from_table(session: Session, viewer: Viewer, draft: Draft, data: bytes) -> Proposal:
    """Hold a CSV (UTF-8 or GB18030; comma, semicolon or tab) against a draft; cells that it does not list stay."""
    viewer.require("plan.view")
    lines = list(_lines(data))
    columns = {name: _column(lines[0] if lines else [], names) for name, names in _HEADERS.items()}
    if any(columns[one] is None and columns[other] is None for one, other in (("grid", "name"), ("cell", "building"))):
        raise Invalid(N_("The table needs a column “grid” or “grid_name” and a column “cell” or “building”."))
    reader = _Reader(draft, columns, _buildings(session, draft))
    for row, line in enumerate(lines[1:], 2):
        reader.take(row, line)
    return reader.proposal()


_HEADERS = {"cell": CELL, "building": BUILDING, "grid": GRID, "name": NAME, "village": VILLAGE}


def _lines(data: bytes) -> Iterator[list[str]]:
    if len(data) > MOST_BYTES:
        raise Invalid(N_("The table is larger than %(mb)s MB; export one village at a time."), mb=MOST_BYTES // 10**6)
    text = text_of(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _column(headers: list[str], names: tuple[str, ...]) -> int | None:
    given = [header.strip().lower() for header in headers]
    return next((given.index(name) for name in names if name in given), None)


def _buildings(session: Session, draft: Draft) -> dict[str, list[int]]:
    """Return building code → the places of its cells."""
    ids = [number for number in np.unique(draft.ground.building_ids).tolist() if number >= 0]
    query = select(Building.id, Building.code).where(Building.id.in_(ids))
    coded = dict(session.execute(query).all())
    found: dict[str, list[int]] = {}
    for at, number in enumerate(draft.ground.building_ids.tolist()):
        code = coded.get(number)
        if code is not None:
            found.setdefault(code, []).append(at)
    return found


class _Reader:
    """The lines of a table, taken one by one: where each puts its cells, and what is wrong with it."""

    def __init__(self, draft: Draft, columns: dict[str, int | None], buildings: dict[str, list[int]]) -> None:
        self.draft, self.columns, self.buildings = draft, columns, buildings
        ground = draft.ground
        self.cells: dict[tuple[str, str], int] = {}
        self.alone: dict[str, list[int]] = {}
        for at, (code, village) in enumerate(zip(ground.codes, ground.village.tolist(), strict=True)):
            self.cells[ground.villages[village], code] = at
            self.alone.setdefault(code, []).append(at)
        self.names: list[tuple[str, str, str]] = []
        self.places: dict[tuple[str, str], int] = {}
        for label, grid in zip(labels(draft), draft.grids, strict=True):
            self.places[grid.village_code, label] = len(self.names)
            self.names.append((label, grid.name, grid.village_code))
        self.by_name = {(grid.village_code, grid.name): at for at, grid in enumerate(draft.grids)}
        self.to = np.full(len(ground.ids), -2, np.int32)
        self.row_of: dict[int, int] = {}
        self.remarks: list[Remark] = []

    def take(self, row: int, line: list[str]) -> None:
        """Put the cells of one line into its grid, or remark why not."""
        if not any(cell.strip() for cell in line):
            return
        grid, places = self._value(line, "grid") or self._value(line, "name"), self._places(row, line)
        if SPOILT.fullmatch(grid):
            self._error(row, N_("“%(value)s” is a number that a spreadsheet has rounded."), AS_TEXT, value=grid)
            return
        for at in places:
            self._put(row, at, self._grid(row, grid, at, line))

    def _value(self, line: list[str], name: str) -> str:
        column = self.columns[name]
        text = line[column] if column is not None and column < len(line) else ""
        return unicodedata.normalize("NFKC", text).strip().removeprefix("'")

    def _places(self, row: int, line: list[str]) -> list[int]:
        cell, village = self._value(line, "cell"), self._value(line, "village")
        if cell:
            found = [self.cells[village, cell]] if (village, cell) in self.cells else []
            found = found or (self.alone.get(cell, []) if not village else [])
            said = cell
        else:
            said = self._value(line, "building")
            found = self.buildings.get(said, [])
        if not found:
            self._error(row, N_("There is no cell or building “%(value)s” in this plan."),
                        N_("Use the codes of this plan's own export; codes are text, with their leading zeros."),
                        value=said)  # fmt: skip
        if cell and len(found) > 1:
            self._error(row, N_("The code “%(value)s” stands for cells of several villages."),
                        N_("Add the column “village” with the 12-digit codes."), value=said)  # fmt: skip
            return []
        return found

    def _grid(self, row: int, said: str, at: int, line: list[str]) -> int:
        """Return the place of the grid that is meant, beginning it when there is none yet; -1 for an empty one."""
        if not said:
            return -1
        village = self.draft.ground.villages[int(self.draft.ground.village[at])]
        known = self.places.get((village, said), self.by_name.get((village, said)))
        if known is not None:
            self._rename(row, known, self._value(line, "name"))
            return known
        if re.fullmatch(r"\d{10,}", said):
            self._error(row, N_("There is no grid %(value)s in this village."),
                        N_("Use a code in force, or a name for a new grid."), value=said)  # fmt: skip
            return -1
        name = self._value(line, "name") or said
        if self._is_refused(row, name):
            return -1
        self.places[village, said] = len(self.names)
        self.names.append((said, name, village))
        return self.places[village, said]

    def _rename(self, row: int, at: int, name: str) -> None:
        """Let a grid of the plan take the name that the table has for it."""
        label, old, village = self.names[at]
        if name and name != old and not self._is_refused(row, name):
            self.names[at] = (label, name, village)

    def _is_refused(self, row: int, name: str) -> bool:
        """Remark on a name that no grid can have."""
        remarks = refused(name, row)
        self.remarks += remarks
        return bool(remarks)

    def _put(self, row: int, at: int, grid: int) -> None:
        earlier = self.row_of.setdefault(at, row)
        if earlier != row and self.to[at] != grid:
            self._error(row, N_("The cell %(value)s is in row %(earlier)s too, with another grid."),
                        N_("Leave one of the two rows."), value=self.draft.ground.codes[at],
                        earlier=earlier)  # fmt: skip
        self.to[at] = grid

    def _error(self, row: int, message: str, remedy: str, **params: object) -> None:
        self.remarks.append(Remark("error", message, remedy, row, params=params))

    def proposal(self) -> Proposal:
        """Return what the table comes to."""
        left = int((self.to == -2).sum())
        if left == len(self.to):
            raise Invalid(N_("The table lists no cell of this plan."))
        if left:
            message = N_("%(n)s cells are not in the table; they stay as they are.")
            self.remarks.append(Remark("warning", message, params={"n": left}))
        bare = int(((self.to == -1) & (self.draft.of >= 0)).sum())
        if bare:
            message, remedy = (N_("%(n)s cells have no grid in the table; they would be in no grid."),
                               N_("Give them to a grid in the editor."))  # fmt: skip
            self.remarks.append(Remark("warning", message, remedy, params={"n": bare}))
        self.remarks += emptied(self.draft, self.names, self.to)
        return Proposal(self.draft, self.names, self.to, self.remarks)
