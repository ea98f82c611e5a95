"""A visit that somebody records twice, in two tabs or devices: the second is told, and stored if that was meant."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.database import hold_name
from gis.errors import Conflict
from gis.viewer import Viewer
from gis.words import N_


def refuse(session: Session, viewer: Viewer, model: Any, key: str, result: str, same: dict[str, Any]) -> None:
    """Raise Conflict when the viewer recorded the same visit under another key; of two at once the second waits.

    Somebody met after a closed door is another visit; a key that is stored already stays what it is.
    """
    if not viewer.may("visit.record"):
        viewer.require("care.serve")
    held = f"{model.__tablename__}/{viewer.user_id}/{sorted(same.items())}"
    hold_name(session, held)
    mine = (getattr(model, name) == value for name, value in same.items())
    found = session.execute(select(model.visit_key, model.result).where(*mine, model.recorded_by == viewer.user_id))
    earlier = {row.visit_key: row.result for row in found}
    if key not in earlier and any(each != "not_in" or result == "not_in" for each in earlier.values()):
        raise Conflict(N_("You have recorded this visit already: the same place, day and purpose."))
