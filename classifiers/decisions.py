"""Reads and writes what people decided of texts: labels/decisions/*.jsonl, without the texts.

The format is described in labels/README.md. A broken line is reported with its file and line and left
out; it stops nothing else. Finding the texts is the caller's.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from classifiers.corpus import (
    LABELS,
    Broken,
    Kinds,
    LineMistake,
    check_keys,
    check_labels,
    numbered_lines,
    parse_row,
)
from classifiers.reference import NATIONAL, Reference
from classifiers.values import Direction

_REQUIRED: Kinds = {
    "key": str,
    "address": str,
    "text_sha256": str,
    "lang": str,
    **LABELS,
    "who": str,
    "when": str,
}
_OPTIONAL: Kinds = {"story": str, "note": str}
_HASH = re.compile(r"v[0-9]{1,4}:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said of one text at one time."""

    key: str  # names the text in the file, stable
    address: str  # of the article; "" where it has none
    text_sha256: str  # content hash of the text as it was labelled, "v1:" and 64 hexadecimal digits
    lang: str  # fi | sv
    relevant: bool
    regions: tuple[str, ...]  # where it happens or whom it concerns
    mentioned: tuple[str, ...]
    national: bool
    topics: tuple[str, ...]  # main first
    direction: Direction | None  # None of an irrelevant text
    who: str
    when: datetime  # aware UTC
    story: str | None = None  # texts of one event name the same one
    note: str | None = None

    @property
    def where(self) -> tuple[str, ...]:
        """Region codes, or NAT of a national matter."""
        return (NATIONAL,) if self.national else self.regions


class Read(NamedTuple):
    """A decision and where it stands."""

    file: str  # name of the file
    line: int  # 1-based
    decision: Decision


class Decisions(NamedTuple):
    """Every usable line in order, and every line that is none."""

    read: list[Read]
    mistakes: list[LineMistake]


def load_decisions(folder: Path, reference: Reference) -> Decisions:
    """Read `folder`/*.jsonl in the order of their names; `folder` may be one such file.

    A folder that is not there holds none. Raises OSError where a file cannot be read.
    """
    found = Decisions([], [])
    seen: dict[tuple[str, str, datetime], Decision] = {}
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else _file(folder):
        for number, line in numbered_lines(path.read_bytes()):
            entry = ""
            try:
                row = parse_row(line)
                entry = str(row.get("key", ""))
                decision = _decision(row, reference)
                _check_unchanged(decision, seen)
            except Broken as broken:
                found.mistakes.append(LineMistake(path.name, number, entry, *broken.args))
            else:
                found.read.append(Read(path.name, number, decision))
    return found


def decisions_bytes(decisions: Iterable[Decision]) -> bytes:
    """The file that holds `decisions`: what `load_decisions` reads back, byte for byte."""
    lines = (json.dumps(_row(d), ensure_ascii=False) + "\n" for d in decisions)
    return "".join(lines).encode("utf-8")


def instant_text(when: datetime) -> str:
    """2026-11-16T04:00:00Z, with microseconds where there are any."""
    return when.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def latest(decisions: Iterable[Decision]) -> dict[str, dict[str, Decision]]:
    """Text hash -> who -> that person's latest decision of the text. Of equals the later given counts."""
    found: dict[str, dict[str, Decision]] = {}
    for decision in decisions:
        people = found.setdefault(decision.text_sha256, {})
        before = people.get(decision.who)
        if before is None or before.when <= decision.when:
            people[decision.who] = decision
    return found


def _file(path: Path) -> list[Path]:
    return [path] if path.exists() else []


def _decision(row: dict[str, Any], reference: Reference) -> Decision:
    check_keys(row, _REQUIRED, _OPTIONAL)
    _check_names(row)
    check_labels(row, reference)
    lists = {key: tuple(row[key]) for key in ("regions", "mentioned", "topics")}
    return Decision(**{**row, **lists, "when": _instant(row["when"])})


def _check_names(row: dict[str, Any]) -> None:
    for key in ("key", "who"):
        if not row[key] or row[key] != row[key].strip() or not row[key].isprintable():
            raise Broken(f"{key} is {row[key]!r}", "a name on one line", f"correct {key!r}")
    if not _HASH.fullmatch(row["text_sha256"]):
        raise Broken(
            f"text_sha256 is {row['text_sha256']!r}",
            "'v1:' and 64 hexadecimal digits",
            "take the hash from an export",
        )
    if row["address"] and not _is_address(row["address"]):
        raise Broken(
            f"address is {row['address']!r}", "an http(s) address, or nothing", "correct 'address'"
        )


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = address.isprintable() and " " not in address
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)


def _instant(text: str) -> datetime:
    """Only the form that is written, so that reading and writing change nothing."""
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None and instant_text(when) == text:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Broken(f"when is {text!r}", "a time in UTC like 2026-11-16T04:00:00Z", "correct 'when'")


def _check_unchanged(decision: Decision, seen: dict[tuple[str, str, datetime], Decision]) -> None:
    """The same line may stand in two exports; two answers at one moment are a slip."""
    place = (decision.key, decision.who, decision.when)
    if seen.setdefault(place, decision) != decision:
        raise Broken(
            f"{decision.who} decided otherwise of it at the same moment in a line before",
            "one decision of a person at a time",
            "delete the wrong one or correct 'when'",
        )


def _row(decision: Decision) -> dict[str, Any]:
    keys = [*_REQUIRED, *(k for k in _OPTIONAL if getattr(decision, k) is not None)]
    plain = {key: getattr(decision, key) for key in keys}
    return {**plain, "when": instant_text(decision.when)}
