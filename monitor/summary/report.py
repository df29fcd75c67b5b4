"""A week's frozen inputs -> the summary as a document, at one of three levels, in one language. Pure.

Decides what is told to whom and in which order; the sections are in `sections_*`, the words in `wording`,
the looks in the formats. A section about something that the summary does not know is left out.

- *brief*, for the ministerial group: one page; the country in a paragraph, the highest regions, what changed.
- *steering*, for the steering group: every region, why, alerts, support, the main stories, gaps.
- *full*, for the coordination group: all of it, with every parameter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.readiness.attribution import Attribution, attribution_line
from monitor.summary import sections_country, sections_news, sections_regions
from monitor.summary.document import Block, Document, Heading, Level, Paragraph, Run
from monitor.summary.edition import Comment
from monitor.summary.values import WeeklySummary
from monitor.summary.wording import Words

LEVELS: tuple[Level, ...] = ("brief", "steering", "full")

Section = Callable[[Words, Level], Sequence[Block]]

SECTIONS: Mapping[str, Section] = {
    "national": sections_regions.national,
    "highest": sections_regions.highest,
    "map": sections_regions.map_,
    "regions": sections_regions.regions,
    "change": sections_regions.change,
    "why": sections_regions.why,
    "history": sections_regions.history,
    "alerts": sections_country.alerts,
    "groups": sections_country.groups,
    "support": sections_country.support,
    "forgotten": sections_country.forgotten,
    "stories": sections_news.stories,
    "roadmap": sections_country.roadmap,
    "coverage": sections_news.coverage,
    "caveats": sections_news.caveats,
    "classifiers": sections_news.classifiers,
    "method": sections_news.method,
}
"""Anchor of a section -> what makes it, in reading order. Commentary names sections by these anchors."""

IN_LEVEL: Mapping[Level, tuple[str, ...]] = {
    "brief": ("national", "highest", "support", "caveats"),
    "steering": tuple(s for s in SECTIONS if s not in ("highest", "history", "classifiers")),
    "full": tuple(s for s in SECTIONS if s != "highest"),
}


def report(
    summary: WeeklySummary,
    level: Level,
    reference: Reference,
    translator: Translator,
    comments: Iterable[Comment] = (),
) -> Document:
    """The summary at `level` in the translator's language; commentary in other languages is left out.

    The subtitle says the week's days; what is said of the version is `wording_life`'s.
    """
    words = Words(summary, reference, translator)
    said = _comments(comments, translator.language)
    blocks: list[Block] = [Heading(1, title(words), "title"), *_opening(words)]
    for anchor in IN_LEVEL[level]:
        made = SECTIONS[anchor](words, level)
        if made:
            heading = Heading(2, translator(f"report.{anchor}"), anchor)
            blocks += [heading, *said.get(anchor, ()), *made]
    return Document(
        language=translator.language,
        title=title(words),
        subtitle=translator.week_days(summary.week),
        week=summary.week,
        level=level,
        blocks=tuple(blocks),
        sources=sources(words),
    )


def title(words: Words) -> str:
    """ "Alueiden tilannekuva, viikko 46/2026"."""
    return words.t("report.title", week=words.t.week_year(words.summary.week))


def sources(words: Words) -> tuple[str, ...]:
    """Whom to name: the news outlets together, each readiness source by its own licence."""
    outlets = sorted({s.outlet for story in words.summary.stories for s in story.sources})
    lines = readiness_lines(words.summary, words.t.language)
    if outlets:
        lines.append(words.t("report.sources.news", names=words.listed(outlets, len(outlets))))
    return tuple(lines)


def readiness_lines(summary: WeeklySummary, language: str) -> list[str]:
    """Whom to name for readiness data, as it was said when the numbers were; in today's words where the
    summary is of a shape that did not keep it."""
    return [
        {"fi": a.fi, "sv": a.sv, "en": a.en}[language]
        or attribution_line(Attribution(a.source, a.licence, a.address, a.on, a.fetched), language)
        for a in summary.attributions
    ]


def _opening(words: Words) -> tuple[Block, ...]:
    about = Paragraph((words.say("about", "week"),), kind="note")
    if not words.summary.sample:
        return (about,)
    return (Paragraph((words.say("sample", "sample"),), kind="warning"), about)


def _comments(comments: Iterable[Comment], language: str) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for comment in comments:
        if comment.language == language and comment.text:
            parts = [part.strip() for part in comment.text.split("\n\n")]
            found.setdefault(comment.section, []).extend(
                Paragraph((Run(part),), kind="comment") for part in parts if part
            )
    return found
