"""The summary's HTML file in a real browser: axe, the keyboard, a narrow screen, dark, no request."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from bench.summary_speed import invented
from classifiers.reference import load_reference
from monitor.i18n import Translator
from monitor.summary.document import Document
from monitor.summary.html import render_html
from monitor.summary.report import report
from tests.unit.summary_document import document

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_api.sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield started
        started.close()


def invented_week(language: str) -> Document:
    reference = load_reference(Path(__file__).resolve().parents[2] / "labels")
    return report(invented(reference, articles=60), "full", reference, Translator(language))


def opened(
    browser: "Browser", folder: Path, made: Document | None = None, **context: Any
) -> "Page":
    path = folder / "summary.html"
    path.write_text(render_html(made or document("fi")), encoding="utf-8")
    # the page's own policy would keep axe out as well
    page = browser.new_context(bypass_csp=True, **context).new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("make", [document, invented_week])
def test_axe_finds_nothing(
    browser: "Browser",
    tmp_path: Path,
    make: Callable[[str], Document],
    language: str,
    scheme: Literal["light", "dark"],
) -> None:
    page = opened(browser, tmp_path, make(language), color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(page)
    assert found.response["passes"]
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_a_narrow_screen_scrolls_tables_only(browser: "Browser", tmp_path: Path) -> None:
    page = opened(browser, tmp_path, invented_week("fi"), viewport={"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.context.close()


def test_it_is_read_by_keyboard_alone(browser: "Browser", tmp_path: Path) -> None:
    page = opened(browser, tmp_path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    page.context.close()


def test_it_asks_for_nothing_and_runs_nothing(browser: "Browser", tmp_path: Path) -> None:
    asked: list[str] = []
    path = tmp_path / "a.html"
    path.write_text(render_html(document("sv")), encoding="utf-8")
    page = browser.new_context().new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    page.context.close()
