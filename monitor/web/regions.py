"""The regions side by side as values: the list of all, and the matrices by group and by topic. Pure.

A matrix is one long list of lines first, so that its cells, its table of figures and its CSV say the same.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classifiers.reference import Reference, Region
from monitor.charts import step
from monitor.i18n import Translator
from monitor.readiness.cells import for_spreadsheet
from monitor.risk.forgotten import CoverageCell, Share
from monitor.risk.topics import TopicSignal
from monitor.values import ALL_GROUPS, Score
from monitor.web.figures import MEASURES, Figure, change, figure
from monitor.web.overview import collation

VIEWS = ("list", "groups", "topics")
TOPIC_MEASURES = ("pressure", "stories", "of_region", "of_topic")
LANGUAGES = ("all", "fi", "sv")  # every unit, Finnish only, with Swedish
SORTS = ("name", *MEASURES, "rank", "change", "coverage")
SHARES = (0.05, 0.15, 0.30)  # where a share goes from one word to the next


@dataclass(frozen=True, slots=True)
class Unit:
    """One region in the list."""

    code: str
    name: str
    figures: Mapping[str, Figure]
    change: float | None
    score: Score


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of a matrix in numbers; what a table of figures and a CSV file say of it."""

    region: str
    column: str
    value: float | None  # None: no number can be given
    low: float | None
    high: float | None
    digits: int
    percent: bool
    tone: int | None  # 0-4: the shade, by the word
    word: str  # message id; "" where there is none
    part: float | None = None  # stories counted
    whole: float | None = None  # of how many; or how many were expected
    reasons: tuple[str, ...] = ()


def chosen(reference: Reference, language: str, area: str) -> tuple[str, ...]:
    """The units that the filters leave, in their order."""
    return tuple(
        code for code in reference.units if _matches(reference.region[code], language, area)
    )


def _matches(region: Region, language: str, area: str) -> bool:
    if area != "all" and str(region.collab_area) != area:
        return False
    return language == "all" or region.bilingual == (language == "sv")


def areas(reference: Reference) -> tuple[str, ...]:
    """The collaborative areas that units belong to."""
    found = {reference.region[code].collab_area for code in reference.units}
    return tuple(str(a) for a in sorted(a for a in found if a is not None))


# --- the list ------------------------------------------------------------------------------------


def units(
    now: Iterable[Score], before: Iterable[Score], codes: Iterable[str], names: Mapping[str, str]
) -> tuple[Unit, ...]:
    """A line per unit with its three numbers."""
    totals = {s.region: s for s in now if s.group == ALL_GROUPS}
    old = {s.region: s for s in before if s.group == ALL_GROUPS}
    return tuple(
        Unit(
            code,
            names[code],
            {m: figure(totals[code], m) for m in MEASURES},
            change(totals[code], old.get(code), "combined"),
            totals[code],
        )
        for code in codes
        if code in totals
    )


def ordered(found: Sequence[Unit], sort: str) -> tuple[Unit, ...]:
    """By `sort`, one of SORTS, with a leading "-" the other way round; unknown numbers last."""
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(found, key=lambda u: collation(u.name))
    if name == "name":
        return tuple(reversed(by_name) if reverse else by_name)
    down = (name != "rank") != reverse
    known = [u for u in by_name if _key(u, name) is not None]
    known.sort(key=lambda u: _key(u, name) or 0.0, reverse=down)
    return (*known, *(u for u in by_name if _key(u, name) is None))


def _key(unit: Unit, name: str) -> float | None:
    if name in MEASURES:
        return unit.figures[name].value
    if name == "rank":
        return unit.score.rank
    return unit.change if name == "change" else unit.score.coverage.exposure


# --- the matrices --------------------------------------------------------------------------------


def group_lines(scores: Iterable[Score], codes: Sequence[str], measure: str) -> tuple[Line, ...]:
    """`measure` of every region and group."""
    wanted = set(codes)
    return tuple(
        _group_line(s.region, s.group, figure(s, measure))
        for s in scores
        if s.region in wanted and s.group != ALL_GROUPS
    )


def _group_line(region: str, group: str, f: Figure) -> Line:
    if f.value is None:
        return Line(region, group, None, None, None, 0, False, None, "", reasons=f.reasons)
    n = step(f.value)
    return Line(region, group, f.value, f.low, f.high, 0, False, n, f"step.{n}")


def signal_lines(
    signals: Mapping[tuple[str, str], TopicSignal], codes: Iterable[str], measure: str
) -> tuple[Line, ...]:
    """Pressure (0-100) or stories of every region and topic."""
    make = _pressure_line if measure == "pressure" else _stories_line
    wanted = set(codes)
    return tuple(make(s) for s in signals.values() if s.region in wanted)


