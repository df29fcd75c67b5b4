"""What a week's summary lacks before it can be relied on. Pure.

Lacking something stops nobody from publishing: the person who publishes must know it.
"""

from collections.abc import Iterator

from monitor.summary.values import WeeklySummary

NO_SCORES = "scores"


def lacking(summary: WeeklySummary, open_flags: int, least: float) -> tuple[str, ...]:
    """Ids of what is missing, each with its figures behind colons, worded by `life.lack.<id>`.

    `open_flags` are the week's flagged articles that nobody has decided on; `least` is the share of its
    usual hearing below which a region counts as not heard.
    """
    return (*_unheard(summary, least), *_unready(summary), *_undecided(open_flags))


def _unheard(summary: WeeklySummary, least: float) -> Iterator[str]:
    for line in sorted(summary.regions, key=lambda line: line.code):
        if line.hearing.exposure < least:
            yield f"coverage:{line.code}:{line.hearing.exposure:.2f}"


def _unready(summary: WeeklySummary) -> Iterator[str]:
    for line in sorted(summary.regions, key=lambda line: line.code):
        if line.readiness.value is None:
            yield f"readiness:{line.code}"


def _undecided(open_flags: int) -> Iterator[str]:
    if open_flags:
        yield f"flags:{open_flags}"
