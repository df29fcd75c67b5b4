"""The weekly summary as a document: headings, paragraphs, tables, charts, in one language.

What a reader sees, in reading order, before any format: HTML, DOCX and PDF are made of the same blocks,
so that they cannot differ in a number or a word. Decides nothing about content (`report`) and nothing
about looks (`html`, `docx`, `pdf`).
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal[
    "brief", "steering", "full"
]  # ministerial group, steering group, coordination group


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. `lang` is given where it differs from the document's."""

    text: str
    lang: str = ""
    href: str = ""  # http, https or #anchor of a block
    strong: bool = False
    uses: tuple[str, ...] = ()  # fields of the summary that it says, "national.articles"; not shown


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading. Levels go down one at a time."""

    level: int  # 1 is the title
    text: str
    anchor: str  # unique in the document


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. A note explains, a warning says that something is missing, a comment is a person's."""

    runs: Runs
    kind: Literal["text", "note", "warning", "comment"] = "text"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without order."""

    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell."""

    runs: Runs
    header: bool = False  # names its row
    number: bool = False  # set to the right
    band: int = 0  # 1 (lowest) to 4 (highest risk): shade, always beside the number; 0 none


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and one header row, repeated where it breaks over pages."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]  # as many cells as columns
    anchor: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: a picture, what it shows in words, and the table it was drawn from."""

    caption: str
    svg: str  # self-contained, no script, no outside reference
    alternative: str  # says what the picture says, with the numbers that matter
    data: Table


Block = Heading | Paragraph | Bullets | Table | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """One summary, at one level, in one language."""

    language: str  # fi | sv | en
    title: str
    subtitle: str  # "draft" or "published version 2", with the dates
    week: str
    level: Level
    blocks: tuple[Block, ...]
    sources: tuple[str, ...]  # attribution lines that licences ask for
