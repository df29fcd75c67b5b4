"""Charts as SVG text: tile grid, sparkline, contribution bar, interval bar, pace bar.

Values in, markup out. Colours come from classes (`charts.css`), so that one drawing serves light, dark
and print; there are no scripts and no inline styles. Every chart has a title and a description; the
table with the same numbers stands beside it in the page. A missing value is a gap, never zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

STYLESHEET = Path(__file__).with_suffix(".css")

STEPS = (25.0, 50.0, 75.0)
"""Where the risk scale of 0-100 goes from one step to the next: four equal steps."""

TILE_W, TILE_H, TILE_GAP = 92, 66, 4
LINE = 12  # letters on a line of a tile at most
LETTER_W = 7.4  # of the widest usual font, at the size of a tile's name
SPARK_W, SPARK_H, SPARK_PAD, LABEL_W = 240, 64, 6, 36
BAR_W, BAR_H, AXIS_H = 640, 34, 20


def step(value: float) -> int:
    """The step 1-4 of a value of the 0-100 risk scale, by the whole number it is written as."""
    return 1 + sum(round(value) >= limit for limit in STEPS)


def stylesheet() -> str:
    """The classes the charts use, for a page or a file that stands alone."""
    return STYLESHEET.read_text(encoding="utf-8")


# --- tile grid -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit in the schematic grid."""

    row: int  # from 1
    column: int  # from 1
    name: str
    number: str  # the number as it is written, or the word that stands in its place
    word: str  # the step in words, one line each; "" where there is no number
    step: int | None  # 1-4; 0 for a value that is no risk step; None where the number is unknown
    href: str = ""  # "" draws no link
    note: str = ""  # whole sentence, read out and shown on hover


def tile_grid(tiles: Sequence[Tile], *, title: str, description: str, name: str) -> Markup:
    """The tiles at their places. `name` prefixes ids and must be unique in the page."""
    width = max((t.column for t in tiles), default=1) * (TILE_W + TILE_GAP) - TILE_GAP
    height = max((t.row for t in tiles), default=1) * (TILE_H + TILE_GAP) - TILE_GAP
    body = Markup("").join(_tile(t, name) for t in sorted(tiles, key=lambda t: (t.row, t.column)))
    return _svg("tile-grid", width, height, name, title, description, _hatch(name) + body)


def _tile(tile: Tile, name: str) -> Markup:
    x, y = (tile.column - 1) * (TILE_W + TILE_GAP), (tile.row - 1) * (TILE_H + TILE_GAP)
    kind = "unknown" if tile.step is None else f"step{tile.step}"
    parts = [
        Markup('<title>{}</title><rect class="face" width="{}" height="{}" rx="4"/>').format(
            tile.note or tile.name, TILE_W, TILE_H
        )
    ]
    if tile.step == 4:
        parts.append(
            Markup(
                '<rect class="hatch" y="{0}" width="{1}" height="6" rx="2" fill="url(#{2}-hatch)"/>'
            ).format(TILE_H - 6, TILE_W, name)
        )
    parts += [_name(part, 15 + 12 * i) for i, part in enumerate(_lines(tile.name))]
    number = "missing" if tile.step is None else "number"
    parts.append(_text(7, TILE_H - 9, tile.number, number))
    words = tile.word.split()
    for i, word in enumerate(words):
        line = TILE_H - 9 - 11 * (len(words) - 1 - i)
        parts.append(_text(TILE_W - 7, line, word, "word", anchor="end"))
    face = Markup('<g class="tile {}" transform="translate({} {})">{}</g>').format(
        kind, x, y, Markup("").join(parts)
    )
    return Markup('<a href="{}">{}</a>').format(tile.href, face) if tile.href else face


def _name(line: str, y: float) -> Markup:
    """A line of a name; one that no font may let fit is drawn in the width there is."""
    room = TILE_W - 12
    if len(line) * LETTER_W <= room:
        return _text(7, y, line, "name")
    return Markup(
        '<text class="name" x="7" y="{}" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</text>'
    ).format(_n(y), room, line)


