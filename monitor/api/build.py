"""Records from a week's rows, one shape after the other. What they hold was decided before."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlmodel import Session

from monitor.api import records
from monitor.api.records import Kind
from monitor.api.weekly import Row, Week
from monitor.db import exports
from monitor.db.exports import SummaryVersion
from monitor.risk.inputs import Readiness, StorySignal
from monitor.risk.topics import Measured, TopicSignal
from monitor.values import Alert, Interval, NotReady, Score
from monitor.weeks import week_bounds


def built(session: Session, kind: Kind, rows: Sequence[Row]) -> list[records.Record]:
    """The records of `rows`, in their order."""
    if kind == "stories":
        return _stories(session, rows)
    return [_BUILD[kind](row) for row in rows]


def _signal(row: Row) -> records.Record:
    cell: TopicSignal = row.value
    week = _week(row)
    reasons = _reasons(week.scores, cell.region) if cell.pressure is None else []
    return records.Signal(
        week=week.week,
        region=cell.region,
        topic=cell.topic,
        stories=cell.stories,
        stories_raising_risk=cell.raises,
        stories_showing_progress=cell.progress,
        weighted=cell.weighted,
        exposure=cell.exposure,
        past_weeks=cell.past_weeks,
        expected=cell.expected,
        rate=_cell_measure(cell.rate, reasons),
        pressure=_cell_measure(cell.pressure, reasons),
    )


def _reasons(found: Sequence[Score], region: str) -> list[str]:
    """Why the region has no media number."""
    said = (s.media for s in found if s.region == region and isinstance(s.media, NotReady))
    return list(next((media.reasons for media in said), ()))


def _cell_measure(of: Measured | None, reasons: list[str]) -> records.Measure:
    if of is None:
        return records.Measure(value=None, low=None, high=None, reasons=reasons)
    return records.Measure(value=of.value, low=of.low, high=of.high)


def _measure(value: float | NotReady, interval: Interval | None) -> records.Measure:
    if isinstance(value, NotReady):
        return records.Measure(value=None, low=None, high=None, reasons=list(value.reasons))
    low, high = (interval.low, interval.high) if interval else (None, None)
    return records.Measure(value=value, low=low, high=high)


def _score(row: Row) -> records.Record:
    of: Score = row.value
    low, high = of.rank_range or (None, None)
    return records.Score(
        week=of.week,
        region=of.region,
        group=of.group,
        readiness=_measure(of.readiness, of.readiness_interval),
        media=_measure(of.media, of.media_interval),
        combined=_measure(of.combined, of.combined_interval),
        rank=of.rank,
        rank_low=low,
        rank_high=high,
        stories=_week(row).stories.get(of.region, 0),
        exposure=of.coverage.exposure,
        sources=of.coverage.sources,
        sources_heard=of.coverage.alive,
        publisher_groups=of.coverage.groups,
        contributions=[
            records.Part(kind=c.kind, ref=c.ref, label=c.label, value=c.value)
            for c in of.contributions
        ],
        methodology=of.methodology,
        input_hash=of.input_hash,
    )


def _readiness(row: Row) -> records.Record:
    pair: tuple[Score, Readiness] = row.value
    score, of = pair
    return records.Readiness(
        week=score.week,
        region=score.region,
        group=score.group,
        gap=_measure(score.readiness, score.readiness_interval),
        observed=sum(c.done is not None for c in of.components),
        components=[
            records.Component(
                component=c.component,
                state=c.state.value,
                done=c.done,
                age_days=c.age_days,
                weight=c.weight,
                detail=c.detail,
                n=len(c.observation_ids),
            )
            for c in of.components
        ],
    )


def _coverage(row: Row) -> records.Record:
    of, hearing = row.value
    return records.Coverage(
        week=of.week,
        region=of.region,
        exposure=of.exposure,
        sources=of.sources,
        sources_heard=of.alive,
        publisher_groups=of.groups,
        languages=list(of.languages),
        silent=[records.Silent(feed=feed, why=why) for feed, why in of.silent],
        stories=hearing.stories if hearing else None,
        stories_expected=hearing.expected if hearing else None,
        at_most=hearing.at_most if hearing else None,
        by_group=_shares(hearing.breakdown.groups if hearing else ()),
        by_language=_shares(hearing.breakdown.languages if hearing else ()),
    )


def _shares(pairs: Iterable[tuple[str, float]]) -> list[records.Share]:
    return [records.Share(name=name, share=share) for name, share in pairs]


def _alert(row: Row) -> records.Record:
    of: Alert = row.value
    return records.Alert(
        week=of.week,
        region=of.region,
        topic=of.topic,
        observed=of.observed,
        expected=of.expected,
        threshold=of.threshold,
        p_value=of.p_value,
        method=of.method,
        exposure=_week(row).exposure(of.region),
        cells_tested=int(of.parameters.get("cells_tested", 0)),
        past_weeks=int(of.parameters.get("past_weeks", 0)),
        parameters=of.parameters,
    )


def _stories(session: Session, rows: Sequence[Row]) -> list[records.Record]:
    by_week: dict[str, list[int]] = {}
    for row in rows:
        by_week.setdefault(row.value.week, []).append(row.value.story)
    told = {
        (week, story): articles
        for week, ids in by_week.items()
        for story, articles in exports.tellings(session, ids, *week_bounds(week)).items()
    }
    return [_story(row, told.get((row.value.week, row.value.story), ())) for row in rows]


def _story(row: Row, told: Collection[exports.Telling]) -> records.Record:
    of: StorySignal = row.value
    week = _week(row)
    return records.Story(
        week=of.week,
        id=of.story,
        title=of.title,
        day=of.day,
        publishers=of.publishers,
        relevance=of.relevant,
        raises_risk=of.raises,
        shows_progress=of.progress,
        regions=[
            records.Where(region=region, probability=p, exposure=week.exposure(region))
            for region, p in of.regions
        ],
        topics=[records.Likely(topic=topic, probability=p) for topic, p in of.topics],
        sources=[
            records.Source(
                outlet=t.outlet,
                publisher_group=t.publisher_group,
                title=t.title,
                url=t.url,
                language=t.language,
                published=t.published,
            )
            for t in told
        ],
    )


def summary_line(of: SummaryVersion) -> records.SummaryLine:
    """A version without its contents."""
    national = of.inputs.get("national", {})
    return records.SummaryLine(
        week=of.week,
        version=of.version,
        state=of.state,
        created_at=of.created_at,
        published_at=of.published_at,
        reason=of.reason,
        articles=national.get("articles"),
        stories=national.get("stories"),
        units=national.get("units"),
        units_scored=national.get("scored"),
        input_hash=of.input_hash,
        href=f"/api/v1/summaries/{of.week}?version={of.version}",
    )


_BUILD: Mapping[Kind, Callable[[Row], records.Record]] = {
    "signals": _signal,
    "scores": _score,
    "readiness": _readiness,
    "coverage": _coverage,
    "alerts": _alert,
    "summaries": lambda row: summary_line(row.value),
}


def _week(row: Row) -> Week:
    assert row.week is not None
    return row.week
