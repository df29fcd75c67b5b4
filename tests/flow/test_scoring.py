"""Scoring over a real store: claims, coverage and readiness in; scores, alerts and explanations out."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import Session, select

from classifiers.reference import Reference
from monitor.cli.score import score_group
from monitor.cli.summary import summary_group
from monitor.clock import ManualClock
from monitor.db import scores as store
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import ArticleRow, ClaimRow, FeedRow, PollRow, ScoreRow, StoryRow
from monitor.db.views import story_tellings
from monitor.progress import Silent
from monitor.readiness.run import import_sample
from monitor.risk.run import ScoreReport, score_weeks
from monitor.settings import Settings, load_settings
from monitor.summary.parts import leaves
from monitor.summary.run import NoScores, write_summary
from monitor.values import ALL_GROUPS, NotReady, Score
from monitor.weeks import week_bounds, weeks_between
from tests.conftest import NOW

WEEK = "2026-W46"
WEEKS = weeks_between("2026-W40", WEEK)
ERRORS = {"topic": {"precision": 0.8, "recall": 0.75}}
# Two regions with papers, in both languages; all others have none.
PAPERS = {
    "satakunnan-kansa": ("06", "fi", "Päivystyksen jonot kasvavat"),
    "vasabladet": ("17", "sv", "Köerna till samjouren växer"),
    "pohjalainen": ("17", "fi", "Terveysasemien jonot kasvavat"),
}


@dataclass(frozen=True)
class Stage:
    """A store filled with seven weeks, and what a use-case needs beside it."""

    engine: Engine
    settings: Settings
    clock: ManualClock
    reference: Reference

    def score(self, *weeks: str) -> ScoreReport:
        return score_weeks(
            self.engine, weeks, self.reference, self.settings, {"topic": "v1-a"}, ERRORS,
            self.clock, Silent(),
        )  # fmt: skip

    def scores(self, week: str = WEEK) -> dict[tuple[str, str], Score]:
        with reading(self.engine) as session:
            return {(s.region, s.group): s for s in store.current_scores(session, week)}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Path:
    """A store's file, filled once: filling takes longer than the tests on it."""
    path = tmp_path_factory.mktemp("store") / "filled.db"
    made = open_engine(f"sqlite:///{path}")
    migrate(made)
    with transaction(made) as session:
        _newsroom(session)
    import_sample(made, ManualClock(NOW), reference)
    made.dispose()  # closing the last connection leaves everything in the one file
    return path


