"""From a readiness file to its data, whole or not at all: one mistake and nothing is taken.

Every mistake names file, sheet, row, column, value, what was expected and what to do. Decides only what a file
says; who imports it, when and whether it was imported before is `monitor.readiness.run`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from classifiers.reference import ALAND, Names, Reference, Region
from monitor.readiness import cells, convert
from monitor.readiness.cells import Row, Wrong
from monitor.readiness.convert import Complaint, Datum, Event, Reading
from monitor.readiness.grants import Grant
from monitor.readiness.indicators import Indicator
from monitor.readiness.mistakes import (
    MOST_MISTAKES,
    CellMistake,
    column_letters,
    first_of,
    harmless,
    shown,
)
from monitor.readiness.organisers import (
    ORGANISER_KINDS,
    Link,
    Organiser,
    is_business_id,
    organisers,
)
from monitor.readiness.roadmap import RoadmapTask
from monitor.readiness.templates import EVENTS, KINDS, Column, Form
from monitor.readiness.workbook import Sheet, Sheets
from monitor.values import ALL_GROUPS, Mistake

_ALL = {word: ALL_GROUPS for word in ("all", "kaikki", "koko alue", "alla", "hela området")}


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may name: case-folded names of any language -> ids."""

    regions: Mapping[str, str]
    groups: Mapping[str, str]
    indicators: Mapping[str, str]
    table: Mapping[str, Indicator]
    organisers: Mapping[str, Organiser] = field(default_factory=dict)  # by organisers.name_key
    units: Mapping[str, Region] = field(default_factory=dict)  # by code


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file says."""

    kind: str
    rows: int  # of the file, header and comments left out
    tasks: tuple[RoadmapTask, ...] = ()
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    grants: tuple[Grant, ...] = ()
    links: tuple[Link, ...] = ()
    source: str = ""  # "" where the file does not say
    licence: str = ""
    notes: tuple[str, ...] = ()  # what was passed over

    @property
    def data(self) -> tuple[Datum, ...]:
        """All that it says."""
        return (*self.tasks, *self.readings, *self.events, *self.grants, *self.links)


@dataclass(slots=True)
class _Table:
    """A table being read: its columns by position, and the mistakes met so far."""

    file: str
    sheet: str  # "" for CSV
    known: Known
    columns: dict[int, Column]
    headings: dict[str, str]  # column id -> heading as the file writes it
    width: int
    mistakes: list[Mistake] = field(default_factory=list)
    more: int = 0  # mistakes beside those

    @property
    def met(self) -> int:
        """Mistakes so far."""
        return len(self.mistakes) + self.more

    @property
    def full(self) -> bool:
        """Whether a further mistake is only counted."""
        return len(self.mistakes) >= MOST_MISTAKES

    def wrong(
        self, row: Row, column: str, text: str, wrong: Wrong, position: int | None = None
    ) -> None:
        """Note a mistake in the cell of `row` at `position`, by default that of `column`."""
        if self.full:
            self.more += 1
            return
        if position is None:
            position = next((p for p, c in self.columns.items() if c.id == column), None)
        letters = "" if position is None else column_letters(position)
        sheet = f"sheet '{self.sheet}', " if self.sheet else ""
        heading = harmless(self.headings.get(column, column))
        where = f"{letters} '{heading}'" if letters else f"'{heading}'"
        self.mistakes.append(
            CellMistake(
                self.file, row.number, "", f"{sheet}column {where}: {shown(text)}",
                wrong.expected, wrong.remedy, self.sheet, letters, heading, harmless(text),
            )
        )  # fmt: skip

    def line(self, row: Row) -> str:
        """Where a row stands, in words."""
        return f"sheet '{self.sheet}' row {row.number}" if self.sheet else f"line {row.number}"


@dataclass(frozen=True, slots=True)
class _Read:
    """One row with its values; None where one of them is wrong."""

    table: _Table
    row: Row
    values: Mapping[str, Any] | None


# What a group was called in files that are still about.
FORMER_GROUPS = {"ikt-förändring": "ict_muutos"}


def known_names(
    reference: Reference, indicators: Mapping[str, Indicator], links: Iterable[Link] = ()
) -> Known:
    """The names files may use: label definitions, the table of indicators, links of organisers."""
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
    } | {name: group for name, group in FORMER_GROUPS.items() if group in reference.group}
    names_of_indicators = {
        name.casefold(): indicator.id
        for indicator in indicators.values()
        for name in indicator.names
    }
    organiser = organisers(links)
    return Known(regions, groups, names_of_indicators, indicators, organiser, reference.region)


def _three(names: Names) -> tuple[str, str, str]:
    return (names.fi, names.sv, names.en)


def guess_kind(file: str, found: Sheets) -> str | Mistake:
    """The kind of a file from the headings of its first table, else from the beginning of its name."""
    first = found.sheets[0].rows if found.sheets else ()
    headings = first[0].cells if first else ()  # an empty CSV file is a sheet without rows
    fits = [kind for kind in KINDS if _fits(kind, {_heading(text) for text in headings if text})]
    named = [kind for kind in KINDS if PurePath(file).stem.casefold().startswith(kind)]
    for candidates in (fits, sorted(named, key=len, reverse=True)[:1]):
        if len(candidates) == 1:
            return candidates[0]
    expected = "the headings of one kind: " + ", ".join(KINDS)
    remedy = "name the kind before the file, or take the headings from 'readiness template KIND'"
    return Mistake(file, 1, "", "the kind of the file is not clear", expected, remedy)


def _fits(kind: str, headings: set[str]) -> bool:
    names = {column.name(lang): column for column in KINDS[kind] for lang in ("fi", "sv", "en")}
    found = {names[heading].id for heading in headings if heading in names}
    required = {column.id for column in KINDS[kind] if column.required}
    return headings <= set(names) and required <= found


def _heading(text: str) -> str:
    return text.casefold().replace(" ", "_")


def read_tables(kind: str, file: str, found: Sheets, known: Known) -> Batch | tuple[Mistake, ...]:
    """Read the tables of a file of `kind`, all of them or none; each has its own header.

    Never raises for what they hold. `file` is its name, for messages. Raises KeyError for a kind that is
    none of templates.KINDS.
    """
    tables: list[_Table] = []
    rows: list[_Read] = []
    for sheet in found.sheets or (Sheet("", ()),):
        table, read = _sheet(kind, file, sheet, known)
        tables.append(table)
        rows += read
    data = _convert(kind, rows)
    mistakes = [m for table in tables for m in sorted(table.mistakes, key=lambda m: m.line)]
    if mistakes:
        return first_of(file, mistakes, sum(table.more for table in tables))
    return Batch(
        kind=kind,
        rows=len(rows),
        tasks=tuple(x for x in data if isinstance(x, RoadmapTask)),
        readings=tuple(x for x in data if isinstance(x, Reading)),
        events=tuple(x for x in data if isinstance(x, Event)),
        grants=tuple(x for x in data if isinstance(x, Grant)),
        links=tuple(x for x in data if isinstance(x, Link)),
        source=_origin("source", rows),
        licence=_origin("licence", rows),
        notes=tuple(f"sheet '{name}' is hidden and was not read" for name in found.hidden),
    )


def _sheet(kind: str, file: str, sheet: Sheet, known: Known) -> tuple[_Table, list[_Read]]:
    columns = KINDS[kind]
    if len(sheet.rows) < 2:
        table = _Table(file, sheet.name, known, {}, {}, 0)
        where = f"sheet '{sheet.name}'" if sheet.name else "the file"
        remedy = f"fill in the file that 'tilannekuva readiness template {kind}' makes"
        if sheet.name:
            remedy += "; begin the name of a sheet that is for people with #"
        none = Mistake(file, 1, "", f"{where} has no rows", "a header and rows", remedy)
        table.mistakes.append(none)
        return table, []
    table = _header(file, sheet, columns, known)
    if table.mistakes:
        return table, []
    return table, [_Read(table, row, _cells(table, row)) for row in sheet.rows[1:]]


# --- the header ----------------------------------------------------------------------------------


def _header(file: str, sheet: Sheet, columns: Sequence[Column], known: Known) -> _Table:
    row = sheet.rows[0]
    names = {
        name: column
        for language in ("fi", "sv", "en")
        for column in columns
        for name in [column.name(language)]
    }
    table = _Table(file, sheet.name, known, {}, {}, len(row.cells))
    for position, heading in enumerate(row.cells):
        column = names.get(_heading(heading))
        if column is None and heading:
            table.wrong(row, heading, heading, _unknown_heading(heading, names), position)
        elif column is not None and column.id in table.headings:
            wrong = Wrong("each column once", "take one of the two out")
            table.wrong(row, heading, heading, wrong, position)
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
    before = table.met
    extra = [text for text in row.cells[table.width :] if text]
    if extra:
        remedy = "put a value that holds the delimiter, such as 4,5, into quotation marks"
        if table.sheet:
            remedy = "give the column a heading, or empty it"
        wrong = Wrong(f"{table.width} cells as in the header", remedy)
        table.wrong(row, "", extra[0], wrong, row.cells.index(extra[0], table.width))
    values: dict[str, Any] = {}
    for position, column in table.columns.items():
        text = row.cells[position] if position < len(row.cells) else ""
        value = row.faults.get(position) or _cell(table.known, column, text, not table.full)
        if isinstance(value, Wrong):
            table.wrong(row, column.id, text, value)
        values[column.id] = value
    return values if table.met == before else None


def _cell(known: Known, column: Column, text: str, hint: bool) -> object:
    if not text and not column.required:
        return None
    if not text and column.form != "value":
        return Wrong("a value in every row", "fill it in")
    return _read(column.form, text, known, hint)


def _read(form: Form, text: str, known: Known, hint: bool) -> object:
    match form:
        case "region":
            what = "name or code of a wellbeing services county, Helsinki or HUS"
            return cells.read_name(text, known.regions, what, hint)
        case "group":
            return cells.read_name(text, known.groups, "name or id of a roadmap group", hint)
        case "group or all":
            names = {**known.groups, **_ALL}
            return cells.read_name(text, names, "name or id of a roadmap group, or all", hint)
        case "indicator":
            what = "name or id of an indicator of the table, monitor/readiness/indicators.csv"
            return cells.read_name(text, known.indicators, what, hint)
        case "event":
            return cells.read_name(text, _EVENT_NAMES, "one of " + "; ".join(EVENTS), hint)
        case "organiser kind":
            what = "one of " + "; ".join(ORGANISER_KINDS)
            return cells.read_name(text, _ORGANISER_NAMES, what, hint)
        case "business id":
            wrong = Wrong("a Finnish business id such as 1234567-1", "check its digits")
            return text if is_business_id(text) else wrong
        case _:
            return _READERS[form](text)


_EVENT_NAMES = {name: id_ for id_, names in EVENTS.items() for name in (id_, *names)}
_ORGANISER_NAMES = {name: id_ for id_, names in ORGANISER_KINDS.items() for name in (id_, *names)}
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


def _convert(kind: str, rows: Iterable[_Read]) -> list[Datum]:
    found: list[Datum] = []
    seen: dict[tuple[object, ...], str] = {}
    for table, row, values in ((r.table, r.row, r.values) for r in rows):
        if values is None:
            continue
        made = _made(kind, table.known, values)
        if isinstance(made, Complaint):
            _complain(table, row, made)
            continue
        first = seen.setdefault(made[0].key, table.line(row))
        if first != table.line(row):
            wrong = Wrong(f"each row once; {first} says the same", "take one of the two out")
            table.wrong(row, "", " ".join(str(part) for part in made[0].key), wrong)
        found += made
    return found


def _made(kind: str, known: Known, values: Mapping[str, Any]) -> Sequence[Datum] | Complaint:
    made: Sequence[Datum] | Complaint
    if kind == "indicator":
        made = convert.indicator(values, known.table)
    elif kind == "organisers":
        made = convert.organisers(values, known.organisers)
    else:
        made = convert.BY_KIND[kind](values)
    return made if isinstance(made, Complaint) else _outside(known, made) or made


def _outside(known: Known, made: Sequence[Datum]) -> Complaint | None:
    """Said of a region on days on which there was none: it was merged or not yet founded."""
    for datum in made:
        unit = known.units.get(datum.region)
        if unit and not all(unit.exists_on(day) for day in convert.days(datum)):
            expected = (
                f"a region that exists then; this one does {unit.first or ''}..{unit.last or ''}"
            )
            return Complaint("region", expected, "name the region of that time, or check the days")
    return None


def _complain(table: _Table, row: Row, complaint: Complaint) -> None:
    positions = [p for p, c in table.columns.items() if c.id == complaint.column]
    text = row.cells[positions[0]] if positions and positions[0] < len(row.cells) else ""
    table.wrong(row, complaint.column, text, Wrong(complaint.expected, complaint.remedy))


def _origin(column: str, rows: Iterable[_Read]) -> str:
    """What the rows say of where they come from; each different word once."""
    said = {row.values.get(column) for row in rows if row.values}
    return "; ".join(sorted(str(word) for word in said if word))
