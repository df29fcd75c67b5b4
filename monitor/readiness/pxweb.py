"""Reads PxWeb (https://pxdata.stat.fi): a table's address, its metadata, the query, the answer.

The metadata are read first and the query is written in the table's own codes, so that tables with old
names (`Alue`, `Vuosi`, `Tiedot`) and with the codes of June 2026 (`alue_23_20260101`, `timeperiod_y`,
`contentscode`) are asked alike. Region, time and contents stand in every query, because a table need not
sum over them. Asks nothing itself.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from monitor.readiness.cells import Period, Value, Wrong
from monitor.readiness.fetch_values import (
    CC_BY,
    Cell,
    PxwebSource,
    Taken,
    missing_notes,
    of_their_time,
    readings_of,
    refusal,
)
from monitor.readiness.importers import Known
from monitor.readiness.indicators import Indicator
from monitor.readiness.jsonstat import Cube, index_of, read_cube, read_json
from monitor.readiness.variables import (
    Category,
    Roles,
    Variable,
    category_of,
    period_of,
    plain,
    roles,
    shown_values,
    total_of,
)
from monitor.values import Mistake

STATISTICS_FINLAND = "Statistics Finland"
_HOME = ("stat.fi",)
# Marks of Statistics Finland in the place of a number.
NOT_APPLICABLE = "."
NO_DATA = ("..", "...")

_PAGE = re.compile(r"^(?P<root>.*?)/pxweb/(?P<lang>fi|sv|en)/(?P<db>[^/]+)/(?P<rest>.+?)/?$", re.I)
_LONG = re.compile(r"statfin\w*?_(?P<db>[a-z0-9]+)_pxt_(?P<id>[a-z0-9]+)\.px", re.ASCII)
_SHORT = re.compile(r"(?P<id>[a-z0-9]{3,8})\.px", re.ASCII)
_PERCENT = ("%", "procent", "percent", "prosentti", "prosenttia", "per cent")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's metadata."""

    title: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """What of a table is read: the roles, the periods and one value of each other variable."""

    roles: Roles
    periods: Mapping[str, Period]  # code of a category of time, "" without -> its days
    single: Mapping[str, Category]  # code of a variable -> its one value; not of summed ones
    notes: tuple[str, ...] = ()


# --- where to ask --------------------------------------------------------------------------------


def table_urls(address: str) -> tuple[str, ...]:
    """Where the table may be: as given, and under the id of before or after June 2026.

    The address of the table's web page becomes that of the interface.
    """
    url = _interface(address.strip())
    head, _, name = url.rpartition("/")
    folder = head.rpartition("/")[2]
    long = _LONG.fullmatch(name)
    if long:
        return (url, f"{head}/{long['id']}.px")
    short = _SHORT.fullmatch(name)
    return (url, f"{head}/statfin_{folder}_pxt_{short['id']}.px") if short else (url,)


def _interface(address: str) -> str:
    """.../PxWeb/pxweb/fi/StatFin/StatFin__vaerak/11ra.px/ -> .../PxWeb/api/v1/fi/StatFin/vaerak/11ra.px"""
    parts = urlsplit(address)
    path = re.sub(r"/table/tableViewLayout\d*/?$", "", parts.path)
    match = _PAGE.match(path)
    if match and "/api/" not in path:
        folders, _, name = match["rest"].rpartition("/")
        below = [f for f in folders.split("__") if f and f != match["db"]]
        path = "/".join([f"{match['root']}/api/v1", match["lang"], match["db"], *below, name])
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


def licence_of(source: PxwebSource) -> str:
    """On what terms the data may be used: as the source says, or as is known of its database."""
    return source.licence or (CC_BY if _is_home(source) else "")


def _is_home(source: PxwebSource) -> bool:
    """Whether Statistics Finland itself keeps the table."""
    host = urlsplit(source.table).hostname or ""
    return any(host == name or host.endswith(f".{name}") for name in _HOME)


# --- metadata and query --------------------------------------------------------------------------


def read_table(where: str, data: bytes) -> Table | Mistake:
    """A table's metadata, from the answer to GET."""
    found = read_json(data)
    if isinstance(found, list):
        problem, remedy = "it is a folder of tables", "give the address of one table"
        return refusal(where, problem, "the metadata of a table", remedy)
    if isinstance(found, str):
        return refusal(where, found, "the metadata of a table", "check the address")
    raw = found.get("variables") if isinstance(found, dict) else None
    read = [_variable(v) for v in raw] if isinstance(raw, list) else []
    variables = tuple(v for v in read if v is not None)
    if not read or len(variables) != len(read):
        problem = "its variables cannot be read"
        return refusal(where, problem, "variables with code and values", "check the address")
    assert isinstance(found, dict)
    return Table(plain(found.get("title") or ""), variables)


