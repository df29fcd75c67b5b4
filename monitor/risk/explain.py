"""A score taken apart: region, groups, components and stories, articles, claims and readiness rows. Pure.

Every node's children sum to it (within 1e-9 of the score), so what is printed adds up at every depth.

- *Region, groups, components, stories*: `monitor.risk.score`.
- *Story to claims.* A story's weight is a product of four numbers: relevance, region, topic and direction.
  None of them is worth anything without the others, so each has a quarter of the points: the Shapley values
  of a product (Shapley 1953). Each number is a mean over the articles that speak for the story, so a
  claim has of its quarter what it has of the sum; risk less progress is one sum of both.
- *Component to rows.* A component's gap is a mean over its rows of what is not done, so a row has of its
  points what it has of that sum; a finished task has none.

What cannot be found again, for instance an article that was removed, is one node `unknown`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from monitor.risk.inputs import ArticleSignal, loudest, probability, speakers
from monitor.risk.score import contribution_tree
from monitor.values import ALL_GROUPS, Claim, Contribution, NotReady, Score, Task

Kind = Literal[
    "region", "group", "readiness", "story", "rest", "article", "claim", "row", "unknown"
]
LONGEST = 300  # characters of a sentence shown
_END = re.compile(r"[.!?…][\"”»')\]]*\s+|\n+")


@dataclass(frozen=True, slots=True)
class Node:
    """One part of a score with what it is made of; the children's values sum to its own."""

    kind: Kind
    ref: str  # region, group, component, story, article, task:label, or a row's id
    value: float  # points of the combined score explained
    label: str = ""  # title, sentence, or name, in its own language
    facts: Mapping[str, str | float | None] = field(default_factory=dict)
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a story as it is kept."""

    signal: ArticleSignal
    outlet: str
    address: str
    language: str
    content_hash: str
    text: str  # "" where it is not kept any more


@dataclass(frozen=True, slots=True)
class Row:
    """One readiness row: an observation, or a due critical task."""

    ref: str  # observation:17 or task:230
    name: str
    undone: float  # [0, 1]
    facts: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind the scores of one region and week."""

    stories: Mapping[str, Sequence[Told]]  # story id -> its articles of that week
    rows: Mapping[tuple[str, str], Sequence[Row]]  # group, component
    topics_of_group: Mapping[str, Sequence[str]]
    whole: bool = True  # False: stories that are not among `stories` were not asked for


def tree(of_region: Sequence[Score], behind: Behind, group: str = ALL_GROUPS) -> Node | None:
    """The score of `group` (or of the region) taken apart; None where it is not ready.

    `of_region` are the scores of one region and week.
    """
    score = next((s for s in of_region if s.group == group), None)
    if score is None or isinstance(score.combined, NotReady):
        return None
    if group != ALL_GROUPS:
        parts = _parts(score.contributions, score.region, group, behind)
        return Node("group", group, score.combined, children=parts)
    groups = tuple(
        Node(
            "group",
            share.ref,
            share.value,
            children=_parts(leaves, score.region, share.ref, behind),
        )
        for share, leaves in contribution_tree(of_region)
    )
    return Node("region", score.region, score.combined, children=groups)


def cut(node: Node, depth: int) -> Node:
    """The tree down to `depth` levels below `node`."""
    children = tuple(cut(child, depth - 1) for child in node.children) if depth > 0 else ()
    return replace(node, children=children)


