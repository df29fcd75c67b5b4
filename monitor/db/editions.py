"""Versions of weekly summaries, their files, notices and sendings; commentary is in `comments`.

Returns plain values, never rows. A published version is never changed here: `renew` and `freeze` touch
drafts and frozen ones only.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from monitor.db.audit import write_audit
from monitor.db.comments import comments
from monitor.db.tables import (
    ArticleRow,
    FlagRow,
    SummaryFileRow,
    SummaryNoticeRow,
    SummaryRow,
    SummarySendRow,
)
from monitor.summary.edition import Change, Comment, Edition, State, in_force
from monitor.summary.values import WeeklySummary, read_summary


@dataclass(frozen=True, slots=True)
class Standing:
    """A version without its numbers, for lists."""

    week: str
    version: int
    state: State
    created_at: datetime
    frozen_at: datetime | None
    published_at: datetime | None
    reason: dict[str, str]


@dataclass(frozen=True, slots=True)
class WeekNotice:
    """What a week's summary lacked when it was last looked at."""

    week: str
    at: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """A published version on its way to one address."""

    address: str
    language: str
    level: str
    state: str  # sending | sent | refused | unknown
    detail: str
    at: datetime


# --- versions ------------------------------------------------------------------------------------


def standings(session: Session) -> list[Standing]:
    """Every version of every week, the newest week first, its newest version first."""
    query = select(
        SummaryRow.week, SummaryRow.version, SummaryRow.state, SummaryRow.created_at,
    ).order_by(col(SummaryRow.week).desc(), col(SummaryRow.version).desc())  # fmt: skip
    more = query.add_columns(
        col(SummaryRow.frozen_at), col(SummaryRow.published_at), col(SummaryRow.reason)
    )
    return [Standing(*row) for row in session.exec(more)]  # type: ignore[call-overload]  # added columns


def editions(session: Session, week: str) -> list[Edition]:
    """The versions of `week`, the oldest first; drafts with the comments in force now."""
    query = select(SummaryRow).where(SummaryRow.week == week).order_by(col(SummaryRow.version))
    rows = session.exec(query).all()
    now = in_force(comments(session, week)) if any(r.state == "draft" for r in rows) else ()
    return [_edition(row, now) for row in rows]


def marks(session: Session, week: str) -> dict[int, tuple[State, str]]:
    """Version of `week` -> its state and all that its pages are rendered from but the numbers, which its
    input hash names; the oldest first. Near a megabyte of numbers is left unread."""
    query = select(SummaryRow).where(SummaryRow.week == week).order_by(col(SummaryRow.version))
    rows = session.exec(query.options(defer(cast(Any, SummaryRow.inputs)))).all()
    now = in_force(comments(session, week)) if any(r.state == "draft" for r in rows) else ()
    found: dict[int, tuple[State, str]] = {}
    for row in rows:
        said = row.model_dump(exclude={"inputs"})
        draft = row.state == "draft"
        found[row.version] = cast(State, row.state), repr((said, now if draft else ()))
    return found


def latest(session: Session, week: str) -> Edition | None:
    """The newest version of `week`, whatever its state."""
    return next(reversed(editions(session, week)), None)


def published(session: Session, week: str) -> Edition | None:
    """The newest published version of `week`."""
    return next((e for e in reversed(editions(session, week)) if e.published), None)


def published_editions(session: Session, limit: int) -> list[tuple[Standing, datetime]]:
    """The newest published version of each week and when the week's first was published; newest week first."""
    found: dict[str, list[Standing]] = {}
    for standing in standings(session):
        if standing.state == "published":
            found.setdefault(standing.week, []).append(standing)
    return [(s[0], _instant(s[-1].published_at)) for s in list(found.values())[:limit]]


def _instant(at: datetime | None) -> datetime:
    assert at is not None  # a published version has it
    return at


def _edition(row: SummaryRow, comments_now: tuple[Comment, ...]) -> Edition:
    state: Any = row.state
    kept = tuple(Comment.model_validate(c) for c in row.comments)
    return Edition(
        week=row.week,
        version=row.version,
        state=state,
        summary=summary_of(row.inputs),
        comments=comments_now if row.state == "draft" else kept,
        created_at=row.created_at,
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by,
        published_at=row.published_at,
        published_by=row.published_by,
        reason=dict(sorted(row.reason.items())),
        changes=tuple(Change.model_validate(c) for c in row.changes),
        program=row.program,
    )


