"""Reads JSON-stat 2.0 (https://json-stat.org/full/), the form in which PxWeb answers.

A dataset is a cube in row-major order: the last dimension runs fastest. Values may be a list or a mapping
of positions, categories may be ordered by a list or by a mapping, status may be one word, a list or a
mapping. What does not fit together is refused with a sentence. Does not know what the dimensions mean.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from monitor.readiness.variables import Category, Variable, plain

MAX_CELLS = 1_000_000


_Kept = TypeVar("_Kept")


class _Broken(Exception):
    """What is wrong with a dataset; never leaves this module."""


@dataclass(frozen=True, slots=True)
class Cube:
    """A dataset. Cells are numbered in row-major order from 0."""

    label: str
    source: str
    updated: str  # as the dataset gives it
    variables: tuple[Variable, ...]
    values: Mapping[int, float]  # cells that have a number
    status: Mapping[int, str]  # cells that have a mark

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(v.categories) for v in self.variables)


def index_of(sizes: Sequence[int], position: Sequence[int]) -> int:
    """The number of the cell at `position`, one coordinate per dimension.

    Horner's rule: ((p1 n2 + p2) n3 + p3) ... Raises ValueError for a position outside the cube.
    """
    index = 0
    for size, coordinate in zip(sizes, position, strict=True):
        if not 0 <= coordinate < size:
            raise ValueError(f"{tuple(position)} lies outside {tuple(sizes)}")
        index = index * size + coordinate
    return index


def read_json(data: bytes) -> object | str:
    """The JSON value in `data`, or a sentence on why there is none. A text that is JSON is no answer
    either, so a str is always the sentence."""
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    except (ValueError, RecursionError):
        begin = "".join(c for c in data[:40].decode("utf-8", "replace") if c.isprintable())
        return f"it is not JSON; it begins with '{begin}'"
    return "it is a bare text" if isinstance(found, str) else found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def read_cube(data: bytes) -> Cube | str:
    """The dataset in `data`, or a sentence on what is wrong with it. Never raises for what it holds."""
    found = read_json(data)
    if isinstance(found, str):
        return found
    if not isinstance(found, dict) or found.get("class", "dataset") != "dataset":
        return "it is not a JSON-stat dataset"
    try:
        return _cube(found)
    except _Broken as broken:
        return str(broken)


def _cube(found: Mapping[str, Any]) -> Cube:
    ids, sizes = found.get("id"), found.get("size")
    if not isinstance(ids, list) or not isinstance(sizes, list):
        raise _Broken("it has no lists 'id' and 'size'; ask for the format json-stat2")
    if len(ids) != len(sizes) or not all(type(size) is int and size > 0 for size in sizes):
        raise _Broken(f"'id' names {len(ids)} dimensions, 'size' gives {sizes}")
    cells = math.prod(sizes)
    if cells > MAX_CELLS:
        raise _Broken(f"it has {cells} cells; at most {MAX_CELLS} are read")
    if found.get("value") is None:  # cut short; taken, it would say "no data" of every cell
        raise _Broken("it has no 'value'")
    dimensions, roles = _mapping(found, "dimension"), found.get("role")
    told = _roles(roles if isinstance(roles, dict) else {})
    variables = tuple(
        _variable(str(id_), size, _mapping(dimensions, str(id_)), told)
        for id_, size in zip(ids, sizes, strict=True)
    )
    return Cube(
        label=plain(found.get("label") or ""),
        source=plain(found.get("source") or ""),
        updated=plain(found.get("updated") or ""),
        variables=variables,
        values=_by_cell(found.get("value"), cells, "value", _number),
        status=_by_cell(_spread(found.get("status"), cells), cells, "status", _mark),
    )


def _mapping(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    if not isinstance(found, dict):
        raise _Broken(f"'{name}' is missing")
    return found


def _roles(found: Mapping[str, Any]) -> dict[str, str]:
    said = {role: found.get(role) for role in ("time", "geo", "metric")}
    return {str(id_): role for role, ids in said.items() if isinstance(ids, list) for id_ in ids}


# --- dimensions ----------------------------------------------------------------------------------


def _variable(id_: str, size: int, found: Mapping[str, Any], roles: Mapping[str, str]) -> Variable:
    category = _mapping(found, "category")
    labels = category.get("label")
    labels = labels if isinstance(labels, dict) else {}
    codes = _codes(id_, category.get("index"), labels)
    if len(codes) != size:
        raise _Broken(f"'size' gives dimension '{id_}' {size} values, but it lists {len(codes)}")
    units = category.get("unit")
    units = units if isinstance(units, dict) else {}
    categories = tuple(
        Category(code, plain(labels.get(code) or code), _unit(units.get(code))) for code in codes
    )
    return Variable(id_, plain(found.get("label") or id_), categories, roles.get(id_, ""))


def _codes(id_: str, index: object, labels: Mapping[str, Any]) -> list[str]:
    if isinstance(index, list):
        codes = [str(code) for code in index]
        if len(set(codes)) != len(codes):
            raise _Broken(f"dimension '{id_}' lists a value twice")
        return codes
    if isinstance(index, dict):
        if not all(type(place) is int for place in index.values()) or sorted(
            index.values()
        ) != list(range(len(index))):
            raise _Broken(f"the places of dimension '{id_}' do not run from 0 to {len(index) - 1}")
        return sorted(index, key=lambda code: int(index[code]))
    if index is None and len(labels) == 1:  # the standard lets a single value do without
        return list(labels)
    raise _Broken(f"dimension '{id_}' does not say in what order its values are")


def _unit(found: object) -> str:
    return plain(found.get("base") or found.get("label") or "") if isinstance(found, dict) else ""


# --- cells ---------------------------------------------------------------------------------------


def _spread(status: object, cells: int) -> object:
    """One word, or a list of one, holds for every cell."""
    if isinstance(status, list) and len(status) == 1:
        status = status[0]
    return [status] * cells if isinstance(status, str) else status


def _by_cell(
    found: object, cells: int, name: str, read: Callable[[object], _Kept | None]
) -> dict[int, _Kept]:
    """What stands in each cell, of a list over all cells or a mapping of some."""
    if found is None:
        return {}
    if isinstance(found, list):
        if len(found) != cells:
            raise _Broken(f"its size is {cells} cells, but '{name}' has {len(found)}")
        pairs = list(enumerate(found))
    elif isinstance(found, dict):
        pairs = [(_place(text, cells, name), what) for text, what in found.items()]
    else:
        raise _Broken(f"'{name}' is neither a list nor a mapping")
    read_ones = ((place, read(what)) for place, what in pairs)
    return {place: what for place, what in read_ones if what is not None}


def _place(text: str, cells: int, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) < cells):
        raise _Broken(f"'{name}' has a cell '{text[:20]}'; its cells are 0 to {cells - 1}")
    return int(text)


def _number(what: object) -> float | None:
    if what is None:
        return None
    if isinstance(what, bool) or not isinstance(what, int | float) or not _is_finite(what):
        raise _Broken(f"a value is {str(what)[:20]!r}, which is no number")
    return float(what)


def _is_finite(number: int | float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float holds
        return False


def _mark(what: object) -> str | None:
    if what is None or what == "":
        return None
    if not isinstance(what, str):
        raise _Broken(f"a status is {str(what)[:20]!r}, which is no text")
    return plain(what, 20)