def _lines(name: str) -> list[str]:
    """`name` on at most two lines, broken at a space or after a hyphen."""
    if len(name) <= LINE:
        return [name]
    places = [i + 1 for i, mark in enumerate(name) if mark in " -"]
    if not places:
        return [name]
    at = min(places, key=lambda i: abs(len(name) / 2 - i))
    return [name[:at].rstrip(), name[at:]]


# --- sparkline -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """One week of a series."""

    value: float | None  # None: a gap
    low: float | None = None
    high: float | None = None


def sparkline(
    points: Sequence[Point], *, top: float, title: str, description: str, name: str, last: str = ""
) -> Markup:
    """Weeks in order, axis from zero to `top`, the interval as a band; `last` labels the last point."""
    room = SPARK_W - 2 * SPARK_PAD - LABEL_W
    places = [(SPARK_PAD + room * i / max(len(points) - 1, 1), p) for i, p in enumerate(points)]
    runs = [
        list(run) for known, run in groupby(places, lambda xp: xp[1].value is not None) if known
    ]
    base = Markup('<path class="axis" d="M{} {}h{}"/>').format(SPARK_PAD, _n(_y(0, top)), _n(room))
    body = base + Markup("").join(_run(run, top) for run in runs)
    if runs:
        body += _last_point(*runs[-1][-1], top, last)
    return _svg("sparkline", SPARK_W, SPARK_H, name, title, description, body)


def _run(run: list[tuple[float, Point]], top: float) -> Markup:
    line = " ".join(f"{_n(x)},{_n(_y(p.value or 0, top))}" for x, p in run)
    banded = [(x, p) for x, p in run if p.low is not None and p.high is not None]
    up = [f"{_n(x)},{_n(_y(p.high or 0, top))}" for x, p in banded]
    down = [f"{_n(x)},{_n(_y(p.low or 0, top))}" for x, p in reversed(banded)]
    band = (
        Markup('<polygon class="band" points="{}"/>').format(" ".join(up + down))
        if len(banded) > 1
        else Markup("")
    )
    if len(run) == 1:
        return band + _dot(run[0][0], _y(run[0][1].value or 0, top), "dot")
    return band + Markup('<polyline class="line" points="{}"/>').format(line)


def _last_point(x: float, point: Point, top: float, label: str) -> Markup:
    y = _y(point.value or 0, top)
    return _dot(x, y, "dot now") + _text(x + 8, min(max(y + 5, 14), SPARK_H - 4), label, "label")


def _y(value: float, top: float) -> float:
    share = min(max(value / top, 0.0), 1.0) if top else 0.0
    return SPARK_H - SPARK_PAD - share * (SPARK_H - 2 * SPARK_PAD)


# --- contribution bar ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One contribution, in points of the score. Negative ones draw back from the right end."""

    value: float
    kind: str  # readiness | story | group | rest: its class
    label: str  # read out and shown on hover
    short: tuple[str, ...] = ()  # written in the segment: the first of these that fits


def contribution_bar(
    parts: Sequence[Part], *, total: str, title: str, description: str, name: str
) -> Markup:
    """The parts end to end on the axis 0-100; they end at the mark where the score stands.

    `total` is the score as it is written; a bar too long for it leaves it to the page.
    """
    raising = [p for p in parts if p.value > 0]
    lowering = [p for p in parts if p.value < 0]
    end = sum(p.value for p in raising)
    body = _segments(raising, 0.0, 1, name) + _segments(lowering, end, -1, name)
    score = end + sum(p.value for p in lowering)
    body += Markup('<path class="total" d="M{} 0v{}"/>').format(_n(_x(score)), BAR_H + 4)
    if end <= 85:
        body += _text(_x(end) + 6, BAR_H / 2 + 6, total, "total")
    return _svg(
        "contributions",
        BAR_W,
        BAR_H + AXIS_H,
        name,
        title,
        description,
        _hatch(name) + body + _axis(),
    )


