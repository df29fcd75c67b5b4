"""The state of a feed in one word, its last weeks day by day, and what to do about it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Protocol
from urllib.parse import urlsplit

from markupsafe import Markup

from monitor.coverage.calendar import days_between
from monitor.coverage.verdicts import TROUBLES, WORKER_DOWN, Verdict
from monitor.db.feeds import FeedHealth
from monitor.i18n import Translator
from monitor.values import FeedStatus

# Worst first: what needs a person stands on top.
STATES = ("gone", "refused", "silent", "moved", "failing", "waiting", "ok")
SILENT_AFTER = timedelta(days=3)  # a server may be down over a weekend
NEVER_ANSWERED = 3.0  # graded failures of a feed that never answered: its address is probably wrong


def state(health: FeedHealth, now: datetime) -> str:
    """One of STATES."""
    if health.status is FeedStatus.GONE:
        return "gone"
    if health.last_poll is None:
        return "waiting"
    if health.permission is not None and not health.permission.may:
        return "refused"
    if health.failures > 0:
        return "silent" if _long_silent(health, now) else "failing"
    return "moved" if health.moved_to else "ok"


def _long_silent(health: FeedHealth, now: datetime) -> bool:
    if health.last_success is None:
        return health.failures >= NEVER_ANSWERED
    return now - health.last_success > SILENT_AFTER


def ordered(feeds: Iterable[FeedHealth], now: datetime) -> list[tuple[FeedHealth, str]]:
    """Feeds with their states, the worst first, then by name."""
    stated = [(feed, state(feed, now)) for feed in feeds]
    return sorted(stated, key=lambda pair: (STATES.index(pair[1]), pair[0].spec.title.lower()))


def counts(stated: Iterable[tuple[FeedHealth, str]]) -> dict[str, int]:
    """State -> number of feeds, for the states that occur, worst first."""
    found = Counter(name for _, name in stated)
    return {name: found[name] for name in STATES if name in found}


def origin(feed: FeedHealth) -> str:
    """scheme://host[:port] of where the feed is asked; "" where its address is none."""
    try:
        parts = urlsplit(feed.moved_to or feed.spec.url)
        standard = {"http": 80, "https": 443}.get(parts.scheme)
        port = f":{parts.port}" if parts.port not in (None, standard) else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}"


# --- the ledger ----------------------------------------------------------------------------------

DAYS_SHOWN = 28
# A sign of its own for each verdict: colour is never the only difference.
SIGNS: dict[Verdict | None, str] = {
    Verdict.HEARD: "●",
    Verdict.QUIET: "○",
    Verdict.QUIETER: "▽",
    Verdict.FAILING: "✕",
    Verdict.TEASER: "◐",
    Verdict.NOT_ALLOWED: "⊘",
    Verdict.NOT_POLLED: "–",
    None: "·",
}


