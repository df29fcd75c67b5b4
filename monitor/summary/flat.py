"""The summary's value -> flat tables, one per kind of line: what CSV and XLSX hold. Pure.

Made by the types of `WeeklySummary`, not by a list of columns: a field added there is in the files at
once, and none can be forgotten. A number with an interval is the columns x, x_low, x_high, x_reasons.
Lines inside lines become a table of their own that begins with the keys of the line around them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from monitor.summary.values import Number, WeeklySummary

Value = str | int | float | bool | date | datetime | None
KEYS = ("code", "region", "id", "topic")  # fields that name a line, where it has them
PARTS = {"region_hearing_silent": ("feed", "why")}  # names of lines that are pairs
LISTED = "; "  # between the values of a list in one cell
TOP = "summary"


@dataclass(slots=True)
class Flat:
    """A table: its name, its columns, its rows."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A line still to be written: the cells it begins with, and its value."""

    around: tuple[Value, ...]
    item: Any


def flat_tables(summary: WeeklySummary) -> tuple[Flat, ...]:
    """All tables, the one-row table of the summary itself first. Every table begins with the week."""
    line = Line((summary.week,), summary)
    return tuple(_tables(TOP, type(summary), [line], ("week",)))


def _tables(
    name: str, model: type[BaseModel], lines: Sequence[Line], outer: tuple[str, ...]
) -> Iterator[Flat]:
    """The table of these lines, then those of the lines inside them."""
    fields = list(_fields(model))
    leaves = [(c, path) for c, path, kind in fields if not _holds_lines(kind)]
    if name == TOP:
        leaves = [leaf for leaf in leaves if leaf[0] not in outer]
    rows = [(*x.around, *(_plain(_at(x.item, path)) for _, path in leaves)) for x in lines]
    own = name.rsplit("_", 1)[-1]  # a history's own week is not the summary's
    titles = [f"{own}_{c}" if c in outer else c for c, _ in leaves]
    yield Flat(name, (*outer, *titles), rows)
    one = name if name == TOP else name.removesuffix("s").replace("storie", "story")
    keys = [c for c, _ in leaves if c in KEYS]
    below = (*outer, *(f"{one}_{c}" for c in keys))
    for column, path, kind in fields:
        if _holds_lines(kind):
            inner = [
                (Line((*x.around, *(_plain(getattr(x.item, c)) for c in keys)), x.item), path)
                for x in lines
            ]
            child = column if name == TOP else f"{one}_{column}"
            yield from _inside(child, kind, [(x, _at(x.item, p)) for x, p in inner], below)


def _inside(
    name: str, kind: Any, values: Sequence[tuple[Line, Any]], outer: tuple[str, ...]
) -> Iterator[Flat]:
    keyed, element = _element(kind)
    columns = (*outer, "key") if keyed else outer
    lines = [
        Line((*x.around, *key), item) for x, value in values for key, item in _entries(value, keyed)
    ]
    if _is_model(element):
        yield from _tables(name, element, lines, columns)
        return
    parts = get_args(element) if get_origin(element) is tuple else (element,)
    numbered = tuple(f"value_{i}" for i in range(1, len(parts) + 1))
    titles = PARTS.get(name, numbered) if len(parts) > 1 else ("value",)
    rows = [(*x.around, *map(_plain, x.item if len(parts) > 1 else (x.item,))) for x in lines]
    yield Flat(name, (*columns, *titles), rows)


def _entries(value: Any, keyed: bool) -> list[tuple[tuple[str, ...], Any]]:
    if value is None:
        return []
    if keyed:
        return [((str(key),), item) for key, item in sorted(value.items())]
    return [((), item) for item in value]


# --- types -----------------------------------------------------------------------------------------


def _fields(
    model: type[BaseModel], path: tuple[str, ...] = (), prefix: str = ""
) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Column, way to the value and type of every field, those of a single value inside included."""
    for title, info in model.model_fields.items():
        kind = _bare(info.annotation)
        column = prefix[:-1] if model is Number and title == "value" and prefix else prefix + title
        if _is_model(kind):
            yield from _fields(kind, (*path, title), f"{prefix}{title}_")
        else:
            yield column, (*path, title), kind


def _holds_lines(kind: Any) -> bool:
    """Whether values of the type are lines: several models, pairs, or a mapping."""
    if get_origin(kind) in (dict, Mapping):
        return True
    if get_origin(kind) is not tuple or get_args(kind)[-1:] != (...,):
        return False
    inner = _bare(get_args(kind)[0])
    return _is_model(inner) or get_origin(inner) is tuple


def _element(kind: Any) -> tuple[bool, Any]:
    """Whether the lines have a key of their own, and the type of one."""
    keyed = get_origin(kind) in (dict, Mapping)
    return keyed, _bare(get_args(kind)[1 if keyed else 0])


def _bare(kind: Any) -> Any:
    """The type without its None."""
    if get_origin(kind) in (Union, UnionType):
        rest = [k for k in get_args(kind) if k is not NoneType]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


# --- values ----------------------------------------------------------------------------------------


def _at(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        item = None if item is None else getattr(item, name)
    return item


def _plain(value: Any) -> Value:
    """What stands in one cell."""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | int | float | date):
        return value
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return LISTED.join(str(_plain(v)) for v in value)
