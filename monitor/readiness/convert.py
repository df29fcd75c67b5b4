"""From the values of one row to readiness data, kind by kind; rules that span several cells.

Knows no files. Each function takes the row's values by column id and returns what the row says, or a
complaint about one of its columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.readiness.cells import Period, Value
from monitor.readiness.indicators import Indicator, share_done
from monitor.readiness.roadmap import RoadmapTask
from monitor.readiness.state import NOT_APPLICABLE_UNIT

RATING = "rating_1_5"
EURO = "euro"
SHARE = "share"

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint:
    """A row whose cells contradict each other."""

    column: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One datum of a file, before it has a place in the store and a history."""

    component: str
    region: str
    group: str
    indicator: str
    period_start: date
    period_end: date
    value: float | None
    unit: str
    done: float | None  # [0, 1]; None where the value says nothing of that
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What may occur once in a file."""
        parts = (self.component, self.region, self.group, self.indicator)
        return (*parts, self.period_start, self.period_end)


@dataclass(frozen=True, slots=True)
class Event:
    """A dated event of a region."""

    region: str
    kind: str  # an id of templates.EVENTS
    on: date
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        return (self.region, self.kind, self.on)


Data = tuple[RoadmapTask, ...] | tuple[Reading, ...] | tuple[Event, ...]


def roadmap(v: Values) -> tuple[RoadmapTask, ...] | Complaint:
    started, finished, as_of = v.get("started"), v.get("finished"), v["as_of"]
    for column, day in (("started", started), ("finished", finished)):
        if day is not None and day > as_of:
            expected = f"a day not after the report's own, {as_of}"
            return Complaint(column, expected, "leave it empty until it has happened")
    if finished is not None and started is None:
        return Complaint("started", "a day, for the task is finished", "fill it in")
    if finished is not None and finished < started:
        return Complaint("finished", f"a day not before the start, {started}", "check both days")
    names = ("region", "group", "task_whole", "task", "subtask", "critical", "phase", "due")
    columns = {name: v[name] for name in names}
    return (RoadmapTask(**columns, started=started, finished=finished, as_of=as_of),)


def organisers(v: Values) -> tuple[Reading, ...] | Complaint:
    if v["to"] < v["from"]:
        return Complaint("to", f"a day not before {v['from']}", "check both days")
    return (_rating("organisers", v, v["organiser"], Period(v["from"], v["to"])),)


def interview(v: Values) -> tuple[Reading, ...] | Complaint:
    return (_rating("interview", v, v["role"], Period(v["date"], v["date"])),)


def _rating(component: str, v: Values, indicator: str, period: Period) -> Reading:
    return Reading(
        component=component,
        region=v["region"],
        group=v["group"],
        indicator=indicator,
        period_start=period.first,
        period_end=period.last,
        value=v["rating"],
        unit=RATING,
        done=share_done(v["rating"], worst=1, best=5),
        note=v.get("note") or "",
    )


def survey(v: Values) -> tuple[Reading, ...] | Complaint:
    value, worst, best = v["value"].number, v["worst"], v["best"]
    if worst == best:
        return Complaint("best", f"another number than the worst, {worst:g}", "check the scale")
    low, high = min(worst, best), max(worst, best)
    if value is not None and not low <= value <= high:
        expected = f"a number from {low:g} to {high:g}, the scale of this question"
        return Complaint("value", expected, "check the value and the scale")
    indicator = f"{v['survey']}: {v['question']}"
    period = Period(v["date"], v["date"])
    return (_measured("survey", v, v["group"], indicator, period, "points", worst, best),)


def indicator(v: Values, table: Mapping[str, Indicator]) -> tuple[Reading, ...] | Complaint:
    known = table[v["indicator"]]
    return (
        _measured(
            known.component, v, known.group, known.id, v["period"],
            known.unit, known.worst, known.best,
        ),
    )  # fmt: skip


def _measured(
    component: str, v: Values, group: str, name: str, period: Period,
    unit: str, worst: float, best: float,
) -> Reading:  # fmt: skip
    value: Value = v["value"]
    number = value.number
    return Reading(
        component=component,
        region=v["region"],
        group=group,
        indicator=name,
        period_start=period.first,
        period_end=period.last,
        value=number,
        unit=unit if value.applies else NOT_APPLICABLE_UNIT,
        done=None if number is None else share_done(number, worst, best),
    )


def grants(v: Values) -> tuple[Reading, ...] | Complaint:
    """Granted, paid and used money of one programme; used is judged against the time gone."""
    complaint = _grant_complaint(v)
    if complaint:
        return complaint
    readings = [
        _grant(v, "used", v["used"], EURO, used_against_time(v)),
        _grant(v, "granted", v["granted"], EURO, None),
        _grant(v, "paid", v["paid"], EURO, None),
    ]
    due, done = v.get("milestones_due"), v.get("milestones_done")
    if due:
        share = done / due
        readings.append(_grant(v, "milestones", share, SHARE, min(1.0, share)))
    return tuple(readings)


def _grant_complaint(v: Values) -> Complaint | None:
    if v["granted"] == 0:
        return Complaint("granted", "more than nothing", "leave the row out, or fill in the grant")
    if v["deadline"] <= v["start"]:
        return Complaint("deadline", f"a day after the start, {v['start']}", "check both days")
    if v["as_of"] < v["start"]:
        return Complaint("as_of", f"a day not before the start, {v['start']}", "check both days")
    if v["paid"] > v["granted"]:
        return Complaint("paid", f"at most what was granted, {v['granted']:g}", "check both sums")
    if (v.get("milestones_due") is None) != (v.get("milestones_done") is None):
        expected = "both columns on milestones, or neither"
        return Complaint("milestones_done", expected, "fill in both")
    return None


def used_against_time(v: Values) -> float | None:
    """Share of the grant used over the share of its time gone, at most 1; None on its first day."""
    whole = (v["deadline"] - v["start"]).days
    gone = (min(v["as_of"], v["deadline"]) - v["start"]).days
    if gone == 0:
        return None
    return float(min(1.0, (v["used"] / v["granted"]) / (gone / whole)))


def _grant(v: Values, what: str, value: float, unit: str, done: float | None) -> Reading:
    return Reading(
        component="grants",
        region=v["region"],
        group=v["group"],
        indicator=f"{v['programme']}: {what}",
        period_start=v["start"],
        period_end=v["as_of"],
        value=value,
        unit=unit,
        done=done,
    )


def event(v: Values) -> tuple[Event, ...] | Complaint:
    return (Event(v["region"], v["event"], v["date"], v.get("note") or ""),)


BY_KIND: Mapping[str, Callable[[Values], Data | Complaint]] = {
    "roadmap": roadmap,
    "organisers": organisers,
    "grants": grants,
    "survey": survey,
    "interview": interview,
    "event": event,
    # "indicator" needs its table as well
}
