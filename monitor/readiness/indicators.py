"""What indicators there are, and how a value of each maps to a share done in [0, 1].

The table `indicators.csv` beside this module gives each indicator two reference points: the value that
counts as nothing done and the one that counts as all done. Which values are good is a judgement, so it
stands in that table with its source and not in code. Knows no observations and no store.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "indicators.csv"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of indicators.csv."""

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

    @property
    def names(self) -> tuple[str, ...]:
        """What a file may call it."""
        return (self.id, self.fi, self.sv, self.en)


def share_done(value: float, worst: float, best: float) -> float:
    """Where `value` lies on the straight line from `worst` (0) to `best` (1), held within [0, 1].

    `worst` may be the greater of the two: then less is better. Raises ValueError where they are equal.
    """
    if worst == best:
        raise ValueError(f"worst and best are both {worst}: no direction")
    return min(1.0, max(0.0, (value - worst) / (best - worst)))


@cache
def load_indicators(path: Path = TABLE) -> Mapping[str, Indicator]:
    """The table by indicator id. Raises OSError or ValueError (a damaged table is a bug)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_indicator(row, path) for row in csv.DictReader(file)]
    table = {row.id: row for row in rows}
    if len(table) != len(rows):
        raise ValueError(f"{path.name}: an indicator id stands twice")
    return table


def _indicator(row: dict[str, str], path: Path) -> Indicator:
    worst, best = float(row["worst"]), float(row["best"])
    direction = "up" if best > worst else "down"
    if worst == best or row["direction"] != direction:
        raise ValueError(
            f"{path.name}: {row['indicator']}: direction {row['direction']!r} "
            f"does not fit worst {worst} and best {best}"
        )
    texts = {name: row[name] for name in ("framework", "fi", "sv", "en", "unit")}
    tail = {name: row[name] for name in ("component", "group", "source", "licence")}
    return Indicator(id=row["indicator"], worst=worst, best=best, **texts, **tail)
