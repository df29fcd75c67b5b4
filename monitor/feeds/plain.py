"""Turns the HTML of feed items into plain text. Pure, and never raises.

Nothing of the markup survives, so there is nothing to sanitise. It finds no article in a page; that is
`monitor.articles.extract`.
"""

import re
from html.parser import HTMLParser

_LONGEST_MARKUP = 300_000  # characters; an item longer than this is cut
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|"
    "main|ol|p|pre|section|table|td|th|tr|ul"
)
_HIDDEN = frozenset(("script", "style", "noscript", "template", "iframe", "svg", "button"))
# Characters no store takes: controls but tab and line ends, lone surrogates, non-characters.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")


def one_line(text: str) -> str:
    """`text` without unstorable characters, every run of white space a single space."""
    return _SPACE.sub(" ", _UNSTORABLE.sub("", text)).strip()


def paragraphs(text: str) -> str:
    """Plain `text` with its lines as paragraphs, parted by a blank line."""
    lines = (one_line(line) for line in _UNSTORABLE.sub("", text).split("\n"))
    return "\n\n".join(line for line in lines if line)


def html_text(markup: str) -> str:
    """The text of `markup`: its blocks as paragraphs, parted by a blank line."""
    reader = _Reader()
    reader.feed(markup[:_LONGEST_MARKUP])
    reader.close()
    return paragraphs("".join(reader.pieces))


class _Reader(HTMLParser):
    """Gathers text; a block begins and ends a line, white space in the source does not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif _BLOCKS.fullmatch(tag):
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _BLOCKS.fullmatch(tag):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif _BLOCKS.fullmatch(tag):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(_SPACE.sub(" ", data))
