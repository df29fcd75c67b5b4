"""Keys of programs that read the API

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hash', _TEXT(), nullable=False),
    sa.Column('name', _TEXT(), nullable=False),
    sa.Column('role', _TEXT(), nullable=False),
    sa.Column('created_at', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', _TEXT(), nullable=False),
    sa.Column('revoked_at', monitor.db.columns.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('hash')
    )


def downgrade() -> None:
    op.drop_table('api_keys')
