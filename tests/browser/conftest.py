"""A real Chromium in front of a running server; whatever it complains about fails the test."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from gis.cluster import ClusterUrls
from gis.machine import chromium, mend
from gis.settings import ROOT
from tests import fabrics
from tests.browser.drawing import begin
from tests.conftest import PASSWORD

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-accelerated-2d-canvas", "--disable-dev-shm-usage",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
WAIT = 30_000
OUR_OWN = "Multiple readback operations using getImageData"
"""What the browser says of the tests themselves: they look at the pixels."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def address(urls: ClusterUrls, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the tiny district, with the suite's clock and every guard on."""
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "tests.browser.serve", urls.app]
    with (
        log.open("w") as said,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True) as server,
    ):
        assert server.stdout is not None
        told = server.stdout.readline().strip()
        assert told.startswith("http://"), log.read_text()
        yield told
        server.terminate()
    wrong = re.findall(r"^Traceback.*?^(?=\S)(?!Traceback).*?$", log.read_text(), re.S | re.M)
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.fail(f"Chromium is not installed; this mends it: {mend('Chromium')}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


@dataclass
class Complaints:
    """What a page asked of other hosts, and what the browser said of it."""

    elsewhere: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def listen(self, page: Page, address: str) -> None:
        page.on("request", lambda request: self.request(request.url, address))
        page.on("console", lambda message: self.console(message.type, message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("response", lambda r: r.status >= 400 and self.refused.append(f"{r.status} {r.url}"))

    def console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and OUR_OWN not in text:
            self.said.append(text)

    def request(self, url: str, address: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob", "about") and not url.startswith(address + "/"):
            self.elsewhere.append(url)


@dataclass
class Seats:
    """Contexts that one test after the other sits down at: what a page keeps is cleared, what it fetched stays."""

    browser: Browser
    address: str
    free: dict[tuple[int, int], list[BrowserContext]] = field(default_factory=lambda: defaultdict(list))

    def take(self, size: dict[str, int]) -> BrowserContext:
        """Return a context with a screen of a size; that of a phone can be touched."""
        waiting = self.free[size["width"], size["height"]]
        if waiting:
            return waiting.pop()
        return self.browser.new_context(viewport=size, base_url=self.address, has_touch=size is PHONE, locale="zh-CN")

    def leave(self, context: BrowserContext, size: dict[str, int]) -> None:
        """Clear a context for the next test."""
        for page in context.pages:
            page.close()
        context.set_offline(False)
        context.clear_permissions()
        context.clear_cookies()
        page = context.new_page()
        kept = {"origin": self.address, "storageTypes": "local_storage,indexeddb,cache_storage"}
        context.new_cdp_session(page).send("Storage.clearDataForOrigin", kept)
        page.close()
        self.free[size["width"], size["height"]].append(context)


@pytest.fixture(scope="session")
def seats(browser: Browser, address: str) -> Seats:
    return Seats(browser, address)


OPEN = Callable[..., Page]


@pytest.fixture
def complaints() -> Complaints:
    """What is complained about during a test; one that provokes it takes it out again."""
    return Complaints()


@pytest.fixture(scope="session")
def entered() -> dict[str, Any]:
    """Account → the cookies that it got when it logged in last: most tests are about what comes after that."""
    return {}


@pytest.fixture
def visit(seats: Seats, complaints: Complaints, entered: dict[str, Any]) -> Iterator[OPEN]:
    """Open a page of the server, as an account or as nobody; at the end nothing may have been complained about."""
    taken = []

    def visit_page(path: str, account: str | None = "town_manager", size: dict[str, int] = DESKTOP) -> Page:
        context = seats.take(size)
        taken.append((context, size))
        page = context.new_page()
        page.set_default_timeout(WAIT)
        complaints.listen(page, seats.address)
        context.add_cookies(entered.get(account or "", []))
        page.goto(path)
        if account and "/login" in page.url:
            log_in(page, account, path)
            entered[account] = context.cookies()
        elif account and urlsplit(page.url).path == "/map":
            painted(page)
        return page

    yield visit_page
    for each in taken:
        seats.leave(*each)
    assert complaints.elsewhere == [], "a page asked another host"
    assert complaints.said == [], "the browser complained"
    assert complaints.refused == [], "the server refused something that a page asks for"


@pytest.fixture
def desk(visit: OPEN, village: fabrics.Village) -> Page:
    """The editor over a plan that has just begun in the village of the module."""
    page = visit("/plans/", "planner")
    begin(page, village.code)
    return page


def log_in(page: Page, account: str, path: str = "/map") -> None:
    """Log in by the form, and wait until the map stands when the path leads to one."""
    page.goto(path)
    page.fill("#name", account)
    page.fill("#password", PASSWORD)
    page.click("button.button-primary")
    page.wait_for_url(lambda url: "/login" not in url)
    if urlsplit(page.url).path == "/map":
        painted(page)


def painted(page: Page) -> None:
    """Wait until everything that was asked for is painted."""
    page.wait_for_selector("html[data-painted=true]", state="attached")
