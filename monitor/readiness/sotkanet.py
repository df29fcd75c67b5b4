"""Reads THL's Sotkanet: where to ask, and from an answer to readings of our regions.

The numbers of the wellbeing services counties changed: 877-898 became 957-978, in no order that could be
computed, so the table `sotkanet_regions.csv` says which is which. Rows of municipalities, of the whole
country and of other areas are expected, passed over and counted. Asks nothing itself.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from classifiers.reference import ALAND
from monitor.readiness import cells
from monitor.readiness.cells import Period, Value, Wrong
from monitor.readiness.fetch_values import (
    Cell,
    SotkanetSource,
    Taken,
    missing_notes,
    of_their_time,
    readings_of,
    refusal,
)
from monitor.readiness.importers import Known
from monitor.readiness.indicators import Indicator
from monitor.readiness.jsonstat import read_json
from monitor.readiness.variables import plain
from monitor.values import Mistake

MAX_ROWS = 200_000  # of an answer; all municipalities of thirty years and both genders are a third
MOST_MISTAKES = 100  # that are told; after so many nobody reads on
TABLE = Path(__file__).parent / "sotkanet_regions.csv"
COUNTY = "HYVINVOINTIALUE"  # category of the counties in Sotkanet's list of regions
TOTAL = "total"
NAME = "THL Sotkanet"
# Sotkanet's types of values and the units of indicators.csv that they agree with.
_UNITS: Mapping[str, tuple[str, ...]] = {"PROS": ("percent",), "EUR": ("euro", "euro_per_resident")}
# The JSON of today, that of older mirrors, and the heading of its CSV.
_VALUE_KEYS = ("value", "primary value")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer, not yet told whether it is ours."""

    number: int  # from 1
    indicator: int
    region: int
    year: int
    gender: str
    value: Value


@dataclass(frozen=True, slots=True)
class About:
    """What Sotkanet says of an indicator."""

    title: str  # Finnish
    value_type: str  # PROS, PER100000 ...
    first: int | None  # years of its data
    last: int | None


# --- where to ask --------------------------------------------------------------------------------


def data_url(source: SotkanetSource, this_year: int) -> str:
    """All regions' rows of the indicator: Sotkanet filters neither by region nor by page."""
    years = [("years", year) for year in source.years.until(this_year)]
    query = urlencode([("indicator", source.indicator), *years, ("genders", TOTAL)])
    return f"{source.base.rstrip('/')}/json?{query}"


def about_url(source: SotkanetSource) -> str:
    return f"{source.base.rstrip('/')}/indicators/{source.indicator}"


def regions_url(source: SotkanetSource) -> str:
    return f"{source.base.rstrip('/')}/regions"


# --- what is known of its regions ----------------------------------------------------------------


