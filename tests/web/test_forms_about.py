"""Pages about the service: the method in force, the accessibility statement, feedback, settings."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import open_engine, reading
from monitor.db.feedback import newest_feedback
from monitor.feedback import MOST_A_DAY, MOST_MESSAGE, give, message_of
from monitor.i18n import Translator
from monitor.people.values import Role
from monitor.settings import load_settings
from monitor.web.app import make_web
from monitor.web.settings_page import lines
from tests.web.conftest import signed_in_as, token_of
from tests.web.seed import NOW

if TYPE_CHECKING:  # importing it warns; conftest has done so
    from starlette.testclient import TestClient

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def app(seeded: Engine, reference: Reference, tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "own.db"
    with seeded.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert seeded.url.database
    shutil.copyfile(seeded.url.database, path)
    engine = open_engine(f"sqlite:///{path}")
    yield App(load_settings({}), ManualClock(NOW), engine, reference)
    engine.dispose()


def messages(app: App) -> list[str]:
    with reading(app.engine) as session:
        return [m.message for m in newest_feedback(session, 500)]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "Liikenne- ja viestintävirasto Traficom"),
        ("sv", "Transport- och kommunikationsverket"),
    ],
)
def test_the_statement_is_open_to_everybody_in_both_languages(
    stranger: "TestClient", language: str, said: str
) -> None:
    answer = stranger.get(f"/accessibility?lang={language}")
    assert answer.status_code == 200
    assert said in answer.text
    assert 'href="/feedback' in answer.text


def test_a_stranger_gives_feedback_and_an_admin_reads_it(app: App) -> None:
    web = make_web(app)
    stranger, admin = signed_in_as(None, web), signed_in_as("admin", web)
    said = {"message": f"Kaavio {HOSTILE}", "page": "/regions/05", "name": ""}
    assert "Kiitos" in stranger.post("/feedback", data=said).text
    assert messages(app) == [f"Kaavio {HOSTILE}"]
    assert "Kaavio" not in stranger.get("/feedback").text
    page = admin.get("/feedback").text
    assert "Kaavio &lt;script&gt;" in page
    assert "<script>alert" not in page
    found = re.search(r"/feedback/(\d+)/handled", page)
    assert found
    admin.post(found[0], data={"token": token_of(admin)})
    assert "admin" in admin.get("/feedback").text.split("messages", 1)[1]
    assert stranger.post(found[0], data={}).status_code == 401


def test_an_empty_message_is_asked_for_again_with_what_else_was_written(app: App) -> None:
    answer = signed_in_as(None, make_web(app)).post(
        "/feedback", data={"message": " ", "page": "/x", "name": "Maija"}
    )
    assert answer.status_code == 422
    assert 'value="Maija"' in answer.text


def test_feedback_is_bounded_in_size_and_number(app: App) -> None:
    stranger = signed_in_as(None, make_web(app))
    answers = [stranger.post("/feedback", data={"message": f"viesti {i}"}) for i in range(7)]
    assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
    assert "viesti 6</textarea>" in answers[-1].text
    assert len(message_of("n" * 9999, "p" * 9999, "m" * 99999).message) == MOST_MESSAGE
    told = {give(app, message_of("", "", "x"), "fi") for _ in range(MOST_A_DAY)}
    assert told == {"kept", "full"}
    assert len(messages(app)) == MOST_A_DAY


def test_the_method_shows_the_constants_the_thresholds_and_an_example(
    visitor: "TestClient",
) -> None:
    said = visitor.get("/method?lang=en").text
    for part in ("national_rate", "least_exposure", "risk_at", "unsure_within", "first used"):
        assert part in said
    assert re.search(r'href="/regions/\w+\?week=2026-W\d\d"', said)


def test_settings_are_for_admins_and_never_show_a_secret(
    visitor_as: Callable[[Role], "TestClient"],
) -> None:
    assert visitor_as("analyst").get("/settings").status_code == 403
    assert "TILANNEKUVA_FLAG_BUDGET" in visitor_as("admin").get("/settings").text
    settings = load_settings(
        {
            "TILANNEKUVA_SMTP_PASSWORD": "hush-hush",
            "TILANNEKUVA_DATABASE_URL": "postgresql+psycopg://u:hush-hush@db/x",
            "TILANNEKUVA_FLAG_BUDGET": "77",
        }
    )
    found = {line.name: line for line in lines(settings, Translator("fi"))}
    assert "hush" not in str(found)
    assert found["TILANNEKUVA_SMTP_PASSWORD"].given
    assert found["TILANNEKUVA_DATABASE_URL"].value == "postgresql+psycopg://u:***@db/x"
    assert (found["TILANNEKUVA_FLAG_BUDGET"].value, found["TILANNEKUVA_FLAG_BUDGET"].given) == (
        "77",
        True,
    )
    assert not found["TILANNEKUVA_SEED"].given
