"""Merged stories; what finding a story costs no longer grows; tombstones of feeds; Crawl-delay

Revision: 0006, after 0005.

`shingles` becomes its own index and knows the hour, so that a text that a thousand articles share is
looked up within the window only. `story_hours` counts what was counted row by row. Indexes of their own
serve the feeds' page.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_REFUSED = "permission NOT IN ('allowed', 'allowed by agreement')"


def _hour() -> str:
    if op.get_bind().dialect.name == 'sqlite':
        return "CAST(strftime('%s', published) AS INTEGER) / 3600"
    return "CAST(floor(extract(epoch FROM published) / 3600) AS INTEGER)"


def upgrade() -> None:
    op.create_table('story_merges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.Column('reason', _TEXT(), nullable=False),
    sa.Column('who', _TEXT(), nullable=False),
    sa.Column('at', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('article_ids', monitor.db.columns.Json, nullable=False),
    sa.ForeignKeyConstraint(['story_id'], ['stories.id'], ),
    sa.ForeignKeyConstraint(['into_id'], ['stories.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_story_merges_story_id', 'story_merges', ['story_id'])
    op.create_index('ix_story_merges_into_id', 'story_merges', ['into_id'])
    op.create_table('story_hours',
    sa.Column('hour', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('articles', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('hour')
    )
    op.execute('INSERT INTO story_hours SELECT hour, count(*) FROM story_traits GROUP BY hour')
    op.drop_index('ix_story_traits_hour', table_name='story_traits')
    _rebuild_shingles()
    op.create_index('ix_polls_parsed', 'polls', ['feed_id', 'at'],
        sqlite_where=sa.text("outcome = 'ok'"), postgresql_where=sa.text("outcome = 'ok'"))
    op.create_index('ix_entries_refused', 'entries', ['feed_id', 'permission'],
        sqlite_where=sa.text(_REFUSED), postgresql_where=sa.text(_REFUSED))
    op.add_column('entries', sa.Column('deleted', monitor.db.columns.UtcDateTime(timezone=True), nullable=True))
    op.add_column('entries', sa.Column('deleted_why', _TEXT(), nullable=False, server_default=''))
    op.create_index('ix_entries_deleted', 'entries', ['article_id'],
        sqlite_where=sa.text("deleted IS NOT NULL"), postgresql_where=sa.text("deleted IS NOT NULL"))
    op.add_column('sites', sa.Column('delay', sa.Float(), nullable=False, server_default='0'))


def _rebuild_shingles() -> None:
    op.create_table('shingles_by_hour',
    sa.Column('band', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('band', 'value', 'hour', 'article_id'),
    sqlite_with_rowid=False
    )
    op.execute(
        f'INSERT INTO shingles_by_hour SELECT band, value, {_hour()}, article_id FROM shingles '
        'JOIN articles ON articles.id = article_id ORDER BY 1, 2, 3, 4'
    )
    op.drop_table('shingles')
    op.rename_table('shingles_by_hour', 'shingles')


def downgrade() -> None:
    op.drop_column('sites', 'delay')
    op.drop_index('ix_entries_deleted', table_name='entries')
    op.drop_column('entries', 'deleted_why')
    op.drop_column('entries', 'deleted')
    op.drop_index('ix_entries_refused', table_name='entries')
    op.drop_index('ix_polls_parsed', table_name='polls')
    op.create_table('shingles_by_article',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('band', sa.Integer(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('band', 'value', 'article_id')
    )
    op.execute(
        'INSERT INTO shingles_by_article (band, value, article_id) '
        'SELECT band, value, article_id FROM shingles'
    )
    op.drop_table('shingles')
    op.rename_table('shingles_by_article', 'shingles')
    op.create_index('ix_shingles_article_id', 'shingles', ['article_id'])
    op.create_index('ix_story_traits_hour', 'story_traits', ['hour'])
    op.drop_table('story_hours')
    op.drop_table('story_merges')
