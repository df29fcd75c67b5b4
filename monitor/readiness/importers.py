"""From a readiness file to its data, whole or not at all: one mistake and nothing is taken.

Every mistake names file, line, column, value, what was expected and what to do. Decides only what a file
says; who imports it, when and whether it was imported before is `monitor.readiness.run`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

from classifiers.reference import ALAND, Names, Reference
from monitor.readiness import cells, convert
from monitor.readiness.cells import Row, Wrong
from monitor.readiness.convert import Complaint, Event, Reading
from monitor.readiness.indicators import Indicator
from monitor.readiness.roadmap import RoadmapTask
from monitor.readiness.templates import EVENTS, KINDS, Column, Form
from monitor.values import ALL_GROUPS, Mistake

_SHOWN = 60  # characters of a wrong value that are repeated
_ALL = {word: ALL_GROUPS for word in ("all", "kaikki", "koko alue", "alla", "hela området")}


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may name: case-folded names of any language -> ids."""

    regions: Mapping[str, str]
    groups: Mapping[str, str]
    indicators: Mapping[str, str]
    table: Mapping[str, Indicator]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file says."""

    kind: str
    rows: int  # of the file, header and comments left out
    tasks: tuple[RoadmapTask, ...] = ()
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    source: str = ""  # "" where the file does not say
    licence: str = ""


@dataclass(slots=True)
class _Table:
    """A table being read: its columns by position, and the mistakes met so far."""

    file: str
    known: Known
    columns: dict[int, Column]
    headings: dict[str, str]  # column id -> heading as the file writes it
    width: int
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, row: Row, column: str, text: str, wrong: Wrong) -> None:
        heading = self.headings.get(column, column)
        problem = f"column '{heading}': {_shown(text)}"
        self.mistakes.append(
            Mistake(self.file, row.number, "", problem, wrong.expected, wrong.remedy)
        )


def known_names(reference: Reference, indicators: Mapping[str, Indicator]) -> Known:
    """The names files may use, from the label definitions and the table of indicators."""
    regions: dict[str, str] = {}
    for region in reference.regions:
        if region.code != ALAND:
            codes = (region.code, region.code.lstrip("0"))  # spreadsheets eat a leading zero
            names = (*codes, *_three(region.name), *_three(region.short))
            regions |= {name.casefold(): region.code for name in names}
    groups = {
        name.casefold(): group.id
        for group in reference.groups
        for name in (group.id, *_three(group.name))
    }
    names_of_indicators = {
        name.casefold(): indicator.id
        for indicator in indicators.values()
        for name in indicator.names
    }
    return Known(regions, groups, names_of_indicators, indicators)


def _three(names: Names) -> tuple[str, str, str]:
    return (names.fi, names.sv, names.en)


def read_csv(kind: str, file: str, data: bytes, known: Known) -> Batch | tuple[Mistake, ...]:
    """Read a CSV file of `kind`. Never raises for what the file holds.

    `file` is its name, for messages. Raises KeyError for a kind that is none of templates.KINDS.
    """
    rows = cells.read_rows(file, data)
    if isinstance(rows, Mistake):
        return (rows,)
    return read_table(kind, file, rows, known)


def read_table(
    kind: str, file: str, rows: Sequence[Row], known: Known
) -> Batch | tuple[Mistake, ...]:
    """Read the rows of a table of `kind`, the first being its header."""
    columns = KINDS[kind]
    if len(rows) < 2:
        remedy = f"fill in the file that 'tilannekuva readiness template {kind}' makes"
        return (Mistake(file, 1, "", "the file has no rows", "a header and rows", remedy),)
    table = _header(file, rows[0], columns, known)
    if table.mistakes:
        return tuple(table.mistakes)
    read = [(row, _cells(table, row)) for row in rows[1:]]
    found = _convert(table, kind, [(row, values) for row, values in read if values is not None])
    if table.mistakes:
        return tuple(sorted(table.mistakes, key=lambda m: m.line))
    return Batch(
        kind=kind,
        rows=len(read),
        tasks=tuple(x for x in found if isinstance(x, RoadmapTask)),
        readings=tuple(x for x in found if isinstance(x, Reading)),
        events=tuple(x for x in found if isinstance(x, Event)),
        source=_origin("source", read),
        licence=_origin("licence", read),
    )


# --- the header ----------------------------------------------------------------------------------


def _header(file: str, row: Row, columns: Sequence[Column], known: Known) -> _Table:
    names = {
        name: column
        for language in ("fi", "sv", "en")
        for column in columns
        for name in [column.name(language)]
    }
    table = _Table(file, known, {}, {}, len(row.cells))
    for position, heading in enumerate(row.cells):
        column = names.get(heading.casefold().replace(" ", "_"))
        if column is None and heading:
            table.wrong(row, heading, heading, _unknown_heading(heading, names))
        elif column is not None and column.id in table.headings:
            wrong = Wrong("each column once", "take one of the two out")
            table.wrong(row, heading, heading, wrong)
        elif column is not None:
            table.columns[position] = column
            table.headings[column.id] = heading
    for column in columns:
        if column.required and column.id not in table.headings:
            wrong = Wrong(f"a column '{column.fi}' ('{column.sv}', '{column.id}')", "add it")
            table.wrong(row, column.id, "", wrong)
    return table


def _unknown_heading(heading: str, names: Mapping[str, Column]) -> Wrong:
    near = get_close_matches(heading.casefold(), names, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else "take the column out"
    return Wrong("one of " + ", ".join(sorted(names)), remedy)


# --- the cells of a row --------------------------------------------------------------------------


def _cells(table: _Table, row: Row) -> dict[str, Any] | None:
    """The values of a row by column id; None where one is wrong. An empty optional cell is None."""
    before = len(table.mistakes)
    extra = [text for text in row.cells[table.width :] if text]
    if extra:
        remedy = "put a value that holds the delimiter, such as 4,5, into quotation marks"
        table.wrong(row, "", extra[0], Wrong(f"{table.width} cells as in the header", remedy))
    values: dict[str, Any] = {}
    for position, column in table.columns.items():
        text = row.cells[position] if position < len(row.cells) else ""
        value = _cell(table.known, column, text)
        if isinstance(value, Wrong):
            table.wrong(row, column.id, text, value)
        values[column.id] = value
    return values if len(table.mistakes) == before else None


def _cell(known: Known, column: Column, text: str) -> object:
    if not text and not column.required:
        return None
    if not text and column.form != "value":
        return Wrong("a value in every row", "fill it in")
    return _read(column.form, text, known)


def _read(form: Form, text: str, known: Known) -> object:
    match form:
        case "region":
            what = "name or code of a wellbeing services county, Helsinki or HUS"
            return cells.read_name(text, known.regions, what)
        case "group":
            return cells.read_name(text, known.groups, "name or id of a roadmap group")
        case "group or all":
            names = {**known.groups, **_ALL}
            return cells.read_name(text, names, "name or id of a roadmap group, or all")
        case "indicator":
            what = "name or id of an indicator of monitor/readiness/indicators.csv"
            return cells.read_name(text, known.indicators, what)
        case "event":
            return cells.read_name(text, _EVENT_NAMES, "one of " + "; ".join(EVENTS))
        case _:
            return _READERS[form](text)


_EVENT_NAMES = {name: id_ for id_, names in EVENTS.items() for name in (id_, *names)}
_READERS: Mapping[str, Any] = {
    "amount": cells.read_amount,
    "count": cells.read_count,
    "date": cells.read_date,
    "flag": cells.read_flag,
    "number": cells.read_number,
    "period": cells.read_period,
    "phase": cells.read_phase,
    "rating": cells.read_rating,
    "text": cells.read_text,
    "value": cells.read_value,
}


# --- from rows to data ---------------------------------------------------------------------------


def _convert(
    table: _Table, kind: str, rows: Iterable[tuple[Row, Mapping[str, Any]]]
) -> list[RoadmapTask | Reading | Event]:
    to_data = (
        partial(convert.indicator, table=table.known.table)
        if kind == "indicator"
        else convert.BY_KIND[kind]
    )
    found: list[RoadmapTask | Reading | Event] = []
    seen: dict[tuple[object, ...], int] = {}
    for row, values in rows:
        made = to_data(values)
        if isinstance(made, Complaint):
            _complain(table, row, made)
            continue
        first = seen.setdefault(made[0].key, row.number)
        if first != row.number:
            wrong = Wrong(f"each row once; line {first} says the same", "take one of the two out")
            table.wrong(row, "", " ".join(str(part) for part in made[0].key), wrong)
        found += made
    return found


def _complain(table: _Table, row: Row, complaint: Complaint) -> None:
    positions = [p for p, c in table.columns.items() if c.id == complaint.column]
    text = row.cells[positions[0]] if positions and positions[0] < len(row.cells) else ""
    table.wrong(row, complaint.column, text, Wrong(complaint.expected, complaint.remedy))


def _origin(column: str, read: Iterable[tuple[Row, Mapping[str, Any] | None]]) -> str:
    """What the rows say of where they come from; each different word once."""
    said = {values.get(column) for _, values in read if values}
    return "; ".join(sorted(str(word) for word in said if word))


def _shown(text: str) -> str:
    if not text:
        return "nothing stands there"
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"'{''.join(c if c.isprintable() else '�' for c in cut)}'"
