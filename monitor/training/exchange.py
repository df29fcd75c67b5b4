"""People's decisions between the store and files: out, in, and the texts that training needs.

In the store a decision is a person's claims of an article at one time; in a file it is a line. Which
claims count is decided in `monitor.tagging.standing`, what a line holds in `classifiers.decisions`.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.corpus import LineMistake
from classifiers.decisions import Decision, Read, decisions_bytes, instant_text, load_decisions
from classifiers.reference import Reference
from monitor.articles.urls import variants
from monitor.clock import Clock
from monitor.db import claims as claim_store
from monitor.db import decisions as decision_store
from monitor.db import labels as label_store
from monitor.db import review as queue_store
from monitor.db.along import decide_along
from monitor.db.claims import PersonsWord
from monitor.db.decisions import Member
from monitor.db.engine import reading, transaction
from monitor.progress import Progress, Silent
from monitor.review.given import given_of
from monitor.review.order import NEAR_IDENTICAL
from monitor.tagging.tag import LANGUAGES
from monitor.training.decisions import (
    ADJUDICATED,
    CHANGED,
    TextFinder,
    Texts,
    claims_of,
    decision_of,
    read_texts,
)
from monitor.values import Article, Claim, Mistake
from monitor.weeks import week_of

NEW, THERE, NO_ARTICLE, BROKEN = "new", "already there", "no such article", "broken"
OUTCOMES = (NEW, THERE, NO_ARTICLE, CHANGED, BROKEN)
BATCH = 200  # decisions in one transaction: some forty claims each


@dataclass(frozen=True, slots=True)
class Stored:
    """The decisions of people in the store, and how many of their words make no decision."""

    decisions: tuple[Decision, ...]  # the latest of each person of each article, oldest first
    incomplete: int  # relevance or direction was not said
    other_language: int  # of articles neither Finnish nor Swedish


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one line that could be read."""

    file: str
    line: int
    key: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every line."""

    fates: tuple[Fate, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Every outcome -> lines."""
        found = Counter(fate.outcome for fate in self.fates)
        found[BROKEN] = len(self.mistakes)
        return {outcome: found[outcome] for outcome in OUTCOMES}


def stored_decisions(session: Session, since: datetime | None = None) -> Stored:
    """What people have decided in the store, from `since` on where it is given."""
    words = claim_store.words_of_people(session)
    known = [word for word in words if word.language in LANGUAGES]
    notes = label_store.notes_of(session, ADJUDICATED)
    read = [_noted(_decision(word), word, notes) for word in known]
    decisions = [d for d in read if d is not None]
    wanted = [d for d in decisions if since is None or d.when >= since]
    wanted.sort(key=lambda d: (d.when, d.who, d.key))
    return Stored(tuple(wanted), len(read) - len(decisions), len(words) - len(known))


def _noted(
    decision: Decision | None, word: PersonsWord, notes: Mapping[tuple[int, str, datetime], str]
) -> Decision | None:
    """Claims hold no notes; that a decision settled what others said differently is told on."""
    if decision is None:
        return None
    note = notes.get((word.said[0][0].article_id, decision.who, decision.when))
    return replace(decision, note=note) if note else decision


def write_decisions(path: Path, decisions: Sequence[Decision]) -> None:
    """Write the file whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as out:
            out.write(decisions_bytes(decisions))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def import_decisions(
    engine: Engine,
    path: Path,
    reference: Reference,
    clock: Clock,
    *,
    by: str,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Add the decisions of a file to the store as claims of those who decided, with an audit row.

    The second import of a file changes nothing. A process killed half-way leaves whole decisions behind,
    and the next import does the rest. With `dry_run` nothing is written. Raises OSError.
    """
    found = load_decisions(path, reference)
    mistakes = [mistake_of(path, m) for m in found.mistakes]
    done = _Run(engine, path, reference, clock, by, dry_run).outcomes(found.read)
    fates = []
    for read, outcome in (progress or Silent()).over(done, "import", len(found.read)):
        if isinstance(outcome, Mistake):
            mistakes.append(outcome)
        else:
            fates.append(Fate(str(path), read.line, read.decision.key, outcome))
    return ImportReport(tuple(fates), tuple(sorted(mistakes, key=lambda m: m.line)))


def text_finder(files: Sequence[Path], open_store: Callable[[], Engine]) -> TextFinder:
    """Looks for texts in `files` first; the store is opened only for what is not among them."""

    def find(decisions: Sequence[Decision]) -> Texts:
        texts = read_texts(files, decisions)
        missing = [d for d in decisions if d.text_sha256 not in texts.by_hash]
        if not missing:
            return texts
        engine = open_store()
        with reading(engine) as session:
            found = stored_texts(session, missing)
        engine.dispose()
        return texts.with_more(found)

    return find


def stored_texts(session: Session, decisions: Sequence[Decision]) -> Texts:
    """The texts of articles in the store that `decisions` are about."""
    articles = _articles(session, decisions)
    addresses = {article.address for article in articles}
    return Texts(
        {a.content_hash: (a.title, a.text) for a in reversed(articles)},
        frozenset(d.address for d in decisions if addresses & set(_addresses(d))),
    )


