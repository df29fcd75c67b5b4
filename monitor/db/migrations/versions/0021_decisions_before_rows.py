"""Decisions that were imported before decisions had rows get theirs, so that they are history and can be undone

Of articles without a row, each time a person said whether the article is relevant becomes a decision. What
they said of it at that moment is what they gave. Nothing else changes: the claims stay as they are.

Revision: 0021, after 0020.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import monitor.db.columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INSTANT = monitor.db.columns.UtcDateTime(timezone=True)
_CLAIMS = sa.table(
    "claims",
    sa.column("id", sa.Integer),
    sa.column("article_id", sa.Integer),
    sa.column("content_hash", sa.String),
    sa.column("task", sa.String),
    sa.column("label", sa.String),
    sa.column("decided", sa.Boolean),
    sa.column("author", sa.String),
    sa.column("author_id", sa.String),
    sa.column("role", sa.String),
    sa.column("at", _INSTANT),
    sa.column("undone_at", _INSTANT),
)
_DECISIONS = sa.table(
    "decisions",
    sa.column("article_id", sa.Integer),
    sa.column("number", sa.Integer),
    sa.column("action", sa.String),
    sa.column("who", sa.String),
    sa.column("at", _INSTANT),
    sa.column("content_hash", sa.String),
    sa.column("given", _JSON),
    sa.column("before", _JSON),
    sa.column("source", sa.String),
)
_NATIONAL = "NAT"
_SOURCE = "before decisions had rows"


def upgrade() -> None:
    connection = op.get_bind()
    claims = _CLAIMS.c
    known = sa.select(_DECISIONS.c.article_id).where(_DECISIONS.c.article_id == claims.article_id)
    query = (
        sa.select(_CLAIMS)
        .where(claims.author == "person", claims.undone_at.is_(None), ~known.exists())
        .order_by(claims.article_id, claims.at, claims.author_id, claims.id)
    )
    rows = list(_decisions(connection.execute(query).fetchall()))
    if rows:
        connection.execute(sa.insert(_DECISIONS), rows)


def _decisions(claims: Any) -> Iterator[dict[str, Any]]:
    for article, of_article in groupby(claims, key=lambda c: c.article_id):
        number = 0
        for (at, who), said in groupby(of_article, key=lambda c: (c.at, c.author_id)):
            found = list(said)
            if any(c.task == "relevance" for c in found):
                number += 1
                yield {
                    "article_id": article,
                    "number": number,
                    "action": "decide",
                    "who": who,
                    "at": at,
                    "content_hash": found[0].content_hash,
                    "given": _given(found),
                    "before": [],
                    "source": _SOURCE,
                }


def _given(said: list[Any]) -> dict[str, Any]:
    yes = [c for c in said if c.decided]
    where = [c.label for c in yes if c.task == "region" and c.role != "mentioned"]
    directions = [c.label for c in yes if c.task == "direction"]
    return {
        "relevant": any(c.task == "relevance" for c in yes),
        "regions": [] if _NATIONAL in where else where,
        "mentioned": [c.label for c in said if c.task == "region" and c.role == "mentioned"],
        "national": _NATIONAL in where,
        "topics": [c.label for c in yes if c.task == "topic"],
        "direction": directions[0] if directions else None,
        "note": "",
    }


def downgrade() -> None:
    op.execute(sa.delete(_DECISIONS).where(_DECISIONS.c.source == _SOURCE))
