"""Records as CSV: one row each, with its denominators and whom to name. Pure.

A cell that begins like a formula gets an apostrophe before it, because people open CSV in spreadsheet
programs. A measure becomes its value, ends and reasons; lists of words are joined by spaces, other lists
are JSON.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.api.records import Measure, Page
from monitor.readiness.cells import for_spreadsheet


def to_csv(page: Page) -> str:
    """A header and one row per item of `page`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    items: Iterable[Any] = page.items  # type: ignore[attr-defined]  # every kind of page has them
    further = {"schema_version": page.schema_version, "attribution": " | ".join(page.attribution)}
    names = _columns(type(page))
    writer.writerow(names)
    for item in items:
        row = {**_flat(item.model_dump(mode="json")), **further}
        writer.writerow(_cell(row.get(name)) for name in names)
    return out.getvalue()


def _columns(kind: type[Page]) -> list[str]:
    item = kind.model_fields["items"].annotation.__args__[0]  # type: ignore[union-attr]  # list[Record]
    names: list[str] = []
    for name, field in item.model_fields.items():
        parts = Measure.model_fields if field.annotation is Measure else ()
        names += [_part(name, part) for part in parts] or [name]
    return [*names, "schema_version", "attribution"]


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, dict) and value.keys() == Measure.model_fields.keys():
            flat |= {_part(name, part): inner for part, inner in value.items()}
        else:
            flat[name] = value
    return flat


def _part(name: str, part: str) -> str:
    return name if part == "value" else f"{name}_{part}"


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = " ".join(value)
    elif isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return for_spreadsheet(value) if isinstance(value, str) else value
