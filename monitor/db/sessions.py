"""Sessions, one-time links and attempts to sign in. Returns plain values.

Decides nothing: how long a session stands and how many attempts are too many is told by the caller.
"""

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, delete, text, update
from sqlmodel import Session, col, select

from monitor.db.tables import SessionRow, SignInAttemptRow, SignInLinkRow, UserRow
from monitor.people.tokens import digest, new_secret
from monitor.people.values import Role, SignedIn, User

AGENT_CHARACTERS = 200
_LOCK = 748  # of PostgreSQL's advisory locks: that of attempts to sign in


def open_session(session: Session, user_id: int, at: datetime, how: str, agent: str) -> str:
    """A new session of `user_id`; returns its secret, which is kept nowhere."""
    secret = new_secret()
    session.add(
        SessionRow(
            digest=digest(secret),
            user_id=user_id,
            how=how,
            agent=agent[:AGENT_CHARACTERS],
            made_at=at,
            seen_at=at,
        )
    )
    return secret


def find_session(
    session: Session, secret: str, made_after: datetime, seen_after: datetime
) -> SignedIn | None:
    """The session of `secret`, where it was made and seen lately enough and its user is not disabled."""
    found = session.exec(
        select(SessionRow, UserRow)
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .where(
            col(SessionRow.digest) == digest(secret),
            col(SessionRow.made_at) > made_after,
            col(SessionRow.seen_at) > seen_after,
            col(UserRow.disabled_at).is_(None),
        )
    ).first()
    return None if found is None else _signed_in(*found)


def seen(session: Session, key: str, at: datetime) -> None:
    """Note that the session of the digest `key` was used."""
    session.exec(update(SessionRow).where(col(SessionRow.digest) == key).values(seen_at=at))


def close_session(session: Session, key: str) -> None:
    """End the session of the digest `key`."""
    session.exec(delete(SessionRow).where(col(SessionRow.digest) == key))


def close_sessions(session: Session, user_id: int, but: str = "") -> int:
    """End every session of a user, except that of the digest `but`; returns how many."""
    gone = delete(SessionRow).where(
        col(SessionRow.user_id) == user_id, col(SessionRow.digest) != but
    )
    return cast("CursorResult[object]", session.exec(gone)).rowcount


def user_of(row: UserRow) -> User:
    """A row as the rest of the program knows a user."""
    return User(row.id or 0, row.name, row.shown, cast(Role, row.role), row.language)


def _signed_in(row: SessionRow, user: UserRow) -> SignedIn:
    return SignedIn(user_of(user), row.digest, row.how, row.agent, row.made_at, row.seen_at)


def sessions_of(session: Session, user_id: int) -> tuple[SignedIn, ...]:
    """A user's sessions, the newest used first."""
    found = session.exec(
        select(SessionRow, UserRow)
        .join(UserRow, col(UserRow.id) == col(SessionRow.user_id))
        .where(col(SessionRow.user_id) == user_id)
        .order_by(col(SessionRow.seen_at).desc())
        .limit(100)
    )
    return tuple(_signed_in(*row) for row in found)


def close_old_sessions(session: Session, made_before: datetime, seen_before: datetime) -> None:
    """Take away sessions that have ended."""
    session.exec(
        delete(SessionRow).where(
            (col(SessionRow.made_at) <= made_before) | (col(SessionRow.seen_at) <= seen_before)
        )
    )


def make_link(session: Session, user_id: int, at: datetime, until: datetime, who: str) -> str:
    """A link that signs `user_id` in once before `until`; returns its secret. Older ones lapse."""
    session.exec(delete(SignInLinkRow).where(col(SignInLinkRow.user_id) == user_id))
    secret = new_secret()
    session.add(
        SignInLinkRow(digest=digest(secret), user_id=user_id, made_at=at, until=until, made_by=who)
    )
    return secret


def use_link(session: Session, secret: str, at: datetime) -> User | None:
    """Whom the link signs in; it is used up. None where it is unknown, used, or too old."""
    row = session.get(SignInLinkRow, digest(secret))
    if row is None:
        return None
    used = delete(SignInLinkRow).where(col(SignInLinkRow.digest) == row.digest)
    # of two that use it at once only one takes the row away
    first = cast("CursorResult[object]", session.exec(used)).rowcount == 1
    user = session.get(UserRow, row.user_id)
    fine = first and row.until > at and user is not None and user.disabled_at is None
    return user_of(user) if fine and user is not None else None


def lock_attempts(session: Session) -> None:
    """Until the transaction ends nobody else counts an attempt: many at once are counted one by one.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def failed_attempts(
    session: Session, name_digest: str, address: str, since: datetime
) -> tuple[list[datetime], list[datetime], list[datetime]]:
    """When attempts were made since then: as the name from the address, as the name from anywhere, from the
    address as anybody. Oldest first."""
    by_name = col(SignInAttemptRow.name_digest) == name_digest
    by_address = col(SignInAttemptRow.address) == address

    def when(*which: ColumnElement[bool]) -> list[datetime]:
        query = select(SignInAttemptRow.at).where(*which, col(SignInAttemptRow.at) > since)
        return list(session.exec(query.order_by(col(SignInAttemptRow.at))))

    return when(by_name, by_address), when(by_name), when(by_address)


def add_attempt(
    session: Session, name_digest: str, address: str, at: datetime, forget: datetime
) -> None:
    """Count an attempt before it is known how it ends; those from before `forget` are taken away."""
    session.exec(delete(SignInAttemptRow).where(col(SignInAttemptRow.at) <= forget))
    session.add(SignInAttemptRow(at=at, name_digest=name_digest, address=address))


def forget_attempts(session: Session, name_digest: str, address: str) -> None:
    """Attempts as this name from this address count no more: it was the person themself."""
    session.exec(
        delete(SignInAttemptRow).where(
            col(SignInAttemptRow.name_digest) == name_digest,
            col(SignInAttemptRow.address) == address,
        )
    )
