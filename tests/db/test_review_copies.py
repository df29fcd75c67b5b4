"""Copies of decided articles on both databases: decided along, undone along, counted once, never flagged anew."""

from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine
from sqlmodel import col, delete, select

from classifiers.decisions import Decision
from classifiers.reference import Reference
from monitor.app import App
from monitor.articles.fingerprint import content_hash, signature
from monitor.articles.group import group_new
from monitor.articles.values import Draft
from monitor.clock import ManualClock
from monitor.db import articles
from monitor.db.claims import add_claims, current_claims
from monitor.db.engine import reading, transaction
from monitor.db.flags import open_flags
from monitor.db.tables import ArticleRow, DecisionRow, OutcomeRow
from monitor.feeds.poll import sync_feeds
from monitor.people.values import User
from monitor.progress import Silent
from monitor.review.card import card
from monitor.review.decide import decide, undo
from monitor.review.given import decision
from monitor.review.values import COPY_RULE, Decided, Given
from monitor.settings import Settings
from monitor.tagging.run import flag_due
from monitor.training.agreement import agreement
from monitor.training.exchange import import_decisions, stored_decisions, write_decisions
from monitor.values import Claim, FeedSpec, Stage
from tests.stored import AT

ANNA = User(1, "anna", "Anna Aalto", "reviewer", "fi")
GIVEN = Given(True, ("17",), topics=("health_access", "finance"), direction="risk")
LEHTI = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", ("17",), "ketju", "daily")
BLADET = FeedSpec("bladet", "https://bladet.example/rss", "Bladet", "sv", ("17",), "kust", "daily")
FINNISH = (
    "Raahen päivystys suljetaan yöksi",
    "Pohjois-Pohjanmaan hyvinvointialue sulkee Raahen sairaalan yöpäivystyksen marraskuussa.\n\n"
    "Potilaat ohjataan Ouluun. Perusteena on pula lääkäreistä, ja säästö on 1,4 miljoonaa euroa "
    "vuodessa. Aluehallitus päätti asiasta maanantaina pitkän keskustelun jälkeen.",
)
SWEDISH = (
    "Brahestads jour stängs nattetid",
    "Norra Österbottens välfärdsområde stänger nattjouren vid Brahestads sjukhus i november.\n\n"
    "Patienterna hänvisas till Uleåborg. Läkarbrist är orsaken, och inbesparingen är 1,4 miljoner "
    "euro om året. Välfärdsområdesstyrelsen fattade beslutet på måndagen efter en lång diskussion.",
)

OTHER = (
    "Orkesteri juhlii / Orkestern firar",
    "Kaupunginorkesteri soittaa Sibeliusta lauantaina. Stadsorkestern bjuder på kaffe efteråt, och "
    "liput maksavat 18 euroa ovelta ostettuina.",
)


@dataclass
class House:
    """A store into which articles come one after the other."""

    app: App
    clock: ManualClock
    feed: FeedSpec
    text: tuple[str, str]

    def comes(self, number: int, more: str = "", other: tuple[str, str] | None = None) -> int:
        """An article arrives and finds its story."""
        headline, body = other or (self.text[0], self.text[1] + more)
        draft = Draft(
            f"https://{self.feed.id}.example/{number}", self.feed, headline, body, self.feed.lang, 1.0,
            "full", "", "page", AT + timedelta(hours=number), "feed", content_hash(headline, body),
            signature(body),
        )  # fmt: skip
        with transaction(self.app.engine) as session:
            article = articles.add(session, draft, self.clock())
        group_new(self.app.engine, self.clock, Silent())
        return article

    def hash_of(self, article: int) -> str:
        with reading(self.app.engine) as session:
            return session.get_one(ArticleRow, article).content_hash

    def decides(self, article: int, given: Given = GIVEN, seen: int = 0) -> Decided:
        made = decide(self.app, ANNA, article, self.hash_of(article), seen, given)
        assert isinstance(made, Decided)
        return made

    def authors(self, article: int) -> set[str]:
        with reading(self.app.engine) as session:
            return {c.author for c in current_claims(session, [article]).get(article, ())}

    def imports(self, path: Path) -> int:
        """How many decisions of the file were new."""
        app = self.app
        return import_decisions(app.engine, path, app.reference, self.clock, by="olli").counts[
            "new"
        ]

    def exported(self) -> tuple[Decision, ...]:
        with reading(self.app.engine) as session:
            return stored_decisions(session).decisions


@pytest.fixture(params=["fi", "sv"])
def house(
    request: pytest.FixtureRequest, engine: Engine, clock: ManualClock, reference: Reference
) -> House:
    clock.set(AT + timedelta(days=1))
    sync_feeds(engine, [LEHTI, BLADET], AT)
    app = App(Settings(), clock, engine, reference)
    feed, text = {"fi": (LEHTI, FINNISH), "sv": (BLADET, SWEDISH)}[request.param]
    return House(app, clock, feed, text)


def test_a_copy_that_comes_later_is_decided_along_and_undone_along(house: House) -> None:
    first = house.comes(1)
    made = house.decides(first)
    house.clock.set(house.clock() + timedelta(hours=2))
    copy = house.comes(2, more=" STT")
    shown = card(house.app, ANNA, copy)
    assert shown is not None
    (row,) = shown.history
    assert (row.who, row.given, row.through, row.source) == ("anna", GIVEN, first, COPY_RULE)
    assert row.at >= house.clock()  # not before it came
    with reading(house.app.engine) as session:
        said = {a: {(c.task, c.label, c.decided, c.role) for c in cs} for a, cs in
                current_claims(session, [first, copy]).items()}  # fmt: skip
    assert said[first] == said[copy]
    undone = undo(house.app, ANNA, made.decision.id)
    assert isinstance(undone, Decided)
    assert set(undone.articles) == {first, copy}
    assert house.authors(copy) == set()
    assert house.comes(3, more=" FNB") != copy
    with reading(house.app.engine) as session:  # nothing stands that could be followed
        assert session.exec(select(DecisionRow).where(DecisionRow.article_id > copy)).all() == []


