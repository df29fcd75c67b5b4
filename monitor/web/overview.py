"""The front page as values: rows, their order, tiles, movers, gaps in coverage. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifiers.reference import Reference
from monitor.charts import Tile
from monitor.i18n import Translator
from monitor.summary.build import noise
from monitor.summary.parts import leaves, main_cause
from monitor.values import ALL_GROUPS, Contribution, Score
from monitor.web.figures import Figure, change, figure

SHOWS = ("combined", "readiness", "media", "change")
SORTS = ("name", "value", "rank", "change", "coverage")
MOVERS = 5
LEAST_CHANGE = 1.0  # points: less is written as no change
GAP = 0.6  # a region heard less than this stands among the gaps


@dataclass(frozen=True, slots=True)
class Row:
    """One unit in one week."""

    code: str
    name: str
    figure: Figure
    change: float | None
    rank: int | None
    rank_range: tuple[int, int] | None
    score: Score


@dataclass(frozen=True, slots=True)
class Mover:
    """A unit that changed, and the part that changed it most."""

    row: Row
    change: float
    within_noise: bool
    cause: Contribution | None
    points: float
    gone: bool  # the cause is a story of the week before that is no longer there


def measure_of(show: str) -> str:
    """The number that a view shows; the view of changes is about the combined one."""
    return "combined" if show == "change" else show


def rows(
    scores: Iterable[Score],
    before: Iterable[Score],
    reference: Reference,
    language: str,
    measure: str,
) -> tuple[Row, ...]:
    """A row per unit, in the units' order."""
    now = {s.region: s for s in scores if s.group == ALL_GROUPS}
    old = {s.region: s for s in before if s.group == ALL_GROUPS}
    return tuple(
        Row(
            code,
            reference.region[code].short.get(language),
            figure(now[code], measure),
            change(now[code], old.get(code), measure),
            now[code].rank,
            now[code].rank_range,
            now[code],
        )
        for code in reference.units
        if code in now
    )


def ordered(found: Sequence[Row], sort: str) -> tuple[Row, ...]:
    """Rows by `sort`, one of SORTS, with a leading "-" the other way round; unknown numbers last."""
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    if name == "name":
        return tuple(sorted(found, key=lambda r: collation(r.name), reverse=reverse))
    # The first click on a column shows the highest first; ranks count from the highest.
    down = (name != "rank") != reverse
    known = [r for r in found if _key(r, name) is not None]
    unknown = [r for r in found if _key(r, name) is None]
    known.sort(key=lambda r: collation(r.name))
    known.sort(key=lambda r: _key(r, name) or 0.0, reverse=down)
    return (*known, *sorted(unknown, key=lambda r: collation(r.name)))


def _key(row: Row, name: str) -> float | None:
    match name:
        case "value":
            return row.figure.value
        case "rank":
            return row.rank
        case "change":
            return row.change
        case _:
            return row.score.coverage.exposure


def collation(name: str) -> tuple[int, ...]:
    """Sorting key of a Finnish or Swedish name: å, ä, ö stand after z, in that order."""
    last = {"å": 1, "ä": 2, "ö": 3}
    return tuple(ord("z") + last[c] if c in last else ord(c) for c in name.lower())


def tiles(
    found: Iterable[Row], reference: Reference, t: Translator, show: str, hrefs: Mapping[str, str]
) -> tuple[Tile, ...]:
    """The rows that have a place in the grid, as tiles."""
    placed = []
    for row in found:
        place = reference.region[row.code].tile
        if place is not None:
            make = _change_tile if show == "change" else _figure_tile
            placed.append(make(row, place, t, hrefs[row.code]))
    return tuple(placed)


def _figure_tile(row: Row, place: tuple[int, int], t: Translator, href: str) -> Tile:
    shown = row.figure
    if shown.value is None:
        return _unknown(row, place, t, href, "; ".join(map(t.reason, shown.reasons)))
    number, word = t.number(shown.value), t(f"step.{shown.step}")
    low_high = (
        t.span(shown.low, shown.high) if shown.low is not None and shown.high is not None else ""
    )
    note = t("overview.tile", name=row.name, number=number, word=word, interval=low_high).rstrip(
        " ."
    )
    return Tile(*place, row.name, number, t(f"step.short.{shown.step}"), shown.step, href, note)


def _change_tile(row: Row, place: tuple[int, int], t: Translator, href: str) -> Tile:
    if row.change is None:
        return _unknown(row, place, t, href, t("change.unknown"))
    number, word = t.signed(row.change), t(direction(row.change))
    short = t(direction(row.change) + ".short")
    note = t("overview.tile", name=row.name, number=number, word=word, interval="").rstrip(" .")
    return Tile(*place, row.name, number, short, 0, href, note)


def _unknown(row: Row, place: tuple[int, int], t: Translator, href: str, why: str) -> Tile:
    note = t("overview.tile_unknown", name=row.name, reason=why)
    return Tile(*place, row.name, t("score.unknown_short"), "", None, href, note)


def direction(change: float) -> str:
    """The message that words a change, by the change as it is written."""
    rounded = round(change)
    return "change.up" if rounded > 0 else "change.down" if rounded < 0 else "change.same"


def movers(
    found: Iterable[Row], scores: Sequence[Score], before: Sequence[Score]
) -> tuple[Mover, ...]:
    """The units whose combined score changed most, the largest change first."""
    old = {s.region: s for s in before if s.group == ALL_GROUPS}
    changed = [(r, c) for r in found if (c := change(r.score, old.get(r.code), "combined"))]
    changed = [(r, c) for r, c in changed if abs(c) >= LEAST_CHANGE]
    changed.sort(key=lambda pair: (-abs(pair[1]), pair[0].code))
    return tuple(_mover(r, c, scores, before, old[r.code]) for r, c in changed[:MOVERS])


def _mover(
    row: Row, moved: float, scores: Sequence[Score], before: Sequence[Score], old: Score
) -> Mover:
    now_parts = leaves(s for s in scores if s.region == row.code)
    old_parts = leaves(s for s in before if s.region == row.code)
    cause = main_cause(now_parts, old_parts, moved)
    within = abs(moved) <= noise(row.score, old)
    if cause is None:
        return Mover(row, moved, within, None, 0.0, False)
    refs = {(c.kind, c.ref) for c in now_parts}
    part, points = cause
    gone = part.kind == "story" and (part.kind, part.ref) not in refs
    return Mover(row, moved, within, part, points, gone)


def gaps(found: Iterable[Row]) -> tuple[Row, ...]:
    """The units heard badly, the worst first."""
    poor = [r for r in found if r.score.coverage.exposure < GAP]
    return tuple(sorted(poor, key=lambda r: (r.score.coverage.exposure, r.code)))


def highest(found: Iterable[Row], count: int = 3) -> tuple[Row, ...]:
    """The units with the highest numbers."""
    known = [r for r in found if r.figure.value is not None]
    return tuple(sorted(known, key=lambda r: (-(r.figure.value or 0.0), r.code)))[:count]


def default_week(ready: Mapping[str, int], units: int) -> str | None:
    """The newest week that gives a picture: half of the units have a number. None without weeks.

    The week that has just begun is scored too, and shows nothing but what is not known yet.
    """
    pictures = [week for week, count in ready.items() if 2 * count >= units]
    return max(pictures or ready, default=None)
