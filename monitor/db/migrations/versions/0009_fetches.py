"""Where an import that was fetched came from

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table('fetches',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('recipe', _TEXT(), nullable=False),
    sa.Column('address', _TEXT(), nullable=False),
    sa.Column('fetched_at', monitor.db.columns.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id']),
    sa.PrimaryKeyConstraint('import_id')
    )
    op.create_index('ix_fetches_recipe', 'fetches', ['recipe'])


def downgrade() -> None:
    op.drop_table('fetches')
