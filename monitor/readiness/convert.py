"""From the values of one row to readiness data, kind by kind; rules that span several cells.

Knows no files. Each function takes the row's values by column id and returns what the row says, or a
complaint about one of its columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.readiness.cells import Period, Value
from monitor.readiness.grants import Grant, drawdown
from monitor.readiness.indicators import Indicator, share_done
from monitor.readiness.organisers import Link, Organiser, name_key
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


Datum = RoadmapTask | Reading | Event | Grant | Link
Data = tuple[Datum, ...]


def days(datum: Datum) -> tuple[date, date]:
    """The first and last day that a datum speaks of; of a link that goes on, its first."""
    match datum:
        case Reading():
            return datum.period_start, datum.period_end
        case Event():
            return datum.on, datum.on
        case Link():
            return datum.first, datum.last or datum.first
        case RoadmapTask() | Grant():
            return datum.as_of, datum.as_of


def roadmap(v: Values) -> Data | Complaint:
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


def organisers(v: Values, known: Mapping[str, Organiser]) -> Data | Complaint:
    """Ratings of an organiser; where the row names no region, of those the organiser belonged to."""
    if v["to"] < v["from"]:
        return Complaint("to", f"a day not before {v['from']}", "check both days")
    organiser = known.get(name_key(v["organiser"]))
    regions = _regions(v, organiser)
    if isinstance(regions, Complaint):
        return regions
    # under one of its names, or the ratings of an organiser with two would be those of two organisers
    name = organiser.name if organiser else v["organiser"]
    period = Period(v["from"], v["to"])
    return tuple(_rating("organisers", {**v, "region": region}, name, period) for region in regions)


def _regions(v: Values, organiser: Organiser | None) -> tuple[str, ...] | Complaint:
    if organiser is None:
        if v.get("region"):
            return (v["region"],)
        expected = "a region, for no file of organiser-links tells of this organiser"
        return Complaint("region", expected, "fill it in, or import the links first")
    then = organiser.regions_on(v["from"])
    if then != organiser.regions_on(v["to"]):
        expected = "a period in which the organiser does not change region"
        return Complaint("to", expected, "make two rows, one for each region")
    if v.get("region") and v["region"] not in then:
        expected = f"the organiser's region on {v['from']}: {', '.join(then) or 'it had none'}"
        return Complaint("region", expected, "leave it empty, or correct the links")
    if not then:
        expected = f"an organiser with a region on {v['from']}"
        return Complaint("from", expected, "check the days, or import its links")
    return (v["region"],) if v.get("region") else then


def organiser_links(v: Values) -> Data | Complaint:
    if v.get("to") is not None and v["to"] < v["from"]:
        return Complaint("to", f"a day not before {v['from']}", "check both days")
    names = (v["organiser"], v.get("also") or "", v["kind"], v.get("business_id") or "")
    return (Link(*names, v["region"], v["from"], v.get("to"), v.get("note") or ""),)


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
    if v["value"].percent and (low, high) != (0, 100):
        expected = f"a number from {low:g} to {high:g} and not a percentage"
        return Complaint("value", expected, "write it on the scale of the question")
    indicator = f"{v['survey']}: {v['question']}"
    period = Period(v["date"], v["date"])
    return (_measured("survey", v, v["group"], indicator, period, "points", worst, best),)


def indicator(v: Values, table: Mapping[str, Indicator]) -> tuple[Reading, ...] | Complaint:
    known = table[v["indicator"]]
    if v["value"].percent and known.unit != "percent":
        expected = f"a number in {known.unit.replace('_', ' ')} and not a percentage"
        return Complaint("value", expected, "write it in the unit of the indicator")
    if not known.holds(v["period"].first, v["period"].last):
        expected = f"a period in which {known.framework} holds: {known.validity}"
        return Complaint("period", expected, "check the period, or name the newer indicator")
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


def grants(v: Values) -> Data | Complaint:
    """Granted, paid and used money of one programme; used is judged against the time gone."""
    complaint = _grant_complaint(v)
    if complaint:
        return complaint
    grant = Grant(
        **{name: v[name] for name in ("region", "group", "programme", "as_of", "start")},
        **{name: v[name] for name in ("deadline", "granted", "paid", "used")},
        milestones_due=v.get("milestones_due"),
        milestones_done=v.get("milestones_done"),
    )
    drawn = drawdown(grant)
    used = _grant(grant, "used", grant.used, EURO, drawn.done)
    if drawn.milestones is None:
        return (grant, used)
    reached = min(1.0, drawn.milestones)
    return (grant, used, _grant(grant, "milestones", drawn.milestones, SHARE, reached))


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


def _grant(grant: Grant, what: str, value: float, unit: str, done: float | None) -> Reading:
    return Reading(
        component="grants",
        region=grant.region,
        group=grant.group,
        indicator=f"{grant.programme}: {what}",
        period_start=grant.start,
        period_end=grant.as_of,
        value=value,
        unit=unit,
        done=done,
    )


def event(v: Values) -> Data | Complaint:
    return (Event(v["region"], v["event"], v["date"], v.get("note") or ""),)


BY_KIND: Mapping[str, Callable[[Values], Data | Complaint]] = {
    "roadmap": roadmap,
    "organiser-links": organiser_links,
    "grants": grants,
    "survey": survey,
    "interview": interview,
    "event": event,
    # "indicator" and "organisers" need to know more than the row
}
