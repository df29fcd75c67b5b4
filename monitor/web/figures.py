"""The three numbers of a score as pages show them: all on the scale 0-100, with their interval.

Pure. A number that cannot be given stays a `NotReady` all the way to the page.
"""

from dataclasses import dataclass

from monitor.charts import step
from monitor.values import Interval, NotReady, Score

MEASURES = ("combined", "readiness", "media")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one region."""

    measure: str
    value: float | None  # 0-100
    low: float | None
    high: float | None
    reasons: tuple[str, ...]  # ids, where there is no value

    @property
    def step(self) -> int | None:
        """1-4, by the number as it is written."""
        return None if self.value is None else step(self.value)


def figure(score: Score, measure: str) -> Figure:
    """`measure` of `score`."""
    value: float | NotReady = getattr(score, measure)
    interval: Interval | None = getattr(score, f"{measure}_interval")
    if isinstance(value, NotReady):
        return Figure(measure, None, None, None, value.reasons)
    factor = 1.0 if measure == "combined" else 100.0
    if interval is None:
        return Figure(measure, value * factor, None, None, ())
    return Figure(measure, value * factor, interval.low * factor, interval.high * factor, ())


def change(now: Score, before: Score | None, measure: str) -> float | None:
    """Points risen since the week before; None where either week has no number."""
    if before is None:
        return None
    new, old = figure(now, measure).value, figure(before, measure).value
    return None if new is None or old is None else new - old
