"""Small inputs of a week for the score's tests: three units, the five roadmap groups, nothing random."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.risk.constants import Constants, load_constants
from monitor.risk.inputs import (
    ArticleSignal,
    ErrorRate,
    PastWeek,
    Readiness,
    StorySignal,
    WeekInputs,
)
from monitor.values import Claim, Coverage, ReadinessComponent, ReadinessState, Task

WEEK = "2026-W46"
UNITS = ("06", "17", "18")
GROUPS = (
    "hallinto_talous_tukipalvelut",
    "johtaminen_osaaminen",
    "palveluiden_jarjestaminen",
    "yhdyspinnat",
    "ict_muutos",
)
TOPICS = {
    "hallinto_talous_tukipalvelut": ("finance",),
    "johtaminen_osaaminen": ("personnel",),
    "palveluiden_jarjestaminen": ("health_access", "rescue"),
    "yhdyspinnat": ("interfaces",),
    "ict_muutos": ("ict",),
}
MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
CONSTANTS: Constants = load_constants()


def claim(
    task: Task, label: str, probability: float = 1.0, author: str = "model", **changes: object
) -> Claim:
    made = Claim(1, "hash", task, label, probability, probability >= 0.5, "model", author)
    return replace(made, author=author, **changes)  # type: ignore[arg-type]


def article(
    id_: int = 1,
    group: str = "keskisuomalainen",
    claims: tuple[Claim, ...] | None = None,
    *,
    full: bool = True,
    hours: int = 0,
    story: int = 7,
    title: str = "Päivystykseen on pitkä jono",
) -> ArticleSignal:
    published = MONDAY + timedelta(hours=hours)
    said = RISK_IN_SATAKUNTA if claims is None else claims
    return ArticleSignal(id_, story, group, published, full, title, said)


RISK_IN_SATAKUNTA = (
    claim("relevance", "relevant", 0.9),
    claim("region", "06", 0.8, role="happens"),
    claim("topic", "health_access", 0.7),
    claim("direction", "risk", 0.6),
    claim("direction", "neutral", 0.3),
    claim("direction", "progress", 0.1),
)


def story(
    id_: int = 1,
    region: str = "06",
    group: str = "ict_muutos",
    *,
    raises: float = 1.0,
    progress: float = 0.0,
    likely: float = 1.0,
    publishers: int = 1,
) -> StorySignal:
    return StorySignal(
        story=id_,
        week=WEEK,
        title=f"Händelse {id_}",
        publishers=publishers,
        relevant=likely,
        regions=((region, likely),),
        topics=((TOPICS[group][0], likely),),
        groups=((group, likely),),
        raises=raises,
        progress=progress,
    )


def component(
    name: str = "roadmap", done: float | None = 0.5, *, weight: float = 0.5, age: int | None = 0
) -> ReadinessComponent:
    state = ReadinessState.MISSING if done is None else ReadinessState.OBSERVED
    return ReadinessComponent(
        name, state, done, None if done is None else age, weight, f"{name}: exempel"
    )


def coverage(region: str, exposure: float = 1.0, groups: int = 3) -> Coverage:
    return Coverage(region, WEEK, exposure, 4, 3, groups, ("fi", "sv"))


def past(weeks: int = 6, count: float = 1.0, exposure: float = 1.0) -> tuple[PastWeek, ...]:
    return tuple(
        PastWeek(
            f"2026-W{46 - weeks + i}",
            tuple((u, exposure) for u in UNITS),
            tuple((u, g, count) for u in UNITS for g in GROUPS),
            tuple((u, TOPICS[g][0], count) for u in UNITS for g in GROUPS),
        )
        for i in range(weeks)
    )


def week_inputs(
    stories: tuple[StorySignal, ...] = (),
    *,
    exposure: float = 1.0,
    components: tuple[ReadinessComponent, ...] | None = None,
    before: tuple[PastWeek, ...] | None = None,
    draws: int = 200,
) -> WeekInputs:
    """Every unit and group alike except for the stories."""
    if components is None:
        components = (component(), component("survey", 0.9, weight=0.5))
    return WeekInputs(
        week=WEEK,
        methodology=CONSTANTS.name,
        seed=1,
        draws=draws,
        models=(("topic", "v1-a"),),
        error_rates=(ErrorRate("topic", 0.8, 0.8),),
        units=UNITS,
        groups=GROUPS,
        topics=tuple(t for ts in TOPICS.values() for t in ts),
        stories=stories,
        past=past() if before is None else before,
        coverage=tuple(coverage(u, exposure) for u in UNITS),
        readiness=tuple(Readiness(u, g, components) for u in UNITS for g in GROUPS),
    )
