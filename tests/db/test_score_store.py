"""Scores and alerts in the store: exact round trip, one computation in force."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from monitor.db import scores as store
from monitor.db.engine import reading, transaction
from monitor.db.signals import article_signals
from monitor.db.tables import ArticleRow, ClaimRow, FeedRow, ScoreRow, StoryRow
from monitor.risk.alerts import alerts
from monitor.risk.inputs import WeekInputs
from monitor.risk.score import scores
from monitor.values import Interval, NotReady
from tests.risk_examples import CONSTANTS, MONDAY, WEEK, component, coverage, story, week_inputs

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
INPUTS = week_inputs((story(1), story(2, raises=0.0, progress=0.7), *map(story, range(3, 14))))
OTHER = replace(INPUTS, seed=2)
SCORE = scores(week_inputs(components=(component(),)), CONSTANTS)[0]


def _save(engine: Engine, inputs: WeekInputs) -> int:
    with transaction(engine) as session:
        return store.save(session, scores(inputs, CONSTANTS), alerts(inputs, CONSTANTS), AT)


def test_scores_come_back_as_they_were(engine: Engine) -> None:
    deaf = coverage("17", 0.1)
    silent = replace(deaf, silent=(("vasabladet", "failing: timeout"),))
    inputs = replace(INPUTS, coverage=(INPUTS.coverage[0], silent, INPUTS.coverage[2]))
    _save(engine, inputs)
    with reading(engine) as session:
        found = store.current_scores(session, WEEK)
    assert sorted(found, key=lambda s: (s.region, s.group)) == sorted(
        scores(inputs, CONSTANTS), key=lambda s: (s.region, s.group)
    )
    assert any(isinstance(s.combined, NotReady) for s in found)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 23))
def test_a_score_survives_json_to_the_last_bit(a: float, b: float, rank: int) -> None:
    score = replace(
        SCORE, readiness=a, readiness_interval=Interval(a, b), rank=rank, rank_range=(1, rank)
    )
    assert store.from_json(json.loads(json.dumps(store.to_json(score)))) == score


def test_alerts_come_back_with_every_parameter(engine: Engine) -> None:
    _save(engine, INPUTS)
    raised = alerts(INPUTS, CONSTANTS)
    assert raised
    with reading(engine) as session:
        assert tuple(store.alerts(session, WEEK)) == raised


def test_other_inputs_put_new_scores_in_force_and_keep_the_old(engine: Engine) -> None:
    n = len(scores(INPUTS, CONSTANTS))
    assert _save(engine, INPUTS) == n
    assert _save(engine, OTHER) == n
    with reading(engine) as session:
        assert {s.input_hash for s in store.current_scores(session, WEEK)} == {OTHER.digest()}
        assert len(session.exec(select(ScoreRow)).all()) == 2 * n
        assert store.is_current(session, WEEK, OTHER.digest())
        assert not store.is_current(session, WEEK, INPUTS.digest())


def test_inputs_that_return_bring_their_scores_back_without_a_copy(engine: Engine) -> None:
    n = _save(engine, INPUTS)
    _save(engine, OTHER)
    assert _save(engine, INPUTS) == 0
    with reading(engine) as session:
        assert {s.input_hash for s in store.current_scores(session, WEEK)} == {INPUTS.digest()}
        assert len(session.exec(select(ScoreRow)).all()) == 2 * n


def test_a_week_without_scores_is_empty(engine: Engine) -> None:
    with reading(engine) as session:
        assert store.current_scores(session, WEEK) == []
        assert store.weeks_scored(session) == []
        assert not store.is_current(session, WEEK, "")


def test_weeks_are_listed_in_order(engine: Engine) -> None:
    for week in ("2026-W46", "2025-W52", "2026-W09"):
        _save(engine, replace(INPUTS, week=week))
    with reading(engine) as session:
        assert store.weeks_scored(session) == ["2025-W52", "2026-W09", "2026-W46"]


def test_signals_are_relevant_articles_of_the_time_with_their_claims(engine: Engine) -> None:
    with transaction(engine) as session:
        _seed(session)
    with reading(engine) as session:
        found = article_signals(session, MONDAY, MONDAY + timedelta(days=5), 0.05)
    assert [(a.title, a.story, a.full) for a in found] == [
        ("Jonot kasvavat", 1, True),
        ("Köerna växer", 1, True),
    ]
    assert found[0].claims[0].label == "relevant"


def _seed(session: Session) -> None:
    """A story in both languages, an irrelevant article, one of the week before, one without a story."""
    session.add(
        FeedRow(
            id="yle",
            url="u",
            title="Yle",
            lang="fi",
            home=["06"],
            publisher_group="yle",
            kind="rss",
        )
    )
    session.add_all(StoryRow(id=i, first_published=AT, last_published=AT) for i in (1, 2))
    session.flush()
    rows = (
        ("Jonot kasvavat", 1, 0, 0.9),
        ("Köerna växer", 1, 2, 0.8),
        ("Ishallin remontti", 2, 3, 0.01),
        ("Vanha uutinen", 1, -100, 0.9),
        ("Ryhmittelemätön", None, 1, 0.9),
    )
    for i, (title, story_id, hours, relevant) in enumerate(rows, 1):
        session.add(_article(i, title, story_id, hours))
        session.flush()
        session.add(_claim(i, relevant))


def _article(id_: int, title: str, story_id: int | None, hours: int) -> ArticleRow:
    return ArticleRow(
        id=id_, address=f"http://example.fi/{id_}", feed_id="yle", publisher_group="yle",
        feed_home=["06"], title=title, text="", language="fi", language_confidence=1.0,
        completeness="full", text_source="page", published=MONDAY + timedelta(hours=hours),
        published_source="feed", first_seen=MONDAY, content_hash=str(id_), fingerprint=b"",
        story_id=story_id,
    )  # fmt: skip


def _claim(article: int, relevant: float) -> ClaimRow:
    return ClaimRow(
        article_id=article, content_hash=str(article), task="relevance", label="relevant",
        probability=relevant, decided=relevant > 0.5, author="model", author_id="v1-a",
        evidence=[], at=AT,
    )  # fmt: skip