@cache
def region_table() -> Mapping[int, str]:
    """Sotkanet's region numbers, old and new -> our codes."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {int(row[key]): row["code"] for key in ("id", "old_id") for row in rows if row[key]}


def unknown_counties(data: bytes) -> dict[int, str]:
    """Counties of Sotkanet's own list of regions that our table does not know: number -> name.

    Empty as long as the counties have the numbers of the table, and where the list cannot be read.
    """
    found = read_json(data)
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    counties = [row for row in rows if row.get("category") == COUNTY and type(row.get("id")) is int]
    return {row["id"]: _finnish(row) for row in counties if row["id"] not in region_table()}


def read_about(data: bytes) -> About | None:
    """What Sotkanet says of an indicator; None where it cannot be read."""
    found = read_json(data)
    if not isinstance(found, dict) or not isinstance(found.get("title"), dict):
        return None
    kind, span = found.get("primaryValueType"), found.get("range")
    span = span if isinstance(span, dict) else {}
    first, last = (
        year if type(year) is int else None for year in (span.get("start"), span.get("end"))
    )
    code = str(kind.get("code") or "") if isinstance(kind, dict) else ""
    return About(_finnish(found), code, first, last)


def _finnish(found: Mapping[str, object]) -> str:
    title = found.get("title")
    return plain(title.get("fi") or "") if isinstance(title, dict) else ""


# --- from an answer to readings ------------------------------------------------------------------


def read_answer(
    where: str,
    data: bytes,
    source: SotkanetSource,
    known: Known,
    about: About | None = None,
    strangers: Mapping[int, str] | None = None,
) -> Taken | tuple[Mistake, ...]:
    """The readings of our regions in an answer, JSON or CSV; one broken row and nothing is taken.

    `where` names the answer in messages. `strangers` are counties that the region table does not know.
    """
    rows = _rows(where, data)
    if isinstance(rows, tuple):
        return rows
    wanted = [r for r in rows if source.indicator in (None, r.indicator)]
    mistakes = _unfit(where, rows, wanted, source, strangers or {})
    if mistakes:
        return mistakes
    ours = [r for r in wanted if r.gender == TOTAL and _unit(r) not in (None, ALAND)]
    if not ours:
        return (_nothing(where, wanted, about),)
    kept = _one_each(where, ours)
    if isinstance(kept, Mistake):
        return (kept,)
    then, foreign = of_their_time(map(_cell, kept), known)
    readings, mistakes = readings_of(where, source.target, then, known)
    if mistakes:
        return mistakes
    units = set(region_table().values()) - {ALAND}
    notes = (
        *_passed_over(wanted),
        *foreign,
        *missing_notes(readings, units),
        *_unit_notes(about, known.table[source.target]),
    )
    number = kept[0].indicator
    title = f"{about.title} ({number})" if about and about.title else f"indicator {number}"
    return Taken(readings, f"{NAME}: {title}", notes)


def _rows(where: str, data: bytes) -> list[Row] | tuple[Mistake, ...]:
    raw = _raw(data)
    if isinstance(raw, str):
        remedy = "try again later; if it stays so, the interface has changed"
        return (refusal(where, raw, "a list of rows, in JSON or CSV", remedy),)
    if len(raw) > MAX_ROWS:
        remedy = "ask for fewer years"
        return (refusal(where, "it holds too many rows", f"at most {MAX_ROWS}", remedy),)
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    for number, one in enumerate(raw, 1):
        read = _row(where, number, one)
        if isinstance(read, Row):
            rows.append(read)
        elif len(mistakes) < MOST_MISTAKES:
            mistakes.append(read)
    return tuple(mistakes) or rows


def _raw(data: bytes) -> list[object] | str:
    if data.lstrip(b"\xef\xbb\xbf").startswith(b"indicator;"):
        text = data.decode("utf-8-sig", "replace")
        return list(islice(csv.DictReader(io.StringIO(text), delimiter=";"), MAX_ROWS + 1))
    found = read_json(data)
    if isinstance(found, str):
        return found
    return found if isinstance(found, list) else "it is no list of rows"


def _row(where: str, number: int, raw: object) -> Row | Mistake:
    def wrong(what: str, found: object, expected: str) -> Mistake:
        said = plain(found, 40)
        remedy = "nothing of this answer is taken; tell the keeper of the source"
        return refusal(where, f"row {number}: '{what}' is '{said}'", expected, remedy, number)

    if not isinstance(raw, dict):
        return wrong("row", raw, "an object")
    whole: dict[str, int] = {}
    for name in ("indicator", "region", "year"):
        found = _whole(raw.get(name))
        if found is None:
            return wrong(name, raw.get(name), "a whole number")
        whole[name] = found
    if whole["year"] not in cells.YEARS:
        return wrong("year", whole["year"], f"a year from {cells.YEARS[0]}")
    said = next((raw[key] for key in _VALUE_KEYS if key in raw), None)
    value = _value(said)
    if isinstance(value, Wrong):
        return wrong("value", said, value.expected)
    return Row(number=number, gender=str(raw.get("gender") or TOTAL), value=value, **whole)


def _whole(found: object) -> int | None:
    if type(found) is int:
        return found
    is_digits = isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10
    return int(str(found)) if is_digits else None


def _value(found: object) -> Value | Wrong:
    if found is None:
        return Value(None)
    if isinstance(found, str):
        return cells.read_value(found.strip())
    wrong = Wrong("a number", "")
    if isinstance(found, bool) or not isinstance(found, int | float) or abs(found) > 1e300:
        return wrong
    return Value(float(found))


def _unit(row: Row) -> str | None:
    return region_table().get(row.region)


def _unfit(
    where: str, rows: Iterable[Row], wanted: Iterable[Row], source: SotkanetSource,
    strangers: Mapping[int, str],
) -> tuple[Mistake, ...]:  # fmt: skip
    """What makes the answer as a whole unfit."""
    numbers = sorted({r.indicator for r in rows})
    if source.indicator is None and len(numbers) > 1:
        listed = ", ".join(map(str, numbers[:10]))
        remedy = "say which with --indicator"
        return (refusal(where, f"it holds the indicators {listed}", "one indicator", remedy),)
    met = sorted({r.region for r in wanted} & strangers.keys())
    return tuple(
        refusal(
            where,
            f"region {number} is the county '{strangers[number]}', which our table does not know",
            "the region numbers of monitor/readiness/sotkanet_regions.csv",
            "counties have been renumbered or merged: bring the table up to date",
        )
        for number in met
    )


def _nothing(where: str, rows: Iterable[Row], about: About | None) -> Mistake:
    seen = Counter(r.region for r in rows)
    problem = f"none of its {seen.total()} rows is of a wellbeing services county"
    if seen:
        problem += f" (regions {', '.join(str(r) for r in sorted(seen)[:5])} ...)"
    span = f"; its data are of {about.first}-{about.last}" if about and about.last else ""
    remedy = f"check the indicator's number and the years{span}"
    return refusal(where, problem, "rows of regions 877-898 or 957-978, gender total", remedy)


def _one_each(where: str, rows: Iterable[Row]) -> list[Row] | Mistake:
    """One row per region and year. The same under the old number and the new is one."""
    kept: dict[tuple[str | None, int], Row] = {}
    for row in rows:
        first = kept.setdefault((_unit(row), row.year), row)
        if first.value != row.value:
            told = f"row {row.number}: region {row.region} has {row.value.number} for {row.year}"
            problem = f"{told}, region {first.region} in row {first.number} {first.value.number}"
            remedy = "nothing of this answer is taken; tell the keeper of the source"
            return refusal(where, problem, "one value of a county and year", remedy, row.number)
    return list(kept.values())


def _cell(row: Row) -> Cell:
    year = Period(date(row.year, 1, 1), date(row.year, 12, 31))
    return (region_table()[row.region], year, row.value, "")


def _passed_over(rows: Iterable[Row]) -> tuple[str, ...]:
    rows = list(rows)
    counts = {
        "of municipalities, the country and other areas": sum(_unit(r) is None for r in rows),
        "of Åland": sum(_unit(r) == ALAND for r in rows),
        "of one gender": sum(_unit(r) is not None and r.gender != TOTAL for r in rows),
    }
    return tuple(f"passed over: {n} rows {what}" for what, n in counts.items() if n)


def _unit_notes(about: About | None, ours: Indicator) -> tuple[str, ...]:
    fitting = _UNITS.get(about.value_type) if about else None
    if about is None or fitting is None or ours.unit in fitting:
        return ()
    return (f"look here: Sotkanet's unit is {about.value_type}, that of {ours.id} is {ours.unit}",)
