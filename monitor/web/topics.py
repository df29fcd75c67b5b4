"""Topics as values: what was written of each in a week, by region and direction. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from classifiers.reference import Reference
from monitor import charts
from monitor.charts import Part, Point, step
from monitor.db.views import Telling
from monitor.i18n import Translator
from monitor.risk.forgotten import CoverageCell
from monitor.risk.inputs import StorySignal, spread
from monitor.risk.topics import LIKELY, TopicSignal
from monitor.web.overview import collation
from monitor.web.text import web_address
from monitor.web.year import Panel, nice_top, short_week, year_chart

STORIES = 15
SORTS = ("pressure", "stories", "of_region", "of_topic", "name")
LIST_SORTS = ("name", "stories", "raises", "progress", "change")


@dataclass(frozen=True, slots=True)
class Split:
    """Stories by their likeliest direction."""

    stories: int
    raises: int
    progress: int

    @property
    def neutral(self) -> int:
        """Those that are neither."""
        return self.stories - self.raises - self.progress


@dataclass(frozen=True, slots=True)
class TopicLine:
    """One topic in the list."""

    id: str
    name: str
    split: Split
    weighted: float
    change: float | None  # of the weighted stories, from the week before
    highest: tuple[str, ...]  # regions with the highest pressure, that is high


@dataclass(frozen=True, slots=True)
class Place:
    """One region on a topic's page."""

    code: str
    name: str
    signal: TopicSignal
    cell: CoverageCell | None

    @property
    def pressure(self) -> float | None:
        """0-100."""
        return None if self.signal.pressure is None else 100 * self.signal.pressure.value

    @property
    def step(self) -> int | None:
        return None if self.pressure is None else step(self.pressure)


def about(stories: Iterable[StorySignal], topic: str) -> list[StorySignal]:
    """The stories that are relevant and about the topic, more likely than not."""
    return [
        s
        for s in stories
        if s.relevant >= LIKELY and any(t == topic and p >= LIKELY for t, p in s.topics)
    ]


def way(story: StorySignal) -> tuple[str, float]:
    """The likeliest direction, and its probability."""
    neutral = max(0.0, 1 - story.raises - story.progress)
    said = (("neutral", neutral), ("risk", story.raises), ("progress", story.progress))
    return max(said, key=lambda x: x[1])


def split(stories: Iterable[StorySignal]) -> Split:
    """How many stories point which way."""
    ways = [way(s)[0] for s in stories]
    return Split(len(ways), ways.count("risk"), ways.count("progress"))


def loudest(stories: Iterable[StorySignal], topic: str, factor: float) -> list[StorySignal]:
    """Those that weigh most, whichever way they point."""

    def weight(s: StorySignal) -> float:
        return s.relevant * dict(s.topics)[topic] * spread(s.publishers, factor)

    return sorted(stories, key=lambda s: (-weight(s), s.story))[:STORIES]


def lines(
    reference: Reference,
    stories: Sequence[StorySignal],
    signals: Mapping[tuple[str, str], TopicSignal],
    now: Mapping[str, float],
    before: Mapping[str, float] | None,
    language: str,
) -> tuple[TopicLine, ...]:
    """Every topic. `now` and `before` are weighted stories in the country; None: not known."""
    made = []
    for topic in reference.topics:
        weighted = max(now.get(topic.id, 0.0), 0.0)
        old = None if before is None else max(before.get(topic.id, 0.0), 0.0)
        made.append(
            TopicLine(
                topic.id,
                topic.name.get(language),
                split(about(stories, topic.id)),
                weighted,
                None if old is None else weighted - old,
                _highest(signals.values(), topic.id),
            )
        )
    return tuple(made)


def _highest(signals: Iterable[TopicSignal], topic: str) -> tuple[str, ...]:
    high = [
        (s.pressure.value, s.region)
        for s in signals
        if s.topic == topic and s.pressure is not None and step(100 * s.pressure.value) >= 3
    ]
    return tuple(region for _, region in sorted(high, key=lambda x: (-x[0], x[1]))[:3])


