"""The use-case: precision and recall of the weeks, from their random slices."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from monitor.app import App
from monitor.db import draws
from monitor.db.engine import reading, transaction
from monitor.review.measure import LEVEL, precision_recall
from monitor.review.values import Estimate
from monitor.weeks import previous, week_bounds, week_of

KEPT_WEEKS = 4  # estimated anew: as long as their articles wait for a person
WHAT: tuple[Literal["relevance", "flags"], ...] = ("relevance", "flags")


def estimates(app: App, weeks: Collection[str]) -> tuple[Estimate, ...]:
    """The estimates of these weeks as they stand now, by week; weeks without a slice are left out."""
    now = app.clock()
    with reading(app.engine) as session:
        return tuple(e for week in sorted(weeks) for e in _estimates(app, session, week, now))


def kept(app: App, weeks: Collection[str]) -> tuple[Estimate, ...]:
    """The estimates as the worker last computed them: for pages, which compute nothing."""
    with reading(app.engine) as session:
        return tuple(draws.kept_estimates(session, weeks))


def newest_weeks(app: App, limit: int) -> list[str]:
    """The newest weeks that have a slice, the oldest first."""
    with reading(app.engine) as session:
        return draws.weeks_drawn(session, limit)


def keep(app: App) -> int:
    """Compute and keep those of the last weeks; returns how many."""
    now = app.clock()
    weeks = [previous(week_of(now), n) for n in range(KEPT_WEEKS)]
    found = estimates(app, weeks)
    with transaction(app.engine) as session:
        draws.keep_estimates(session, found, now)
    return len(found)


def _estimates(app: App, session: Session, week: str, now: datetime) -> list[Estimate]:
    known = draws.sample(session, week)
    size = sum(known.sizes.values())
    if not size:
        return []
    found = []
    for what in WHAT:
        precision, recall = precision_recall(
            known.sizes, known.labelled, what, seed=app.settings.seed
        )
        found.append(
            Estimate(
                week, what, LEVEL, size, known.drawn, len(known.labelled), precision, recall,
                known.models, final=week_bounds(week)[1] <= now,
            )
        )  # fmt: skip
    return found
