"""The use-case: what each label means, in three languages, written by people on top of labels/topics.yaml.

Every writing is a version; undoing one is another. The file's own words are version 0. `exported` gives the
file back with what is in force.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy.exc import IntegrityError

from classifiers.reference import Reference
from classifiers.values import DIRECTIONS
from monitor.app import App
from monitor.db import labels as store
from monitor.db.engine import reading, transaction
from monitor.db.labels import Version
from monitor.people.values import User

LANGUAGES = ("fi", "sv", "en")
PARTS = ("definition", "include", "exclude")
LONGEST = 4000  # characters of a part
LONGEST_NOTE = 300
MOST_LINES = 40
OTHERS = ("relevance:relevant", "region:happens", "region:mentioned", "region:NAT")

Guide = dict[str, dict[str, Any]]  # language -> definition: str, include and exclude: [str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of the codebook."""

    label: str  # "topic:finance"
    number: int  # of the version in force; 0 is the file's
    guide: Guide
    versions: tuple[Version, ...]  # the oldest first
    base: Guide  # what the file says


@dataclass(frozen=True, slots=True)
class Written:
    """A version was kept; "" of nothing new."""

    number: int


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another wrote a version since the page was shown."""

    version: Version


def codebook(app: App) -> list[Entry]:
    """Every label, in the order of the file."""
    base = _base(_file(app), app.reference)
    with reading(app.engine) as session:
        written = store.codebook(session)
    return [_entry(label, base[label], written.get(label, [])) for label in base]


def _entry(label: str, base: Guide, versions: list[Version]) -> Entry:
    last = versions[-1] if versions else None
    guide = whole(last.value) if last else base
    return Entry(label, last.number if last else 0, guide, tuple(versions), base)


def write(
    app: App, user: User, label: str, seen: int, guide: Guide, note: str
) -> Written | Overtaken | None:
    """The next version of a label; None where there is no such label. `seen` is the number that was shown."""
    entry = next((e for e in codebook(app) if e.label == label), None)
    if entry is None:
        return None
    if entry.number != seen:
        return Overtaken(entry.versions[-1]) if entry.versions else None
    if whole(guide) == entry.guide:
        return Written(entry.number)
    try:
        with transaction(app.engine) as session:
            store.add_version(
                session, app.clock(), user.name, label, seen + 1, whole(guide),
                note.strip()[:LONGEST_NOTE], entry.guide,
            )  # fmt: skip
    except IntegrityError:
        return write(app, user, label, seen, guide, note)
    return Written(seen + 1)


def undo(app: App, user: User, label: str, seen: int, note: str) -> Written | Overtaken | None:
    """Write what stood before version `seen` as a new version."""
    entry = next((e for e in codebook(app) if e.label == label), None)
    if entry is None or not entry.versions:
        return None
    before = whole(entry.versions[-2].value) if len(entry.versions) > 1 else entry.base
    return write(app, user, label, seen, before, note)


def exported(app: App) -> str:
    """labels/topics.yaml with what is in force; what is said of other labels stands under `guidelines`."""
    raw = _file(app)
    entries = {entry.label: entry for entry in codebook(app)}
    for topic in raw["topics"]:
        entry = entries[f"topic:{topic['id']}"]
        topic |= entry.guide["en"]
        own = {code: entry.guide[code] for code in ("fi", "sv") if any(entry.guide[code].values())}
        if own:
            topic["guidelines"] = own
    others = {e.label: e.guide for e in entries.values() if e.versions and e.label in _others()}
    if others:
        raw["guidelines"] = others
    text: str = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=10_000)
    return text


def whole(value: Mapping[str, Any]) -> Guide:
    """A guide with every language and part, tidied; what is missing or of another kind is empty."""
    return {code: _tidied(value.get(code) or {}) for code in LANGUAGES}


def _tidied(part: Mapping[str, Any]) -> dict[str, Any]:
    definition = part.get("definition", "")
    lists = {name: part.get(name, []) for name in ("include", "exclude")}
    return {
        "definition": " ".join(str(definition).split())[:LONGEST],
        **{
            name: [" ".join(str(x).split())[:LONGEST] for x in lines if str(x).strip()][:MOST_LINES]
            for name, lines in lists.items()
        },
    }


def lines_of(guide: Guide) -> list[str]:
    """A guide as lines, for comparing two of them."""
    return list(_lines(guide))


def _lines(guide: Guide) -> Iterator[str]:
    for code in LANGUAGES:
        for name in PARTS:
            value = guide[code][name]
            for line in [value] if isinstance(value, str) else value:
                if line:
                    yield f"{code} {name}: {line}"


def _file(app: App) -> Any:
    return yaml.safe_load((app.settings.labels_dir / "topics.yaml").read_text(encoding="utf-8"))


def _others() -> tuple[str, ...]:
    return (*OTHERS, *(f"direction:{way}" for way in DIRECTIONS))


def _base(raw: Any, reference: Reference) -> dict[str, Guide]:
    """What the file says: topics in English, with examples in Finnish; of the rest nothing."""
    found = {label: whole({}) for label in _others()}
    said = {topic["id"]: topic for topic in raw["topics"]}
    for topic in reference.topics:
        own = {name: said[topic.id].get(name) for name in PARTS if said[topic.id].get(name)}
        found[f"topic:{topic.id}"] = whole({"en": own})
    return found
