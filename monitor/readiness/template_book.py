"""Empty XLSX workbooks to fill in: the table, an explanation in Finnish and Swedish, lists to choose from.

Only describes, from `templates` and columns.yaml; reading is `monitor.readiness.workbook`. The sheets for
people have names that begin with #, which the reader passes over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from classifiers.reference import ALAND, Reference
from monitor.readiness.indicators import Indicator
from monitor.readiness.organisers import ORGANISER_KINDS
from monitor.readiness.templates import EVENTS, KINDS, Column, Form, form

GUIDE = "# Ohje – Anvisning"
LISTS = "# Luettelot – Listor"
_FILE = Path(__file__).parent / "columns.yaml"
_ROWS = 5000  # of the table that lists and checks reach down to
_LANGUAGES = ("fi", "sv", "en")
# As text what a spreadsheet program would turn into something else: 05 into 5, 10/2026 into a day.
_FORMATS: Mapping[Form, str] = {
    "date": "d.m.yyyy", "period": "@", "region": "@", "business id": "@", "text": "@",
    "amount": "#,##0.00",
}  # fmt: skip
_ALL = ("kaikki", "alla", "all")
_YES_NO = (("kyllä", "ei"), ("ja", "nej"), ("yes", "no"))


@dataclass(frozen=True, slots=True)
class Explained:
    """What a column means, and an example of a cell."""

    about: str
    example: str


def explained(kind: str, column: Column, language: str) -> Explained:
    """Of a column of a file of `kind`. Raises KeyError where columns.yaml does not tell: a bug."""
    told = _columns()
    entry = told.get(f"{kind}.{column.id}") or told[column.id]
    return Explained(**entry[language])


@cache
def _columns() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def template_book(
    kind: str, language: str, reference: Reference, indicators: Mapping[str, Indicator]
) -> bytes:
    """An empty workbook of `kind` with headings and lists in `language`, and an explanation in both
    national languages. Raises KeyError for an unknown kind.
    """
    from openpyxl import Workbook  # heavy, and only where a workbook is written

    book = Workbook()
    table = book.active
    table.title = kind
    _guide(book.create_sheet(GUIDE), kind)
    lists = book.create_sheet(LISTS)
    for position, column in enumerate(KINDS[kind], 1):
        _heading(table, position, column, language)
        choices = _choices(column.form, language, reference, indicators)
        _check(table, lists, position, column, language, choices)
    table.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


# --- the table -----------------------------------------------------------------------------------


def _heading(table: Any, position: int, column: Column, language: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    cell = table.cell(1, position, column.name(language))
    cell.font = Font(bold=True)
    width = table.column_dimensions[get_column_letter(position)]
    width.width = max(14, len(column.name(language)) + 4)
    if column.form in _FORMATS:
        width.number_format = _FORMATS[column.form]


def _check(
    table: Any, lists: Any, position: int, column: Column, language: str, choices: tuple[str, ...]
) -> None:
    """Offer a list of `choices`, or hold a rating or a phase within its bounds."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(position)
    if choices:
        for row, text in enumerate((column.name(language), *choices), 1):
            lists.cell(row, position, text)
        where = f"'{LISTS}'!${letter}$2:${letter}${len(choices) + 1}"
        rule = DataValidation("list", formula1=where, allow_blank=True)
        # the importer takes other names too, so another is asked about and not forbidden
        rule.errorStyle = "warning"
    elif column.form in ("rating", "phase"):
        kind = "whole" if column.form == "phase" else "decimal"
        rule = DataValidation(kind, operator="between", formula1="1", formula2="5")
    else:
        return
    rule.error = form(column, language)[:255]
    rule.showErrorMessage = True
    table.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{_ROWS}")


def _choices(
    kind: Form, language: str, reference: Reference, indicators: Mapping[str, Indicator]
) -> tuple[str, ...]:
    """What a cell may hold, where that is one of a few; () where it is not."""
    n = _LANGUAGES.index(language)
    groups = tuple(group.name.get(language) for group in reference.groups)
    match kind:
        case "region":
            return tuple(r.short.get(language) for r in reference.regions if r.code != ALAND)
        case "group":
            return groups
        case "group or all":
            return (*groups, _ALL[n])
        case "flag":
            return _YES_NO[n]
        case "event":
            return tuple(names[n] for names in EVENTS.values())
        case "organiser kind":
            return tuple(names[n] for names in ORGANISER_KINDS.values())
        case "indicator":
            return tuple(i.names[n + 1] for i in indicators.values())
        case _:
            return ()


# --- the explanation -----------------------------------------------------------------------------

_WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, str], tuple[str, ...]]] = {
    "fi": (
        ("Sarake", "Merkitys", "Muoto", "Esimerkki", "Pakollinen"),
        ("kyllä", "ei"),
        (
            "Täytä ensimmäinen taulukko. Tiedosto otetaan kokonaan tai ei lainkaan.",
            "Rivit ja taulukot, joiden nimi alkaa merkillä #, ovat ihmisille: ohjelma ohittaa ne.",
            "Piilotettuja taulukoita ei lueta. Älä yhdistä soluja. Kaavan tuloksen on oltava tallessa.",
            "Tarkista ennen tuontia: tilannekuva readiness check TIEDOSTO",
        ),
    ),
    "sv": (
        ("Kolumn", "Betydelse", "Form", "Exempel", "Obligatorisk"),
        ("ja", "nej"),
        (
            "Fyll i det första bladet. Filen tas in som helhet eller inte alls.",
            "Rader och blad vars namn börjar med # är för människor: programmet går förbi dem.",
            "Dolda blad läses inte. Slå inte ihop celler. En formels resultat måste vara sparat.",
            "Kontrollera före importen: tilannekuva readiness check FIL",
        ),
    ),
}


def _guide(sheet: Any, kind: str) -> None:
    from openpyxl.styles import Alignment, Font

    for width, letter in zip((26, 60, 60, 36, 14), "ABCDE", strict=True):
        sheet.column_dimensions[letter].width = width
    for bold, cells in _guide_rows(kind):
        sheet.append(cells)
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=bold)
            cell.alignment = Alignment(wrap_text=len(cells) > 1, vertical="top")
            cell.number_format = "@"


def _guide_rows(kind: str) -> Iterable[tuple[bool, list[str]]]:
    for language, (headings, (yes, no), notes) in _WORDS.items():
        for note in notes:
            yield False, [note]
        yield True, list(headings)
        for column in KINDS[kind]:
            told = explained(kind, column, language)
            required = yes if column.required else no
            about = [told.about, form(column, language), told.example, required]
            yield False, [column.name(language), *about]
        yield False, [""]