def summary_of(inputs: Mapping[str, Any]) -> WeeklySummary:
    """The summary that was stored. A database may give the keys of an object in an order of its own;
    here they are in that of the alphabet, so that every machine renders the same bytes."""
    return read_summary(json.loads(json.dumps(inputs, sort_keys=True)))


def add_draft(
    session: Session, summary: WeeklySummary, now: datetime, *, reason: Mapping[str, str] | None = None,
    changes: Sequence[Change] = (),
) -> None:  # fmt: skip
    """Store `summary` as the next version of its week, a draft."""
    last = _row(session, summary.week)
    session.add(
        SummaryRow(
            week=summary.week,
            version=1 if last is None else last.version + 1,
            input_hash=summary.input_hash,
            inputs=summary.model_dump(mode="json"),
            created_at=now,
            comments=[],
            reason=dict(reason or {}),
            changes=[c.model_dump(mode="json") for c in changes],
        )
    )


def renew(
    session: Session, summary: WeeklySummary, now: datetime, changes: Sequence[Change]
) -> bool:
    """Give the week's draft new inputs; False where it has them already."""
    row = _row(session, summary.week, "draft")
    if row.input_hash == summary.input_hash:
        return False
    row.inputs = summary.model_dump(mode="json")
    row.input_hash = summary.input_hash
    row.created_at = now
    row.changes = [c.model_dump(mode="json") for c in changes]
    session.add(row)
    return True


def freeze(session: Session, week: str, now: datetime, who: str) -> None:
    """Fix the draft's numbers and commentary."""
    row = _row(session, week, "draft")
    row.state, row.frozen_at, row.frozen_by = "frozen", now, who
    row.comments = [c.model_dump(mode="json") for c in in_force(comments(session, week))]
    session.add(row)
    audit(session, now, who, "freeze", row)


def thaw(session: Session, week: str, now: datetime, who: str) -> None:
    """Make the frozen version a draft again."""
    row = _row(session, week, "frozen")
    row.state, row.frozen_at, row.frozen_by, row.comments = "draft", None, "", []
    session.add(row)
    audit(session, now, who, "thaw", row)


def publish(session: Session, edition: Edition, files: Mapping[str, bytes]) -> None:
    """Keep `edition`, which says when and by whom it is published, with its files."""
    row = _row(session, edition.week, "frozen")
    row.state, row.program = "published", edition.program
    row.published_at, row.published_by = edition.published_at, edition.published_by
    session.add(row)
    session.add_all(
        SummaryFileRow(
            summary_id=row.id or 0,
            name=name,
            sha256=hashlib.sha256(content).hexdigest(),
            packed=zlib.compress(content),
        )
        for name, content in files.items()
    )
    audit(session, _instant(edition.published_at), edition.published_by, "publish", row)


def files(session: Session, week: str, version: int) -> dict[str, bytes]:
    """File name -> bytes of a published version; {} where there is none."""
    query = _files(week, version).order_by(col(SummaryFileRow.name))
    return {row.name: zlib.decompress(row.packed) for row in session.exec(query)}


def file(session: Session, week: str, version: int, name: str) -> bytes | None:
    """One file of a published version."""
    row = session.exec(_files(week, version).where(SummaryFileRow.name == name)).first()
    return None if row is None else zlib.decompress(row.packed)


def file_names(session: Session) -> dict[tuple[str, int], tuple[str, ...]]:
    """(week, version) -> names of its files, for every published version."""
    query = (
        select(SummaryRow.week, SummaryRow.version, SummaryFileRow.name)
        .join(SummaryFileRow, col(SummaryFileRow.summary_id) == col(SummaryRow.id))
        .order_by(col(SummaryFileRow.name))
    )
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for week, version, name in session.exec(query):
        found[week, version] = (*found.get((week, version), ()), name)
    return found


def _files(week: str, version: int) -> Any:
    return (
        select(SummaryFileRow)
        .join(SummaryRow, col(SummaryRow.id) == col(SummaryFileRow.summary_id))
        .where(SummaryRow.week == week, SummaryRow.version == version)
    )


def _row(session: Session, week: str, state: State | None = None) -> Any:
    query = select(SummaryRow).where(SummaryRow.week == week)
    row = session.exec(query.order_by(col(SummaryRow.version).desc()).limit(1)).first()
    # the use-case has looked in the same transaction; another state here would change what is fixed
    if state is not None and (row is None or row.state != state):
        raise ValueError(f"the newest summary of {week} is no {state}")
    return row


