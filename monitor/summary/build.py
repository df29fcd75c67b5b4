"""Scores, stories and alerts of a week -> the weekly summary. Pure: no store, clock or language."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.risk.constants import load_constants
from monitor.risk.score import contribution_tree
from monitor.summary.parts import leaves, main_cause
from monitor.summary.values import (
    AlertLine,
    AttributionLine,
    ClassifierLine,
    Country,
    Driver,
    Hearing,
    Mover,
    National,
    Number,
    RegionLine,
    Roadmap,
    StoryLine,
    WeeklySummary,
    WeekPoint,
)
from monitor.values import ALL_GROUPS, Alert, Contribution, Coverage, Interval, NotReady, Score
from monitor.weeks import first_day, previous, weeks_between

HIGHEST = 5  # regions named in the national paragraph
DRIVERS = 6  # contributions shown per region
HISTORY = 12  # weeks of a region's history, this one included


@dataclass(frozen=True, slots=True)
class Background:
    """What a summary shows besides the week's scores and news."""

    country: Country | None = None
    history: Mapping[str, Sequence[Score]] = field(
        default_factory=dict
    )  # week -> all units' totals
    feeds: Mapping[str, str] = field(default_factory=dict)  # id -> title
    languages: Mapping[int, str] = field(default_factory=dict)  # story -> of its headline
    roadmap: Roadmap | None = None
    classifiers: Sequence[ClassifierLine] = ()
    attributions: Sequence[AttributionLine] = ()


NOTHING = Background()


def build(
    week: str,
    scores: Sequence[Score],
    earlier: Sequence[Score],
    stories: Sequence[StoryLine],
    alerts: Sequence[Alert],
    counts: Mapping[str, int],
    sample: bool,
    background: Background = NOTHING,
) -> WeeklySummary:
    """The summary of `week`.

    `earlier` are the scores of the week before, `counts` holds articles, relevant and
    publisher_groups of the week. Raises ValueError where there are no scores.
    """
    if not scores:
        raise ValueError(f"no scores for {week}")
    lines = _regions(week, scores, earlier, background)
    monday = first_day(week)
    content: dict[str, Any] = {
        "week": week,
        "first_day": monday,
        "last_day": monday + timedelta(days=6),
        "sample": sample,
        "national": _national(lines, stories, counts),
        "regions": tuple(lines),
        "stories": tuple(stories),
        "alerts": tuple(_alert(a) for a in sorted(alerts, key=lambda a: a.p_value)),
        "methodology": scores[0].methodology,
        "models": scores[0].models,
        "interval": load_constants().interval.level,
        "noise_share": load_constants().interval.noise_share,
        "movers": _movers(lines, scores, earlier, background.languages),
        "country": background.country,
        "feeds": _titles(lines, background.feeds),
        "roadmap": background.roadmap,
        "classifiers": tuple(background.classifiers),
        "attributions": tuple(background.attributions),
        "scores_hash": scores[0].input_hash,
    }
    unsigned = WeeklySummary(**content, input_hash="")
    return unsigned.model_copy(update={"input_hash": digest(unsigned)})


def digest(summary: WeeklySummary) -> str:
    """SHA-256 over the content, its own hash left out."""
    content = summary.model_dump(mode="json", exclude={"input_hash"})
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _regions(
    week: str, scores: Sequence[Score], earlier: Sequence[Score], background: Background
) -> list[RegionLine]:
    """The regions, the highest risk first."""
    before = {s.region: s for s in earlier if s.group == ALL_GROUPS}
    past = _past(week, background.history)
    lines = (
        _region(s, scores, before, past.get(s.region, ()), background.languages)
        for s in scores
        if s.group == ALL_GROUPS
    )
    return sorted(lines, key=_order)


def _order(line: RegionLine) -> tuple[bool, int, str]:
    return (line.rank is None, line.rank or 0, line.code)


