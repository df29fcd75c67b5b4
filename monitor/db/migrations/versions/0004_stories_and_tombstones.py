"""Traits of articles, by which later ones find their story; articles whose text was taken away

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('story_traits',
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('value', monitor.db.columns.Json, nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], ),
    sa.PrimaryKeyConstraint('article_id')
    )
    with op.batch_alter_table('story_traits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_story_traits_hour'), ['hour'], unique=False)
    op.create_table('story_keys',
    sa.Column('trait', sa.Integer(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('trait', 'hour', 'article_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('removed', monitor.db.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('removed_why', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_column('removed_why')
        batch_op.drop_column('removed')
    op.drop_table('story_keys')
    with op.batch_alter_table('story_traits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_story_traits_hour'))
    op.drop_table('story_traits')
