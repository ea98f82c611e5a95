"""Stage limits on the page of the duty list, and tokens from the command line."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from gis import tokens
from gis.audit import AuditEntry
from gis.errors import Invalid, NotAllowed, NotFound
from gis.settings import Settings
from gis.viewer import Viewer, system
from tests.conftest import DAY, NOW
from tests.webapp.desk import Enter
from tests.webapp.test_duties import shown
from webapp import create_app


def test_limits_are_set_ended_and_go_out_and_in_as_a_table(enter: Enter) -> None:
    client = enter("district_manager")
    before = client.get("/duties/stages.csv").get_data()
    limit = {"stage": "accept", "amount": "4", "unit": "working_hour", "seen": shown(client, "/duties/stages")}
    assert client.post("/duties/stages", data=limit).status_code == 302
    assert "4 个工作小时" in client.get("/duties").text
    for wrong in ({"amount": "0"}, {"amount": "x"}, {"stage": "close"}, {"unit": "weeks"}):
        assert client.post("/duties/stages", data={**limit, **wrong}).status_code == 400
    older = client.post("/duties/stages", data={**limit, "amount": "9"})
    assert older.status_code == 409
    assert "4 个工作小时" in older.text, "who saves an older page is told what holds now"
    ended = {"stage": "accept", "seen": shown(client, "/duties/stages/end")}
    assert client.post("/duties/stages/end", data=ended).status_code == 302
    assert client.post("/duties/stages/end", data=ended).status_code == 409
    assert "accept" not in client.get("/duties/stages.csv").text
    file = {"file": (io.BytesIO(before), "a.csv"), "seen": shown(client, "/duties/stages/import")}
    assert client.post("/duties/stages/import", data=file).status_code == 302
    assert client.get("/duties/stages.csv").get_data() == before
    past = client.get(f"/duties?date={DAY - timedelta(days=1)}").text
    seen = re.search('action="/duties/stages/import".*?name="seen" value="([0-9,]*)"', past, re.DOTALL)
    again = {"file": (io.BytesIO(before), "a.csv"), "seen": seen[1] if seen else ""}
    assert client.post("/duties/stages/import", data=again).status_code == 302, "from the page of a past day too"
    assert client.post("/duties/stages/import", data={"file": (io.BytesIO(b"x"), "a.csv")}).status_code == 400
    assert enter("dispatcher").post("/duties/stages/end", data={"stage": "accept"}).status_code == 403


def test_a_limit_reads_alike_on_every_page_and_a_unit_alone_needs_no_number(enter: Enter) -> None:
    client = enter("district_manager")
    for amount, unit, chinese, english in (
        ("1", "working_day", "1 个工作日", "1 working day"), ("4", "working_hour", "4 个工作小时", "4 working hours"),
        ("24", "natural_hour", "24 小时", "24 hours"),
    ):  # fmt: skip
        client.post("/language/zh")
        limit = {"stage": "accept", "amount": amount, "unit": unit, "seen": shown(client, "/duties/stages")}
        assert client.post("/duties/stages", data=limit).status_code == 302
        page = client.get("/duties").text
        assert f"<td>{chinese}</td>" in page
        assert f">{chinese.partition(' ')[2].removeprefix('个')}</option>" in page
        client.post("/language/en")
        assert f"<td>{english}</td>" in client.get("/duties").text


def test_a_token_is_shown_once_kept_as_a_hash_and_revoked(session: Session, viewer_as: Callable[[str], Viewer]) -> None:
    made, secret = tokens.create(session, system(DAY), "dispatcher", "大屏", NOW)
    assert secret.startswith("wg_")
    assert secret not in str(session.execute(text("SELECT * FROM tokens")).all())
    found = tokens.bearer(session, secret, DAY)
    assert found is not None
    assert (found.name, found.role) == ("dispatcher", "dispatcher")
    assert found.territory == viewer_as("dispatcher").territory
    assert next((token.label, name) for token, name in tokens.listed(session, system(DAY))) == ("大屏", "dispatcher")
    tokens.revoke(session, system(DAY), made.id, NOW)
    assert tokens.bearer(session, secret, DAY) is None
    with pytest.raises(NotFound):
        tokens.revoke(session, system(DAY), made.id, NOW)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(2)).all()
    assert list(actions) == ["token.revoke", "token.create"]
    with pytest.raises(Invalid):
        tokens.create(session, system(DAY), "dispatcher", " ", NOW)
    with pytest.raises(NotFound):
        tokens.create(session, system(DAY), "nobody", "x", NOW)
    with pytest.raises(NotAllowed):
        tokens.create(session, viewer_as("dispatcher"), "dispatcher", "x", NOW)


def test_a_closed_account_closes_its_tokens(session: Session) -> None:
    from gis import users

    _made, secret = tokens.create(session, system(DAY), "dispatcher", "大屏", NOW)
    users.set_active(session, system(DAY), "dispatcher", False)
    assert tokens.bearer(session, secret, DAY) is None


def test_a_program_reads_what_its_account_may_and_writes_no_form(
    connection: Connection, session: Session, settings: Settings
) -> None:
    secret = tokens.create(session, system(DAY), "town_manager", "QGIS", NOW)[1]
    client = create_app(settings, connection, now=lambda: NOW).test_client()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/cases/list.csv?state=open", headers=bearer).status_code == 200
    assert client.get("/cases/list.csv?state=open", auth=("anything", secret)).status_code == 200, "as QGIS sends it"
    assert client.get("/audit", headers=bearer).status_code == 403
    assert client.get("/cases/list.csv?state=open", headers={"Authorization": "Bearer wg_x"}).status_code == 403
    assert client.get(f"/cases/list.csv?api_key={secret}").status_code in (302, 401), "not in an address"
    assert client.post("/logout", headers=bearer).status_code == 400, "forms are for pages"
    assert client.get_cookie("session") is None or "_user_id" not in str(client.get_cookie("session"))
