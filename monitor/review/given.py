"""What a person gives as a decision: checked, and turned into the decision whose claims are made. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast, get_args

from classifiers.decisions import Decision
from classifiers.reference import NATIONAL, Reference
from monitor.review.values import Direction, Given
from monitor.training.decisions import key_of
from monitor.values import Claim

LONGEST_NOTE = 4000


def problems(given: Given, reference: Reference) -> dict[str, str]:
    """Field -> what is wrong with it: unknown, needed, not both, too long; {} where it is a decision."""
    found = {}
    if _unknown(given.regions, reference.region):
        found["regions"] = "unknown"
    elif given.national and given.regions:
        found["regions"] = "not both"
    if _unknown(given.mentioned, reference.region):
        found["mentioned"] = "unknown"
    elif set(given.mentioned) & set(given.regions):
        found["mentioned"] = "not both"
    if _unknown(given.topics, reference.topic):
        found["topics"] = "unknown"
    if given.direction is not None and given.direction not in get_args(Direction):
        found["direction"] = "unknown"
    elif given.relevant and given.direction is None:
        found["direction"] = "needed"
    if len(given.note) > LONGEST_NOTE:
        found["note"] = "too long"
    return found


def tidied(given: Given) -> Given:
    """Without doubles, and without what is not asked of an article that is not relevant."""
    once = {name: tuple(dict.fromkeys(getattr(given, name))) for name in ("regions", "mentioned")}
    topics = tuple(dict.fromkeys(given.topics)) if given.relevant else ()
    direction = given.direction if given.relevant else None
    return replace(given, **once, topics=topics, direction=direction, note=given.note.strip())  # type: ignore[arg-type]  # all of them tuples of text


def decision(
    given: Given, who: str, when: datetime, *, address: str, language: str, content_hash: str
) -> Decision:
    """The decision as training and files know it."""
    return Decision(
        key=key_of(address),
        address=address,
        text_sha256=content_hash,
        lang="sv" if language == "sv" else "fi",
        relevant=given.relevant,
        regions=given.regions,
        mentioned=given.mentioned,
        national=given.national,
        topics=given.topics,
        direction=given.direction,
        who=who,
        when=when,
        note=given.note or None,
    )


def given_of(made: Decision) -> Given:
    """What a decision from a file gives."""
    return Given(
        made.relevant, made.regions, made.mentioned, made.national, made.topics, made.direction,
        made.note or "",
    )  # fmt: skip


def proposed(claims: Sequence[Claim]) -> Given:
    """What confirming an article would say: it is relevant, and the rest as the claims in force have it.

    Of the directions the likeliest, so that there always is one; topics by probability.
    """
    decided = [c for c in claims if c.decided]
    where = [c.label for c in _by_chance(decided, "region") if c.role != "mentioned"]
    mentioned = [c.label for c in claims if c.task == "region" and c.role == "mentioned"]
    directions = [c for c in claims if c.task == "direction"]
    likeliest = max(directions, key=lambda c: (c.decided, c.probability), default=None)
    return Given(
        relevant=True,
        regions=() if NATIONAL in where else tuple(where),
        mentioned=tuple(dict.fromkeys(m for m in mentioned if m not in where and m != NATIONAL)),
        national=NATIONAL in where,
        topics=tuple(c.label for c in _by_chance(decided, "topic")),
        direction=cast(Direction, likeliest.label) if likeliest else "neutral",
    )


def _by_chance(claims: Iterable[Claim], task: str) -> list[Claim]:
    return sorted((c for c in claims if c.task == task), key=lambda c: -c.probability)


def _unknown(labels: Iterable[str], known: object) -> bool:
    return any(label not in known for label in labels)  # type: ignore[operator]  # a mapping by id
