"""Open311: a client written from the specification reports and follows cases; what it may not see never leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from gis import tokens, users
from gis.audit import AuditEntry
from gis.boundaries import GridOutline
from gis.cases import CATEGORIES, Case
from gis.errors import Invalid
from gis.settings import Settings
from gis.viewer import Viewer, system
from tests.conftest import DAY, NOW
from tests.webapp.open311_client import Client, Refused
from webapp import create_app, login

Spot = dict[str, str]


@pytest.fixture
def http(connection: Connection, session: Session, settings: Settings) -> FlaskClient:
    """A program's client: forms need their token everywhere else, so the guard against forgery is on."""
    return create_app(settings, connection, now=lambda: NOW).test_client()


@pytest.fixture
def key(session: Session) -> Callable[[str], str]:
    def made(name: str) -> str:
        session.execute(text("RESET ROLE"))
        return tokens.create(session, system(DAY), name, "test", NOW)[1]

    return made


@pytest.fixture(params=["json", "xml"])
def client(request: pytest.FixtureRequest, http: FlaskClient, key: Callable[[str], str]) -> Client:
    return Client(http, key("intake"), request.param)


@pytest.fixture
def spot(session: Session, viewer_as: Callable[[str], Viewer]) -> Spot:
    code = viewer_as("grid_worker").territory.codes[0]
    middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
    lon, lat = session.execute(middle.where(GridOutline.code == code, GridOutline.valid.contains(DAY))).one()
    return {"long": str(lon), "lat": str(lat)}


def report(client: Client, spot: Spot, **given: Any) -> str:
    words = {
        "service_code": "environment",
        "description": "路口有三袋建筑垃圾。已堆两天。",
        "address_string": "海棠路 8 号",
    }
    return str(client.post(**{**words, **spot, **given})["service_request_id"])


def test_services_and_their_definitions(client: Client) -> None:
    assert [each["service_code"] for each in client.services()] == list(CATEGORIES)
    (urgency,) = client.definition("environment")["attributes"]
    assert [value["key"] for value in urgency["values"]] == ["normal", "urgent"]
    with pytest.raises(Refused) as found:
        client.definition("nothing")
    assert found.value.status == 404


def test_a_report_comes_in_and_is_followed(client: Client, spot: Spot, session: Session) -> None:
    number = report(client, spot, **{"attribute[urgency]": "urgent"})
    assert client.token(number) == number
    found = client.request(number)
    assert found == next(each for each in client.requests() if each["service_request_id"] == number)
    assert (found["status"], found["service_code"], found["address"]) == ("open", "environment", "海棠路 8 号")
    assert "已堆两天" in found["description"]
    assert abs(float(found["lat"]) - float(spot["lat"])) < 1e-5, "its own report"
    session.execute(text("RESET ROLE"))
    case = session.scalars(select(Case).where(Case.case_no == number)).one()
    assert (case.title, case.urgency, case.source, case.status) == (
        "路口有三袋建筑垃圾",
        "urgent",
        "resident_app",
        "reported",
    )


def test_words_of_persons_are_dropped_and_it_is_said(client: Client, spot: Spot, session: Session) -> None:
    persons = {"first_name": "小明", "last_name": "张", "phone": "13812345678", "email": "a@example.org",
               "device_id": "d", "account_id": "a", "media_url": "http://example.org/a.jpg"}  # fmt: skip
    made = client.post(service_code="environment", description="井盖松动", **spot, **persons)
    for name in ("first_name", "phone", "email", "media_url"):
        assert name in made["service_notice"]
    session.execute(text("RESET ROLE"))
    stored = session.execute(text("SELECT to_jsonb(c)::text FROM cases c WHERE case_no = :no"),
                             {"no": made["service_request_id"]}).scalar_one()  # fmt: skip
    assert not [value for value in persons.values() if value in stored and len(value) > 1]
    with pytest.raises(Refused) as found:
        report(client, spot, description="请拨打13812345678")
    assert found.value.status == 422