def ordered_lines(found: Sequence[TopicLine], sort: str) -> tuple[TopicLine, ...]:
    """By `sort`, one of LIST_SORTS, with a leading "-" the other way round."""
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(found, key=lambda x: collation(x.name))
    if name == "name":
        return tuple(reversed(by_name) if reverse else by_name)
    keys = {
        "stories": lambda x: x.split.stories,
        "raises": lambda x: x.split.raises,
        "progress": lambda x: x.split.progress,
        "change": lambda x: x.change or 0.0,
    }
    return tuple(sorted(by_name, key=keys[name], reverse=not reverse))


def places(
    signals: Mapping[tuple[str, str], TopicSignal],
    cells: Iterable[CoverageCell],
    topic: str,
    names: Mapping[str, str],
) -> tuple[Place, ...]:
    """Every region with what was heard of the topic there."""
    of = {c.region: c for c in cells if c.topic == topic}
    return tuple(
        Place(code, names[code], signals[code, topic], of.get(code))
        for code in names
        if (code, topic) in signals
    )


def ordered_places(found: Sequence[Place], sort: str) -> tuple[Place, ...]:
    """By `sort`, one of SORTS, with a leading "-" the other way round; unknown numbers last."""
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(found, key=lambda p: collation(p.name))
    if name == "name":
        return tuple(reversed(by_name) if reverse else by_name)
    known = [p for p in by_name if _place_key(p, name) is not None]
    known.sort(key=lambda p: _place_key(p, name) or 0.0, reverse=not reverse)
    return (*known, *(p for p in by_name if _place_key(p, name) is None))


def _place_key(place: Place, name: str) -> float | None:
    if name == "pressure":
        return place.pressure
    if name == "stories":
        return place.signal.stories
    if place.cell is None:
        return None
    return (place.cell.of_region if name == "of_region" else place.cell.of_topic).value


def split_bar(found: Split, t: Translator) -> Markup:
    """The three directions end to end, in per cent of the stories."""
    kinds = (
        ("story", "risk", found.raises),
        ("rest", "neutral", found.neutral),
        ("progress", "progress", found.progress),
    )
    parts = [
        Part(
            100 * n / found.stories,
            kind,
            f"{t('direction.' + word)}: {t.number(n)}",
            (f"{t('direction.' + word)} {t.number(n)}", t.number(n)),
        )
        for kind, word, n in kinds
        if n
    ]
    return charts.contribution_bar(
        parts,
        total="",
        title=t("situation.directions"),
        description=t("situation.directions_desc"),
        name="directions",
    )


def year(
    history: Mapping[str, Mapping[str, float]], weeks: Sequence[str], topic: str, t: Translator
) -> Markup:
    """Weighted stories of the topic in the country, week by week."""
    values = [max(history[w].get(topic, 0.0), 0.0) if w in history else None for w in weeks]
    top = nice_top(max([v for v in values if v is not None], default=1.0))
    panel = Panel(
        t("situation.weighted"),
        tuple(Point(v) for v in values),
        top,
        t.number(values[-1], 1) if values and values[-1] is not None else "",
        tuple((v, t.number(v, 0 if v.is_integer() else 1)) for v in (0.0, top / 2, top)),
    )
    return year_chart(
        [panel],
        [short_week(w) for w in weeks],
        (),
        title=t("situation.weeks", n=len(weeks)),
        description=t("situation.weeks_desc"),
        name="year",
    )


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story of the week about a topic."""

    title: str
    language: str
    href: str  # "" where there is nothing to link to
    outlet: str
    published: datetime | None
    publishers: int
    regions: tuple[str, ...]  # where it happens, more likely than not
    direction: str  # risk | neutral | progress
    probability: float  # of that direction
    topic: float  # probability that it is about the topic


def story_lines(
    stories: Iterable[StorySignal], topic: str, tellings: Mapping[int, Sequence[Telling]]
) -> tuple[StoryLine, ...]:
    """The stories in the words of their first article."""
    return tuple(_story_line(s, topic, tellings.get(s.story, ())) for s in stories)


def _story_line(s: StorySignal, topic: str, told: Sequence[Telling]) -> StoryLine:
    first = told[0] if told else None
    direction, probability = way(s)
    return StoryLine(
        title=first.title if first else s.title,
        language=first.language if first else "fi",
        href=web_address(first.address) if first else "",
        outlet=first.outlet if first else "",
        published=first.published if first else None,
        publishers=s.publishers,
        regions=tuple(region for region, p in s.regions if p >= LIKELY),
        direction=direction,
        probability=probability,
        topic=dict(s.topics)[topic],
    )
