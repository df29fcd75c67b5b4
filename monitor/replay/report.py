"""What a replay reports: values, their JSON, and the tables people read. Pure; computes no figure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import isnan, nan
from typing import Any

from pydantic import TypeAdapter

from monitor.replay.measure import Figure
from monitor.replay.methods import BASELINES, ORACLE, OURS

AT_SENSITIVITY = 0.80
BAR_PRECISION = 0.60
BAR_TIMES = 2.0  # the usual volume
HELD = (0.75, 0.85)  # share of truths that 80 % intervals may hold
LEAST_HELD = 100  # intervals without which no verdict is given


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One method in one case. Of the oracle there is nothing at its own limit: it has none."""

    method: str
    precision: Figure
    sensitivity: Figure
    false_alarms: Figure  # per region and month
    lead: Figure  # days
    delay: Figure  # days
    equal_sensitivity: Figure  # at our false alarms
    equal_precision: Figure
    behind: Figure  # our sensitivity less this one's, at our false alarms
    precision_at: Figure | None  # at AT_SENSITIVITY; None where it cannot be reached
    false_alarms_at: Figure | None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Every method on the same simulated weeks."""

    times: float  # size of the events
    of: str  # cell | region
    classifiers: str  # measured | perfect
    events: int
    rows: tuple[MethodRow, ...]


@dataclass(frozen=True, slots=True)
class QuietResult:
    """Weeks without any event: every alert is false."""

    weeks: int
    with_alert: Figure  # share of weeks with at least one alert of ours
    false_alarms: Figure  # of ours, per region and month
    promised: float  # the false discovery rate, which with no event is the chance of any alert


@dataclass(frozen=True, slots=True)
class SizeResult:
    """How often events that add so many stories a week are found by our alerts, and by the oracle."""

    least: float
    below: float | None
    ours: Figure
    oracle: Figure  # at our false alarms


@dataclass(frozen=True, slots=True)
class HeldResult:
    """How often the interval holds the truth."""

    world: str  # model | plausible
    number: str  # R | M | C
    exposure: str  # which weeks: all, or a class of exposure
    held: Figure
    above: float  # share of truths above the interval
    below: float


@dataclass(frozen=True, slots=True)
class SilenceResult:
    """What losing half of its publisher groups in a week does to a region's total."""

    cases: int  # regions and weeks, cut one at a time
    not_ready: Figure  # no score any more: silence shows as silence
    lowered: Figure  # below the interval it had, of those that stay ready
    better_rank: Figure  # ranked as less of a worry than its rank range allowed, of those
    mean_change: float  # of the combined score, in points


