"""Charts of the weekly summary as SVG: a matrix, the slope of change, small multiples of weeks.

Values in, markup out, with the same rules as `monitor.charts`: classes instead of colours, axes from zero,
the same scale in every small chart, a missing week as a gap and never as zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from monitor.charts import STEPS, Point, _dot, _hatch, _n, _svg, _text

TOP = 100.0  # of every axis here
NAME_W, CELL_W, CELL_H, HEAD_H = 150, 108, 24, 46  # matrix
SLOPE_W, SLOPE_H, SLOPE_PAD, SIDE, LINE_H = 660, 460, 34, 190, 16  # slope
SMALL_W, SMALL_H, SMALL_GAP, ACROSS = 158, 84, 12, 4  # small multiples
PLOT_TOP, PLOT_H = 24, 46


# --- matrix --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a matrix: a cell is its number as written, its step 1-4 and what is read out."""

    name: str
    cells: tuple[tuple[str, int | None, str], ...]  # step None: no number


def matrix(
    rows: Sequence[Row], columns: Sequence[str], *, title: str, description: str, name: str
) -> Markup:
    """Rows under column heads; every cell has its number, its shade and, at the highest step, a hatch."""
    heads = [
        _text(NAME_W + CELL_W * (i + 0.5), 14 + 13 * k, line, "tick", anchor="middle")
        for i, column in enumerate(columns)
        for k, line in enumerate(_wrapped(column, 16))
    ]
    body = Markup("").join(heads) + _hatch(name)
    for i, row in enumerate(rows):
        y = HEAD_H + i * CELL_H
        body += _text(0, y + 16, row.name, "row")
        for k, cell in enumerate(row.cells):
            body += _cell(NAME_W + k * CELL_W, y, *cell, name)
    height = HEAD_H + len(rows) * CELL_H
    width = NAME_W + len(columns) * CELL_W
    return _svg("matrix tile-grid", width, height, name, title, description, body)


def _cell(x: float, y: float, number: str, step: int | None, note: str, name: str) -> Markup:
    kind = "unknown" if step is None else f"step{step}"
    hatch = (
        Markup(
            '<rect class="hatch" x="{0}" y="{1}" width="22" height="{2}" fill="url(#{3}-hatch)"/>'
        ).format(_n(x + 1), _n(y + 1), CELL_H - 2, name)
        if step == 4
        else Markup("")
    )
    face = Markup('<rect class="face" x="{}" y="{}" width="{}" height="{}"/>').format(
        _n(x + 1), _n(y + 1), CELL_W - 2, CELL_H - 2
    )
    words = _text(x + CELL_W / 2, y + 16, number, "cell", anchor="middle")
    return Markup('<g class="tile {}"><title>{}</title>{}{}{}</g>').format(
        kind, note, face, hatch, words
    )


def _wrapped(text: str, most: int) -> list[str]:
    """`text` on lines of about `most` letters, at most three."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most and len(lines) < 3:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


# --- slope ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slope:
    """One unit's number in two weeks."""

    name: str
    before: float
    after: float
    marked: bool  # changed by more than the noise
    label: str  # "Lappi 62 (+7)"


def slopes(
    lines: Sequence[Slope], heads: tuple[str, str], *, title: str, description: str, name: str
) -> Markup:
    """Two axes from 0 to 100, a line per unit; those that changed by more than noise stand out."""
    left, right = SIDE, SLOPE_W - SIDE
    body = _text(left, 14, heads[0], "tick", anchor="middle")
    body += _text(right, 14, heads[1], "tick", anchor="middle")
    for x in (left, right):
        body += Markup('<path class="axis" d="M{} {}V{}"/>').format(x, _n(_at(TOP)), _n(_at(0)))
    for value in (0.0, *STEPS, TOP):
        body += _text((left + right) / 2, _at(value) - 3, str(int(value)), "tick", anchor="middle")
        body += Markup('<path class="axis" d="M{} {}H{}"/>').format(left, _n(_at(value)), right)
    for line in sorted(lines, key=lambda s: (s.marked, s.name)):
        body += _slope(line, left, right)
    body += _labels([(s.after, s.label, s.marked) for s in lines], right, "start")
    body += _labels([(s.before, s.name, s.marked) for s in lines if s.marked], left, "end")
    return _svg("slope", SLOPE_W, _height(len(lines)), name, title, description, body)


def _height(lines: int) -> float:
    return max(SLOPE_H, 2 * SLOPE_PAD + lines * LINE_H)


def _at(value: float) -> float:
    return SLOPE_PAD + (1 - value / TOP) * (SLOPE_H - 2 * SLOPE_PAD)


