"""People: accounts, sessions, one-time links, attempts to sign in

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import monitor.db.columns

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_INSTANT = monitor.db.columns.UtcDateTime


def upgrade() -> None:
    op.create_table('users',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', _TEXT(), nullable=False),
    sa.Column('shown', _TEXT(), nullable=False),
    sa.Column('role', _TEXT(), nullable=False),
    sa.Column('language', _TEXT(), nullable=False),
    sa.Column('password_hash', _TEXT(), nullable=True),
    sa.Column('subject', _TEXT(), nullable=True),
    sa.Column('disabled_at', _INSTANT(timezone=True), nullable=True),
    sa.Column('created_at', _INSTANT(timezone=True), nullable=False),
    sa.Column('created_by', _TEXT(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name'),
    sa.UniqueConstraint('subject')
    )
    op.create_table('sessions',
    sa.Column('digest', _TEXT(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('how', _TEXT(), nullable=False),
    sa.Column('agent', _TEXT(), nullable=False),
    sa.Column('made_at', _INSTANT(timezone=True), nullable=False),
    sa.Column('seen_at', _INSTANT(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id']),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_index('ix_sessions_user_id', 'sessions', ['user_id'])
    op.create_table('sign_in_links',
    sa.Column('digest', _TEXT(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('made_at', _INSTANT(timezone=True), nullable=False),
    sa.Column('until', _INSTANT(timezone=True), nullable=False),
    sa.Column('made_by', _TEXT(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id']),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_index('ix_sign_in_links_user_id', 'sign_in_links', ['user_id'])
    op.create_table('sign_in_attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', _INSTANT(timezone=True), nullable=False),
    sa.Column('name_digest', _TEXT(), nullable=False),
    sa.Column('address', _TEXT(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_sign_in_attempts_at', 'sign_in_attempts', ['at'])
    op.create_index('ix_sign_in_attempts_name', 'sign_in_attempts', ['name_digest', 'at'])
    op.create_index('ix_sign_in_attempts_address', 'sign_in_attempts', ['address', 'at'])
    for column in ('who', 'action', 'subject'):
        op.create_index(f'ix_audit_{column}', 'audit', [column, 'id'])


def downgrade() -> None:
    for column in ('who', 'action', 'subject'):
        op.drop_index(f'ix_audit_{column}', 'audit')
    for table in ('sign_in_attempts', 'sign_in_links', 'sessions', 'users'):
        op.drop_table(table)
