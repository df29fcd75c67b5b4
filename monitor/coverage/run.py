"""The use-case: compute and keep which regions could be heard in which weeks."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine

from monitor.coverage.ledger import Hearing, coverage, hearing
from monitor.db.coverage import save_coverage, sources_of_week
from monitor.db.engine import reading, transaction
from monitor.values import Coverage


def compute_coverage(
    engine: Engine, weeks: Iterable[str], units: Iterable[str], now: datetime
) -> dict[tuple[str, str], Coverage]:
    """Coverage of `units` in `weeks` as far as polls until `now` tell, by (region, week); kept.

    Run again it gives the same, or more where later polls reached back into a week. A week that is
    still running has at most the share of it that has passed.
    """
    units = tuple(units)
    found = {
        (unit, week): coverage(unit, week, heard)
        for week in weeks
        for heard in [hearings(engine, week, now)]
        for unit in units
    }
    with transaction(engine) as session:
        save_coverage(session, found.values())
    return found


def hearings(engine: Engine, week: str, now: datetime) -> tuple[Hearing, ...]:
    """The verdict on every source in `week`, national ones among them, by id."""
    with reading(engine) as session:
        sources = sources_of_week(session, week, now)
    return tuple(hearing(source, week) for source in sources)
