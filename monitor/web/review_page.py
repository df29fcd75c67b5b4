"""A card of the review as a page shows it: words, marked text, choices, history. Pure.

What may be decided and what it does is the business of `monitor.review`; nothing here weighs anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from classifiers.reference import NATIONAL, Reference
from monitor.articles.diff import Change, diff, paragraphs
from monitor.i18n import Translator
from monitor.review.values import Card, DecisionMade, Effect, Given
from monitor.values import ALL_GROUPS, Claim, Flag
from monitor.web.overview import collation
from monitor.web.text import Mark, Piece, marks, passages, pieces, web_address

DIRECTIONS = ("risk", "neutral", "progress")
LIKELY_ENOUGH = (
    0.3  # a tag the models leaned towards without deciding it stands among the first choices
)
CHANGED = 200  # characters of one changed paragraph that are shown
CHANGES = 6  # changed paragraphs at most
WORDS = (  # from which probability on a tag is called so
    (0.95, "almost_certain"), (0.8, "likely"), (0.6, "rather_likely"), (0.4, "uncertain"),
    (0.15, "unlikely"), (0.0, "very_unlikely"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said in one of its revisions."""

    content_hash: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One claim in words."""

    kind: str  # relevance | region | topic | direction
    name: str
    how: str  # "lähes varma, 97 %", or who decided it
    role: str  # "mentioned" of a region that is only mentioned, "main" of the main topic of several
    decided: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One label that can be ticked."""

    value: str
    name: str
    names: str  # in all three languages with | between them, for the box one types into
    lang: str
    chosen: bool
    mentioned: bool = False
    main: bool = False  # of the topics chosen
    how: str = ""  # what the models think of it; "" where they leave it out


@dataclass(frozen=True, slots=True)
class CardPage:
    """Everything the template of a card needs beside the card itself."""

    title: tuple[Piece, ...]
    extract: tuple[tuple[Piece, ...], ...]
    kinds: tuple[str, ...]  # of evidence that is marked, for the legend
    tags: tuple[Tag, ...]
    maybe: tuple[Tag, ...]  # leaned towards, not decided
    reasons: tuple[str, ...]
    effect: tuple[str, ...]  # sentences
    proposal: str  # what confirming says, in one line
    regions: tuple[Choice, ...]
    topics: tuple[Choice, ...]
    directions: tuple[Choice, ...]
    history: tuple[tuple[DecisionMade, str], ...]  # newest first, with what was decided in words
    changes: tuple[Change, ...]  # since the revision before, or since the last decision
    href: str


def card_page(
    card: Card, reference: Reference, t: Translator, *, chosen: Given | None = None,
    texts: Sequence[Version] = (),
) -> CardPage:  # fmt: skip
    """`card` in words. `chosen` stands in the form in place of what the models propose."""
    ticked = chosen or card.proposed
    in_title = marks(card.claims, "title", "", card.content_hash, card.title)
    in_text = marks(card.claims, "text", "", card.content_hash, card.text)
    tags = _main_marked([_tag(c, reference, t) for c in _in_order(card.claims)])
    shown = passages(card.text, in_text) if card.text else []
    return CardPage(
        title=tuple(pieces(card.title, in_title)),
        extract=tuple(tuple(passage) for passage in shown),
        kinds=_kinds([*in_title, *in_text]),
        tags=tuple(tag for tag in tags if tag.decided),
        maybe=tuple(tag for tag in tags if not tag.decided),
        reasons=tuple(reason(flag, reference, t) for flag in card.flags),
        effect=effect(card.effect, reference, t),
        proposal=given_words(card.proposed, reference, t),
        regions=_regions(card.claims, ticked, reference, t),
        topics=_topics(card.claims, ticked, reference, t),
        directions=_directions(card.claims, ticked, t),
        history=tuple(_history(made, reference, t) for made in reversed(card.history)),
        changes=_changes(card, texts),
        href=web_address(card.address),
    )


# --- words ---------------------------------------------------------------------------------------


def likely(probability: float, t: Translator) -> str:
    """A probability in words and in numbers: "lähes varma, 97 %"."""
    name = next(name for least, name in WORDS if probability >= least)
    return t("review.likely", word=t(f"review.likely.{name}"), percent=t.percent(probability))


def region_name(code: str, reference: Reference, t: Translator) -> str:
    """A region's short name, the whole country, or the code itself where it is unknown."""
    if code == NATIONAL:
        return t("region.NAT")
    return reference.region[code].short.get(t.language) if code in reference.region else code


