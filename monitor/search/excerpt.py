"""Where the words that were searched for stand in a text. Pure; a text is untrusted and stays text."""

from collections.abc import Iterator, Sequence

from monitor.search.values import Query, Term
from monitor.search.words import lemma, tokens

Span = tuple[int, int]  # characters, end exclusive


def hits(text: str, language: str, query: Query) -> list[Span]:
    """The places of all terms in `text`, in order and without overlap."""
    words = list(tokens(text))
    bases = [lemma(token.word, language) for token in words]
    found = sorted(
        (words[at].start, words[at + length - 1].end)
        for term in query.terms
        for at, length in _places(bases, term)
    )
    return list(_apart(found))


def _places(bases: Sequence[str], term: Term) -> Iterator[tuple[int, int]]:
    """(first word, number of words) of every place where a reading of the term stands."""
    for reading in term.readings:
        size = len(reading)
        for at in range(len(bases) - size + 1):
            if _same(bases[at : at + size], reading, term.prefix):
                yield at, size


def _same(bases: Sequence[str], reading: Sequence[str], prefix: bool) -> bool:
    if prefix:
        return list(bases[:-1]) == list(reading[:-1]) and bases[-1].startswith(reading[-1])
    return list(bases) == list(reading)


def _apart(found: Sequence[Span]) -> Iterator[Span]:
    end = -1
    for span in found:
        if span[0] >= end:
            yield span
            end = span[1]
