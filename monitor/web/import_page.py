"""The dry run of a readiness file in the reader's words: what would change, what is wrong. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from classifiers.reference import Reference
from monitor.db.readiness import Import
from monitor.i18n import Translator
from monitor.readiness.outcome import Outcome, Place
from monitor.readiness.said import said
from monitor.readiness.templates import KINDS
from monitor.values import ALL_GROUPS


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence and the language it is in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One datum: of what, and what would become of it."""

    what: str
    region: str
    group: str
    name: str
    differ: tuple[tuple[str, str, str], ...]  # field, before, after, in words


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake."""

    place: Place
    problem: Text | None
    expected: Text
    remedy: Text


def lines(found: Outcome, reference: Reference, t: Translator) -> tuple[Shown, ...]:
    """What would change, datum by datum."""
    return tuple(
        Shown(
            line.what,
            _region(line.region, reference, t),
            _group(line.group, reference, t),
            ", ".join(value(part, t) for part in line.name.split(", ")),
            tuple((field(name, t), value(a, t), value(b, t)) for name, a, b in line.differ),
        )
        for line in found.lines
    )


def mistakes(found: Outcome, t: Translator) -> tuple[Wrong, ...]:
    """What is wrong, in the order of the file."""
    return tuple(
        Wrong(
            place,
            _text(place.problem, t) if place.problem else None,
            _text(place.expected, t),
            _text(place.remedy, t),
        )
        for place in found.mistakes
    )


def notes(found: Outcome, t: Translator) -> tuple[Text, ...]:
    """What was passed over."""
    return tuple(_text(note, t) for note in found.notes)


def field(name: str, t: Translator) -> str:
    """A field of a datum as the templates call it."""
    for columns in KINDS.values():
        for column in columns:
            if column.id == name:
                return column.name(t.language).replace("_", " ")
    return t.word("forms.field", name)


def value(text: str, t: Translator) -> str:
    """A value as people write it: days, numbers, yes and no."""
    if text in ("yes", "no"):
        return t(f"forms.{text}")
    try:
        return t.day(date.fromisoformat(text))
    except ValueError:
        return text or t("forms.nothing")


def redoable(imports: Iterable[Import]) -> frozenset[int]:
    """The undone imports whose very file is not in force again through another one."""
    imports = tuple(imports)
    standing = {(i.kind, i.file_hash) for i in imports if i.undone_at is None}
    return frozenset(i.id for i in imports if i.undone_at and (i.kind, i.file_hash) not in standing)


def _text(sentence: str, t: Translator) -> Text:
    return Text(*said(sentence, t))


def _region(code: str, reference: Reference, t: Translator) -> str:
    found = reference.region.get(code)
    return found.short.get(t.language) if found else code


def _group(name: str, reference: Reference, t: Translator) -> str:
    if name == ALL_GROUPS:
        return t("ready.whole")
    found = reference.group.get(name)
    return found.name.get(t.language) if found else name
