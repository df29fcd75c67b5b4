"""Places, organisations, exceptions and cue words of labels/*.csv, as plain values.

Reads and checks the tables; does not inflect names (`gazetteer_build`) and does not search text
(`gazetteer`). The formats are described in labels/README.md, section "Places".
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Series = Literal["grammatical", "inner", "outer"]
TABLES = ("places.csv", "forms_fi.csv", "organisations.csv", "exceptions.csv", "cues.csv")


@dataclass(frozen=True, slots=True)
class Place:
    """One row of places.csv; `codes` of a part of a municipality are its municipality's."""

    id: str
    kind: str
    codes: tuple[str, ...]
    fi: str
    genitive: str  # Finnish; "" where forms_fi.csv lists the forms or there is no Finnish name
    sv: str  # "" where it is the Finnish name
    within: str  # id of the municipality, "" for those that are not part of one
    flags: frozenset[str]
    demonyms: tuple[str, ...]  # what stands before -lainen/-läinen


@dataclass(frozen=True, slots=True)
class Organisation:
    """One row of organisations.csv."""

    kind: str
    codes: tuple[str, ...]
    fi: str
    genitive: str
    sv: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One row of exceptions.csv: what a phrase, or the word after a name, says about the name."""

    effect: str
    where: str  # phrase | next
    text: str


@dataclass(frozen=True)
class PlaceTables:
    """All tables the gazetteer is built from, with their digest."""

    places: tuple[Place, ...]
    forms: dict[str, tuple[tuple[str, str], ...]]  # place id -> (form, series)
    organisations: tuple[Organisation, ...]
    exceptions: tuple[ExceptionRow, ...]
    cues: dict[str, frozenset[str]]  # effect -> lower-case words
    digest: str  # SHA-256 of the files


def load_places(labels: Path) -> PlaceTables:
    """Read the tables in `labels`. Raises OSError or ValueError (file, row) for a broken table."""
    cues: dict[str, set[str]] = defaultdict(set)
    for row in _rows(labels / "cues.csv"):
        cues[row["effect"]].update(row["words"].split())
    return PlaceTables(
        places=_places(labels / "places.csv"),
        forms=_forms(labels / "forms_fi.csv"),
        organisations=tuple(_organisation(r) for r in _rows(labels / "organisations.csv")),
        exceptions=tuple(
            ExceptionRow(r["effect"], r["where"], r["text"])
            for r in _rows(labels / "exceptions.csv")
        ),
        cues={effect: frozenset(words) for effect, words in cues.items()},
        digest=places_digest(labels),
    )


def places_digest(labels: Path) -> str:
    """SHA-256 over names and contents of the tables: a model states which gazetteer it learnt on."""
    digest = hashlib.sha256()
    for name in TABLES:
        digest.update(name.encode())
        digest.update((labels / name).read_bytes())
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if None in row or None in row.values():
                raise ValueError(f"{path.name}: wrong number of columns in {row}")
            yield row


def _places(path: Path) -> tuple[Place, ...]:
    rows = list(_rows(path))
    codes = {r["id"]: tuple(r["codes"].split()) for r in rows}
    for row in rows:
        if not codes[row["id"]] and not codes.get(row["within"]):
            raise ValueError(f"{path.name}: {row['id']} has no codes and is within no municipality")
    return tuple(
        Place(
            id=r["id"],
            kind=r["kind"],
            codes=codes[r["id"]] or codes[r["within"]],
            fi=r["fi"],
            genitive=r["genitive"],
            sv=r["sv"],
            within=r["within"],
            flags=frozenset(r["flags"].split()),
            demonyms=tuple(r["demonym"].split()),
        )
        for r in rows
    )


def _forms(path: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    forms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(path):
        forms[row["place"]].append((row["form"], row["series"]))
    return {place: tuple(found) for place, found in forms.items()}


def _organisation(row: dict[str, str]) -> Organisation:
    return Organisation(
        kind=row["kind"],
        codes=tuple(row["codes"].split()),
        fi=row["fi"],
        genitive=row["genitive"],
        sv=row["sv"],
        flags=frozenset(row["flags"].split()),
    )