def test_a_copy_that_comes_later_is_not_flagged(house: House) -> None:
    first = house.comes(1)
    house.decides(first)
    copy = house.comes(2, more=" STT")
    other = house.comes(3, other=OTHER)
    with transaction(house.app.engine) as session:
        for article in (copy, other):
            text = session.get_one(ArticleRow, article).content_hash
            add_claims(session, _machine(article, text), house.clock())
            session.add(
                OutcomeRow(stage=Stage.TAG.value, item=f"{article}|1|m", outcome="relevant", reason="", at=house.clock())
            )  # fmt: skip
    flag_due(
        house.app.engine, house.app.reference, {}, house.clock, house.app.settings, Silent()
    )  # fmt: skip
    with reading(house.app.engine) as session:
        assert set(open_flags(session, [first, copy, other])) == {other}
    assert "person" in house.authors(copy)  # what models say later does not outrank it


def _machine(article: int, text: str) -> list[Claim]:
    return [
        Claim(article, text, "relevance", "relevant", 0.9, True, "model", "m"),
        Claim(article, text, "region", "17", 0.9, True, "model", "m", "happens"),
        Claim(article, text, "direction", "risk", 0.9, True, "model", "m"),
    ]


def test_what_is_no_copy_or_was_decided_as_another_text_follows_nobody(house: House) -> None:
    first = house.comes(1)
    house.decides(first)
    followup = house.comes(
        2, other=(house.text[0], house.text[1].split("\n")[0] + "\n\n" + OTHER[1] * 2)
    )
    assert house.authors(followup) == set()
    with transaction(house.app.engine) as session:
        session.get_one(ArticleRow, first).content_hash = "v1:" + "b" * 64  # revised since
    assert house.authors(house.comes(3, more=" STT")) == set()


def test_one_decision_counts_once_however_many_copies_there_are(house: House) -> None:
    first = house.comes(1)
    copies = [house.comes(2, more=" STT")]
    assert house.decides(first).articles == (first, *copies)
    house.comes(3, more=" FNB")
    (exported,) = house.exported()
    assert exported.text_sha256 == house.hash_of(first)
    assert exported.topics == GIVEN.topics  # the main one first
    assert agreement(house.exported(), seed=1).people == {"anna": 1}


def test_a_word_on_a_copys_own_card_is_an_example_of_its_own(house: House) -> None:
    first = house.comes(1)
    copy = house.comes(2, more=" STT")
    house.decides(first)
    house.decides(copy, Given(False), seen=1)
    own = {d.text_sha256: d.relevant for d in house.exported()}
    assert own == {house.hash_of(copy): False}  # the later word holds for both, and counts once


def test_an_imported_decision_holds_for_copies_and_is_imported_once(
    house: House, tmp_path: Path
) -> None:
    first, copy = house.comes(1), house.comes(2, more=" STT")
    said = decision(
        GIVEN, "berit", AT, address=f"https://{house.feed.id}.example/1", language=house.feed.lang,
        content_hash=house.hash_of(first),
    )  # fmt: skip
    write_decisions(tmp_path / "berit.jsonl", [said])
    for expected in (1, 0):
        assert house.imports(tmp_path / "berit.jsonl") == expected
    with reading(house.app.engine) as session:
        rows = session.exec(select(DecisionRow).where(col(DecisionRow.article_id) == copy)).all()
    assert [(r.who, r.through, r.source) for r in rows] == [("berit", first, COPY_RULE)]
    assert house.exported() == (replace(said, story=house.exported()[0].story),)


def test_a_file_does_not_bring_back_what_was_undone(house: House, tmp_path: Path) -> None:
    first = house.comes(1)
    made = house.decides(first)
    write_decisions(tmp_path / "anna.jsonl", house.exported())
    undo(house.app, ANNA, made.decision.id)
    assert house.imports(tmp_path / "anna.jsonl") == 0
    assert house.authors(first) == set()


def test_a_decision_from_before_there_were_rows_gets_one_and_can_be_undone(house: House) -> None:
    article = house.comes(1)
    house.decides(article)
    house.decides(article, Given(False), seen=1)
    with transaction(house.app.engine) as session:
        session.exec(delete(DecisionRow))
        connection = session.connection()
        with Operations.context(MigrationContext.configure(connection)):
            version_of("0021_decisions_before_rows").upgrade()
    shown = card(house.app, ANNA, article)
    assert shown is not None
    assert [(m.number, m.who, m.given) for m in shown.history] == [
        (1, "anna", GIVEN), (2, "anna", Given(False)),
    ]  # fmt: skip
    assert isinstance(undo(house.app, ANNA, shown.history[-1].id), Decided)
    with reading(house.app.engine) as session:
        claims = current_claims(session, [article])[article]
        (relevance,) = (c for c in claims if c.task == "relevance")
    assert relevance.decided  # the earlier word stands again


def version_of(name: str) -> Any:
    return import_module(f"monitor.db.migrations.versions.{name}")