@pytest.fixture(scope="module")
def scored(filled: Path, tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Path:
    """The same store with the week scored."""
    path = Path(shutil.copy(filled, tmp_path_factory.mktemp("store") / "scored.db"))
    stage = _stage(path, reference)
    stage.score(WEEK)
    stage.engine.dispose()
    return path


@pytest.fixture
def stage(filled: Path, tmp_path: Path, reference: Reference) -> Iterator[Stage]:
    """A copy of the filled store for one test."""
    made = _stage(Path(shutil.copy(filled, tmp_path / "store.db")), reference)
    yield made
    made.engine.dispose()


@pytest.fixture
def done(scored: Path, tmp_path: Path, reference: Reference) -> Iterator[Stage]:
    """A copy of the scored store for one test."""
    made = _stage(Path(shutil.copy(scored, tmp_path / "store.db")), reference)
    yield made
    made.engine.dispose()


def _stage(path: Path, reference: Reference) -> Stage:
    url = f"sqlite:///{path}"
    settings = load_settings({}, draws=200, database_url=url)
    return Stage(open_engine(url), settings, ManualClock(NOW), reference)


def _newsroom(session: Session) -> None:
    for name, (home, lang, _) in PAPERS.items():
        session.add(
            FeedRow(
                id=name, url=f"http://{name}.example/rss", title=name, lang=lang, home=[home],
                publisher_group=name, kind="paper",
            )
        )  # fmt: skip
    session.flush()
    for week in WEEKS:
        end = week_bounds(week)[1]
        session.add_all(
            PollRow(feed_id=name, at=end, outcome="ok", oldest_item=end - timedelta(days=8))
            for name in PAPERS
        )
    for n, week in enumerate(WEEKS):
        _story(session, n + 1, week, "satakunnan-kansa")
    for n in range(9):  # a surge in one region this week, told by two groups
        _story(session, 100 + n, WEEK, "vasabladet")
        _article(session, 100 + n, WEEK, "pohjalainen", hours=3)


def _story(session: Session, story: int, week: str, paper: str) -> None:
    at = week_bounds(week)[0] + timedelta(hours=30)
    session.add(StoryRow(id=story, first_published=at, last_published=at))
    session.flush()
    _article(session, story, week, paper)


def _article(session: Session, story: int, week: str, paper: str, hours: int = 0) -> None:
    home, lang, title = PAPERS[paper]
    at = week_bounds(week)[0] + timedelta(hours=30 + hours)
    row = ArticleRow(
        address=f"http://{paper}.example/{story}", feed_id=paper, publisher_group=paper,
        feed_home=[home], title=title, text="", language=lang, language_confidence=1.0,
        completeness="full", text_source="page", published=at, published_source="feed",
        first_seen=at, content_hash=f"{paper}-{story}", fingerprint=b"", story_id=story,
    )  # fmt: skip
    session.add(row)
    session.flush()
    said = (
        ("relevance", "relevant", 0.95, None), ("region", home, 0.9, "happens"),
        ("topic", "health_access", 0.9, None), ("direction", "risk", 0.85, None),
        ("direction", "neutral", 0.1, None), ("direction", "progress", 0.05, None),
    )  # fmt: skip
    for task, label, probability, role in said:
        session.add(
            ClaimRow(
                article_id=int(row.id or 0), content_hash=row.content_hash, task=task,
                label=label, probability=probability, decided=probability > 0.5, author="model",
                author_id="v1-a", role=role, evidence=[], at=at,
            )
        )  # fmt: skip
        session.flush()


def test_every_unit_and_group_gets_three_numbers_or_the_reason_why_not(stage: Stage) -> None:
    report = stage.score(WEEK)
    found = stage.scores()
    assert report.written == len(found) == 23 * 6
    assert report.not_ready == {WEEK: 21}
    for (region, _), score in found.items():
        heard = region in {"06", "17"}
        assert isinstance(score.media, float) == heard
        assert score.coverage.exposure == pytest.approx(1.0 if heard else 0.0)
        if not heard:
            assert isinstance(score.combined, NotReady)
            assert "coverage:0.00:0.30" in score.combined.reasons


def test_the_region_with_the_surge_has_the_pressure_and_the_alert(done: Stage) -> None:
    found = done.scores()
    quiet, loud = found["06", ALL_GROUPS].media, found["17", ALL_GROUPS].media
    assert isinstance(quiet, float)
    assert isinstance(loud, float)
    assert loud > quiet
    with reading(done.engine) as session:
        alerts = store.alerts(session, WEEK)
    assert [(a.region, a.topic) for a in alerts] == [("17", "health_access")]


def test_a_score_leads_to_its_stories_in_both_languages(done: Stage) -> None:
    of_region = [s for (region, _), s in done.scores().items() if region == "17"]
    behind = [c for c in leaves(of_region) if c.kind == "story"]
    assert len(behind) == 9
    assert all(c.value > 0 for c in behind)
    with reading(done.engine) as session:
        told = story_tellings(session, [int(c.ref) for c in behind], *week_bounds(WEEK))
    assert {a.language for a in told[int(behind[0].ref)]} == {"fi", "sv"}


def test_the_same_inputs_write_nothing(done: Stage) -> None:
    before = done.scores()
    again = done.score(WEEK)
    assert (again.written, again.unchanged) == (0, (WEEK,))
    assert done.scores() == before


def test_a_persons_decision_changes_the_score_and_the_old_one_stays(done: Stage) -> None:
    before = done.scores()["17", "palveluiden_jarjestaminen"]
    with transaction(done.engine) as session:
        for row in session.exec(select(ArticleRow).where(ArticleRow.feed_id == "vasabladet")).all():
            session.add(
                ClaimRow(
                    article_id=int(row.id or 0), content_hash=row.content_hash, task="relevance",
                    label="relevant", probability=1.0, decided=False, author="person",
                    author_id="tarkastaja", evidence=[], at=NOW,
                )
            )  # fmt: skip
    done.clock.set(NOW + timedelta(days=1))  # of one day only the last computation is kept
    done.score(WEEK)
    after = done.scores()["17", "palveluiden_jarjestaminen"]
    assert isinstance(before.media, float)
    assert isinstance(after.media, float)
    assert after.media < before.media
    assert after.input_hash != before.input_hash
    with reading(done.engine) as session:
        assert len(session.exec(select(ScoreRow)).all()) == 2 * 23 * 6


def test_several_weeks_are_scored_each_with_its_own_past(stage: Stage) -> None:
    report = stage.score("2026-W46", "2026-W41", "2026-W46")
    assert report.weeks == ("2026-W41", "2026-W46")
    early, late = stage.scores("2026-W41"), stage.scores("2026-W46")
    assert early["06", ALL_GROUPS].input_hash != late["06", ALL_GROUPS].input_hash
    assert early["17", ALL_GROUPS].media < late["17", ALL_GROUPS].media  # type: ignore[operator]


def test_an_empty_store_has_no_combined_score_anywhere(
    sqlite: Engine, reference: Reference, clock: ManualClock
) -> None:
    settings = load_settings({}, draws=100)
    report = score_weeks(sqlite, [WEEK], reference, settings, {}, {}, clock, Silent())
    assert report.not_ready == {WEEK: 23}
    assert report.alerts == 0


def test_a_week_without_scores_has_no_summary_and_says_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write_summary(stage.engine, WEEK, stage.reference, stage.settings, stage.clock)
    assert made == NoScores(WEEK)
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", stage.settings.database_url)
    told = CliRunner().invoke(summary_group, ["write", "--week", WEEK])
    assert told.exit_code == 2
    assert f"tilannekuva score run --week {WEEK}" in told.output


def test_the_command_line_shows_and_explains(done: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", done.settings.database_url)
    run = CliRunner()
    shown = run.invoke(score_group, ["show", "--week", WEEK])
    assert shown.exit_code == 0, shown.output
    assert shown.output.index("Pohjanmaa") < shown.output.index("Kainuu")
    assert "not ready" in shown.output
    explained = run.invoke(score_group, ["explain", "Österbotten", "--week", WEEK])
    assert explained.exit_code == 0, explained.output
    assert "Köerna till samjouren växer" in explained.output
    one = run.invoke(score_group, ["explain", "17", "--week", WEEK, "--group", "ict_muutos"])
    assert "readiness roadmap" in one.output


def test_the_command_line_says_what_to_do(done: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", done.settings.database_url)
    for arguments, said in (
        (["show", "--week", "2026-W99"], "write it as 2026-W46"),
        (["show", "--week", "2026-W01"], "tilannekuva score run --week 2026-W01"),
        (["show", "--week", WEEK, "--group", "x"], "no roadmap group"),
        (["explain", "Atlantis", "--week", WEEK], "is no region"),
        (["explain", "17", "--week", WEEK, "--group", "x"], "no roadmap group"),
    ):
        result = CliRunner().invoke(score_group, arguments)
        assert result.exit_code != 0
        assert said in result.output
