"""The summary in the making: commentary of two writers, previews, the way to published, sending."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import editions
from monitor.db.engine import open_engine, reading
from monitor.db.jobs import find_job, newest_jobs
from monitor.db.tables import AuditRow, SummaryCommentRow
from monitor.jobs.run import run_waiting
from monitor.people.values import Role
from monitor.settings import load_settings
from monitor.web.app import make_web
from tests.web.conftest import signed_in_as, token_of
from tests.web.seed import NOW, WEEK

if TYPE_CHECKING:  # importing it warns; conftest has done so
    from starlette.testclient import TestClient

EDIT = f"/summary/{WEEK}/edit"
HOSTILE = '<script>alert("x")</script>'
Visitors = Callable[[Role], "TestClient"]


@pytest.fixture
def app(seeded: Engine, reference: Reference, tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "own.db"
    with seeded.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert seeded.url.database
    shutil.copyfile(seeded.url.database, path)
    listed = tmp_path / "list.txt"
    listed.write_text("maija@example.fi fi brief\nsven@example.fi sv full\n")
    settings = load_settings(
        {}, database_url=f"sqlite:///{path}", output_dir=tmp_path / "out", mail_list_file=listed,
        smtp_host="127.0.0.1", smtp_sender="tilannekuva@example.fi",
    )  # fmt: skip
    engine = open_engine(settings.database_url)
    yield App(settings, ManualClock(NOW), engine, reference)
    engine.dispose()


@pytest.fixture
def people(app: App) -> Visitors:
    web = make_web(app)
    return lambda role: signed_in_as(role, web)


@pytest.fixture
def analyst(people: Visitors) -> "TestClient":
    return people("analyst")


def post(client: "TestClient", path: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(path, data={"token": token_of(client), **fields})


def seen(client: "TestClient", section: str, language: str) -> str:
    """The number that the section's form carries."""
    html = client.get(EDIT).text
    form = html.split(f'id="c-{section}"', 1)[1].split("</form>", 1)[0]
    found = re.search(rf'name="seen.{language}" value="(\d+)"', form)
    assert found
    return found[1]


def standing(app: App, section: str, language: str) -> str:
    with reading(app.engine) as session:
        newest = editions.latest(session, WEEK)
    assert newest is not None
    said = {(c.section, c.language): c.text for c in newest.comments}
    return said.get((section, language), "")


def said_rows(app: App) -> int:
    with reading(app.engine) as session:
        return len(session.exec(select(SummaryCommentRow)).all())


def freeze(client: "TestClient") -> None:
    assert post(client, f"/summary/{WEEK}/freeze").status_code == 200


def published(client: "TestClient", app: App) -> None:
    freeze(client)
    assert post(client, f"/summary/{WEEK}/publish").url.path.startswith("/jobs/")
    run_waiting(app, lambda job, ended: None)


# --- commentary ----------------------------------------------------------------------------------


def test_commentary_is_saved_in_both_languages_at_once(analyst: "TestClient", app: App) -> None:
    answer = post(
        analyst, EDIT, section="national", fi="Ensin.\r\n\r\nSitten.", sv="Först.",
        **{"seen.fi": "0", "seen.sv": "0"},
    )  # fmt: skip
    assert answer.url.path == EDIT
    assert standing(app, "national", "fi") == "Ensin.\n\nSitten."
    assert standing(app, "national", "sv") == "Först."
    with reading(app.engine) as session:
        rows = session.exec(select(AuditRow).where(AuditRow.action == "comment")).all()
    assert {(r.who, (r.after or {})["language"]) for r in rows} == {
        ("analyst", "fi"), ("analyst", "sv"),
    }  # fmt: skip


def test_the_second_of_two_writers_sees_the_firsts_text_beside(people: Visitors, app: App) -> None:
    first, second = people("analyst"), people("admin")
    number = seen(second, "why", "fi")
    post(first, EDIT, section="why", fi="Ensimmäisen teksti", **{"seen.fi": number})
    answer = post(second, EDIT, section="why", fi="Toisen teksti", **{"seen.fi": number})
    assert answer.status_code == 409
    assert "Ensimmäisen teksti" in answer.text
    assert "Toisen teksti</textarea>" in answer.text
    assert standing(app, "why", "fi") == "Ensimmäisen teksti"
    now = re.search(r'id="why-fi".*?name="seen.fi" value="(\d+)"', answer.text, re.DOTALL)
    assert now
    post(second, EDIT, section="why", fi="Molempien teksti", **{"seen.fi": now[1]})
    assert standing(app, "why", "fi") == "Molempien teksti"


def test_the_same_text_again_is_no_conflict_and_no_new_row(people: Visitors, app: App) -> None:
    first, second = people("analyst"), people("admin")
    post(first, EDIT, section="why", fi="Sama", **{"seen.fi": "0"})
    assert post(second, EDIT, section="why", fi="Sama ", **{"seen.fi": "0"}).status_code == 200
    assert said_rows(app) == 1


def test_an_earlier_text_is_brought_back(analyst: "TestClient", app: App) -> None:
    for text in ("Vanha", "Uusi"):
        number = seen(analyst, "alerts", "fi")
        post(analyst, EDIT, section="alerts", fi=text, **{"seen.fi": number})
    page = analyst.get(EDIT).text
    section = page.split('id="c-alerts"', 1)[1].split('id="c-groups"', 1)[0]
    assert 'name="fi" value="Vanha"' in section
    post(analyst, EDIT, section="alerts", fi="Vanha", **{"seen.fi": seen(analyst, "alerts", "fi")})
    assert standing(app, "alerts", "fi") == "Vanha"


