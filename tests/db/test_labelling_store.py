"""Articles that nobody has decided, on both databases."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from monitor.db import claims
from monitor.db.engine import reading, transaction
from monitor.db.labelling import stories_decided, undecided
from monitor.db.tables import StoryRow
from monitor.values import Author, Claim
from tests.stored import AT, article_row, feed_row


def _claim(article: int, author: Author) -> Claim:
    return Claim(article, f"v1:{article}", "relevance", "relevant", 1.0, True, author, "x")


def _filled(session: Session) -> list[int]:
    session.add(feed_row())
    stories = [StoryRow(first_published=AT, last_published=AT) for _ in range(2)]
    session.add_all(stories)
    session.flush()
    rows = [
        article_row(0, story_id=stories[0].id),
        article_row(1, story_id=stories[0].id, language="sv", published=AT + timedelta(hours=2)),
        article_row(2, story_id=stories[1].id, published=AT + timedelta(hours=1)),
        article_row(3, language="en"),
        article_row(4, published=AT - timedelta(hours=1)),
    ]
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def test_what_a_person_has_decided_is_not_asked_again(engine: Engine) -> None:
    with transaction(engine) as session:
        ids = _filled(session)
        claims.add_claims(session, [_claim(ids[0], "person"), _claim(ids[2], "model")], AT)
    with reading(engine) as session:
        found = undecided(session, ("fi", "sv"), 10)
        assert [a.id for a in found] == [ids[1], ids[2], ids[4]]  # the newest first
        assert [a.id for a in undecided(session, ("fi", "sv"), 2)] == [ids[1], ids[2]]
        assert [a.language for a in undecided(session, ("sv",), 10)] == ["sv"]
        assert stories_decided(session) == {found[0].story_id: 1}


def test_an_empty_store_has_nothing_to_decide(engine: Engine) -> None:
    with reading(engine) as session:
        assert undecided(session, ("fi", "sv"), 10) == []
        assert stories_decided(session) == {}