class _Run:
    """One import: what is in the store already, and what this run has added."""

    def __init__(
        self, engine: Engine, path: Path, reference: Reference, clock: Clock, by: str, dry_run: bool
    ) -> None:
        self._engine, self._path, self._reference = engine, path, reference
        self._clock, self._by, self._dry_run = clock, by, dry_run
        self._said: dict[tuple[int, str, datetime], tuple[object, ...]] = {}
        self._standing: dict[tuple[int, str], Decision] = {}
        self._undone: frozenset[tuple[int, str, datetime]] = frozenset()

    def outcomes(self, reads: Sequence[Read]) -> Iterator[tuple[Read, str | Mistake]]:
        for start in range(0, len(reads), BATCH):
            yield from self._batch(reads[start : start + BATCH])

    def _batch(self, reads: Sequence[Read]) -> list[tuple[Read, str | Mistake]]:
        now = self._clock()
        with self._open() as session:
            articles = _articles(session, [read.decision for read in reads])
            self._remember(session, articles)
            done, keys = [], []
            for read in reads:
                article, outcome = self._outcome(read, articles, now)
                done.append((read, outcome))
                if outcome == NEW and article is not None:
                    self._add(session, read.decision, article)
                    keys.append(read.decision.key)
            if keys and not self._dry_run:
                claim_store.audit_import(session, now, self._by, self._path.name, keys)
        return done

    def _open(self) -> AbstractContextManager[Session]:
        return reading(self._engine) if self._dry_run else transaction(self._engine)

    def _remember(self, session: Session, articles: Sequence[Article]) -> None:
        self._undone = claim_store.taken_back(session, [a.id for a in articles])
        for word in claim_store.words_of_people(session, [a.id for a in articles], copies=True):
            article = word.said[0][0].article_id
            for at in {at for _, at in word.said}:
                gist = _gist([claim for claim, when in word.said if when == at])
                self._said[article, word.who, at] = gist
            standing = _decision(word)
            if standing is not None:
                self._standing[article, word.who] = standing

    def _outcome(
        self, read: Read, articles: Sequence[Article], now: datetime
    ) -> tuple[Article | None, str | Mistake]:
        decision = read.decision
        if decision.when > now:
            return None, self._refused(
                read, "was decided in the future", f"before {instant_text(now)}"
            )
        article = _same_text(decision, articles)
        if article is None:
            known = any(a.address in _addresses(decision) for a in articles)
            return None, CHANGED if known else NO_ARTICLE
        gist = _gist(claims_of(decision, article.id, decision.text_sha256, self._reference))
        before = self._said.get((article.id, decision.who, decision.when))
        standing = self._standing.get((article.id, decision.who))
        if (article.id, decision.who, decision.when) in self._undone:
            return article, THERE  # and undone since: a file does not bring it back
        if before is None:
            return article, NEW
        if before == gist or (standing and _labels(standing) == _labels(decision)):
            return article, THERE
        return None, self._refused(
            read, f"{decision.who} decided otherwise of it at that moment in the store",
            "one decision of a person at a time",
        )  # fmt: skip

    def _add(self, session: Session, decision: Decision, article: Article) -> None:
        claims = claims_of(decision, article.id, decision.text_sha256, self._reference)
        self._said[article.id, decision.who, decision.when] = _gist(claims)
        if not self._dry_run:
            claim_store.add_claims(session, claims, decision.when)
            self._settle(session, decision, article)

    def _settle(self, session: Session, decision: Decision, article: Article) -> None:
        """What a decision on a page does too: its row, its copies, the flags it closes, the scores that
        lack it. Copies that have decisions of their own keep them."""
        queue_store.hold_queue(session, alone=False)
        member = Member(article.id, decision.text_sha256)
        made = decision_store.add_decision(
            session, [member], decision.who, decision.when, given_of(decision), (),
            source=self._path.name,
        )  # fmt: skip
        now = self._clock()
        along = [
            copy.id
            for copy in decision_store.copies(session, article.id, NEAR_IDENTICAL)
            if decide_along(session, copy.id, NEAR_IDENTICAL, now) == made.id
        ]
        ids = [article.id, *along]
        decision_store.close_flags(session, ids, article.story_id, made.id)
        queue_store.close(session, ids, article.story_id, made.id)
        decision_store.mark_stale(session, (week_of(now), week_of(article.published)), now)

    def _refused(self, read: Read, problem: str, expected: str) -> Mistake:
        key = read.decision.key
        return Mistake(str(self._path), read.line, key, problem, expected, "correct 'when'")


def _articles(session: Session, decisions: Sequence[Decision]) -> list[Article]:
    return claim_store.decided_articles(
        session,
        {d.text_sha256 for d in decisions},
        {address for d in decisions for address in _addresses(d)},
    )


def _addresses(decision: Decision) -> tuple[str, ...]:
    return variants(decision.address) if decision.address else ()


def _same_text(decision: Decision, articles: Sequence[Article]) -> Article | None:
    """The article under the decision's address where it has the text, else the first that has it."""
    same = [a for a in articles if a.content_hash == decision.text_sha256]
    own = [a for a in same if a.address in _addresses(decision)]
    return next(iter([*own, *same]), None)


def _decision(word: PersonsWord) -> Decision | None:
    return decision_of(word.said, address=word.address, language=word.language, story=word.story)


def _gist(claims: Sequence[Claim]) -> tuple[object, ...]:
    """What was said yes to, in order; topics that exist by now and were not asked about do not matter."""
    told = (c for c in claims if c.decided or c.task == "relevance" or c.role == "mentioned")
    return tuple((c.task, c.label, c.decided, c.role) for c in told)


def _labels(d: Decision) -> tuple[object, ...]:
    where = (frozenset(d.where), frozenset(d.mentioned))
    return d.text_sha256, d.when, d.relevant, where, d.topics, d.direction


def mistake_of(path: Path, m: LineMistake) -> Mistake:
    """A broken line of the file at `path`, as people are told of it."""
    return Mistake(str(path), m.line, m.entry, m.problem, m.expected, m.remedy)


def named(report: ImportReport) -> Iterator[Fate]:
    """The lines that changed nothing because their text is not here as it was labelled."""
    return (fate for fate in report.fates if fate.outcome in (NO_ARTICLE, CHANGED))
