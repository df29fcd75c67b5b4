"""A summary's document -> DOCX that people can go on editing. Pure.

Everything is set by named styles (Title, Heading 1-3, Caption, List Bullet, Intense Quote), tables
have header rows that repeat, pictures have alternative texts, and every foreign run has its language.
The XML that python-docx has no words for is in `docx_parts`. Same document, same bytes.
"""

import io
from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from monitor.i18n import Translator
from monitor.summary import docx_parts as parts
from monitor.summary import picture, reading
from monitor.summary.document import (
    Block,
    Bullets,
    Cell,
    Document,
    Figure,
    Heading,
    Paragraph,
    Run,
    Runs,
    Table,
)
from monitor.summary.docx_style import styled
from monitor.summary.packing import repacked
from monitor.summary.widths import layout

TEXT_WIDTH = 17.0  # cm: A4 less its margins
FIGURE_HEIGHT = 20.0  # cm at most
CM_PER_UNIT = 0.75 / 72 * 2.54  # a chart's unit is a CSS pixel
KINDS = {"text": "Normal", "note": "Note", "warning": "Warning", "comment": "Comment"}


def render_docx(document: Document) -> bytes:
    """The file. Raises ValueError for a chart that is no safe SVG."""
    word = docx.Document()
    t = Translator(document.language)
    styled(word, document)
    parts.page_footer(word, reading.clean(document.title), t("format.page"))
    writer = _Writer(word, t, reading.anchors(document) | {reading.SOURCES})
    writer.head(document)
    for block in reading.body(document):
        writer.block(block)
    writer.tail(document)
    made = io.BytesIO()
    word.save(made)
    return repacked(made.getvalue())


class _Writer:
    """Puts blocks at the end of a Word document."""

    def __init__(self, word: Word, t: Translator, known: frozenset[str]) -> None:
        self.word, self.t, self.known = word, t, known
        # python-docx looks a style up by name in 2 ms, for every paragraph
        self.ids = {style.name: style.style_id for style in word.styles}

    def _add(self, style: str, text: str = "") -> WordParagraph:
        """A new paragraph at the end."""
        paragraph = self.word.add_paragraph()
        paragraph._p.style = self.ids[style]
        if text:
            paragraph.add_run(reading.clean(text))
        return paragraph

    def head(self, document: Document) -> None:
        self._add("Title", document.title)
        self._add("Subtitle", document.subtitle)
        sections = reading.sections(document)
        if sections:
            self._add("Contents Heading", self.t("format.contents"))
            paragraphs = [self._add("Contents") for _ in sections]
            parts.contents_field(paragraphs, [(s.anchor, reading.clean(s.text)) for s in sections])

    def tail(self, document: Document) -> None:
        if document.sources:
            self.block(Heading(2, self.t("format.sources"), reading.SOURCES))
            self.block(Bullets(tuple((Run(line),) for line in document.sources)))
        data = reading.figure_data(document)
        if data:
            heading = self._add("Heading 1", self.t("format.appendix"))
            heading.paragraph_format.page_break_before = True
            parts.bookmark(heading, reading.APPENDIX)
            for table in data:
                self.block(table)

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                heading = self._add(f"Heading {block.level - 1}", block.text)
                parts.bookmark(heading, block.anchor)
            case Paragraph():
                self._paragraph(block)
            case Bullets():
                for item in block.items:
                    self._runs(self._add("List Bullet"), item)
            case Table():
                self._table(block)
            case Figure():
                self._figure(block)

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self._add(KINDS[block.kind])
        if block.kind in {"warning", "comment"}:
            paragraph.add_run(self.t(f"format.{block.kind}") + ": ").bold = True
        self._runs(paragraph, block.runs)

    def _figure(self, figure: Figure) -> None:
        width, height = picture.size(figure.svg)
        wide = min(TEXT_WIDTH, width * CM_PER_UNIT, FIGURE_HEIGHT * width / height)
        paragraph = self._add("Figure")
        drawn = paragraph.add_run().add_picture(io.BytesIO(picture.png(figure.svg)), width=Cm(wide))
        parts.alternative(drawn, reading.clean(figure.alternative))
        self._add("Caption", figure.caption)

    # --- tables ----------------------------------------------------------------------------------

    def _table(self, block: Table) -> None:
        caption = self._add("Caption", block.caption)
        caption.paragraph_format.keep_with_next = True
        parts.bookmark(caption, block.anchor)
        table = self.word.add_table(len(block.rows) + 1, len(block.columns), style="Summary Table")
        measures = layout(block)
        whole, size = TEXT_WIDTH * measures.share, Pt(measures.size)
        parts.layout(table, [whole * w for w in measures.columns], block.caption)
        cells = _cells(table, len(block.columns))
        for i, name in enumerate(block.columns):
            number = bool(block.rows) and block.rows[0][i].number
            header = Cell((Run(name, strong=True),), number=number)
            self._cell(cells[0][i], header, size)
        for row, places in zip(block.rows, cells[1:], strict=True):
            for cell, place in zip(row, places, strict=True):
                self._cell(place, cell, size)
        parts.repeat_header(table)
        self._add("After Table")

    def _cell(self, place: Any, cell: Cell, size: Pt) -> None:
        paragraph = place.paragraphs[0]
        paragraph._p.style = self.ids["Table Text"]
        if cell.number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._runs(paragraph, cell.runs, size=size, bold=cell.header)
        if cell.band:
            parts.shade(place, cell.band)

    # --- runs ------------------------------------------------------------------------------------

    def _runs(
        self, paragraph: WordParagraph, runs: Runs, size: Pt | None = None, bold: bool = False
    ) -> None:
        for run in runs:
            href = reading.target(run, self.known)
            text = reading.clean(run.text)
            made = parts.link(paragraph, text, href) if href else paragraph.add_run(text)
            if run.strong or bold:
                made.bold = True
            if size is not None:
                made.font.size = size
            if run.lang:
                parts.language(made, reading.tag(run.lang))


def _cells(table: WordTable, columns: int) -> list[list[Any]]:
    # table.cell() walks the whole table for each cell
    flat = table._cells
    return [flat[i : i + columns] for i in range(0, len(flat), columns)]
