"""The use-cases around a card that decide nothing of its article: look, put off, assign, hand over, discuss.

None of them keeps anybody from deciding. Every change but a look and a skip leaves an audit row.
"""

from datetime import datetime, time, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from monitor.app import App
from monitor.clock import HELSINKI
from monitor.db import articles, cards
from monitor.db.audit import write_audit
from monitor.db.engine import reading, transaction
from monitor.people.values import User
from monitor.review.values import Gone, Looking

LOOKS = timedelta(seconds=90)  # without a sign of life: the page gives one every half minute
LONGEST_NOTE = 4000


def look(app: App, user: User, article_id: int) -> tuple[Looking, ...]:
    """Say that the person has the card open, and return who else has."""
    now = app.clock()
    try:
        with transaction(app.engine) as session:
            if articles.get(session, article_id) is None:
                return ()
            cards.look(session, article_id, user.name, user.shown, now, now + LOOKS)
    except IntegrityError:
        pass  # the same person's other window said so at the same moment
    with reading(app.engine) as session:
        return cards.looking(session, [article_id], user.name, now).get(article_id, ())


def leave(app: App, user: User, article_id: int) -> None:
    """Say that the person has closed the card."""
    with transaction(app.engine) as session:
        cards.leave(session, article_id, user.name)


def skip(app: App, user: User, article_id: int) -> datetime | Gone:
    """Put the card off for this person until tomorrow; returns until when."""
    now = app.clock()
    until = tomorrow(now)
    with transaction(app.engine) as session:
        if articles.get(session, article_id) is None:
            return Gone("no article")
        cards.skip(session, article_id, user.name, until, now)
    return until


def unskip(app: App, user: User, article_id: int | None = None) -> None:
    """Take back what the person has put off, one card or all."""
    with transaction(app.engine) as session:
        cards.unskip(session, user.name, article_id)


def assign(app: App, user: User, article_id: int, to: str | None) -> Gone | None:
    """Assign the card to an account, to nobody with None. That the account exists is the caller's to know."""
    now = app.clock()
    with transaction(app.engine) as session:
        if articles.get(session, article_id) is None:
            return Gone("no article")
        before = cards.assign(session, article_id, to)
        if before != to:
            _audit(session, now, user, "assign card", article_id, before, to)
    return None


def hand_over(app: App, user: User, article_id: int, to: str, note: str) -> Gone | None:
    """Assign the card to another and leave them a note."""
    now = app.clock()
    with transaction(app.engine) as session:
        if articles.get(session, article_id) is None:
            return Gone("no article")
        before = cards.assign(session, article_id, to)
        cards.leave(session, article_id, user.name)
        cards.add_note(session, article_id, user.name, now, "hand over", _cut(note), to)
        _audit(session, now, user, "hand over card", article_id, before, to)
    return None


def discuss(app: App, user: User, article_id: int, note: str) -> Gone | None:
    """Put the card into the discuss bin, or say more on one that lies there."""
    return _discuss(app, user, article_id, note, True)


def discussed(app: App, user: User, article_id: int, note: str = "") -> Gone | None:
    """Take the card out of the discuss bin, back into the queue."""
    return _discuss(app, user, article_id, note, False)


def tomorrow(now: datetime) -> datetime:
    """Midnight in Helsinki after `now`."""
    day = now.astimezone(HELSINKI).date() + timedelta(days=1)
    return datetime.combine(day, time(), HELSINKI)


def _discuss(app: App, user: User, article_id: int, note: str, into: bool) -> Gone | None:
    now = app.clock()
    with transaction(app.engine) as session:
        if articles.get(session, article_id) is None:
            return Gone("no article")
        changed = cards.set_discuss(session, article_id, into)
        if note.strip():
            kind: cards.Kind = "discuss" if into else "discussed"
            cards.add_note(session, article_id, user.name, now, kind, _cut(note))
        if changed:
            action = "discuss card" if into else "card discussed"
            _audit(session, now, user, action, article_id, None, None)
    return None


def _cut(note: str) -> str:
    return note.strip()[:LONGEST_NOTE]


def _audit(
    session: Session, at: datetime, user: User, action: str, article_id: int,
    before: str | None, after: str | None,
) -> None:  # fmt: skip
    old, new = {"assigned": before}, {"assigned": after}
    same = before == after
    write_audit(
        session, at, user.name, action, f"article {article_id}",
        None if same else old, None if same else new,
    )  # fmt: skip
