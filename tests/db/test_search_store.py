"""One contract for the search index on both databases: what is found, in which order, and what never."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import revisions, search
from monitor.db.claims import add_claims
from monitor.db.engine import reading, transaction
from monitor.search.fill import index_due
from monitor.search.find import Results, find_articles
from monitor.search.values import Order, Wrong
from monitor.settings import load_settings
from monitor.values import Claim, Task
from tests.stored import article_row, feed_row

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
TEXTS = (
    ("fi", "Hyvinvointialueen alijäämä kasvaa", "HUSin johtaja pitää talousarviota tiukkana."),
    ("fi", "Lääkäripula pahenee", "Alueen terveysasemilla ei riitä lääkäreitä. Talous on tiukka."),
    ("sv", "Köerna växer i Österbotten", "Välfärdsområdet klarar inte vårdgarantin."),
    ("sv", "Ny hälsocentral öppnas", "Hälsocentralen får tjugo nya skötare. Underskottet minskar."),
    ("fi", "Talousarvio hyväksyttiin", "Valtuusto hyväksyi talousarvion. Alijäämä katetaan."),
    ("en", "County deficit grows", "The café near the hospital is closed."),
)


@pytest.fixture
def app(engine: Engine, reference: Reference) -> App:
    with transaction(engine) as session:
        session.add(feed_row("a"))
        session.add(feed_row("b-lehti"))
        session.flush()
        for number, (language, title, text) in enumerate(TEXTS, start=1):
            row = article_row(
                number, title=title, text=text, language=language,
                feed_id="b-lehti" if number == 5 else "a",
                published=AT + timedelta(hours=24 * number),
            )  # fmt: skip
            session.add(row)
            session.flush()
            search.enter(session, number, row.published)
    made = App(load_settings({}), ManualClock(AT), engine, reference)
    assert index_due(made) == len(TEXTS)
    return made


def found(app: App, text: str, order: Order = "newest") -> list[int]:
    results = find_articles(app, text, order=order)
    assert isinstance(results, Results), results
    return [hit.article.id for hit in results.hits]


CASES = (
    ("", [6, 5, 4, 3, 2, 1]),
    ("alijäämä", [5, 1]),
    ("alijäämästä", [5, 1]),
    ("ALIJÄÄMÄN", [5, 1]),
    ("alijaama", []),  # ä is no a
    ("HUS", [1]),
    ("HUS:n", [1]),
    ("hyvinvointialue", [1]),
    ("välfärdsområdena", [3]),
    ("hälsocentraler underskott", [4]),
    ("vårdgaranti", [3]),
    ("cafe", [6]),
    ("talous", [2]),
    ("talous*", [5, 2, 1]),
    ("lääkäri*", [2]),
    ('"talous tiukka"', []),  # "on" stands between
    ('"talous on tiukka"', [2]),
    ('"pahenee alueen"', []),  # no phrase spans title and text
    ("tiukka -lääkäri", [1]),
    ("alijäämä -outlet:b-lehti", [1]),
    ("alijäämä outlet:b-lehti", [5]),
    ("kieli:sv", [4, 3]),
    ("kieli:sv kieli:en", [6, 4, 3]),
    ("from:2026-11-20", [6, 5, 4]),
    ("to:17.11.2026", [1]),
    ("alijäämä from:2026-11-18", [5]),
    ("decided:no alijäämä", [5, 1]),
    ("decided:yes", []),
    ("Länsi-Uusimaa", []),
)


def test_what_a_query_finds(app: App) -> None:
    assert {text: found(app, text) for text, _ in CASES} == dict(CASES)


def test_the_best_say_it_in_the_title(app: App) -> None:
    assert found(app, "alijäämä", "best") == [1, 5]
    assert found(app, "talousarvio", "best") == [5, 1]


def test_pages_hold_every_article_once(app: App) -> None:
    orders: tuple[Order, ...] = ("newest", "best")
    for order in orders:
        for text in ("", "tal*", "alijäämä"):
            assert one_by_one(app, text, order) == found(app, text, order)


def one_by_one(app: App, text: str, order: Order) -> list[int]:
    pages: list[int] = []
    after = ""
    for _ in TEXTS:
        page = find_articles(app, text, order=order, after=after, limit=1)
        assert isinstance(page, Results)
        pages += [hit.article.id for hit in page.hits]
        after = page.more
        if not after:
            break
    return pages


HOSTILE = (
    "'; DROP TABLE articles; --", 'title:"x"', "NEAR(a b)", "a AND OR NOT b", "^alku", "{title}:a",
    "alijäämä)", "(((", "* * *", "a\x00b", "&|!<->:*", "':*A", "ﬁ ⑴ ½ ŉ", "- -", '""', "-\"a b\"",
    "🙂🙂🙂 talo", "a" * 399, "region:19 -topic:finance 'x'", "\ud7ff\ufffd", "%s %d :match",
)  # fmt: skip


def test_no_query_breaks_the_store(app: App) -> None:
    orders: tuple[Order, ...] = ("newest", "best")
    for text in HOSTILE:
        for order in orders:
            assert isinstance(find_articles(app, text, order=order), Results | Wrong), text
    assert len(found(app, "")) == len(TEXTS)


def claims_of(article: int, said: Sequence[tuple[Task, str]], author: str = "model") -> list[Claim]:
    return [
        Claim(article, f"v1:{article}", task, label, 1.0, True, author, "x")  # type: ignore[arg-type]
        for task, label in said
    ]


def test_claims_narrow_a_search_after_the_next_tick(app: App) -> None:
    said: list[tuple[Task, str]] = [
        ("relevance", "relevant"),
        ("region", "19"),
        ("topic", "finance"),
    ]
    with transaction(app.engine) as session:
        add_claims(session, claims_of(1, said), AT)
        add_claims(session, claims_of(5, [*said[:1], ("region", "HUS")], "person"), AT)
    assert index_due(app) == 2
    assert found(app, "region:19") == [1]
    assert found(app, "alue:Pohjois-Pohjanmaa alue:HUS") == [5, 1]
    assert found(app, "alijäämä -region:19") == [5]
    assert found(app, "topic:finance") == [1]
    assert found(app, "aihe:finance päätetty:ei") == [1]
    assert found(app, "decided:yes alijäämä") == [5]
    assert index_due(app) == 0


def test_an_article_that_was_taken_away_is_found_no_more(app: App) -> None:
    with transaction(app.engine) as session:
        revisions.take_away(session, 5, "asked", "test", AT)
    assert found(app, "alijäämä") == [1]
    assert found(app, "") == [6, 4, 3, 2, 1]
    with transaction(app.engine) as session:
        assert search.enter_missing(session) == 0
    assert index_due(app) == 0


def test_what_changes_while_it_is_indexed_waits_on(app: App) -> None:
    with transaction(app.engine) as session:
        search.expire(session, [1])
    with reading(app.engine) as session:
        turns = search.waiting(session, "x", 10)
    with transaction(app.engine) as session:
        search.expire(session, [1])
        old = search.Document(1, turns[1], AT, ("vanha",), (), ())
        search.put(session, [old], "x")
    assert found(app, "vanha") == []
    assert index_due(app) == 1
    assert found(app, "HUS") == [1]


def test_another_lexicon_indexes_everything_anew(app: App) -> None:
    with reading(app.engine) as session:
        assert len(search.waiting(session, "another", 100)) == len(TEXTS)
        assert len(search.waiting(session, "0", 2)) == 2


def test_articles_that_were_never_entered_are_found_by_the_command(app: App) -> None:
    with transaction(app.engine) as session:
        session.add(article_row(7, title="Seitsemäs", published=AT))
    with transaction(app.engine) as session:
        assert search.enter_missing(session) == 1
    index_due(app)
    assert found(app, "seitsemäs") == [7]
