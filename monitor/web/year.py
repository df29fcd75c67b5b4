"""A year of weeks as a chart: small charts under one another on the same weeks, with events marked.

Values in, markup out, with the rules of `monitor.charts`: axis from zero, the interval as a band, a
missing week as a gap. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from monitor.charts import Point, _dot, _n, _svg, _text

WIDTH, LEFT, RIGHT = 720, 46, 66
HEAD, PLOT, GAP, FOOT = 24, 84, 14, 26
TICKS = 5  # weeks named under the axis, at most


@dataclass(frozen=True, slots=True)
class Panel:
    """One series on an axis from zero to `top`."""

    title: str
    points: tuple[Point, ...]
    top: float
    last: str  # the last number as it is written; "" where it is not known
    ticks: tuple[tuple[float, str], ...]  # value -> as it is written


@dataclass(frozen=True, slots=True)
class Marked:
    """An event in the week at `index`, by the number the list beside the chart gives it."""

    index: int
    number: str
    label: str


def year_chart(
    panels: Sequence[Panel],
    weeks: Sequence[str],
    events: Sequence[Marked],
    *,
    title: str,
    description: str,
    name: str,
) -> Markup:
    """The panels one under the other; `weeks` are as they are written, the oldest first."""
    body = Markup("")
    for i, panel in enumerate(panels):
        body += _panel(panel, i * (HEAD + PLOT + GAP), len(weeks))
    bottom = len(panels) * (HEAD + PLOT + GAP) - GAP
    body += Markup("").join(_event(e, bottom, len(weeks)) for e in events)
    body += _weeks(weeks, bottom)
    return _svg("year", WIDTH, bottom + FOOT, name, title, description, body)


def _x(index: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * index / max(count - 1, 1)


def _panel(panel: Panel, top: float, count: int) -> Markup:
    floor = top + HEAD + PLOT
    drawn = _text(LEFT, top + 14, panel.title, "row")
    for value, said in panel.ticks:
        y = floor - _share(value, panel.top) * PLOT
        drawn += Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, _n(y), WIDTH - RIGHT)
        drawn += _text(LEFT - 6, y + 4, said, "tick", anchor="end")
    places = [
        (_x(i, count), floor - _share(p.value or 0, panel.top) * PLOT, p)
        for i, p in enumerate(panel.points)
    ]
    for known, run in groupby(places, lambda place: place[2].value is not None):
        if known:
            drawn += _run(list(run), panel.top, floor)
    return drawn + _last(places, panel.last, top + HEAD, floor)


def _share(value: float, top: float) -> float:
    return min(max(value / top, 0.0), 1.0) if top else 0.0


def _run(run: list[tuple[float, float, Point]], top: float, floor: float) -> Markup:
    banded = [(x, p.low, p.high) for x, _, p in run if p.low is not None and p.high is not None]
    drawn = Markup("")
    if len(banded) > 1:
        up = [f"{_n(x)},{_n(floor - _share(high, top) * PLOT)}" for x, _, high in banded]
        down = [f"{_n(x)},{_n(floor - _share(low, top) * PLOT)}" for x, low, _ in reversed(banded)]
        drawn += Markup('<polygon class="band" points="{}"/>').format(" ".join(up + down))
    if len(run) == 1:
        return drawn + _dot(run[0][0], run[0][1], "dot")
    line = " ".join(f"{_n(x)},{_n(y)}" for x, y, _ in run)
    return drawn + Markup('<polyline class="line" points="{}"/>').format(line)


def _last(
    places: Sequence[tuple[float, float, Point]], said: str, top: float, floor: float
) -> Markup:
    known = [(x, y) for x, y, p in places if p.value is not None]
    if not known or not said:
        return Markup("")
    x, y = known[-1]
    return _dot(x, y, "dot now") + _text(x + 8, min(max(y + 5, top + 12), floor), said, "label")


def _event(event: Marked, bottom: float, count: int) -> Markup:
    x = _x(event.index, count)
    return Markup('<g class="event"><title>{}</title><path d="M{} 16V{}"/>{}</g>').format(
        event.label, _n(x), _n(bottom), _text(x, 12, event.number, "tick", anchor="middle")
    )


def _weeks(weeks: Sequence[str], bottom: float) -> Markup:
    every = max(1, -(-len(weeks) // TICKS))
    last = len(weeks) - 1
    shown = [i for i in range(last, -1, -every)]
    drawn = Markup("")
    for i in shown:
        anchor = "end" if i == last else "start" if i == 0 else "middle"
        drawn += _text(_x(i, len(weeks)), bottom + 20, weeks[i], "tick", anchor=anchor)
    return drawn


def short_week(week: str) -> str:
    """ "46/2026" of "2026-W46"."""
    return f"{int(week[6:])}/{week[:4]}"


def nice_top(largest: float) -> float:
    """The first of 1, 2, 5, 10, 20, 50, ... that is not less than `largest`."""
    scale = 1.0
    while True:
        for step in (1.0, 2.0, 5.0):
            if step * scale >= largest:
                return step * scale
        scale *= 10