def merged(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Nodes of the same kind and ref added up, with their children; those with most points first.

    So that a story or a component that counts in several groups stands once.
    """
    found: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        found.setdefault((node.kind, node.ref), []).append(node)
    made = (
        replace(
            alike[0],
            value=sum(n.value for n in alike),
            children=merged(child for n in alike for child in n.children),
        )
        for alike in found.values()
    )
    return tuple(sorted(made, key=lambda n: (-abs(n.value), n.ref)))


def _parts(
    parts: Sequence[Contribution], region: str, group: str, behind: Behind
) -> tuple[Node, ...]:
    nodes = (_part(part, region, group, behind) for part in parts)
    return tuple(sorted(nodes, key=lambda n: -abs(n.value)))


def _part(part: Contribution, region: str, group: str, behind: Behind) -> Node:
    below: tuple[Node, ...] = ()
    articles = behind.stories.get(part.ref, ())
    if part.kind == "story" and (articles or behind.whole):
        below = story_nodes(part.value, region, behind.topics_of_group[group], articles)
    elif part.kind == "readiness":
        below = row_nodes(part.value, behind.rows.get((group, part.ref), ()))
    return Node(part.kind, part.ref, part.value, part.label, children=below)


def row_nodes(value: float, rows: Sequence[Row]) -> tuple[Node, ...]:
    """A component's rows, those with most points first; () where there are none."""
    undone = sum(row.undone for row in rows)
    nodes = [
        Node("row", row.ref, value * row.undone / undone if undone else 0.0, row.name, row.facts)
        for row in rows
    ]
    if rows and not undone and value:
        nodes.append(Node("unknown", "", value))
    return tuple(sorted(nodes, key=lambda n: (-abs(n.value), n.ref)))


def story_nodes(
    value: float, region: str, topics: Sequence[str], articles: Sequence[Told]
) -> tuple[Node, ...]:
    """A story's articles with their claims, those with most points first."""
    signals = [told.signal for told in articles]
    found: dict[int, list[tuple[Claim, float]]] = {}
    unknown = 0.0
    for task, labels in _terms(signals, region, topics).items():
        terms = _claims(signals, task, labels)
        total = sum(term for *_, term in terms)
        if not total:
            unknown += value / 4
            continue
        for article, claim, term in terms:
            found.setdefault(article, []).append((claim, value / 4 * term / total))
    nodes = [_article(told, found.get(told.signal.article, [])) for told in articles]
    if unknown:
        nodes.append(Node("unknown", "", unknown))
    return tuple(sorted(nodes, key=lambda n: (-abs(n.value), n.ref)))


def _terms(
    articles: Sequence[ArticleSignal], region: str, topics: Sequence[str]
) -> Mapping[Task, Mapping[str, float]]:
    """Task -> label -> the sign with which it counts in that factor of the story's weight."""
    said = {t: sum(x for *_, x in _claims(articles, "topic", {t: 1.0})) for t in topics}
    topic = max(said, key=lambda t: said[t], default="")
    return {
        "relevance": {"relevant": 1.0},
        "region": {region: 1.0},
        "topic": {topic: 1.0},
        "direction": {"risk": 1.0, "progress": -1.0},
    }


def _claims(
    articles: Sequence[ArticleSignal], task: Task, labels: Mapping[str, float]
) -> list[tuple[int, Claim, float]]:
    """Article, claim, and its term in the sum over those who speak."""
    found = []
    for speaker in speakers(articles, task):
        claims = loudest(speaker, task)
        for label, sign in labels.items():
            if label in claims:
                term = sign * probability(claims[label])
                found.append((speaker.article, claims[label], term))
    return found


def _article(told: Told, claims: Sequence[tuple[Claim, float]]) -> Node:
    facts: dict[str, str | float | None] = {
        "outlet": told.outlet,
        "publisher_group": told.signal.publisher_group,
        "published": told.signal.published.isoformat(),
        "address": told.address,
        "language": told.language,
    }
    return Node(
        "article",
        str(told.signal.article),
        sum(value for _, value in claims),
        told.signal.title,
        facts,
        tuple(_claim(told, claim, value) for claim, value in claims),
    )


def _claim(told: Told, claim: Claim, value: float) -> Node:
    shown = max(claim.evidence, key=lambda e: abs(e.weight), default=None)
    kept = claim.content_hash == told.content_hash
    sentence = ""
    if shown is not None:
        whole = told.signal.title if shown.field == "title" else told.text
        sentence = sentence_at(whole, shown.start, shown.end) if kept and whole else shown.text
    facts: dict[str, str | float | None] = {
        "probability": claim.probability,
        "decided": "yes" if claim.decided else "no",
        "author": claim.author,
        "author_id": claim.author_id,
        "evidence": shown.text if shown else None,
        "evidence_in": shown.field if shown else None,
    }
    return Node("claim", f"{claim.task}:{claim.label}", value, sentence, facts)


def sentence_at(text: str, start: int, end: int) -> str:
    """The sentence of `text` that holds the span; cut around it where it is long."""
    breaks = [0, *(m.end() for m in _END.finditer(text)), len(text)]
    first = max((b for b in breaks if b <= start), default=0)
    last = min((b for b in breaks if b >= end), default=len(text))
    if last - first > LONGEST:
        room = max(0, (LONGEST - (end - start)) // 2)
        first, last = max(first, start - room), min(last, end + room)
    return " ".join(text[first:last].split())
