"""When a region has become deaf, and when it hears again. Pure.

A notice is raised once per fall: when the share of its usual hearing that was alive over the last DAYS
whole days falls below a set share. It is cleared when the share is MARGIN above that again, so that a
share that swings about the line does not raise a notice a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.coverage.constants import load_ledger_constants
from monitor.coverage.ledger import Hearing, Source
from monitor.coverage.verdicts import TROUBLES, SourceDay, Verdict

_REGION = load_ledger_constants().ledger_region
DAYS = _REGION.notice_days  # a single day may be a server at maintenance
MARGIN = _REGION.notice_margin


@dataclass(frozen=True, slots=True)
class Changes:
    """Regions by what becomes of their notices, each with the share it was heard by."""

    raised: tuple[tuple[str, float], ...]
    cleared: tuple[tuple[str, float], ...]


def recent(source: Source, days: Sequence[SourceDay], today: date) -> Hearing:
    """How well a source was heard in the DAYS days before `today`.

    Hours that no answer has reached yet are missed only where something is wrong: a healthy source
    that is asked twice a day is not deaf since noon.
    """
    wanted = [d for d in days if today - timedelta(days=DAYS) <= d.day < today]
    shares = [d.heard if d.verdict in TROUBLES else d.loudness for d in wanted]
    share = sum(shares) / DAYS if len(shares) == DAYS else _short(shares)
    return Hearing(source, wanted[-1].verdict if wanted else Verdict.NOT_POLLED, share)


def _short(shares: Sequence[float]) -> float:
    """A source that is new in the list is taken by the days it has."""
    return sum(shares) / len(shares) if shares else 0.0


def changes(standing: frozenset[str], shares: Mapping[str, float | None], least: float) -> Changes:
    """What becomes of the notices. `standing` are the regions that have one; a region without sources
    has the share None and can neither fall nor recover."""
    known = {region: share for region, share in sorted(shares.items()) if share is not None}
    return Changes(
        tuple((r, s) for r, s in known.items() if s < least and r not in standing),
        tuple((r, s) for r, s in known.items() if s >= min(1.0, least + MARGIN) and r in standing),
    )
