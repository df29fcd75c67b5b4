"""The review: decisions, queue, random slice, notes, filters, weeks to be scored anew

Revision: 0015, after 0014.
"""

from datetime import datetime

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

import monitor.db.columns

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
_TABLES = (
    'stale_weeks', 'review_filters', 'review_skips', 'review_looks', 'review_notes', 'review_holds',
    'review_estimates', 'review_draws', 'review_items', 'decisions',
)


def _instant(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, monitor.db.columns.UtcDateTime(timezone=True), nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT(), nullable=nullable)


def _whole(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _truth(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=False)


def upgrade() -> None:
    op.add_column('claims', _instant('undone_at', nullable=True))
    op.add_column('flags', _whole('closed_by', nullable=True))
    op.create_index('ix_flags_closed_by', 'flags', ['closed_by'])
    # the beginning alone: PostgreSQL cannot index an address of thousands of characters
    op.create_index('ix_entries_link', 'entries', [sa.text('substr(link, 1, 200)')])
    _decisions()
    _queue()
    _cards()
    op.create_table('stale_weeks', _text('week'), _whole('marks'), _instant('since'),
    sa.PrimaryKeyConstraint('week'))


def _decisions() -> None:
    op.create_table('decisions',
    _whole('id'), _whole('article_id'), _whole('number'), _text('action'), _text('who'),
    _instant('at'), _text('content_hash'), sa.Column('given', _JSON, nullable=True),
    sa.Column('before', _JSON, nullable=False), _whole('part_of', True), _whole('through', True),
    _whole('undoes', True), _whole('undone_by', True), _text('key', True), _text('source'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('article_id', 'number'),
    sa.UniqueConstraint('who', 'key')
    )
    op.create_index('ix_decisions_at', 'decisions', ['at'])
    op.create_index('ix_decisions_part_of', 'decisions', ['part_of'])
    op.create_index('ix_decisions_who', 'decisions', ['who', 'id'])


def _queue() -> None:
    op.create_table('review_items',
    _whole('article_id'), _whole('story_id', True), _text('week'), _whole('lane'), _truth('recent'),
    _number('points'), _number('strength'), sa.Column('effect', _JSON, nullable=False),
    _text('reasons'), _text('regions'), _text('topics'), _truth('drawn'), _number('place'),
    _whole('others'), _whole('closed_by', True), sa.Column('stood', _JSON, nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('article_id')
    )
    op.create_index('ix_review_items_story_id', 'review_items', ['story_id'])
    op.create_index('ix_review_items_closed_by', 'review_items', ['closed_by'])
    op.create_index('ix_review_items_lane', 'review_items',
                    ['lane', 'recent', 'points', 'strength', 'article_id'])
    op.create_index('ix_review_items_drawn', 'review_items', ['drawn', 'week', 'place'])
    op.create_table('review_draws',
    _whole('article_id'), _text('week'), _truth('flagged'), _truth('predicted'), _number('chance'),
    _text('models'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('article_id')
    )
    op.create_index('ix_review_draws_week', 'review_draws', ['week', 'flagged', 'predicted', 'chance'])
    op.create_table('review_estimates',
    _text('week'), _text('what'), sa.Column('value', _JSON, nullable=False), _instant('computed_at'),
    sa.PrimaryKeyConstraint('week', 'what')
    )


def _cards() -> None:
    op.create_table('review_holds',
    _whole('article_id'), _text('assigned', True), _truth('discuss'), _whole('notes'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('article_id')
    )
    op.create_index('ix_review_holds_assigned', 'review_holds', ['assigned'])
    op.create_index('ix_review_holds_discuss', 'review_holds', ['discuss'])
    op.create_table('review_notes',
    _whole('id'), _whole('article_id'), _text('who'), _instant('at'), _text('kind'), _text('text'),
    _text('to', True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_review_notes_article_id', 'review_notes', ['article_id'])
    op.create_table('review_looks',
    _whole('article_id'), _text('who'), _text('shown'), _instant('since'), _instant('until'),
    sa.PrimaryKeyConstraint('article_id', 'who')
    )
    op.create_index('ix_review_looks_until', 'review_looks', ['until'])
    op.create_table('review_skips',
    _text('who'), _whole('article_id'), _instant('until'),
    sa.PrimaryKeyConstraint('who', 'article_id')
    )
    op.create_index('ix_review_skips_until', 'review_skips', ['until'])
    op.create_table('review_filters',
    _whole('id'), _text('who'), _text('name'), sa.Column('value', _JSON, nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('who', 'name')
    )


def downgrade() -> None:
    op.drop_index('ix_entries_link', 'entries')
    op.drop_index('ix_flags_closed_by', 'flags')
    for table in _TABLES:
        op.drop_table(table)
    for table, column in (('flags', 'closed_by'), ('claims', 'undone_at')):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