@dataclass(frozen=True, slots=True)
class Report:
    """A whole replay."""

    seed: int
    runs: int
    weeks: int
    methodology: str
    world: dict[str, Any]  # assumptions
    error_rates: dict[str, tuple[float, float]]
    cases: tuple[CaseResult, ...]
    quiet: QuietResult | None
    sizes: tuple[SizeResult, ...]
    intervals: tuple[HeldResult, ...]
    silence: SilenceResult | None

    def to_json(self) -> str:
        """Every figure with its interval and n; what could not be measured is null."""
        return json.dumps(_plain(asdict(self)), indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if isnan(value) else round(value, 6)
    return value


def from_json(text: str) -> Report:
    """What `to_json` wrote, to six decimals. Raises pydantic.ValidationError for anything else."""
    plain = json.loads(text, object_hook=_numbers)
    return TypeAdapter(Report).validate_python(plain)


def _numbers(value: dict[str, Any]) -> dict[str, Any]:
    if value.keys() == {"value", "low", "high", "n"}:
        return {key: nan if item is None else item for key, item in value.items()}
    return value


def as_text(report: Report) -> str:
    """Every table, as Markdown."""
    parts = [case_table(case) for case in report.cases]
    parts += [bar_text(case) for case in report.cases if case.times == BAR_TIMES]
    return "\n\n".join([*parts, *_rest(report)]) + "\n"


def as_page(report: Report) -> str:
    """The tables that the methodology page shows: the bar's case in full, of the others what decides."""
    shown_in_full = [c for c in report.cases if is_bar(c)]
    parts = [case_table(case) for case in shown_in_full]
    parts += [bar_text(case) for case in shown_in_full]
    parts += [cases_table(report.cases)] if report.cases else []
    return "\n\n".join([*parts, *_rest(report)]) + "\n"


def is_bar(case: CaseResult) -> bool:
    """Whether it is the case that the bar is about."""
    return (case.times, case.of, case.classifiers) == (BAR_TIMES, "region", "measured")


def _rest(report: Report) -> list[str]:
    return [
        *([quiet_text(report.quiet)] if report.quiet else []),
        *([sizes_table(report.sizes)] if report.sizes else []),
        *([held_table(report.intervals)] if report.intervals else []),
        *([silence_text(report.silence)] if report.silence else []),
    ]


def cases_table(cases: Sequence[CaseResult]) -> str:
    """One line per case: ours at its own limit, and precision at the bar's sensitivity."""
    header = (
        "events", "usual volume of", "classifiers", "n", "our precision", "our sensitivity",
        f"precision at sensitivity {AT_SENSITIVITY:.2f}: ours", "best baseline", "oracle",
    )  # fmt: skip
    return _table(header, [_case_line(case) for case in cases])


def _case_line(case: CaseResult) -> Sequence[str]:
    by_name = {row.method: row for row in case.rows}
    ours = by_name[OURS]
    reached = [by_name[n] for n in BASELINES if by_name[n].precision_at is not None]
    best = max(reached, key=lambda r: r.precision_at.value if r.precision_at else 0, default=None)
    return (
        f"{case.times:g} ×", case.of, case.classifiers, str(case.events),
        shown(ours.precision), shown(ours.sensitivity), _or_not(ours.precision_at),
        f"{best.method} {_or_not(best.precision_at)}" if best else "not reached",
        _or_not(by_name[ORACLE].precision_at),
    )  # fmt: skip


def case_title(case: CaseResult) -> str:
    """Which events, and how many of them."""
    whose = "its topic's in the region" if case.of == "cell" else "the region's whole"
    perfect = "; classifiers that hardly err" if case.classifiers == "perfect" else ""
    return f"**Events of {case.times:g} times {whose} usual volume{perfect}** (n {case.events})"


def case_table(case: CaseResult) -> str:
    """All methods of a case side by side."""
    header = (
        "method", "precision", "sensitivity", "false alarms", "lead, days", "delay, days",
        "sensitivity at our false alarms", "ours ahead by",
        f"precision at sensitivity {AT_SENSITIVITY:.2f}",
    )  # fmt: skip
    rows = [
        (
            row.method, shown(row.precision), shown(row.sensitivity), shown(row.false_alarms),
            shown(row.lead, 0), shown(row.delay, 0),
            shown(row.equal_sensitivity), shown(row.behind),
            _or_not(row.precision_at),
        )
        for row in case.rows
    ]  # fmt: skip
    return f"{case_title(case)}\n\n{_table(header, rows)}"


def bar_text(case: CaseResult) -> str:
    """Whether the bar is reached: precision at the sensitivity asked for, and ahead of each baseline."""
    by_name = {row.method: row for row in case.rows}
    ours, oracle = by_name[OURS], by_name[ORACLE]
    met = ours.precision_at is not None and ours.precision_at.value >= BAR_PRECISION
    verdicts = [
        f"{name} {_ahead(row.behind)}" for name, row in by_name.items() if name in BASELINES
    ]
    return (
        f"{case_title(case)}: precision at sensitivity {AT_SENSITIVITY:.2f} is "
        f"{_or_not(ours.precision_at)}, {'met' if met else '**missed**'} (at least {BAR_PRECISION:.2f}); "
        f"the oracle's is {_or_not(oracle.precision_at)}. Ahead at our false alarms of: "
        f"{', '.join(verdicts)}."
    )


def _ahead(behind: Figure) -> str:
    return "yes" if behind.low > 0 else "no" if behind.high < 0 else "not told apart"


def _or_not(figure: Figure | None) -> str:
    return shown(figure) if figure else "not reached"


def quiet_text(quiet: QuietResult) -> str:
    """One sentence on weeks without an event."""
    return (
        f"Without any event, {shown(quiet.with_alert)} of {quiet.weeks} weeks had an alert of ours "
        f"(promised: at most {quiet.promised:g}), {shown(quiet.false_alarms)} per region and month."
    )


def sizes_table(sizes: Sequence[SizeResult]) -> str:
    """Share of events found, by size."""
    rows = [
        (
            f"{s.least:g}–{s.below:g}" if s.below is not None else f"{s.least:g} or more",
            str(s.ours.n), shown(s.ours), shown(s.oracle),
        )
        for s in sizes
    ]  # fmt: skip
    header = ("stories a week added", "events", "found by our alerts", "by the oracle")
    return _table(header, rows)


def held_table(intervals: Sequence[HeldResult]) -> str:
    """How often intervals hold."""
    rows = [
        (
            h.world, h.number, h.exposure, str(h.held.n), shown(h.held),
            f"{h.below:.3f}", f"{h.above:.3f}",
            _within(h.held),
        )
        for h in intervals
    ]  # fmt: skip
    header = (
        "world", "number", "exposure", "n", "held", "truth below", "truth above",
        f"within {HELD[0]:.2f}–{HELD[1]:.2f}",
    )  # fmt: skip
    return _table(header, rows)


def _within(held: Figure) -> str:
    if held.n < LEAST_HELD:
        return "too few to say"
    return "yes" if HELD[0] <= held.value <= HELD[1] else "**no**"


def silence_text(silence: SilenceResult) -> str:
    """One paragraph on cut feeds."""
    return (
        f"Half of a region's publisher groups cut in one week, {silence.cases} times: "
        f"{shown(silence.not_ready)} became not ready; of the others {shown(silence.lowered)} fell below "
        f"the interval they had, {shown(silence.better_rank)} left their rank range towards less worry; "
        f"the score moved by {silence.mean_change:+.2f} points on average."
    )


def shown(figure: Figure, digits: int = 2) -> str:
    """A figure with its 95 % interval; a dash where there is none."""
    if isnan(figure.value):
        return "–"
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
