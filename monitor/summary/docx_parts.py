"""WordprocessingML that python-docx has no words for: languages, links, header rows, alternative texts.

Element names and their order follow ECMA-376, part 1. Knows nothing of summaries.
"""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

# fill and text of the four steps; the lightest page's colours of charts.css
BANDS = {
    1: ("EEF0E4", "1B1F24"),
    2: ("F3D48A", "1B1F24"),
    3: ("E58A3C", "1B1F24"),
    4: ("8E1B1F", "FFFFFF"),
}
NAME_LENGTH = 40  # letters of a bookmark at most


def element(tag: str, **attributes: str) -> Any:
    """An element such as w:shd; attributes are in the same namespace."""
    made = OxmlElement(tag)
    prefix = tag.split(":")[0]
    for name, value in attributes.items():
        made.set(qn(f"{prefix}:{name}"), value)
    return made


def language(run: Run, tag: str) -> None:
    """Mark the run as written in the language."""
    run._r.get_or_add_rPr().append(element("w:lang", val=tag))


def bookmark(paragraph: Paragraph, anchor: str) -> None:
    """Make the paragraph a place that links can point to."""
    number = str(crc32(anchor.encode()) & 0x7FFFFFFF)
    start = element("w:bookmarkStart", id=number, name=place(anchor))
    before = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(before, start)
    paragraph._p.append(element("w:bookmarkEnd", id=number))


def place(anchor: str) -> str:
    """A bookmark's name: Word takes letters, digits and underscores, at most 40."""
    plain = "".join(c if c.isalnum() else "_" for c in anchor)
    if len(plain) <= NAME_LENGTH - 2:
        return f"a_{plain}"
    return f"a_{plain[: NAME_LENGTH - 11]}_{crc32(anchor.encode()):08x}"


def link(paragraph: Paragraph, text: str, href: str) -> Run:
    """A run at the paragraph's end that leads to `href`, outside or #anchor."""
    holder = _hyperlink(paragraph, href)
    paragraph._p.append(holder)
    made = OxmlElement("w:r")
    holder.append(made)
    run = Run(made, paragraph)
    run.text = text
    made.style = "Hyperlink"
    return run


def _hyperlink(paragraph: Paragraph, href: str) -> Any:
    if href.startswith("#"):
        return element("w:hyperlink", anchor=place(href[1:]), history="1")
    holder = element("w:hyperlink", history="1")
    known = paragraph.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    holder.set(qn("r:id"), known)
    return holder


def contents_field(paragraphs: Sequence[Paragraph], entries: Sequence[tuple[str, str]]) -> None:
    """A table of contents that Word can update, filled in already with links in place of page numbers."""
    for paragraph, (anchor, text) in zip(paragraphs, entries, strict=True):
        link(paragraph, text, f"#{anchor}")
    first, last = paragraphs[0]._p, paragraphs[-1]._p
    at = 1 if first.pPr is not None else 0
    for part in reversed(_field_start(r'TOC \o "1-1" \h \n')):
        first.insert(at, part)
    last.append(_run_of(element("w:fldChar", fldCharType="end")))


def _field_start(code: str) -> list[Any]:
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    return [
        _run_of(element("w:fldChar", fldCharType="begin")),
        _run_of(instruction),
        _run_of(element("w:fldChar", fldCharType="separate")),
    ]


def _run_of(part: Any) -> Any:
    made = OxmlElement("w:r")
    made.append(part)
    return made


def page_footer(word: Word, title: str, page: str) -> None:
    """Title at the left, page and pages at the right of every page's foot."""
    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{title}\t\t{page} ")
    _number(paragraph, "PAGE")
    paragraph.add_run(" / ")
    _number(paragraph, "NUMPAGES")


def _number(paragraph: Paragraph, code: str) -> None:
    field = element("w:fldSimple", instr=f" {code} ")
    paragraph._p.append(field)
    made = OxmlElement("w:r")
    field.append(made)
    Run(made, paragraph).text = "1"


def alternative(picture: Any, text: str) -> None:
    """The words that stand for a picture."""
    picture._inline.docPr.set("descr", text)
    for side in ("distT", "distB", "distL", "distR"):
        picture._inline.set(
            side, "0"
        )  # LibreOffice takes an eighth of an inch where it is not said


def layout(table: Table, widths_cm: Sequence[float], caption: str) -> None:
    """Fixed column widths, and the caption as the table's title for screen readers."""
    table.autofit = False
    properties = table._tbl.tblPr
    properties.append(element("w:tblCaption", val=caption))
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        look.addprevious(properties.find(qn("w:tblLayout")))
        look.set(qn("w:firstColumn"), "0")
    grid = table._tbl.tblGrid
    for column, width in zip(grid.gridCol_lst, widths_cm, strict=True):
        column.w = Cm(width)
    for row in table._tbl.tr_lst:
        for cell, width in zip(row.tc_lst, widths_cm, strict=True):
            cell.width = Cm(width)


def repeat_header(table: Table) -> None:
    """The first row again on every page; no row is torn by the end of a page."""
    for i, row in enumerate(table._tbl.tr_lst):
        properties = row.get_or_add_trPr()
        properties.append(element("w:cantSplit"))
        if i == 0:
            properties.append(element("w:tblHeader"))


def shade(cell: Any, band: int) -> None:
    """A step's colour behind the cell, and letters that can be read on it."""
    fill, ink = BANDS[band]
    cell._tc.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=fill))
    for run in cell.paragraphs[0].runs:
        run._r.get_or_add_rPr().get_or_add_color().set(qn("w:val"), ink)
