"""How many key presses and seconds a day's flags take in a scripted browser, and what a decision costs the server.

A store with invented flags is served on loopback. A script that never thinks presses the keys of the common
case: three of four cards by one key (confirm, not relevant), the fourth by two (another direction). It measures
the program, not a person. Needs Chromium and the development dependencies.
"""

import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import func, select

from classifiers.reference import load_reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, reading
from monitor.db.tables import DecisionRow
from monitor.people.tokens import form_token
from monitor.people.values import User
from monitor.service import listen
from monitor.settings import ROOT, load_settings
from monitor.web.app import make_web
from tests.web.review_store import fill, person, signed_in
from tests.web.seed import NOW

KEYS = (("a",), ("x",), ("a",), ("d", "3"))  # in turn
MOST = 2  # presses a flag, the bar
BAR_MS = 100.0  # of a decision on the server, 95 of 100
SHOWN = "document.getElementById('card').dataset.article || ''"
UNSENT = "name => JSON.parse(localStorage.getItem(name) || '[]').length"
FIELD = re.compile(r'name="(key|hash|seen|as_\w+)" value="([^"]*)"')
CHROMIUM = "/usr/bin/chromium"


@click.command()
@click.option("--flags", default=100, show_default=True)
def main(flags: int) -> None:
    """Print presses and seconds per flag, and milliseconds of a decision; exit code 1 past a bar."""
    with tempfile.TemporaryDirectory() as folder:
        engine, web = _house(Path(folder), 2 * flags)
        user = person(engine, "maija")
        presses, seconds, saved = _by_keyboard(engine, web, user, flags)
        times = _decisions(engine, web, user, flags)
        engine.dispose()
    most = max(presses)
    click.echo(
        f"{flags} flags by keyboard: {sum(presses)} presses, at most {most} a flag (bar {MOST})"
    )
    click.echo(f"{seconds / flags:.3f} s from key to next card; all saved after {saved:.1f} s")
    half, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    click.echo(
        f"a decision on the server: p50 {half:.0f} ms, p95 {late:.0f} ms (bar {BAR_MS:.0f}), n {len(times)}"
    )
    raise SystemExit(0 if most <= MOST and late < BAR_MS else 1)


def _house(folder: Path, cards: int) -> tuple[Engine, FastAPI]:
    engine = open_engine(f"sqlite:///{folder / 'review.db'}")
    migrate(engine)
    reference = load_reference(ROOT / "labels")
    fill(engine, reference, cards)
    return engine, make_web(App(load_settings({}), ManualClock(NOW), engine, reference))


def _by_keyboard(
    engine: Engine, web: FastAPI, user: User, flags: int
) -> tuple[list[int], float, float]:
    """Presses of every flag, seconds until the last card, seconds until all was saved."""
    presses: list[int] = []
    with _served(web) as address, _browser() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        cookie = {"name": "session", "value": signed_in(engine, user), "url": address}
        page.context.add_cookies([cookie])
        page.goto(f"{address}/queue")
        started = time.perf_counter()
        for number in range(flags):
            keys, before = KEYS[number % len(KEYS)], page.evaluate(SHOWN)
            for key in keys:
                page.keyboard.press(key)
            presses.append(len(keys))
            _until(lambda before=before: page.evaluate(SHOWN) != before)
        seconds = time.perf_counter() - started
        _until(lambda: page.evaluate(UNSENT, f"review.outbox.{user.id}") == 0)
        saved = time.perf_counter() - started
    with reading(engine) as session:
        kept = session.exec(select(func.count()).select_from(DecisionRow)).one()
    if kept != flags:
        raise click.ClickException(f"{kept} of {flags} decisions are in the store")
    return presses, seconds, saved


def _decisions(engine: Engine, web: FastAPI, user: User, flags: int) -> list[float]:
    """Milliseconds of every decision, sorted: a request to the application in this process, one by one."""
    from starlette.testclient import TestClient

    client, secret = TestClient(web), signed_in(engine, user)
    client.cookies.set("session", secret)
    headers = {"X-Token": form_token(secret), "X-Part": "card", "Accept": "application/json"}
    times = []
    for article in client.get("/queue/news").json()["articles"][:flags]:
        form = FIELD.findall(client.get(f"/queue/{article}/card").text)
        data = {**dict(form), "act": "confirm"}
        started = time.perf_counter()
        answer = client.post(f"/queue/{article}/decide", data=data, headers=headers)
        times.append((time.perf_counter() - started) * 1000)
        answer.raise_for_status()
    return sorted(times)


def _until(done: Any) -> None:
    end = time.monotonic() + 120
    while not done():
        if time.monotonic() > end:
            raise click.ClickException("the page did not go on")


@contextmanager
def _served(web: FastAPI) -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(web, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


if __name__ == "__main__":
    main()
