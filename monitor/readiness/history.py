"""The roadmap matrix of a month, and its history: reports already counted in, cells out.

A report stands until the next one of the same region and group. So a month's matrix may hold a report
of an earlier month, and says so; a month's point in the history is a gap where nothing was reported in
it. Knows no store and no words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, reduce

from monitor.readiness.roadmap import Views
from monitor.values import ALL_GROUPS

MONTHS = 12  # shown in a history

CellKey = tuple[str, str]  # region, group or "all"


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says of one region and group, counted."""

    region: str
    group: str
    as_of: date
    views: Views
    import_id: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix."""

    views: Views
    oldest: date  # day of the oldest report in it
    newest: date
    reported: int  # groups in it, or regions where it is the whole country's


# --- months --------------------------------------------------------------------------------------


def month_of(day: date) -> str:
    """ "2026-10"; months sort as text."""
    return f"{day.year:04d}-{day.month:02d}"


def last_day(month: str) -> date:
    """The last day of `month`. Raises ValueError for what is no month."""
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_before(month: str, n: int) -> tuple[str, ...]:
    """`n` months in order, the last of them `month`."""
    year, number = int(month[:4]), int(month[5:]) - 1
    counted = [year * 12 + number - back for back in reversed(range(n))]
    return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in counted)


# --- cells ---------------------------------------------------------------------------------------


def standing(reports: Iterable[Report], day: date) -> Mapping[CellKey, Report]:
    """The latest report of each region and group that is not after `day`."""
    found: dict[CellKey, Report] = {}
    for report in reports:
        key = (report.region, report.group)
        if report.as_of <= day and (key not in found or found[key].as_of < report.as_of):
            found[key] = report
    return found


def cells(reports: Iterable[Report], day: date) -> Mapping[CellKey, Cell]:
    """The matrix as it stands on `day`: a cell per region and group, and one per region for all."""
    found: dict[CellKey, list[Report]] = defaultdict(list)
    for (region, group), report in standing(reports, day).items():
        found[region, group].append(report)
        found[region, ALL_GROUPS].append(report)
    return {key: _cell(reports) for key, reports in found.items()}


def _cell(reports: Sequence[Report]) -> Cell:
    views = reduce(Views.__add__, (r.views for r in reports))
    days = [r.as_of for r in reports]
    return Cell(views, min(days), max(days), len(reports))


def country(matrix: Mapping[CellKey, Cell]) -> Mapping[str, Cell]:
    """The whole country by group: the tasks of all regions together, so a task weighs one, not a region."""
    columns: dict[str, list[Cell]] = defaultdict(list)
    for (_, group), cell in matrix.items():
        columns[group].append(cell)
    return {group: _sum(column) for group, column in columns.items()}


def _sum(column: Sequence[Cell]) -> Cell:
    views = reduce(Views.__add__, (c.views for c in column))
    oldest, newest = min(c.oldest for c in column), max(c.newest for c in column)
    return Cell(views, oldest, newest, len(column))


def history(
    reports: Iterable[Report], months: Sequence[str], region: str, group: str
) -> tuple[Cell | None, ...]:
    """One cell month by month; None, a gap, where nothing was reported in it that month.

    A region's total stands where at least one of its groups reported that month; the other groups
    count in it with their latest report, or the total would jump with the number of reports.
    """
    mine = [r for r in reports if r.region == region and group in (r.group, ALL_GROUPS)]
    return tuple(_month(mine, month) for month in months)


def _month(mine: Iterable[Report], month: str) -> Cell | None:
    found = standing(mine, last_day(month))
    cell = _cell([*found.values()]) if found else None
    return cell if cell and month_of(cell.newest) == month else None


@dataclass(frozen=True)
class Picture:
    """One month's matrix with what led to it."""

    month: str
    day: date  # the matrix stands as of it: the month's last day, or today
    target: date  # target day of the second view
    months: tuple[str, ...]  # with reports, oldest first, none after today
    reports: tuple[Report, ...]  # of the year that ends with the month
    cells: Mapping[CellKey, Cell]

    @cached_property
    def past(self) -> tuple[str, ...]:
        """The months of the history, oldest first: at most twelve, from the first that was reported."""
        first = min((month_of(r.as_of) for r in self.reports), default=self.month)
        return tuple(m for m in months_before(self.month, MONTHS) if m >= first)

    def history(self, region: str, group: str) -> tuple[Cell | None, ...]:
        """The cell in each of the `past` months; None where nothing was reported in it."""
        return history(self.by_region.get(region, ()), self.past, region, group)

    @cached_property
    def by_region(self) -> Mapping[str, Sequence[Report]]:
        """The reports of each region."""
        found: dict[str, list[Report]] = defaultdict(list)
        for report in self.reports:
            found[report.region].append(report)
        return found

    def standing(self, region: str) -> Sequence[Report]:
        """The reports behind the cells of `region`."""
        return [*standing(self.by_region.get(region, ()), self.day).values()]
