"""Reads the training texts in labels/corpus/*.jsonl. The format is described in labels/README.md.

A broken line is reported with its file and line and left out; it stops nothing else. What is done
with the mistakes is for the caller to say.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from classifiers.reference import Reference, load_reference
from classifiers.values import DIRECTIONS, Example, Text

LANGUAGES = ("fi", "sv")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "lang": str,
    "title": str,
    "text": str,
    "relevant": bool,
    "regions": list,
    "mentioned": list,
    "national": bool,
    "topics": list,
    "direction": (str, type(None)),
}
_OPTIONAL: dict[str, type] = {"register": str, "note": str, "story": str}


@dataclass(frozen=True, slots=True)
class LineMistake:
    """One line that cannot be used: where, what, and what to do."""

    file: str  # name within the folder
    line: int  # 1-based
    entry: str  # id of the text, or "" where it has none
    problem: str
    expected: str
    remedy: str


class Corpus(NamedTuple):
    """Every usable text, and every line that is none."""

    examples: list[Example]
    mistakes: list[LineMistake]


class _Broken(Exception):
    """A line cannot be used; carries problem, expected, remedy."""


def load_corpus(folder: Path, reference: Reference | None = None) -> Corpus:
    """Read `folder`/*.jsonl in the order of their names; `folder` may be one such file.

    `reference` says which regions and topics exist; by default the definitions in the folder above.
    Raises OSError where a file cannot be read.
    """
    known = reference or load_reference(folder.parent)
    corpus = Corpus([], [])
    seen: set[str] = set()
    for path in [folder] if folder.is_file() else sorted(folder.glob("*.jsonl")):
        for number, line in _lines(path):
            entry = ""
            try:
                row = _parse(line)
                entry = str(row.get("id", ""))
                _check(row, known, seen)
            except _Broken as broken:
                corpus.mistakes.append(LineMistake(path.name, number, entry, *broken.args))
                continue
            seen.add(row["id"])
            corpus.examples.append(_example(row, f"{path.name}:{number}"))
    return corpus


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    # Split on the newline only: str.splitlines also splits on characters that JSON strings may hold.
    content = path.read_bytes().decode("utf-8", errors="replace")
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            yield number, line


def _parse(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _Broken(
            f"is no JSON ({error.msg} at character {error.pos + 1})",
            "one JSON object on the line",
            "correct the line or delete it",
        ) from error
    if not isinstance(row, dict):
        raise _Broken("is no JSON object", "one JSON object on the line", "write it as {...}")
    return row


def _check(row: dict[str, Any], known: Reference, seen: set[str]) -> None:
    _check_keys(row)
    _check_codes(row, known)
    _check_consistent(row)
    if row["id"] in seen:
        raise _Broken(f"id {row['id']!r} is used twice", "an id of its own", "give it another id")


def _check_keys(row: dict[str, Any]) -> None:
    for key in row.keys() - _TYPES.keys() - _OPTIONAL.keys():
        raise _Broken(
            f"has the unknown key {key!r}", f"keys {', '.join(_TYPES)}", "delete or rename it"
        )
    for key, kind in _TYPES.items():
        if key not in row:
            raise _Broken(f"lacks the key {key!r}", f"keys {', '.join(_TYPES)}", f"add {key!r}")
        if not isinstance(row[key], kind):
            raise _Broken(f"{key} is {row[key]!r}", _wanted(kind), f"correct {key!r}")
    for key, kind in _OPTIONAL.items():
        if not isinstance(row.get(key, ""), kind):
            raise _Broken(f"{key} is {row[key]!r}", _wanted(kind), f"correct {key!r}")


def _wanted(kind: type | tuple[type, ...]) -> str:
    names = {str: "text", bool: "true or false", list: "a list", type(None): "null"}
    return " or ".join(names[k] for k in (kind if isinstance(kind, tuple) else (kind,)))


def _check_codes(row: dict[str, Any], known: Reference) -> None:
    allowed: dict[str, Collection[str]] = {
        "regions": known.region,
        "mentioned": known.region,
        "topics": known.topic,
    }
    for key, codes in allowed.items():
        for code in row[key]:
            if code not in codes:
                raise _Broken(f"{key} holds {code!r}", ", ".join(codes), f"correct {key!r}")
    if row["lang"] not in LANGUAGES:
        raise _Broken(f"lang is {row['lang']!r}", " or ".join(LANGUAGES), "correct 'lang'")


def _check_consistent(row: dict[str, Any]) -> None:
    if not row["id"] or not row["title"].strip():
        raise _Broken("id or title is empty", "both given", "write them")
    if row["relevant"] and row["direction"] not in DIRECTIONS:
        raise _Broken(
            f"is relevant with direction {row['direction']!r}",
            " or ".join(DIRECTIONS),
            "say the direction",
        )
    if not row["relevant"] and (row["topics"] or row["direction"]):
        raise _Broken(
            "is irrelevant but has topics or a direction",
            "topics [] and direction null",
            "empty them or make it relevant",
        )
    if row["national"] and row["regions"]:
        raise _Broken("is national and has regions", "one of the two", "empty 'regions'")


def _example(row: dict[str, Any], origin: str) -> Example:
    return Example(
        text=Text(row["id"], row["title"], row["text"], row["lang"]),
        relevant=row["relevant"],
        regions=tuple(row["regions"]),
        mentioned=tuple(row["mentioned"]),
        national=row["national"],
        topics=tuple(row["topics"]),
        direction=row["direction"],
        story=row.get("story", row["id"]),
        origin=origin,
        tags={key: row[key] for key in ("register", "note") if row.get(key)},
    )
