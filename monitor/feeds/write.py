"""Writes entries for feeds.yaml: one line each, as the shipped file has them. Pure.

Adds to a text and changes nothing of what stands there, so comments and order stay. Reading is
`monitor.feeds.config`'s.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from monitor.feeds.config import FeedsFile, read_feeds
from monitor.text import one_line
from monitor.values import FeedSpec, Mistake

EMPTY = "feeds:\n"
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 60


def entry_line(spec: FeedSpec) -> str:
    """The entry as one line of YAML in flow style, without indentation."""
    home = ", ".join(_quoted(code) for code in spec.home)
    parts = [
        f"id: {spec.id}",
        f"url: {_quoted(spec.url)}",
        f"title: {_quoted(spec.title)}",
        f"lang: {spec.lang}",
        f"home: [{home}]",
        f"group: {spec.group}",
        f"kind: {spec.kind}",
    ]
    parts += [f"note: {_quoted(spec.note)}"] if spec.note else []
    parts += [f"permission: {_quoted(spec.permission)}"] if spec.permission else []
    return "- {" + ", ".join(parts) + "}"


def appended(
    text: str, specs: Sequence[FeedSpec], name: str, units: frozenset[str]
) -> str | tuple[Mistake, ...]:
    """`text`, a feeds.yaml named `name`, with `specs` as its last entries; else why it cannot be.

    The result is read again before it is given: it holds what `text` held and every one of `specs`.
    Mistakes that `text` has already are not counted against them.
    """
    before = read_feeds(text, name, units)
    indents = _ITEM.findall(text)
    indent = indents[-1] if indents else "  "
    lines = "".join(f"{indent}{entry_line(spec)}\n" for spec in specs)
    whole = text + ("" if not text or text.endswith("\n") else "\n") + lines
    after = read_feeds(whole, name, units)
    mistakes = _new_mistakes(before, after)
    if after.feeds == (*before.feeds, *specs) and not mistakes:
        return whole
    return mistakes or (_no_place(name, text),)


def _new_mistakes(before: FeedsFile, after: FeedsFile) -> tuple[Mistake, ...]:
    known = set(before.mistakes)
    return tuple(mistake for mistake in after.mistakes if mistake not in known)


def _no_place(name: str, text: str) -> Mistake:
    return Mistake(
        name,
        text.count("\n") + 1,
        "",
        "entries cannot be added at the end of this file",
        "the list of feeds as its last part, one entry a line",
        "print the entries instead and put them in by hand",
    )


def slug(text: str, fallback: str = "feed") -> str:
    """`text` as an id: small letters a-z, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_PLAIN.sub("-", plain)[:_LONGEST_ID].strip("-") or fallback


def free_id(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number behind it that is not `taken`."""
    numbered: Iterable[str] = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)


def group_of(url: str) -> str:
    """A publisher group for an outlet of which nothing is known: its site's name."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return slug("-".join(labels[:-1]) or host, "unknown")


def clean(text: str) -> str:
    """`text` as one line of characters that can be seen."""
    return one_line("".join(c for c in one_line(text) if c.isprintable()))


def _quoted(text: str) -> str:
    # a JSON string of such characters is one of YAML too
    return json.dumps(clean(text), ensure_ascii=False)
