"""Search texts made to be slow or to break out: read or refused, and what is read is bounded."""

import pytest

from monitor.search.query import LONGEST, MOST, parse
from monitor.search.values import Names, Query, Wrong

NAMES = Names({}, {}, {})


@pytest.mark.parametrize(
    "text",
    ["*" * 400, "a*" * 200, '"' * 400, "(" * 400, "-" * 400, "sana " * 10_000, "a" * 399 + "*",
     "alue:" * 80, '"a" ' * 100, "((a+)+)+$ " + "a" * 300, "x' OR 1=1; DROP TABLE articles --",
     "a & b | !c <-> d:*", "NEAR(a b, 9) ^a {col}: x", "\x00\x00", "‮abc", "ﷺ" * 400, "ä̈" * 190],
)  # fmt: skip
def test_a_query_holds_words_only_and_few_of_them(text: str) -> None:
    read = parse(text, NAMES)
    if isinstance(read, Wrong):
        return
    assert isinstance(read, Query)
    assert len(text) <= LONGEST
    terms = (*read.terms, *read.without)
    assert len(terms) <= MOST
    for term in terms:
        for reading in term.readings:
            assert all(word.isalnum() for word in reading), reading
