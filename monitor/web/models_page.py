"""What the models' pages show, put together from the shelf, the store and the locale files. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from classifiers.reference import NATIONAL, Reference
from monitor.i18n import Translator
from monitor.training.shelf import Damaged, Figure, Shelved


class InUse(Protocol):
    """A version was put in use."""

    @property
    def task(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Judgement(Protocol):
    """What the gate said."""

    @property
    def against(self) -> str: ...
    @property
    def objections(self) -> tuple[str, ...]: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One version in the list of its task."""

    name: str
    version: Shelved | None  # None: its files cannot be read, or are gone
    active: bool
    used: InUse | None  # when it was put in use last; None of one that is shipped or never was
    gate: Judgement | None


@dataclass(frozen=True, slots=True)
class TaskLines:
    """A task, its version in use, and all its versions."""

    task: str
    active: str  # "" where none is
    since: InUse | None  # None: shipped with the program
    lines: tuple[Line, ...]
    before: str  # the version that a rollback would put in use; "" where there is none

    @property
    def in_use(self) -> Line | None:
        """The line of the version in use."""
        return next((line for line in self.lines if line.active), None)


def task_lines(
    task: str,
    found: Sequence[Shelved | Damaged],
    active: str,
    used: Sequence[InUse],
    gates: Mapping[tuple[str, str], Judgement],
    before: str,
) -> TaskLines:
    """`used` are all activations, the newest first."""
    own = [one for one in used if one.task == task]
    newest = {one.version: one for one in reversed(own)}
    names = [version.name for version in found]
    missing = [active] if active and active not in names else []
    versions = {v.name: v for v in found if isinstance(v, Shelved)}
    lines = [
        Line(name, versions.get(name), name == active, newest.get(name), gates.get((task, name)))
        for name in sorted([*missing, *names], key=lambda name: name != active)
    ]
    return TaskLines(task, active, newest.get(active), tuple(lines), before)


def label_word(task: str, label: str, reference: Reference, t: Translator) -> str:
    """A label of a task as people write it."""
    if task == "region":
        if label == NATIONAL:
            return t("models.national")
        found = reference.region.get(label)
        return found.short.get(t.language) if found else label
    if task == "topic":
        topic = reference.topic.get(label)
        return topic.name.get(t.language) if topic else label
    return t.word("models.label", label)


def labels_words(task: str, labels: Sequence[str], reference: Reference, t: Translator) -> str:
    """What a version said of an article; a dash where it said nothing."""
    words = [label_word(task, label, reference, t) for label in labels]
    return ", ".join(words) or t("models.nothing")


def part_word(task: str, kind: str, part: str, reference: Reference, t: Translator) -> str:
    """A part of the texts that two versions are compared on."""
    if kind == "all":
        return t("models.all_texts")
    if kind == "language":
        return t.word("language", part)
    return label_word(task, part, reference, t)


def by_label(version: Shelved, reference: Reference, t: Translator) -> list[tuple[str, Figure]]:
    """Figures of each label, the worst first: that is what a reader must know."""
    rows = [
        (label_word(version.task, label, reference, t), figure)
        for label, figure in version.labels.items()
    ]
    return sorted(rows, key=lambda row: (row[1].value, row[0]))
