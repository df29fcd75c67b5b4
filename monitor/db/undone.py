"""Claims of decisions that were undone: they stay in the store and count no more from that instant on."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from monitor.db.tables import ClaimRow


def standing(at: datetime | None = None) -> ColumnElement[bool]:
    """Of `ClaimRow`: not undone, with `at` not yet at that instant."""
    undone = col(ClaimRow.undone_at)
    return undone.is_(None) if at is None else or_(undone.is_(None), undone > at)
