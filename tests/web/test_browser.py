"""Every page in a real browser: axe, narrow screens, zoom, keyboard, and the grid against its table."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.db.engine import open_engine, transaction
from monitor.db.jobs import enqueue
from monitor.service import listen
from monitor.settings import load_settings
from monitor.training.registry import shipped_versions
from tests.web.conftest import session_of, signed_in_as, token_of, web_of
from tests.web.review_store import fill
from tests.web.route_roles import NEEDS
from tests.web.seed import NOW, TROUBLED, UNHEARD, WEEK

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

VERSION = shipped_versions(load_settings({}).models_dir)["topic"]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ADDRESSES: dict[str, tuple[str, ...]] = {
    "/": ("/", "/?show=change"),
    "/accessibility": ("/accessibility",),
    "/alerts": ("/alerts",),
    "/articles": ("/articles", "/articles?q=yt-neuvottelut"),
    "/articles/{article_id:int}": ("/articles/1", "/articles/{card}"),
    "/audit": ("/audit",),
    "/feedback": ("/feedback",),
    "/feeds": ("/feeds",),
    "/jobs": ("/jobs",),
    "/jobs/{job_id:int}": ("/jobs/1",),
    "/labels": ("/labels",),
    "/labels/adjudicate": ("/labels/adjudicate",),
    "/labels/agreement": ("/labels/agreement",),
    "/labels/codebook": ("/labels/codebook",),
    "/labels/codebook/{label}": ("/labels/codebook/topic:ict",),
    "/labels/next": ("/labels/next",),
    "/labels/suspects": ("/labels/suspects",),
    "/me": ("/me",),
    "/me/keys": ("/me/keys",),
    "/method": ("/method",),
    "/models": ("/models",),
    "/models/compare": ("/models/compare",),
    "/models/drift": ("/models/drift",),
    "/models/{task}/{name}": ("/models/topic/{version}",),
    "/queue": ("/queue", "/queue?view=list", "/queue?text=puuttuu"),
    "/queue/why": ("/queue/why?article=1",),
    "/queue/{article_id:int}": ("/queue/{card}",),
    "/readiness": ("/readiness",),
    "/readiness/import": ("/readiness/import",),
    "/readiness/import/{number:int}": ("/readiness/import/{good}", "/readiness/import/{bad}"),
    "/readiness/{code}": (f"/readiness/{TROUBLED}",),
    "/regions": ("/regions", "/regions?view=groups", "/regions?view=topics"),
    "/regions/{code}": (f"/regions/{TROUBLED}", f"/regions/{UNHEARD}"),
    "/settings": ("/settings",),
    "/summary": ("/summary",),
    "/summary/{week}": (f"/summary/{WEEK}",),
    "/summary/{week}/compare": (f"/summary/{WEEK}/compare",),
    "/summary/{week}/correct": (f"/summary/{WEEK}/correct",),
    "/summary/{week}/edit": (f"/summary/{WEEK}/edit",),
    "/summary/{week}/preview/{level}/{language}": (
        f"/summary/{WEEK}/preview/brief/fi", f"/summary/{WEEK}/preview/full/sv",
    ),
    "/summary/{week}/publish": (f"/summary/{WEEK}/publish",),
    "/summary/{week}/send": (f"/summary/{WEEK}/send",),
    "/support": ("/support",),
    "/topics": ("/topics",),
    "/topics/{topic}": ("/topics/personnel",),
    "/users": ("/users",),
}  # fmt: skip
OF_STRANGERS = {"/login": "/login?next=%2Fqueue", "/login/link/{secret}": "/login/link/x"}
NO_PAGES = {  # files, feeds, what scripts fetch, and the way to another site
    "/alerts/atom.xml", "/audit.csv", "/jobs/{job_id:int}.json", "/labels/codebook/file",
    "/login/oidc", "/login/oidc/back", "/models/{task}/{name}/{picture}.svg", "/queue/news",
    "/queue/session", "/queue/{article_id:int}/card", "/readiness/import/template/{name}",
    "/regions.csv", "/summary/atom.xml", "/summary/{week}/send/{name}",
    "/summary/{week}/v{version}/{name}",
}  # fmt: skip
ONLY = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],  # what passes is not told node by node
}
WIDTHS = (320, 375, 640)  # 320 is 400 % of 1280, 640 is 200 %
UPLOADS = {
    "good": "region;event;date;note;source;licence\n"
    "Kainuu;assessment procedure opened;2026-11-10;x;Ministry;internal\n",
    "bad": "region;event;date;note;source;licence\n"
    "Kainu;assessment procedure opened;10/11;x;Ministry;internal\n",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]


@dataclass
class Site:
    """The pages on a free loopback port, an admin's session, and what stands in the addresses' places."""

    base: str
    secret: str
    places: dict[str, object]


@pytest.fixture(scope="module")
def site(
    seeded: Engine, reference: Reference, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A copy of the seeded store, with a queue, a job and two uploads besides."""
    path = tmp_path_factory.mktemp("browser") / "own.db"
    with seeded.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert seeded.url.database
    shutil.copyfile(seeded.url.database, path)
    engine = open_engine(f"sqlite:///{path}")
    card = fill(engine, reference, 6)[0]
    with transaction(engine) as session:
        enqueue(session, NOW, "anna", "train", {"tasks": ["topic", "region"], "decisions": True})
    web = web_of(engine, reference)
    client = signed_in_as("admin", web)
    places: dict[str, object] = {"card": card, "version": VERSION}
    for name, text in UPLOADS.items():
        files = {"file": ("event.csv", text.encode())}
        form = {"token": token_of(client)}
        answer = client.post("/readiness/import", data=form, files=files)
        places[name] = answer.url.path.rpartition("/")[2]
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield Site(base, session_of(web.state.application, "admin"), places)
    server.should_exit = True
    thread.join()
    listener.close()
    engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: "Browser", site: Site, **context: Any) -> "Page":
    """A page of a signed-in admin, with every address relative to the server."""
    made = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=site.base, **context
    )
    made.add_cookies([{"name": "session", "value": site.secret, "url": site.base}])
    return made.new_page()


