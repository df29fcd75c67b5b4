"""Sessions of signed-in browsers: which stand, and noting that they are used."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from monitor.db.engine import reading, transaction
from monitor.db.sessions import find_session, seen
from monitor.people.values import SignedIn
from monitor.settings import Settings

NOTED_EVERY = timedelta(minutes=2)  # a write per page would make every reader wait for the writers


def signed_in(engine: Engine, settings: Settings, now: datetime, secret: str) -> SignedIn | None:
    """The session of a cookie's `secret`; None where there is none, or it stood too long or too idle."""
    oldest = now - timedelta(hours=settings.session_hours)
    idle = now - timedelta(minutes=settings.session_idle_minutes)
    with reading(engine) as session:
        found = find_session(session, secret, oldest, idle)
    if found is not None and now - found.seen_at >= NOTED_EVERY:
        with transaction(engine) as session:
            seen(session, found.digest, now)
    return found