def _variable(raw: Any) -> Variable | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("values"), list):
        return None
    codes, code = [str(value) for value in raw["values"]], str(raw.get("code") or "")
    texts = raw.get("valueTexts")
    labels = [plain(text) for text in texts] if isinstance(texts, list) else codes
    if not code or not codes or len(labels) != len(codes):
        return None
    categories = tuple(Category(c, label) for c, label in zip(codes, labels, strict=True))
    role = "time" if raw.get("time") is True else ""
    return Variable(
        code, plain(raw.get("text") or code), categories, role, raw.get("elimination") is True
    )


def query_of(picked: Picked) -> bytes:
    """The body of the POST that asks for what was picked. The same choice gives the same bytes."""
    time = picked.roles.time
    wanted = {
        picked.roles.region.code: list(picked.roles.counties),
        **({time.code: list(picked.periods)} if time else {}),
        **{code: [category.code] for code, category in picked.single.items()},
    }
    query = [
        {"code": code, "selection": {"filter": "item", "values": values}}
        for code, values in wanted.items()
    ]
    body = {"query": query, "response": {"format": "json-stat2"}}
    return json.dumps(body).encode()


# --- what of a table is read ---------------------------------------------------------------------


def pick(
    where: str, variables: Sequence[Variable], source: PxwebSource, known: Known, this_year: int
) -> Picked | tuple[Mistake, ...]:
    """Choose counties, periods and one value of everything else; or say what is left open."""
    told = roles(variables, known.regions)
    if isinstance(told, Wrong):
        problem = "its variables cannot be told apart"
        return (refusal(where, problem, told.expected, told.remedy),)
    periods = _periods(where, told.time, source, this_year)
    single, notes, mistakes = _singles(where, told, source)
    if isinstance(periods, Mistake):
        mistakes = [periods, *mistakes]
    if mistakes or isinstance(periods, Mistake):
        return tuple(mistakes)
    return Picked(told, periods, single, tuple(notes))


def _periods(
    where: str, time: Variable | None, source: PxwebSource, this_year: int
) -> dict[str, Period] | Mistake:
    if time is None:
        return _one_period(where, source)
    wanted = source.years.until(this_year) if source.years else None
    found: dict[str, Period] = {}
    for category in time.categories:
        period = period_of(category)
        if isinstance(period, Wrong):
            problem = f"'{time.text}' has the value '{category.code}' ({category.label})"
            return refusal(where, problem, period.expected, "choose a table by year or quarter")
        if wanted is None or period.first.year in wanted:
            found[category.code] = period
    if not found:
        ends = f"{time.categories[0].label} to {time.categories[-1].label}"
        problem = f"it has nothing of {source.years}"
        return refusal(where, problem, f"years within {ends}", "choose other years")
    return found


def _one_period(where: str, source: PxwebSource) -> dict[str, Period] | Mistake:
    """The year that was given for a table that has no variable of time."""
    years = source.years
    if years is None or years.first != years.last:
        problem = "it has no variable of time, or several"
        return refusal(where, problem, "one variable of time", "give its one year with --years")
    return {"": Period(date(years.first, 1, 1), date(years.first, 12, 31))}


def _singles(
    where: str, told: Roles, source: PxwebSource
) -> tuple[dict[str, Category], list[str], list[Mistake]]:
    single: dict[str, Category] = {}
    notes: list[str] = []
    mistakes: list[Mistake] = []
    open_choices = dict(source.select)
    if told.contents is not None:
        said = source.contents or _said_of(told.contents, open_choices)
        _choose(where, told.contents, said, "--contents CODE", single, notes, mistakes)
    for variable in told.others:
        said = _said_of(variable, open_choices)
        if not said and variable.optional and total_of(variable) is None:
            notes.append(f"summed by the source over '{variable.text}'")
            continue
        remedy = f"--select '{variable.text}=CODE'"
        _choose(where, variable, said, remedy, single, notes, mistakes)
    for name in open_choices:
        expected = "one of " + ", ".join(f"'{v.text}'" for v in told.others)
        mistakes.append(refusal(where, f"it has no variable '{name}'", expected, "check --select"))
    return single, notes, mistakes


