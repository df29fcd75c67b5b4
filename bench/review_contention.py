"""Ten people decide the same queue at once: is a decision lost or double, is every conflict shown, how long
does one take.

    python -m bench.review_contention [--database URL] [--people 10] [--cards 200]

Makes a store (a SQLite file in a temporary folder unless a database is named, which must be empty) with flagged
cards, one in five a story of two copies. Every person opens the queue, decides its first card as shown, and goes
on until the queue is empty; whoever comes second gets the first's decision and goes on. Then the rows are
counted against what the people were told.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlmodel import Session, col, func, select

from classifiers.reference import load_reference
from monitor.app import App
from monitor.clock import system_clock
from monitor.db.claims import add_claims
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.flags import replace_flags
from monitor.db.tables import ArticleRow, AuditRow, ClaimRow, DecisionRow, FeedRow, StoryRow
from monitor.people.values import User
from monitor.review.decide import decide
from monitor.review.queue import queue
from monitor.review.refresh import refresh
from monitor.review.values import Conflict, Decided, Given
from monitor.settings import Settings
from monitor.values import Claim, Flag, FlagReason

ROOT = Path(__file__).resolve().parents[1]
GIVEN = Given(True, ("07",), topics=("finance",), direction="risk")


@dataclass
class Told:
    """What the people were told, and how long a decision and a list took."""

    decided: list[int] = field(default_factory=list)  # decision ids
    conflicts: list[int] = field(default_factory=list)  # decision ids shown
    other: list[str] = field(default_factory=list)
    deciding: list[float] = field(default_factory=list)  # seconds
    listing: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--database", help="address of an empty database; a SQLite file by default")
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--cards", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{folder}/store.db"
        found = measure(database, given.people, given.cards)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def measure(database: str, people: int, cards: int) -> dict[str, object]:
    """Fill, let the people decide, count."""
    engine = open_engine(database)
    migrate(engine)
    app = App(Settings(), system_clock, engine, load_reference(ROOT / "labels"))
    with transaction(engine) as session:
        fill(session, cards, app.clock())
    refresh(app)
    told = Told()
    threads = [threading.Thread(target=_person, args=(app, n, told)) for n in range(people)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    found = _account(app, told) | {"people": people, "cards": cards, "seconds": round(seconds, 1)}
    found["decide_ms"], found["list_ms"] = _spread(told.deciding), _spread(told.listing)
    engine.dispose()
    return found


def _person(app: App, n: int, told: Told) -> None:
    user = User(n, f"u{n}", f"U{n}", "reviewer", "fi")
    while True:
        before = time.perf_counter()
        items = queue(app, user, limit=20).items
        listed = time.perf_counter()
        if not items:
            return
        card = items[0]
        result = decide(
            app, user, card.article_id, f"v1:{card.article_id}", 0, GIVEN, f"{n}-{listed}"
        )
        with told.lock:
            told.listing.append(listed - before)
            told.deciding.append(time.perf_counter() - listed)
            match result:
                case Decided(made):
                    told.decided.append(made.id)
                case Conflict(made):
                    told.conflicts.append(made.id)
                case _:
                    told.other.append(repr(result))


def _account(app: App, told: Told) -> dict[str, object]:
    with reading(app.engine) as session:
        rows = session.exec(select(DecisionRow)).all()
        main_ids = {row.id for row in rows if row.part_of is None}
        words = select(ClaimRow.article_id, func.count()).where(
            ClaimRow.author == "person", ClaimRow.task == "relevance"
        )
        claims = dict(session.exec(words.group_by(col(ClaimRow.article_id))).all())
        audits = session.exec(select(func.count(col(AuditRow.id)))).one()
    return {
        "database": app.engine.dialect.name,
        "decided": len(told.decided),
        "conflicts_shown": len(told.conflicts),
        "other_answers": Counter(told.other),
        "lost": len(set(told.decided) - main_ids) + len(main_ids - set(told.decided)),
        "double": sum(n > 1 for n in Counter(row.article_id for row in rows).values())
        + sum(n > 1 for n in claims.values()),
        "conflicts_naming_a_kept_decision": sum(id_ in main_ids for id_ in told.conflicts),
        "audit_rows": audits,
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {f"p{q}": round(float(np.quantile(values, q / 100)) * 1000, 1) for q in (50, 95, 99)}


def fill(session: Session, cards: int, now: datetime) -> None:
    session.add(
        FeedRow(
            id="a",
            url="https://a.example/rss",
            title="A",
            lang="fi",
            home=["07"],
            publisher_group="g",
            kind="daily",
        )
    )
    session.flush()
    at = now.astimezone(UTC) - timedelta(hours=1)
    for n in range(cards):
        story = StoryRow(first_published=at, last_published=at)
        session.add(story)
        session.flush()
        for copy in range(2 if n % 5 == 0 else 1):
            _article(session, f"{n}-{copy}", story.id or 0, at, n)


def _article(session: Session, name: str, story: int, at: datetime, n: int) -> None:
    signature = (np.arange(128, dtype="<u4") + 1000 * n).tobytes()
    row = ArticleRow(
        address=f"https://a.example/{name}", feed_id="a", publisher_group="g", feed_home=["07"], title=f"Otsikko {name}",
        text="Teksti.", language="fi", language_confidence=1.0, completeness="full", text_source="page", published=at,
        published_source="feed", first_seen=at, content_hash="", fingerprint=signature, story_id=story,
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.content_hash = f"v1:{row.id}"
    id_ = row.id or 0
    said = [
        ("relevance", "relevant"),
        ("region", "07"),
        ("topic", "finance"),
        ("direction", "risk"),
    ]
    add_claims(
        session,
        [Claim(id_, f"v1:{id_}", task, label, 0.6, True, "model", "m") for task, label in said],
        at,
    )  # type: ignore[arg-type]
    replace_flags(session, {id_: [Flag(id_, FlagReason.RISK, n / 1000)]}, at)


if __name__ == "__main__":
    main()
