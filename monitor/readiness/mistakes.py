"""Mistakes in a readiness file as values: those of one cell, and those too many to be named. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.values import Mistake

MOST_MISTAKES = 200  # named of one file; the rest is counted
MOST_SHOWN = 60  # characters of a wrong value that are repeated


@dataclass(frozen=True, slots=True)
class CellMistake(Mistake):
    """A mistake in one cell, with its place and value apart, for a table of mistakes."""

    sheet: str = ""  # "" for CSV
    column: str = ""  # as spreadsheet programs call it, "" where the column is missing
    heading: str = ""
    value: str = ""  # short and harmless, "" where nothing stands there


@dataclass(frozen=True, slots=True)
class MoreMistakes(Mistake):
    """Mistakes that are counted and not named."""

    n: int = 0


def count_mistakes(mistakes: Iterable[Mistake]) -> int:
    """How many there are, those not named included."""
    return sum(m.n if isinstance(m, MoreMistakes) else 1 for m in mistakes)


def first_of(file: str, mistakes: Sequence[Mistake], more: int) -> tuple[Mistake, ...]:
    """The first of the mistakes, and how many there are besides."""
    kept, more = tuple(mistakes[:MOST_MISTAKES]), more + len(mistakes[MOST_MISTAKES:])
    if not more:
        return kept
    problem = "one more mistake" if more == 1 else f"{more} more mistakes"
    expected, remedy = "none", "correct those named, then check the file again"
    return (*kept, MoreMistakes(file, kept[-1].line, "", problem, expected, remedy, more))


def column_letters(position: int) -> str:
    """A, B, ... Z, AA ... of a 0-based position, as spreadsheet programs call it."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def shown(text: str) -> str:
    """A wrong value in a sentence."""
    if not text:
        return "nothing stands there"
    return f"'{harmless(text)}'"


def harmless(text: str) -> str:
    """What a file says, short and without what a terminal would act on."""
    cut = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else "�" for c in cut)
