"""The last gate looks at every word that people wrote, and at nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from gis.areas import Area
from gis.database import transaction
from gis.demo.stories import impossible_id
from gis.premises import Building, Household
from gis.resources import ServicePoint
from gis.viewer import Viewer
from layers.catalogue import BUILDINGS, CATALOGUE
from layers.files import gate
from layers.query import Asked, total
from tests import builders
from tests.conftest import DAY, NOW

CARD = "6200000000000000000"
MOBILE = "13800000000"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def refused(name: str, client: FlaskClient) -> str | None:
    """Return the sentence that stops the export of a layer, None when it goes through."""
    client.post("/language/en")
    answer = client.get(f"/layers/{name}.csv?purpose=test")
    assert answer.status_code in (200, 422), answer.text
    return answer.get_json()["error"] if answer.status_code == 422 else None


PRIVATE = [
    ("buildings", Building, "address", f"海棠路3号 {impossible_id()}", "identity numbers"),
    ("buildings", Building, "name", f"车主{MOBILE}", "phone numbers"),
    ("buildings", Building, "compound", f"卡号{CARD}", "bank accounts"),
    ("buildings", Building, "name", f"电话 {MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}", "phone numbers"),
    ("buildings", Building, "name", MOBILE.translate(WIDE), "phone numbers"),
    ("households", Household, "label", impossible_id(), "identity numbers"),
    ("areas", Area, "name", f"村{MOBILE}", "phone numbers"),
    ("service_points", ServicePoint, "items", ["领证", f"找{MOBILE}"], "phone numbers"),
    ("service_points", ServicePoint, "contact_phone", impossible_id(), "identity numbers"),
]


@pytest.mark.parametrize(("name", "model", "field", "value", "what"), PRIVATE)
def test_a_private_number_in_any_words_stops_the_export(
    name: str, model: type, field: str, value: object, what: str, engine: Engine,
    client_as: Callable[[str], FlaskClient],
) -> None:  # fmt: skip
    client = client_as("grid_leader" if name == "households" else "town_manager")
    assert refused(name, client) is None
    inside = {"areas": 999901100201000, "households": 999901100001001}.get(name)
    with transaction(engine) as session:
        query = select(model) if inside is None else select(model).where(model.territory == inside)
        row = session.scalars(query.limit(1)).one()
    with changed(engine, row, **{field: value}):
        told = refused(name, client)
    assert told is not None
    assert what in told
    assert MOBILE not in told
    assert impossible_id() not in told


def changed(engine: Engine, row: object, **values: object):
    if isinstance(row, Area):
        row.id = row.code  # the builder finds a row by its key
    return builders.changed(engine, row, **values)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact_phone", MOBILE),
        ("opening_hours", "08:00-11:30 13:30-17:00"),
        ("name", "服务站 20261118-0930 号"),
        ("name", impossible_id()[:-1] + ("1" if impossible_id()[-1] != "1" else "2")),
    ],
)
def test_what_is_no_private_number_goes_through(
    field: str, value: str, engine: Engine, client_as: Callable[[str], FlaskClient]
) -> None:
    with transaction(engine) as session:
        point = session.scalars(select(ServicePoint).order_by(ServicePoint.id).limit(1)).one()
    with builders.changed(engine, point, **{field: value}):
        assert refused("service_points", client_as("town_manager")) is None


def test_words_are_looked_through_and_codes_and_listed_words_are_not() -> None:
    looked_at = {f"{layer.name}.{f.name}" for layer in CATALOGUE for f in layer.fields if f.written}
    assert {"cases.title", "cases.address", "buildings.name", "households.label", "staffing.name"} <= looked_at
    assert not {"buildings.code", "cases.case_no", "gaps.grid_codes", "grids.kind", "volunteers.skills"} & looked_at


@pytest.mark.parametrize("name", [layer.name for layer in CATALOGUE])
def test_the_gate_asks_once_and_knows_the_box(name: str, session: Session, viewer: Viewer) -> None:
    layer, statements = CATALOGUE.get(name), []
    connection = session.connection()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    box = gate.inspect(session, layer, viewer, Asked(DAY, NOW))
    event.remove(connection, "before_cursor_execute", note)
    assert len(statements) == 1
    assert box is not None
    assert 120 < box[0] <= box[2] < 122
    assert session.scalar(total(layer, viewer, Asked(DAY, NOW)))


def test_an_empty_box_has_no_edges(session: Session, viewer: Viewer) -> None:
    assert gate.inspect(session, BUILDINGS, viewer, Asked(DAY, NOW, bbox=(0, 0, 1, 1))) is None