def _pressure_line(s: TopicSignal) -> Line:
    p = s.pressure
    if p is None:
        return _unheard(s)
    n = step(100 * p.value)
    value, low, high = 100 * p.value, 100 * p.low, 100 * p.high
    return Line(
        s.region, s.topic, value, low, high, 0, False, n, f"step.{n}", s.weighted, s.expected
    )


def _stories_line(s: TopicSignal) -> Line:
    word, tone = against_usual(s)
    if s.expected is None:
        return _unheard(s, float(s.stories))
    return Line(
        s.region,
        s.topic,
        float(s.stories),
        None,
        None,
        0,
        False,
        tone,
        word,
        s.weighted,
        s.expected,
    )


def _unheard(s: TopicSignal, value: float | None = None) -> Line:
    return Line(
        s.region, s.topic, value, None, None, 0, False, None, "situation.unheard", s.weighted
    )


def against_usual(s: TopicSignal) -> tuple[str, int]:
    """Whether this week's rate lies above or below what the past leads one to expect: message id, tone."""
    if s.rate is None or s.expected is None or s.exposure <= 0:
        return "situation.unheard", 0
    usual = s.expected / s.exposure
    if s.rate.low > usual:
        return "situation.more", 3
    return ("situation.fewer", 0) if s.rate.high < usual else ("situation.usual", 1)


def share_lines(
    cells: Iterable[CoverageCell], codes: Iterable[str], measure: str
) -> tuple[Line, ...]:
    """A topic's share of the region's news, or the region's share of the topic's."""
    wanted = set(codes)
    return tuple(
        _share_line(c, c.of_region if measure == "of_region" else c.of_topic)
        for c in cells
        if c.region in wanted
    )


def _share_line(cell: CoverageCell, share: Share) -> Line:
    counted = (share.part, share.whole)
    if share.value is None or share.interval is None:
        word = "situation.no_news"
        return Line(cell.region, cell.topic, None, None, None, 0, True, None, word, *counted)
    tone = 1 + sum(share.value >= limit for limit in SHARES)
    low, high = share.interval.low, share.interval.high
    word = f"situation.share.{tone}"
    return Line(cell.region, cell.topic, share.value, low, high, 0, True, tone, word, *counted)


def by_cell(lines: Iterable[Line]) -> dict[tuple[str, str], Line]:
    """The lines by region and column."""
    return {(line.region, line.column): line for line in lines}


# --- as it is written ----------------------------------------------------------------------------


def number(value: float | None, line: Line, t: Translator) -> str:
    """A number of `line` as it is written; "–" where there is none."""
    if value is None:
        return "–"
    return t.percent(value) if line.percent else t.number(value, line.digits)


def span(line: Line, t: Translator) -> str:
    """The interval; "" where there is none."""
    if line.low is None or line.high is None:
        return ""
    low, high = number(line.low, line, t), number(line.high, line, t)
    return low if low == high else f"{low}–{high}"


COLUMNS = (
    "week", "region", "region_name", "column", "column_name", "measure", "value", "low", "high",
    "stories", "of_stories", "word", "reasons",
)  # fmt: skip


def to_csv(
    lines: Iterable[Line],
    week: str,
    measure: str,
    names: Mapping[str, str],
    columns: Mapping[str, str],
    t: Translator,
) -> str:
    """The lines as CSV: numbers with a point, safe against formulas. `stories` are weighted or expected
    stories counted, `of_stories` those they are a part of, or those expected of such a week."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        said = "; ".join(t.reason(r) for r in line.reasons)
        word = t(line.word) if line.word else ""
        cells = (
            week, line.region, names[line.region], line.column, columns[line.column], measure,
            line.value, line.low, line.high, line.part, line.whole, word, said,
        )  # fmt: skip
        writer.writerow([_cell(c) for c in cells])
    return out.getvalue()


def list_csv(found: Iterable[Unit], week: str, t: Translator) -> str:
    """The list as CSV: a row per region and number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("week", "region", "region_name", "measure", "value", "low", "high", "rank_low",
         "rank_high", "change", "coverage", "reasons")
    )  # fmt: skip
    for unit in found:
        low, high = unit.score.rank_range or (None, None)
        for measure, f in unit.figures.items():
            whole = measure == "combined"
            said = "; ".join(t.reason(r) for r in f.reasons)
            cells = (
                week, unit.code, unit.name, measure, f.value, f.low, f.high,
                low if whole else None, high if whole else None, unit.change if whole else None,
                unit.score.coverage.exposure, said,
            )  # fmt: skip
            writer.writerow([_cell(c) for c in cells])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    return for_spreadsheet(value) if isinstance(value, str) else value