def _said_of(variable: Variable, choices: dict[str, str]) -> str:
    """Take what was said of `variable` out of `choices`."""
    name = next((n for n in choices if n.casefold() in variable.names), None)
    return choices.pop(name) if name is not None else ""


def _choose(
    where: str, variable: Variable, said: str, remedy: str,
    single: dict[str, Category], notes: list[str], mistakes: list[Mistake],
) -> None:  # fmt: skip
    chosen = category_of(variable, said) if said else total_of(variable)
    if isinstance(chosen, Wrong):
        problem = f"'{variable.text}' has no value '{said}'"
        mistakes.append(refusal(where, problem, chosen.expected, chosen.remedy))
    elif chosen is None:
        problem = f"'{variable.text}' has {len(variable.categories)} values and none is chosen"
        mistakes.append(refusal(where, problem, shown_values(variable), f"choose one: {remedy}"))
    else:
        single[variable.code] = chosen
        if not said and len(variable.categories) > 1:
            notes.append(f"'{variable.text}': took {chosen.label} ({chosen.code})")


# --- from an answer to readings ------------------------------------------------------------------


def read_answer(
    where: str, data: bytes, source: PxwebSource, known: Known, this_year: int, title: str = ""
) -> Taken | tuple[Mistake, ...]:
    """The readings of our regions in a JSON-stat 2.0 answer, whole or not at all.

    `title` is the table's own; without it the dataset's label is taken.
    """
    cube = read_cube(data)
    if isinstance(cube, str):
        remedy = "try again later; if it stays so, the interface has changed"
        return (refusal(where, cube, "a JSON-stat 2.0 dataset", remedy),)
    picked = pick(where, cube.variables, source, known, this_year)
    if isinstance(picked, tuple):
        return picked
    indicator = known.table[source.target]
    cells = _cells(cube, picked)
    noted = [(unit, period, value, _note(value, mark)) for unit, period, value, mark in cells]
    then, foreign = of_their_time(noted, known)
    readings, mistakes = readings_of(where, indicator.id, then, known)
    if mistakes:
        return mistakes
    marks = sorted({mark for *_, mark in cells if mark not in (NOT_APPLICABLE, *NO_DATA, "")})
    notes = (
        *picked.notes,
        *(f"marked '{m}' by the source: {sum(c[3] == m for c in cells)} values" for m in marks),
        *foreign,
        *missing_notes(readings, _expected(known)),
        *_unit_notes(picked, indicator),
    )
    return Taken(readings, _label(cube, picked, source, title), notes)


def _cells(cube: Cube, picked: Picked) -> list[Cell]:
    """The cells of our regions and periods, by time and then region; each with the source's mark."""
    places = [{c.code: i for i, c in enumerate(v.categories)} for v in cube.variables]
    told, found = picked.roles, []
    single = {name: category.code for name, category in picked.single.items()}
    for time, period in picked.periods.items():
        for code, unit in told.counties.items():
            wanted = {told.region.code: code, **single}
            if told.time is not None:
                wanted[told.time.code] = time
            position = [
                place[wanted[v.code]] for v, place in zip(cube.variables, places, strict=True)
            ]
            cell = index_of(cube.sizes, position)
            found.append((unit, period, *_value(cube, cell)))
    return found


def _value(cube: Cube, cell: int) -> tuple[Value, str]:
    mark = cube.status.get(cell, "")
    number = cube.values.get(cell)
    return Value(number, applies=number is not None or mark != NOT_APPLICABLE), mark


def _note(value: Value, mark: str) -> str:
    return f"marked {mark} by the source" if mark and value.number is not None else ""


def _label(cube: Cube, picked: Picked, source: PxwebSource, title: str) -> str:
    contents = picked.roles.contents
    chosen = picked.single.get(contents.code) if contents else None
    host = urlsplit(source.table).hostname or "PxWeb"
    keeper = STATISTICS_FINLAND if _is_home(source) else cube.source or host
    about = "; ".join(t for t in (title or cube.label, chosen.label if chosen else "") if t)
    return f"{keeper}: {about or source.table}"


def _expected(known: Known) -> set[str]:
    return {unit for unit in known.regions.values() if unit.isdigit()}


def _unit_notes(picked: Picked, ours: Indicator) -> tuple[str, ...]:
    contents = picked.roles.contents
    unit = picked.single[contents.code].unit if contents else ""
    is_percent = unit.casefold() in _PERCENT
    if not unit or is_percent == (ours.unit == "percent"):
        return ()
    return (f"look here: the source's unit is '{unit}', that of {ours.id} is {ours.unit}",)
