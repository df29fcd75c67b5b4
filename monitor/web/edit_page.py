"""The page of a summary that is being written, as values: its sections, what they lack, what differs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from classifiers.reference import Reference
from monitor.i18n import LANGUAGES, Translator
from monitor.summary import wording_life
from monitor.summary.edition import Edition, changes
from monitor.summary.forms import page_name
from monitor.summary.recipients import Recipient
from monitor.summary.report import IN_LEVEL, SECTIONS

DONE = ("saved", "frozen", "thawed", "corrected")
REFUSED = ("no_summary", "draft", "frozen", "published", "section", "changed", "never_published")
MUST = ("fi", "sv")  # languages that a published text has to be in


class Said(Protocol):
    """The parts of `monitor.db.comments.Said` that are shown."""

    @property
    def id(self) -> int: ...
    @property
    def section(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote and what kept it from being put in force."""

    section: str
    texts: Mapping[str, str]
    standing: Mapping[str, Said]  # language -> what another said meanwhile
    why: str = ""  # why it was refused; "" where another wrote meanwhile


@dataclass(frozen=True, slots=True)
class Field:
    """A section's commentary in one language."""

    language: str
    text: str  # what stands in the field
    seen: int  # number of what stands in force, 0 for nothing
    by: str
    at: datetime | None
    theirs: Said | None = None  # of another, beside one's own


@dataclass(frozen=True, slots=True)
class Section:
    """A section that can be commented."""

    id: str
    title: str
    levels: tuple[str, ...]  # it is shown at
    fields: tuple[Field, ...]
    earlier: tuple[Said, ...] = field(default=())  # no longer in force, the newest first

    @property
    def used(self) -> bool:
        """Whether anything was ever said of it."""
        return bool(self.earlier) or any(f.text or f.seen for f in self.fields)


def sections(
    said: Sequence[Said], written: Written | None, newest: Edition, t: Translator
) -> tuple[Section, ...]:
    """Every section in reading order. `said` is all that was ever said, the newest first. What is `written`
    and not in force stands in its fields; of a version that is no draft, what it was frozen with."""
    return tuple(_section(name, said, written, newest, t) for name in SECTIONS)


def _section(
    name: str, said: Sequence[Said], written: Written | None, newest: Edition, t: Translator
) -> Section:
    own = [s for s in said if s.section == name]
    standing = {s.language: s for s in reversed(own)}
    mine = written if written and written.section == name else None
    made = tuple(_field(k, standing.get(k), mine) for k in LANGUAGES)
    if newest.state != "draft":
        frozen = {c.language: c for c in newest.comments if c.section == name}
        made = tuple(
            Field(k, frozen[k].text, 0, frozen[k].by, frozen[k].at)
            for k in LANGUAGES
            if k in frozen
        )
    now = {s.id for s in standing.values()}
    return Section(
        name,
        t(f"report.{name}"),
        tuple(level for level, names in IN_LEVEL.items() if name in names),
        made,
        tuple(s for s in own if s.id not in now and s.text),
    )


def _field(language: str, standing: Said | None, mine: Written | None) -> Field:
    text = standing.text if standing else ""
    if mine and language in mine.texts:
        text = mine.texts[language]
    by, at = (standing.who, standing.at) if standing else ("", None)
    theirs = mine.standing.get(language) if mine else None
    return Field(language, text, standing.id if standing else 0, by, at, theirs)


def one_sided(newest: Edition, t: Translator) -> tuple[tuple[str, str], ...]:
    """(section's title, language) of commentary that is missing in one of the languages it has to be in."""
    said = {(c.section, c.language) for c in newest.comments}
    names = [name for name in SECTIONS if any((name, k) in said for k in LANGUAGES)]
    return tuple((t(f"report.{n}"), k) for n in names for k in MUST if (n, k) not in said)


def change_lines(newest: Edition, t: Translator, reference: Reference) -> list[str]:
    """What a correction changes of the version before; [] for the first version."""
    if not newest.reason:
        return []
    lines = wording_life.change_lines(newest.changes, t, reference)
    return lines or [t("life.correction.same")]


def compared_numbers(old: Edition, new: Edition, t: Translator, reference: Reference) -> list[str]:
    """The numbers that differ, one line per region."""
    return wording_life.change_lines(changes(old.summary, new.summary), t, reference)


@dataclass(frozen=True, slots=True)
class Compared:
    """A commentary that differs between two versions."""

    title: str
    language: str
    old: str
    new: str


def compared_comments(old: Edition, new: Edition, t: Translator) -> tuple[Compared, ...]:
    """The commentary that differs, in reading order."""
    was, now = ({(c.section, c.language): c.text for c in e.comments} for e in (old, new))
    return tuple(
        Compared(t(f"report.{name}"), k, was.get((name, k), ""), now.get((name, k), ""))
        for name in SECTIONS
        for k in LANGUAGES
        if was.get((name, k), "") != now.get((name, k), "")
    )


class Planned(Protocol):
    """The part of `monitor.summary.send.Plan` that is read."""

    @property
    def due(self) -> Iterable[Recipient]: ...


def message_names(planned: Planned) -> tuple[str, ...]:
    """Names of the different messages: one per language and level."""
    kinds = {(r.language, r.level) for r in planned.due}
    return tuple(sorted(page_name(level, language, "eml") for language, level in kinds))


def number(text: str) -> int:
    """A whole number from a form or an address; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
