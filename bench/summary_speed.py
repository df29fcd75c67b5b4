"""Seconds to make every file of a weekly summary: three levels, the languages asked for, six formats.

The week is invented and seeded: 23 regions, 12 weeks of history, and as many stories as articles of the
week make up. What is timed is from the frozen summary to the bytes of each file; caches are cold, as in a
run of the command.
"""

import random
import time
from collections import defaultdict
from datetime import timedelta

import click

from classifiers.reference import Reference, load_reference
from monitor.progress import Shown
from monitor.settings import ROOT
from monitor.summary.build import digest
from monitor.summary.document import Level
from monitor.summary.edition import Edition
from monitor.summary.forms import FORMATS, count, files
from monitor.summary.report import LEVELS
from monitor.summary.values import (
    AlertLine,
    AttributionLine,
    ClassifierLine,
    Driver,
    Hearing,
    National,
    Number,
    RegionLine,
    Source,
    StoryLine,
    WeeklySummary,
    WeekPoint,
)
from monitor.weeks import first_day, previous, week_bounds

WEEK, SEED, HISTORY = "2026-W46", 6, 12
ARTICLES_A_STORY = 3
HEADLINES = {
    "fi": "Sairaanhoitajapula pahenee hyvinvointialueella: päivystys suljetaan öisin",
    "sv": "Bristen på sjukskötare i välfärdsområdet förvärras: jouren stängs nattetid",
}


@click.command()
@click.option("--articles", default=5000, show_default=True)
@click.option("--languages", default="fi,sv", show_default=True)
@click.option("--level", "levels", multiple=True, type=click.Choice(LEVELS), default=LEVELS)
def main(articles: int, languages: str, levels: tuple[Level, ...]) -> None:
    """Print seconds and bytes by format, and whether the bar of 20 s is met."""
    reference = load_reference(ROOT / "labels")
    edition = frozen(invented(reference, articles))
    said = tuple(languages.split(","))
    seconds: dict[str, float] = defaultdict(float)
    sizes: dict[str, int] = defaultdict(int)
    started, busy = time.perf_counter(), time.process_time()
    made = files(edition, reference, levels=levels, languages=said)
    for name, make in Shown().over(made, "files", count(FORMATS, levels, said)):
        before = time.perf_counter()
        content = make()
        form = next(f for f in FORMATS if name.endswith(f".{f}"))
        seconds[form] += time.perf_counter() - before
        sizes[form] = max(sizes[form], len(content))
    whole, busy = time.perf_counter() - started, time.process_time() - busy
    click.echo(f"n: {articles} articles, {len(edition.summary.stories)} stories, {said}, {levels}")
    for form in FORMATS:
        click.echo(f"{form:<8} {seconds[form]:6.2f} s   largest file {sizes[form] / 1024:7.0f} KiB")
    rest = whole - sum(seconds.values())
    click.echo(f"{'content':<8} {rest:6.2f} s")
    click.echo(f"of it processor time {busy:.2f} s")
    click.echo(f"all      {whole:6.2f} s   bar: under 20 s: {'met' if whole < 20 else 'MISSED'}")


def frozen(summary: WeeklySummary) -> Edition:
    """A first draft of the summary."""
    made = week_bounds(summary.week)[1]
    return Edition(week=summary.week, version=1, state="draft", summary=summary, created_at=made)


