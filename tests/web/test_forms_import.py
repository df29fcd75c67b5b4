"""Readiness files by hand: the dry run, correcting, taking in, undoing and redoing, and what is hostile."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from monitor.db.engine import open_engine, reading
from monitor.db.readiness import all_imports
from monitor.db.tables import AuditRow, EventRow, UploadRow
from monitor.people.values import Role
from tests.web.conftest import signed_in_as, token_of, web_of

if TYPE_CHECKING:  # importing it warns; conftest has done so
    from starlette.testclient import TestClient

GOOD = (
    "region;event;date;note;source;licence\n"
    "Kainuu;assessment procedure opened;2026-11-10;x;Ministry;internal\n"
)
HOSTILE = '<img src=x onerror="alert(1)">'
Visitors = Callable[[Role], "TestClient"]


@pytest.fixture
def store(seeded: Engine, tmp_path: Path) -> Iterator[Engine]:
    """A copy of the seeded store that may be written."""
    path = tmp_path / "own.db"
    with seeded.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert seeded.url.database
    shutil.copyfile(seeded.url.database, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def people(store: Engine, reference: Reference) -> Visitors:
    web = web_of(store, reference)
    return lambda role: signed_in_as(role, web)


@pytest.fixture
def analyst(people: Visitors) -> "TestClient":
    return people("analyst")


def post(client: "TestClient", path: str, **fields: str) -> str:
    answer = client.post(path, data={"token": token_of(client), **fields})
    assert answer.status_code == 200, answer.text[:500]
    return str(answer.url.path)


def bring(client: "TestClient", data: bytes | str, name: str = "event.csv", **fields: str) -> str:
    """Bring a file; the address of its page."""
    content = data.encode() if isinstance(data, str) else data
    files = {"file": (name, content)}
    answer = client.post(
        "/readiness/import", data={"token": token_of(client), **fields}, files=files
    )
    assert answer.status_code == 200, answer.text[:500]
    return str(answer.url.path)


def text_of(client: "TestClient", path: str, language: str = "en") -> str:
    html = client.get(path, params={"lang": language}).text
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1]).split())


def imports(store: Engine) -> list[tuple[int, bool]]:
    with reading(store) as session:
        return [(i.id, i.undone_at is None) for i in all_imports(session) if i.kind == "event"]


def events(store: Engine) -> int:
    with reading(store) as session:
        return len(session.exec(select(EventRow).where(EventRow.note == "x")).all())


def test_a_file_is_looked_at_first_and_then_taken_in(analyst: "TestClient", store: Engine) -> None:
    before = imports(store)
    page = bring(analyst, GOOD)
    said = text_of(analyst, page)
    assert "The file can be taken in" in said
    assert "events: one row" in said
    assert "Kainuu" in said
    assert imports(store) == before
    taken = post(analyst, f"{page}/take")
    assert taken == "/readiness/import"
    assert len(imports(store)) == len(before) + 1
    assert analyst.get(page).status_code == 404  # it waits no longer
    with reading(store) as session:
        row = session.exec(select(AuditRow).where(AuditRow.action == "readiness import")).all()[-1]
    assert row.who == "analyst"


def test_every_mistake_is_shown_with_its_place_in_the_readers_language(
    analyst: "TestClient",
) -> None:
    bad = GOOD.replace("Kainuu", "Kainu").replace("2026-11-10", "10/11")
    page = bring(analyst, bad)
    english = text_of(analyst, page)
    assert "2 mistakes." in english
    assert "did you mean" in english
    finnish, swedish = text_of(analyst, page, "fi"), text_of(analyst, page, "sv")
    for said in ("tarkoititko ”kainuu”?", "päivä, esimerkiksi 16.11.2026", "A region", "C date"):
        assert said in finnish
    assert "menade du ”kainuu”?" in swedish
    assert "did you mean" not in finnish + swedish


def test_a_file_that_is_all_wrong_names_some_and_counts_the_rest(analyst: "TestClient") -> None:
    rows = "".join(f"Väärä {i};no;never;;;\n" for i in range(2000))
    said = text_of(analyst, bring(analyst, GOOD.split("\n")[0] + "\n" + rows, kind="event"))
    assert "6,000 mistakes." in said
    assert "5,800 more mistakes are not named" in said


def test_a_corrected_file_takes_the_place_of_the_wrong_one(
    analyst: "TestClient", store: Engine
) -> None:
    wrong = bring(analyst, GOOD.replace("Kainuu", "Kainu"))
    right = bring(analyst, GOOD, instead=wrong.rsplit("/", 1)[1])
    assert analyst.get(wrong).status_code == 404
    assert "can be taken in" in text_of(analyst, right)
    with reading(store) as session:
        assert len(session.exec(select(UploadRow)).all()) == 1


def test_a_wrong_form_keeps_the_file_and_the_words_can_be_mended(analyst: "TestClient") -> None:
    nameless = "region;event;date\nKainuu;assessment procedure opened;2026-11-10\n"
    page = bring(analyst, nameless)
    assert "the source is not known" in text_of(analyst, page)
    post(analyst, page, kind="event", source="Ministry", licence="internal")
    assert "The file can be taken in" in text_of(analyst, page)


def test_an_import_is_undone_and_redone_as_a_new_one(analyst: "TestClient", store: Engine) -> None:
    post(analyst, bring(analyst, GOOD) + "/take")
    ((first, _),) = [i for i in imports(store) if i[1]][:1]
    held = events(store)
    post(analyst, f"/readiness/imports/{first}/undo")
    assert (first, False) in imports(store)
    post(analyst, f"/readiness/imports/{first}/redo")
    again = [i for i, in_force in imports(store) if in_force and i > first]
    assert len(again) == 1
    assert (first, False) in imports(store)
    assert events(store) == 2 * held  # the undone rows stay, the new import has its own
    post(analyst, f"/readiness/imports/{first}/redo")  # in force already: nothing happens
    assert len(imports(store)) == len({i for i, _ in imports(store)})
    assert [i for i, in_force in imports(store) if in_force and i > first] == again
    with reading(store) as session:
        told = [r.action for r in session.exec(select(AuditRow).order_by(AuditRow.id))]  # type: ignore[arg-type]
    assert told[-3:] == ["readiness import", "readiness undo", "readiness redo"]


def test_a_file_waits_a_day_and_only_for_the_one_who_brought_it(
    people: Visitors, store: Engine, reference: Reference
) -> None:
    analyst, other = people("analyst"), people("admin")
    page = bring(analyst, GOOD, name="oma.csv")
    assert other.get(page).status_code == 404
    assert "oma.csv" not in other.get("/readiness/import").text
    assert "oma.csv" in analyst.get("/readiness/import").text
    clock = analyst.app.state.application.clock  # type: ignore[attr-defined]
    clock.set(clock() + timedelta(hours=25))
    late = signed_in_as("analyst", analyst.app)  # type: ignore[arg-type]
    assert late.get(page).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "why"), [(b"", "", "Choose a file"), (b"", "x.csv", "empty")]
)
def test_no_file_keeps_what_was_written(
    analyst: "TestClient", data: bytes, name: str, why: str
) -> None:
    fields = {"token": token_of(analyst), "source": "Oma lähde"}
    files = {"file": (name, data)} if name else None
    answer = analyst.post("/readiness/import?lang=en", data=fields, files=files)
    assert answer.status_code == 422
    assert why in answer.text
    assert 'value="Oma lähde"' in answer.text


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_only_analysts_import(people: Visitors, role: Role) -> None:
    client = people(role)
    assert client.get("/readiness/import").status_code == 403
    answer = client.post("/readiness/imports/1/undo", data={"token": token_of(client)})
    assert answer.status_code == 403


def test_without_the_forms_token_nothing_is_taken(analyst: "TestClient", store: Engine) -> None:
    before = imports(store)
    page = bring(analyst, GOOD)
    assert analyst.post(f"{page}/take", data={"token": "x"}).status_code == 403
    assert imports(store) == before


def test_hostile_text_of_a_file_stays_text(analyst: "TestClient") -> None:
    bad = GOOD.replace("Kainuu", HOSTILE).replace("event;date", f"event;date;{HOSTILE}")
    page = bring(analyst, bad, name=f"../../{HOSTILE}.csv", source=HOSTILE)
    for path in (page, "/readiness/import"):
        html = analyst.get(path).text
        assert "<img" not in html
        assert "&lt;img" in html


def test_the_templates_come_in_the_readers_language_and_are_read_back(
    analyst: "TestClient",
) -> None:
    csv = analyst.get("/readiness/import/template/roadmap.csv?lang=sv")
    assert "uppgiftshelhet" in csv.content.decode("utf-8-sig")
    assert 'filename="roadmap-sv.csv"' in csv.headers["content-disposition"]
    book = openpyxl.load_workbook(
        BytesIO(analyst.get("/readiness/import/template/event.xlsx").content)
    )
    assert book.worksheets
    assert analyst.get("/readiness/import/template/nosuch.csv").status_code == 404
    assert analyst.get("/readiness/import/template/roadmap.exe").status_code == 404


def test_a_damaged_workbook_is_refused_with_what_to_do(analyst: "TestClient") -> None:
    said = text_of(analyst, bring(analyst, b"PK\x03\x04 no zip", name="x.xlsx"), "sv")
    assert "arbetsboken är skadad" in said
