"""The distribution list: a file of addresses, each with its language and level. Pure but for the reading.

One address a line, then its language and its level: `maija@example.fi sv brief`. Spaces, commas or
semicolons part them; what follows a `#` at the beginning of a word is a remark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from monitor.errors import InputFileError
from monitor.i18n import LANGUAGES
from monitor.summary.document import Level
from monitor.values import Mistake

LEVELS: tuple[Level, ...] = get_args(Level)
EXAMPLE = "maija@example.fi sv brief"

# Stricter than RFC 5322 on purpose: no quoting, no comments, nothing that could end a header.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the summary, and which."""

    address: str
    language: str
    level: Level


def is_address(text: str) -> bool:
    """Whether `text` is one plain e-mail address."""
    return _ADDRESS.fullmatch(text) is not None and len(text) <= 254


def read_recipients(path: Path) -> tuple[Recipient, ...]:
    """The list in `path`. Raises InputFileError with every mistake, by file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "name a readable file in TILANNEKUVA_MAIL_LIST_FILE or --list"
        mistake = Mistake(str(path), 1, "", "cannot be read", "a text file in UTF-8", remedy)
        raise InputFileError(str(path), [mistake]) from error
    return parse_recipients(text, str(path))


def parse_recipients(text: str, file: str) -> tuple[Recipient, ...]:
    """The list in `text`. Raises InputFileError with every mistake, and for a list without addresses."""
    found: list[Recipient] = []
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    for number, words in _lines(text):
        recipient = _recipient(words, file, number)
        if isinstance(recipient, Mistake):
            mistakes.append(recipient)
            continue
        first = seen.setdefault(recipient.address.casefold(), number)
        if first != number:
            mistakes.append(_twice(file, number, recipient.address, first))
        found.append(recipient)
    if not found and not mistakes:
        mistakes.append(Mistake(file, 1, "", "no address", f"a line like {EXAMPLE!r}", "add one"))
    if mistakes:
        raise InputFileError(file, mistakes)
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), 1):
        words = re.sub(r"(^|[\s,;])#.*", "", line).replace(",", " ").replace(";", " ").split()
        if words:
            yield number, words


def _recipient(words: list[str], file: str, line: int) -> Recipient | Mistake:
    expected, remedy = f"a line like {EXAMPLE!r}", "write an address, a language and a level"
    if len(words) != 3:
        problem = f"{len(words)} words where three are needed"
        return Mistake(file, line, words[0][:80], problem, expected, remedy)
    address, language, level = words[0], words[1].lower(), words[2].lower()
    if not is_address(address):
        problem = f"{address[:80]!r} is no e-mail address"
        return Mistake(
            file, line, "", problem, "one like maija@example.fi", "mend it or take it out"
        )
    if language not in LANGUAGES:
        problem, expected = f"no language {language!r}", ", ".join(LANGUAGES)
        return Mistake(file, line, address, problem, expected, "write one of them second")
    for known in LEVELS:
        if level == known:
            return Recipient(address, language, known)
    problem, expected = f"no level {level!r}", ", ".join(LEVELS)
    return Mistake(file, line, address, problem, expected, "write one of them third")


def _twice(file: str, line: int, address: str, first: int) -> Mistake:
    problem = f"the address is in line {first} already"
    return Mistake(file, line, address, problem, "each address once", "take one of the two out")
