"""Scores and alerts: kept with the hash of their inputs, read back as the same values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from monitor.db.remembered import remembered
from monitor.db.tables import AlertRow, ScoreRow
from monitor.values import Alert, Contribution, Coverage, Interval, NotReady, Score


def is_current(session: Session, week: str, input_hash: str) -> bool:
    """Whether the scores in force for `week` are those of `input_hash`."""
    return set(_current_hashes(session, week)) == {input_hash}


def hash_in_force(session: Session, week: str) -> str | None:
    """The hash of the inputs of the scores in force for `week`; None where it has none."""
    return next(iter(_current_hashes(session, week)), None)


def _current_hashes(session: Session, week: str) -> Sequence[str]:
    query = select(ScoreRow.input_hash).where(ScoreRow.week == week, col(ScoreRow.current))
    return session.exec(query.distinct()).all()


def save(session: Session, scores: Sequence[Score], alerts: Sequence[Alert], now: datetime) -> int:
    """Put a week's scores and alerts in force and return how many score rows are new.

    `scores` are all scores of one week with one input hash. Scores of other inputs stay, no longer
    current; scores that were computed before become current again. A week's alerts are replaced.
    """
    week, digest = scores[0].week, scores[0].input_hash
    rows = session.exec(select(ScoreRow).where(ScoreRow.week == week)).all()
    known = set()
    for row in rows:
        row.current = row.input_hash == digest
        if row.current:
            known.add((row.region, row.group))
        session.add(row)
    fresh = [score for score in scores if (score.region, score.group) not in known]
    session.add_all(_score_row(score, now) for score in fresh)
    _replace_alerts(session, week, alerts, now)
    return len(fresh)


def _replace_alerts(session: Session, week: str, alerts: Sequence[Alert], now: datetime) -> None:
    """Those that say the same stay as they are: readers of the feed are told once."""
    rows = session.exec(select(AlertRow).where(AlertRow.week == week)).all()
    standing = [row for row in rows if Alert(**row.value) in alerts]
    gone = [row.id for row in rows if row not in standing]
    session.exec(delete(AlertRow).where(col(AlertRow.id).in_(gone)))
    told = [Alert(**row.value) for row in standing]
    session.add_all(_alert_row(alert, now) for alert in alerts if alert not in told)


def save_aside(session: Session, scores: Sequence[Score], now: datetime) -> int:
    """Keep a week's scores without putting them in force; returns how many rows are new."""
    query = select(ScoreRow.region, ScoreRow.group)
    query = query.where(
        ScoreRow.week == scores[0].week, ScoreRow.input_hash == scores[0].input_hash
    )
    known = set(session.exec(query).all())
    fresh = [score for score in scores if (score.region, score.group) not in known]
    rows = [_score_row(score, now) for score in fresh]
    for row in rows:
        row.current = False
    session.add_all(rows)
    return len(fresh)


def first_computed(session: Session, methodology: str) -> datetime | None:
    """When the first score was computed with these constants; None where none was."""
    query = select(ScoreRow.computed_at).where(ScoreRow.methodology == methodology)
    return session.exec(query.order_by(col(ScoreRow.id)).limit(1)).first()


def current_scores(session: Session, week: str) -> list[Score]:
    """The scores in force for `week`, by region and group; [] where it has none."""
    hashes = tuple(sorted(_current_hashes(session, week)))
    return list(remembered(session, ("scores", week, hashes), lambda: _current(session, week)))


def _current(session: Session, week: str) -> tuple[Score, ...]:
    query = (
        select(ScoreRow.value)
        .where(ScoreRow.week == week, col(ScoreRow.current))
        .order_by(col(ScoreRow.region), col(ScoreRow.group))
    )
    return tuple(from_json(value) for value in session.exec(query))


def weeks_scored(session: Session) -> list[str]:
    """Weeks that have scores in force, the oldest first."""
    query = select(ScoreRow.week).where(col(ScoreRow.current)).distinct()
    return sorted(session.exec(query).all())


def alerts(session: Session, week: str) -> list[Alert]:
    """The alerts of `week`, the least likely first."""
    values = session.exec(select(AlertRow.value).where(AlertRow.week == week)).all()
    found = [Alert(**value) for value in values]
    return sorted(found, key=lambda a: (a.p_value, a.region, a.topic))


def newest_alerts(session: Session, limit: int) -> list[tuple[Alert, datetime]]:
    """The alerts of the newest weeks and since when each stands, the newest week first."""
    query = select(AlertRow.value, AlertRow.computed_at).order_by(
        col(AlertRow.week).desc(), col(AlertRow.region), col(AlertRow.topic)
    )
    return [(Alert(**value), at) for value, at in session.exec(query.limit(limit))]


def _score_row(score: Score, now: datetime) -> ScoreRow:
    return ScoreRow(
        week=score.week,
        region=score.region,
        group=score.group,
        combined=None if isinstance(score.combined, NotReady) else score.combined,
        value=to_json(score),
        methodology=score.methodology,
        input_hash=score.input_hash,
        computed_at=now,
    )


def _alert_row(alert: Alert, now: datetime) -> AlertRow:
    return AlertRow(
        week=alert.week,
        region=alert.region,
        topic=alert.topic,
        method=alert.method,
        value=asdict(alert),
        computed_at=now,
    )


def to_json(score: Score) -> dict[str, Any]:
    """`score` as JSON values; a NotReady number is `{"not_ready": [reasons]}`."""
    value = asdict(score)
    for name in ("readiness", "media", "combined"):
        number = getattr(score, name)
        if isinstance(number, NotReady):
            value[name] = {"not_ready": list(number.reasons)}
    return value


def from_json(value: Mapping[str, Any]) -> Score:
    """The score `to_json` was given, exactly."""
    return Score(
        week=value["week"],
        region=value["region"],
        group=value["group"],
        readiness=_number(value["readiness"]),
        readiness_interval=_interval(value["readiness_interval"]),
        media=_number(value["media"]),
        media_interval=_interval(value["media_interval"]),
        combined=_number(value["combined"]),
        combined_interval=_interval(value["combined_interval"]),
        rank=value["rank"],
        rank_range=None if value["rank_range"] is None else _pair(value["rank_range"]),
        contributions=tuple(Contribution(**c) for c in value["contributions"]),
        coverage=_coverage(value["coverage"]),
        methodology=value["methodology"],
        models=dict(value["models"]),
        input_hash=value["input_hash"],
    )


def _number(value: Any) -> float | NotReady:
    # A whole number may come back from JSON as an int.
    return NotReady(tuple(value["not_ready"])) if isinstance(value, dict) else float(value)


def _interval(value: dict[str, float] | None) -> Interval | None:
    return None if value is None else Interval(float(value["low"]), float(value["high"]))


def _pair(value: Sequence[int]) -> tuple[int, int]:
    low, high = value
    return low, high


def _coverage(value: dict[str, Any]) -> Coverage:
    return Coverage(
        **{
            **value,
            "languages": tuple(value["languages"]),
            "silent": tuple((feed, why) for feed, why in value["silent"]),
        }
    )