def invented(reference: Reference, articles: int, seed: int = SEED) -> WeeklySummary:
    """A week in which every part of the summary has something to say."""
    rng = random.Random(seed)
    stories = tuple(_story(rng, reference, i) for i in range(max(1, articles // ARTICLES_A_STORY)))
    values = sorted((rng.uniform(5, 95) for _ in reference.units[:-1]), reverse=True)
    lines = [
        _line(rng, reference, code, rank, value)
        for rank, (code, value) in enumerate(zip(reference.units, [*values, None], strict=True), 1)
    ]
    monday = first_day(WEEK)
    content = WeeklySummary(
        week=WEEK,
        first_day=monday,
        last_day=monday + timedelta(days=6),
        sample=True,
        national=_national(lines, stories, articles),
        regions=tuple(lines),
        stories=stories,
        alerts=_alerts(reference),
        methodology="1",
        models={"topic": "v1-a", "region": "v1-b"},
        classifiers=(_classifier("topic"), _classifier("region")),
        attributions=(_attribution(),),
        input_hash="",
    )
    return content.model_copy(update={"input_hash": digest(content)})


def _around(value: float | None, width: float) -> Number:
    if value is None:
        return Number(value=None, reasons=("coverage:0.10",))
    return Number(value=value, low=max(0.0, value - width), high=value + width)


def _line(
    rng: random.Random, reference: Reference, code: str, rank: int, combined: float | None
) -> RegionLine:
    group = reference.groups[0].id
    drivers = (
        Driver(group=group, kind="readiness", ref="roadmap", label="", value=12.25),
        Driver(group=group, kind="story", ref="3", label=HEADLINES["sv"], value=4.5, language="sv"),
    )
    return RegionLine(
        code=code,
        readiness=_around(rng.random(), 0.05),
        media=_around(None if combined is None else rng.random(), 0.1),
        combined=_around(combined, 6),
        rank=None if combined is None else rank,
        rank_low=None if combined is None else max(1, rank - 2),
        rank_high=None if combined is None else rank + 2,
        change=None if combined is None else rng.uniform(-9, 9),
        groups={g.id: _around(combined, 9) for g in reference.groups},
        drivers=() if combined is None else drivers,
        hearing=Hearing(
            exposure=0.1 if combined is None else 0.85,
            sources=6,
            alive=1 if combined is None else 5,
            groups=3,
            languages=("fi", "sv"),
            silent=(("feed-x", "not found"),),
        ),
        noise=None if combined is None else 6.0,
        history=_history(combined),
    )


def _history(combined: float | None) -> tuple[WeekPoint, ...]:
    weeks = [previous(WEEK, n) for n in reversed(range(HISTORY))]
    return tuple(
        WeekPoint(week=week, combined=None)
        if combined is None or i == 4
        else WeekPoint(week=week, combined=combined, low=max(0, combined - 6), high=combined + 6)
        for i, week in enumerate(weeks)
    )


def _story(rng: random.Random, reference: Reference, number: int) -> StoryLine:
    start = week_bounds(WEEK)[0]
    language = "sv" if number % 4 == 0 else "fi"
    sources = tuple(
        Source(
            outlet=f"Lehti {i}",
            group=f"talo-{i}",
            title=f"{HEADLINES[language]} ({number})",
            url=f"https://lehti{i}.example/{number}",
            language=language,
            published=start + timedelta(minutes=rng.randrange(10_000)),
        )
        for i in range(ARTICLES_A_STORY)
    )
    return StoryLine(
        id=number,
        regions=(rng.choice(reference.units),),
        topics=(rng.choice(reference.topics).id,),
        direction=rng.choice(("risk", "progress", "neutral")),
        relevance=rng.uniform(0.5, 1),
        publisher_groups=1 + number % 3,
        sources=sources,
    )


def _national(lines: list[RegionLine], stories: tuple[StoryLine, ...], articles: int) -> National:
    codes = [line.code for line in lines]
    return National(
        units=len(lines),
        scored=sum(line.combined.value is not None for line in lines),
        highest=tuple(codes[:5]),
        risen=tuple(codes[3:5]),
        fallen=tuple(codes[6:7]),
        articles=articles,
        relevant=articles // 4,
        stories=len(stories),
        risk_stories=sum(story.direction == "risk" for story in stories),
        publisher_groups=21,
        not_heard=tuple(codes[-1:]),
    )


def _alerts(reference: Reference) -> tuple[AlertLine, ...]:
    return tuple(
        AlertLine(
            region=code,
            topic=reference.topics[0].id,
            observed=9,
            expected=3.25,
            threshold=7,
            method="negative binomial",
            p_value=0.0021,
            parameters={"fdr": 0.1, "weeks": 12.0},
        )
        for code in reference.units[:3]
    )


def _classifier(task: str) -> ClassifierLine:
    return ClassifierLine(
        task=task, version="v1-a", score="macro F1", value=0.81, low=0.78, high=0.84, n=1200
    )


def _attribution() -> AttributionLine:
    return AttributionLine(
        source="sotkanet", licence="CC BY 4.0", address="https://sotkanet.fi/",
        on=week_bounds(WEEK)[0], fetched=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
