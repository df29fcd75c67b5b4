"""Roadmap tasks: what share of the critical ones is started and finished.

Two views, as the ministry's own situational picture has them: against the roadmap's schedule so far,
and against the target day. They differ only in which tasks are counted. Knows no files and no store.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from monitor.values import ALL_GROUPS

View = Literal["schedule", "target"]


@dataclass(frozen=True, slots=True)
class RoadmapTask:
    """A sub-task of one region as the report of `as_of` gave it."""

    region: str
    group: str
    task_whole: str
    task: str
    subtask: str
    critical: bool
    phase: int  # 1-5, the roadmap's phases
    due: date
    started: date | None
    finished: date | None
    as_of: date

    @property
    def key(self) -> tuple[str, str, str, str, str, date]:
        """What may occur once in a report."""
        return (self.region, self.group, self.task_whole, self.task, self.subtask, self.as_of)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many critical tasks there are, and how many of them were started and finished."""

    total: int
    started: int
    finished: int

    @property
    def share_started(self) -> float | None:
        """In [0, 1]; None where there is no task."""
        return self.started / self.total if self.total else None

    @property
    def share_finished(self) -> float | None:
        """In [0, 1]; None where there is no task."""
        return self.finished / self.total if self.total else None

    def __add__(self, other: "Shares") -> "Shares":
        return Shares(
            self.total + other.total, self.started + other.started, self.finished + other.finished
        )


@dataclass(frozen=True, slots=True)
class Views:
    """The two views of one region and group."""

    schedule: Shares  # tasks due by the day of the report
    target: Shares  # tasks due by the target day

    def __add__(self, other: "Views") -> "Views":
        return Views(self.schedule + other.schedule, self.target + other.target)

    def get(self, view: "View") -> Shares:
        """One of the two."""
        return self.schedule if view == "schedule" else self.target


@dataclass(frozen=True, slots=True)
class Undone:
    """A critical task that its report does not call finished."""

    task: RoadmapTask
    late: int | None  # days on the day of its report; None where it was not due then
    due_since: bool  # it has fallen due after the report, which cannot say whether it was finished


def latest_report(tasks: Iterable[RoadmapTask], region: str, on: date) -> tuple[RoadmapTask, ...]:
    """The tasks of the region's latest report that is not after `on`, group by group."""
    known = [t for t in tasks if t.region == region and t.as_of <= on]
    newest: dict[str, date] = {}
    for t in known:
        newest[t.group] = max(newest.get(t.group, t.as_of), t.as_of)
    return tuple(t for t in known if t.as_of == newest[t.group])


def shares(tasks: Iterable[RoadmapTask], due_by: date | None = None) -> Shares:
    """Counts over the critical tasks due on `due_by` or before; by default, on their report's day.

    A finished task counts as started too.
    """
    due = [t for t in tasks if t.critical and t.due <= (due_by or t.as_of)]
    finished = sum(_is_finished(t) for t in due)
    return Shares(len(due), sum(_is_started(t) for t in due), finished)


def views(
    tasks: Iterable[RoadmapTask], on: date, target: date | None = None
) -> Mapping[tuple[str, str], Views]:
    """Both views of each region's latest report not after `on`, by (region, group or "all").

    A report says nothing of what happened after its day: the schedule view therefore counts what was
    due on the day of the report, not on `on`. Without `target`, the target day is the last due day of
    all the tasks given.
    """
    tasks = tuple(tasks)
    target = target or max((t.due for t in tasks), default=on)
    cells: dict[tuple[str, str], list[RoadmapTask]] = defaultdict(list)
    for region in sorted({t.region for t in tasks}):
        for task in latest_report(tasks, region, on):
            cells[region, task.group].append(task)
            cells[region, ALL_GROUPS].append(task)
    return {cell: Views(shares(found), shares(found, target)) for cell, found in cells.items()}


def undone(tasks: Iterable[RoadmapTask], on: date) -> tuple[Undone, ...]:
    """The critical tasks not finished, those longest overdue first, then by the day they are due."""
    found = [
        Undone(t, late if late >= 0 else None, t.as_of < t.due <= on)
        for t in tasks
        if t.critical and not _is_finished(t)
        for late in [(t.as_of - t.due).days]
    ]
    return tuple(sorted(found, key=lambda u: (-(-1 if u.late is None else u.late), u.task.due)))


def _is_started(task: RoadmapTask) -> bool:
    return _is_finished(task) or (task.started is not None and task.started <= task.as_of)


def _is_finished(task: RoadmapTask) -> bool:
    return task.finished is not None and task.finished <= task.as_of
