"""The frozen inputs of scores, by their hash

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table('score_inputs',
    sa.Column('hash', _TEXT(), nullable=False),
    sa.Column('week', _TEXT(), nullable=False),
    sa.Column('packed', sa.LargeBinary(), nullable=False),
    sa.Column('kept_at', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('known_at', monitor.db.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_index('ix_score_inputs_week', 'score_inputs', ['week'])


def downgrade() -> None:
    op.drop_table('score_inputs')
