"""A week's summary with something in every section: three regions, invented."""

from datetime import UTC, date, datetime

from monitor.summary.build import digest
from monitor.summary.values import (
    AlertLine,
    AttributionLine,
    ClassifierLine,
    Country,
    Driver,
    ForgottenLine,
    ForgottenPicture,
    GroupLine,
    Hearing,
    Mover,
    National,
    Number,
    RegionLine,
    Roadmap,
    RoadmapCell,
    Source,
    StoryLine,
    SupportLine,
    WeeklySummary,
    WeekPoint,
)
from monitor.weeks import previous, weeks_between

WEEK = "2026-W46"
WEEKS = weeks_between(previous(WEEK, 11), WEEK)
TUESDAY = datetime(2026, 11, 10, 6, tzinfo=UTC)
HEADLINE = "Avdelningen i Kristinestad stängs"
STORY = Driver(group="", kind="story", ref="7", label=HEADLINE, value=14.6, language="sv")
ROADMAP = Driver(group="", kind="readiness", ref="roadmap", label="roadmap", value=9.3)


def region(code: str, combined: float | None, **changes: object) -> RegionLine:
    missing = Number(value=None, reasons=("coverage:0.1:0.3",))
    whole = missing
    if combined is not None:
        whole = Number(value=combined, low=combined - 5, high=combined + 6)
    line = RegionLine(
        code=code,
        readiness=Number(value=0.41, low=0.37, high=0.46),
        media=missing if combined is None else Number(value=0.23, low=0.11, high=0.54),
        combined=whole,
        rank=None,
        rank_low=None,
        rank_high=None,
        change=None,
        groups={"ict_muutos": whole},
        drivers=() if combined is None else (ROADMAP, STORY),
        parts=() if combined is None else (STORY, ROADMAP),
        hearing=Hearing(
            exposure=0.64, sources=5, alive=3, groups=3, languages=("fi",),
            silent=(("lapin-kaira", "failing: timeout: slow"),),
        ),
        history=tuple(WeekPoint(week=w, combined=None if w == WEEKS[3] else combined) for w in WEEKS),
    )  # fmt: skip
    return line.model_copy(update=changes)


def story(id_: int) -> StoryLine:
    def source(outlet: str, title: str, language: str, url: str) -> Source:
        return Source(
            outlet=outlet, group=outlet, title=title, url=url, language=language, published=TUESDAY
        )

    return StoryLine(
        id=id_,
        regions=("17",),
        topics=("service_network",),
        direction="risk",
        relevance=0.93,
        publisher_groups=2,
        sources=(
            source("Kaiku Nyheter", HEADLINE, "sv", "https://kaiku.example/1"),
            source("Lakeuden Lehti", "Osasto suljetaan", "fi", ""),
        ),
    )


def country() -> Country:
    def group(name: str, kind: str, regions: tuple[str, ...], elevated: int) -> GroupLine:
        return GroupLine.model_validate(
            {
                "group": name, "kind": kind, "regions": regions, "tested": 22,
                "elevated": elevated, "by_chance": 2.3, "p_value": 0.2,
            }
        )  # fmt: skip

    return Country(
        cells_tested=322,
        regions_tested=22,
        groups=(
            group("hallinto_talous_tukipalvelut", "national", ("17", "19"), 7),
            group("johtaminen_osaaminen", "regional", ("17",), 3),
            group("palveluiden_jarjestaminen", "neither", (), 2),
            group("ict_muutos", "unheard", (), 0),
        ),
        support=(
            SupportLine(
                region="17", group="ict_muutos", gap=0.79, median_gap=0.26, reduction=52.4,
                low=32.2, high=55.1, component="roadmap", remedy="regional",
            ),
        ),
        forgotten=ForgottenPicture(
            weeks=WEEKS[-3:],
            missing=WEEKS[-4:-3],
            unknown=("20",),
            regions=(
                ForgottenLine(
                    region="19", readiness=0.57, readiness_rank=3, ranked=21, stories=4.2,
                    per_100_000=0.36, low=0.2, high=0.6, exposure=0.44, why=("quiet", "not heard"),
                ),
            ),
        ),
    )  # fmt: skip


def example() -> WeeklySummary:
    """Pohjanmaa rose, Lappi stands still, Pohjois-Savo was not heard."""
    summary = WeeklySummary(
        week=WEEK,
        first_day=date(2026, 11, 9),
        last_day=date(2026, 11, 15),
        sample=False,
        national=National(
            units=3, scored=2, highest=("17", "19"), risen=("17",), fallen=(), articles=1288,
            relevant=48, stories=2, risk_stories=1, publisher_groups=12, not_heard=("13",),
        ),
        regions=(
            region("17", 62.0, rank=1, rank_low=1, rank_high=4, change=19.5, noise=11.1),
            region("19", 38.0, rank=2, rank_low=2, rank_high=9, change=-0.4, noise=8.0),
            region("13", None),
        ),
        stories=(story(7), story(8)),
        alerts=(
            AlertLine(
                region="17", topic="ict", observed=6.2, expected=1.4, threshold=4.9,
                method="predictive + eEARS", p_value=0.0012,
                parameters={"false_discovery_rate": 0.4, "cells_tested": 322.0},
            ),
        ),
        methodology="v1-abc",
        models={"topic": "v2-def"},
        movers=(Mover(region="17", change=19.5, noise=11.1, cause=STORY),),
        country=country(),
        feeds={"lapin-kaira": "Lapin Kaira"},
        roadmap=Roadmap(
            month="2026-11", day=date(2026, 11, 15), target=date(2027, 1, 1), limits=(50, 75, 90),
            cells=(
                RoadmapCell(
                    region="17", group="all", due=43, due_finished=29, total=61, started=40,
                    finished=33, reported=date(2026, 11, 10),
                ),
            ),
        ),
        classifiers=(
            ClassifierLine(
                task="topic", version="v2-def", score="macro F1", value=0.7049, low=0.68,
                high=0.73, n=1503,
            ),
        ),
        attributions=(
            AttributionLine(
                source="THL Sotkanet", licence="CC BY 4.0", address="https://sotkanet.fi/x",
                on=TUESDAY, fetched=True,
            ),
        ),
        input_hash="",
    )  # fmt: skip
    return summary.model_copy(update={"input_hash": digest(summary)})