def test_what_is_written_to_a_version_that_was_frozen_meanwhile_is_not_lost(
    analyst: "TestClient", app: App
) -> None:
    freeze(analyst)
    answer = post(analyst, EDIT, section="why", fi="Myöhässä tullut", **{"seen.fi": "0"})
    assert answer.status_code == 409
    assert "Myöhässä tullut" in answer.text
    assert standing(app, "why", "fi") == ""


def test_what_a_person_writes_is_never_markup(analyst: "TestClient") -> None:
    post(analyst, EDIT, section="national", fi=HOSTILE + "</textarea>", **{"seen.fi": "0"})
    post(analyst, EDIT, section="national", fi="x", **{"seen.fi": seen(analyst, "national", "fi")})
    for path in (EDIT, f"/summary/{WEEK}/preview/full/fi", f"/summary/{WEEK}?level=full"):
        assert "<script>alert" not in analyst.get(path).text


def test_the_draft_says_which_language_a_comment_lacks(analyst: "TestClient") -> None:
    post(analyst, EDIT, section="why", fi="Vain suomeksi", **{"seen.fi": "0"})
    assert "Ruotsinkielinen kommentti puuttuu" in analyst.get(EDIT).text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_preview_is_in_its_own_language_and_the_reader_stays_in_theirs(
    analyst: "TestClient", language: str
) -> None:
    answer = analyst.get(f"/summary/{WEEK}/preview/brief/{language}")
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}' in answer.text
    assert "lang=" not in answer.headers.get("set-cookie", "")
    assert '<html lang="fi"' in analyst.get(EDIT).text


# --- the way out ---------------------------------------------------------------------------------


def test_a_week_goes_from_draft_to_published_through_the_pages(
    analyst: "TestClient", app: App
) -> None:
    assert post(analyst, f"/summary/{WEEK}/publish").url.path == EDIT  # a draft is not published
    freeze(analyst)
    assert "Publish" in analyst.get(f"/summary/{WEEK}/publish?lang=en").text
    answer = post(analyst, f"/summary/{WEEK}/publish")
    number = int(answer.url.path.rsplit("/", 1)[1])
    with reading(app.engine) as session:
        job = find_job(session, number)
    assert job is not None
    assert (job.kind, job.who, job.parameters) == (
        "publish", "analyst", {"week": WEEK, "who": "analyst"},
    )  # fmt: skip


@pytest.mark.slow
def test_published_corrected_and_compared(analyst: "TestClient", app: App) -> None:
    post(analyst, EDIT, section="why", fi="Kommentti", **{"seen.fi": "0"})
    published(analyst, app)
    with reading(app.engine) as session:
        assert editions.latest(session, WEEK).state == "published"  # type: ignore[union-attr]
    path = f"/summary/{WEEK}/correct"
    half = post(analyst, path, fi="Väärä luku", sv=" ")
    assert half.status_code == 422
    assert "Väärä luku" in half.text
    assert post(analyst, path, fi="Väärä luku", sv="Fel siffra").url.path == EDIT
    with reading(app.engine) as session:
        newest = editions.latest(session, WEEK)
        audit = session.exec(select(AuditRow).where(AuditRow.action == "correct")).one()
    assert newest is not None
    assert (newest.version, newest.state, newest.reason["sv"]) == (2, "draft", "Fel siffra")
    assert (audit.who, audit.subject) == ("analyst", f"summary:{WEEK}:2")
    number = seen(analyst, "why", "fi")
    post(analyst, EDIT, section="why", fi="Toinen kommentti", **{"seen.fi": number})
    compared = analyst.get(f"/summary/{WEEK}/compare").text
    assert "Kommentti" in compared
    assert "Toinen kommentti" in compared
    planned = analyst.get(f"/summary/{WEEK}/send").text
    assert "maija@example.fi" in planned
    letter = analyst.get(f"/summary/{WEEK}/send/summary-brief.fi.eml")
    assert letter.status_code == 200
    assert b"To: maija@example.fi" in letter.content
    post(analyst, f"/summary/{WEEK}/send")
    with reading(app.engine) as session:
        assert newest_jobs(session, 1)[0].kind == "send"


def test_a_draft_is_not_sent(analyst: "TestClient", app: App) -> None:
    assert "Vain julkaistu versio lähetetään" in analyst.get(f"/summary/{WEEK}/send").text
    post(analyst, f"/summary/{WEEK}/send")
    with reading(app.engine) as session:
        assert newest_jobs(session, 1) == ()


def test_who_publishes_is_a_setting(app: App, reference: Reference) -> None:
    strict = App(
        app.settings.model_copy(update={"publish_role": "admin"}), app.clock, app.engine, reference
    )
    web = make_web(strict)
    analyst, admin = signed_in_as("analyst", web), signed_in_as("admin", web)
    freeze(analyst)
    assert analyst.get(f"/summary/{WEEK}/publish").status_code == 403
    assert post(analyst, f"/summary/{WEEK}/publish").status_code == 403
    assert admin.get(f"/summary/{WEEK}/publish").status_code == 200


@pytest.mark.parametrize(
    "what", ["edit", "compare", "correct", "publish", "send", "preview/full/fi"]
)
def test_a_week_without_a_summary_has_no_such_page(analyst: "TestClient", what: str) -> None:
    assert analyst.get(f"/summary/2026-W01/{what}").status_code == 404
    assert analyst.get(f"/summary/nonsense/{what}").status_code == 404


@pytest.mark.parametrize("what", ["edit", "publish", "send", "correct"])
def test_reviewers_do_not_write_summaries(people: Visitors, what: str) -> None:
    assert people("reviewer").get(f"/summary/{WEEK}/{what}").status_code == 403
