"""What sites permit, and what said so for every poll and page; what a feed asks of its readers

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sites',
    sa.Column('origin', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('robots', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tdm', monitor.db.columns.Json, nullable=False),
    sa.Column('unreadable_since', monitor.db.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('origin')
    )
    with op.batch_alter_table('feeds', schema=None) as batch_op:
        batch_op.add_column(sa.Column('permission', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('ttl_minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('skip_hours', monitor.db.columns.Json, nullable=True))
    with op.batch_alter_table('polls', schema=None) as batch_op:
        batch_op.add_column(sa.Column('permission', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    with op.batch_alter_table('entries', schema=None) as batch_op:
        batch_op.add_column(sa.Column('permission', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    for table, columns in (('entries', ('permission',)), ('polls', ('permission',)), ('feeds', ('skip_hours', 'ttl_minutes', 'permission'))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    op.drop_table('sites')
