"""Tagging and flagging over a real store with the shipped models."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from classifiers.tagger import Tagger
from classifiers.values import TASKS, Tags, Text
from monitor.clock import ManualClock
from monitor.db.claims import current_claims
from monitor.db.engine import reading, transaction
from monitor.db.flags import open_flags
from monitor.db.outcomes import counts
from monitor.db.tables import ActivationRow, ArticleRow, AuditRow, ClaimRow
from monitor.errors import ModelError
from monitor.progress import Silent
from monitor.settings import Settings
from monitor.tagging.run import flag_due, tag_due
from monitor.training import registry
from monitor.values import FlagReason, Stage
from tests.conftest import ROOT
from tests.stored import article_row, feed_row

MODELS, LABELS = ROOT / "models", ROOT / "labels"
DEFICIT = (
    "Pohteen alijäämä uhkaa kasvaa 90 miljoonaan euroon",
    "Pohjois-Pohjanmaan hyvinvointialueen talous heikkenee. Aluehallitus varoittaa, että hoitojonot "
    "pitenevät ja yt-neuvottelut johtavat irtisanomisiin. Ylilääkärin mukaan potilaat kärsivät.",
    "fi",
)
SHORTAGE = (
    "Brist på läkare stänger hälsostationens jour i Närpes",
    "Österbottens välfärdsområde lyckas inte rekrytera läkare. Patienterna får vänta i veckor och "
    "personalen är överbelastad, säger direktören för välfärdsområdet. Jouren stängs i april.",
    "sv",
)
MATCH = ("Kärpät voitti Tapparan jatkoajalla", "Ottelu ratkesi Oulussa ylivoimamaaliin.", "fi")
ENGLISH = ("Council approves the new bridge", "The bridge will open in May.", "en")


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(MODELS, registry.shipped_versions(MODELS), LABELS)


@pytest.fixture
def settings() -> Settings:
    return Settings()


def _store(engine: Engine, *texts: tuple[str, str, str], kind: str = "daily") -> None:
    with transaction(engine) as session:
        session.add(feed_row(kind=kind))
        session.flush()
        for n, (title, text, language) in enumerate(texts):
            session.add(article_row(n, title=title, text=text, language=language, group=f"g{n}"))


def _flag(engine: Engine, reference: Reference, clock: ManualClock, settings: Settings) -> None:
    flag_due(engine, reference, {}, clock, settings, Silent())


def test_every_article_gets_one_outcome_and_its_claims(
    sqlite: Engine, tagger: Tagger, clock: ManualClock
) -> None:
    _store(sqlite, DEFICIT, SHORTAGE, MATCH, ENGLISH)
    report = tag_due(sqlite, tagger, clock, Silent())
    assert report.outcomes == {"relevant": 2, "not relevant": 1, "other language": 1}
    with reading(sqlite) as session:
        said = current_claims(session, [1, 2, 3, 4])
        assert counts(session, Stage.TAG) == dict(report.outcomes)
    decided = {a: {(c.task, c.label) for c in claims if c.decided} for a, claims in said.items()}
    assert {("region", "19"), ("topic", "finance"), ("direction", "risk")} <= decided[1]
    assert {("region", "17"), ("direction", "risk")} <= decided[2]
    assert {task for task, _ in decided[3]} == {"region"}
    assert 4 not in said


def test_evidence_is_the_characters_it_points_at(
    sqlite: Engine, tagger: Tagger, clock: ManualClock
) -> None:
    _store(sqlite, DEFICIT, SHORTAGE)
    tag_due(sqlite, tagger, clock, Silent())
    with reading(sqlite) as session:
        said = current_claims(session, [1, 2])
    fields = {1: dict(zip(("title", "text"), DEFICIT, strict=False)),
              2: dict(zip(("title", "text"), SHORTAGE, strict=False))}  # fmt: skip
    evidence = [(a, e) for a, claims in said.items() for c in claims for e in c.evidence]
    assert evidence
    assert all(fields[a][e.field][e.start : e.end] == e.text for a, e in evidence)


def test_nothing_is_tagged_twice_and_a_revision_is_tagged_anew(
    sqlite: Engine, tagger: Tagger, clock: ManualClock
) -> None:
    _store(sqlite, DEFICIT)
    tag_due(sqlite, tagger, clock, Silent())
    assert tag_due(sqlite, tagger, clock, Silent()).articles == 0
    with transaction(sqlite) as session:
        row = session.exec(select(ArticleRow)).one()
        row.title, row.text, row.content_hash, row.revision = *MATCH[:2], "v1:b", 2
    assert tag_due(sqlite, tagger, clock, Silent()).outcomes == {"not relevant": 1}
    with reading(sqlite) as session:
        assert {c.content_hash for c in current_claims(session, [1])[1]} == {"v1:b"}
        assert sum(counts(session, Stage.TAG).values()) == 2


class _Dies(BaseException):
    """Stands for a kill in the middle of the work: nothing in the program catches it."""


class _Mortal(Tagger):
    """A tagger whose second call never returns."""

    def __init__(self, whole: Tagger) -> None:
        self.__dict__ |= whole.__dict__ | {"calls": 0}

    def tag(self, texts: list[Text]) -> list[Tags]:  # type: ignore[override]
        self.__dict__["calls"] += 1
        if self.__dict__["calls"] > 1:
            raise _Dies
        return super().tag(texts)


def test_a_run_that_is_cut_off_goes_on_where_it_stopped(
    sqlite: Engine, tagger: Tagger, clock: ManualClock
) -> None:
    _store(sqlite, *[MATCH] * 250)
    with pytest.raises(_Dies):
        tag_due(sqlite, _Mortal(tagger), clock, Silent())
    with reading(sqlite) as session:
        done = sum(counts(session, Stage.TAG).values())
    assert 0 < done < 250
    assert tag_due(sqlite, tagger, clock, Silent()).articles == 250 - done
    with reading(sqlite) as session:
        assert sum(counts(session, Stage.TAG).values()) == 250
        relevance = select(ClaimRow.article_id).where(ClaimRow.task == "relevance")
        assert sorted(session.exec(relevance)) == list(range(1, 251))


def test_the_place_of_a_rescue_notice_decides_its_region(
    sqlite: Engine, tagger: Tagger, clock: ManualClock
) -> None:
    _store(sqlite, ("Mustasaari/Korsholm, maastopalo: pieni", "", "fi"), kind="rescue")
    tag_due(sqlite, tagger, clock, Silent())
    with reading(sqlite) as session:
        said = current_claims(session, [1])[1]
    assert [(c.label, c.author) for c in said if c.task == "region" and c.decided] == [
        ("17", "rule")
    ]
    assert [c.author for c in said if c.task == "relevance"] == ["model"]


def test_a_risk_is_flagged_with_its_reason_and_a_match_is_not(
    sqlite: Engine, tagger: Tagger, clock: ManualClock, settings: Settings, reference: Reference
) -> None:
    _store(sqlite, DEFICIT, MATCH, ENGLISH)
    tag_due(sqlite, tagger, clock, Silent())
    for _ in range(2):  # the second finds nothing due
        _flag(sqlite, reference, clock, settings)
    with reading(sqlite) as session:
        found = open_flags(session, [1, 2, 3])
        assert counts(session, Stage.FLAG) == {"flagged": 1, "not flagged": 2}
    assert list(found) == [1]
    assert FlagReason.RISK in [f.reason for f in found[1]]


def test_the_weeks_budget_is_kept_across_runs(
    sqlite: Engine, tagger: Tagger, clock: ManualClock, reference: Reference
) -> None:
    _store(sqlite, DEFICIT, SHORTAGE)
    budget = Settings(flag_budget=1)
    tag_due(sqlite, tagger, clock, Silent())
    _flag(sqlite, reference, clock, budget)
    with reading(sqlite) as session:
        assert counts(session, Stage.FLAG) == {"flagged": 1, "not flagged": 1}


# --- versions in use ------------------------------------------------------------------------------


def test_the_shipped_versions_are_in_use_until_another_is_activated(
    sqlite: Engine, clock: ManualClock
) -> None:
    shipped = registry.active_versions(sqlite, MODELS)
    assert set(shipped) == set(TASKS)
    assert registry.activate(sqlite, MODELS, shipped, clock, by="test", reason="same") == ()
    with pytest.raises(ModelError, match="v1-none"):
        registry.activate(sqlite, MODELS, {"topic": "v1-none"}, clock, by="test", reason="x")
    with transaction(sqlite) as session:
        assert session.exec(select(AuditRow)).all() == []
        session.add(
            ActivationRow(task="topic", version="v1-gone", at=clock(), by="test", reason="x")
        )
    with pytest.raises(ModelError, match="v1-gone"):
        registry.active_versions(sqlite, MODELS)


def test_no_version_at_all_says_what_to_do(sqlite: Engine, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="tilannekuva train"):
        registry.active_versions(sqlite, tmp_path)


def test_error_rates_are_shares(sqlite: Engine) -> None:
    rates = registry.error_rates(MODELS, registry.active_versions(sqlite, MODELS))
    assert set(rates) == set(TASKS)
    assert all(0 < r["precision"] <= 1 and 0 < r["recall"] <= 1 for r in rates.values())


class Fragile:
    """A tagger that breaks on one text: the outermost edge, faked; all else is real."""

    def __init__(self, tagger: Tagger, breaks_on: str) -> None:
        self._tagger, self._breaks_on = tagger, breaks_on
        self.id, self.versions = tagger.id, tagger.versions

    def tag(self, texts: list[Text]) -> list[Tags]:
        if any(self._breaks_on in text.title for text in texts):
            raise ZeroDivisionError(self._breaks_on)
        return self._tagger.tag(texts)

    def place_of_notice(self, title: str) -> tuple[str, ...]:
        return self._tagger.place_of_notice(title)


@pytest.mark.parametrize("poison", ["Pohteen alijäämä", "Brist på läkare"])
def test_a_text_that_breaks_the_tagger_is_set_aside_and_stops_no_other(
    sqlite: Engine, tagger: Tagger, clock: ManualClock, poison: str
) -> None:
    _store(sqlite, DEFICIT, SHORTAGE, MATCH)
    fragile = Fragile(tagger, poison)
    report = tag_due(sqlite, fragile, clock, Silent())  # type: ignore[arg-type]
    assert report.outcomes["set aside"] == 1
    assert report.articles == 3
    with reading(sqlite) as session:
        assert counts(session, Stage.TAG)["set aside"] == 1
    assert tag_due(sqlite, fragile, clock, Silent()).articles == 0  # type: ignore[arg-type]
