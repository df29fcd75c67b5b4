"""The frozen inputs of scores, and which computations of a week are kept.

Returns plain values, never rows. A week is computed anew every hour while news come in; of these
computations the one in force is kept, the last of every day, what a summary was written from, and what
was asked for as of a past day. The others go, with their inputs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, col, delete, select

from monitor.coverage.calendar import day_of
from monitor.db.region_pictures import forget_pictures
from monitor.db.tables import ScoreInputRow, ScoreRow, SummaryRow
from monitor.risk.frozen import pack, unpack
from monitor.risk.inputs import WeekInputs


@dataclass(frozen=True, slots=True)
class Computation:
    """All scores of one week that were computed from the same inputs."""

    input_hash: str
    computed_at: datetime
    current: bool
    known_at: datetime | None = (
        None  # recomputed from what was known then; None: from all there was
    )


def keep_inputs(
    session: Session, inputs: WeekInputs, now: datetime, known_at: datetime | None = None
) -> None:
    """Keep `inputs`. Those that are kept stay as they are, but are asked for from now on if `known_at` says so."""
    digest = inputs.digest()
    row = session.get(ScoreInputRow, digest)
    if row is None:
        row = ScoreInputRow(hash=digest, week=inputs.week, packed=pack(inputs), kept_at=now)
    row.known_at = row.known_at or known_at
    session.add(row)


def inputs_text(session: Session, input_hash: str) -> str | None:
    """The canonical JSON of the inputs with that hash; None where they are not kept."""
    row = session.get(ScoreInputRow, input_hash)
    return None if row is None else unpack(row.packed)


def computations(session: Session, week: str) -> list[Computation]:
    """The computations kept of `week`, the oldest first."""
    query = (
        select(
            ScoreRow.input_hash,
            func.min(ScoreRow.computed_at),
            func.max(case((col(ScoreRow.current), 1), else_=0)),
            func.max(ScoreInputRow.known_at),
        )
        .join(ScoreInputRow, col(ScoreInputRow.hash) == col(ScoreRow.input_hash), isouter=True)
        .where(ScoreRow.week == week)
        .group_by(col(ScoreRow.input_hash))
    )
    found = [Computation(h, at, bool(now), known) for h, at, now, known in session.exec(query)]
    return sorted(found, key=lambda c: (c.computed_at, c.current, c.input_hash))


def superseded(found: Sequence[Computation], summarised: Iterable[datetime]) -> set[str]:
    """The hashes of the computations that nobody needs any more; pure.

    `summarised` is when the week's summaries were written: each was written from the newest before it.
    """
    own = [c for c in found if c.known_at is None]
    keep = {c.input_hash for c in found if c.current or c.known_at is not None}
    keep |= set({day_of(c.computed_at): c.input_hash for c in own}.values())
    for written in summarised:
        before = [c.input_hash for c in own if c.computed_at <= written]
        keep |= set(before[-1:])
    return {c.input_hash for c in found} - keep


def thin(session: Session, week: str) -> int:
    """Delete the week's computations that nobody needs, with their inputs; returns how many."""
    written = session.exec(select(SummaryRow.created_at).where(SummaryRow.week == week)).all()
    gone = superseded(computations(session, week), written)
    if gone:
        session.exec(delete(ScoreRow).where(col(ScoreRow.input_hash).in_(gone)))
        session.exec(delete(ScoreInputRow).where(col(ScoreInputRow.hash).in_(gone)))
        forget_pictures(session, gone)
    return len(gone)
