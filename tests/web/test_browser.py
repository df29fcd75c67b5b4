"""The pages in a real browser: keyboard, narrow screens, zoom, and the grid against its table."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.service import listen
from tests.web.conftest import web_of
from tests.web.seed import TROUBLED, UNHEARD, WEEK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ADDRESSES = (
    "/", f"/regions/{TROUBLED}", f"/regions/{UNHEARD}", "/feeds", "/readiness",
    f"/readiness/{TROUBLED}", "/method", "/summary",
    "/queue", "/queue?view=list", "/queue/why?article=1", "/me/keys",
    "/articles?q=HUS", "/articles/1", "/labels", "/labels/agreement", "/labels/adjudicate", "/labels/suspects",
    "/labels/next", "/labels/codebook", "/labels/codebook/topic:ict",
    "/readiness/import", f"/summary/{WEEK}/edit", f"/summary/{WEEK}/compare", f"/summary/{WEEK}/send",
    f"/summary/{WEEK}/publish", f"/summary/{WEEK}/correct", "/accessibility", "/feedback", "/settings",
    "/models", "/models/drift", "/models/compare", "/jobs",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def address(seeded: Engine, reference: Reference) -> Iterator[str]:
    """The pages served on a free loopback port."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web_of(seeded, reference), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: "Browser", width: int = 1280, height: int = 800, **context: Any) -> "Page":
    return browser.new_context(viewport={"width": width, "height": height}, **context).new_page()


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize(
    ("width", "height"), [(375, 800), (640, 400)], ids=["375px", "200 percent of 1280"]
)
def test_no_page_scrolls_sideways(
    browser: "Browser", address: str, width: int, height: int, language: str
) -> None:
    page = opened(browser, width, height)
    for path in ADDRESSES:
        page.goto(f"{address}{path}?lang={language}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"
    page.goto(f"{address}/feeds?lang={language}")
    tables = "[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)"
    assert set(page.evaluate(tables)) == {0}, "a table of the feeds' page scrolls sideways"
    page.context.close()


def test_from_the_front_page_to_a_region_by_keyboard_alone(
    browser: "Browser", address: str
) -> None:
    page = opened(browser)
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        target = page.evaluate("document.activeElement.getAttribute('href') || ''")
        if f"/regions/{TROUBLED}" in target:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/regions/{TROUBLED}*")
    assert "Pohjois-Pohjanmaan" in page.inner_text("h1")
    page.context.close()


def test_tiles_are_links_of_the_keyboard_too_and_agree_with_the_table(
    browser: "Browser", address: str
) -> None:
    page = opened(browser)
    page.goto(f"{address}/?lang=sv")
    tiles = page.evaluate(
        """() => [...document.querySelectorAll('.tile-grid a')].map(a =>
             [a.getAttribute('href').match(/regions\\/(\\w+)/)[1],
              a.querySelector('.number, .missing').textContent, a.tabIndex])"""
    )
    assert len(tiles) == 23
    for code, number, tab in tiles:
        row = page.locator(f"tr[data-code='{code}']")
        strong = row.locator("b")
        shown = strong.first.inner_text() if strong.count() else "ej bedömd"
        assert (code, number, tab) == (code, shown, 0)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_load_nothing_they_may_not(browser: "Browser", address: str, scheme: str) -> None:
    page = opened(browser, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in (*ADDRESSES, f"/summary/{WEEK}"):
        page.goto(address + path)
    assert complaints == []
    page.context.close()


def test_letters_of_the_grid_stay_inside_their_tiles(browser: "Browser", address: str) -> None:
    page = opened(browser)
    for language in ("fi", "sv", "en"):
        for show in ("combined", "change"):
            page.goto(f"{address}/?lang={language}&show={show}")
            outside = page.evaluate(
                """() => [...document.querySelectorAll('.tile')].flatMap(tile => {
                     const face = tile.querySelector('.face').getBoundingClientRect();
                     return [...tile.querySelectorAll('text')].filter(t => {
                       const box = t.getBoundingClientRect();
                       return box.left < face.left || box.right > face.right + 0.5;
                     }).map(t => t.textContent) })"""
            )
            assert outside == [], (language, show)
    page.context.close()
