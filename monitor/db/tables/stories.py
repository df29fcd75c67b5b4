"""Stories, their merging, and what is kept of articles for later ones to find them by."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class StoryRow(SQLModel, table=True):
    """An event that one or more articles tell of."""

    __tablename__ = "stories"
    id: int | None = Field(default=None, primary_key=True)
    first_published: datetime = instant(index=True)
    last_published: datetime = instant(index=True)


class StoryMergeRow(SQLModel, table=True):
    """Two stories were found to be one, or that was taken back. Append-only; a story's newest row counts."""

    __tablename__ = "story_merges"
    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="stories.id", index=True)
    into_id: int = Field(foreign_key="stories.id", index=True)
    undone: bool = False
    reason: str
    who: str  # "stories" where the program decided
    at: datetime = instant()
    article_ids: list[int] = json_value()  # of `story_id` when it was merged


class ShingleRow(SQLModel, table=True):
    """One band of an article's MinHash: equal bands make two articles candidates for one story."""

    __tablename__ = "shingles"
    __table_args__ = {"sqlite_with_rowid": False}  # the table is its own index
    band: int = Field(primary_key=True)
    value: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)  # of publication, since 1970
    article_id: int = Field(primary_key=True)


class StoryTraitsRow(SQLModel, table=True):
    """What is kept of an article that has its story, for later ones to be compared with."""

    __tablename__ = "story_traits"
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    hour: int  # of publication, since 1970
    value: dict[str, Any] = json_value()  # traits of the title; weight of every trait


class StoryHourRow(SQLModel, table=True):
    """How many articles of an hour are in `story_traits`: counting them one by one grew with the archive."""

    __tablename__ = "story_hours"
    hour: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    articles: int


class StoryKeyRow(SQLModel, table=True):
    """One rare trait of an article: later articles that have it too find it here."""

    __tablename__ = "story_keys"
    __table_args__ = {"sqlite_with_rowid": False}  # the table is its own index
    trait: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    article_id: int = Field(primary_key=True)
