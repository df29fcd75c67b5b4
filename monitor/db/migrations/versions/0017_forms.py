"""Readiness files on their way in, and what readers write to us

Revision: 0017, after 0016.
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT(), nullable=False)


def _instant(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, monitor.db.columns.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table('uploads',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    _text('name'),
    _text('kind'),
    _text('source'),
    _text('licence'),
    _text('sha256'),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('outcome', monitor.db.columns.Json, nullable=False),
    _instant('at'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_uploads_user_id', 'uploads', ['user_id'])
    op.create_index('ix_uploads_at', 'uploads', ['at'])
    op.create_table('feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    _instant('at'),
    _text('name'),
    _text('page'),
    _text('message'),
    _text('language'),
    _text('handled_by'),
    _instant('handled_at', nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_feedback_at', 'feedback', ['at'])


def downgrade() -> None:
    op.drop_table('feedback')
    op.drop_table('uploads')
