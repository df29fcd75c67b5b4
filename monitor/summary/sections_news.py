"""Sections about what was read and how: stories, coverage, caveats, classifiers, method. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.summary.document import Block, Bullets, Cell, Level, Paragraph, Run, Runs, Table
from monitor.summary.values import ClassifierLine, RegionLine, Source, StoryLine
from monitor.summary.wording import Words, joined, lower, name_cell, number_cell, text_cell

STORIES: dict[Level, int] = {"brief": 0, "steering": 10, "full": 40}
SOURCES = 6  # outlets shown of one story
LITTLE = 0.6  # a region heard less stands among the gaps where not all are told


# --- stories -------------------------------------------------------------------------------------


def stories(w: Words, level: Level) -> Sequence[Block]:
    """The week's stories, the widest told first, each with outlets and links, in its own language."""
    found = w.summary.stories
    if not found:
        return (Paragraph((w.say("stories.none", "stories"),)),)
    shown = found[: STORIES[level]]
    key = "stories.read" if len(shown) < len(found) else "stories.all"
    head = w.say(key, "stories", n=len(found), shown=len(shown))
    blocks: list[Block] = [Paragraph((head,), kind="note")]
    for story in shown:
        blocks += _story(w, story)
    rest = len(found) - len(shown)
    if rest:
        blocks.append(Paragraph((w.say("stories.rest", "stories", n=rest),), kind="note"))
    return blocks


def _story(w: Words, story: StoryLine) -> tuple[Block, ...]:
    first, *others = story.sources
    head = Paragraph((replace(_source(w, first)[0], strong=True), *_source(w, first)[1:]))
    tags = Paragraph((Run(_tags(w, story), uses=("stories",)),), "note")
    items = [_source(w, source) for source in others[:SOURCES]]
    rest = len(others) - len(items)
    if rest:
        items.append((Run(w.t("report.stories.outlets", n=rest)),))
    return (head, *((Bullets(tuple(items)),) if items else ()), tags)


def _tags(w: Words, story: StoryLine) -> str:
    """ "Lappi · talous ja rahoitus · lisää riskiä · 3 julkaisijaryhmää"."""
    places = ", ".join(w.region(code) for code in story.regions)
    topics = "; ".join(lower(w.topic(topic)) for topic in story.topics)
    direction = w.t(f"direction.{story.direction}") if story.topics else ""
    told = w.t("report.stories.told", n=story.publisher_groups)
    return _sentence(" · ".join(p for p in (places, topics, direction, told) if p))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _source(w: Words, source: Source) -> Runs:
    lang = "" if source.language == w.t.language else source.language
    day = w.t.date(source.published)
    return (Run(source.title, lang=lang, href=source.url), Run(f" – {source.outlet}, {day}"))


# --- coverage ------------------------------------------------------------------------------------


def coverage(w: Words, level: Level) -> Sequence[Block]:
    """How well the regions could be heard, and which sources were silent, by their titles."""
    lines = sorted(w.summary.regions, key=lambda r: (r.hearing.exposure, r.code))
    gaps = [r for r in lines if r.hearing.exposure < (1 if level == "full" else LITTLE)]
    said: list[Run] = [w.say("coverage.read", "regions")]
    poor = [r for r in lines if r.hearing.exposure < LITTLE]
    if poor:
        share = w.t.percent(LITTLE)
        said.append(w.say("coverage.poor", "regions", n=len(poor), share=share))
    else:
        share = w.t.percent(lines[0].hearing.exposure)
        said.append(w.say("coverage.good", "regions", share=share, name=w.region(lines[0].code)))
    blocks: list[Block] = [Paragraph(joined(said))]
    if not gaps:
        return blocks
    rows = tuple(
        (
            name_cell(w.region(r.code)),
            number_cell(w.t.percent(r.hearing.exposure)),
            number_cell(w.t("report.coverage.alive", alive=r.hearing.alive, of=r.hearing.sources)),
            text_cell(_silent(w, r)),
        )
        for r in gaps
    )
    columns = tuple(w.t(f"report.col.{c}") for c in ("region", "coverage", "sources", "silent"))
    return (*blocks, Table(w.t("report.coverage.caption"), columns, rows, "coverage-table"))


