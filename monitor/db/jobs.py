"""Long work that people ask for: asked, taken up by one runner at a time, beaten, ended, resumed.

A runner that was killed stops beating; its job goes back to those that wait and is taken up again, at most
MOST_ATTEMPTS times. What a runner writes counts only as long as the job is still its own. Returns plain
values. Nothing here knows what a kind of job does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from monitor.db.audit import write_audit
from monitor.db.engine import reading, transaction
from monitor.db.tables import JobRow

State = Literal["waiting", "running", "stopping", "stopped", "done", "failed"]
STATES: tuple[State, ...] = ("waiting", "running", "stopping", "stopped", "done", "failed")
UNDER_WAY = ("running", "stopping")
RESUMABLE = ("stopped", "failed")
MOST_ATTEMPTS = 3  # a job that kills its runner every time must not do so for ever
STALE = timedelta(seconds=60)  # without a beat: its runner is gone
MOST_LINES = 200  # of a job's log; the oldest are dropped
DIED = "died"  # error of a job whose runner was killed MOST_ATTEMPTS times


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the store knows it."""

    id: int
    kind: str
    parameters: Mapping[str, Any]
    state: State
    who: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    runner: str
    progress: Mapping[str, Any]  # what, done, total; {} before the first step
    kept: Mapping[str, Any]  # step -> what came of it
    log: tuple[Mapping[str, Any], ...]  # at (ISO), say, values; oldest first
    result: Mapping[str, Any] | None
    error: str

    @property
    def under_way(self) -> bool:
        """Whether something will still become of it without anybody's doing."""
        return self.state in ("waiting", *UNDER_WAY)


# --- asking --------------------------------------------------------------------------------------


def enqueue(
    session: Session, at: datetime, who: str, kind: str, parameters: Mapping[str, Any]
) -> int:
    """Ask for a job, with an audit row; returns its number.

    A job of the same kind and parameters that still waits is not asked for twice: its number is returned.
    """
    for row in session.exec(_of_kind(kind, "waiting")):
        if row.parameters == dict(parameters):
            return cast(int, row.id)
    row = JobRow(kind=kind, parameters=dict(parameters), who=who, asked_at=at, **_fresh())
    session.add(row)
    session.flush()
    after = {"kind": kind, "parameters": dict(parameters)}
    write_audit(session, at, who, "job ask", f"job {row.id}", after=after)
    return cast(int, row.id)


def ask_stop(session: Session, at: datetime, who: str, job_id: int) -> Job | None:
    """Ask that a job stop: one that waits stops at once, one under way after its step. One that has ended
    stays as it is. None where there is no such job."""
    row = session.get(JobRow, job_id)
    if row is None:
        return None
    _move(session, at, who, "job stop", job_id, ("waiting",), state="stopped", ended_at=at)
    _move(session, at, who, "job stop", job_id, ("running",), state="stopping")
    session.refresh(row)
    return _value(row)


def ask_resume(session: Session, at: datetime, who: str, job_id: int) -> Job | None:
    """Ask that a stopped or failed job go on: the steps it has done are kept. Others stay as they are.
    None where there is no such job."""
    row = session.get(JobRow, job_id)
    if row is None:
        return None
    fresh = {"state": "waiting", "attempts": 0, "error": "", "ended_at": None, "runner": ""}
    _move(session, at, who, "job resume", job_id, RESUMABLE, **fresh)
    session.refresh(row)
    return _value(row)


def _move(
    session: Session, at: datetime, who: str, action: str, job_id: int,
    states: Sequence[str], **values: Any,
) -> None:  # fmt: skip
    """Change a job that is in one of `states`, with an audit row; another runner may just have moved it."""
    changed = session.connection().execute(
        update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.state).in_(states))
        .values(**values)
    )
    if changed.rowcount:
        write_audit(session, at, who, action, f"job {job_id}", after={"state": values["state"]})


# --- looking -------------------------------------------------------------------------------------


def find_job(session: Session, job_id: int) -> Job | None:
    """The job of this number."""
    row = session.get(JobRow, job_id)
    return None if row is None else _value(row)


def newest_jobs(session: Session, limit: int, states: Sequence[str] = STATES) -> tuple[Job, ...]:
    """The jobs in one of `states` that were asked for last, the newest first."""
    query = select(JobRow).where(col(JobRow.state).in_(states))
    return tuple(map(_value, session.exec(query.order_by(col(JobRow.id).desc()).limit(limit))))


def latest_job(session: Session, kind: str, state: State = "done") -> Job | None:
    """The newest job of a kind in `state`: what came of it is what its page shows."""
    row = session.exec(_of_kind(kind, state).order_by(col(JobRow.id).desc()).limit(1)).first()
    return None if row is None else _value(row)


def newest_of_kind(
    session: Session, kind: str, parameters: Mapping[str, Any], limit: int = 200
) -> tuple[Job, ...]:
    """Jobs of a kind with these parameters, the newest first; looked for among the last `limit`."""
    query = select(JobRow.id, JobRow.parameters).where(JobRow.kind == kind)
    rows = session.exec(query.order_by(col(JobRow.id).desc()).limit(limit))
    same = [id_ for id_, given in rows if given == dict(parameters)][:10]
    found = session.exec(select(JobRow).where(col(JobRow.id).in_(same)))
    return tuple(sorted(map(_value, found), key=lambda job: -job.id))


def pending_job(session: Session, kind: str) -> Job | None:
    """A job of a kind that waits or is under way."""
    query = select(JobRow).where(
        JobRow.kind == kind, col(JobRow.state).in_(("waiting", *UNDER_WAY))
    )
    row = session.exec(query.order_by(col(JobRow.id)).limit(1)).first()
    return None if row is None else _value(row)


