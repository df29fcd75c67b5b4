"""Long work that people ask for, and weekly counts of what versions say

Revision: 0014, after 0013.
"""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_RUNNING = sa.text("state IN ('running', 'stopping')")


def _instant(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, monitor.db.columns.UtcDateTime(timezone=True), nullable=nullable)


def _json(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, monitor.db.columns.Json, nullable=nullable)


def upgrade() -> None:
    op.create_table('jobs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', _TEXT(), nullable=False),
    _json('parameters'),
    sa.Column('state', _TEXT(), nullable=False),
    sa.Column('who', _TEXT(), nullable=False),
    _instant('asked_at', nullable=False),
    _instant('started_at'),
    _instant('ended_at'),
    _instant('beat_at'),
    sa.Column('runner', _TEXT(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    _json('progress'),
    _json('kept'),
    _json('log'),
    _json('result', nullable=True),
    sa.Column('error', _TEXT(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(
        'ux_jobs_running_kind', 'jobs', ['kind'], unique=True,
        sqlite_where=_RUNNING, postgresql_where=_RUNNING,
    )
    op.create_index('ix_jobs_state', 'jobs', ['state', 'id'])
    op.create_index('ix_jobs_kind', 'jobs', ['kind', 'state', 'id'])
    op.create_table('gate_verdicts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('task', _TEXT(), nullable=False),
    sa.Column('version', _TEXT(), nullable=False),
    sa.Column('against', _TEXT(), nullable=False),
    _json('objections'),
    _instant('at', nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_gate_verdicts_version', 'gate_verdicts', ['version'])
    op.create_table('drift',
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('task', _TEXT(), nullable=False),
    sa.Column('version', _TEXT(), nullable=False),
    _json('value'),
    _instant('counted_at', nullable=False),
    sa.PrimaryKeyConstraint('week', 'task', 'version')
    )


def downgrade() -> None:
    op.drop_table('drift')
    op.drop_table('gate_verdicts')
    op.drop_table('jobs')
