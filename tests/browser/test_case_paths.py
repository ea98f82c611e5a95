"""The day of a grid manager in a browser: the stand-up, the street, the disputed case, many at a time, two at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, func, select, text

from gis.boundaries import GridOutline
from gis.database import transaction
from tests.browser.conftest import OPEN, PHONE, Complaints, painted
from tests.conftest import DAY
from tests.leftovers import swept

GRID = "999901100001002"
OFFLINE = re.compile("ERR_INTERNET_DISCONNECTED|Failed to fetch")
Spot = dict[str, float]


@pytest.fixture(autouse=True)
def tidy(engine: Engine) -> Iterator[None]:
    """What a test commits is gone after it."""
    with swept(engine):
        yield


@pytest.fixture
def spot(engine: Engine) -> Spot:
    """The middle of the worker's grid."""
    middle = select(func.st_x(GridOutline.centre), func.st_y(GridOutline.centre))
    with transaction(engine) as session:
        lon, lat = session.execute(middle.where(GridOutline.code == GRID, GridOutline.valid.contains(DAY))).one()
    return {"longitude": lon, "latitude": lat}


def counts(page: Page) -> dict[str, int]:
    """What the states above the list say."""
    found = page.locator(".states .state").all()
    return {re.findall(r"state-(\w+)", each.get_attribute("class") or "")[0]:
            int(each.locator("strong").inner_text().replace(",", "")) for each in found}  # fmt: skip


def figure(page: Page, name: str) -> int:
    """A figure of the map's header by its Chinese name."""
    told = page.locator("#figures > li", has_text=name).first.inner_text()
    return int(re.findall(r"\n\s*([\d,]+)", told)[0].replace(",", ""))


def test_the_stand_up_says_one_number_everywhere(visit: OPEN) -> None:
    """Scenario 1: what is open, late, due today and due soon, on map, list, badges, grids and CSV."""
    page = visit("/map?theme=cases&measure=due_soon")
    named = (("open", "在办"), ("overdue", "超期"), ("due_today", "今日到期"), ("due_soon", "即将到期"))
    header = {name: figure(page, label) for name, label in named}
    for name in ("overdue", "due_soon"):
        expect(page.locator(f"[data-count={name}]")).to_have_text(str(header[name]))
        told = page.evaluate("async (name) => (await fetch(`/map/figures?theme=cases&measure=${name}`)).json()", name)
        assert sum(value or 0 for value, *_rest in told["values"].values()) == header[name], "the grids together"
    expect(page.locator("#legend")).to_contain_text("即将到期")
    expect(page.locator("#clusters-of")).to_have_attribute("href", re.compile(r"^/cases/clusters"))
    page.click("#in-view")
    page.wait_for_url("**/cases/?**bbox**")
    page.goto("/cases/")
    listed = counts(page)
    assert {name: listed[name] for name in header} == header
    for name in header:
        sent = page.request.get(f"/cases/list.csv?state={name}").text().lstrip("\ufeff")
        assert len(list(csv.reader(io.StringIO(sent)))) - 1 == header[name]
    page.goto(f"/map?theme=cases&area=999901100001&grid={GRID}")
    painted(page)
    expect(page.locator("#card .case-list .sub").first).to_be_visible()
    ages = [
        int(re.findall(r"已 (\d+) 天", each)[0]) for each in page.locator("#card .case-list .sub").all_inner_texts()
    ]
    assert ages
    assert ages == sorted(ages, reverse=True), "the oldest first"


def at_place(page: Page, spot: Spot) -> None:
    """Stand there: the telephone knows where it is."""
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({**spot, "accuracy": 5})
    page.tap("#report-here")
    expect(page.locator("#place strong")).to_contain_text("第二网格")