def addresses(site: Site) -> list[str]:
    return [path.format(**site.places) for paths in ADDRESSES.values() for path in paths]


def goto(page: "Page", path: str, language: str = "") -> None:
    """Open the page, and be sure that it is the one asked for."""
    asked = f"{path}{'&' if '?' in path else '?'}lang={language}" if language else path
    answer = page.goto(asked)
    assert answer is not None
    assert answer.status == 200, path
    assert answer.headers["content-type"].startswith("text/html"), path
    landed = page.evaluate("location.pathname")
    assert landed == path.partition("?")[0] or path == "/queue", f"{path} leads to {landed}"


def test_every_page_has_its_row() -> None:
    gets = {path for method, path in NEEDS if method == "GET"}
    rows = ADDRESSES.keys() | OF_STRANGERS.keys()
    assert gets - NO_PAGES - rows == set(), "add the page to ADDRESSES"
    assert (rows | NO_PAGES) - gets == set(), "take the row out"


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    browser: "Browser", site: Site, language: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(browser, site)
    found: list[tuple[object, ...]] = []

    def look(path: str) -> None:
        goto(page, path, language)
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        for breach in axe.run(page, options=ONLY).response["violations"]:
            found.append((path, breach["id"], [node["target"] for node in breach["nodes"]][:5]))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append((path, width, f"is {wide} px wide"))
        page.set_viewport_size({"width": 1280, "height": 800})

    for path in addresses(site):
        look(path)
    page.context.clear_cookies()
    for path in OF_STRANGERS.values():
        look(path)
    page.context.close()
    assert found == []


def test_the_tables_of_the_feeds_fit_a_narrow_screen(browser: "Browser", site: Site) -> None:
    page = opened(browser, site)
    tables = "[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth)"
    for language in ("fi", "sv"):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            goto(page, "/feeds", language)
            assert set(page.evaluate(tables)) == {0}, (language, width)
    page.context.close()


def test_from_the_front_page_to_a_region_by_keyboard_alone(browser: "Browser", site: Site) -> None:
    page = opened(browser, site)
    goto(page, "/", "fi")
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
    browser: "Browser", site: Site
) -> None:
    page = opened(browser, site)
    goto(page, "/", "sv")
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
def test_pages_load_nothing_they_may_not(browser: "Browser", site: Site, scheme: str) -> None:
    page = opened(browser, site, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in addresses(site):
        goto(page, path)
    assert complaints == []
    page.context.close()


def test_letters_of_the_grid_stay_inside_their_tiles(browser: "Browser", site: Site) -> None:
    page = opened(browser, site)
    for language in ("fi", "sv", "en"):
        for show in ("combined", "change"):
            goto(page, f"/?show={show}", language)
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
