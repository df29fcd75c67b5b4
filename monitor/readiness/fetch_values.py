"""What is fetched of the open interfaces, and what comes of it. Values only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.readiness import convert
from monitor.readiness.cells import Period, Value
from monitor.readiness.convert import Reading
from monitor.readiness.importers import Known
from monitor.readiness.variables import plain
from monitor.values import Mistake

SOTKANET = "https://sotkanet.fi/rest/1.1"
CC_BY = "CC BY 4.0"

_YEARS = re.compile(r"(\d{4})(?:\s*(?P<dash>[-–])\s*(?P<last>\d{4})?)?", re.ASCII)
FIRST, LAST = 1990, 2100


@dataclass(frozen=True, slots=True)
class Years:
    """A span of years, both included; without `last` up to the year of today."""

    first: int
    last: int | None

    def until(self, this_year: int) -> range:
        return range(self.first, (self.last or this_year) + 1)

    def __str__(self) -> str:
        return f"{self.first}-{self.last or ''}" if self.last != self.first else str(self.first)


@dataclass(frozen=True, slots=True)
class SotkanetSource:
    """An indicator of THL's Sotkanet."""

    id: str
    target: str  # our indicator
    indicator: int | None  # its number there; None: a saved answer that holds one
    years: Years
    base: str = SOTKANET
    licence: str = CC_BY

    @property
    def recipe(self) -> str:
        """What makes two answers answers to one question."""
        return f"sotkanet {self.indicator} {self.years} as {self.target}"


@dataclass(frozen=True, slots=True)
class PxwebSource:
    """A table of a PxWeb database, such as Statistics Finland's."""

    id: str
    target: str
    table: str  # its address, of the interface or of the web page; "" for a saved answer
    contents: str = ""  # code or text of the content; "" where the table has one
    years: Years | None = None  # None: all that the table has
    select: tuple[tuple[str, str], ...] = ()  # variable -> value, for the other variables
    licence: str = ""  # "": the one known of the database

    @property
    def recipe(self) -> str:
        """What makes two answers answers to one question."""
        chosen = " ".join(f"{name}={value}" for name, value in sorted(self.select))
        parts = (self.table, self.contents, str(self.years or "all"), chosen)
        return " ".join(["pxweb", *(p for p in parts if p), "as", self.target])


Cell = tuple[str, Period, Value, str]  # unit, days, value, note
Source = SotkanetSource | PxwebSource


@dataclass(frozen=True, slots=True)
class Taken:
    """What an answer says of our regions."""

    readings: tuple[Reading, ...]
    label: str  # what the source calls it
    notes: tuple[str, ...] = ()  # what was passed over, and what to look at


def of_their_time(cells: Iterable[Cell], known: Known) -> tuple[list[Cell], tuple[str, ...]]:
    """The cells of units that exist on those days, and a note on the others.

    Statistics are computed back to before a merger and told on after it; the store keeps each unit to
    its own days.
    """
    kept: list[Cell] = []
    others: set[str] = set()
    for cell in cells:
        unit = known.units.get(cell[0])
        if unit is None or (unit.exists_on(cell[1].first) and unit.exists_on(cell[1].last)):
            kept.append(cell)
        else:
            others.add(f"{cell[0]} ({cell[1].first} to {cell[1].last})")
    told = f"passed over: units that did not exist then: {', '.join(sorted(others))}"
    return kept, (told,) if others else ()


def readings_of(
    where: str, target: str, cells: Iterable[Cell], known: Known
) -> tuple[tuple[Reading, ...], tuple[Mistake, ...]]:
    """Values of our indicator `target`, and what may not be: group, unit and direction come from
    its table, and so do the days on which it holds."""
    readings: list[Reading] = []
    mistakes: list[Mistake] = []
    for unit, period, value, note in cells:
        values = {"indicator": target, "region": unit, "period": period, "value": value}
        made = convert.indicator(values, known.table)
        if isinstance(made, convert.Complaint):
            problem = f"'{target}' of {period.first} to {period.last}"
            mistakes.append(refusal(where, problem, made.expected, made.remedy))
        else:
            readings += [replace(r, note=note) for r in made if isinstance(r, Reading)]
    return tuple(readings), tuple(dict.fromkeys(mistakes))


def read_years(text: str) -> Years | None:
    """2024, 2022-2025, or 2022- for up to the present; None for anything else."""
    match = _YEARS.fullmatch(text.strip())
    if match is None:
        return None
    first = int(match[1])
    last = int(match["last"]) if match["last"] else None if match["dash"] else first
    within = FIRST <= first <= LAST and (last is None or first <= last <= LAST)
    return Years(first, last) if within else None


def refusal(where: str, problem: str, expected: str, remedy: str, row: int = 1) -> Mistake:
    """A mistake in an answer; `row` counts the answer's own rows from 1."""
    return Mistake(where, row, "", plain(problem), plain(expected, 1000), plain(remedy))


def missing_notes(readings: Iterable[Reading], units: Iterable[str]) -> tuple[str, ...]:
    """Which units have no row in the periods that any unit has one of."""
    have: dict[str, set[str]] = {}
    for r in readings:
        have.setdefault(f"{r.period_start} to {r.period_end}", set()).add(r.region)
    expected = set(units)
    lacking = {period: tuple(sorted(expected - have[period])) for period in sorted(have)}
    if len(lacking) > 1 and len(set(lacking.values())) == 1:
        lacking = {"all periods": next(iter(lacking.values()))}
    return tuple(
        f"{period}: no row for {', '.join(codes)}" for period, codes in lacking.items() if codes
    )
