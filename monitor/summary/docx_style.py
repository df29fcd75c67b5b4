"""The looks and properties of the DOCX: named styles, page, language, title. Knows no blocks."""

from datetime import datetime
from typing import Any

from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from monitor.summary import reading
from monitor.summary.document import Document
from monitor.summary.docx_parts import element
from monitor.weeks import week_bounds

TYPEFACE = "Arial"  # on every office machine; LibreOffice has one of the same widths
ACCENT, MUTED, INK = (
    RGBColor(0x0B, 0x3D, 0x7A),
    RGBColor(0x54, 0x5C, 0x66),
    RGBColor(0x1B, 0x1F, 0x24),
)


def styled(word: Word, document: Document) -> None:
    """Set page, styles, language and properties of an empty Word document."""
    _drop_ballast(word)
    _page(word)
    _language(word, reading.tag(document.language))
    _text_styles(word)
    _heading_styles(word)
    _framed_styles(word)
    _table_style(word)
    _properties(word, document)


def _drop_ballast(word: Word) -> None:
    """The template's hundred table styles, its older style sheet and its picture of an empty page."""
    for style in word.styles.element.findall(qn("w:style")):
        kept = style.get(qn("w:styleId")) == "TableNormal"
        if style.get(qn("w:type")) == "table" and not kept:
            word.styles.element.remove(style)
    for holder in (word.part.package, word.part):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.rsplit("/", 1)[1] in {"thumbnail", "stylesWithEffects"}:
                holder.rels.pop(key)


def _page(word: Word) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(2)


def _language(word: Word, tag: str) -> None:
    defaults = word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    properties = defaults.find(qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("w:lang", val=tag, eastAsia=tag))


def _properties(word: Word, document: Document) -> None:
    made: datetime = week_bounds(document.week)[1].replace(tzinfo=None)
    properties = word.core_properties
    properties.title = reading.clean(document.title)[:255]
    properties.subject = reading.clean(document.subtitle)[:255]
    properties.language = reading.tag(document.language)
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = made
    properties.revision = 1


def _set(style: Any, size: float, before: float = 0, after: float = 0, **looks: Any) -> Any:
    """Typeface, size in points and space around; `looks` are bold, italic and color."""
    style.font.name, style.font.size = TYPEFACE, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:cs"), TYPEFACE)
    style.font.bold, style.font.italic = looks.get("bold", False), looks.get("italic", False)
    style.font.color.rgb = looks.get("color", INK)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    return style


def _new(word: Word, name: str, base: str = "Normal") -> Any:
    style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles[base]
    style.quick_style = True
    return style


def _text_styles(word: Word) -> None:
    _set(word.styles["Normal"], 10, after=6).paragraph_format.line_spacing = 1.15
    _set(word.styles["List Bullet"], 10, after=3)
    _set(word.styles["Caption"], 9, before=2, after=6, color=MUTED)
    _set(word.styles["Footer"], 8, color=MUTED)
    _set(_new(word, "Note"), 9, after=6, color=MUTED)
    _set(_new(word, "Contents"), 10, after=2)
    _set(_new(word, "Table Text"), 9).paragraph_format.line_spacing = 1.0
    _set(_new(word, "After Table"), 4)
    _set(_new(word, "Figure"), 10, before=6).paragraph_format.keep_with_next = True
    stops = word.styles["Footer"].paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(Cm(8.5))
    stops.add_tab_stop(Cm(17), alignment=2)
    link = word.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = ACCENT, True


def _heading_styles(word: Word) -> None:
    title = _set(word.styles["Title"], 20, after=4, bold=True, color=ACCENT)
    for border in title.element.pPr.findall(qn("w:pBdr")):
        title.element.pPr.remove(border)
    _set(word.styles["Subtitle"], 10, after=10, color=MUTED)
    for level, size in ((1, 14), (2, 12), (3, 11)):
        colour = ACCENT if level == 1 else INK
        _set(
            word.styles[f"Heading {level}"],
            size,
            14 if level == 1 else 8,
            4,
            bold=True,
            color=colour,
        )
    _set(_new(word, "Contents Heading"), 11, 4, 4, bold=True, color=ACCENT)


def _framed_styles(word: Word) -> None:
    for name, sides in (("Warning", ("top", "left", "bottom", "right")), ("Comment", ("left",))):
        properties = _set(_new(word, name), 10, before=4, after=8).element.get_or_add_pPr()
        frame = element("w:pBdr")
        for side in sides:
            size = "24" if name == "Comment" else "8"
            frame.append(element(f"w:{side}", val="single", sz=size, space="4", color="0B3D7A"))
        shading = element("w:shd", val="clear", color="auto", fill="F3F5F7")
        properties.find(qn("w:spacing")).addprevious(frame)
        properties.find(qn("w:spacing")).addprevious(shading)


def _table_style(word: Word) -> None:
    style = word.styles.add_style("Summary Table", WD_STYLE_TYPE.TABLE)
    style.base_style = word.styles["Normal Table"]
    properties = element("w:tblPr")
    borders = element("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(element(f"w:{side}", val="single", sz="4", space="0", color="C9CED6"))
    margins = element("w:tblCellMar")
    for side, width in (("top", "40"), ("left", "70"), ("bottom", "40"), ("right", "70")):
        margins.append(element(f"w:{side}", w=width, type="dxa"))
    properties.extend([borders, margins])
    style.element.append(properties)
