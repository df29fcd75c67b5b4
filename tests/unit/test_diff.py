"""What changed between two revisions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.diff import Change, Span, as_html, as_lines, changed, diff, paragraphs

FI = paragraphs(
    "Päivystys suljetaan",
    "Alue sulkee yöpäivystyksen marraskuussa.\n\nPotilaita on vuodessa 3 200.\n\nPäätös on lopullinen.",
)
FI_CORRECTED = paragraphs(
    "Päivystys suljetaan",
    "Alue sulkee yöpäivystyksen marraskuussa.\n\nPotilaita on vuodessa 2 300.\n\n"
    "Päätös on lopullinen.\n\nOikaisu: potilasmäärä oli väärin.",
)
SV = paragraphs("Jouren stängs", "Området stänger jouren i november.\n\nPatienterna är 3 200.")
SV_CUT = paragraphs("Jouren stängs", "Området stänger jouren i december.")


def test_a_correction_shows_the_number_that_changed_and_the_note() -> None:
    found = diff(FI, FI_CORRECTED)
    assert [c.kind for c in found] == ["same", "same", "changed", "same", "added"]
    assert found[2].spans == (
        Span("same", "Potilaita on vuodessa "),
        Span("removed", "3"),
        Span("added", "2"),
        Span("same", " "),
        Span("removed", "200"),
        Span("added", "300"),
        Span("same", "."),
    )
    assert list(as_lines(found))[2:] == [
        "~ Potilaita on vuodessa [-3-]{+2+} [-200-]{+300+}.",
        "  Päätös on lopullinen.",
        "+ Oikaisu: potilasmäärä oli väärin.",
    ]


def test_a_paragraph_that_was_cut_is_removed() -> None:
    found = diff(SV, SV_CUT)
    assert [c.kind for c in found] == ["same", "changed", "removed"]
    assert "[-november-]{+december+}" in "\n".join(as_lines(found))


def test_another_text_is_replaced_and_not_changed() -> None:
    assert diff(["Jouren stängs"], ["Uusi paloasema avattiin"]) == [
        Change("removed", "Jouren stängs", ""),
        Change("added", "", "Uusi paloasema avattiin"),
    ]


def test_a_fragment_holds_no_markup_of_the_article() -> None:
    html = as_html(diff(["<script>alert(1)</script> & jono"], ["<b>jono</b> & jono"]))
    assert set(re.findall(r"</?(\w+)", html)) <= {"p", "ins", "del"}


TEXTS = st.lists(
    st.text(alphabet="abc åä1.<&", min_size=1, max_size=12).filter(str.strip), max_size=6
)


@given(TEXTS, TEXTS)
def test_nothing_is_lost_and_nothing_is_invented(before: list[str], after: list[str]) -> None:
    changes = diff(before, after)
    assert [c.before for c in changes if c.kind != "added"] == before
    assert [c.after for c in changes if c.kind != "removed"] == after
    for change in changes:
        if change.kind == "changed":
            old = "".join(s.text for s in change.spans if s.kind != "added")
            new = "".join(s.text for s in change.spans if s.kind != "removed")
            assert (old, new) == (change.before, change.after)
    assert changed(changes) == (before != after)


@pytest.mark.parametrize(("count", "words"), [(1500, 3), (2, 30_000)])
def test_huge_texts_are_compared_whole(count: int, words: int) -> None:
    before = [f"{n} " + "sana " * words for n in range(count)]
    after = [f"{n} " + "ord " * words for n in range(count)]
    found = diff(before, after)
    assert {c.kind for c in found} == {"removed", "added"}
    assert len(found) == 2 * count
