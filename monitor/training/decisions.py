"""Joins people's decisions with the texts they were made of, and turns them into claims and back.

Pure but for `read_texts`, which reads files. The store is asked by `monitor.training.exchange`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from classifiers.decisions import Decision, latest
from classifiers.reference import NATIONAL, Reference
from classifiers.values import Direction, Example, Text
from monitor.articles.fingerprint import content_hash
from monitor.tagging.lines import BadLine, read_line
from monitor.tagging.tag import LONGEST_TEXT, LONGEST_TITLE
from monitor.values import Claim, Mistake, Role, Task

DECISION = "decision"  # Example.source
NOT_FOUND = "text not found"
CHANGED = "text has changed"
DIFFER = "people differ"
ADJUDICATED = (
    "adjudicated"  # how the note of a third word begins, which settles what people differ in
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A decided text that is not learned from, and why."""

    key: str
    reason: str  # NOT_FOUND, CHANGED or DIFFER


@dataclass(frozen=True)
class Texts:
    """What was found of the texts that decisions are about."""

    by_hash: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # title and text
    known: frozenset[str] = frozenset()  # keys and addresses found, with whatever text
    mistakes: tuple[Mistake, ...] = ()  # lines that could not be read

    def with_more(self, other: "Texts") -> "Texts":
        """Both; where both have a text this one's counts."""
        return Texts(
            {**other.by_hash, **self.by_hash},
            self.known | other.known,
            (*self.mistakes, *other.mistakes),
        )


TextFinder = Callable[[Sequence[Decision]], Texts]


@dataclass(frozen=True, slots=True)
class Joined:
    """Examples to learn from, and the texts left out, each once."""

    examples: tuple[Example, ...]
    left_out: tuple[LeftOut, ...]


def joined(decisions: Iterable[Decision], texts: Texts) -> Joined:
    """One example for each decided text that is found unchanged, ordered by key.

    Of each person the latest decision of a text counts. Where two people differ in anything that is
    learned (relevance, regions, national, topics, direction) the whole text is left out: which of them
    is right is not for the program to say, unless the last word is a third one that settles it. The order of topics and the regions that are only mentioned
    are not learned from; they are those of the latest decision.
    """
    examples, left_out = [], []
    for people in latest(decisions).values():
        last = max(people.values(), key=lambda d: (d.when, d.who))
        reason = _reason(people.values(), last, texts)
        if reason:
            left_out.append(LeftOut(last.key, reason))
        else:
            examples.append(_example(last, *texts.by_hash[last.text_sha256]))
    return Joined(
        tuple(sorted(examples, key=lambda e: (e.text.id, e.text.title, e.text.text))),
        tuple(sorted(left_out, key=lambda o: (o.key, o.reason))),
    )


def read_texts(paths: Iterable[Path], decisions: Sequence[Decision]) -> Texts:
    """The wanted texts among JSONL files of {"id", "title", "text"}. Raises OSError."""
    hashes, keys = {d.text_sha256 for d in decisions}, {d.key for d in decisions}
    by_hash: dict[str, tuple[str, str]] = {}
    known: set[str] = set()
    mistakes: list[Mistake] = []
    for path in paths:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if not raw.strip(b"\xef\xbb\xbf\r\n\t "):
                    continue
                line = read_line(number, raw)
                if isinstance(line, BadLine):
                    mistakes.append(_mistake(path, line))
                    continue
                known |= {line.text.id} & keys
                name = content_hash(line.text.title, line.text.text)
                if name in hashes:
                    by_hash.setdefault(name, (line.text.title, line.text.text))
    return Texts(by_hash, frozenset(known), tuple(mistakes))


