"""Indexes that pages read scores by

Revision: 0019, after 0018.
"""

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_SCORES = {
    'ix_scores_in_force': ['current', 'week', 'input_hash'],
    'ix_scores_totals': ['group', 'current', 'week', 'combined'],
    'ix_scores_region': ['region', 'group', 'week', 'current'],
}


def upgrade() -> None:
    for name, columns in _SCORES.items():
        op.create_index(name, 'scores', columns)


def downgrade() -> None:
    for name in _SCORES:
        op.drop_index(name, 'scores')
