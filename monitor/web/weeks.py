"""Which week a page shows, and the picker beside it. Pure but for the visit's own address."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.web.overview import default_week
from monitor.web.pages import Missing, Visit
from monitor.weeks import previous, week_bounds


@dataclass(frozen=True, slots=True)
class Picker:
    """The week shown and its neighbours."""

    week: str
    choices: tuple[str, ...]  # newest first
    before: str | None
    after: str | None
    running: bool


def picked(visit: Visit, ready: Mapping[str, int]) -> Picker:
    """The week of ?week=, or the newest that gives a picture. Raises Missing for another one."""
    asked = visit.request.query_params.get("week")
    week = asked or default_week(ready, len(visit.app.reference.units))
    if week is None or week not in ready:
        raise Missing("week", week or "")
    earlier, later = previous(week), previous(week, -1)
    return Picker(
        week=week,
        choices=tuple(sorted(ready, reverse=True)),
        before=earlier if earlier in ready else None,
        after=later if later in ready else None,
        running=visit.app.clock() < week_bounds(week)[1],
    )
