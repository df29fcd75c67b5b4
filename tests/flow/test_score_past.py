"""Past weeks: as they were known then, rebuilt byte for byte, and taken apart down to the sentence."""
# ruff: noqa: F811 (fixtures of another module are parameters here)

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from monitor.cli.score import score_group
from monitor.clock import ManualClock
from monitor.db.engine import reading, transaction
from monitor.db.frozen import Computation, computations, keep_inputs, superseded
from monitor.db.tables import (
    ArticleRow,
    ClaimRow,
    ImportRow,
    PollRow,
    ScoreInputRow,
    ScoreRow,
    SourceDayRow,
)
from monitor.risk import why
from monitor.risk.explain import Node
from monitor.risk.inputs import WeekInputs
from monitor.risk.rebuild import NotKept, Rebuilt, rebuild
from monitor.risk.run import NotThen, keep_aside, scores_as_of
from monitor.values import ALL_GROUPS, Score
from monitor.weeks import week_bounds
from tests.conftest import NOW
from tests.flow.test_scoring import (  # noqa: F401 (fixtures)
    ERRORS,
    WEEK,
    Stage,
    done,
    filled,
    scored,
    stage,
)

END = week_bounds(WEEK)[1]


def _as_of(stage: Stage, at: datetime, week: str = WEEK) -> tuple[WeekInputs, tuple[Score, ...]]:
    found = scores_as_of(
        stage.engine, week, at, stage.reference, stage.settings, {"topic": "v1-a"}, ERRORS
    )
    assert not isinstance(found, NotThen)
    return found


def _decide(stage: Stage, at: datetime) -> None:
    """A person says that nothing of one paper is relevant."""
    with transaction(stage.engine) as session:
        for row in session.exec(select(ArticleRow).where(ArticleRow.feed_id == "vasabladet")).all():
            session.add(
                ClaimRow(
                    article_id=int(row.id or 0), content_hash=row.content_hash, task="relevance",
                    label="relevant", probability=1.0, decided=False, author="person",
                    author_id="tarkastaja", evidence=[], at=at,
                )
            )  # fmt: skip


# --- as of ---------------------------------------------------------------------------------------


def test_what_came_later_changes_nothing_as_of_then(done: Stage) -> None:
    before = _as_of(done, END)
    later = END + timedelta(days=2)
    _decide(done, later)
    with transaction(done.engine) as session:
        for row in session.exec(select(ImportRow)).all():
            row.undone_at = later
            session.add(row)
        session.add(PollRow(feed_id="vasabladet", at=later, outcome="failed", reason="timeout"))
    assert _as_of(done, END) == before
    assert _as_of(done, later + timedelta(hours=1)) != before


def test_as_of_midweek_knows_half_the_week(done: Stage) -> None:
    early, _ = _as_of(done, week_bounds(WEEK)[0] + timedelta(hours=20))
    assert early.stories == ()
    assert all(c.exposure < 0.6 for c in early.coverage)
    assert _as_of(done, END)[0].stories


def test_looking_back_writes_nothing(done: Stage) -> None:
    def kept() -> tuple[object, ...]:
        with reading(done.engine) as session:
            days = session.exec(select(SourceDayRow).order_by(col(SourceDayRow.id))).all()
            return tuple(day.model_dump_json() for day in days)

    before = kept()
    _as_of(done, END - timedelta(days=20), "2026-W43")
    assert before
    assert kept() == before


def test_a_week_that_had_not_begun_is_refused(done: Stage) -> None:
    found = scores_as_of(
        done.engine, WEEK, END - timedelta(days=8), done.reference, done.settings, {}, {}
    )
    assert found == NotThen(WEEK, END - timedelta(days=8), "2026-W45")


# --- rebuild -------------------------------------------------------------------------------------


def test_a_stored_week_is_rebuilt_byte_for_byte(done: Stage) -> None:
    digest = next(iter(done.scores().values())).input_hash
    assert rebuild(done.engine, WEEK) == Rebuilt(WEEK, digest, 23 * 6, ())
    assert rebuild(done.engine, "2026-W20") == NotKept("2026-W20", scored=False)


def test_a_number_that_was_changed_in_the_store_is_found(done: Stage) -> None:
    with transaction(done.engine) as session:
        row = session.exec(
            select(ScoreRow).where(ScoreRow.region == "17", ScoreRow.group == ALL_GROUPS)
        ).one()
        row.value = {**row.value, "combined": row.value["combined"] + 1e-9}
        session.add(row)
    found = rebuild(done.engine, WEEK)
    assert isinstance(found, Rebuilt)
    assert found.differing == (("17", ALL_GROUPS),)


# --- what is kept --------------------------------------------------------------------------------

DAY = datetime(2026, 11, 10, 6, tzinfo=UTC)


def _at(name: str, hours: float, *, current: bool = False) -> Computation:
    return Computation(name, DAY + timedelta(hours=hours), current)