def test_on_the_street_with_a_dead_network(visit: OPEN, spot: Spot, complaints: Complaints) -> None:
    """Scenario 2 at 390 px without a mouse: the place, what is known, a report that outlives the network, once."""
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    page.get_by_label("环境卫生", exact=True).tap()
    expect(page.locator("#place")).to_contain_text("权责清单")
    page.locator("#title").tap()
    page.keyboard.type("路口垃圾")
    page.context.set_offline(True)
    page.locator("#send").tap()
    expect(page.locator("#report .message-error")).to_contain_text("没有网络")
    assert page.input_value("#title") == "路口垃圾"
    complaints.said = [each for each in complaints.said if not OFFLINE.search(each)]
    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    expect(page.locator("h1")).to_have_text("路口垃圾")
    address = page.url
    page.goto("/cases/new")
    assert page.input_value("#title") == "", "nothing is left on the telephone"
    at_place(page, spot)
    page.get_by_label("环境卫生", exact=True).tap()
    near = page.locator(".place-near a", has_text="路口垃圾")
    expect(near).to_have_count(1)
    near.tap()
    page.wait_for_url(address)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    the_same_again(page, spot, address)


def the_same_again(page: Page, spot: Spot, address: str) -> None:
    """Report the same thing as the case at an address, and find each linked on the other's page."""
    number = address.rsplit("/", 1)[1]
    page.goto("/cases/new")
    at_place(page, spot)
    page.get_by_label("环境卫生", exact=True).tap()
    page.get_by_label(f"与 {number} 号是同一件事").tap()
    page.locator("#title").fill("又见路口垃圾")
    page.locator("#send").tap()
    page.wait_for_url(re.compile(rf"/cases/(?!{number})\d+$"))
    again = page.url
    expect(page.locator("main")).to_contain_text("重复")
    page.locator(f"main a[href$='/cases/{number}']").first.tap()
    page.wait_for_url(address)
    expect(page.locator(f"main a[href$='{again.rsplit('/', 1)[1]}']").first).to_be_visible()


def test_a_draft_survives_that_the_page_is_left(visit: OPEN, spot: Spot) -> None:
    page = visit("/cases/new", "grid_worker", PHONE)
    at_place(page, spot)
    page.locator("#title").tap()
    page.keyboard.type("井盖松动")
    page.goto("/cases/?state=open")
    page.goto("/cases/new")
    assert page.input_value("#title") == "井盖松动"
    expect(page.locator("#notices")).to_contain_text("还没有发出")
    expect(page.locator("#place strong")).to_contain_text("第二网格")
    page.evaluate("localStorage.clear()")


def test_outside_every_grid_is_said_and_the_nearest_named(visit: OPEN, spot: Spot) -> None:
    page = visit(f"/cases/new?lat={spot['latitude']}&lng={spot['longitude'] + 0.2}", "grid_worker")
    expect(page.locator("#place")).to_contain_text("最近的是")
    expect(page.locator("#send")).to_be_disabled()


def report(page: Page, spot: Spot, title: str, category: str = "物业报修") -> str:
    """Report a case, and return its address."""
    page.goto(f"/cases/new?lat={spot['latitude']}&lng={spot['longitude']}")
    expect(page.locator("#place strong")).to_be_visible()
    page.get_by_label(category, exact=True).check()
    page.fill("#title", title)
    page.click("#send")
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    return page.url


def step(page: Page, title: str, **fields: str) -> None:
    """Take a step on the page of a case, with what it needs."""
    button = page.locator("#steps button", has_text=re.compile(f"^{re.escape(title)}$"))
    if button.count():
        return button.first.click()
    form = page.locator("#steps details", has=page.locator("summary", has_text=re.compile(f"^{re.escape(title)}$")))
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        field.select_option(value) if field.evaluate("each => each.tagName") == "SELECT" else field.fill(value)
    return form.locator("button").click()


def done(page: Page, title: str, **fields: str) -> None:
    step(page, title, **fields)
    expect(page.locator(".message-success")).to_contain_text(title)


