"""The coverage ledger: days of sources, regions' weeks, what was reported, notices

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table('source_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('feed_id', _TEXT(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('reached', sa.Float(), nullable=False),
    sa.Column('failing', sa.Float(), nullable=False),
    sa.Column('refused', sa.Float(), nullable=False),
    sa.Column('down', sa.Float(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failure', _TEXT(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('full', sa.Integer(), nullable=False),
    sa.Column('cut', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.Column('verdict', _TEXT(), nullable=False),
    sa.Column('since', sa.Date(), nullable=True),
    sa.Column('reason', _TEXT(), nullable=False),
    sa.Column('observed', sa.Integer(), nullable=True),
    sa.Column('expected', sa.Float(), nullable=True),
    sa.Column('at_most', sa.Float(), nullable=True),
    sa.Column('loudness', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('feed_id', 'day')
    )
    op.create_table('region_hearing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('reported', sa.Float(), nullable=True),
    sa.Column('groups', monitor.db.columns.Json, nullable=False),
    sa.Column('languages', monitor.db.columns.Json, nullable=False),
    sa.Column('stories', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Float(), nullable=True),
    sa.Column('at_most', sa.Float(), nullable=True),
    sa.Column('fewer_since', _TEXT(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('region', 'week')
    )
    op.create_table('region_reports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('publisher_group', _TEXT(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('stories', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('week', 'publisher_group', 'region')
    )
    op.create_table('notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('raised', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('least', sa.Float(), nullable=False),
    sa.Column('cleared', monitor.db.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    for table, column in (
        ('source_days', 'day'), ('region_hearing', 'week'), ('notices', 'region'), ('notices', 'raised'),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f'ix_{table}_{column}'), [column], unique=False)


def downgrade() -> None:
    for table in ('notices', 'region_reports', 'region_hearing', 'source_days'):
        op.drop_table(table)
