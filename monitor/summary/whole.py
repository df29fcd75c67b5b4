"""What the files for programs hold: the summary's numbers, and what is said of the version they belong to. Pure.

The version's own part came with the third shape; a file of an older one is made as it was then.
"""

from datetime import datetime

from monitor.summary.edition import Change, Edition, State
from monitor.summary.values import Frozen, WeeklySummary

SINCE = 3  # schema version


class CommentLine(Frozen):
    """What was added to a section, in one language. Who wrote it stays in the house."""

    section: str
    language: str
    text: str
    at: datetime


class VersionLine(Frozen):
    """The version: its state, the commentary on it, what it corrects."""

    version: int
    state: State
    created_at: datetime
    frozen_at: datetime | None
    published_at: datetime | None
    program: str  # version of the program that published it, "" before
    reason: dict[str, str]  # language -> why the version before was corrected; {} for the first
    comments: tuple[CommentLine, ...]
    changes: tuple[Change, ...]  # numbers that differ from the version before


class WholeSummary(WeeklySummary):
    """The summary as the files have it."""

    edition: VersionLine


def whole(edition: Edition) -> WeeklySummary:
    """The edition's summary with what is said of the version; as it is where it is of an older shape."""
    if edition.summary.schema_version < SINCE:
        return edition.summary
    of = {name: getattr(edition.summary, name) for name in WeeklySummary.model_fields}
    return WholeSummary(**of, edition=_version(edition))


def _version(edition: Edition) -> VersionLine:
    return VersionLine(
        version=edition.version,
        state=edition.state,
        created_at=edition.created_at,
        frozen_at=edition.frozen_at,
        published_at=edition.published_at,
        program=edition.program,
        reason=edition.reason,
        comments=tuple(
            CommentLine(section=c.section, language=c.language, text=c.text, at=c.at)
            for c in edition.comments
        ),
        changes=edition.changes,
    )
