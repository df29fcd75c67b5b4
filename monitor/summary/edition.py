"""A version of a weekly summary: its state, the commentary on it, what a correction changed. Pure.

A version is a draft until it is frozen, and frozen until it is published. The numbers are in
`WeeklySummary`; how they are said is in `report`. Here stands what every form must say of the version
itself, so that a draft is never taken for a published summary.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from monitor.summary.values import Frozen, WeeklySummary

State = Literal["draft", "frozen", "published"]
MOST_CHANGES = 200  # numbers that a correction names; the files have the rest


class Comment(Frozen):
    """What a person added to a section, in one language."""

    section: str
    language: str
    text: str
    by: str
    at: datetime


class Change(Frozen):
    """A number that a correction changed; None where there was or is none."""

    region: str  # unit code, or "" for the whole country
    field: str  # readiness | media | combined | rank, or a field of the national picture
    before: float | None
    after: float | None


class Edition(Frozen):
    """A version with all it is rendered from: same edition, same bytes."""

    week: str
    version: int
    state: State
    summary: WeeklySummary
    comments: tuple[Comment, ...] = ()
    created_at: datetime
    frozen_at: datetime | None = None
    frozen_by: str = ""
    published_at: datetime | None = None
    published_by: str = ""
    # language -> why the version before was corrected; {} for the first
    reason: dict[str, str] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    program: str = ""

    @property
    def published(self) -> bool:
        """Whether it has left the house."""
        return self.state == "published"


def in_force(comments: Iterable[Comment]) -> tuple[Comment, ...]:
    """The newest comment of each section and language, given oldest first; empty ones are taken away."""
    newest = {(c.section, c.language): c for c in comments}
    return tuple(c for _, c in sorted(newest.items()) if c.text)


def changes(before: WeeklySummary, after: WeeklySummary) -> tuple[Change, ...]:
    """The numbers that differ between two summaries of a week, the country first, then by region."""
    return (*_national(before, after), *_regions(before, after))[:MOST_CHANGES]


def _national(before: WeeklySummary, after: WeeklySummary) -> Iterator[Change]:
    old, new = before.national.model_dump(), after.national.model_dump()
    for field in type(after.national).model_fields:
        pair = _size(old.get(field)), _size(new[field])
        if pair[0] != pair[1]:
            yield Change(region="", field=field, before=pair[0], after=pair[1])


def _size(value: Any) -> float | None:
    """A number as it is; of a list its length, because its members are told by region."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    return float(len(value)) if isinstance(value, tuple | list) else None


def _regions(before: WeeklySummary, after: WeeklySummary) -> Iterator[Change]:
    old = {line.code: line for line in before.regions}
    new = {line.code: line for line in after.regions}
    for code in sorted(old.keys() | new.keys()):
        was, now = _figures(old.get(code)), _figures(new.get(code))
        for field in sorted(was.keys() | now.keys()):
            if was.get(field) != now.get(field):
                yield Change(region=code, field=field, before=was.get(field), after=now.get(field))


def _figures(line: Any) -> dict[str, float | None]:
    if line is None:
        return {}
    return {
        "readiness": line.readiness.value,
        "media": line.media.value,
        "combined": line.combined.value,
        "rank": None if line.rank is None else float(line.rank),
    }


def newest_published(editions: Sequence[Edition]) -> Edition | None:
    """The last published of a week's versions."""
    return next((e for e in reversed(editions) if e.published), None)