def test_a_disputed_case_with_its_reasons_and_its_clock(visit: OPEN, spot: Spot, engine: Engine) -> None:
    """Scenario 3: the duty list suggests, a return needs a reason, the log has all of it, the limit skips a holiday."""
    with engine.begin() as connection:
        kept = connection.execute(
            text("DELETE FROM calendar_days WHERE day IN ('2026-11-20', '2026-11-21') RETURNING *")
        ).all()
        connection.execute(
            text("INSERT INTO calendar_days VALUES ('2026-11-20', 'holiday', ''), ('2026-11-21', 'workday', '')")
        )
    try:
        page = visit("/cases/?state=open", "dispatcher")
        report(page, spot, "屋面渗漏")
        for title in ("受理", "立案"):
            done(page, title)
        offered = page.locator("#steps input[name=duty]")
        assert offered.count() >= 3, "an entry for each level"
        expect(page.locator("#steps fieldset").first).to_contain_text("3 个工作日")
        done(page, "派遣")
        expect(page.locator(".case-facts")).to_contain_text("2026-11-23 17:30"), "Thursday, the worked Saturday, Monday"
        step(page, "退单（非本单位职责）")
        expect(page.locator(".status")).to_have_text("已派遣"), "without a reason nothing happens"
        done(page, "退单（非本单位职责）", reason="属于房屋维修资金范围")
        done(page, "派遣")
        log = page.locator(".timeline").inner_text()
        for told in ("已上报", "受理", "立案", "派遣", "退单", "属于房屋维修资金范围"):
            assert told in log, told
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM calendar_days WHERE day IN ('2026-11-20', '2026-11-21')"))
            for row in kept:
                connection.execute(text("INSERT INTO calendar_days VALUES (:day, :kind, :name)"), row._asdict())


def test_the_second_keeps_what_was_typed(visit: OPEN, spot: Spot, complaints: Complaints) -> None:
    first, second = visit("/cases/?state=open", "dispatcher"), visit("/cases/?state=open", "village_manager")
    address = report(first, spot, "楼道堆物", "安全隐患")
    second.goto(address)
    done(first, "受理")
    step(second, "不予受理", reason="不属于本社区的职责范围")
    expect(second.locator(".message-error")).to_contain_text("dispatcher 已办理“受理”")
    assert second.locator("#steps [name=reason]:visible").input_value() == "不属于本社区的职责范围"
    complaints.said.clear()
    assert [each.split()[0] for each in complaints.refused] == ["409"]
    complaints.refused.clear()
    second.reload()
    assert second.locator("#steps [name=reason]:visible").input_value() == "不属于本社区的职责范围"
    step(second, "不予受理")
    expect(second.locator(".status")).to_have_text("不予受理")


def test_many_are_chosen_by_keyboard_and_urged(visit: OPEN) -> None:
    page = visit("/cases/?state=open", "dispatcher")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#many-count")).to_have_text("2")
    titles = page.locator("tr.row-chosen a.case-name").all_inner_texts()
    assert len(titles) == 2
    page.locator(".many-menu summary", has_text="催办").click()
    page.locator(".many-menu button", has_text="催办").click()
    expect(page.locator(".message-success")).to_contain_text("已对 2 个案件办理：催办")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("[data-key='/']")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cases/\d+$"))


def test_a_view_is_kept_and_opens_first(visit: OPEN) -> None:
    page = visit("/cases/?state=open", "dispatcher")
    page.goto("/cases/?state=open&category=environment")
    page.locator(".views-menu summary").click()
    page.fill("#view-label", "环境")
    page.locator(".views-menu button", has_text="保存").click()
    expect(page.locator(".view[aria-current]")).to_have_text("环境")
    page.locator(".views-menu summary").click()
    page.locator(".views-menu button", has_text="设为默认").click()
    expect(page.locator(".message-success")).to_be_visible()
    page.goto("/cases/")
    assert "category=environment" in page.url
    page.locator(".views-menu summary").click()
    page.locator(".view-row button", has_text="删除").click()
    expect(page.locator(".message-success")).to_be_visible()
