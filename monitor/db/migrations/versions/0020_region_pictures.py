"""What region pages say of frozen inputs

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table('region_pictures',
    sa.Column('input_hash', _TEXT(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('methodology', _TEXT(), nullable=False),
    sa.Column('uncertain', sa.LargeBinary(), nullable=False),
    sa.Column('bases', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('input_hash', 'region')
    )


def downgrade() -> None:
    op.drop_table('region_pictures')
