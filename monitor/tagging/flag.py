"""Decides which articles a person should look at, and why. Pure: values in, values out.

Every flag carries the figures it rests on. A reason is about one article; the budget is about the week.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.values import Claim, Flag, FlagReason

RISK_AT = 0.4  # P(relevant) x P(raises risk) from which an article is flagged
SPREADING_AT = 3  # independent publisher groups that tell the story
UNSURE_WITHIN = 0.15  # of an even chance of being relevant
QUIET_WEEKS = 4  # without a relevant story before a region's next one is worth a look
RARE_BELOW = 0.03  # share of relevant articles
RARE_NEEDS = 50  # relevant articles before any topic can be called rare

Detail = dict[str, str | float | int]  # the figures a flag rests on


@dataclass(frozen=True, slots=True)
class FlagContext:
    """What is known beside the article's own claims."""

    publisher_groups: int = 1  # independent groups that tell the article's story
    # region -> whole weeks since its last relevant story before this one; one never heard is left out
    quiet_weeks: Mapping[str, int] = field(default_factory=dict)
    # topic -> relevant articles on it
    topic_counts: Mapping[str, int] = field(default_factory=dict)
    relevant_articles: int = 0  # so far


def flags_of(article_id: int, claims: Sequence[Claim], context: FlagContext) -> tuple[Flag, ...]:
    """Every reason to look at the article, from its claims in force."""
    relevance = max((c.probability for c in claims if c.task == "relevance"), default=0.0)
    regions = [c.label for c in claims if c.task == "region" and c.decided and c.role == "happens"]
    found: list[Flag | None] = [_unsure(article_id, claims, relevance, regions)]
    if any(c.task == "relevance" and c.decided for c in claims):
        found += [
            _risk(article_id, claims, relevance),
            _spreading(article_id, context),
            _first_in_weeks(article_id, regions, context),
            _rare_topic(article_id, claims, context),
        ]
    return tuple(flag for flag in found if flag is not None)


def within_budget(flags: Mapping[int, Sequence[Flag]], left: int) -> set[int]:
    """The articles to flag when `left` more fit this week: those with the most reasons first."""
    wanted = [article for article, reasons in flags.items() if reasons]
    wanted.sort(key=lambda a: (-sum(f.strength for f in flags[a]), a))
    return set(wanted[: max(0, left)])


def _risk(article_id: int, claims: Iterable[Claim], relevance: float) -> Flag | None:
    raises = [c for c in claims if c.task == "direction" and c.label == "risk" and c.decided]
    if not raises or relevance * raises[0].probability < RISK_AT:
        return None
    detail: Detail = {"relevant": relevance, "risk": raises[0].probability, "threshold": RISK_AT}
    return _flag(article_id, FlagReason.RISK, relevance * raises[0].probability, detail)


def _spreading(article_id: int, context: FlagContext) -> Flag | None:
    groups = context.publisher_groups
    if groups < SPREADING_AT:
        return None
    detail: Detail = {"publisher_groups": groups, "threshold": SPREADING_AT}
    return _flag(article_id, FlagReason.SPREADING, 1 - 1 / groups, detail)


def _unsure(
    article_id: int, claims: Iterable[Claim], relevance: float, regions: Sequence[str]
) -> Flag | None:
    """Even odds of being relevant, in a region whose picture it would change."""
    machine = all(c.author == "model" for c in claims if c.task == "relevance")
    distance = abs(relevance - 0.5)
    if not machine or not regions or distance > UNSURE_WITHIN:
        return None
    detail: Detail = {"relevant": relevance, "within": UNSURE_WITHIN, "regions": ", ".join(regions)}
    return _flag(article_id, FlagReason.UNSURE, 1 - distance / 0.5, detail)


def _first_in_weeks(article_id: int, regions: Iterable[str], context: FlagContext) -> Flag | None:
    quiet = [(context.quiet_weeks[r], r) for r in regions if r in context.quiet_weeks]
    weeks, region = max(quiet, default=(0, ""))
    if weeks < QUIET_WEEKS:
        return None
    detail: Detail = {"region": region, "weeks": weeks, "threshold": QUIET_WEEKS}
    return _flag(article_id, FlagReason.FIRST_IN_WEEKS, 1 - 1 / weeks, detail)


def _rare_topic(article_id: int, claims: Iterable[Claim], context: FlagContext) -> Flag | None:
    if context.relevant_articles < RARE_NEEDS:
        return None
    share, topic = min(_shares(claims, context), default=(1.0, ""))
    if share >= RARE_BELOW:
        return None
    detail: Detail = {"topic": topic, "share": share, "threshold": RARE_BELOW}
    return _flag(article_id, FlagReason.RARE_TOPIC, 1 - share, detail)


def _shares(claims: Iterable[Claim], context: FlagContext) -> Iterator[tuple[float, str]]:
    for claim in claims:
        if claim.task == "topic" and claim.decided:
            count = context.topic_counts.get(claim.label, 0)
            yield count / context.relevant_articles, claim.label


def _flag(article_id: int, reason: FlagReason, strength: float, detail: Detail) -> Flag:
    return Flag(article_id, reason, min(1.0, max(0.0, strength)), detail)
