"""The use-case: one article as the system knows it: card, revisions with what changed, claims, outcomes."""

import itertools
from dataclasses import dataclass

from monitor.app import App
from monitor.articles.diff import Change, diff, paragraphs
from monitor.db import revisions
from monitor.db.engine import reading
from monitor.db.records import Passed, Said, passed, said_of
from monitor.db.revisions import Revision, Tombstone
from monitor.people.values import User
from monitor.review.card import card
from monitor.review.values import Card

MOST_CLAIMS = 300  # of the history, the newest
MOST_REVISIONS = 20  # shown with what changed, the newest


@dataclass(frozen=True, slots=True)
class Changed:
    """A revision and what is different from the one before."""

    revision: Revision
    changes: tuple[Change, ...]  # those that are no change left out; () of the first


@dataclass(frozen=True, slots=True)
class Record:
    """One article."""

    card: Card
    grave: Tombstone | None
    revisions: tuple[Changed, ...]  # the newest first
    said: tuple[Said, ...]  # the newest first, at most MOST_CLAIMS
    passed: tuple[Passed, ...]  # in the order of the flow


def record(app: App, user: User, article_id: int) -> Record | None:
    """All that is known of an article; None where there is no such."""
    known = card(app, user, article_id)
    if known is None:
        return None
    with reading(app.engine) as session:
        return Record(
            known,
            revisions.tombstone(session, article_id),
            tuple(_changed(revisions.history(session, article_id)[-MOST_REVISIONS - 1 :])),
            tuple(said_of(session, article_id, MOST_CLAIMS)),
            tuple(passed(session, article_id)),
        )


def _changed(past: list[Revision]) -> list[Changed]:
    found = [
        Changed(now, tuple(c for c in _between(before, now) if c.kind != "same"))
        for before, now in itertools.pairwise(past)
    ]
    first = [Changed(r, ()) for r in past[:1] if r.number == 1]
    return [*reversed(found), *first]


def _between(before: Revision, now: Revision) -> list[Change]:
    return diff(paragraphs(before.title, before.text), paragraphs(now.title, now.text))
