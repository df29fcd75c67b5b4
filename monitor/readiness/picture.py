"""The use-case: the roadmap's monthly picture, read from the store.

Which reports count is decided in `monitor.readiness.history`. A report more than a year old when the
month ends is left out: it is no picture of that month.
"""

from datetime import date, datetime

from sqlmodel import Session

from monitor.db import roadmap as store
from monitor.db.readiness import imports_stand
from monitor.db.remembered import remembered
from monitor.readiness.history import MONTHS, Picture, cells, last_day, month_of, months_before


def picture(
    session: Session,
    today: date,
    *,
    month: str | None = None,
    target: date | None = None,
    region: str | None = None,
    known_at: datetime | None = None,
) -> Picture | None:
    """The picture of `month`, by default the newest with a report; None where it has none before it.

    With `region`, of that region alone. With `known_at`, as it was known at that instant.
    """
    months = tuple(m for m in store.months_reported(session, known_at) if m <= month_of(today))
    month = month or (months[-1] if months else None)
    if month is None or month > month_of(today) or not any(m <= month for m in months):
        return None
    day = min(last_day(month), today)
    since = last_day(months_before(month, MONTHS)[0]).replace(day=1)
    key = ("roadmap", imports_stand(session), day, since, target, region, known_at)
    found = remembered(
        session,
        key,
        lambda: store.reports(
            session, day, since=since, target=target, region=region, known_at=known_at
        ),
    )
    goal = target or store.last_due(session, since, day, known_at) or day
    return Picture(month, day, goal, months, found, cells(found, day))