def topic_name(topic: str, reference: Reference, t: Translator) -> str:
    return reference.topic[topic].name.get(t.language) if topic in reference.topic else topic


def given_words(given: Given, reference: Reference, t: Translator) -> str:
    """A decision in one line: "Koskee aihetta · Kainuu · Talous ja rahoitus · lisää riskiä"."""
    places = [t("region.NAT")] if given.national else []
    places += [region_name(code, reference, t) for code in given.regions]
    if not given.relevant:
        return " · ".join([t("review.said.irrelevant"), *filter(None, [", ".join(places)])])
    only = [region_name(code, reference, t) for code in given.mentioned]
    parts = [
        t("review.said.relevant"),
        ", ".join(places) or t("review.said.no_region"),
        t("review.said.mentioned", names=", ".join(only)) if only else "",
        ", ".join(_topics_said(given.topics, reference, t)) or t("review.said.no_topic"),
        t(f"direction.{given.direction}") if given.direction else t("review.said.no_direction"),
    ]
    return " · ".join(filter(None, parts))


def _topics_said(topics: Sequence[str], reference: Reference, t: Translator) -> list[str]:
    """The topics' names; of several the first is said to be the main one."""
    names = [topic_name(x, reference, t) for x in topics]
    if len(names) > 1:
        names[0] = t("review.said.main", name=names[0])
    return names


def reason(flag: Flag, reference: Reference, t: Translator) -> str:
    """Why an article was flagged, with the figures it rests on."""
    d = flag.detail
    share = {k: t.percent(float(v)) for k, v in d.items() if k in ("relevant", "risk", "share")}
    codes = str(d.get("regions", d.get("region", ""))).split(", ")
    values: dict[str, object] = {
        **share,
        "n": int(d.get("publisher_groups", d.get("weeks", 0))),
        "regions": ", ".join(region_name(code, reference, t) for code in codes if code),
        "topic": topic_name(str(d.get("topic", "")), reference, t),
    }
    known = {"relevant": "–", "risk": "–", "share": "–"}
    return t(f"review.flag.{flag.reason.value.replace(' ', '_')}", **{**known, **values})


def effect(found: Effect, reference: Reference, t: Translator) -> tuple[str, ...]:
    """What a label could do to a score, in sentences."""
    said = [t("review.alert", topic=topic_name(found.alert, reference, t))] if found.alert else []
    if not found.points:
        return (t("review.effect.none"), *said)
    name = region_name(found.region, reference, t)
    group = t("group.all")
    if found.group != ALL_GROUPS and found.group in reference.group:
        group = reference.group[found.group].name.get(t.language)
    return (
        t("review.effect.points", points=t.number(found.points, 1), region=name, group=group),
        t("review.effect.range", now=t.number(found.now, 1), risk=t.number(found.if_risk, 1),
          without=t.number(found.if_not, 1)),
        *([t("review.effect.of_media")] if found.of_media else []),
        *said,
    )  # fmt: skip


def _tag(claim: Claim, reference: Reference, t: Translator) -> Tag:
    match claim.task:
        case "relevance":
            name = t("review.said.relevant" if claim.decided else "review.tag.relevant")
        case "region":
            name = region_name(claim.label, reference, t)
        case "topic":
            name = topic_name(claim.label, reference, t)
        case "direction":
            name = t.word("direction", claim.label)
    how = likely(claim.probability, t)
    if claim.author != "model":
        how = t(f"review.author.{claim.author}", who=claim.author_id)
    mentioned = "mentioned" if claim.role == "mentioned" else ""
    return Tag(claim.task, name, how, mentioned, claim.decided)


