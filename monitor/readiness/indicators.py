"""What indicators there are, and how a value of each maps to a share done in [0, 1].

The table `indicators.csv` beside this module gives each indicator two reference points: the value that
counts as nothing done and the one that counts as all done. Which values are good is a judgement, so it
stands in that table with its source and not in code. Knows no observations and no store.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "indicators.csv"
COLUMNS = (
    "framework", "indicator", "fi", "sv", "en", "unit", "direction", "worst", "best", "component",
    "group", "source", "licence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of a table of indicators."""

    framework: str  # kuva | finance_act | thl_assessment | personnel | rescue ...
    id: str  # kebab-case; what import files name
    fi: str
    sv: str
    en: str
    unit: str
    worst: float  # counts as nothing done
    best: float  # counts as all done
    component: str  # readiness component it belongs to
    group: str  # roadmap group id, or "all"
    source: str
    licence: str
    first: date | None = None  # day from which its framework holds; None: always did
    last: date | None = None  # day until which it holds; None: it still does

    @property
    def names(self) -> tuple[str, ...]:
        """What a file may call it."""
        return (self.id, self.fi, self.sv, self.en)

    @property
    def validity(self) -> str:
        """From when to when it holds, in figures."""
        return f"{self.first or ''}..{self.last or ''}"

    def holds(self, first: date, last: date) -> bool:
        """Whether a value of the days `first` to `last` can be one of this indicator."""
        begun = self.first is None or first >= self.first
        return begun and (self.last is None or last <= self.last)


def share_done(value: float, worst: float, best: float) -> float:
    """Where `value` lies on the straight line from `worst` (0) to `best` (1), held within [0, 1].

    `worst` may be the greater of the two: then less is better. Raises ValueError where they are equal.
    """
    if worst == best:
        raise ValueError(f"worst and best are both {worst}: no direction")
    return min(1.0, max(0.0, (value - worst) / (best - worst)))


@cache
def load_indicators(own: Path | None = None) -> Mapping[str, Indicator]:
    """The shipped table by indicator id, and the rows of `own` beside it.

    A row of `own` takes the place of a shipped one of the same id. Raises OSError, or ValueError with a
    sentence that names file, line and what to do.
    """
    return {**_load(TABLE), **(_load(own) if own else {})}


def _load(path: Path) -> dict[str, Indicator]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = file.read().splitlines() or [""]
        delimiter = max(";,\t", key=header.count)
        rows = csv.DictReader([header, *lines], delimiter=delimiter)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise ValueError(f"{path.name}:1: columns are missing: {', '.join(missing)}; add them")
        found: dict[str, Indicator] = {}
        for row in rows:
            indicator = _indicator(row, f"{path.name}:{rows.line_num}")
            if indicator.id in found:
                raise ValueError(
                    f"{path.name}:{rows.line_num}: indicator '{indicator.id}' stands twice; take one out"
                )
            found[indicator.id] = indicator
    return found


def _indicator(row: dict[str, str], where: str) -> Indicator:
    empty = [name for name in COLUMNS if not (row[name] or "").strip()]
    if empty:
        raise ValueError(f"{where}: nothing stands in {', '.join(empty)}; fill it in")
    try:
        worst, best = (float(row[name].replace(",", ".")) for name in ("worst", "best"))
        first, last = _day(row.get("first")), _day(row.get("last"))
    except ValueError as error:
        raise ValueError(f"{where}: {error}; write numbers and days such as 2026-11-16") from None
    direction = "up" if best > worst else "down"
    if worst == best or row["direction"] != direction:
        raise ValueError(
            f"{where}: direction '{row['direction']}' does not fit worst {worst:g} and best {best:g}; "
            "'up' is where more is better, 'down' where less is"
        )
    texts = {name: row[name] for name in ("framework", "fi", "sv", "en", "unit")}
    tail = {name: row[name] for name in ("component", "group", "source", "licence")}
    return Indicator(
        id=row["indicator"], worst=worst, best=best, first=first, last=last, **texts, **tail
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
