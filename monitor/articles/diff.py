"""What changed between two revisions of an article, paragraph by paragraph and word by word.

Says what is different, not whether it matters; knows no store and no mark-up. Texts of any length are
compared in bounded time: beyond the limits a change is shown whole instead of word by word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Literal

Kind = Literal["same", "added", "removed", "changed"]
MOST_PARAGRAPHS = 400  # compared one by one; difflib's time is quadratic
MOST_WORDS = 600  # of a paragraph compared word by word
ALIKE = 0.4  # share of words in common from which a paragraph was changed and not replaced

_PIECE = re.compile(r"\s+|\w+|[^\w\s]")
_PARAGRAPHS = re.compile(r"\n\s*\n|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters within a changed paragraph."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One paragraph, before and after."""

    kind: Kind
    before: str  # "" where added
    after: str  # "" where removed
    spans: tuple[Span, ...] = ()  # of a changed one, in reading order


def paragraphs(title: str, text: str) -> list[str]:
    """The headline and the paragraphs of an article."""
    found = [piece.strip() for piece in _PARAGRAPHS.split(text)]
    return [title.strip(), *(piece for piece in found if piece)]


def diff(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Paragraphs of two revisions as changes in reading order.

    Those with a `before` are the old paragraphs, those with an `after` the new ones, none left out.
    """
    if max(len(before), len(after)) > MOST_PARAGRAPHS:
        return _whole(before, after)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes: list[Change] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            changes += [Change("same", text, text) for text in before[a:b]]
        else:
            changes += _replaced(before[a:b], after[c:d])
    return changes


def changed(changes: Sequence[Change]) -> bool:
    """Whether anything is different."""
    return any(change.kind != "same" for change in changes)


def as_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Plain text: "- " removed, "+ " added, "~ " changed with [-removed-] and {+added+} words."""
    for change in changes:
        match change.kind:
            case "same":
                yield f"  {change.after}"
            case "added":
                yield f"+ {change.after}"
            case "removed":
                yield f"- {change.before}"
            case "changed":
                yield "~ " + "".join(map(_marked, change.spans))


def as_html(changes: Sequence[Change]) -> str:
    """A fragment of <p> with <ins> and <del>; every text is escaped."""
    return "\n".join(f'<p class="{change.kind}">{_html(change)}</p>' for change in changes)


def _whole(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    if list(before) == list(after):
        return [Change("same", text, text) for text in before]
    removed = [Change("removed", text, "") for text in before]
    return removed + [Change("added", "", text) for text in after]


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Paragraphs in the same place: alike ones were changed, the others taken out and put in."""
    rest = list(after)
    for old in before:
        position = next((n for n, new in enumerate(rest) if _alike(old, new)), None)
        if position is None:
            yield Change("removed", old, "")
            continue
        yield from (Change("added", "", new) for new in rest[:position])
        yield Change("changed", old, rest[position], tuple(_spans(old, rest[position])))
        rest = rest[position + 1 :]
    yield from (Change("added", "", new) for new in rest)


def _alike(a: str, b: str) -> bool:
    one, two = (_PIECE.findall(text) for text in (a, b))
    if max(len(one), len(two)) > 2 * MOST_WORDS:
        return False
    return SequenceMatcher(None, one, two, autojunk=False).quick_ratio() >= ALIKE and (
        len(set(one) & set(two)) >= ALIKE * min(len(set(one)), len(set(two)))
    )


def _spans(a: str, b: str) -> Iterator[Span]:
    one, two = _PIECE.findall(a), _PIECE.findall(b)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Span("same", "".join(one[i:j]))
            continue
        if j > i:
            yield Span("removed", "".join(one[i:j]))
        if m > k:
            yield Span("added", "".join(two[k:m]))


def _marked(span: Span) -> str:
    match span.kind:
        case "removed":
            return f"[-{span.text}-]"
        case "added":
            return f"{{+{span.text}+}}"
        case "same":
            return span.text


_TAGS = {"same": "{}", "added": "<ins>{}</ins>", "removed": "<del>{}</del>"}


def _html(change: Change) -> str:
    if change.kind == "changed":
        return "".join(_TAGS[span.kind].format(escape(span.text)) for span in change.spans)
    return _TAGS[change.kind].format(escape(change.after or change.before))
