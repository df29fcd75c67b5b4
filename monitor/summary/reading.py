"""What every document format does alike: the order of blocks, which links may stand, where a figure's data goes.

Pure; knows no format.
"""

import re
from collections.abc import Iterator

from monitor.i18n import Translator
from monitor.summary.document import Block, Document, Figure, Heading, Run, Table
from monitor.text import storable

CONTENTS_FROM = 4  # sections; a shorter document has no table of contents
SOURCES = "sources"  # anchor
APPENDIX = "figure-data"  # anchor
REGIONS = {"fi": "FI", "sv": "FI", "en": "GB"}  # the Swedish of these files is Finland's

# Marks that turn the direction of writing could make a headline overwrite the words beside it.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def body(document: Document) -> tuple[Block, ...]:
    """The blocks below the title, which each format sets itself."""
    return tuple(b for b in document.blocks if not (isinstance(b, Heading) and b.level == 1))


def sections(document: Document) -> tuple[Heading, ...]:
    """The headings of the second level; none where the document is too short for contents."""
    if document.level == "brief":  # one page
        return ()
    found = [b for b in document.blocks if isinstance(b, Heading) and b.level == 2]
    if document.sources:
        found.append(Heading(2, Translator(document.language)("format.sources"), SOURCES))
    return tuple(found) if len(found) >= CONTENTS_FROM else ()


def figure_data(document: Document) -> tuple[Table, ...]:
    """Tables of figures whose rows stand nowhere else in the document, for formats that cannot fold."""
    shown = [b.rows for b in document.blocks if isinstance(b, Table)]
    figures = [b.data for b in document.blocks if isinstance(b, Figure)]
    return tuple(table for table in figures if table.rows and table.rows not in shown)


def anchors(document: Document) -> frozenset[str]:
    """Everything that a link inside the document may point to."""
    return frozenset(_anchors(document))


def _anchors(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Heading | Table):
            yield block.anchor
        if isinstance(block, Figure):
            yield block.data.anchor


def target(run: Run, known: frozenset[str]) -> str:
    """Where the run may lead: a web address or an anchor of the document, else nowhere."""
    if run.href.startswith("#"):
        return run.href if run.href[1:] in known else ""
    return run.href if re.match(r"https?://[^\s/]", run.href, re.IGNORECASE) else ""


def clean(text: str) -> str:
    """Text from outside without what no format may hold."""
    return _TURNING.sub("", storable(text))


def tag(language: str) -> str:
    """ "fi-FI", "sv-FI", "en-GB"; another language as it is."""
    return f"{language}-{REGIONS[language]}" if language in REGIONS else language
