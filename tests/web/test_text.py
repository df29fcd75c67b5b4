"""Extracts, marks and links of article text: short, true to the text, safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.values import Claim, Evidence, Task
from monitor.web.text import EXTRACT, Mark, extract, marks, pieces, web_address

TEXT = (
    "Aluevaltuusto kokoontui maanantaina. Kainuun hyvinvointialue aloittaa yt-neuvottelut. "
    "Kokouksessa puhuttiin myös muusta. " * 4
)
AT = TEXT.index("Kainuun")


def claim(task: Task, label: str, start: int, end: int, *, decided: bool = True) -> Claim:
    evidence = Evidence("text", start, end, TEXT[start:end], "word")
    return Claim(1, "v1:now", task, label, 0.9, decided, "model", "m", evidence=(evidence,))


def found(*claims: Claim) -> tuple[Mark, ...]:
    return marks(claims, "text", "20", "v1:now", TEXT)


def test_only_decided_evidence_for_this_region_in_this_text_is_marked() -> None:
    here = claim("region", "20", AT, AT + 7)
    elsewhere = claim("region", "05", 0, 5)
    undecided = claim("topic", "personnel", 0, 5, decided=False)
    relevance = claim("relevance", "relevant", 0, 5)
    assert found(here, elsewhere, undecided, relevance) == (Mark(AT, AT + 7, "region"),)
    assert marks([here], "text", "20", "v1:older", TEXT) == ()
    assert marks([here], "title", "20", "v1:now", "Otsikko") == ()
    assert marks([here], "text", "20", "v1:now", "Lyhyt") == (), "offsets outside the text"


def test_marks_do_not_overlap_and_a_place_goes_before_a_topic() -> None:
    both = found(claim("topic", "personnel", AT, AT + 20), claim("region", "20", AT, AT + 7))
    assert [m.kind for m in both] == ["region"]


@given(
    st.text(alphabet="abc åäö.\n<&", max_size=700),
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 40)), max_size=6),
)
def test_pieces_are_the_text_and_an_extract_is_short(
    text: str, spans: list[tuple[int, int]]
) -> None:
    claims = [claim("topic", "x", s, s + n) for s, n in spans]
    there = marks(claims, "text", "20", "v1:now", text)
    assert "".join(p.text for p in pieces(text, there)) == text
    cut = "".join(p.text for p in extract(text, there))
    assert len(cut) <= EXTRACT + 4
    assert cut.strip("… ") in " ".join(text.split("\n")).replace("\n", " ")


def test_an_extract_begins_at_the_sentence_with_the_evidence() -> None:
    cut = "".join(p.text for p in extract(TEXT, found(claim("region", "20", AT, AT + 7))))
    assert "Kainuun hyvinvointialue" in cut
    assert cut.endswith(" …")


def test_a_short_text_is_shown_whole() -> None:
    assert "".join(p.text for p in extract("Lyhyt juttu.", ())) == "Lyhyt juttu."
    assert extract("", ()) == []


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://yle.fi/a/1", True),
        ("http://x.localhost:8766/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("feed:lehti#1", False),
        ("http://", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_web_addresses_with_a_host_become_links(address: str, link: bool) -> None:
    assert web_address(address) == (address if link else "")
