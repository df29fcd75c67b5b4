"""Articles' words for large invented stores: titles and paragraphs of the training corpus, mixed anew.

The corpus is invented and part of the program. Every article gets a number of its own in its title and a
made-up name in its text, so that no two are the same but those that are meant to be copies.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.settings import ROOT

_WORD = re.compile(r"[^\W\d_]{7,}")
_SYLLABLES = tuple("ka lo mi ne ru sa ti vo he ju pa ky le mä nu ri se to va yl".split())  # noqa: SIM905


@dataclass(frozen=True)
class Words:
    """What articles of one kind and language are made of."""

    language: str
    titles: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @cached_property
    def spans(self) -> tuple[tuple[tuple[int, int, str], ...], ...]:
        """Of each paragraph some long words: start, end, word. Evidence points at them."""
        return tuple(
            tuple((m.start(), m.end(), m.group()) for m in list(_WORD.finditer(p))[:5])
            for p in self.paragraphs
        )


@dataclass(frozen=True)
class Text:
    """One article's text and where evidence may point."""

    language: str
    title: str
    body: str
    spans: tuple[tuple[int, int, str], ...]


def corpus() -> Mapping[tuple[bool, str], Words]:
    """(relevant, language) -> the words of the corpus."""
    found: dict[tuple[bool, str], tuple[list[str], list[str]]] = {}
    for path in sorted((ROOT / "labels" / "corpus").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            item = json.loads(line)
            titles, paragraphs = found.setdefault((item["relevant"], item["lang"]), ([], []))
            titles.append(item["title"])
            paragraphs += (p for p in item["text"].split("\n\n") if len(p) > 40)
    return {key: Words(key[1], tuple(t), tuple(p)) for key, (t, p) in found.items()}


def compose(words: Words, number: int, rng: random.Random) -> Text:
    """An article of one to nine paragraphs."""
    chosen = [rng.randrange(len(words.paragraphs)) for _ in range(rng.choice((1, 2, 3, 4, 6, 9)))]
    opening = f"{name(rng)} {name(rng)}. "
    parts, spans, at = [opening], [], len(opening)
    for i in chosen:
        spans += [(at + start, at + end, word) for start, end, word in words.spans[i]]
        parts.append(words.paragraphs[i] + "\n\n")
        at += len(parts[-1])
    title = f"{rng.choice(words.titles)} ({number})"
    return Text(words.language, title, "".join(parts).rstrip(), tuple(spans))


def name(rng: random.Random) -> str:
    """A made-up name of two to four syllables."""
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))).capitalize()


def evidence(text: Text, label: str, rng: random.Random, most: int = 5) -> str:
    """JSON of evidence at words of `text`."""
    some: Sequence[tuple[int, int, str]] = rng.sample(text.spans, min(most, len(text.spans)))
    return json.dumps(
        [
            {"field": "text", "start": start, "end": end, "text": word, "why": f"words:{label}", "weight": 0.7}
            for start, end, word in some
        ]
    )  # fmt: skip
