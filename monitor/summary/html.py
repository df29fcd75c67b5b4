"""A summary's document -> one HTML page that needs no other file and runs nothing. Pure.

The template only places what stands in the document. Charts stand in the page as SVG, so that they
follow the reader's light or dark page; each has its words and its table folded under it.
"""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from monitor import charts
from monitor.i18n import Translator
from monitor.summary import picture, reading
from monitor.summary.document import Block, Document, Figure, Run, Runs

TEMPLATES = Path(__file__).parent / "templates"
NEW_TAB = 'rel="noopener noreferrer"'


def render_html(document: Document) -> str:
    """The page. Same document, same bytes. Raises ValueError for a chart that is no safe SVG."""
    known = reading.anchors(document)
    template = _environment().get_template("document.html")
    return template.render(
        d=document,
        t=Translator(document.language),
        blocks=reading.body(document),
        sections=reading.sections(document),
        sources_anchor=reading.SOURCES,
        runs=lambda runs: _runs(runs, known),
        kind=_kind,
        clean=reading.clean,
        chart=_chart,
        style=Markup(charts.stylesheet() + (TEMPLATES / "summary.css").read_text("utf-8")),
    )


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _chart(figure: Figure) -> Markup:
    # checked() proved that it holds no script and reaches nothing
    return Markup(picture.checked(figure.svg))


def _runs(runs: Runs, known: frozenset[str]) -> Markup:
    return Markup("").join(_run(run, known) for run in runs)


def _run(run: Run, known: frozenset[str]) -> Markup:
    text = escape(reading.clean(run.text))
    if run.strong:
        text = Markup("<strong>{}</strong>").format(text)
    language = Markup(' lang="{}"').format(run.lang) if run.lang else Markup("")
    href = reading.target(run, known)
    if href:
        away = Markup("") if href.startswith("#") else Markup(f" {NEW_TAB}")
        return Markup('<a href="{}"{}{}>{}</a>').format(href, language, away, text)
    return Markup("<span{}>{}</span>").format(language, text) if run.lang else text


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