def audit(session: Session, at: datetime, who: str, action: str, row: SummaryRow) -> None:
    """Say in the audit trail what was done with a version."""
    after = {"state": row.state, "input_hash": row.input_hash, "reason": row.reason}
    write_audit(session, at, who, action, f"summary:{row.week}:{row.version}", None, after)


def audit_correction(session: Session, week: str, at: datetime, who: str) -> None:
    """Say in the audit trail that the week's newest version was begun to correct the one before."""
    row = _row(session, week, "draft")
    before = {"version": row.version - 1}
    after = {"state": row.state, "input_hash": row.input_hash, "reason": row.reason}
    write_audit(session, at, who, "correct", f"summary:{week}:{row.version}", before, after)


def lock_newest(session: Session, week: str) -> tuple[State, int] | None:
    """State and number of the week's newest version; None where there is none.

    Nobody else writes of this week before the transaction ends: SQLite's writers wait for each other
    anyway, PostgreSQL's for the row.
    """
    query = select(SummaryRow).where(SummaryRow.week == week)
    newest = query.order_by(col(SummaryRow.version).desc()).limit(1)
    row = session.exec(newest.with_for_update()).first()
    return None if row is None else (cast(State, row.state), row.version)


# --- notices -------------------------------------------------------------------------------------


def open_flags(session: Session, start: datetime, end: datetime) -> int:
    """Articles published in [start, end) that are flagged and that nobody has decided on."""
    query = (
        select(func.count(func.distinct(FlagRow.article_id)))
        .join(ArticleRow, col(ArticleRow.id) == col(FlagRow.article_id))
        .where(FlagRow.state == "open")
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
    )
    return session.exec(query).one()


def set_notice(session: Session, week: str, reasons: Sequence[str], now: datetime) -> bool:
    """Keep what the week lacks; False where that is what was known."""
    known = notice(session, week)
    if (known.reasons if known else ()) == tuple(reasons):
        return False
    session.add(SummaryNoticeRow(week=week, at=now, reasons=list(reasons)))
    return True


def notice(session: Session, week: str) -> WeekNotice | None:
    """What the week lacks, as last seen."""
    query = select(SummaryNoticeRow).where(SummaryNoticeRow.week == week)
    row = session.exec(query.order_by(col(SummaryNoticeRow.id).desc()).limit(1)).first()
    return None if row is None else WeekNotice(week, row.at, tuple(row.reasons))


def notices(session: Session) -> dict[str, WeekNotice]:
    """Week -> what it lacks, for the weeks that lack something."""
    query = select(SummaryNoticeRow).order_by(col(SummaryNoticeRow.id))
    found = {r.week: WeekNotice(r.week, r.at, tuple(r.reasons)) for r in session.exec(query)}
    return {week: notice for week, notice in found.items() if notice.reasons}


# --- sendings ------------------------------------------------------------------------------------


def sendings(session: Session, week: str, version: int) -> dict[str, Sending]:
    """Address -> how far the version came to it."""
    query = select(SummarySendRow).where(
        SummarySendRow.week == week, SummarySendRow.version == version
    )
    return {
        r.address: Sending(r.address, r.language, r.level, r.state, r.detail, r.at)
        for r in session.exec(query.order_by(col(SummarySendRow.address)))
    }


def begin_sending(
    session: Session, week: str, version: int, sending: Sending, message_id: str
) -> None:
    """Note that the message is about to be handed over; one that was refused is begun anew."""
    row = _send_row(session, week, version, sending.address)
    values = {**asdict(sending), "message_id": message_id}
    if row is None:
        row = SummarySendRow(week=week, version=version, **values)
    session.add(row.sqlmodel_update(values))


def end_sending(
    session: Session, week: str, version: int, address: str, state: str, detail: str
) -> None:
    """Note what became of it."""
    row = _send_row(session, week, version, address)
    assert row is not None  # it was begun
    row.state, row.detail = state, detail
    session.add(row)


def _send_row(session: Session, week: str, version: int, address: str) -> SummarySendRow | None:
    query = select(SummarySendRow).where(
        SummarySendRow.week == week,
        SummarySendRow.version == version,
        SummarySendRow.address == address,
    )
    return session.exec(query).first()
