"""The review queue, the decisions of people and what each reviewer keeps for themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class DecisionRow(SQLModel, table=True):
    """A person's decision of an article, or the undoing of one. Append-only; the numbers lock it."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        UniqueConstraint("who", "key"),
        Index("ix_decisions_who", "who", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id")
    number: int  # 1, 2, ... of the article
    action: str  # decide | undo
    who: str
    at: datetime = instant(index=True)  # when its claims were made, or taken back
    content_hash: str
    given: dict[str, Any] | None = json_value(nullable=True)
    before: list[list[Any]] = (
        json_value()
    )  # [task, label, decided, author, author id] in force until then
    part_of: int | None = Field(default=None, index=True)  # of a copy: the decision of the card
    through: int | None = None  # of a copy: the card's article
    undoes: int | None = None  # of an undoing: the decision's id
    undone_by: int | None = None  # the undoing's id
    key: str | None = None  # of the request: one that comes twice decides once
    source: str = ""  # file of an imported decision


class ReviewItemRow(SQLModel, table=True):
    """An article in the review queue, with what its order and its filters need."""

    __tablename__ = "review_items"
    __table_args__ = (
        Index("ix_review_items_lane", "lane", "recent", "points", "strength", "article_id"),
        Index("ix_review_items_drawn", "drawn", "week", "place"),
    )
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    story_id: int | None = Field(default=None, index=True)
    week: str  # of its publication
    lane: int  # 1: its story's card; 0: behind it; -1: decided
    recent: bool  # its week is still scored
    points: float
    strength: float  # of its flags, summed
    effect: dict[str, Any] = json_value()
    reasons: str  # "|risk|unsure|"
    regions: str
    topics: str
    drawn: bool  # waits as one of the random slice
    place: float = 0.0  # in the slice's order
    others: int = 0  # articles behind the card
    closed_by: int | None = Field(default=None, index=True)  # the decision that took it out
    stood: dict[str, Any] | None = json_value(nullable=True)


class ReviewDrawRow(SQLModel, table=True):
    """An article of a week that was flagged or not, and drawn into the random slice or not."""

    __tablename__ = "review_draws"
    __table_args__ = (Index("ix_review_draws_week", "week", "flagged", "predicted", "chance"),)
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    week: str
    flagged: bool
    predicted: bool  # found relevant by the models when it was drawn
    chance: float  # of being drawn; 0 where it was not
    models: str


class ReviewEstimateRow(SQLModel, table=True):
    """Precision and recall of a week, as last computed."""

    __tablename__ = "review_estimates"
    week: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    value: dict[str, Any] = json_value()
    computed_at: datetime = instant()


class ReviewHoldRow(SQLModel, table=True):
    """Who a card is assigned to, and whether it lies in the discuss bin."""

    __tablename__ = "review_holds"
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    assigned: str | None = Field(default=None, index=True)
    discuss: bool = Field(default=False, index=True)
    notes: int = 0


class ReviewNoteRow(SQLModel, table=True):
    """What somebody wrote on a card. Append-only."""

    __tablename__ = "review_notes"
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    who: str
    at: datetime = instant()
    kind: str  # hand over | discuss | discussed
    text: str
    to: str | None = None


class ReviewLookRow(SQLModel, table=True):
    """Somebody has a card open until an instant; kept alive by the page, blocks nobody."""

    __tablename__ = "review_looks"
    article_id: int = Field(primary_key=True)
    who: str = Field(primary_key=True)
    shown: str
    since: datetime = instant()
    until: datetime = instant(index=True)


class ReviewSkipRow(SQLModel, table=True):
    """A card somebody put off."""

    __tablename__ = "review_skips"
    who: str = Field(primary_key=True)
    article_id: int = Field(primary_key=True)
    until: datetime = instant(index=True)


class ReviewFilterRow(SQLModel, table=True):
    """A filter of the queue that somebody keeps under a name."""

    __tablename__ = "review_filters"
    __table_args__ = (UniqueConstraint("who", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    who: str
    name: str
    value: dict[str, Any] = json_value()


class ReviewKeysRow(SQLModel, table=True):
    """The keys somebody chose for the review page."""

    __tablename__ = "review_keys"
    user_id: int = Field(primary_key=True, foreign_key="users.id")
    keys: dict[str, str] | None = json_value(nullable=True)
    letters: bool = True


class StaleWeekRow(SQLModel, table=True):
    """A week whose scores do not yet hold the last decisions."""

    __tablename__ = "stale_weeks"
    week: str = Field(primary_key=True)
    marks: int  # decisions since the scores were last computed; more may come meanwhile
    since: datetime = instant()
