"""A region's page as values: figures with their history, parts of the number, stories. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from classifiers.reference import Reference
from monitor import charts
from monitor.charts import Part, Point
from monitor.db.views import Telling
from monitor.i18n import LANGUAGES, Translator
from monitor.values import Contribution, Score
from monitor.web.figures import MEASURES, Figure, figure
from monitor.web.text import Mark, Piece, extract, marks, pieces, web_address

STORIES = 12
LINES = 14  # parts of a number listed one by one
TELLINGS = 6  # articles listed per story


@dataclass(frozen=True, slots=True)
class Card:
    """One of the three numbers with its history."""

    figure: Figure
    weeks: tuple[tuple[str, Figure | None], ...]  # oldest first; None: not scored
    interval: Markup | None
    spark: Markup


@dataclass(frozen=True, slots=True)
class PartLine:
    """One line of the table under the bar."""

    kind: str
    label: str
    language: str  # of the label
    value: float
    ref: str = ""  # what it is a part of: a readiness component, a story


@dataclass(frozen=True, slots=True)
class Link:
    """One article of a story."""

    outlet: str
    title: tuple[Piece, ...]
    language: str
    href: str  # "" where there is nothing to link to
    telling: Telling


@dataclass(frozen=True, slots=True)
class StoryCard:
    """A story behind a number."""

    points: float
    headline: Link
    groups: int
    extract: tuple[Piece, ...]
    others: tuple[Link, ...]
    more: int


def cards(
    past: Mapping[str, Score], weeks: Sequence[str], now: Score, t: Translator
) -> tuple[Card, ...]:
    """The three numbers of `now`; `past` is week -> score, `weeks` are those shown, oldest first."""
    return tuple(_card(measure, past, weeks, now, t) for measure in MEASURES)


def _card(
    measure: str, past: Mapping[str, Score], weeks: Sequence[str], now: Score, t: Translator
) -> Card:
    shown = figure(now, measure)
    series = tuple((w, figure(past[w], measure) if w in past else None) for w in weeks)
    name = t(f"measure.{measure}")
    bar = None
    if shown.value is not None and shown.low is not None and shown.high is not None:
        said = t("score.interval_long", low=t.number(shown.low), high=t.number(shown.high))
        bar = charts.interval_bar(
            shown.value, shown.low, shown.high, top=100, title=said, name=f"interval-{measure}"
        )
    spark = charts.sparkline(
        [Point(f.value, f.low, f.high) if f else Point(None) for _, f in series],
        top=100,
        title=f"{name}: {t('region.history', n=len(weeks))}",
        description=t("region.spark_desc"),
        name=f"spark-{measure}",
        last="" if shown.value is None else t.number(shown.value),
    )
    return Card(shown, series, bar, spark)


def part_lines(
    parts: Sequence[Contribution], languages: Mapping[int, str], t: Translator
) -> tuple[PartLine, ...]:
    """The parts in words; the small ones beyond LINES are added up in one line, so the sum stays."""
    shown = set(sorted(range(len(parts)), key=lambda i: -abs(parts[i].value))[:LINES])
    lines = [_part_line(part, languages, t) for i, part in enumerate(parts) if i in shown]
    small = [part.value for i, part in enumerate(parts) if i not in shown]
    if small:
        label = t("contribution.others", n=len(small))
        lines.append(PartLine("rest", label, t.language, sum(small)))
    return tuple(lines)


def _part_line(part: Contribution, languages: Mapping[int, str], t: Translator) -> PartLine:
    label, language = part_name(part, languages, t)
    return PartLine(part.kind, label, language, part.value, part.ref)


def part_name(part: Contribution, languages: Mapping[int, str], t: Translator) -> tuple[str, str]:
    """A part in words, and the language of those words: a headline stays in its own."""
    match part.kind:
        case "readiness":
            return t.word("component", part.ref), t.language
        case "story":
            return part.label, languages.get(int(part.ref), t.language)
        case "rest":
            return t("contribution.rest"), t.language
        case _:
            return part.label, t.language


def bar(lines: Sequence[PartLine], total: float, t: Translator) -> Markup:
    """The parts as one bar that ends at the number."""
    order = {"readiness": 0, "group": 0, "rest": 1, "story": 2}
    drawn = sorted(lines, key=lambda line: (order[line.kind], -line.value))
    return charts.contribution_bar(
        [_bar_part(line, t) for line in drawn],
        total=t.number(total),
        title=t("region.why"),
        description=t("region.why_desc", total=t.number(total)),
        name="why",
    )


def _bar_part(line: PartLine, t: Translator) -> Part:
    points = t.number(line.value, 1)
    said = f"{line.label}: {t.signed(line.value, 1)}"
    return Part(line.value, line.kind, said, (f"{line.label} {points}", points))


def loudest(parts: Sequence[Contribution]) -> list[Contribution]:
    """The stories that may get a card, those with most points first; some more than have room, for one
    whose articles were all removed gets none."""
    stories = [c for c in parts if c.kind == "story"]
    return sorted(stories, key=lambda c: (-abs(c.value), int(c.ref)))[: 2 * STORIES]


def story_cards(
    parts: Sequence[Contribution], tellings: Mapping[int, tuple[Telling, ...]], region: str
) -> tuple[StoryCard, ...]:
    """The stories among the parts, those with most points first, whichever way they count."""
    stories = [c for c in loudest(parts) if tellings.get(int(c.ref))]
    return tuple(_story(c, tellings[int(c.ref)], region) for c in stories[:STORIES])


def _story(part: Contribution, told: tuple[Telling, ...], region: str) -> StoryCard:
    first = next((x for x in told if x.completeness == "full"), told[0])
    body = _marks(first, "text", region)
    others = [x for x in told if x is not first]
    return StoryCard(
        points=part.value,
        headline=_link(first, region),
        groups=len({x.publisher_group for x in told}),
        extract=tuple(extract(first.text, body)) if first.text else (),
        others=tuple(_link(x, region) for x in others[:TELLINGS]),
        more=max(0, len(others) - TELLINGS),
    )


def _link(telling: Telling, region: str) -> Link:
    title = pieces(telling.title, _marks(telling, "title", region))
    href = web_address(telling.address)
    return Link(telling.outlet, tuple(title), telling.language, href, telling)


def _marks(telling: Telling, field: str, region: str) -> tuple[Mark, ...]:
    text = telling.title if field == "title" else telling.text
    return marks(telling.claims, field, region, telling.content_hash, text)


def names(region: str, reference: Reference, language: str) -> tuple[tuple[str, str], ...]:
    """(language, official name) in the other two languages."""
    known = reference.region[region].name
    return tuple((x, known.get(x)) for x in LANGUAGES if x != language)
