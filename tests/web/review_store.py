"""A store for the review: flagged articles that wait, two reviewers, a browser's or a client's session.

Every article is a story of its own unless said otherwise; all of it is invented.
"""

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import Clock
from monitor.db.engine import transaction
from monitor.db.people import add_user, find_account
from monitor.db.sessions import open_session
from monitor.db.tables import ArticleRow, ClaimRow, FeedRow, FlagRow, RevisionRow, StoryRow
from monitor.people.values import Role, User
from monitor.review.refresh import refresh
from monitor.settings import load_settings
from monitor.values import SAMPLE_NOTE, Evidence
from tests.web.seed import NOW

MODEL = "v1-3f2a9c1d77e0"
FINNISH = (
    "Hoitojono venyy jo {n}. viikkoa",
    "Jonossa on satoja potilaita. Kainuun hyvinvointialue ei saa palkattua lääkäreitä, ja hoitotakuu "
    "ylittyy kolmella terveysasemalla. Johto kertoo asiasta valtuustolle.",
)
SWEDISH = (
    "Vårdkön växer för {n}:e veckan",
    "Hundratals patienter står i kö. Österbottens välfärdsområde får inte tag på läkare, och "
    "vårdgarantin överskrids på tre hälsocentraler.",
)
HOSTILE = '<img src=x onerror="document.title=1"><script>alert(1)</script>'


def fill(engine: Engine, reference: Reference, n: int, now: datetime = NOW) -> list[int]:
    """`n` flagged articles in the queue, every third in Swedish; returns their ids in the order made."""
    with transaction(engine) as session:
        _feeds(session)
        ids = [_article(session, number, now) for number in range(n)]
    refresh(App(load_settings({}), lambda: now, engine, reference))
    return ids


def person(engine: Engine, name: str, role: Role = "reviewer", language: str = "fi") -> User:
    """An account of that name."""
    with transaction(engine) as session:
        found = find_account(session, name)
        user = found.user if found else None
        user = user or add_user(
            session, name, name.capitalize(), role, language, who="test", at=NOW
        )
    assert user is not None
    return user


def signed_in(engine: Engine, user: User, clock: Clock = lambda: NOW) -> str:
    """The secret of a new session: what the session's cookie holds."""
    with transaction(engine) as session:
        return open_session(session, user.id, clock(), "link", "test")


def _feeds(session: Session) -> None:
    for lang, title in (("fi", "Kainuun Viesti"), ("sv", "Kustens Tidning")):
        session.add(
            FeedRow(
                id=f"lehti-{lang}", url=f"http://{lang}.localhost/feed", title=title, lang=lang,
                home=["20" if lang == "fi" else "17"], publisher_group=f"g-{lang}", kind="daily",
                note=SAMPLE_NOTE,
            )
        )  # fmt: skip
    session.flush()


def _article(session: Session, number: int, now: datetime) -> int:
    lang = "sv" if number % 3 == 2 else "fi"
    title, text = (part.format(n=number) for part in (SWEDISH if lang == "sv" else FINNISH))
    at = now - timedelta(minutes=10 * number + 10)
    story = StoryRow(first_published=at, last_published=at)
    session.add(story)
    session.flush()
    if number == 1:
        title, text = title + HOSTILE, text + HOSTILE
    row = ArticleRow(
        address=f"http://{lang}.localhost/{number}.html", feed_id=f"lehti-{lang}",
        publisher_group=f"g-{lang}", feed_home=["20" if lang == "fi" else "17"], title=title,
        text=text, language=lang, language_confidence=0.99, completeness="full",
        text_source="page", published=at, published_source="feed", first_seen=at,
        content_hash=f"v1:{number}", fingerprint=b"", story_id=story.id,
        tagged_with=f"v1:{number}|test",
    )  # fmt: skip
    session.add(row)
    session.flush()
    article = row.id or 0
    session.add(
        RevisionRow(article_id=article, number=1, at=at, title=title, text=text,
                    content_hash=row.content_hash)
    )  # fmt: skip
    _claims(session, row, "17" if lang == "sv" else "20")
    detail = {"relevant": 0.93, "risk": 0.81, "threshold": 0.4}
    strength = 0.9 - number / 1000
    session.add(FlagRow(article_id=article, reason="risk", strength=strength, detail=detail, at=at))
    return article


def _claims(session: Session, row: ArticleRow, code: str) -> None:
    place = "Österbottens" if code == "17" else "Kainuun"
    signal = "vårdgarantin överskrids" if code == "17" else "hoitotakuu ylittyy"
    said = (
        ("relevance", "relevant", 0.93, None, ""),
        ("region", code, 0.97, "happens", place),
        ("topic", "health_access", 0.85, None, signal),
        ("direction", "risk", 0.81, None, signal),
        ("direction", "neutral", 0.15, None, ""),
        ("direction", "progress", 0.04, None, ""),
    )
    for task, label, probability, role, words in said:
        at = row.text.find(words) if words else -1
        found = [Evidence("text", at, at + len(words), words, "word")] if at >= 0 else []
        session.add(
            ClaimRow(
                article_id=row.id or 0, content_hash=row.content_hash, task=task, label=label,
                probability=probability, decided=probability > 0.5, author="model",
                author_id=MODEL, role=role, evidence=[asdict(e) for e in found], at=row.published,
            )
        )  # fmt: skip
    session.flush()
