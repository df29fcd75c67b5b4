"""From a file's bytes to rows of cells, and from a cell's text to a value.

What officials' spreadsheets really hold is taken: semicolons or commas, decimal commas, dates as
d.m.yyyy, codes that lost their zero. What is ambiguous is refused with a sentence rather than guessed.
Does not know what the columns mean.
"""

import csv
import io
import math
import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from monitor.values import Mistake

DELIMITERS = ";,\t"
COMMENT = "#"  # a row that begins with it is for people
MAX_TEXT = 5000  # characters of one cell
MAX_ROWS = 100_000  # of a table, empty ones too
MAX_NAME = 200  # characters of what may be a misspelt name
YEARS = range(1990, 2101)

YES = ("kyllä", "ja", "yes", "k", "j", "y", "x", "1", "true")
NO = ("ei", "nej", "no", "e", "n", "0", "false")
# Statistics Finland's marks in tables.
NO_DATA = ("", "..")
NOT_APPLICABLE = "."

_NUMBER = re.compile(r"[-−]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_FINNISH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_MONTH = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})|(?P<m2>\d{1,2})/(?P<y2>\d{4})", re.ASCII)
_QUARTER = re.compile(r"(?P<y>\d{4})[- ]?Q(?P<q>[1-4])|Q(?P<q2>[1-4])[/ ](?P<y2>\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text that is not what its column asks for."""

    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, header or data."""

    number: int  # 1-based line of the file, or row of the sheet, it begins on
    cells: tuple[str, ...]  # stripped
    faults: Mapping[int, Wrong] = field(default_factory=dict)  # position -> why it cannot be read


@dataclass(frozen=True, slots=True)
class Value:
    """A measured value, or the source's word that there is none."""

    number: float | None
    applies: bool = True  # False: the category does not apply
    percent: bool = False  # written with a percent sign: 85 % is 85


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both included."""

    first: date
    last: date


# --- from bytes to rows --------------------------------------------------------------------------


def read_rows(file: str, data: bytes) -> tuple[Row, ...] | Mistake:
    """The rows of a CSV file that hold something, comments left out. Never raises."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        remedy = "save it as 'CSV UTF-8' in the spreadsheet program"
        return Mistake(file, line, "", "not UTF-8 text", "a CSV file in UTF-8", remedy)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return tuple(_rows(reader))
    except _TooMany as error:
        remedy = "split it by region or by year"
        expected = f"at most {MAX_ROWS} rows"
        return Mistake(file, error.row, "", "too many rows", expected, remedy)
    except csv.Error as error:
        remedy = "check the quotation marks; each one that opens must close"
        problem = f"the table breaks off here ({error})"
        return Mistake(file, max(1, reader.line_num), "", problem, "a CSV file", remedy)


class _TooMany(Exception):
    """A table has more rows than are read."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def _rows(reader: Any) -> Iterable[Row]:
    begins = 1
    for number, cells in enumerate(reader, 1):
        if number > MAX_ROWS:
            raise _TooMany(begins)
        row = Row(begins, tuple(c.strip() for c in cells))
        begins = reader.line_num + 1
        if any(row.cells) and not row.cells[0].startswith(COMMENT):
            yield row


def _delimiter(text: str) -> str:
    """The one that cuts the header, the first row that is no comment, into most parts."""
    # a spreadsheet program puts a comment that holds the delimiter into quotation marks
    lines = (line for line in text.splitlines() if line.strip('"; ,\t\r'))
    header = next((line for line in lines if not line.lstrip('"').startswith(COMMENT)), "")
    return max(DELIMITERS, key=header.count)


# --- from text to value --------------------------------------------------------------------------


def read_text(text: str) -> str | Wrong:
    """Text of people: printable, with line breaks at most, and of a length that is still a note."""
    if len(text) > MAX_TEXT:
        return Wrong(f"at most {MAX_TEXT} characters", "shorten the text")
    if text.isprintable() or all(c.isprintable() or c in "\n\r\t" for c in text):
        return text
    return Wrong("text without control characters", "type the text anew")


def read_date(text: str) -> date | Wrong:
    """A day, ISO or d.m.yyyy."""
    wrong = Wrong("a date such as 2026-11-16 or 16.11.2026", "write the day like that")
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _FINNISH.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        return _day_number(text) or wrong
    if year not in YEARS or not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return wrong
    return date(year, month, day)


def _day_number(text: str) -> Wrong | None:
    """Said of a spreadsheet's count of days since 1900 that lost its format; not guessed."""
    if not re.fullmatch(r"[2-9]\d{4}", text, re.ASCII):
        return None
    day = date(1899, 12, 30) + timedelta(days=int(text))
    shown = f"{day.day}.{day.month}.{day.year}"
    return Wrong("a date and not a number", f"format the column as dates; {text} may be {shown}")


def read_period(text: str) -> Period | Wrong:
    """A year, quarter, month or day."""
    wrong = Wrong("a period such as 2026, 2026Q3, 2026-10 or 16.11.2026", "write it like that")
    if match := _YEAR.fullmatch(text):
        return _months(int(text), 1, 12) or wrong
    if match := _QUARTER.fullmatch(text):
        last = 3 * int(match["q"] or match["q2"])
        return _months(int(match["y"] or match["y2"]), last - 2, last) or wrong
    if match := _MONTH.fullmatch(text):
        month = int(match["m"] or match["m2"])
        return _months(int(match["y"] or match["y2"]), month, month) or wrong
    day = read_date(text)
    return wrong if isinstance(day, Wrong) else Period(day, day)


def _months(year: int, first: int, last: int) -> Period | None:
    if year not in YEARS or not 1 <= first <= last <= 12:
        return None
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def read_number(text: str) -> float | Wrong:
    """A number with a decimal comma or point; spaces may part thousands."""
    wrong = Wrong("a number such as 1234,5", "write it without unit and with one decimal comma")
    if not _NUMBER.fullmatch(text):
        return wrong
    plain = re.sub(r"[ \u00a0\u202f]", "", text).replace("−", "-").replace(",", ".")
    number = float(plain)
    return number if math.isfinite(number) else wrong


def read_amount(text: str) -> float | Wrong:
    """A number that is not negative."""
    number = read_number(text)
    if isinstance(number, Wrong) or number >= 0:
        return number
    return Wrong("a number that is not negative", "check the sign")


def read_rating(text: str) -> float | Wrong:
    """1 to 5, 5 best."""
    number = read_number(text)
    wrong = Wrong("a rating from 1 to 5, 5 best", "write 1, 2, 3, 4 or 5")
    return wrong if isinstance(number, Wrong) or not 1 <= number <= 5 else number


def read_phase(text: str) -> int | Wrong:
    """1 to 5."""
    if text in ("1", "2", "3", "4", "5"):
        return int(text)
    return Wrong("a phase of the roadmap, 1 to 5", "write its number")


def read_count(text: str) -> int | Wrong:
    """A whole number from 0."""
    if re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    return Wrong("a whole number", "write digits only")


def read_flag(text: str) -> bool | Wrong:
    """Yes or no in three languages."""
    word = text.casefold()
    if word in YES or word in NO:
        return word in YES
    return Wrong("kyllä or ei (ja or nej, yes or no)", "write one of them")


def read_value(text: str) -> Value | Wrong:
    """A number, or one of the marks of Statistics Finland for there being none."""
    if text in NO_DATA:
        return Value(None)
    if text == NOT_APPLICABLE:
        return Value(None, applies=False)
    number = read_number(text.removesuffix("%").rstrip())
    if isinstance(number, Wrong):
        remedy = "write the number; .. where there are no data; . where it does not apply"
        return Wrong(number.expected, remedy)
    return Value(number, percent=text.endswith("%"))


def for_spreadsheet(text: str) -> str:
    """`text` so that a spreadsheet program shows it and computes nothing.

    For every export of what people or files wrote: a cell that begins like a formula gets an apostrophe
    before it (OWASP, "CSV injection"). Numbers keep their sign.
    """
    begins_formula = text.lstrip()[:1] in ("=", "+", "-", "@", "|") or text[:1] in (
        "\t",
        "\r",
        "\n",
    )
    return f"'{text}" if begins_formula and not _NUMBER.fullmatch(text) else text


def read_name(text: str, names: Mapping[str, str], what: str, hint: bool = True) -> str | Wrong:
    """What `text` names; `names` maps case-folded names to ids.

    Without `hint` no name like it is looked for, which takes a thousand times as long as all else.
    """
    word = " ".join(text.casefold().split())
    if word in names:
        return names[word]
    near = get_close_matches(word, names, n=1) if hint and len(word) <= MAX_NAME else []
    remedy = f"did you mean '{near[0]}'?" if near else "check the spelling"
    return Wrong(what, remedy)