class Day(Protocol):
    """What is shown of a day of a source; see `monitor.coverage.verdicts.SourceDay`."""

    @property
    def day(self) -> date: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def since(self) -> date | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def observed(self) -> int | None: ...
    @property
    def expected(self) -> float | None: ...
    @property
    def at_most(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One day in a strip."""

    sign: str
    name: str  # for the style sheet
    note: str  # day and verdict in words


@dataclass(frozen=True, slots=True)
class Strip:
    """The last weeks of a source, and the same in words."""

    cells: tuple[Cell, ...]
    drawn: Markup  # the same, one sign beside the other
    label: str  # the whole strip in a sentence
    troubles: tuple[str, ...]  # what was wrong, the newest first


def strip(days: Iterable[Day], today: date, t: Translator) -> Strip:
    """The DAYS_SHOWN days up to `today`."""
    known = {day.day: day for day in days}
    shown = list(days_between(today - timedelta(days=DAYS_SHOWN - 1), today))
    verdicts = tuple(known[day].verdict if day in known else None for day in shown)
    cells, drawn = _cells(tuple(shown), verdicts, t.language)
    counted = Counter(known[day].verdict for day in shown if day in known)
    runs = [
        f"{word(verdict, t)} {t('ledger.days', n=counted[verdict])}"
        for verdict in Verdict
        if counted[verdict]
    ]
    label = t(
        "ledger.strip",
        first=t.day(shown[0]),
        last=t.day(shown[-1]),
        runs=", ".join(runs) or word(None, t),
    )
    return Strip(cells, drawn, label, _troubles([known[day] for day in shown if day in known], t))


def word(verdict: Verdict | None, t: Translator) -> str:
    """A verdict in words."""
    return t.word("verdict", str(verdict) if verdict else "none")


def key(t: Translator) -> list[tuple[str, str, str]]:
    """Every sign with its style and its word."""
    return [(sign, _name(verdict), word(verdict, t)) for verdict, sign in SIGNS.items()]


def worker_days(days: Mapping[str, Sequence[Day]], t: Translator) -> list[str]:
    """The days on which our own worker asked nobody, those that follow each other as one."""
    found = sorted({d.day for some in days.values() for d in some if d.reason == WORKER_DOWN})
    runs: list[list[date]] = []
    for day in found:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [_span(run[0], run[-1], t) for run in runs]


def _span(first: date, last: date, t: Translator) -> str:
    return t.day(first) if first == last else f"{t.day(first)}–{t.day(last)}"


def _name(verdict: Verdict | None) -> str:
    return str(verdict or "none").replace(" ", "-")


@lru_cache(maxsize=1024)  # most of a page's hundreds of feeds had the same four weeks
def _cells(
    days: tuple[date, ...], verdicts: tuple[Verdict | None, ...], language: str
) -> tuple[tuple[Cell, ...], Markup]:
    made = [_cell(day, v, language) for day, v in zip(days, verdicts, strict=True)]
    return tuple(cell for cell, _ in made), Markup("").join(drawn for _, drawn in made)


@lru_cache(maxsize=4096)
def _cell(day: date, verdict: Verdict | None, language: str) -> tuple[Cell, Markup]:
    t = Translator(language)
    note = t("ledger.day", day=t.date(day), verdict=word(verdict, t))
    cell = Cell(SIGNS[verdict], _name(verdict), note)
    drawn = Markup('<span class="day {}" title="{}">{}</span>').format(cell.name, note, cell.sign)
    return cell, drawn


def _troubles(days: Sequence[Day], t: Translator) -> tuple[str, ...]:
    runs = [list(run) for _, run in groupby(days, key=lambda d: (d.verdict, d.since))]
    # What our own worker did stands once above all feeds.
    wrong = [r for r in runs if r[0].verdict in TROUBLES and r[0].reason != WORKER_DOWN]
    return tuple(_sentence(run, days[-1].day, t) for run in reversed(wrong))


def _sentence(run: Sequence[Day], newest: date, t: Translator) -> str:
    last = run[-1]
    said = word(last.verdict, t)
    since = last.since or run[0].day
    if last.day == newest:
        text = t("ledger.since", verdict=said, since=t.day(since))
    elif since == last.day:
        text = t("ledger.day", verdict=said, day=t.day(since))
    else:
        text = t("ledger.run", verdict=said, first=t.day(since), last=t.day(last.day))
    more = _why(last, t)
    return f"{text} ({more})" if more else text


def _why(day: Day, t: Translator) -> str:
    if day.reason:
        return t.failure(day.reason)
    if day.verdict is not Verdict.QUIETER or day.expected is None or day.at_most is None:
        return ""
    return t(
        "ledger.statistic",
        observed=day.observed or 0,
        expected=t.number(day.expected, 1),
        chance=chance(day.at_most, t),
    )


def chance(probability: float, t: Translator) -> str:
    """A probability, "< 0.01 %" where it is smaller than that."""
    return f"< {t.percent(0.0001, 2)}" if probability < 0.0001 else t.percent(probability, 2)