def _slope(line: Slope, left: float, right: float) -> Markup:
    kind = "line" if line.marked else "quiet"
    y0, y1 = _at(line.before), _at(line.after)
    drawn = Markup('<path class="{}" d="M{} {}L{} {}"/>').format(kind, left, _n(y0), right, _n(y1))
    if line.marked:
        drawn += _dot(left, y0, "dot") + _dot(right, y1, "dot")
    return drawn


def _labels(labels: Sequence[tuple[float, str, bool]], x: float, anchor: str) -> Markup:
    """Labels beside the axis `x`, moved apart where they would overlap, each led to its height."""
    order = sorted(labels, key=lambda label: (-label[0], label[1]))
    places = [_at(value) for value, _, _ in order]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + LINE_H)
    over = places[-1] - (_height(len(order)) - SLOPE_PAD) if places else 0
    if over > 0:
        places[-1] -= over
        for i in range(len(places) - 2, -1, -1):
            places[i] = min(places[i], places[i + 1] - LINE_H)
    out = 1 if anchor == "start" else -1
    return Markup("").join(
        Markup('<path class="axis" d="M{} {}L{} {}"/>').format(
            _n(x + 3 * out), _n(_at(value)), _n(x + 22 * out), _n(y)
        )
        + _text(x + 26 * out, y + 4, text, "marked" if marked else "aside", anchor=anchor)
        for y, (value, text, marked) in zip(places, order, strict=True)
    )


# --- small multiples -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Small:
    """One unit's weeks."""

    name: str
    points: tuple[Point, ...]
    last: str  # the last number as it is written


def multiples(
    units: Sequence[Small], ends: tuple[str, str], *, title: str, description: str, name: str
) -> Markup:
    """A small chart per unit, all on the axis 0-100 and on the same weeks; `ends` name the outermost."""
    body = Markup("").join(_small(unit, i, ends) for i, unit in enumerate(units))
    rows = ceil(len(units) / ACROSS)
    width = ACROSS * (SMALL_W + SMALL_GAP) - SMALL_GAP
    return _svg("multiples", width, max(rows, 1) * SMALL_H, name, title, description, body)


def _small(unit: Small, index: int, ends: tuple[str, str]) -> Markup:
    room = SMALL_W - 34
    step = room / max(len(unit.points) - 1, 1)
    places = [(i * step, p) for i, p in enumerate(unit.points)]
    floor = PLOT_TOP + PLOT_H
    body = _text(0, 14, unit.name, "row")
    body += Markup('<path class="axis" d="M0 {0}h{1}M0 {2}h{1}"/>').format(
        floor, _n(room), PLOT_TOP
    )
    body += Markup("").join(_stretch(run) for run in _runs(places))
    known = [(x, p.value) for x, p in places if p.value is not None]
    if known:
        x, value = known[-1]
        body += _dot(x, _height_of(value), "dot now")
        body += _text(room + 6, min(max(_height_of(value) + 4, 32), floor), unit.last, "marked")
    body += _text(0, floor + 11, ends[0], "tiny") + _text(
        room, floor + 11, ends[1], "tiny", anchor="end"
    )
    x, y = (index % ACROSS) * (SMALL_W + SMALL_GAP), (index // ACROSS) * SMALL_H
    return Markup('<g transform="translate({} {})">{}</g>').format(x, y, body)


def _runs(places: Sequence[tuple[float, Point]]) -> list[list[tuple[float, Point]]]:
    """Stretches of weeks without a gap."""
    runs: list[list[tuple[float, Point]]] = [[]]
    for place in places:
        if place[1].value is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _stretch(run: Sequence[tuple[float, Point]]) -> Markup:
    banded = [(x, p.low, p.high) for x, p in run if p.low is not None and p.high is not None]
    up = [f"{_n(x)},{_n(_height_of(high))}" for x, _, high in banded]
    down = [f"{_n(x)},{_n(_height_of(low))}" for x, low, _ in reversed(banded)]
    band = Markup("")
    if len(banded) > 1:
        band = Markup('<polygon class="band" points="{}"/>').format(" ".join(up + down))
    if len(run) == 1:
        return band + _dot(run[0][0], _height_of(run[0][1].value or 0), "dot")
    line = " ".join(f"{_n(x)},{_n(_height_of(p.value or 0))}" for x, p in run)
    return band + Markup('<polyline class="line" points="{}"/>').format(line)


def _height_of(value: float) -> float:
    return PLOT_TOP + (1 - min(max(value / TOP, 0.0), 1.0)) * PLOT_H
