"""Scores, stories and alerts of a week -> the weekly summary. Pure: no store, clock or language."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from monitor.risk.score import contribution_tree
from monitor.summary.values import (
    AlertLine,
    Driver,
    Hearing,
    National,
    Number,
    RegionLine,
    StoryLine,
    WeeklySummary,
)
from monitor.values import ALL_GROUPS, Alert, Coverage, Interval, NotReady, Score
from monitor.weeks import first_day

HIGHEST = 5  # regions named in the national paragraph
DRIVERS = 6  # contributions shown per region
# A change counts as one where it is larger than half the wider interval of the two weeks: smaller
# ones are within what classifier error and small counts alone would make.
NOISE_SHARE = 0.5


def build(
    week: str,
    scores: Sequence[Score],
    earlier: Sequence[Score],
    stories: Sequence[StoryLine],
    alerts: Sequence[Alert],
    counts: Mapping[str, int],
    sample: bool,
) -> WeeklySummary:
    """The summary of `week`.

    `earlier` are the scores of the week before, `counts` holds articles, relevant and
    publisher_groups of the week. Raises ValueError where there are no scores.
    """
    if not scores:
        raise ValueError(f"no scores for {week}")
    before = {s.region: s for s in earlier if s.group == ALL_GROUPS}
    lines = sorted(
        (_region(s, scores, before) for s in scores if s.group == ALL_GROUPS), key=_order
    )
    monday = first_day(week)
    content: dict[str, Any] = {
        "week": week,
        "first_day": monday,
        "last_day": monday + timedelta(days=6),
        "sample": sample,
        "national": _national(lines, scores, before, stories, counts),
        "regions": tuple(lines),
        "stories": tuple(stories),
        "alerts": tuple(_alert(a) for a in sorted(alerts, key=lambda a: a.p_value)),
        "methodology": scores[0].methodology,
        "models": scores[0].models,
    }
    unsigned = WeeklySummary(**content, input_hash="")
    return unsigned.model_copy(update={"input_hash": digest(unsigned)})


def digest(summary: WeeklySummary) -> str:
    """SHA-256 over the content, its own hash left out."""
    content = summary.model_dump(mode="json", exclude={"input_hash"})
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _order(line: RegionLine) -> tuple[bool, int, str]:
    return (line.rank is None, line.rank or 0, line.code)


def _region(score: Score, scores: Sequence[Score], before: Mapping[str, Score]) -> RegionLine:
    low, high = score.rank_range or (None, None)
    return RegionLine(
        code=score.region,
        readiness=number(score.readiness, score.readiness_interval),
        media=number(score.media, score.media_interval),
        combined=number(score.combined, score.combined_interval),
        rank=score.rank,
        rank_low=low,
        rank_high=high,
        change=_change(score, before.get(score.region)),
        groups={
            s.group: number(s.combined, s.combined_interval)
            for s in scores
            if s.region == score.region and s.group != ALL_GROUPS
        },
        drivers=_drivers([s for s in scores if s.region == score.region]),
        hearing=hearing(score.coverage),
    )


def number(value: float | NotReady, interval: Interval | None) -> Number:
    """A score's part as the summary shows it."""
    if isinstance(value, NotReady):
        return Number(value=None, reasons=value.reasons)
    if interval is None:
        return Number(value=value)
    return Number(value=value, low=interval.low, high=interval.high)


def hearing(coverage: Coverage) -> Hearing:
    """Coverage as the summary shows it."""
    return Hearing(
        exposure=coverage.exposure,
        sources=coverage.sources,
        alive=coverage.alive,
        groups=coverage.groups,
        languages=coverage.languages,
        silent=coverage.silent,
    )


def _drivers(of_region: Sequence[Score]) -> tuple[Driver, ...]:
    leaves = [
        Driver(group=group.ref, kind=c.kind, ref=c.ref, label=c.label, value=c.value)
        for group, parts in contribution_tree(of_region)
        for c in parts
    ]
    largest = sorted(leaves, key=lambda d: (-abs(d.value), d.group, d.ref))
    return tuple(largest[:DRIVERS])


def _change(score: Score, earlier: Score | None) -> float | None:
    if earlier is None or isinstance(score.combined, NotReady):
        return None
    if isinstance(earlier.combined, NotReady):
        return None
    return score.combined - earlier.combined


def noise(score: Score, earlier: Score) -> float:
    """How large a change between two weeks is no news, in points of the combined score."""
    widths = [
        i.high - i.low
        for i in (score.combined_interval, earlier.combined_interval)
        if i is not None
    ]
    return NOISE_SHARE * max(widths, default=0.0)


def _national(
    lines: Sequence[RegionLine],
    scores: Sequence[Score],
    before: Mapping[str, Score],
    stories: Sequence[StoryLine],
    counts: Mapping[str, int],
) -> National:
    moved = _moved(lines, {s.region: s for s in scores if s.group == ALL_GROUPS}, before)
    return National(
        units=len(lines),
        scored=sum(line.combined.value is not None for line in lines),
        highest=tuple(line.code for line in lines if line.rank is not None)[:HIGHEST],
        risen=tuple(code for code, change in moved if change > 0),
        fallen=tuple(code for code, change in reversed(moved) if change < 0),
        articles=counts["articles"],
        relevant=counts["relevant"],
        stories=len(stories),
        risk_stories=sum(story.direction == "risk" for story in stories),
        publisher_groups=counts["publisher_groups"],
        not_heard=tuple(line.code for line in lines if line.media.value is None),
    )


def _moved(
    lines: Sequence[RegionLine], scores: Mapping[str, Score], before: Mapping[str, Score]
) -> list[tuple[str, float]]:
    """Regions that changed by more than the noise, the largest rise first."""
    moved = [
        (line.code, line.change)
        for line in lines
        if line.change is not None
        and abs(line.change) > noise(scores[line.code], before[line.code])
    ]
    return sorted(moved, key=lambda pair: (-pair[1], pair[0]))


def _alert(alert: Alert) -> AlertLine:
    return AlertLine(
        region=alert.region,
        topic=alert.topic,
        observed=alert.observed,
        expected=alert.expected,
        threshold=alert.threshold,
        method=alert.method,
        p_value=alert.p_value,
        parameters=dict(alert.parameters),
    )
