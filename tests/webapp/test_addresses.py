"""What an address may say: full-width signs are folded, nonsense is refused in a sentence, and nothing is a 500."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

VILLAGE = "999901100201"
WIDE = str.maketrans("0123456789-,.", "０１２３４５６７８９－，．")
NONSENSE = ("xxx", "１２", "\0", "٩٩٩٩٠١١٠٠٢٠١", "²" * 12, "9" * 40, "'", "%", "🀄", "-1", "nan", "inf")


def wide(text: str) -> str:
    return quote(text.translate(WIDE))


def test_full_width_signs_mean_what_they_look_like(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    plain = f"area={VILLAGE}&date=2026-06-01&bbox=120.5,31.5,121.5,33.0"
    same = f"area={wide(VILLAGE)}&date={wide('2026-06-01')}&bbox={wide('120.5,31.5,121.5,33.0')}"
    for path in ("/layers/grids.csv?purpose=x&", "/map/territory?", "/map/search?q=网格&"):
        one, other = client.get(path + plain), client.get(path + same)
        assert (one.status_code, other.status_code) == (200, 200), other.text
        assert one.get_data() == other.get_data()
    assert client.get(f"/layers/buildings.geojson?purpose=x&grid_code={wide(VILLAGE + '003')}").status_code == 200
    assert client.get(f"/map/card/{wide(VILLAGE + '003')}").status_code == 200
    header = client.get(f"/layers/grids.csv?purpose=x&{same}").headers["Content-Disposition"]
    assert header.isascii()
    assert VILLAGE in header


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_a_sentence_and_never_a_fault(value: str, client_as: Callable[[str], FlaskClient]) -> None:
    client, said = client_as("town_manager"), quote(value, safe="")
    for path in ("/layers/grids.csv?purpose=x&", "/map/figures?", "/map?"):
        for name in ("area", "date", "bbox") if "layers" in path else ("area", "date"):
            answer = client.get(f"{path}{name}={said}")
            assert answer.status_code in (400, 404), (path, name, answer.status_code)
    wrong = ("/map/card/{}", "/areas/{}", "/map?grid={}", "/map/identify?lng={}&lat=x")
    for path in wrong:
        assert client.get(path.format(said)).status_code in (400, 404), path
    odd = (
        "/tiles/grids/{}/1/1.mvt",
        "/map/search?q={}",
        "/map?at={}",
        "/audit?page={}",
        "/map/identify?lng=120&lat=32&z={}",
    )
    files = ("buildings.csv?code={}&purpose=x", "organisations.csv?tier={}&purpose=x", "gaps.csv?purpose=x{}")
    for path in (*odd, *(f"/layers/{file}" for file in files)):
        assert client.get(path.format(said)).status_code < 500, path


@pytest.mark.parametrize("code", ["xxx", "12", VILLAGE, "999901100201000", "%20"])
def test_a_card_that_is_none_is_not_found(code: str, client_as: Callable[[str], FlaskClient]) -> None:
    assert client_as("town_manager").get(f"/map/card/{code}").status_code == 404


def state_of(page: str) -> dict[str, object]:
    found = re.search(r'id="map-config"[^>]*>(.*?)</script>', page, re.S)
    assert found is not None
    config: dict[str, object] = json.loads(found.group(1))["state"]
    return config


@pytest.mark.parametrize("view", ["99/0/0", "14/95/120", "14/32/999", "14/0/0", "a/b/c", "14/32", "14/32/120/1"])
def test_a_view_that_cannot_be_falls_back_to_the_territory(view: str, client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("town_manager")
    assert state_of(client.get(f"/map?at={view}").text)["at"] is None
    assert state_of(client.get("/map?at=14.5/32.4/120.8").text)["at"] == "14.5/32.4/120.8"


def test_the_box_of_an_area_above_is_that_of_the_own_part(client_as: Callable[[str], FlaskClient]) -> None:
    leader, manager = client_as("grid_leader"), client_as("town_manager")
    own = leader.get("/map/territory?area=999901100001001").get_json()["bounds"]
    assert leader.get("/map/territory?area=999901100000").get_json()["bounds"] == own
    (south, west), (north, east) = manager.get("/map/territory?area=999901100000").get_json()["bounds"]
    assert south <= own[0][0] <= own[1][0] <= north
    assert west <= own[0][1] <= own[1][1] <= east
    assert [[south, west], [north, east]] != own


@pytest.mark.parametrize("address", [
    "/cases/?until=9999-12-31", "/cases/?since=0001-01-01", "/meetings/?month=9999-12",
    "/meetings/?view=week&from=9999-12-31", "/cases/%00", "/cases/?text=%00", "/plans/?page=99999999999999999999",
])  # fmt: skip
def test_what_lies_out_of_any_range_is_said_and_no_fault(client_as: Callable[[str], FlaskClient], address: str) -> None:
    answer = client_as("town_manager").get(address)
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 200) == address.startswith("/plans/")


@pytest.mark.parametrize("path", ["/figures/", "/figures/table.csv", "/figures/report", "/visits/coverage", "/forces/"])
def test_the_own_part_of_a_larger_area_stands_under_its_own_name(
    client_as: Callable[[str], FlaskClient], path: str
) -> None:
    client = client_as("village_manager")
    own = client.get(path)
    for above in ("999901000000", "999901100000"):
        answer = client.get(f"{path}?area={above}")
        assert answer.status_code == own.status_code
        heads = [re.search("<h1>.*?</h1>", each.text, re.S) for each in (own, answer)]
        assert heads[0] is None or (heads[1] and heads[0][0] == heads[1][0])
        assert not path.endswith("csv") or answer.text == own.text


def test_the_list_of_cases_of_a_larger_area_is_that_of_the_own_one(client_as: Callable[[str], FlaskClient]) -> None:
    client = client_as("village_manager")
    pages = [client.get(f"/cases/?state=all{more}").text for more in ("", "&area=999901000000", "&area=999901100000")]
    crumbs = {re.sub("<[^>]*>", "", each.split('class="crumbs">')[1].split("</p>")[0]) for each in pages}
    assert len(crumbs) == 1
