"""A region's past as values: its year in a chart, and who was heard week by week. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from monitor.charts import Point
from monitor.db.coverage import RegionHearing
from monitor.i18n import Translator
from monitor.readiness.convert import Event
from monitor.values import Score
from monitor.web.figures import MEASURES, Figure, figure
from monitor.web.year import Marked, Panel, short_week, year_chart
from monitor.weeks import week_of_day

GROUPS = 6  # publisher groups listed
TICKS = ((0.0, "0"), (50.0, "50"), (100.0, "100"))


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the three numbers."""

    weeks: tuple[str, ...]  # the oldest first
    figures: tuple[tuple[str, Mapping[str, Figure] | None], ...]  # None: not scored
    events: tuple[tuple[str, Event], ...]  # the number in the chart, and what happened
    chart: Markup


def year(
    past: Mapping[str, Score], weeks: Sequence[str], events: Sequence[Event], t: Translator
) -> Year:
    """The three numbers of `weeks`, with the events that lie in them; `past` is week -> score."""
    found = tuple(
        (w, {m: figure(past[w], m) for m in MEASURES} if w in past else None) for w in weeks
    )
    place = {week: i for i, week in enumerate(weeks)}
    inside = [e for e in sorted(events, key=lambda e: e.on) if week_of_day(e.on) in place]
    told = tuple((str(i), e) for i, e in enumerate(inside, 1))
    marked = [
        Marked(place[week_of_day(e.on)], n, f"{t.day(e.on)} {t.word('event', e.kind)}")
        for n, e in told
    ]
    chart = year_chart(
        [_panel(m, found, t) for m in MEASURES],
        [short_week(w) for w in weeks],
        marked,
        title=t("situation.year", n=len(weeks)),
        description=t("situation.year_desc"),
        name="year",
    )
    return Year(tuple(weeks), found, told, chart)


def _panel(
    measure: str, found: Sequence[tuple[str, Mapping[str, Figure] | None]], t: Translator
) -> Panel:
    series = [None if by is None else by[measure] for _, by in found]
    last = next((f.value for f in reversed(series) if f and f.value is not None), None)
    return Panel(
        t(f"measure.{measure}"),
        tuple(Point(f.value, f.low, f.high) if f else Point(None) for f in series),
        100.0,
        "" if last is None else t.number(last),
        TICKS,
    )


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Who was heard, week by week; None: not known."""

    label: str
    shares: tuple[float | None, ...]


def ledger(
    heard: Mapping[str, RegionHearing], weeks: Sequence[str], t: Translator
) -> tuple[tuple[LedgerLine, ...], int]:
    """A line for all sources, each language and the heaviest publisher groups; groups left out."""
    known = [heard[w].breakdown for w in weeks if w in heard]
    if not known:
        return (), 0
    languages = list(dict.fromkeys(lang for b in known for lang, _ in b.languages))
    groups = list(dict.fromkeys(group for b in reversed(known) for group, _ in b.groups))
    whole = tuple(
        heard[w].breakdown.share if w in heard and heard[w].breakdown.groups else None
        for w in weeks
    )
    lines = [LedgerLine(t("situation.ledger.all"), whole)]
    for lang in languages:
        label = t("situation.ledger.language", name=t.word("language", lang))
        lines.append(LedgerLine(label, _shares(heard, weeks, "languages", lang)))
    for group in groups[:GROUPS]:
        label = t("situation.ledger.group", name=group)
        lines.append(LedgerLine(label, _shares(heard, weeks, "groups", group)))
    return tuple(lines), max(0, len(groups) - GROUPS)


def _shares(
    heard: Mapping[str, RegionHearing], weeks: Sequence[str], of: str, name: str
) -> tuple[float | None, ...]:
    return tuple(
        dict(getattr(heard[w].breakdown, of)).get(name) if w in heard else None for w in weeks
    )
