"""How wide a table and its columns are set, in the formats with pages. Pure."""

from dataclasses import dataclass

from monitor.summary.document import Cell, Table

PADDING = 2.4  # letters, both sides of a cell
WORD, TEXT = 16, 56  # letters: the longest word kept whole, the longest text wished on one line
LETTERS = 92  # on a line of the page at a size of 9 points
BOLD = 1.2  # how much wider the letters of headers are


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's measures."""

    size: float  # points
    share: float  # of the page's width, [0, 1]
    columns: tuple[float, ...]  # of the table's width, they add up to 1


def layout(table: Table) -> Layout:
    """Every text on one line where the page has room; else no column under its longest word.

    A table of few short columns is not drawn apart over the whole page, and letters get smaller as
    columns get many.
    """
    count = len(table.columns)
    size = 7.0 if count > 10 else 8.0 if count > 6 else 9.0
    page = LETTERS * 9 / size
    least = [_least(table, i) + PADDING for i in range(count)]
    wanted = [max(_wanted(table, i) + PADDING, low) for i, low in enumerate(least)]
    widths = _fitted(least, wanted, page)
    return Layout(size, min(1.0, sum(widths) / page), tuple(w / sum(widths) for w in widths))


def _fitted(least: list[float], wanted: list[float], page: float) -> list[float]:
    room, wish = page - sum(least), sum(wanted) - sum(least)
    if wish <= room:
        return wanted
    given = max(room, 0.0) / wish
    return [low + (high - low) * given for low, high in zip(least, wanted, strict=True)]


def _least(table: Table, column: int) -> float:
    cells = [row[column] for row in table.rows]
    whole = [_length(cell) for cell in cells if cell.number]  # a number is not broken
    words = [
        (BOLD if cell.header else 1) * len(word)
        for cell in cells
        if not cell.number
        for word in _text(cell).split()
    ]
    head = [BOLD * len(word) for word in table.columns[column].split()]
    return float(max([*whole, *(min(n, WORD) for n in (*words, *head)), 3]))


def _wanted(table: Table, column: int) -> float:
    longest = max((_length(row[column]) for row in table.rows), default=0.0)
    return float(min(max(longest, min(BOLD * len(table.columns[column]), 2 * WORD)), TEXT))


def _length(cell: Cell) -> float:
    letters = len(_text(cell)) * (BOLD if cell.header else 1)
    return letters + (3 if cell.band else 0)  # the mark of the step


def _text(cell: Cell) -> str:
    return "".join(run.text for run in cell.runs)