def _main_marked(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """The first of several decided topics is the main one."""
    topics = [i for i, tag in enumerate(tags) if tag.kind == "topic" and tag.decided]
    main = topics[0] if len(topics) > 1 else -1
    return tuple(replace(tag, role="main") if i == main else tag for i, tag in enumerate(tags))


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Claims worth showing: the decided ones, then those the models leaned towards."""
    tasks = ("relevance", "region", "topic", "direction")
    kept = [
        c for c in claims if c.decided or (c.probability >= LIKELY_ENOUGH and c.author == "model")
    ]
    kept += [c for c in claims if c.task == "relevance" and c not in kept and c.author == "model"]
    return sorted(kept, key=lambda c: (tasks.index(c.task), c.role == "mentioned", -c.probability))


def _kinds(found: Iterable[Mark]) -> tuple[str, ...]:
    there = {mark.kind for mark in found}
    return tuple(kind for kind in ("region", "topic", "direction") if kind in there)


def _history(made: DecisionMade, reference: Reference, t: Translator) -> tuple[DecisionMade, str]:
    if made.action == "undo":
        return made, t("review.history.undo", number=made.undoes or 0)
    return made, given_words(made.given, reference, t) if made.given else ""


# --- choices -------------------------------------------------------------------------------------


def _regions(
    claims: Sequence[Claim], given: Given, reference: Reference, t: Translator
) -> tuple[Choice, ...]:
    thought = _thought(claims, "region")
    first = [*given.regions, *([NATIONAL] if given.national else []), *given.mentioned]
    codes = [code for code in reference.units]
    found = [
        Choice(
            value=code,
            name=region_name(code, reference, t),
            names=_region_names(code, reference),
            lang=t.language,
            chosen=given.national if code == NATIONAL else code in given.regions,
            mentioned=code in given.mentioned,
            how=likely(thought[code], t) if code in thought else "",
        )
        for code in (*codes, NATIONAL)
    ]
    return _ordered(found, first, thought)


def _topics(
    claims: Sequence[Claim], given: Given, reference: Reference, t: Translator
) -> tuple[Choice, ...]:
    thought = _thought(claims, "topic")
    found = [
        Choice(
            value=topic.id,
            name=topic.name.get(t.language),
            names="|".join((topic.name.fi, topic.name.sv, topic.name.en)),
            lang=t.language,
            chosen=topic.id in given.topics,
            main=given.topics[:1] == (topic.id,),
            how=likely(thought[topic.id], t) if topic.id in thought else "",
        )
        for topic in reference.topics
    ]
    return _ordered(found, given.topics, thought)


def _directions(claims: Sequence[Claim], given: Given, t: Translator) -> tuple[Choice, ...]:
    """Always in the same order: a number learnt stays true."""
    thought = _thought(claims, "direction")
    return tuple(
        Choice(
            value=value,
            name=t(f"direction.{value}"),
            names=t(f"direction.{value}"),
            lang=t.language,
            chosen=given.direction == value,
            how=likely(thought[value], t) if value in thought else "",
        )
        for value in DIRECTIONS
    )


def _region_names(code: str, reference: Reference) -> str:
    if code == NATIONAL:
        return "|".join(Translator(language)("region.NAT") for language in ("fi", "sv", "en"))
    short = reference.region[code].short
    return "|".join(dict.fromkeys((short.fi, short.sv, short.en)))


def _thought(claims: Iterable[Claim], task: str) -> dict[str, float]:
    """Label -> probability, of what the models think possible."""
    found = [c for c in claims if c.task == task and c.author == "model"]
    return {c.label: c.probability for c in found if c.decided or c.probability >= LIKELY_ENOUGH}


def _ordered(
    found: Sequence[Choice], first: Sequence[str], thought: Mapping[str, float]
) -> tuple[Choice, ...]:
    """Those that stand in the decision, those the models thought of, the others by name."""
    place = {value: n for n, value in enumerate(dict.fromkeys(first))}

    def order(choice: Choice) -> tuple[int, float, tuple[int, ...]]:
        at = place.get(choice.value, len(place))
        return at, -thought.get(choice.value, 0.0), collation(choice.name)

    return tuple(sorted(found, key=order))


# --- what changed --------------------------------------------------------------------------------


def _changes(card: Card, texts: Sequence[Version]) -> tuple[Change, ...]:
    """What the newest text changed, cut short; of the text last decided where there is one."""
    if len(texts) < 2 or not texts[-1].text:
        return ()
    decided = {made.content_hash for made in card.history if made.action == "decide"}
    earlier = [r for r in texts[:-1] if r.content_hash in decided] or list(texts[:-1])
    old, new = earlier[-1], texts[-1]
    found = diff(paragraphs(old.title, old.text), paragraphs(new.title, new.text))
    return tuple(_short(change) for change in found if change.kind != "same")[:CHANGES]


def _short(change: Change) -> Change:
    """A change with CHANGED characters at most: more would be copying."""
    spans, left = [], CHANGED
    start = next((i for i, s in enumerate(change.spans) if s.kind != "same"), 0)
    for number, span in enumerate(change.spans[max(0, start - 1) :]):
        text = span.text[-40:] if number == 0 and span.kind == "same" else span.text[: max(0, left)]
        left -= len(text)
        if text:
            spans.append(type(span)(span.kind, text))
    return Change(change.kind, change.before[:CHANGED], change.after[:CHANGED], tuple(spans))
