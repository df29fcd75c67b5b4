"""The review in a real browser: by keyboard alone, without a connection, without a session, two at once."""

import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import Engine, delete
from sqlmodel import col, select

from classifiers.reference import Reference
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import DecisionRow, SessionRow
from monitor.people.values import User
from monitor.service import listen
from tests.web.conftest import web_of
from tests.web.review_store import fill, person, signed_in
from tests.web.test_browser import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]
FLAGS = 100
PATIENCE = 60  # seconds: a busy machine is no error
MOST_PRESSES = 2
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@dataclass
class House:
    """A store with reviewers, served."""

    engine: Engine
    address: str
    browser: "Browser"
    maija: User
    kalle: User

    def page(self, who: User | None, width: int = 1280, height: int = 800, **more: Any) -> "Page":
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, base_url=self.address, **more
        )
        if who is not None:
            self.sign_in(context, who)
        return context.new_page()

    def sign_in(self, context: Any, who: User) -> None:
        secret = signed_in(self.engine, who)
        context.add_cookies([{"name": "session", "value": secret, "url": self.address}])

    def sign_out_everybody(self) -> None:
        with transaction(self.engine) as session:
            session.exec(delete(SessionRow))

    def decisions(self) -> list[tuple[int, str, str, bool | None]]:
        """(article, action, who, relevant), in the order made."""
        with reading(self.engine) as session:
            rows = session.exec(select(DecisionRow).order_by(col(DecisionRow.id))).all()
        return [(r.article_id, r.action, r.who, (r.given or {}).get("relevant")) for r in rows]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Path:
    """A store with FLAGS cards, to be copied."""
    path = tmp_path_factory.mktemp("review") / "filled.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    fill(engine, reference, FLAGS)
    engine.dispose()
    return path


@pytest.fixture
def house(
    browser: "Browser", filled: Path, tmp_path: Path, reference: Reference
) -> Iterator[House]:
    path = shutil.copy(filled, tmp_path / "review.db")
    engine = open_engine(f"sqlite:///{path}")
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web_of(engine, reference), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    maija, kalle = (person(engine, name) for name in ("maija", "kalle"))
    yield House(engine, address, browser, maija, kalle)
    for context in browser.contexts:
        context.close()
    server.should_exit = True
    thread.join()
    listener.close()
    engine.dispose()


def shown(page: "Page") -> str:
    return str(page.get_attribute("#card", "data-article"))


