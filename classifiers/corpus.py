"""Reads the training texts in labels/corpus/*.jsonl. The format is described in labels/README.md.

A broken line is reported with its file and line and left out; it stops nothing else. What is done
with the mistakes is for the caller to say. What makes a line readable and its labels sound is checked
here for `classifiers.decisions` too.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from classifiers.reference import Reference, load_reference
from classifiers.values import DIRECTIONS, Example, Text

LANGUAGES = ("fi", "sv")
Kinds = Mapping[str, type | tuple[type, ...]]  # key -> what its value is
LABELS: Kinds = {
    "relevant": bool,
    "regions": list,
    "mentioned": list,
    "national": bool,
    "topics": list,
    "direction": (str, type(None)),
}
_TYPES: Kinds = {"id": str, "lang": str, "title": str, "text": str, **LABELS}
_OPTIONAL: Kinds = {"register": str, "note": str, "story": str}


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


class Broken(Exception):
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
        for number, line in numbered_lines(path.read_bytes()):
            entry = ""
            try:
                row = parse_row(line)
                entry = str(row.get("id", ""))
                _check(row, known, seen)
            except Broken as broken:
                corpus.mistakes.append(LineMistake(path.name, number, entry, *broken.args))
                continue
            seen.add(row["id"])
            corpus.examples.append(_example(row, f"{path.name}:{number}"))
    return corpus


def numbered_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, counted from 1."""
    # Split on the newline only: str.splitlines also splits on characters that JSON strings may hold.
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.decode("utf-8", errors="replace").strip():
            yield number, line


def parse_row(line: bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises Broken."""
    try:
        row = json.loads(line.decode("utf-8"))
        json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise Broken(
            f"is not UTF-8 (byte {error.start + 1})", "UTF-8", "save the file as UTF-8"
        ) from error
    except UnicodeEncodeError as error:
        raise Broken(
            "holds half of a character (a lone surrogate)", "whole characters", "correct the line"
        ) from error
    except json.JSONDecodeError as error:
        raise Broken(
            f"is no JSON ({error.msg} at character {error.pos + 1})",
            "one JSON object on the line",
            "correct the line or delete it",
        ) from error
    except (ValueError, RecursionError) as error:
        raise Broken(
            "is no JSON this program reads (too deep, or a number too long)",
            "one JSON object on the line",
            "correct the line or delete it",
        ) from error
    if not isinstance(row, dict):
        raise Broken("is no JSON object", "one JSON object on the line", "write it as {...}")
    return row


def _check(row: dict[str, Any], known: Reference, seen: set[str]) -> None:
    check_keys(row, _TYPES, _OPTIONAL)
    if not row["id"] or not row["title"].strip():
        raise Broken("id or title is empty", "both given", "write them")
    check_labels(row, known)
    if row["id"] in seen:
        raise Broken(f"id {row['id']!r} is used twice", "an id of its own", "give it another id")


def check_keys(row: Mapping[str, Any], required: Kinds, optional: Kinds) -> None:
    """Every key is there and of its kind, and no other. Raises Broken."""
    for key in row.keys() - required.keys() - optional.keys():
        raise Broken(
            f"has the unknown key {key!r}", f"keys {', '.join(required)}", "delete or rename it"
        )
    for key in required:
        if key not in row:
            raise Broken(f"lacks the key {key!r}", f"keys {', '.join(required)}", f"add {key!r}")
    for key, kind in {**required, **optional}.items():
        if key in row and not isinstance(row[key], kind):
            raise Broken(f"{key} is {row[key]!r}", _wanted(kind), f"correct {key!r}")


def _wanted(kind: type | tuple[type, ...]) -> str:
    names = {str: "text", bool: "true or false", list: "a list", type(None): "null"}
    return " or ".join(names[k] for k in (kind if isinstance(kind, tuple) else (kind,)))


def check_labels(row: Mapping[str, Any], known: Reference) -> None:
    """The labels exist and do not contradict each other, and the language is known. Raises Broken.

    `row` has the keys of LABELS and "lang", each of its kind.
    """
    _check_codes(row, known)
    _check_consistent(row)


def _check_codes(row: Mapping[str, Any], known: Reference) -> None:
    allowed: dict[str, Collection[str]] = {
        "regions": known.region,
        "mentioned": known.region,
        "topics": known.topic,
    }
    for key, codes in allowed.items():
        for code in row[key]:
            if not isinstance(code, str) or code not in codes:
                raise Broken(f"{key} holds {code!r}", ", ".join(codes), f"correct {key!r}")
        if len(set(row[key])) < len(row[key]):
            raise Broken(f"{key} holds a label twice", "each label once", f"correct {key!r}")
    if row["lang"] not in LANGUAGES:
        raise Broken(f"lang is {row['lang']!r}", " or ".join(LANGUAGES), "correct 'lang'")


def _check_consistent(row: Mapping[str, Any]) -> None:
    if row["relevant"] and row["direction"] not in DIRECTIONS:
        raise Broken(
            f"is relevant with direction {row['direction']!r}",
            " or ".join(DIRECTIONS),
            "say the direction",
        )
    if not row["relevant"] and (row["topics"] or row["direction"]):
        raise Broken(
            "is irrelevant but has topics or a direction",
            "topics [] and direction null",
            "empty them or make it relevant",
        )
    if row["national"] and row["regions"]:
        raise Broken("is national and has regions", "one of the two", "empty 'regions'")
    both = [code for code in row["regions"] if code in row["mentioned"]]
    if both:
        raise Broken(f"{both[0]} is in regions and in mentioned", "one of the two", "delete one")


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