def _silent(w: Words, line: RegionLine) -> str:
    """ "Lapin Kansa, Rovaniemi (ei vastannut); Kaleva (ei haettu)": titles by the reason."""
    by_reason: dict[str, list[str]] = {}
    for feed, why in line.hearing.silent:
        by_reason.setdefault(w.t.silence(why), []).append(w.feed(feed))
    return "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items()) or "–"


# --- caveats -------------------------------------------------------------------------------------


def caveats(w: Words, level: Level) -> Sequence[Block]:
    """What a reader must know before using the numbers."""
    said = [*_lacks(w, level), *_always(w)]
    if level == "brief":
        return (Paragraph(joined(said)),)
    return (Bullets(tuple((run,) for run in said)),)


def _lacks(w: Words, level: Level) -> list[Run]:
    """What this week's data lack."""
    found = []
    unready = [r.code for r in w.summary.regions if r.readiness.value is None]
    if unready:
        names = w.regions(unready, 8)
        found.append(w.say("caveat.readiness", "regions", n=len(unready), names=names))
    unheard = w.summary.national.not_heard
    if unheard and level != "brief":  # the brief has said so in its first paragraph
        found.append(w.say("caveat.unheard", "national.not_heard", n=len(unheard)))
    country = w.summary.country
    if country is None:
        found.append(w.say("caveat.country", "country"))
    elif country.forgotten.missing and level != "brief":
        weeks = w.listed([w.t.week(week) for week in country.forgotten.missing], 9)
        found.append(w.say("caveat.weeks", "country.forgotten.missing", names=weeks))
    return found


def _always(w: Words) -> list[Run]:
    share = w.level_share()
    keys = ("media", "machine", "guess")
    return [
        w.say("caveat.interval", "interval", share=share),
        *(w.say(f"caveat.{k}") for k in keys),
    ]


# --- classifiers and method ----------------------------------------------------------------------


def classifiers(w: Words, level: Level) -> Sequence[Block]:
    """How good each classifier is, on texts it had not seen."""
    found = w.summary.classifiers
    if not found:
        return ()
    columns = tuple(w.t(f"report.col.{c}") for c in ("task", "score", "value", "n", "version"))
    rows = tuple(_classifier(w, c) for c in found)
    note = Paragraph((w.say("classifiers.read", "classifiers"),), kind="note")
    return (note, Table(w.t("report.classifiers.caption"), columns, rows, "classifiers-table"))


def _classifier(w: Words, c: ClassifierLine) -> tuple[Cell, ...]:
    value = w.t.number(c.value, 2)
    if c.low is not None and c.high is not None:
        value = f"{value} ({w.t.span(c.low, c.high, 2)})"
    return (
        name_cell(w.t(f"task.{c.task}")),
        text_cell(w.t.word("report.metric", c.score)),
        number_cell(value),
        number_cell(w.t.number(c.n)),
        text_cell(c.version),
    )


def method(w: Words, level: Level) -> Sequence[Block]:
    """How the numbers are made in a few sentences, and the versions they were made with."""
    blocks: list[Block] = [
        Paragraph(joined([w.say(f"method.{key}") for key in ("combined", "total", "change")])),
        Paragraph((w.say("method.version", "methodology", version=w.summary.methodology),)),
    ]
    if level != "full" or not w.summary.classifiers:
        models = [f"{lower(w.t(f'task.{k}'))} {v}" for k, v in sorted(w.summary.models.items())]
        if models:
            said = w.say("method.models", "models", names=w.listed(models, 9))
            blocks.append(Paragraph((said,)))
    if level == "full":
        blocks.append(Paragraph((w.say("method.hash", "input_hash", hash=w.summary.input_hash),)))
    return blocks
