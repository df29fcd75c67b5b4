"""What replaying history asks of the store."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.tables import ArticleRow


def first_published(session: Session) -> datetime | None:
    """When the oldest article that is part of a story was published; None where there is none."""
    return session.exec(
        select(func.min(ArticleRow.published)).where(col(ArticleRow.story_id).is_not(None))
    ).one()
