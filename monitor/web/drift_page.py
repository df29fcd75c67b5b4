"""How what versions say has moved from week to week: charts with their tables. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from classifiers.reference import Reference
from monitor.charts import Point
from monitor.i18n import Translator
from monitor.review.values import Estimate, Share
from monitor.training.drift import BEFORE, LARGE, LOOK, STEPS, Shift, Week, bins_of, shifts
from monitor.web.year import Panel, short_week, year_chart

WEEKS = 26  # shown
LANGUAGES = ("fi", "sv")
HALF = STEPS // 2  # steps of P(relevant) from here on mean: rather relevant than not


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's numbers: a row for each week, the newest first."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and its table."""

    chart: Markup
    table: Table


def shifted(found: Mapping[str, Sequence[Week]], last: str) -> tuple[tuple[str, str, Shift], ...]:
    """(task, language, shift) of what shifted in the last full week, by more than noise."""
    moved = []
    for task, weeks in found.items():
        for language in LANGUAGES:
            for shift in shifts(weeks, language)[-1:]:
                if shift.week == last and shift.verdict in ("shifted", "large"):
                    moved.append((task, language, shift))
    return tuple(moved)


def index_drawn(task: str, weeks: Sequence[str], found: Sequence[Week], t: Translator) -> Drawn:
    """The population stability index of each week and language."""
    series = {lang: {s.week: s for s in shifts(found, lang)} for lang in LANGUAGES}
    highest = max((s.index or 0.0 for of in series.values() for s in of.values()), default=0.0)
    top = max(0.4, highest * 1.1)
    panels = [
        _panel(
            t.word("language", lang),
            [Point(of[w].index if w in of else None) for w in weeks],
            top,
            ((0.0, "0"), (LOOK, t.number(LOOK, 1)), (LARGE, t.number(LARGE, 2))),
            lambda value: t.number(value, 2),
        )
        for lang, of in series.items()
    ]
    heads = tuple(
        f"{t.word('language', lang)}: {t('models.drift.' + what)}"
        for lang in LANGUAGES
        for what in ("n", "index", "noise", "verdict")
    )
    rows = [
        (w, tuple(cell for lang in LANGUAGES for cell in _shift(series[lang].get(w), t)))
        for w in reversed(weeks)
    ]
    title = t("models.drift.chart_index", task=t.word("models.task", task))
    return _drawn(f"index-{task}", title, panels, weeks, Table(heads, tuple(rows)), t)


def relevant_drawn(weeks: Sequence[str], found: Sequence[Week], t: Translator) -> Drawn:
    """The share of articles that the version holds rather relevant than not."""
    by_week = {week.week: week for week in found}
    series = {lang: [_relevant_share(by_week.get(w), lang) for w in weeks] for lang in LANGUAGES}
    known = [s for of in series.values() for _, s in of if s is not None]
    top = next(step for step in (0.1, 0.2, 0.5, 1.0) if step >= max([0.0, *known]))
    panels = [
        _panel(
            t("models.drift.in_percent", language=t.word("language", lang)),
            [Point(share) for _, share in of], top,
            tuple((v, t.number(100 * v)) for v in (0.0, top / 2, top)),
            lambda value: t.number(100 * value),
        )
        for lang, of in series.items()
    ]  # fmt: skip
    heads = tuple(
        f"{t.word('language', lang)}: {t('models.drift.' + what)}"
        for lang in LANGUAGES
        for what in ("n", "share")
    )
    rows = [
        (w, tuple(c for lang in LANGUAGES for c in _counted(series[lang][i], t)))
        for i, w in reversed(list(enumerate(weeks)))
    ]
    title = t("models.drift.chart_relevant")
    return _drawn("relevant", title, panels, weeks, Table(heads, tuple(rows)), t)


def estimates_drawn(
    what: str, weeks: Sequence[str], found: Sequence[Estimate], t: Translator
) -> Drawn:
    """Precision and recall of each week by its random slice, with their intervals."""
    by_week = {e.week: e for e in found if e.what == what}
    series: dict[str, list[Share | None]] = {
        "precision": [by_week[w].precision if w in by_week else None for w in weeks],
        "recall": [by_week[w].recall if w in by_week else None for w in weeks],
    }
    panels = [
        _panel(
            t("models.drift.in_percent", language=t(f"models.drift.{name}")),
            [Point(s.value, s.low, s.high) if s else Point(None) for s in shares],
            1.0, ((0.0, "0"), (0.5, "50"), (1.0, "100")), lambda value: t.number(100 * value),
        )
        for name, shares in series.items()
    ]  # fmt: skip
    heads = tuple(t(f"models.drift.{name}") for name in ("decided", "precision", "recall"))
    rows = [
        (
            w,
            (
                t.number(by_week[w].decided) if w in by_week else "–",
                *(_share(shares[i], t) for shares in series.values()),
            ),
        )
        for i, w in reversed(list(enumerate(weeks)))
    ]
    title = t(f"models.drift.chart_{what}")
    return _drawn(f"slice-{what}", title, panels, weeks, Table(heads, tuple(rows)), t)


@dataclass(frozen=True, slots=True)
class TopicShare:
    """A topic's share of all topics that were said in the last week, and in the first weeks."""

    name: str
    n: int
    now: float
    before: float


def topic_shares(found: Sequence[Week], reference: Reference, t: Translator) -> list[TopicShare]:
    """The topics of the newest week, those that moved most first; [] where there is nothing before it."""
    if len(found) <= BEFORE:
        return []
    now = bins_of(found[-1])
    before = sum((bins_of(week) for week in found[:BEFORE]), start=type(now)())
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return []
    rows = [
        TopicShare(
            reference.topic[label].name.get(t.language) if label in reference.topic else label,
            now[label], now[label] / n, before[label] / m,
        )
        for label in {*now, *before}
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-abs(row.now - row.before), row.name))


def _relevant_share(week: Week | None, language: str) -> tuple[int, float | None]:
    if week is None:
        return 0, None
    counts = bins_of(week, language)
    n = sum(counts.values())
    above = sum(k for step, k in counts.items() if int(step) >= HALF)
    return n, above / n if n else None


def _panel(
    title: str,
    points: Sequence[Point],
    top: float,
    ticks: tuple[tuple[float, str], ...],
    write: Callable[[float], str],
) -> Panel:
    last = points[-1].value if points else None
    return Panel(title, tuple(points), top, "" if last is None else write(last), ticks)


def _drawn(
    name: str,
    title: str,
    panels: Sequence[Panel],
    weeks: Sequence[str],
    table: Table,
    t: Translator,
) -> Drawn:
    chart = year_chart(
        panels,
        [short_week(week) for week in weeks],
        (),
        title=title,
        description=t("models.drift.described"),
        name=name,
    )
    return Drawn(chart, table)


def _shift(shift: Shift | None, t: Translator) -> tuple[str, str, str, str]:
    if shift is None:
        return "–", "–", "–", "–"
    if shift.index is None or shift.noise is None or shift.verdict is None:
        return t.number(shift.n), "–", "–", "–"
    verdict = t(f"models.drift.verdict.{shift.verdict}")
    return t.number(shift.n), t.number(shift.index, 3), t.number(shift.noise, 3), verdict


def _counted(found: tuple[int, float | None], t: Translator) -> tuple[str, str]:
    n, share = found
    return t.number(n), "–" if share is None else t.percent(share, 1)


def _share(share: Share | None, t: Translator) -> str:
    if share is None:
        return "–"
    return f"{t.percent(share.value)} ({t.percent(share.low)}–{t.percent(share.high)})"
