"""What is searched for, and what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Order = Literal["newest", "best"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase: any of its readings, each one or more words in a row."""

    readings: tuple[tuple[str, ...], ...]  # as the index holds them
    prefix: bool = False  # the last word may go on


@dataclass(frozen=True, slots=True)
class Query:
    """What must occur and what must not."""

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    marks: tuple[tuple[str, ...], ...] = ()  # of each one group: any of its marks
    without_marks: tuple[str, ...] = ()
    start: datetime | None = None  # published then or later
    end: datetime | None = None  # published before

    @property
    def anywhere(self) -> bool:
        """Whether it asks for no word and no mark: every article of its days."""
        return not self.terms and not self.marks


@dataclass(frozen=True, slots=True)
class Wrong:
    """A query that cannot be read: id and places of the message `search.wrong.<why>`."""

    why: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """What fields may name: folded name -> id."""

    regions: Mapping[str, str]
    topics: Mapping[str, str]
    outlets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of results ended; the next one begins after it."""

    place: int  # see `monitor.db.search`
    score: float | None = None  # None: newest first


@dataclass(frozen=True, slots=True)
class Found:
    """Articles in order."""

    article_ids: tuple[int, ...]
    more: Place | None  # None: there are no others
