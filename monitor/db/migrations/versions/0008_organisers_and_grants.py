"""Organisers with dated links to regions, grants whole, and what an import says however it was saved

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table('imports') as table:
        table.add_column(sa.Column('file', _TEXT(), nullable=False, server_default=''))
        table.add_column(sa.Column('content_hash', _TEXT(), nullable=False, server_default=''))
        table.create_index('ix_imports_content_hash', ['content_hash'])
    op.create_table('grants',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('group', _TEXT(), nullable=False),
    sa.Column('programme', _TEXT(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('deadline', sa.Date(), nullable=False),
    sa.Column('granted', sa.Float(), nullable=False),
    sa.Column('paid', sa.Float(), nullable=False),
    sa.Column('used', sa.Float(), nullable=False),
    sa.Column('milestones_due', sa.Integer(), nullable=True),
    sa.Column('milestones_done', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_grants_import_id', 'grants', ['import_id'])
    op.create_index('ix_grants_region', 'grants', ['region'])
    op.create_table('organiser_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('organiser', _TEXT(), nullable=False),
    sa.Column('also', _TEXT(), nullable=False),
    sa.Column('kind', _TEXT(), nullable=False),
    sa.Column('business_id', _TEXT(), nullable=False),
    sa.Column('region', _TEXT(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.Column('note', _TEXT(), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['imports.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_organiser_links_import_id', 'organiser_links', ['import_id'])
    op.create_index('ix_organiser_links_region', 'organiser_links', ['region'])


def downgrade() -> None:
    op.drop_table('organiser_links')
    op.drop_table('grants')
    with op.batch_alter_table('imports') as table:
        table.drop_index('ix_imports_content_hash')
        table.drop_column('content_hash')
        table.drop_column('file')
