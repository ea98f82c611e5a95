"""Small refusals around a case: pictures of ended cases, numbers that are not used up, signs nobody sees, places."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.cases import CasePhoto
from gis.errors import Invalid
from gis.party import CouncilMeeting
from tests.conftest import DAY
from tests.webapp.desk import Enter
from tests.webapp.test_cases import act, picture, reported, sent, spot
from webapp.open311.asked import report_of

__all__ = ["spot"]


def photo() -> tuple[io.BytesIO, str]:
    return io.BytesIO(picture()), "a.jpg"


def test_a_case_that_ended_takes_no_picture_and_offers_none(
    enter: Enter, spot: dict[str, str], session: Session
) -> None:
    address, centre = reported(enter("grid_worker"), spot), enter("dispatcher")
    assert act(centre, address, "accept").status_code == 302
    assert "picture-form" in centre.get(address).text
    assert act(centre, address, "self_close", closure="resolved").status_code == 302
    answer = centre.post(f"{address}/photos", data={"photo": photo()})
    assert answer.status_code == 409
    assert "案件已了结" in answer.text
    assert "picture-form" not in centre.get(address).text
    session.execute(text("RESET ROLE"))
    assert session.scalar(select(func.count()).select_from(CasePhoto)) == 0


def test_a_report_that_repeats_another_brings_its_pictures(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    first = reported(client, spot)
    address = reported(client, spot, key="k", same=first.rsplit("/", 1)[1], photo=photo())
    assert "/cases/photos/" in client.get(address).text


def number(address: str) -> int:
    return int(address.rsplit("/", 1)[1])


def test_a_report_that_is_refused_uses_up_no_number(enter: Enter, spot: dict[str, str]) -> None:
    client = enter("grid_worker")
    first = number(reported(client, spot))
    for wrong in ({"title": ""}, {"meeting": "999999"}, {"same": "X"}, {"photo": (io.BytesIO(b"GIF89a"), "x.jpg")},
                  {"lng": "1", "lat": "1"}, {"council": "999999"}):  # fmt: skip
        assert sent(client, spot, **wrong).status_code >= 400, wrong
    assert number(reported(client, spot)) == first + 1


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\x07", "\ufeff"])
def test_signs_that_nobody_sees_are_refused(enter: Enter, spot: dict[str, str], sign: str) -> None:
    client = enter("grid_worker")
    for field in ("title", "description", "address"):
        answer = sent(client, spot, **{field: f"路口{sign}垃圾"})
        assert answer.status_code == 422, field
        assert "不可见" in answer.get_json()["error"]
    address = reported(client, spot, title="路口 垃圾　一堆")
    answer = act(enter("dispatcher"), address, "reject", reason=f"不属{sign}实")
    assert answer.status_code == 422


def test_a_place_that_was_not_sent_is_said_in_words_of_the_page(enter: Enter, spot: dict[str, str]) -> None:
    said = sent(enter("grid_worker"), {**spot, "lng": ""}).get_json()["error"]
    assert "lng" not in said
    assert "地图" in said


def council(session: Session, client: FlaskClient) -> int:
    """A council of the village manager's village without a case."""
    code = session.scalar(select(CouncilMeeting.area_code).limit(1))
    given = {"kind": "council", "area_code": str(code), "held_on": DAY.isoformat(), "about": "停车难"}
    answer = client.post("/meetings/", data=given)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_a_case_is_reported_from_a_council_and_is_on_its_page(
    enter: Enter, spot: dict[str, str], session: Session
) -> None:
    client = enter("village_manager")
    met = council(session, client)
    page = client.get(f"/meetings/{met}").text
    assert f"/cases/new?council={met // 2}" in page
    form = client.get(f"/cases/new?council={met // 2}").text
    assert f'name="council" value="{met // 2}"' in form
    assert 'value="council" selected' in form
    address = reported(client, spot, source="council", council=str(met // 2))
    page = client.get(f"/meetings/{met}").text
    assert address in page
    assert "/cases/new?council=" not in page, "a council has one case"
    assert sent(client, spot, source="council", council=str(met // 2)).status_code == 409
    assert sent(enter("grid_worker"), spot, source="council", council=str(met // 2)).status_code == 403


def test_a_program_is_told_that_one_sign_is_too_short_and_none_is_missing() -> None:
    spot = {"service_code": "environment", "long": "120.8", "lat": "32.4"}
    for description, said in (("x", "too short"), (" ", "missing")):
        with pytest.raises(Invalid) as found:
            report_of({**spot, "description": description}, None)
        assert said in found.value.message
