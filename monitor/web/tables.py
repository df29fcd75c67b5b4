"""Rows as CSV that spreadsheet programs open without running anything. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from monitor.readiness.cells import for_spreadsheet


def to_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and rows; a cell that begins like a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow(for_spreadsheet(c) if isinstance(c, str) else c for c in row)
    return out.getvalue()
