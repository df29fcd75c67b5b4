"""Older weeks of an invented year: the scores and summaries of scored weeks over again.

Stories in contributions are replaced by stories of the week itself, and frozen inputs say the week's own
name, so that no two weeks share a row, a hash or what is cached by them.
"""

import hashlib
import json
import random
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.simulated.year import Year
from monitor.db.engine import transaction
from monitor.db.tables import AlertRow, RegionPictureRow, ScoreInputRow, ScoreRow, SummaryRow
from monitor.weeks import week_bounds


def repeat(engine: Engine, year: Year, scored: int) -> None:
    """Scores, inputs, alerts and summaries of the weeks before the last `scored` ones."""
    real, older = year.weeks[-scored:], year.weeks[:-scored]
    rng = random.Random(1)
    for n, week in enumerate(reversed(older)):
        with transaction(engine) as session:
            _week(session, real[-1 - n % scored], week, sorted(set(year.told[week])), rng)


def _week(session: Session, of: str, week: str, stories: Sequence[int], rng: random.Random) -> None:
    moved = _Moved(of, week, stories, rng)
    inputs = session.exec(select(ScoreInputRow).where(ScoreInputRow.week == of)).first()
    if inputs is None:
        return
    packed = zlib.compress(zlib.decompress(inputs.packed).replace(of.encode(), week.encode()), 6)
    at = week_bounds(week)[1]
    session.add(ScoreInputRow(hash=moved.hash(inputs.hash), week=week, packed=packed, kept_at=at))
    _scores(session, moved, at)
    _pictures(session, moved, inputs.hash)
    for row in session.exec(select(AlertRow).where(AlertRow.week == of)).all():
        session.add(
            AlertRow(
                week=week, region=row.region, topic=row.topic, method=row.method,
                value={**row.value, "week": week}, computed_at=at,
            )
        )  # fmt: skip
    for draft in session.exec(select(SummaryRow).where(SummaryRow.week == of)).all():
        inputs_ = json.loads(json.dumps(draft.inputs).replace(of, week))
        shift = timedelta(days=1)
        session.add(
            SummaryRow(
                week=week, version=1, input_hash=moved.hash(draft.input_hash), inputs=inputs_,
                created_at=at + shift, comments=[], reason={}, changes=[],
            )
        )  # fmt: skip


def _scores(session: Session, moved: "_Moved", at: Any) -> None:
    query = select(ScoreRow).where(ScoreRow.week == moved.of, col(ScoreRow.current))
    for row in session.exec(query).all():
        session.add(
            ScoreRow(
                week=moved.week, region=row.region, group=row.group, combined=row.combined,
                value=moved.value(row.value), methodology=row.methodology,
                input_hash=moved.hash(row.input_hash), computed_at=at,
            )
        )  # fmt: skip


def _pictures(session: Session, moved: "_Moved", digest: str) -> None:
    query = select(RegionPictureRow).where(RegionPictureRow.input_hash == digest)
    for row in session.exec(query).all():
        told = row.model_dump(exclude={"input_hash"})
        session.add(RegionPictureRow(input_hash=moved.hash(digest), **told))


class _Moved:
    """One week told as another."""

    def __init__(self, of: str, week: str, stories: Sequence[int], rng: random.Random) -> None:
        self.of, self.week = of, week
        self._stories, self._rng = stories, rng
        self._known: dict[str, str] = {}

    def hash(self, digest: str) -> str:
        return hashlib.sha256(f"{self.week}{digest}".encode()).hexdigest()

    def value(self, value: dict[str, Any]) -> dict[str, Any]:
        parts = [
            {**c, "ref": self._story(c["ref"])} if c["kind"] == "story" else c
            for c in value["contributions"]
        ]
        coverage = {**value["coverage"], "week": self.week}
        digest = self.hash(value["input_hash"])
        told = {"week": self.week, "contributions": parts, "coverage": coverage}
        return {**value, **told, "input_hash": digest}

    def _story(self, ref: str) -> str:
        if self._stories and ref not in self._known:
            self._known[ref] = str(self._rng.choice(self._stories))
        return self._known.get(ref, ref)