def _region(
    score: Score,
    scores: Sequence[Score],
    before: Mapping[str, Score],
    past: Sequence[WeekPoint],
    languages: Mapping[int, str],
) -> RegionLine:
    low, high = score.rank_range or (None, None)
    change = _change(score, before.get(score.region))
    of_region = [s for s in scores if s.region == score.region]
    return RegionLine(
        code=score.region,
        readiness=number(score.readiness, score.readiness_interval),
        media=number(score.media, score.media_interval),
        combined=number(score.combined, score.combined_interval),
        rank=score.rank,
        rank_low=low,
        rank_high=high,
        change=change,
        noise=None if change is None else noise(score, before[score.region]),
        history=tuple(past),
        groups={
            s.group: number(s.combined, s.combined_interval)
            for s in scores
            if s.region == score.region and s.group != ALL_GROUPS
        },
        drivers=_drivers(of_region, languages),
        parts=_parts(of_region, languages),
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


def _drivers(of_region: Sequence[Score], languages: Mapping[int, str]) -> tuple[Driver, ...]:
    found = [
        _driver(c, group.ref, c.value, languages)
        for group, parts in contribution_tree(of_region)
        for c in parts
    ]
    largest = sorted(found, key=lambda d: (-abs(d.value), d.group, d.ref))
    return tuple(largest[:DRIVERS])


def _parts(of_region: Sequence[Score], languages: Mapping[int, str]) -> tuple[Driver, ...]:
    largest = sorted(leaves(of_region), key=lambda c: (-abs(c.value), c.kind, c.ref))
    return tuple(_driver(c, "", c.value, languages) for c in largest[:DRIVERS])


def _driver(part: Contribution, group: str, points: float, languages: Mapping[int, str]) -> Driver:
    language = languages.get(int(part.ref), "") if part.kind == "story" else ""
    return Driver(
        group=group,
        kind=part.kind,
        ref=part.ref,
        label=part.label,
        value=points,
        language=language,
    )


def _past(week: str, history: Mapping[str, Sequence[Score]]) -> dict[str, list[WeekPoint]]:
    """Region -> a point for each of the last weeks; a week that was not scored is a gap."""
    weeks = weeks_between(previous(week, HISTORY - 1), week)
    totals = {w: {s.region: s for s in history.get(w, ()) if s.group == ALL_GROUPS} for w in weeks}
    regions = {region for of_week in totals.values() for region in of_week}
    return {r: [_point(w, totals[w].get(r)) for w in weeks] for r in regions}


def _point(week: str, score: Score | None) -> WeekPoint:
    if score is None:
        return WeekPoint(week=week, combined=None)
    whole = number(score.combined, score.combined_interval)
    return WeekPoint(
        week=week,
        combined=whole.value,
        low=whole.low,
        high=whole.high,
        readiness=number(score.readiness, None).value,
        media=number(score.media, None).value,
    )


def _titles(lines: Sequence[RegionLine], feeds: Mapping[str, str]) -> dict[str, str]:
    silent = sorted({feed for line in lines for feed, _ in line.hearing.silent})
    return {feed: feeds[feed] for feed in silent if feed in feeds}


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
    return load_constants().interval.noise_share * max(widths, default=0.0)


def _movers(
    lines: Sequence[RegionLine],
    scores: Sequence[Score],
    earlier: Sequence[Score],
    languages: Mapping[int, str],
) -> tuple[Mover, ...]:
    """Regions that changed by more than the noise, the largest change first, each with its cause."""
    moved = [
        _mover(
            line.code,
            line.change,
            line.noise,
            [s for s in scores if s.region == line.code],
            [s for s in earlier if s.region == line.code],
            languages,
        )
        for line in lines
        if line.change is not None and line.noise is not None and abs(line.change) > line.noise
    ]
    return tuple(sorted(moved, key=lambda m: (-abs(m.change), m.region)))


def _mover(
    region: str,
    change: float,
    limit: float,
    now: Sequence[Score],
    before: Sequence[Score],
    languages: Mapping[int, str],
) -> Mover:
    here = leaves(now)
    found = main_cause(here, leaves(before), change)
    if found is None:
        return Mover(region=region, change=change, noise=limit, cause=None)
    part, points = found
    gone = part.kind == "story" and part.ref not in {c.ref for c in here if c.kind == "story"}
    cause = _driver(part, "", points, languages)
    return Mover(region=region, change=change, noise=limit, cause=cause, gone=gone)


def _national(
    lines: Sequence[RegionLine], stories: Sequence[StoryLine], counts: Mapping[str, int]
) -> National:
    moved = _moved(lines)
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


def _moved(lines: Sequence[RegionLine]) -> list[tuple[str, float]]:
    """Regions that changed by more than the noise, the largest rise first."""
    moved = [
        (line.code, line.change)
        for line in lines
        if line.change is not None and line.noise is not None and abs(line.change) > line.noise
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
