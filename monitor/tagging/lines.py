"""Tags a JSONL of articles: lines in, lines out, a few at a time. docs/tagging.md describes both formats,
which are kept stable.

Opens no file and no store. A line that cannot be used becomes an answer that says so, with its number;
the rest is tagged all the same.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from classifiers.reference import NATIONAL
from classifiers.tagger import Tagger
from classifiers.values import RegionTag, Span, Tags, Text
from monitor.articles.language import UNKNOWN, detect

BATCH = 32  # lines tagged at once: what a reader of a pipe waits for
TRAINED = ("fi", "sv")
_PASSED = ("source", "published")  # read by people and programs after us, not by the classifiers


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be tagged."""

    number: int  # 1-based
    id: str | int
    text: Text
    passed: dict[str, str] = field(default_factory=dict)  # keys that go through unchanged
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot, and why."""

    number: int
    id: str | int | None
    problem: str  # with what was expected


class _Bad(Exception):
    """Why a line cannot be used."""


def tag_lines(lines: Iterable[bytes], tagger: Tagger) -> Iterator[dict[str, Any]]:
    """The answer to each line that is not blank, in order. An answer with "error" is a bad line's."""
    numbered = (
        (n, line) for n, line in enumerate(lines, start=1) if line.strip(b"\xef\xbb\xbf\r\n\t ")
    )
    while batch := [read_line(n, line) for n, line in islice(numbered, BATCH)]:
        texts = [line.text for line in batch if isinstance(line, Line)]
        tags = iter(tagger.tag(texts))
        for line in batch:
            if isinstance(line, Line):
                yield answer(line, next(tags), tagger.versions)
            else:
                yield {"line": line.number, "id": line.id, "error": line.problem}


def read_line(number: int, raw: bytes) -> Line | BadLine:
    """One line of the input; its language is told from the text where the line does not say it."""
    row: dict[str, Any] = {}
    try:
        row = _object(raw)
        _check(row)
    except _Bad as bad:
        found = row.get("id")
        known = found if isinstance(found, str | int) and not isinstance(found, bool) else None
        return BadLine(number, known if known is None or _writable(known) else None, str(bad))
    title, text = row["title"] or "", row["text"] or ""
    language = _language(row.get("language"), f"{title}\n{text}")
    passed = {key: row[key] for key in _PASSED if row.get(key) is not None}
    return Line(
        number, row["id"], Text(str(row["id"]), title, text, language), passed, _notes(language)
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _Bad(f"is not UTF-8 (byte {error.start + 1}); save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise _Bad(f"is no JSON ({error.msg} at character {error.pos + 1})") from error
    except (ValueError, RecursionError) as error:  # a number or a nesting no article has
        raise _Bad("is no JSON this program reads (too deep, or a number too long)") from error
    if not isinstance(row, dict):
        raise _Bad('is no JSON object; expected {"id": ..., "title": ..., "text": ...}')
    return row


def _check(row: dict[str, Any]) -> None:
    for key in ("id", "title", "text"):
        if key not in row:
            raise _Bad(f"lacks the key {key!r}; expected id, title and text")
    if not isinstance(row["id"], str | int) or isinstance(row["id"], bool) or row["id"] == "":
        raise _Bad("id is no text and no whole number")
    for key in ("title", "text", "language", *_PASSED):
        if not isinstance(row.get(key), str | None):
            raise _Bad(f"{key} is no text")
    if not ((row["title"] or "").strip() or (row["text"] or "").strip()):
        raise _Bad("title and text are both empty; at least one is needed")
    if not all(_writable(row.get(key)) for key in ("id", "title", "text", "language", *_PASSED)):
        raise _Bad("holds half of a character (a lone surrogate); save the file as UTF-8")


def _writable(value: object) -> bool:
    try:
        str(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _language(given: str | None, content: str) -> str:
    """`fi` of "FI", "fi-FI" and "fi_FI"; told from the text where nothing is given."""
    code = (given or "").strip().lower().replace("_", "-").split("-")[0]
    return code or detect(content).code


def _notes(language: str) -> tuple[str, ...]:
    if language in TRAINED:
        return ()
    if language == UNKNOWN:
        return ("the language could not be told; tagged as if it were Finnish",)
    return (f"the classifiers learned Finnish and Swedish, not {language!r}; tagged all the same",)


def answer(line: Line, tags: Tags, versions: dict[str, str]) -> dict[str, Any]:
    """The line that says what was decided, how probable it is, and what it rests on."""
    regions = [r for r in tags.regions if r.code != NATIONAL]
    national = next((r for r in tags.regions if r.code == NATIONAL), None)
    return {
        "id": line.id,
        "language": line.text.language,
        **line.passed,
        "decided": {
            "relevant": tags.relevance.decided,
            "regions": [r.code for r in regions if r.decided],
            "mentioned": [r.code for r in regions if not r.decided],
            "national": national is not None and national.decided,
            "topics": [t.label for t in tags.topics if t.decided],
            "direction": next((d.label for d in tags.direction if d.decided), None),
        },
        "probability": {
            "relevant": _rounded(tags.relevance.probability),
            "regions": {r.code: _rounded(r.happens) for r in regions},
            "national": None if national is None else _rounded(national.happens),
            "topics": {t.label: _rounded(t.probability) for t in tags.topics},
            "direction": {d.label: _rounded(d.probability) for d in tags.direction},
        },
        "evidence": list(_evidence(line.text, tags)),
        "models": dict(versions),
        "notes": list(line.notes),
    }


def _evidence(text: Text, tags: Tags) -> Iterator[dict[str, Any]]:
    yield from _spans(text, "relevance", "relevant", tags.relevance.spans)
    for region in tags.regions:
        if _shown(region):
            yield from _spans(text, "region", region.code, region.spans)
    for task, labels in (("topic", tags.topics), ("direction", tags.direction)):
        for label in labels:
            if label.decided:
                yield from _spans(text, task, label.label, label.spans)


def _shown(region: RegionTag) -> bool:
    return region.decided or region.code != NATIONAL


def _spans(text: Text, task: str, label: str, spans: Sequence[Span]) -> Iterator[dict[str, Any]]:
    for span in spans:
        content = text.title if span.field == "title" else text.text
        yield {
            "field": span.field,
            "start": span.start,
            "end": span.end,
            "text": content[span.start : span.end],
            "task": task,
            "label": label,
            "weight": round(span.weight, 3),
        }


def _rounded(probability: float) -> float:
    return round(probability, 4)
