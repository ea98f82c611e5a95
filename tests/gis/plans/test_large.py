"""A stroke over thousands of cells asks the database no more often than one over a single cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from gis.viewer import Viewer
from tests import fabrics
from tests.gis.plans.desk import Table


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield asked
    event.remove(connection, "before_cursor_execute", note)


def test_a_stroke_over_2000_of_5000_cells_takes_the_statements_of_one_over_a_cell(
    connection: Connection, session: Session, admitted: Callable[[str], Viewer]
) -> None:
    rows, columns = np.indices((50, 100))
    village = fabrics.lay(session, (rows // 5) * 10 + columns // 10, np.full(rows.shape, 8))
    table = Table(session, admitted("planner"), village)
    spent = []
    for cells, grid in ((village.cells[0, :1], 1), (village.cells[:20].ravel(), 2)):
        with counted(connection) as asked:
            table.edit("paint", [int(cell) for cell in cells], table.grids[grid])
        spent.append(len(asked))
    assert int((table.draft().of == 2).sum()) == 2000
    with counted(connection) as asked:
        table.undo()
    assert spent[1] == spent[0]
    assert len(asked) < spent[0] + 10
