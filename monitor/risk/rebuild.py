"""The use-case: compute a week's stored scores again from their frozen inputs, and compare the bytes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from monitor.db import scores as store
from monitor.db.engine import reading
from monitor.db.frozen import inputs_text
from monitor.risk.constants import load_constants
from monitor.risk.frozen import thaw
from monitor.risk.score import scores
from monitor.values import NotReady, Score


@dataclass(frozen=True, slots=True)
class NotKept:
    """There is nothing to rebuild from."""

    week: str
    scored: bool  # scores there are, from before inputs were kept


@dataclass(frozen=True, slots=True)
class OtherConstants:
    """The scores were computed with constants that this program does not have."""

    week: str
    stored: str
    here: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it."""

    week: str
    input_hash: str
    rows: int  # scores compared
    differing: tuple[tuple[str, str], ...]  # region, group; () where every byte is the same
    largest: float = 0.0  # difference of a combined score, in points


def rebuild(engine: Engine, week: str) -> Rebuilt | NotKept | OtherConstants:
    """Compute the scores in force of `week` again and compare them with what is stored."""
    with reading(engine) as session:
        stored = store.current_scores(session, week)
        text = inputs_text(session, stored[0].input_hash) if stored else None
    if text is None:
        return NotKept(week, bool(stored))
    constants, inputs = load_constants(), thaw(text)
    if inputs.methodology != constants.name:
        return OtherConstants(week, inputs.methodology, constants.name)
    again = scores(inputs, constants)
    return Rebuilt(
        week, stored[0].input_hash, len(stored), _differing(stored, again), _largest(stored, again)
    )


def _differing(stored: Sequence[Score], again: Sequence[Score]) -> tuple[tuple[str, str], ...]:
    before, after = _bytes(stored), _bytes(again)
    return tuple(sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))


def _largest(stored: Sequence[Score], again: Sequence[Score]) -> float:
    """The largest difference between two numbers; one that only one of the two has counts whole."""
    before, after = _points(stored), _points(again)
    both = before.keys() | after.keys()
    return max((abs(before.get(k, 0.0) - after.get(k, 0.0)) for k in both), default=0.0)


def _points(found: Iterable[Score]) -> dict[tuple[str, str], float]:
    return {(s.region, s.group): s.combined for s in found if not isinstance(s.combined, NotReady)}


def _bytes(found: Sequence[Score]) -> dict[tuple[str, str], bytes]:
    """Cell -> canonical JSON of its score; every float is written with all its digits."""
    return {
        (s.region, s.group): json.dumps(
            store.to_json(s), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()
        for s in found
    }
