"""Reads from the store all that a week's summary is made of, as the scores in force had it.

The shell around `build`: changes nothing, decides nothing but where to look.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from classifiers.tagger import EMBEDDED
from monitor.db import scores, summaries, views
from monitor.db.engine import reading
from monitor.db.readiness_fetches import attributions
from monitor.errors import ModelError
from monitor.i18n import LANGUAGES
from monitor.readiness.attribution import attribution_line
from monitor.readiness.picture import picture
from monitor.risk import country
from monitor.risk.national import GroupPicture
from monitor.risk.support import Support
from monitor.settings import Settings
from monitor.summary.build import HISTORY, Background, build
from monitor.summary.values import (
    AttributionLine,
    ClassifierLine,
    Country,
    ForgottenLine,
    ForgottenPicture,
    GroupLine,
    Roadmap,
    RoadmapCell,
    SupportLine,
    WeeklySummary,
)
from monitor.training import registry
from monitor.values import Score
from monitor.weeks import last_known_day, previous, week_bounds, weeks_between

SUPPORT = 20  # gaps kept: the rest take hardly anything off


def gather(
    engine: Engine, week: str, reference: Reference, settings: Settings, now: datetime
) -> WeeklySummary | None:
    """The summary of `week` from what is in force; None where it has no scores."""
    with reading(engine) as session:
        found = scores.current_scores(session, week)
        if not found:
            return None
        stories, counts = summaries.week_stories(session, *week_bounds(week))
        return build(
            week,
            found,
            scores.current_scores(session, previous(week)),
            stories,
            scores.alerts(session, week),
            counts,
            summaries.holds_sample(session),
            _background(engine, session, week, found, reference, settings, now),
        )


def _background(
    engine: Engine,
    session: Session,
    week: str,
    found: list[Score],
    reference: Reference,
    settings: Settings,
    now: datetime,
) -> Background:
    weeks = weeks_between(previous(week, HISTORY - 1), week)
    return Background(
        country=_country(engine, week, reference),
        history=summaries.totals(session, weeks),
        feeds=views.feed_titles(session),
        languages=_languages(session, week, found),
        roadmap=_roadmap(session, week, settings, now),
        classifiers=_classifiers(settings.models_dir, found[0].models),
        attributions=tuple(
            AttributionLine(
                source=a.source,
                licence=a.licence,
                address=a.address,
                on=a.on,
                fetched=a.fetched,
                **{language: attribution_line(a, language) for language in LANGUAGES},
            )
            for a in attributions(session)
        ),
    )


def _languages(session: Session, week: str, found: list[Score]) -> dict[int, str]:
    both = [*found, *scores.current_scores(session, previous(week))]
    told = {int(c.ref) for s in both for c in s.contributions if c.kind == "story"}
    return views.story_languages(session, told)


def _country(engine: Engine, week: str, reference: Reference) -> Country | None:
    alerts = country.week_alerts(engine, week)
    groups = country.week_national(engine, week)
    support = country.week_support(engine, week)
    quiet = country.week_forgotten(engine, week, reference)
    # One of them is missing exactly where all are: they read the same scores and constants.
    if (
        isinstance(alerts, country.NoPicture)
        or isinstance(groups, country.NoPicture)
        or isinstance(support, country.NoPicture)
        or isinstance(quiet, country.NoPicture)
    ):
        return None
    return Country(
        cells_tested=alerts.tested,
        regions_tested=alerts.regions,
        groups=tuple(_group(g) for g in groups),
        support=tuple(_support(s) for s in support[:SUPPORT]),
        forgotten=_forgotten(quiet),
    )


def _group(found: GroupPicture) -> GroupLine:
    return GroupLine(
        group=found.group,
        kind=found.kind,
        regions=found.regions,
        tested=found.tested,
        elevated=found.elevated,
        by_chance=found.by_chance,
        p_value=found.p_value,
    )


def _support(found: Support) -> SupportLine:
    return SupportLine(
        region=found.region,
        group=found.group,
        gap=found.gap,
        median_gap=found.median_gap,
        reduction=found.reduction,
        low=found.interval.low,
        high=found.interval.high,
        component=found.component,
        remedy=found.remedy,
    )


def _forgotten(found: country.ForgottenRegions) -> ForgottenPicture:
    return ForgottenPicture(
        weeks=found.news.weeks,
        missing=found.news.missing,
        unknown=found.unknown,
        regions=tuple(
            ForgottenLine(
                region=f.region,
                readiness=f.readiness,
                readiness_rank=f.readiness_rank,
                ranked=f.ranked,
                stories=f.stories,
                per_100_000=f.per_100_000,
                low=f.interval.low if f.interval else None,
                high=f.interval.high if f.interval else None,
                exposure=f.exposure,
                why=f.why,
            )
            for f in found.regions
        ),
    )


def _roadmap(session: Session, week: str, settings: Settings, now: datetime) -> Roadmap | None:
    found = picture(session, last_known_day(week, now))
    if found is None:
        return None
    return Roadmap(
        month=found.month,
        day=found.day,
        target=found.target,
        limits=settings.roadmap_bands,
        cells=tuple(
            RoadmapCell(
                region=region,
                group=group,
                due=cell.views.schedule.total,
                due_finished=cell.views.schedule.finished,
                total=cell.views.target.total,
                started=cell.views.target.started,
                finished=cell.views.target.finished,
                reported=cell.oldest,
            )
            for (region, group), cell in sorted(found.cells.items())
        ),
    )


def _classifiers(models: Path, chosen: Mapping[str, str]) -> tuple[ClassifierLine, ...]:
    """Figures of the versions that tagged; a version that is no longer on disk has none to show."""
    found = (_classifier(models, task, version) for task, version in sorted(chosen.items()))
    return tuple(line for line in found if line)


def _classifier(models: Path, task: str, version: str) -> ClassifierLine | None:
    try:
        stored = registry.evaluation(models, task, version.removesuffix(EMBEDDED))
    except ModelError:
        return None
    spoke = stored["embedded"] if version.endswith(EMBEDDED) else stored
    overall = spoke["overall"]
    return ClassifierLine(
        task=task,
        version=version,
        score=stored["score"],
        value=overall["value"],
        low=overall.get("low"),
        high=overall.get("high"),
        n=overall["n"],
    )
