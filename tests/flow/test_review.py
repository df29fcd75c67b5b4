"""The review end to end: a decision reaches the scores, files close flags, the command line says what it does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.decisions import decisions_bytes
from classifiers.reference import Reference
from monitor import pipeline
from monitor.app import App
from monitor.cli.main import cli
from monitor.clock import ManualClock
from monitor.db.decisions import stale_weeks
from monitor.db.engine import reading, transaction
from monitor.db.flags import open_flags
from monitor.db.people import add_user
from monitor.db.scores import current_scores
from monitor.db.tables import ArticleRow, AuditRow, DecisionRow
from monitor.people.values import User
from monitor.review.decide import decide, undo
from monitor.review.given import decision
from monitor.review.refresh import refresh, week_inputs
from monitor.review.values import Decided, Given
from monitor.settings import Settings
from monitor.training.exchange import import_decisions
from tests.db.test_review_store import _article, _story
from tests.stored import AT, feed_row

ANNA = User(1, "anna", "Anna", "reviewer", "fi")
WEEK = "2026-W47"


@pytest.fixture
def app(sqlite: Engine, clock: ManualClock, reference: Reference) -> App:
    clock.set(AT + timedelta(hours=6))
    return App(Settings(draws=100), clock, sqlite, reference)


def _filled(app: App) -> int:
    with transaction(app.engine) as session:
        session.add(feed_row())
        session.flush()
        return _article(session, 1, _story(session))


def _score(app: App) -> None:
    pipeline.score(app, [WEEK])


def _stories(app: App) -> float:
    """How relevant the story is in the frozen inputs of the scores in force."""
    with reading(app.engine) as session:
        known = week_inputs(session, WEEK)
    assert known is not None
    return known[0].stories[0].relevant if known[0].stories else 0.0


def test_a_decision_is_in_the_scores_after_the_next_tick(app: App) -> None:
    article = _filled(app)
    _score(app)
    assert _stories(app) == 0.6
    made = decide(app, ANNA, article, f"v1:{article}", 0, Given(True, ("07",), direction="risk"))
    assert isinstance(made, Decided)
    with reading(app.engine) as session:
        assert stale_weeks(session) == {WEEK: 1}
    assert pipeline.rescore(app) == (WEEK,)
    assert _stories(app) == 1.0
    assert pipeline.rescore(app) == ()
    undo(app, ANNA, made.decision.id)
    pipeline.rescore(app)
    assert _stories(app) == 0.6
    with reading(app.engine) as session:
        assert len(current_scores(session, WEEK)) == 23 * 6


def test_decisions_from_a_file_close_flags_and_are_history(app: App, tmp_path: Path) -> None:
    article = _filled(app)
    refresh(app)
    said = decision(
        Given(False), "berit", AT, address="https://a.example/1", language="fi",
        content_hash=f"v1:{article}",
    )  # fmt: skip
    path = tmp_path / "berit.jsonl"
    path.write_bytes(decisions_bytes([said]))
    text = path.read_text().replace(f"v1:{article}", "v1:" + "a" * 64)
    with transaction(app.engine) as session:
        session.get_one(ArticleRow, article).content_hash = "v1:" + "a" * 64
    path.write_text(text)
    for _ in range(2):  # the second import changes nothing
        import_decisions(app.engine, path, app.reference, app.clock, by="olli")
        with reading(app.engine) as session:
            rows = session.exec(select(DecisionRow)).all()
            assert open_flags(session, [article]) == {}
        assert [(r.who, r.number, r.source) for r in rows] == [("berit", 1, "berit.jsonl")]


def test_the_command_line_lists_decides_undoes_and_says_why(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = _filled(app)
    refresh(app)
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", str(app.engine.url))
    with transaction(app.engine) as session:
        add_user(session, "anna", "Anna", "reviewer", "fi", who="test", at=AT)

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(
            cli, ["review", *words, *(["--who", "anna"] if words[0] != "estimate" else [])]
        )
        return result.exit_code, result.output

    code, out = run("list", "--json")
    assert code == 0
    assert [item["article_id"] for item in json.loads(out)["items"]] == [article]
    assert "risk, unsure" in run("list")[1]
    assert "flagged: risk" in run("show", str(article))[1]
    code, out = run("decide", str(article), "--not-relevant", "--json")
    made = json.loads(out)
    assert (code, made["result"]) == (0, "decided")
    code, out = run("decide", str(article), "--confirm", "--seen", "0")
    assert code == 1
    assert "another was first" in out
    assert "anna has decided it already" in run("why", "https://a.example/1")[1]
    assert run("undo", str(made["decision"]["id"]))[0] == 0
    assert json.loads(run("why", str(article), "--json")[1])["in_list"] is True
    assert run("estimate")[0] == 0
    for wrong in (
        ("decide", str(article)),
        ("show", "999"),
        ("list", "--region", "99"),
        ("undo", "x"),
    ):
        assert run(*wrong)[0] == 2


def test_on_the_command_line_nobody_decides_without_an_account_unless_as_the_operator(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = _filled(app)
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", str(app.engine.url))
    words = ["review", "decide", str(article), "--not-relevant", "--who", "root"]
    refused = CliRunner().invoke(cli, words)
    assert (refused.exit_code, "root has no account" in refused.output) == (2, True)
    assert CliRunner().invoke(cli, [*words, "--as-operator"]).exit_code == 0
    with reading(app.engine) as session:
        assert session.exec(select(DecisionRow.who)).one() == "operator:root"
        audit = session.exec(select(AuditRow).where(AuditRow.action == "decide")).one()
    assert audit.who == "operator:root"
