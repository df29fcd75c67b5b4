"""The distribution list: every mistake by file and line, and nothing that could end a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import InputFileError
from monitor.summary.recipients import Recipient, is_address, parse_recipients


def test_a_list_with_remarks_and_any_of_the_separators() -> None:
    text = "# jakelu\nmaija@example.fi fi brief\n\nsven@example.fi; SV; Full  # styrgruppen\n"
    assert parse_recipients(text, "list.txt") == (
        Recipient("maija@example.fi", "fi", "brief"),
        Recipient("sven@example.fi", "sv", "full"),
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("maija@example.fi fi", "2 words where three are needed"),
        ("maija.example.fi fi brief", "'maija.example.fi' is no e-mail address"),
        ("maija@example.fi de brief", "no language 'de'; expected fi, sv, en"),
        ("maija@example.fi fi long", "no level 'long'; expected brief, steering, full"),
        ("A@example.fi sv full", "the address is in line 1 already"),
    ],
)
def test_a_mistake_has_its_line(line: str, told: str) -> None:
    with pytest.raises(InputFileError) as caught:
        parse_recipients(f"a@example.fi fi brief\n{line}\n", "list.txt")
    assert caught.value.message.startswith("list.txt:2: ")
    assert told in caught.value.message


def test_all_mistakes_are_told_at_once_and_an_empty_list_is_one() -> None:
    with pytest.raises(InputFileError) as caught:
        parse_recipients("x\ny\n", "list.txt")
    assert [m.line for m in caught.value.mistakes] == [1, 2]
    with pytest.raises(InputFileError, match="no address"):
        parse_recipients("# nobody\n", "list.txt")


@given(st.text())
def test_an_address_never_holds_what_could_end_a_header_or_add_a_recipient(text: str) -> None:
    if is_address(text):
        assert not set(text) & set('\r\n\0 ,;:<>"()[]\\')
        assert text.isascii()


@pytest.mark.parametrize(
    "text", ["a@b\nBcc: c@d.fi", "a@b.fi,c@d.fi", "a@@b.fi", "@b.fi", "a@-b.fi"]
)
def test_these_are_no_addresses(text: str) -> None:
    assert not is_address(text)
