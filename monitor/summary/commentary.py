"""The use-cases of commentary: what people add to the sections of a draft, and that nobody overwrites another.

Every text that was ever said stays; the newest of a section and language is in force. A page says which one it
had shown (`seen`), so that the second of two writers sees the first's words before anything is put in their
place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from monitor.clock import Clock
from monitor.db import comments, editions
from monitor.db.comments import Said
from monitor.db.engine import transaction
from monitor.summary.edition import Comment
from monitor.summary.report import SECTIONS
from monitor.summary.run import Refused

MOST_TEXT = 10_000  # characters of one commentary


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written is in force; `languages` are those whose text changed."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another wrote meanwhile; nothing was changed. What stands now, by language."""

    standing: Mapping[str, Said]


def add_comment(
    engine: Engine, week: str, section: str, language: str, text: str, who: str, clock: Clock
) -> Comment | Refused:
    """Add commentary to a section of the week's draft; "" takes the earlier one away.

    Sections are named as in `monitor.summary.report.SECTIONS`. A blank line parts paragraphs.
    """
    kept = write(engine, week, section, {language: text}, None, who, clock)
    if isinstance(kept, Refused):
        return kept
    return Comment(section=section, language=language, text=text.strip(), by=who, at=clock())


def write(
    engine: Engine, week: str, section: str, texts: Mapping[str, str],
    seen: Mapping[str, int] | None, who: str, clock: Clock,
) -> Kept | Conflict | Refused:  # fmt: skip
    """Put `texts` (language -> text, "" for none) in force in a section, all of them or none.

    `seen` is the number of the text that each language's writer had before them, 0 for none; None where
    nobody looked (the command line). A text that is as it stands is not written again.
    """
    if section not in SECTIONS:
        return Refused(week, "section")
    wanted = {language: _clean(text) for language, text in texts.items()}
    with transaction(engine) as session:
        newest = editions.lock_newest(session, week)
        if newest is None:
            return Refused(week, "no summary")
        if newest[0] != "draft":
            return Refused(week, *newest)
        standing = comments.standing_comments(session, week)
        now = {k: said for k in wanted if (said := standing.get((section, k)))}
        was = {k: now[k].text if k in now else "" for k in wanted}
        changed = {k: text for k, text in wanted.items() if text != was[k]}
        meanwhile = {k: now[k] for k in changed if k in now and now[k].id != _seen(seen, k, now[k])}
        if meanwhile:
            return Conflict(meanwhile)
        for language, text in changed.items():
            new = Comment(section=section, language=language, text=text, by=who, at=clock())
            comments.add_comment(session, week, new)
            comments.audit_comment(session, week, newest[1], new, was[language])
    return Kept(tuple(changed))


def _seen(seen: Mapping[str, int] | None, language: str, standing: Said) -> int:
    return standing.id if seen is None else seen.get(language, 0)


def _clean(text: str) -> str:
    """Line ends of one kind, as a browser's form sends others; cut at its bound."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()[:MOST_TEXT]