def test_filters_window_and_pages(client: Client, spot: Spot) -> None:
    numbers = [report(client, spot) for _ in range(3)]
    everything = client.requests()
    assert 0 < len(everything) <= 1000
    assert all(each["requested_datetime"] >= "2026-08-20" for each in everything), "the last 90 days"
    by_status = {name: client.requests(status=name) for name in ("open", "closed")}
    assert sum(map(len, by_status.values())) == len(everything)
    assert {each["status"] for each in by_status["closed"]} == {"closed"}
    assert all(each["status_notes"] for each in everything)
    assert [each["service_request_id"] for each in client.requests(service_request_id=",".join(numbers[:2]))] == [
        numbers[1], numbers[0]]  # fmt: skip
    assert len(client.requests(service_code="inquiry,suggestion")) < len(everything)
    old = client.requests(start_date="2026-06-01T00:00:00Z", end_date="2026-06-30T00:00:00Z")
    assert all("2026-06" in each["requested_datetime"] for each in old)
    assert [each["service_request_id"] for each in client.requests(page_size="2", page="1")] == numbers[:0:-1]
    assert client.requests(page_size="2", page="2")[0]["service_request_id"] == numbers[0]


@pytest.mark.parametrize("wrong", [
    {"status": "fixed"}, {"start_date": "yesterday"}, {"page": "0"}, {"page_size": "5000"},
    {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
])  # fmt: skip
def test_what_cannot_be_asked_is_a_400(client: Client, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused) as found:
        client.requests(**wrong)
    assert found.value.status == 400


@pytest.mark.parametrize(("wrong", "status"), [
    ({"lat": ""}, 400), ({"lat": "x"}, 400), ({"long": "181"}, 400), ({"description": ""}, 400),
    ({"service_code": ""}, 400), ({"description": "x"}, 400),
    ({"service_code": "parking"}, 404), ({"lat": "1", "long": "1"}, 400), ({"description": "长" * 1001}, 400),
    ({"attribute[urgency]": "very"}, 400),
])  # fmt: skip
def test_a_report_that_is_wrong_is_refused(client: Client, spot: Spot, wrong: Spot, status: int) -> None:
    before = len(client.requests())
    with pytest.raises(Refused) as found:
        report(client, spot, **wrong)
    assert found.value.status == status
    assert len(client.requests()) == before


def test_without_a_good_key_nothing_is_told(client: Client, spot: Spot, session: Session) -> None:
    good = client.key
    for bad in ("", "wg_nothing", good[:-1], "x" * 500):
        client.key = bad
        for ask in (client.services, client.requests, lambda: report(client, spot)):
            with pytest.raises(Refused) as found:
                ask()
            assert found.value.status == 403
    client.key = ""
    bearer = client.http.get("/open311/v2/services.json", headers={"Authorization": f"Bearer {good}"})
    assert bearer.status_code == 200
    session.execute(text("RESET ROLE"))
    tokens.revoke(session, system(DAY), session.scalars(select(func.max(tokens.Token.id))).one(), NOW)
    client.key = good
    with pytest.raises(Refused):
        client.services()


def test_a_role_without_the_right_reports_nothing(http: FlaskClient, key: Callable[[str], str], spot: Spot) -> None:
    for name in ("planner", "auditor", "town_manager"):
        with pytest.raises(Refused) as found:
            report(Client(http, key(name)), spot)
        assert found.value.status == 403


def test_restricted_cases_never_leave_and_places_are_rounded(http: FlaskClient, key: Callable[[str], str], spot: Spot,
                                                            session: Session) -> None:  # fmt: skip
    intake, town = Client(http, key("intake")), Client(http, key("town_manager"))
    dispute = report(intake, spot, service_code="dispute", description="楼上漏水纠纷")
    for client in (intake, town, Client(http, key("dispatcher"))):
        with pytest.raises(Refused) as found:
            client.request(dispute)
        assert found.value.status == 404
        assert client.requests(service_request_id=dispute) == []
        assert {each["service_code"] for each in client.requests()} & {"dispute", "livelihood"} == set()
    exact = {each["service_request_id"]: each for each in town.requests(status="open")}
    rounded = {each["service_request_id"]: each for each in intake.requests(status="open")}
    assert set(exact) == set(rounded), "the same town"
    assert exact
    for number, each in rounded.items():
        assert each["description"] is None
        assert each["address"] is None
        for axis in ("lat", "long"):
            assert round(each[axis], 3) == each[axis]
            assert abs(each[axis] - exact[number][axis]) <= 0.00051


def test_a_token_keeps_its_last_day_and_no_more(client: Client, session: Session) -> None:
    client.services()
    session.execute(text("RESET ROLE"))
    token = session.scalars(select(tokens.Token).order_by(tokens.Token.id.desc()).limit(1)).one()
    session.refresh(token, ["last_used_on", "hash"])
    assert token.last_used_on == DAY
    assert client.key not in token.hash


def test_too_many_in_a_minute_have_to_wait(http: FlaskClient, key: Callable[[str], str],
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(login.limiter, "enabled", True)
    login.limiter.reset()
    client = Client(http, key("intake"))
    answers = [client.http.get("/open311/v2/services.json", query_string={"api_key": client.key}) for _ in range(121)]
    assert {each.status_code for each in answers[:120]} == {200}
    assert answers[120].status_code == 429
    assert answers[120].get_json()[0]["code"] == 429
    login.limiter.reset()


def newest(session: Session, action: str) -> Any:
    session.execute(text("RESET ROLE"))
    rows = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id.desc()).limit(1)
    return session.scalars(rows).one_or_none()


def test_what_is_taken_away_is_in_the_log(client: Client, spot: Spot, session: Session) -> None:
    number = report(client, spot)
    rows = len(client.requests(status="open"))
    entry = newest(session, "request.export")
    assert (entry.user_name, entry.detail["rows"], entry.detail["filter"]) == ("intake", rows, {"status": "open"})
    client.request(number)
    entry = newest(session, "request.export")
    assert (entry.subject, entry.detail["rows"]) == (number, 1)
    assert client.key not in str(entry.detail)


def test_a_report_that_is_sent_again_is_stored_once(client: Client, spot: Spot, session: Session,
                                                    key: Callable[[str], str]) -> None:  # fmt: skip
    def send(word: str, **headers: str) -> Any:
        words = {"api_key": client.key, "service_code": "environment", "description": word, **spot}
        return client.http.post(f"/open311/v2/requests.{client.form}", data=words, headers=headers)

    first, again = (send("井盖松动", **{"Idempotency-Key": "a-1"}) for _ in range(2))
    assert (first.status_code, first.data) == (201, again.data)
    assert send("井盖松动", **{"Idempotency-Key": "a-2"}).data != first.data
    assert send("井盖松动", **{"Idempotency-Key": "x" * 201}).status_code == 400
    client.key = key("dispatcher")
    assert send("井盖松动", **{"Idempotency-Key": "a-1"}).data != first.data, "another account's key is another one"


def test_a_report_of_a_restricted_service_says_that_it_is_not_told_again(client: Client, spot: Spot) -> None:
    words = {"description": "楼上漏水纠纷", **spot}
    assert "受限" in client.post(service_code="dispute", **words)["service_notice"]
    assert client.post(service_code="environment", **words)["service_notice"] is None


@pytest.mark.parametrize("end", ["password", "close"])
def test_a_token_ends_with_its_accounts_password_and_with_the_account(end: str, client: Client,
                                                                      session: Session) -> None:  # fmt: skip
    client.services()
    session.execute(text("RESET ROLE"))
    if end == "password":
        users.set_password(session, system(DAY), "intake", "another long password")
    else:
        for active in (False, True):
            users.set_active(session, system(DAY), "intake", active)
    session.flush()
    with pytest.raises(Refused) as found:
        client.services()
    assert found.value.status == 403


def test_a_token_outlives_a_log_out_and_ends_after_its_last_day(client: Client, session: Session) -> None:
    session.execute(text("RESET ROLE"))
    users.log_out(session, users.viewer_of(session, users.named(session, "intake").id, DAY))
    client.services()
    session.execute(text("RESET ROLE"))
    token, secret = tokens.create(session, system(DAY), "intake", "short", NOW, days=1)
    assert token.expires_on == DAY + timedelta(days=1)
    assert tokens.bearer(session, secret, token.expires_on) is not None
    assert tokens.bearer(session, secret, token.expires_on + timedelta(days=1)) is None
    for days in (0, tokens.LONGEST + 1):
        with pytest.raises(Invalid):
            tokens.create(session, system(DAY), "intake", "never", NOW, days=days)


def test_many_wrong_tokens_have_to_wait(
    http: FlaskClient, key: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login.limiter, "enabled", True)
    login.limiter.reset()
    good = {"api_key": key("intake")}
    assert http.get("/open311/v2/services.json", query_string=good).status_code == 200
    wrong = [http.get("/open311/v2/services.json?api_key=wg_wrong").status_code for _ in range(201)]
    assert (set(wrong[:200]), wrong[200]) == ({403}, 429)
    assert http.get("/cases/", headers={"Authorization": "Bearer wg_wrong"}).status_code == 429
    login.limiter.reset()


def test_the_endpoint_describes_itself(client: Client) -> None:
    found = client.ask(f"/open311/discovery.{client.form}").data
    assert b"/open311/v2" in found and b"http://wiki.open311.org/GeoReport_v2" in found  # noqa: PT018
    assert client.http.get("/open311/discovery.json").status_code == 403
