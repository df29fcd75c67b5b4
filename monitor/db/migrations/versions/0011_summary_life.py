"""Weekly summaries: states, commentary, published files, notices, sendings

Revision: 0011, after 0010.
"""

from datetime import datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

import monitor.db.columns

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
_TEXTS = ('frozen_by', 'published_by', 'program')
_JSONS = {'comments': '[]', 'changes': '[]', 'reason': '{}'}
_INSTANTS = ('frozen_at', 'published_at')


def _instant(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, monitor.db.columns.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column('summaries', sa.Column(name, _TEXT(), nullable=False, server_default=''))
    for name, empty in _JSONS.items():
        op.add_column('summaries', sa.Column(name, _JSON, nullable=False, server_default=empty))
    for name in _INSTANTS:
        op.add_column('summaries', _instant(name, nullable=True))
    op.create_table('summary_files',
    sa.Column('summary_id', sa.Integer(), nullable=False),
    sa.Column('name', _TEXT(), nullable=False),
    sa.Column('sha256', _TEXT(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['summary_id'], ['summaries.id']),
    sa.PrimaryKeyConstraint('summary_id', 'name')
    )
    op.create_table('summary_comments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('section', _TEXT(), nullable=False),
    sa.Column('language', _TEXT(), nullable=False),
    sa.Column('text', _TEXT(), nullable=False),
    sa.Column('who', _TEXT(), nullable=False),
    _instant('at'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_summary_comments_week', 'summary_comments', ['week'])
    op.create_table('summary_notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    _instant('at'),
    sa.Column('reasons', _JSON, nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_summary_notices_week', 'summary_notices', ['week'])
    op.create_table('summary_sends',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('address', _TEXT(), nullable=False),
    sa.Column('language', _TEXT(), nullable=False),
    sa.Column('level', _TEXT(), nullable=False),
    sa.Column('state', _TEXT(), nullable=False),
    sa.Column('detail', _TEXT(), nullable=False),
    sa.Column('message_id', _TEXT(), nullable=False),
    _instant('at'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('week', 'version', 'address')
    )
    op.create_index('ix_summary_sends_week', 'summary_sends', ['week'])


def downgrade() -> None:
    for table in ('summary_sends', 'summary_notices', 'summary_comments', 'summary_files'):
        op.drop_table(table)
    for name in (*_TEXTS, *_JSONS, *_INSTANTS):
        with op.batch_alter_table('summaries', schema=None) as batch_op:
            batch_op.drop_column(name)
