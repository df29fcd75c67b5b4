"""One region's readiness as values: what is not done, and every datum with where it came from. Pure.

Of each indicator, organiser, question and programme the newest period is shown, of interviews a year.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from monitor import charts
from monitor.i18n import Translator
from monitor.readiness.grants import Drawdown, Grant, drawdowns
from monitor.readiness.indicators import Indicator
from monitor.readiness.state import NOT_APPLICABLE_UNIT
from monitor.values import Observation

INTERVIEW_DAYS = 366


@dataclass(frozen=True, slots=True)
class Programme:
    """A grant on its newest report day."""

    now: Drawdown
    seen: Observation | None  # the row that says where it came from
    bar: Markup


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator's newest value between its reference points."""

    seen: Observation
    name: str
    value: str
    worst: str
    best: str


def in_force(found: Iterable[Observation], day: date) -> list[Observation]:
    """Of several imports of one period the last counts; periods that are over on `day`, oldest first."""
    periods: dict[tuple[object, ...], Observation] = {}
    for o in sorted(found, key=lambda o: (o.imported_at, o.id)):
        if o.period_end <= day:
            key = (o.component, o.indicator, o.group, o.period_start, o.period_end)
            periods[key] = o
    return sorted(periods.values(), key=lambda o: (o.period_end, o.id))


def newest(
    found: Iterable[Observation], component: str, groups: Sequence[str]
) -> list[Observation]:
    """The newest datum of each indicator and group of a component, in the order of `groups`."""
    series: dict[tuple[str, str], Observation] = {}
    for o in found:  # the oldest first
        if o.component == component and _says_something(o):
            series[o.group, o.indicator] = o
    order = {group: place for place, group in enumerate(groups)}
    return sorted(series.values(), key=lambda o: order.get(o.group, -1))  # the whole region first


def _says_something(o: Observation) -> bool:
    return o.value is not None or o.unit == NOT_APPLICABLE_UNIT


def interviews(found: Iterable[Observation], day: date) -> list[Observation]:
    """The ratings of a year, the newest first."""
    year = [
        o
        for o in found
        if o.component == "interview" and o.period_end > day - timedelta(days=INTERVIEW_DAYS)
    ]
    return sorted(year, key=lambda o: (o.period_end, o.id), reverse=True)


def programmes(
    given: Iterable[Grant], known: Iterable[Observation], day: date, t: Translator
) -> list[Programme]:
    """The newest report of each programme, those furthest behind their time first."""
    newest_reports = [reports[-1] for reports in drawdowns(given, day)]
    newest_reports.sort(key=lambda d: (-d.behind, d.grant.programme))
    origins = {(o.indicator, o.group, o.period_end): o for o in known if o.component == "grants"}
    return [
        Programme(d, origins.get((f"{g.programme}: used", g.group, g.as_of)), _bar(d, n, t))
        for n, d in enumerate(newest_reports)
        for g in [d.grant]
    ]


def _bar(d: Drawdown, number: int, t: Translator) -> Markup:
    said = t(
        "ready.pace_bar",
        programme=d.grant.programme,
        used=t.percent(d.used),
        time=t.percent(d.time),
    )
    return charts.pace_bar(d.used, d.time, title=said, name=f"pace-{number}")


def measured(
    found: Sequence[Observation],
    table: Mapping[str, Indicator],
    groups: Sequence[str],
    t: Translator,
) -> list[Measured]:
    """The indicators, with their reference points as the table has them now."""
    return [_measured(o, table.get(o.indicator), t) for o in newest(found, "indicator", groups)]


def _measured(o: Observation, known: Indicator | None, t: Translator) -> Measured:
    value = amount(o.value, o.unit, t)
    if known is None:  # a row that has since been taken out of the table
        return Measured(o, o.indicator, value, "", "")
    name = {"fi": known.fi, "sv": known.sv, "en": known.en}[t.language]
    worst, best = (amount(v, known.unit, t) for v in (known.worst, known.best))
    return Measured(o, name, value, worst, best)


# --- as it is written ----------------------------------------------------------------------------


def amount(value: float | None, unit: str, t: Translator) -> str:
    """A value with its unit; "" where the source has none."""
    if value is None:
        return ""
    shown = t.number(value, 0 if value == int(value) else 1)
    if unit in ("rating_1_5", "points"):
        return shown
    return f"{shown}\N{NO-BREAK SPACE}{t.word('unit', unit)}"


def period(o: Observation, t: Translator) -> str:
    """A period as people write it: a day, a month, a quarter, a year, or from day to day."""
    first, last = o.period_start, o.period_end
    if first == last:
        return t.day(first)
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1:
        months = (after.year - first.year) * 12 + after.month - first.month
        if months == 1:
            return t.month(f"{first.year:04d}-{first.month:02d}")
        if months == 3 and first.month % 3 == 1:
            return t("period.quarter", number=str(first.month // 3 + 1), year=str(first.year))
        if months == 12 and first.month == 1:
            return str(first.year)
    return f"{t.day(first)}–{t.day(last)}"
