"""Charts: well-formed, safe, accessible, and true to their numbers."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from monitor import charts
from monitor.charts import Part, Point, Tile

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>\"&'"


def parsed(markup: Markup) -> ET.Element:
    return ET.fromstring(str(markup))


def tile(row: int = 1, column: int = 1, **given: object) -> Tile:
    values = {"name": "Kainuu", "number": "71", "word": "korkea", "step": 3, "href": "/regions/20"}
    return Tile(row, column, **{**values, **given})  # type: ignore[arg-type]


def grid(*tiles: Tile) -> ET.Element:
    return parsed(charts.tile_grid(tiles, title="Kartta", description="Ruudut", name="g"))


def spark(points: list[Point], top: float = 100) -> ET.Element:
    return parsed(charts.sparkline(points, top=top, title="t", description="d", name="s", last="1"))


def bar(parts: list[Part]) -> ET.Element:
    markup = charts.contribution_bar(parts, total="40", title="t", description="d", name="c")
    return parsed(markup)


@pytest.mark.parametrize(
    ("value", "step"),
    [(0, 1), (24.4, 1), (24.6, 2), (25, 2), (49.6, 3), (74.4, 3), (75, 4), (100, 4)],
)
def test_the_step_is_that_of_the_number_as_it_is_written(value: float, step: int) -> None:
    assert charts.step(value) == step


@given(st.floats(0, 100), st.floats(0, 100))
def test_steps_never_fall_as_the_value_rises(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 1 <= charts.step(low) <= charts.step(high) <= 4


def test_a_grid_says_what_it_is_and_can_be_walked() -> None:
    svg = grid(tile(), tile(2, 2, name="Lappi", href="/regions/21"))
    assert svg.get("role") == "group", "links inside an image would be hidden"
    ids = set((svg.get("aria-labelledby") or "").split())
    assert ids == {e.get("id") for e in svg if e.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [a.get("href") for a in svg.iter(f"{SVG}a")] == ["/regions/20", "/regions/21"]


def test_number_and_word_stand_in_every_tile_and_the_highest_step_has_a_pattern() -> None:
    high = [e.text for e in grid(tile(number="88", word="erittäin korkea", step=4)).iter()]
    assert {"88", "erittäin", "korkea"} <= set(high)
    assert grid(tile(step=4)).find(f".//{SVG}rect[@class='hatch']") is not None
    assert grid(tile(step=3)).find(f".//{SVG}rect[@class='hatch']") is None


def test_an_unknown_number_is_a_word_and_has_no_step() -> None:
    svg = grid(tile(number="ei arviota", word="", step=None))
    classes = " ".join(e.get("class", "") for e in svg.iter())
    assert "unknown" in classes
    assert "step" not in classes


def test_long_names_break_at_a_space_or_hyphen() -> None:
    lines = [e.text for e in grid(tile(name="Mellersta Österbotten")).iter(f"{SVG}text")]
    assert lines[:2] == ["Mellersta", "Österbotten"]
    lines = [e.text for e in grid(tile(name="Pohjois-Pohjanmaa")).iter(f"{SVG}text")]
    assert lines[:2] == ["Pohjois-", "Pohjanmaa"]


def test_text_is_escaped() -> None:
    svg = grid(tile(name=HOSTILE, note=HOSTILE))
    assert svg.find(f".//{SVG}script") is None
    assert [e.text for e in svg.iter(f"{SVG}title")][1] == HOSTILE


def test_missing_weeks_are_gaps_never_zero() -> None:
    known = [Point(v, v - 5, v + 5) for v in (40.0, 50.0, 60.0)]
    svg = spark([*known[:2], Point(None), *known])
    lines = svg.findall(f"{SVG}polyline")
    assert [len((line.get("points") or "").split()) for line in lines] == [2, 3]
    assert len(svg.findall(f"{SVG}polygon")) == 2


def test_a_lone_week_is_a_dot_and_no_week_is_an_empty_axis() -> None:
    assert spark([Point(None), Point(3.0), Point(None)]).find(f"{SVG}circle") is not None
    empty = spark([Point(None), Point(None)])
    assert empty.find(f"{SVG}circle") is None
    assert empty.find(f"{SVG}path") is not None


@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=15))
def test_a_sparkline_draws_every_known_week_and_stays_in_its_box(
    values: list[float | None],
) -> None:
    svg = spark([Point(v) for v in values])
    drawn = [xy for e in svg.findall(f"{SVG}polyline") for xy in (e.get("points") or "").split()]
    lone = [e for e in svg.findall(f"{SVG}circle") if e.get("class") == "dot"]
    assert len(drawn) + len(lone) == sum(v is not None for v in values)
    for x, y in (xy.split(",") for xy in drawn):
        assert 0 <= float(x) <= charts.SPARK_W
        assert 0 <= float(y) <= charts.SPARK_H


def test_a_higher_value_is_drawn_higher() -> None:
    (line,) = spark([Point(10.0), Point(90.0)]).findall(f"{SVG}polyline")
    low, high = (float(xy.split(",")[1]) for xy in (line.get("points") or "").split())
    assert high < low


@given(st.lists(st.floats(0.1, 12), max_size=8), st.lists(st.floats(-3, -0.1), max_size=3))
def test_the_bar_adds_up_to_the_score(up: list[float], down: list[float]) -> None:
    if sum(up) + sum(down) < 0:
        return
    svg = bar([Part(v, "story", "x") for v in (*up, *down)])
    total = svg.find(f"{SVG}path[@class='total']")
    assert total is not None
    at = float(re.findall(r"M([\d.]+)", total.get("d") or "")[0])
    assert at == pytest.approx((sum(up) + sum(down)) * charts.BAR_W / 100, abs=0.06)


def test_lowering_parts_draw_back_from_the_end() -> None:
    svg = bar([Part(50, "readiness", "a"), Part(-10, "story", "b")])
    back = next(r for r in svg.findall(f"{SVG}rect") if "lowering" in (r.get("class") or ""))
    right = float(back.get("x") or 0) + float(back.get("width") or 0)
    assert right == pytest.approx(50 * charts.BAR_W / 100, abs=0.1)


def test_the_interval_holds_its_dot() -> None:
    svg = parsed(charts.interval_bar(40, 30, 60, top=100, title="30–60", name="i"))
    band, dot = svg.find(f"{SVG}rect"), svg.find(f"{SVG}circle")
    assert band is not None
    assert dot is not None
    left, width = float(band.get("x") or 0), float(band.get("width") or 0)
    assert left < float(dot.get("cx") or 0) < left + width


def test_no_script_and_no_inline_style_anywhere() -> None:
    drawn = str(charts.tile_grid([tile()], title=HOSTILE, description="d", name="g"))
    drawn += str(charts.interval_bar(1, 0, 2, top=3, title="t", name="i"))
    assert "style=" not in drawn
    assert "<script" not in drawn


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _schemes() -> list[dict[str, str]]:
    css = charts.stylesheet()
    blocks = re.findall(r":root {(.*?)}", css, re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]


@pytest.mark.parametrize("colours", _schemes(), ids=["light", "dark", "print"])
def test_colours_are_readable_and_ordered_without_hue(colours: dict[str, str]) -> None:
    for n in "1234":
        assert _contrast(colours[f"step{n}"], colours[f"on{n}"]) >= 4.5, f"step {n}"
    for name in ("ink", "muted", "accent"):
        assert _contrast(colours[name], colours["paper"]) >= 4.5, name
    lightness = [_luminance(colours[f"step{n}"]) for n in "1234"]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))
