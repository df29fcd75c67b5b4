"""Articles, their revisions, what became of each in each stage, and the words they are found by."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class ArticleRow(SQLModel, table=True):
    """An article under its canonical address, in its newest revision."""

    __tablename__ = "articles"
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    feed_id: str = Field(foreign_key="feeds.id")
    publisher_group: str
    feed_home: list[str] = json_value()
    title: str
    text: str
    language: str
    language_confidence: float
    completeness: str
    completeness_reason: str = ""
    text_source: str
    published: datetime = instant(index=True)
    published_source: str
    first_seen: datetime = instant()
    content_hash: str = Field(index=True)
    fingerprint: bytes
    revision: int = 1
    story_id: int | None = Field(default=None, foreign_key="stories.id", index=True)
    removed: datetime | None = instant(nullable=True)  # when its text was taken away
    removed_why: str = ""
    # "content hash|model set" of the last tagging
    tagged_with: str | None = Field(default=None, index=True)


class RevisionRow(SQLModel, table=True):
    """What an article said, revision by revision; the newest is the article itself too."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    number: int
    at: datetime = instant()
    title: str
    text: str
    content_hash: str


class OutcomeRow(SQLModel, table=True):
    """What became of one item in one stage: exactly one row per stage and item."""

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("stage", "item"),)
    id: int | None = Field(default=None, primary_key=True)
    stage: str
    item: str
    outcome: str
    reason: str = ""
    at: datetime = instant()


class SearchDocumentRow(SQLModel, table=True):
    """An article in the search index, or one that waits to be put there; its words lie in `search_text`,
    which each database keeps in its own way (`monitor.db.search`)."""

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_lexicon", "lexicon", "place"),)
    article_id: int = Field(
        primary_key=True, foreign_key="articles.id", sa_column_kwargs={"autoincrement": False}
    )
    place: int = Field(sa_type=BigInteger, unique=True, index=True)  # orders by publication
    lexicon: str  # what its words were made with; "": it waits
    turn: int = (
        0  # goes up with every change of the article: what was read before does not count as it
    )