def claims_of(
    decision: Decision, article_id: int, content: str, reference: Reference
) -> tuple[Claim, ...]:
    """The decision as claims, relevance first, the main topic before the others.

    Regions and topics are outranked label by label (`monitor.tagging.standing`), so a person who has
    decided says no of every label not given: what a model adds later must not stand beside it.
    """

    def said(task: Task, label: str, decided: bool, role: Role | None = None) -> Claim:
        return Claim(
            article_id, content, task, label, float(decided), decided, "person", decision.who, role
        )

    codes = (*reference.region, NATIONAL)
    topics = tuple(reference.topic) if decision.relevant else ()
    return (
        said("relevance", "relevant", decision.relevant),
        *(said("region", code, True, "happens") for code in decision.where),
        *(said("region", code, False, "mentioned") for code in decision.mentioned),
        *(
            said("region", code, False)
            for code in codes
            if code not in (*decision.where, *decision.mentioned)
        ),
        *(said("topic", topic, True) for topic in decision.topics),
        *(said("topic", topic, False) for topic in topics if topic not in decision.topics),
        *((said("direction", decision.direction, True),) if decision.direction else ()),
    )


def decision_of(
    said: Sequence[tuple[Claim, datetime]], *, address: str, language: str, story: str
) -> Decision | None:
    """What one person says of one article, from their claims of it in the order they were made, at least
    one. `story` is the address of the first article of its story, "" where that is this one or none.

    The last word on each label counts, among those on the text they spoke of last. None where they have
    not said whether it is relevant, or of a relevant one in which direction.
    """
    last, _ = said[-1]
    standing: dict[tuple[Task, str], tuple[Claim, datetime]] = {}
    for claim, at in reversed(said):
        if claim.content_hash == last.content_hash:
            standing.setdefault(_place(claim), (claim, at))
    claims = [claim for claim, _ in reversed(standing.values())]
    relevant = any(c.decided for c in claims if c.task == "relevance")
    direction = [c.label for c in claims if c.task == "direction" and c.decided]
    if not any(c.task == "relevance" for c in claims) or (relevant and not direction):
        return None
    regions = [c for c in claims if c.task == "region"]
    happens = tuple(c.label for c in regions if c.decided and c.role != "mentioned")
    national = NATIONAL in happens
    return Decision(
        key=key_of(address),
        address=address,
        text_sha256=last.content_hash,
        lang="sv" if language == "sv" else "fi",
        relevant=relevant,
        regions=() if national else happens,
        mentioned=tuple(c.label for c in regions if c.role == "mentioned"),
        national=national,
        topics=tuple(c.label for c in claims if c.task == "topic" and c.decided and relevant),
        direction=cast(Direction, direction[0]) if relevant else None,
        who=last.author_id,
        when=max(at for _, at in standing.values()),
        story=key_of(story) if story else None,
    )


def key_of(address: str) -> str:
    """Names an article in decision files: the same in every store."""
    return f"a-{sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _place(claim: Claim) -> tuple[Task, str]:
    return claim.task, claim.label if claim.task in ("region", "topic") else ""


def _reason(decisions: Iterable[Decision], last: Decision, texts: Texts) -> str:
    if last.text_sha256 not in texts.by_hash:
        return CHANGED if {last.key, last.address} & texts.known else NOT_FOUND
    if adjudicated(last):
        return ""
    return DIFFER if len({_learned(d) for d in decisions}) > 1 else ""


def adjudicated(decision: Decision) -> bool:
    """Whether it was made with the words of others before it, to settle them."""
    return (decision.note or "").startswith(ADJUDICATED)


def _learned(decision: Decision) -> tuple[object, ...]:
    return (
        decision.relevant,
        frozenset(decision.where),
        frozenset(decision.topics),
        decision.direction,
    )


def _example(decision: Decision, title: str, text: str) -> Example:
    return Example(
        text=Text(decision.key, title[:LONGEST_TITLE], text[:LONGEST_TEXT], decision.lang),
        relevant=decision.relevant,
        regions=decision.regions,
        mentioned=decision.mentioned,
        national=decision.national,
        topics=decision.topics,
        direction=decision.direction,
        story=decision.story or decision.key,
        origin=f"decision of {decision.who}",
        source=DECISION,
        tags={"note": decision.note} if decision.note else {},
    )


def _mistake(path: Path, line: BadLine) -> Mistake:
    return Mistake(
        str(path), line.number, "" if line.id is None else str(line.id), line.problem,
        'one {"id", "title", "text"} a line', "correct the line or delete it",
    )  # fmt: skip