def test_of_a_week_the_last_of_each_day_stays_what_is_in_force_and_what_a_summary_used() -> None:
    found = [
        _at("a", 0),
        _at("b", 1),
        _at("c", 2),
        _at("d", 24),
        _at("e", 25),
        _at("f", 26, current=True),
    ]
    asked = replace(_at("past", 0.5), known_at=DAY - timedelta(days=1))
    assert superseded([*found, asked], [DAY + timedelta(hours=1.5)]) == {"a", "d", "e"}
    assert superseded(found[:1], []) == set()


def test_an_hourly_recomputation_does_not_pile_up(done: Stage) -> None:
    for n in range(3):
        _decide(done, NOW + timedelta(minutes=n))
        done.score(WEEK)
    with reading(done.engine) as session:
        kept = computations(session, WEEK)
        inputs = session.exec(select(ScoreInputRow.hash)).all()
    assert [c.current for c in kept] == [True]
    assert list(inputs) == [kept[0].input_hash]


def test_what_was_asked_for_stays_though_it_had_been_computed_before(done: Stage) -> None:
    inputs, found = _as_of(done, END)
    with transaction(done.engine) as session:
        keep_inputs(session, inputs, NOW)
    for _ in range(2):
        keep_aside(done.engine, inputs, found, END, ManualClock(NOW))
    with reading(done.engine) as session:
        (kept,) = (c for c in computations(session, WEEK) if c.input_hash == inputs.digest())
    assert kept.known_at == END
    assert superseded([replace(kept, current=False)], []) == set()


# --- explain -------------------------------------------------------------------------------------


def _explained(stage: Stage, group: str = ALL_GROUPS) -> Node:
    with reading(stage.engine) as session:
        of_region = [s for (r, _), s in stage.scores().items() if r == "17"]
        node = why.explain(session, of_region, stage.reference, group)
    assert node is not None
    return node


def _check_sums(node: Node) -> None:
    if node.children:
        assert sum(c.value for c in node.children) == pytest.approx(node.value, abs=1e-9)
    for child in node.children:
        _check_sums(child)


def _find(node: Node, kind: str) -> list[Node]:
    return [n for c in node.children for n in ([c] if c.kind == kind else []) + _find(c, kind)]


def test_a_score_is_taken_apart_down_to_claims_and_rows_that_sum_to_it(done: Stage) -> None:
    tree = _explained(done)
    _check_sums(tree)
    claims, rows = _find(tree, "claim"), _find(tree, "row")
    assert {c.ref.split(":")[0] for c in claims} == {"relevance", "region", "topic", "direction"}
    assert {c.facts["author"] for c in claims} == {"model"}
    assert {r.ref.split(":")[0] for r in rows} == {"observation", "task"}
    assert all(r.facts["source"] and r.facts["licence"] for r in rows)
    assert _find(tree, "unknown") == []


def test_it_stands_as_it_was_computed_though_more_was_decided_since(done: Stage) -> None:
    before = _explained(done)
    _decide(done, NOW + timedelta(hours=1))
    assert _explained(done) == before


def test_what_cannot_be_found_again_is_said_and_the_sum_stays(done: Stage) -> None:
    with transaction(done.engine) as session:
        for row in session.exec(select(ClaimRow).where(ClaimRow.task == "direction")).all():
            session.delete(row)
    tree = _explained(done)
    _check_sums(tree)
    assert _find(tree, "unknown")


def test_the_command_line_explains_recomputes_and_rebuilds(
    done: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", done.settings.database_url)
    monkeypatch.setenv("TILANNEKUVA_DRAWS", str(done.settings.draws))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(score_group, list(arguments))
        assert result.exit_code == 0, result.output
        return result.output

    told = run("explain", "17", "--week", WEEK)
    assert "direction:risk 0.85" in told
    assert "licence" in told
    short = run("explain", "17", "--week", WEEK, "--depth", "1")
    assert len(short.splitlines()) == 6
    found = json.loads(run("explain", "17", "--week", WEEK, "--group", "ict_muutos", "--json"))
    assert found["explained"]["value"] == found["combined"]
    assert "every byte the same" in run("rebuild", WEEK)
    assert "Pohjanmaa" in run("show", "--week", WEEK, "--as-of", "2026-11-15")
    assert "kept beside those in force" in run("run", "--week", WEEK, "--as-of", "2026-11-15")
    assert "every byte the same" in run("rebuild", WEEK)


def test_the_command_line_refuses_the_future(
    done: Stage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", done.settings.database_url)
    for arguments, said in (
        (["run", "--week", "2098-W01"], "has not begun"),
        (["run", "--week", WEEK, "--as-of", "2098-01-01"], "has not come yet"),
        (["show", "--week", WEEK, "--as-of", "2026-10-01"], "had not begun"),
        (["rebuild", "2026-W01"], "tilannekuva score run --week 2026-W01"),
    ):
        result = CliRunner().invoke(score_group, arguments)
        assert result.exit_code == 1
        assert said in result.output