def _segments(parts: Iterable[Part], start: float, sign: int, name: str) -> Markup:
    drawn: list[Markup] = []
    at = start
    for index, part in enumerate(parts):
        width = abs(part.value) * BAR_W / 100
        left = _x(at if sign > 0 else at - abs(part.value))
        at += part.value
        shade = f"{part.kind} {'odd' if index % 2 else 'even'}" + ("" if sign > 0 else " lowering")
        drawn.append(
            Markup(
                '<rect class="part {}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
            ).format(
                shade,
                _n(left),
                0 if sign > 0 else BAR_H - 8,
                _n(width),
                BAR_H if sign > 0 else 8,
                part.label,
            )
        )
        fits = next((s for s in part.short if len(s) * 7.5 + 10 < width), "") if sign > 0 else ""
        if fits:
            drawn.append(_text(left + 6, BAR_H / 2 + 5, fits, f"inside {part.kind}"))
    return Markup("").join(drawn)


def _axis() -> Markup:
    marks = [Markup('<path class="axis" d="M0 {}h{}"/>').format(BAR_H, BAR_W)]
    for value in (0, *STEPS, 100):
        anchor = "start" if value == 0 else "end" if value == 100 else "middle"
        marks.append(Markup('<path class="axis" d="M{} {}v4"/>').format(_n(_x(value)), BAR_H))
        marks.append(_text(_x(value), BAR_H + 17, str(int(value)), "tick", anchor=anchor))
    return Markup("").join(marks)


def _x(value: float) -> float:
    return min(max(value, 0.0), 100.0) * BAR_W / 100


# --- interval bar --------------------------------------------------------------------------------


def interval_bar(
    value: float, low: float, high: float, *, top: float, title: str, name: str
) -> Markup:
    """One number on the axis from zero to `top`, its interval as a band."""
    width, height, middle = 160, 18, 9
    x0, x1, at = (min(max(v / top, 0.0), 1.0) * (width - 12) + 6 for v in (low, high, value))
    body = Markup(
        '<path class="axis" d="M6 {0}h{1}"/><path class="axis" d="M6 4v10M{2} 4v10"/>'
        '<rect class="band" x="{3}" y="4" width="{4}" height="10" rx="2"/>'
    ).format(middle, width - 12, width - 6, _n(x0), _n(max(x1 - x0, 1)))
    return _svg("interval", width, height, name, title, "", body + _dot(at, middle, "dot now"))


# --- pieces --------------------------------------------------------------------------------------


def pace_bar(done: float, time: float, *, title: str, name: str) -> Markup:
    """A share done as a bar on the axis 0-1, and the share of time gone as a line across it."""
    width, height = 160, 18
    done_x, time_x = (min(max(v, 0.0), 1.0) * (width - 12) + 6 for v in (done, time))
    body = Markup(
        '<path class="axis" d="M6 9h{0}M6 4v10M{1} 4v10"/>'
        '<rect class="done" x="6" y="5" width="{2}" height="8"/><path class="time" d="M{3} 1v16"/>'
    ).format(width - 12, width - 6, _n(done_x - 6), _n(time_x))
    return _svg("pace", width, height, name, title, "", body)


def _svg(
    kind: str, width: float, height: float, name: str, title: str, description: str, body: Markup
) -> Markup:
    # A grid with links is a group, or the links inside an image would be hidden from screen readers.
    role = "group" if "<a " in body else "img"
    described = f"{name}-t {name}-d" if description else f"{name}-t"
    words = Markup('<title id="{0}-t">{1}</title>').format(name, title)
    if description:
        words += Markup('<desc id="{0}-d">{1}</desc>').format(name, description)
    return Markup(
        '<svg class="chart {}" role="{}" aria-labelledby="{}" viewBox="0 0 {} {}" '
        'xmlns="http://www.w3.org/2000/svg">{}{}</svg>'
    ).format(kind, role, described, _n(width), _n(height), words, body)


def _hatch(name: str) -> Markup:
    return Markup(
        '<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="stripe" d="M0 0v6"/></pattern></defs>'
    ).format(name)


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _n(x), _n(y), anchor, words
    )


def _dot(x: float, y: float, kind: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
        kind, _n(x), _n(y), 4 if "now" in kind else 3
    )


def _n(value: float) -> str:
    """A coordinate with at most one decimal: same inputs, same bytes."""
    text = f"{value:.1f}"
    return escape(text.removesuffix(".0"))
