"""Pieces of article text for pages: short extracts with their evidence marked, safe links.

Pure. Markup is made by the templates, which escape every piece.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.values import Claim, Evidence

EXTRACT = 200  # characters; longer would be copying (copyright act, section 22)
PASSAGE = 110  # of a further place: a label cannot be judged without the words it rests on
PASSAGES = 2  # further places at most
SHOWN_TASKS = ("region", "topic", "direction")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that is evidence of one kind, or of none."""

    text: str
    kind: str = ""  # region | topic | direction


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters of a field that are evidence."""

    start: int
    end: int
    kind: str


def web_address(address: str) -> str:
    """`address` where it is http or https with a host, else "": nothing else becomes a link."""
    try:
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def marks(
    claims: Iterable[Claim], field: str, region: str, content_hash: str, text: str
) -> tuple[Mark, ...]:
    """The evidence in one field that speaks for `region` ("" is any), in order and without overlap.

    Evidence of an older text is left out: its offsets point elsewhere now.
    """
    found = [
        Mark(e.start, e.end, claim.task)
        for claim in claims
        if claim.content_hash == content_hash and _shown(claim, region)
        for e in claim.evidence
        if e.field == field and _lies_in(e, text)
    ]
    ordered = sorted(set(found), key=lambda m: (m.start, SHOWN_TASKS.index(m.kind), -m.end))
    kept: list[Mark] = []
    for mark in ordered:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return tuple(kept)


def _shown(claim: Claim, region: str) -> bool:
    if claim.task == "region":
        return claim.decided and region in ("", claim.label)
    return claim.decided and claim.task in SHOWN_TASKS


def _lies_in(evidence: Evidence, text: str) -> bool:
    return 0 <= evidence.start < evidence.end <= len(text)


def pieces(text: str, found: Sequence[Mark], start: int = 0, end: int | None = None) -> list[Piece]:
    """`text[start:end]` cut at its marks; the pieces together are exactly that text."""
    end = len(text) if end is None else end
    cut: list[Piece] = []
    at = start
    for mark in found:
        first, last = max(mark.start, at), min(mark.end, end)
        if first >= last:
            continue
        cut += [Piece(text[at:first])] if first > at else []
        cut.append(Piece(text[first:last], mark.kind))
        at = last
    return cut + ([Piece(text[at:end])] if at < end else [])


def extract(text: str, found: Sequence[Mark], limit: int = EXTRACT) -> list[Piece]:
    """At most `limit` characters of `text` where its evidence stands thickest, cut at words.

    An ellipsis stands where text was left out.
    """
    text = _one_line(text)
    start = _best_start(text, found, limit)
    return _cut(text, found, start, _word_end(text, start, limit))


def passages(text: str, found: Sequence[Mark], most: int = PASSAGES) -> list[list[Piece]]:
    """The extract, and up to `most` short passages around evidence outside it, in reading order.

    Kinds of evidence that are not shown yet go first.
    """
    flat = _one_line(text)
    start = _best_start(flat, found, EXTRACT)
    taken = [(start, _word_end(flat, start, EXTRACT))]
    while len(taken) <= most:
        left = [m for m in found if not any(a <= m.start and m.end <= b for a, b in taken)]
        if not left:
            break
        shown = {m.kind for m in found if m not in left}
        span = _around(flat, min(left, key=lambda m: (m.kind in shown, m.start)), taken)
        if span is None:
            break
        taken.append(span)
    return [_cut(flat, found, a, b) for a, b in sorted(taken) if b > a]


def _around(text: str, mark: Mark, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """PASSAGE characters with `mark` near their beginning, clear of what is shown already."""
    first = max(0, mark.start - PASSAGE // 3)
    space = text.find(" ", first, mark.start)
    first = 0 if first == 0 else space + 1 if space >= 0 else mark.start
    first = max([first, *(b for a, b in taken if a <= mark.start)])
    last = min([_word_end(text, first, PASSAGE), *(a for a, b in taken if a >= mark.start)])
    return (first, last) if first <= mark.start < last else None


def _cut(text: str, found: Sequence[Mark], start: int, end: int) -> list[Piece]:
    before = [Piece("… ")] if start else []
    after = [Piece(" …")] if end < len(text.rstrip()) else []
    return before + pieces(text, found, start, end) + after


def _one_line(text: str) -> str:
    # Character by character: offsets of the evidence must stay true.
    return re.sub(r"\s", " ", text)


def _best_start(text: str, found: Sequence[Mark], limit: int) -> int:
    """The start of the sentence from which most evidence lies within `limit`."""
    starts = [0] + [m.end() for m in re.finditer(r"[.!?]\s+|\s{2,}", text) if m.end() < len(text)]
    return max(starts, key=lambda s: (sum(s <= m.start and m.end <= s + limit for m in found), -s))


def _word_end(text: str, start: int, limit: int) -> int:
    if len(text) - start <= limit:
        return len(text)
    space = text.rfind(" ", start + 1, start + limit + 1)
    return space if space > start else start + limit
