"""What taking a file in would do, as a value that can be kept and shown in any language. Pure.

Made of the dry run's result; holds a bounded number of lines and counts the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Literal

from monitor.readiness.compare import Change, Changes
from monitor.readiness.convert import Datum
from monitor.readiness.mistakes import CellMistake, MoreMistakes, count_mistakes
from monitor.values import Mistake

MOST_LINES = 200  # data that are named

What = Literal["new", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Line:
    """One datum and what would become of it."""

    what: What
    region: str
    group: str  # "" where the datum has none
    name: str  # the rest of its key
    differ: tuple[tuple[str, str, str], ...] = ()  # field, before, after


@dataclass(frozen=True, slots=True)
class Place:
    """One mistake, where it stands and what was expected. Sentences are English ids of messages."""

    row: int
    sheet: str
    column: str
    heading: str
    value: str
    problem: str  # "" where the cell says it all
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The dry run's result."""

    state: Literal["fits", "already", "refused"]
    kind: str = ""
    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()  # what was passed over
    import_id: int | None = None  # the earlier import that says the same
    mistakes: tuple[Place, ...] = ()
    wrong: int = 0  # mistakes in all


def fitting(kind: str, rows: int, changes: Changes, notes: Iterable[str]) -> Outcome:
    """The file could be taken."""
    told = [_changed(c) for c in changes.changed]
    told += [_line("gone", d) for d in changes.gone]
    told += [_line("new", d) for d in changes.new[: max(0, MOST_LINES - len(told))]]
    return Outcome(
        "fits", kind, rows, len(changes.new), len(changes.changed), changes.same,
        len(changes.gone), tuple(told[:MOST_LINES]), tuple(notes),
    )  # fmt: skip


def refused(mistakes: Iterable[Mistake]) -> Outcome:
    """Nothing of it could be taken."""
    mistakes = tuple(mistakes)
    named = tuple(_place(m) for m in mistakes if not isinstance(m, MoreMistakes))
    return Outcome("refused", mistakes=named, wrong=count_mistakes(mistakes))


def already(import_id: int) -> Outcome:
    """It is in force already."""
    return Outcome("already", import_id=import_id)


def to_json(outcome: Outcome) -> dict[str, Any]:
    """As the store keeps it."""
    return asdict(outcome)


def from_json(kept: Mapping[str, Any]) -> Outcome:
    """What the store kept."""
    lines = tuple(
        Line(**{**line, "differ": tuple((a, b, c) for a, b, c in line["differ"])})
        for line in kept["lines"]
    )
    mistakes = tuple(Place(**place) for place in kept["mistakes"])
    return Outcome(**{**kept, "lines": lines, "mistakes": mistakes, "notes": tuple(kept["notes"])})


def _place(mistake: Mistake) -> Place:
    if isinstance(mistake, CellMistake):
        where = (mistake.sheet, mistake.column, mistake.heading, mistake.value, "")
    else:
        where = ("", "", "", "", mistake.problem)
    return Place(mistake.line, *where, mistake.expected, mistake.remedy)


def _changed(change: Change) -> Line:
    before, after = change.before, change.after
    differ = tuple(
        (f.name, _written(getattr(before, f.name)), _written(getattr(after, f.name)))
        for f in fields(after)
        if getattr(before, f.name) != getattr(after, f.name)
    )
    return _line("changed", after, differ)


def _line(what: What, datum: Datum, differ: tuple[tuple[str, str, str], ...] = ()) -> Line:
    group = str(getattr(datum, "group", "") or "")
    known = {datum.region, group}
    rest = [_written(part) for part in datum.key if part is not None and part not in known]
    return Line(what, datum.region, group, ", ".join(p for p in rest if p), differ)


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.15g}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
