"""A readiness file's bytes read to what it says: the two steps that `monitor.readiness.run` takes."""

from monitor.readiness.importers import Batch, Known, read_tables
from monitor.readiness.workbook import read_sheets
from monitor.values import Mistake


def read_file(kind: str, file: str, data: bytes, known: Known) -> Batch | tuple[Mistake, ...]:
    """What a CSV or XLSX file of `kind` says, or its mistakes."""
    found = read_sheets(file, data)
    return (found,) if isinstance(found, Mistake) else read_tables(kind, file, found, known)
