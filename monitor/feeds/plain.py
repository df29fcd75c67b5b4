"""Turns the HTML of feed items into plain text. Pure, and never raises.

Nothing of the markup survives, so there is nothing to sanitise. It finds no article in a page; that is
`monitor.articles.extract`.
"""

import re
from html import unescape
from typing import Any

from lxml import etree

from monitor.text import paragraphs, storable

_LONGEST_MARKUP = 300_000  # characters; an item longer than this is cut
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_HIDDEN = frozenset(("script", "style", "noscript", "template", "iframe", "svg", "button"))
_SPACE = re.compile(r"\s+")


def html_text(markup: str) -> str:
    """The text of `markup`: its blocks as paragraphs, parted by a blank line."""
    clean = storable(markup[:_LONGEST_MARKUP])
    if "<" not in clean:
        return paragraphs(_SPACE.sub(" ", unescape(clean)))
    try:
        # lxml reads hostile markup in time linear in its length; the standard library's parser does not
        tree = etree.HTML(f"<html><body><div>{clean}</div></body></html>")
    except (etree.LxmlError, ValueError):
        return ""
    return paragraphs("".join(_pieces(tree)))


def _pieces(tree: Any) -> list[str]:
    """Text in reading order; a block begins and ends a line, white space in the source does not."""
    pieces: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag  # of a comment or an instruction it is a function
        if tag in _BLOCKS:
            pieces.append("\n")
        elif tag in _HIDDEN:
            hidden += 1 if event == "start" else -1
        said = element.text if event == "start" else element.tail
        if said and not hidden:
            pieces.append(_SPACE.sub(" ", said))
    return pieces