def until(page: "Page", what: str, arg: Any = None) -> None:
    """Until `what` holds in the page. Playwright's own way needs what our content policy forbids."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(what, arg):
        assert time.monotonic() < end, what
        page.wait_for_timeout(5)


def until_next(page: "Page", before: str) -> None:
    until(page, "before => document.getElementById('card').dataset.article !== before", arg=before)


def until_saved(page: "Page", who: User) -> None:
    """Until nothing waits in the browser."""
    until(
        page,
        "name => JSON.parse(localStorage.getItem(name) || '[]').length === 0",
        arg=f"review.outbox.{who.id}",
    )


def go(page: "Page", *keys: str) -> None:
    """Press the keys and wait for another card."""
    before = shown(page)
    for key in keys:
        page.keyboard.press(key)
    until_next(page, before)


# --- the common case -----------------------------------------------------------------------------


def test_a_hundred_flags_take_two_presses_at_most_and_all_are_kept(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    kinds = (("a",), ("x",), ("a",), ("d", "3"))
    wanted, presses = [], []
    for number in range(FLAGS):
        keys = kinds[number % len(kinds)]
        wanted.append((int(shown(page)), keys != ("x",)))
        presses.append(len(keys))
        go(page, *keys)
    until_saved(page, house.maija)
    made = house.decisions()
    assert max(presses) <= MOST_PRESSES
    assert sum(presses) == FLAGS * 5 // 4
    assert [(article, relevant) for article, _, _, relevant in made] == wanted
    assert len({article for article, *_ in made}) == FLAGS
    page.wait_for_selector("#empty-title")
    assert page.evaluate("document.activeElement.id") == "card"
    assert str(FLAGS) in page.inner_text("#card"), "what was decided today"


def test_the_next_card_has_the_focus_and_is_announced(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue?lang=sv")
    go(page, "a")
    until(page, "document.getElementById('said').textContent !== ''")
    said = page.inner_text("#said")
    assert said.startswith(f"Avgjord, {FLAGS - 1} kvar; nästa:")
    assert page.get_attribute("#said span", "lang") == "fi", "the headline in its own language"
    assert page.evaluate("document.activeElement.id") == "card"
    assert page.url.endswith(f"/queue/{shown(page)}")
    assert page.inner_text("[data-waiting-count]") == str(FLAGS - 1)


def test_undo_takes_back_one_decision_after_the_other(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    first = shown(page)
    go(page, "a")
    second = shown(page)
    go(page, "x")
    until_saved(page, house.maija)  # one that is still on its way is taken back unsent
    go(page, "u")
    until(page, f"document.getElementById('card').dataset.article === '{second}'")
    go(page, "u")
    until(page, f"document.getElementById('card').dataset.article === '{first}'")
    until_saved(page, house.maija)
    assert [(a, what) for a, what, *_ in house.decisions()] == [
        (int(first), "decide"), (int(second), "decide"), (int(second), "undo"), (int(first), "undo"),
    ]  # fmt: skip
    assert page.inner_text("[data-waiting-count]") == str(FLAGS)
    page.keyboard.press("u")
    until(page, "document.getElementById('said').textContent.includes('Ei kumottavaa')")


def test_going_on_and_back_decides_nothing(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    first = shown(page)
    go(page, "j")
    assert page.evaluate("document.activeElement.dataset.open") == shown(page), "focus in the list"
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'card'")
    go(page, "k")
    assert shown(page) == first
    page.go_back()
    until(page, f"document.getElementById('card').dataset.article !== '{first}'")
    assert house.decisions() == []


# --- changing tags -------------------------------------------------------------------------------


def test_regions_and_topics_are_typed_in_any_language_and_saved(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    article = int(shown(page))
    page.keyboard.press("t")
    page.keyboard.type("pelas")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("r")
    page.keyboard.type("österb")
    page.keyboard.press("Enter")
    go(page, "Enter")
    until_saved(page, house.maija)
    with reading(house.engine) as session:
        given = session.exec(select(DecisionRow.given)).one()
    assert given is not None
    assert given["regions"] == ["20", "17"], "Kajanaland as proposed, Österbotten as typed"
    assert given["topics"] == ["health_access", "rescue"]
    assert house.decisions() == [(article, "decide", "maija", True)]


def test_the_main_topic_is_the_one_chosen_first_until_another_is_marked(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    main = "[...document.querySelectorAll('[name=main]:checked')].map(e => e.value)"
    page.keyboard.press("t")
    assert page.evaluate(main) == ["health_access"]
    page.keyboard.type("pelas")
    page.keyboard.press("Enter")
    assert page.evaluate(main) == ["health_access"]
    page.keyboard.press("1")  # taken away: the next chosen is the main one
    assert page.evaluate(main) == ["rescue"]
    page.keyboard.press("Shift+Digit1")
    assert page.evaluate(main) == ["health_access"]
    page.keyboard.type("pelas")
    page.keyboard.press("Shift+Enter")  # typed to the end and already chosen: nothing is added
    go(page, "Enter")
    until_saved(page, house.maija)
    with reading(house.engine) as session:
        given = session.exec(select(DecisionRow.given)).one()
    assert given is not None
    assert given["topics"] == ["health_access", "rescue"]


def test_numbers_pick_and_the_whole_country_stands_alone(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    page.keyboard.press("r")
    page.keyboard.type("hela")
    page.keyboard.press("Enter")
    checked = "[...document.querySelectorAll('[name=region]:checked')].map(e => e.value)"
    assert page.evaluate(checked) == ["NAT"]
    page.keyboard.press("1")
    assert page.evaluate(checked) == ["20"]


def test_what_was_typed_outlives_a_reload(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    page.keyboard.press("n")
    page.keyboard.type("Kysy Kajaanista a x d")
    page.reload()
    until(page, "document.getElementById('note').value !== ''")
    assert page.input_value("#note") == "Kysy Kajaanista a x d"
    assert house.decisions() == [], "letters typed into a field are no keys"
    page.keyboard.press("Tab")
    before = shown(page)
    page.click("[data-action=confirm]")
    until_next(page, before)
    until_saved(page, house.maija)
    with reading(house.engine) as session:
        given = session.exec(select(DecisionRow.given)).one()
    assert given is not None
    assert given["note"] == "Kysy Kajaanista a x d"


# --- help and keys -------------------------------------------------------------------------------


def test_the_overlay_keeps_the_focus_and_gives_it_back(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    go(page, "j")
    before = page.evaluate("document.activeElement.dataset.open")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    for _ in range(6):
        page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || document.getElementById('help').contains(document.activeElement)"
        assert page.evaluate(inside)
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.open") == before
    assert house.decisions() == []


def test_a_person_changes_a_key_and_two_actions_on_one_are_refused(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/me/keys")
    page.fill("#key-confirm", "x")
    page.click("form[action='/me/keys'] button:first-of-type")
    assert page.locator("[aria-invalid=true]").count() == 2
    page.fill("#key-confirm", "h")
    page.click("form[action='/me/keys'] button:first-of-type")
    page.goto("/queue")
    before = shown(page)
    page.keyboard.press("a")
    go(page, "h")
    until_saved(page, house.maija)
    assert house.decisions() == [(int(before), "decide", "maija", True)]
    page.goto("/me/keys")
    page.uncheck("[name=letters]")
    page.click("form[action='/me/keys'] button:first-of-type")
    page.goto("/queue")
    page.keyboard.press("h")
    page.wait_for_timeout(200)
    assert len(house.decisions()) == 1, "letter keys are off"


def test_go_and_a_letter_opens_a_page(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/feeds")
    assert page.locator("h1").inner_text()


# --- nothing is lost -----------------------------------------------------------------------------


def test_without_a_connection_the_work_goes_on_and_is_saved_later(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    decided = []
    for key in ("a", "x"):
        decided.append(int(shown(page)))
        go(page, key)
    page.wait_for_selector("#saving:not([hidden])")
    assert "2" in page.inner_text("#saving")
    assert house.decisions() == []
    page.context.set_offline(False)
    page.wait_for_selector("#saving", state="hidden")
    until_saved(page, house.maija)
    assert [article for article, *_ in house.decisions()] == decided


def test_an_answer_that_was_lost_does_not_decide_twice(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    lost = []

    def lose_first(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            route.fetch()  # it reaches the server; the answer does not come back
            lost.append(route.request.url)
            route.abort()

    page.route("**/decide", lose_first)
    go(page, "a")
    until_saved(page, house.maija)
    assert len(lost) == 1
    assert len(house.decisions()) == 1
    assert page.is_hidden("#conflicts")


def test_an_expired_session_asks_to_sign_in_and_then_goes_on(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    page.wait_for_load_state("networkidle")
    house.sign_out_everybody()
    first = int(shown(page))
    go(page, "a")
    page.wait_for_selector("#saving:not([hidden]) [data-sign-in]")
    assert house.decisions() == []
    house.sign_in(page.context, house.kalle)  # somebody else first
    page.evaluate("dispatchEvent(new Event('focus'))")
    until(page, "document.getElementById('saving').textContent.includes('toinen henkilö')")
    assert house.decisions() == [], "never in another's name"
    house.sign_in(page.context, house.maija)
    page.evaluate("dispatchEvent(new Event('focus'))")
    until_saved(page, house.maija)
    page.wait_for_selector("#saving", state="hidden")
    assert house.decisions() == [(first, "decide", "maija", True)]


def test_decisions_that_wait_outlive_a_closed_page(house: House) -> None:
    page = house.page(house.maija)
    page.goto("/queue")
    first = int(shown(page))
    page.route("**/decide", lambda route: route.abort())
    go(page, "a")
    page.unroute("**/decide")
    page.close()
    again = page.context.new_page()
    again.goto("/queue")
    until_saved(again, house.maija)
    assert house.decisions() == [(first, "decide", "maija", True)]


@pytest.mark.parametrize("keep", [True, False], ids=["theirs stands", "decided anew"])
def test_the_second_of_two_reviewers_sees_the_first_ones_decision(house: House, keep: bool) -> None:
    mine, theirs = house.page(house.maija), house.page(house.kalle)
    mine.goto("/queue")
    theirs.goto("/queue")
    article = int(shown(mine))
    go(theirs, "x")
    until_saved(theirs, house.kalle)
    go(mine, "a")
    mine.wait_for_selector("#conflicts:not([hidden])")
    assert house.decisions() == [(article, "decide", "kalle", False)]
    go(mine, "w")
    both = mine.inner_text("#clash")
    assert "Kalle" in both
    assert "Ei koske aihepiiriä" in both
    assert "Koskee aihepiiriä · Kainuu" in both
    before = shown(mine)
    mine.click("#clash [data-act=keep]" if keep else "#clash button[value=mine]")
    until_next(mine, before)
    mine.wait_for_selector("#conflicts", state="hidden")
    until_saved(mine, house.maija)
    last = house.decisions()[-1]
    assert last == (article, "decide", *(("kalle", False) if keep else ("maija", True)))


# --- others --------------------------------------------------------------------------------------


def test_who_has_a_card_open_is_seen_by_others(house: House) -> None:
    mine, theirs = house.page(house.maija), house.page(house.kalle)
    mine.goto("/queue")
    theirs.goto("/queue")
    assert "Maija" in theirs.inner_text("[data-looking]")
    assert "Maija" in theirs.inner_text("#queue-list > li:first-child")


def test_new_cards_announce_themselves_and_wait(house: House) -> None:
    page = house.page(house.maija)
    page.clock.install()
    page.goto("/queue?text=3")
    listed = page.locator("#queue-list > li").count()
    page.route(
        "**/queue/news*", lambda route: route.fulfill(json={"articles": [9001], "waiting": 20})
    )
    page.clock.fast_forward(61_000)
    page.wait_for_selector("#news:not([hidden])")
    assert page.inner_text("#news").startswith("1 ")
    assert page.locator("#queue-list > li").count() == listed, "nothing moved"


# --- without a script ----------------------------------------------------------------------------


def test_everything_works_without_a_script(house: House) -> None:
    page = house.page(house.maija, java_script_enabled=False)
    page.goto("/queue")
    first = page.get_attribute("#card", "data-article")
    page.click("[data-action=confirm]")
    second = page.get_attribute("#card", "data-article")
    assert second not in (None, first)
    page.click(".done-note button")
    assert page.get_attribute("#card", "data-article") == first
    page.click("details.edit summary")
    page.check("input[name=direction][value=progress]")
    page.check("input[name=topic][value=finance]")
    page.fill("#note", "ilman skriptiä")
    page.click("[data-action=save]")
    page.click("[data-action=skip]")
    assert [what for _, what, *_ in house.decisions()] == ["decide", "undo", "decide"]
    page.goto("/queue")
    assert page.get_attribute("#card", "data-article") not in (first, second)


# --- looks ---------------------------------------------------------------------------------------

PATHS = ("/queue", "/queue/1", "/queue?view=list", "/queue?text=puuttuu", "/me/keys",
         "/queue/why?article=2")  # fmt: skip


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize(("width", "height"), [(375, 800), (320, 640), (640, 400)])
def test_no_page_of_the_review_scrolls_sideways(
    house: House, width: int, height: int, language: str
) -> None:
    page = house.page(house.maija, width, height)
    for path in PATHS:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        for part in page.query_selector_all("#card details, .queue-side details"):
            part.evaluate("e => e.open = true")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(house: House, language: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = house.page(house.maija, color_scheme=scheme)
    for path in PATHS:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        for part in page.query_selector_all("#card details, .queue-side details"):
            part.evaluate("e => e.open = true")
        found = axe.run(page, options={"runOnly": WCAG}).response["violations"]
        told = [(v["id"], [n["target"] for n in v["nodes"]]) for v in found]
        assert told == [], f"{path} {language} {scheme}"


def test_hostile_text_stays_text_and_nothing_is_loaded_that_may_not(house: House) -> None:
    page = house.page(house.maija)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/queue")
    go(page, "a")
    assert "<script>" in page.inner_text("#headline")
    assert page.locator("#card img, #card script, #said img").count() == 0
    assert complaints == []
