"""Those who review: their names, the keys they chose, how much was decided. Returns plain values, never rows.

Whether chosen keys are clear is decided elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.audit import write_audit
from monitor.db.tables import DecisionRow, ReviewKeysRow, UserRow


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """A person's choice."""

    keys: dict[str, str] | None = None  # action -> character; None: the standard ones
    letters: bool = True  # False: no keys of one letter at all (WCAG 2.1.4)


def own_keys(session: Session, user_id: int) -> OwnKeys:
    """What a person chose; the standard where they chose nothing."""
    row = session.get(ReviewKeysRow, user_id)
    return OwnKeys() if row is None else OwnKeys(row.keys, row.letters)


def keep_keys(session: Session, user_id: int, who: str, chosen: OwnKeys, at: datetime) -> None:
    """Keep a person's choice in place of the one before."""
    row = session.get(ReviewKeysRow, user_id) or ReviewKeysRow(user_id=user_id)
    before = {"keys": row.keys, "letters": row.letters}
    row.keys, row.letters = chosen.keys, chosen.letters
    session.add(row)
    after = {"keys": chosen.keys, "letters": chosen.letters}
    write_audit(session, at, who, "review keys", who, before, after)


def reviewers(session: Session) -> dict[str, str]:
    """Account name -> the name others see, of everybody who may decide, by that name."""
    query = select(UserRow.name, UserRow.shown).where(
        col(UserRow.disabled_at).is_(None), col(UserRow.role) != "viewer"
    )
    return dict(session.exec(query.order_by(col(UserRow.shown), col(UserRow.name))).all())


def decided_since(session: Session, start: datetime) -> int:
    """Cards decided from `start` on whose decision stands."""
    query = (
        select(func.count())
        .select_from(DecisionRow)
        .where(col(DecisionRow.at) >= start, DecisionRow.action == "decide")
        .where(col(DecisionRow.part_of).is_(None), col(DecisionRow.undone_by).is_(None))
    )
    return session.exec(query).one()
