"""Frozen inputs of a week with what the pages read out of them, kept in memory by their hash.

What a hash names never changes, so nothing here grows old; the least recently used goes first.
"""

from collections import OrderedDict
from functools import cached_property
from threading import Lock

from sqlmodel import Session

from monitor.db.frozen import inputs_text
from monitor.risk.alerts import Evidence, evidence
from monitor.risk.constants import load_constants
from monitor.risk.frozen import thaw
from monitor.risk.inputs import PastWeek, WeekInputs, past_week
from monitor.risk.national import GroupPicture, national
from monitor.risk.topics import TopicSignal, topic_signals

MOST = 10  # weeks; one of a thousand stories takes some megabytes


class Kept:
    """One week's inputs, and each thing computed from them once."""

    def __init__(self, inputs: WeekInputs) -> None:
        self.inputs = inputs

    @cached_property
    def signals(self) -> dict[tuple[str, str], TopicSignal]:
        """(region, topic) -> what was heard, in the inputs' order."""
        return {(s.region, s.topic): s for s in topic_signals(self.inputs, load_constants())}

    @cached_property
    def evidence(self) -> Evidence:
        """Every cell that could be tested for an alert."""
        return evidence(self.inputs, load_constants())

    @cached_property
    def topic_weeks(self) -> dict[str, dict[str, float]]:
        """Week -> topic -> weighted stories of all regions together, this week and those before it;
        weeks in which no region was heard are left out."""
        constants = load_constants()
        now = past_week(
            self.inputs.week,
            self.inputs.stories,
            {c.region: c.exposure for c in self.inputs.coverage},
            constants.stories.spread,
        )
        return {
            past.week: _sums(past)
            for past in (*self.inputs.past, now)
            if any(share >= constants.media.minimum_exposure for _, share in past.exposure)
        }

    @cached_property
    def national(self) -> tuple[GroupPicture, ...]:
        """National, regional or neither, per group."""
        return national(self.inputs, load_constants())


def _sums(past: PastWeek) -> dict[str, float]:
    found: dict[str, float] = {}
    for _, topic, value in past.topics:
        found[topic] = found.get(topic, 0.0) + value
    return found


_KEPT: OrderedDict[str, Kept] = OrderedDict()
_LOCK = Lock()


def kept(session: Session, digest: str) -> Kept | None:
    """The inputs with that hash; None where the store does not have them any more."""
    with _LOCK:
        found = _KEPT.get(digest)
        if found is not None:
            _KEPT.move_to_end(digest)
            return found
    text = inputs_text(session, digest)
    if text is None:
        return None
    found = Kept(thaw(text))
    with _LOCK:
        _KEPT[digest] = found
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return found
