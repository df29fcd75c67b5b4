"""The labels' pages: browser, agreement, adjudication, suspects, what to label next, codebook."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlmodel import col, select

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import decisions as store
from monitor.db import search
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import AuditRow, JobRow
from monitor.people.values import User
from monitor.review.decide import decide
from monitor.review.values import Decided, Given
from monitor.search.fill import index_due
from monitor.settings import load_settings
from monitor.training.agreement import agreement
from monitor.training.exchange import stored_decisions
from tests.stored import article_row, feed_row
from tests.web.conftest import NOW, TestClient, signed_in_as, token_of, web_of

ADA = User(1, "ada", "Ada", "reviewer", "fi")
BEA = User(2, "bea", "<b>Bea</b>", "reviewer", "sv")
RISK = Given(True, ("19",), (), False, ("finance",), "risk")
CALM = replace(RISK, topics=("personnel", "finance"), direction="neutral")
PAGES = ("", "/agreement", "/adjudicate", "/suspects", "/next", "/codebook")


@pytest.fixture
def app(tmp_path: Path, reference: Reference) -> Iterator[App]:
    """Three articles; on the first two people differ, the second one has decided, the third nobody."""
    engine = open_engine(f"sqlite:///{tmp_path / 'labels.db'}")
    migrate(engine)
    with transaction(engine) as session:
        session.add(feed_row())
        session.flush()
        for number, title in ((1, "Alijäämä kasvaa"), (2, "Jono lyhenee"), (3, "Sää jatkuu")):
            session.add(article_row(number, title=f"{title} <i>", published=NOW, first_seen=NOW))
            session.flush()
            search.enter(session, number, NOW)
    made = App(load_settings({}), ManualClock(NOW), engine, reference)
    for user, article, seen, given in ((ADA, 1, 0, RISK), (BEA, 1, 1, CALM), (ADA, 2, 0, CALM)):
        assert isinstance(decide(made, user, article, f"v1:{article}", seen, given), Decided)
    while index_due(made):
        pass
    yield made
    engine.dispose()


@pytest.fixture
def analyst(app: App) -> TestClient:
    return signed_in_as("analyst", web_of(app.engine, app.reference))


def send(client: TestClient, path: str, **fields: object) -> object:
    return client.post(path, data={"token": token_of(client), **fields}, follow_redirects=False)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_opens_in_every_language(analyst: TestClient, language: str) -> None:
    for path in PAGES:
        answer = analyst.get(f"/labels{path}?lang={language}")
        assert answer.status_code == 200, path
        assert "<b>Bea" not in answer.text
        assert "kasvaa <i>" not in answer.text


def test_pages_of_an_empty_store(empty_visitor: TestClient) -> None:
    for path in PAGES:
        assert empty_visitor.get(f"/labels{path}").status_code == 200, path


def test_a_reviewer_reads_the_codebook_and_nothing_else(app: App) -> None:
    reviewer = signed_in_as("reviewer", web_of(app.engine, app.reference))
    found = {path: reviewer.get(f"/labels{path}").status_code for path in PAGES}
    assert found == {path: 200 if path == "/codebook" else 403 for path in PAGES}
    assert send(reviewer, "/labels/codebook/topic:ict", seen=0).status_code == 403  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"Alijäämä", "Jono"}),
        ("label=topic:personnel", {"Alijäämä", "Jono"}),
        ("label=direction:risk", {"Alijäämä"}),
        ("who=ada&task=topic", {"Alijäämä", "Jono"}),
        ("who=bea", {"Alijäämä"}),
        ("q=jonojen", {"Jono"}),
        ("from=2030-01-01", set()),
        ("language=sv", set()),
        ("source=corpus&language=sv&q=Jono", set()),
    ],
)
def test_decisions_are_narrowed(analyst: TestClient, query: str, titles: set[str]) -> None:
    page = analyst.get(f"/labels?{query}").text
    known = {"Alijäämä": "Alijäämä kasvaa", "Jono": "Jono lyhenee", "Sää": "Sää jatkuu"}
    assert {name for name, title in known.items() if title in page} == titles


def test_training_texts_are_browsed(analyst: TestClient) -> None:
    page = analyst.get("/labels?source=corpus&label=topic:ict&language=sv&lang=en").text
    assert "corpus/" in page
    assert page.count("<tr>") > 20


def test_a_third_word_settles_what_people_differ_in(app: App, analyst: TestClient) -> None:
    assert "Alijäämä" in analyst.get("/labels/adjudicate").text
    before = agreement(_decisions(app), seed=1)
    with reading(app.engine) as session:
        word = store.history(session, 1)[0].id
    send(analyst, "/labels/adjudicate/1", seen=2, word=word, note="talous edellä")
    assert "Alijäämä" not in analyst.get("/labels/adjudicate").text
    last = _decisions(app)[-1]
    assert (last.who, last.topics, last.note) == (
        "analyst",
        ("finance",),
        "adjudicated: talous edellä",
    )
    assert agreement(_decisions(app), seed=1) == before


def test_a_third_word_may_take_something_of_both(app: App, analyst: TestClient) -> None:
    send(analyst, "/labels/adjudicate/1", seen=2, relevant="yes", region="19",
         topic=["personnel", "ict"], direction="risk")  # fmt: skip
    last = _decisions(app)[-1]
    assert (last.regions, last.topics, last.direction) == (("19",), ("personnel",), "risk")


def test_a_page_that_was_overtaken_decides_nothing(app: App, analyst: TestClient) -> None:
    answer = send(analyst, "/labels/adjudicate/1", seen=1, word=1)
    assert answer.headers["location"].endswith("said=conflict")  # type: ignore[attr-defined]
    assert len(_decisions(app)) == 3


def _decisions(app: App) -> tuple[object, ...]:
    with reading(app.engine) as session:
        return stored_decisions(session).decisions  # type: ignore[return-value]


def test_long_work_goes_to_the_worker(app: App, analyst: TestClient) -> None:
    for path, fields in (("agreement", {}), ("suspects", {}), ("next", {"strategy": "rare"})):
        answer = send(analyst, f"/labels/{path}", **fields)
        assert answer.headers["location"].startswith("/jobs/")  # type: ignore[attr-defined]
    with reading(app.engine) as session:
        kinds = list(session.exec(select(JobRow.kind).order_by(col(JobRow.id))))
    assert kinds == ["agreement", "suspects", "label_next"]


def test_what_a_job_found_is_shown_and_judged(app: App, analyst: TestClient) -> None:
    row = {
        "file": "corpus/a.jsonl", "line": 3, "id": "fi-1", "language": "fi", "title": "Otsikko <b>",
        "task": "topic", "given": "not ict", "suggested": "ict", "p_given": 0.1, "p_suggested": 0.9,
    }  # fmt: skip
    with transaction(app.engine) as session:
        session.add(
            JobRow(kind="suspects", parameters={}, state="done", who="ada", asked_at=NOW, ended_at=NOW,
                   progress={}, kept={}, log=[], result={"suspects": [row]})
        )  # fmt: skip
    assert "Otsikko &lt;b&gt;" in analyst.get("/labels/suspects").text
    send(
        analyst,
        "/labels/suspects/verdict",
        id="fi-1",
        task="topic",
        given="not ict",
        verdict="right",
    )
    assert "Otsikko" not in analyst.get("/labels/suspects").text
    assert "Otsikko" in analyst.get("/labels/suspects?state=right").text
    with reading(app.engine) as session:
        said = session.exec(select(AuditRow).where(AuditRow.action == "label verdict")).one()
    assert (said.who, said.before, said.after) == (
        "analyst",
        {"verdict": "open"},
        {"verdict": "right"},
    )


def test_the_codebook_is_written_undone_and_given_back_as_a_file(
    app: App, analyst: TestClient, reference: Reference
) -> None:
    path = "/labels/codebook/topic:ict"
    fields = {
        "fi-definition": "Tieto <script>järjestelmät",
        "fi-include": "häiriö\n\nkatko",
        "note": "x",
    }
    assert send(analyst, path, seen=0, **fields).status_code == 303  # type: ignore[attr-defined]
    page = analyst.get("/labels/codebook?lang=fi").text
    assert "Tieto &lt;script&gt;järjestelmät" in page
    file = yaml.safe_load(analyst.get("/labels/codebook/file").text)
    ict = next(t for t in file["topics"] if t["id"] == "ict")
    assert ict["guidelines"]["fi"]["include"] == ["häiriö", "katko"]
    assert [t["id"] for t in file["topics"]] == [t.id for t in reference.topics]
    assert send(analyst, path, seen=0, **fields).status_code == 409  # type: ignore[attr-defined]
    assert send(analyst, path, seen=1, act="undo").status_code == 303  # type: ignore[attr-defined]
    assert "Tieto &lt;script" not in analyst.get("/labels/codebook?lang=fi").text
    assert "<del>fi definition: Tieto" in analyst.get(path).text
    original = yaml.safe_load((app.settings.labels_dir / "topics.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(analyst.get("/labels/codebook/file").text) == original


def test_a_label_that_is_not_there(analyst: TestClient) -> None:
    assert analyst.get("/labels/codebook/topic:weather").status_code == 404
    assert send(analyst, "/labels/codebook/topic:weather", seen=0).status_code == 404  # type: ignore[attr-defined]
