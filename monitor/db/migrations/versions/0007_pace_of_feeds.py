"""Feeds remember their pace and their reach, so that an unchanged answer needs no look at the archive

Revision: 0007, after 0006.

The pace stays unknown until a feed's next new answer; it is asked at the shortest wait until then.
"""

import sqlalchemy as sa
from alembic import op

import monitor.db.columns

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('feeds', sa.Column('pace_seconds', sa.Float(), nullable=True))
    op.add_column('feeds', sa.Column('reach', monitor.db.columns.UtcDateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE feeds SET reach = (SELECT polls.oldest_item FROM polls WHERE polls.feed_id = feeds.id "
        "AND polls.outcome != 'failed' ORDER BY polls.at DESC, polls.id DESC LIMIT 1)"
    )


def downgrade() -> None:
    op.drop_column('feeds', 'reach')
    op.drop_column('feeds', 'pace_seconds')
