"""A summary's document -> a tagged PDF by PDF/UA-1, which the typst compiler proves as it compiles.

The document goes to the template as JSON: no headline is ever markup. No system font, no network, no
clock: same document, same bytes. Does not decide what stands in the file (`report`).
"""

import json
from functools import lru_cache
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import typst

from monitor.i18n import Translator
from monitor.summary import fonts, picture, reading
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
from monitor.summary.widths import layout
from monitor.weeks import week_bounds

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
TEXT_WIDTH = 482.0  # points: A4 less its margins
FIGURE_HEIGHT = 560.0  # points at most, so that the caption stays on the page
WORDS = ("appendix", "comment", "contents", "page", "sources", "warning")


def render_pdf(document: Document) -> bytes:
    """The file. Raises ValueError for a chart that is no safe SVG, typst.TypstError where the
    document breaks PDF/UA-1, such as a skipped heading level."""
    end = week_bounds(document.week)[1]
    made: Any = _compiler().compile(
        input=TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs=_inputs(document),
        pdf_standards=["ua-1"],
        timestamp=int(end.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def render_pages(document: Document, ppi: float = 72) -> list[bytes]:
    """Every page as a PNG, to look at."""
    pages: Any = _compiler().compile(
        input=TEMPLATE.read_bytes(), format="png", ppi=ppi, sys_inputs=_inputs(document)
    )
    return list(pages) if isinstance(pages, list) else [pages]


@lru_cache(maxsize=1)
def _typeface() -> "TemporaryDirectory[str]":
    """A folder with the typeface alone: typst looks for fonts in folders, reads them when it needs them, and
    the package's own folder holds other cuts too. It goes with the process."""
    folder = TemporaryDirectory()
    for path in fonts.FILES:
        copy(path, folder.name)
    return folder


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    typeface = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[_typeface().name]
    )
    return typst.Compiler(font_paths=typeface)


def _inputs(document: Document) -> dict[str, str]:
    return {"document": json.dumps(_content(document), ensure_ascii=False)}


def _content(document: Document) -> dict[str, Any]:
    t, known = Translator(document.language), reading.anchors(document)
    end = week_bounds(document.week)[1]
    return {
        "title": _text(document.title),
        "subtitle": _text(document.subtitle),
        "date": {"year": end.year, "month": end.month, "day": end.day},
        "font": fonts.FAMILY,
        "lang": document.language,
        "region": reading.REGIONS[document.language],
        "words": {word: t(f"format.{word}") for word in WORDS},
        "contents": bool(reading.sections(document)),
        "blocks": [_block(b, known) for b in reading.body(document)],
        "sources": [_text(line) for line in document.sources],
        "sources_anchor": reading.SOURCES,
        "appendix": [_table(b, known) for b in reading.figure_data(document)],
        "appendix_anchor": reading.APPENDIX,
    }


def _block(block: Block, known: frozenset[str]) -> dict[str, Any]:
    match block:
        case Heading():
            said = _text(block.text)
            return {"type": "heading", "level": block.level, "text": said, "anchor": block.anchor}
        case Paragraph():
            return {"type": "paragraph", "kind": block.kind, "runs": _runs(block.runs, known)}
        case Bullets():
            return {"type": "bullets", "items": [_runs(item, known) for item in block.items]}
        case Table():
            return _table(block, known)
        case Figure():
            return _figure(block)


def _figure(figure: Figure) -> dict[str, Any]:
    width, height = picture.size(figure.svg)
    return {
        "type": "figure",
        "svg": picture.printable(figure.svg),
        "width": min(TEXT_WIDTH, width * 0.75, FIGURE_HEIGHT * width / height),
        "alternative": _text(figure.alternative),
        "caption": _text(figure.caption),
        "anchor": f"{figure.data.anchor}-figure",
    }


def _table(table: Table, known: frozenset[str]) -> dict[str, Any]:
    measures = layout(table)
    rows = [[_cell(cell, known) for cell in row] for row in table.rows]
    numeric = [bool(table.rows) and table.rows[0][i].number for i in range(len(table.columns))]
    return {
        "type": "table",
        "caption": _text(table.caption),
        "columns": [_text(name) for name in table.columns],
        "numeric": numeric,
        "widths": measures.columns,
        "share": measures.share,
        "size": measures.size,
        "rows": rows,
        "anchor": table.anchor,
    }


def _cell(cell: Cell, known: frozenset[str]) -> dict[str, Any]:
    return {"runs": _runs(cell.runs, known), "header": cell.header, "band": cell.band}


def _runs(runs: Runs, known: frozenset[str]) -> list[dict[str, Any]]:
    return [_run(run, known) for run in runs]


def _run(run: Run, known: frozenset[str]) -> dict[str, Any]:
    return {
        "text": _text(run.text),
        "lang": run.lang,
        "region": reading.REGIONS.get(run.lang),
        "href": reading.target(run, known),
        "strong": run.strong,
    }


def _text(text: str) -> str:
    return fonts.writable(reading.clean(text))
