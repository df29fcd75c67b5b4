"""A version of the summary -> its files: every level, language and format. Pure.

Names: `summary-<level>.<language>.<format>`, and `summary.<format>` for what has no language; those of a
version that is not published begin with `draft-`. Same version, same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from threading import Lock

from classifiers.reference import Reference
from monitor.i18n import LANGUAGES, Translator
from monitor.summary.document import Document, Level
from monitor.summary.edition import Edition
from monitor.summary.report import LEVELS, report
from monitor.summary.whole import whole
from monitor.summary.wording_life import dress

TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv.zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PAGES = ("html", "docx", "pdf")  # for people: by level and language
DATA = ("json", "csv.zip", "xlsx")  # for programs: the numbers, whatever the level
FORMATS = (*PAGES, *DATA)
QUICK = ("html", "json")  # what a draft is looked at in
PAGES_KEPT = 64  # of some 0.3 MB each, and their keys

_PAGES: dict[tuple[str, ...], bytes] = {}  # the last used last
_LOCK = Lock()

File = tuple[str, Callable[[], bytes]]
"""A file's name, and what makes it."""


def document(edition: Edition, level: Level, language: str, reference: Reference) -> Document:
    """The version at one level in one language, with its state said first."""
    t = Translator(language)
    plain = report(edition.summary, level, reference, t, edition.comments)
    return dress(plain, edition, t, reference)


def files(
    edition: Edition,
    reference: Reference,
    *,
    formats: Sequence[str] = FORMATS,
    levels: Sequence[Level] = LEVELS,
    languages: Sequence[str] = LANGUAGES,
) -> Iterator[File]:
    """The files asked for, each made when it is called: a PDF takes a second or so."""
    for level in levels:
        for language in languages:
            yield from _pages(edition, level, language, reference, formats)
    for form in DATA:
        if form in formats:
            yield _marked(f"summary.{form}", edition), partial(_data, edition, form)


def count(formats: Sequence[str], levels: Sequence[Level], languages: Sequence[str]) -> int:
    """How many files that is, for a progress bar."""
    pages = sum(form in formats for form in PAGES)
    return pages * len(levels) * len(languages) + sum(form in formats for form in DATA)


def page(edition: Edition, level: Level, language: str, reference: Reference, form: str) -> bytes:
    """One file for people. The last ones are kept: a draft is looked at more often than it changes."""
    key = (edition.model_dump_json(), level, language, form)
    with _LOCK:
        known = _PAGES.pop(key, None)
    made = known or _render(document(edition, level, language, reference), form)
    with _LOCK:
        _PAGES[key] = made
        while len(_PAGES) > PAGES_KEPT:
            _PAGES.pop(next(iter(_PAGES)))
    return made


def media_type(name: str) -> str:
    """The media type of a file of this name."""
    return next((t for form, t in TYPES.items() if name.endswith(f".{form}")), "text/plain")


def page_name(level: str, language: str, form: str) -> str:
    """The name of a file for people."""
    return f"summary-{level}.{language}.{form}"


def _pages(
    edition: Edition, level: Level, language: str, reference: Reference, formats: Iterable[str]
) -> Iterator[File]:
    wanted = [form for form in PAGES if form in formats]
    if not wanted:
        return
    made = document(edition, level, language, reference)
    for form in wanted:
        name = _marked(page_name(level, language, form), edition)
        yield name, partial(_render, made, form)


def _marked(name: str, edition: Edition) -> str:
    return name if edition.published else f"draft-{name}"


def _render(made: Document, form: str) -> bytes:
    if form == "docx":
        from monitor.summary.docx import render_docx

        return render_docx(made)
    if form == "pdf":
        from monitor.summary.pdf import render_pdf

        return render_pdf(made)
    from monitor.summary.html import render_html

    return render_html(made).encode()


def _data(edition: Edition, form: str) -> bytes:
    from monitor.summary.tables import render_csv, render_json, render_xlsx

    if form == "json":
        return render_json(whole(edition)).encode()
    return (render_xlsx if form == "xlsx" else render_csv)(whole(edition))