def jobs_by_state(session: Session) -> dict[str, int]:
    """State -> how many jobs."""
    counted = session.exec(select(JobRow.state, func.count()).group_by(JobRow.state)).all()
    return {state: dict(counted)[state] for state in STATES if state in dict(counted)}


# --- running -------------------------------------------------------------------------------------


def claim_job(
    engine: Engine, runner: str, at: datetime, beat: datetime, only: int | None = None
) -> Job | None:
    """Take up the oldest job that waits and of whose kind none is under way, or `only` that one.

    Of several runners that ask at once one gets it, the others None. `at` is the program's time, `beat`
    the machine's.
    """
    with reading(engine) as session:
        busy = set(session.exec(select(JobRow.kind).where(col(JobRow.state).in_(UNDER_WAY))))
        query = select(JobRow.id, JobRow.kind).where(JobRow.state == "waiting")
        waiting = session.exec(query.order_by(col(JobRow.id))).all()
    for job_id, kind in waiting:
        if kind not in busy and only in (None, job_id):
            busy.add(kind)
            claimed = _claim(engine, cast(int, job_id), runner, at, beat)
            if claimed is not None:
                return claimed
    return None


def _claim(engine: Engine, job_id: int, runner: str, at: datetime, beat: datetime) -> Job | None:
    taken = (
        update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.state) == "waiting")
        .values(
            state="running", runner=runner, beat_at=beat, attempts=col(JobRow.attempts) + 1,
            started_at=func.coalesce(col(JobRow.started_at), at), ended_at=None,
        )
    )  # fmt: skip
    try:
        with transaction(engine) as session:
            if not session.connection().execute(taken).rowcount:
                return None
            row = session.get(JobRow, job_id)
            return None if row is None else _value(row)
    except IntegrityError:  # another runner has just taken up one of the same kind
        return None


def beat_job(
    engine: Engine,
    job_id: int,
    runner: str,
    beat: datetime,
    *,
    progress: Mapping[str, Any] | None = None,
    kept: Mapping[str, Any] | None = None,
    log: Sequence[Mapping[str, Any]] | None = None,
) -> State | None:
    """Say that the runner is alive and how far it has come; returns the job's state, None where the job is
    no longer the runner's."""
    given = {"progress": progress, "kept": kept, "log": log}
    values = {name: value for name, value in given.items() if value is not None}
    own = _own(job_id, runner)
    with transaction(engine) as session:
        if (
            not session.connection()
            .execute(update(JobRow).where(*own).values(beat_at=beat, **values))
            .rowcount
        ):
            return None
        return cast(State, session.exec(select(JobRow.state).where(JobRow.id == job_id)).one())


def finish_job(
    engine: Engine,
    job_id: int,
    runner: str,
    at: datetime,
    state: Literal["done", "failed", "stopped"],
    *,
    result: Mapping[str, Any] | None = None,
    error: str = "",
) -> bool:
    """End a job; False where it is no longer the runner's."""
    values: dict[str, Any] = {"state": state, "ended_at": at, "runner": "", "error": error}
    if result is not None:
        values["result"] = dict(result)
    with transaction(engine) as session:
        ended = session.connection().execute(
            update(JobRow).where(*_own(job_id, runner)).values(**values)
        )
        return bool(ended.rowcount)


def give_back(engine: Engine, job_id: int, runner: str, at: datetime) -> None:
    """Put a job back among those that wait: its runner has to end. One that was to stop is stopped."""
    with transaction(engine) as session:
        row = session.exec(select(JobRow).where(*_own(job_id, runner))).first()
        if row is not None:
            _release(row, at, died=False)
            session.add(row)


def release_dead(engine: Engine, at: datetime, now: datetime, runner: str | None = None) -> int:
    """Put jobs whose runner is gone back among those that wait; returns how many.

    Those that have not been beaten for STALE before `now`, the machine's time; or all of `runner`, where
    it is known to be gone. `at` is the program's time.
    """
    gone = (
        col(JobRow.beat_at) < now - STALE if runner is None else col(JobRow.runner) == runner,
        col(JobRow.state).in_(UNDER_WAY),
    )
    with reading(engine) as session:
        if not session.exec(select(JobRow.id).where(*gone).limit(1)).first():
            return 0
    with transaction(engine) as session:
        rows = session.exec(select(JobRow).where(*gone).with_for_update()).all()
        for row in rows:
            _release(row, at, died=True)
            session.add(row)
        return len(rows)


def _release(row: JobRow, at: datetime, *, died: bool) -> None:
    row.runner = ""
    if row.state == "stopping":
        row.state, row.ended_at = "stopped", at
    elif died and row.attempts >= MOST_ATTEMPTS:
        row.state, row.ended_at, row.error = "failed", at, DIED
    else:
        row.state = "waiting"
        row.attempts -= 0 if died else 1  # an orderly end is no failed attempt


def _own(job_id: int, runner: str) -> tuple[Any, ...]:
    return (
        col(JobRow.id) == job_id,
        col(JobRow.runner) == runner,
        col(JobRow.state).in_(UNDER_WAY),
    )


# --- pieces --------------------------------------------------------------------------------------


def _of_kind(kind: str, state: str) -> Any:
    return select(JobRow).where(JobRow.kind == kind, JobRow.state == state)


def _fresh() -> dict[str, Any]:
    return {"progress": {}, "kept": {}, "log": []}


def _value(row: JobRow) -> Job:
    return Job(
        id=row.id or 0,
        kind=row.kind,
        parameters=row.parameters,
        state=cast(State, row.state),
        who=row.who,
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        runner=row.runner,
        progress=row.progress,
        kept=row.kept,
        log=tuple(row.log),
        result=row.result,
        error=row.error,
    )
