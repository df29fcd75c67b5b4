"""entries by feed and time: the rhythm of a feed costs the same whatever its archive holds

Revision: 0002, after 0001.
"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_entries_feed_published', 'entries', ['feed_id', 'published'])


def downgrade() -> None:
    op.drop_index('ix_entries_feed_published', table_name='entries')
