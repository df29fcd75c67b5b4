"""JSON-stat 2.0: index arithmetic as properties, and what does not fit together refused."""

import json
import math
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.readiness.jsonstat import Cube, index_of, read_cube, read_json

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


def _dataset(sizes: list[int], **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "class": "dataset",
        "id": [f"d{i}" for i in range(len(sizes))],
        "size": sizes,
        "dimension": {
            f"d{i}": {"category": {"index": [f"c{j}" for j in range(size)]}}
            for i, size in enumerate(sizes)
        },
        "value": [float(i) for i in range(math.prod(sizes))],
        **more,
    }


def _read(dataset: object) -> Cube | str:
    return read_cube(json.dumps(dataset).encode())


def _cube(dataset: object) -> Cube:
    found = _read(dataset)
    assert isinstance(found, Cube), found
    return found


@given(SIZES)
def test_the_cells_are_counted_row_by_row_the_last_dimension_fastest(sizes: list[int]) -> None:
    positions = list(product(*(range(size) for size in sizes)))
    assert [index_of(sizes, p) for p in positions] == list(range(math.prod(sizes)))


@given(SIZES, st.data())
def test_the_index_can_be_turned_back_into_the_position(
    sizes: list[int], data: st.DataObject
) -> None:
    position = [data.draw(st.integers(0, size - 1)) for size in sizes]
    rest, back = index_of(sizes, position), []
    for size in reversed(sizes):
        rest, coordinate = divmod(rest, size)
        back.append(coordinate)
    assert (back[::-1], rest) == (position, 0)


@given(SIZES, st.data())
def test_a_position_outside_the_cube_is_refused(sizes: list[int], data: st.DataObject) -> None:
    position = [0] * len(sizes)
    axis = data.draw(st.integers(0, len(sizes) - 1))
    position[axis] = data.draw(st.sampled_from([-1, sizes[axis], sizes[axis] + 7]))
    with pytest.raises(ValueError, match="lies outside"):
        index_of(sizes, position)


@settings(max_examples=40)
@given(SIZES, st.data())
def test_a_list_and_a_sparse_mapping_of_it_say_the_same(
    sizes: list[int], data: st.DataObject
) -> None:
    cells = math.prod(sizes)
    values = data.draw(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=cells, max_size=cells))
    sparse = {str(i): value for i, value in enumerate(values) if value is not None}
    of_list, of_mapping = _cube(_dataset(sizes, value=values)), _cube(_dataset(sizes, value=sparse))
    assert of_list == of_mapping
    assert of_list.values == {int(i): value for i, value in sparse.items()}


@given(st.permutations(["a", "b", "c", "d"]))
def test_an_index_as_mapping_orders_as_the_list_does(order: list[str]) -> None:
    by_list = {"category": {"index": order}}
    by_mapping = {"category": {"index": {code: order.index(code) for code in sorted(order)}}}
    cubes = [_cube(_dataset([4], dimension={"d0": d})) for d in (by_list, by_mapping)]
    assert [c.code for c in cubes[0].variables[0].categories] == order
    assert cubes[0] == cubes[1]


def test_one_status_may_stand_for_all_cells_and_a_list_or_mapping_for_each() -> None:
    assert _cube(_dataset([2], status=".")).status == {0: ".", 1: "."}
    assert _cube(_dataset([2], status=["*"])).status == {0: "*", 1: "*"}
    assert _cube(_dataset([2], status=["", ".."])).status == {1: ".."}
    assert _cube(_dataset([2], status={"1": ".."})).status == {1: ".."}


def test_labels_roles_and_units_are_kept() -> None:
    dimension = {
        "label": "Uppgifter",
        "category": {"label": {"a": "Andel"}, "unit": {"a": {"base": "%", "decimals": 1}}},
    }
    cube = _cube(_dataset([1], dimension={"d0": dimension}, role={"metric": ["d0"]}))
    (variable,) = cube.variables
    assert (variable.text, variable.role) == ("Uppgifter", "metric")
    assert [(c.code, c.label, c.unit) for c in variable.categories] == [("a", "Andel", "%")]


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (_dataset([2], size=[3]), "gives dimension 'd0' 3 values, but it lists 2"),
        (_dataset([2], size=[2, 2]), "'id' names 1 dimensions"),
        (_dataset([2], size=[0]), "'size' gives [0]"),
        (_dataset([2], size=[True]), "'size' gives [True]"),
        (_dataset([2], value=[1, 2, 3]), "its size is 2 cells, but 'value' has 3"),
        (_dataset([2], value={"2": 1}), "'value' has a cell '2'; its cells are 0 to 1"),
        (_dataset([2], value={"-1": 1}), "'value' has a cell '-1'"),
        (_dataset([2], value=None), "it has no 'value'"),
        (_dataset([2], value=5), "'value' is neither a list nor a mapping"),
        (_dataset([2], value=[1, "paljon"]), "'paljon', which is no number"),
        (_dataset([2], value=[1, True]), "'True', which is no number"),
        (_dataset([2], value=[1, 10**400]), "which is no number"),
        (_dataset([2], status=["."] * 3), "its size is 2 cells, but 'status' has 3"),
        (_dataset([2], status=[".", 7]), "'7', which is no text"),
        (_dataset([2], dimension={}), "'d0' is missing"),
        (_dataset([2], dimension={"d0": {"category": {"index": ["a", "a"]}}}), "a value twice"),
        (_dataset([2], dimension={"d0": {"category": {"index": {"a": 0, "b": 2}}}}), "from 0 to 1"),
        (_dataset([2], dimension={"d0": {"category": {}}}), "in what order"),
        ({**_dataset([2, 2]), "size": [1000, 1001]}, "1001000 cells"),
        ({"class": "collection"}, "not a JSON-stat dataset"),
        ({"dataset": {}}, "no lists 'id' and 'size'"),
        ([], "not a JSON-stat dataset"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_sentence(dataset: object, said: str) -> None:
    found = _read(dataset)
    assert isinstance(found, str)
    assert said in found


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><title>503", "it begins with '<!DOCTYPE html>"),
        (b'{"value": [NaN]}', "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'"sana"', "a bare text"),
    ],
)
def test_what_is_no_json_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    found = read_json(data)
    assert isinstance(found, str)
    assert said in found


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "size", "dimension", "value", "status", "role", "category", "d0"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    ).map(lambda found: json.dumps(found).encode())
)
def test_nothing_that_is_read_raises(data: bytes) -> None:
    assert isinstance(read_cube(data), Cube | str)
