"""Full-text search, the codebook's versions, what people say of suspected labels

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op
from sqlalchemy.dialects import postgresql

import monitor.db.columns

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
# Every article that is there waits to be indexed. A place is a time and an article, see monitor/db/search.py.
_SECONDS = {
    'sqlite': "MAX(0, CAST(strftime('%s', published) AS INTEGER))",
    'postgresql': 'GREATEST(0, FLOOR(EXTRACT(EPOCH FROM published)))::bigint',
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.create_table('search_documents',
    sa.Column('article_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('lexicon', _TEXT(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id']),
    sa.PrimaryKeyConstraint('article_id')
    )
    op.execute(
        "INSERT INTO search_documents (article_id, place, lexicon, turn) "
        f"SELECT id, ({_SECONDS[dialect]} << 31) | id, '', 0 FROM articles WHERE removed IS NULL"
    )
    op.create_index('ix_search_documents_place', 'search_documents', ['place'], unique=True)
    op.create_index('ix_search_documents_lexicon', 'search_documents', ['lexicon', 'place'])
    if dialect == 'sqlite':
        # Words come ready, between blanks; "ascii" parts them there and leaves å, ä and ö alone.
        op.execute(
            "CREATE VIRTUAL TABLE search_text USING fts5(title, text, marks, "
            "tokenize = \"ascii tokenchars '=-'\", prefix = '3 4 5')"
        )
    else:
        op.execute("CREATE TABLE search_text (place BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_search_text_terms ON search_text USING GIN (terms)")
    op.create_table('codebook_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('label', _TEXT(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('value', _JSON, nullable=False),
    sa.Column('note', _TEXT(), nullable=False),
    sa.Column('who', _TEXT(), nullable=False),
    sa.Column('at', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('label', 'number')
    )
    op.create_table('label_verdicts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text_id', _TEXT(), nullable=False),
    sa.Column('task', _TEXT(), nullable=False),
    sa.Column('label', _TEXT(), nullable=False),
    sa.Column('verdict', _TEXT(), nullable=False),
    sa.Column('who', _TEXT(), nullable=False),
    sa.Column('at', monitor.db.columns.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_label_verdicts_text', 'label_verdicts', ['text_id', 'task', 'label'])


def downgrade() -> None:
    op.drop_table('label_verdicts')
    op.drop_table('codebook_versions')
    op.execute('DROP TABLE search_text')
    op.drop_table('search_documents')
