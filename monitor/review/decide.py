"""The use-case: a person decides an article and its copies, or undoes that.

Claims, the decision's row, the flags that it closes, the audit row and the weeks to be scored anew are one
transaction. Two people never overwrite each other: each says how many decisions their page had shown, and
the second gets a `Conflict` with the first's. A request that comes twice with one key decides once.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from monitor.app import App
from monitor.db import decisions as store
from monitor.db import review as queue_store
from monitor.db.audit import write_audit
from monitor.db.claims import add_claims, current_claims
from monitor.db.decisions import Member, Subject
from monitor.db.engine import reading, transaction
from monitor.people.values import User
from monitor.review.given import decision, problems, tidied
from monitor.review.order import NEAR_IDENTICAL
from monitor.review.values import Conflict, Decided, DecisionMade, Given, Gone, Invalid, NotYours
from monitor.training.decisions import claims_of
from monitor.weeks import week_of

LONGEST_KEY = 100
T = TypeVar("T")


def decide(
    app: App, user: User, article_id: int, content_hash: str, seen: int, given: Given, key: str = ""
) -> Decided | Conflict | Gone | Invalid:
    """Decide the article and its near-identical copies.

    `content_hash` and `seen` are those of the card that the person had before them; `key` names the
    request, so that one that is sent again after a lost connection decides once.
    """
    given = tidied(given)
    wrong = problems(given, app.reference)
    if wrong:
        return Invalid(wrong)

    def answered(session: Session) -> Decided | Conflict | Gone | None:
        return _done(session, user, key) or _moved_on(session, article_id, seen)

    def once(session: Session) -> Decided | Conflict | Gone:
        about = store.subject(session, article_id)  # locks its story: what follows is one by one
        answer = answered(session)
        if answer is not None:
            return answer
        if about is None:
            return Gone("no article")
        if about.removed or content_hash not in about.hashes:
            return Gone("removed" if about.removed else "no such text")
        return _keep(app, session, user, about, Member(article_id, content_hash), given, key)

    with reading(app.engine) as session:  # who comes second need not wait for the right to write
        answer = answered(session)
    return answer or _retried(app, once)


def undo(
    app: App, user: User, decision_id: int, key: str = ""
) -> Decided | Conflict | Gone | NotYours:
    """Undo a decision: what stood before stands again, the machine's claims or an earlier decision.

    Only the newest decision of an article can be undone, by who made it or by an analyst.
    """

    def once(session: Session) -> Decided | Conflict | Gone | NotYours:
        done = _done(session, user, key)
        if done is not None:
            return done
        made = store.find(session, decision_id)
        about = None if made is None else store.subject(session, made.article_id)
        if made is None or about is None or made.action != "decide":
            return Gone("no decision")
        if made.who != user.name and not user.may("analyst"):
            return NotYours(made.who)
        last = store.newest(session, made.article_id)
        if last is None or last.id != made.id:
            return _conflict(last) if last else Gone("no decision")
        return _take_back(app, session, user, about, made, key)

    return _retried(app, once)


def last_decision(app: App, user: User) -> DecisionMade | None:
    """The person's last decision that stands: what their undo key takes back."""
    with reading(app.engine) as session:
        return store.last_of(session, user.name)


def _moved_on(session: Session, article_id: int, seen: int) -> Conflict | Gone | None:
    """What to answer where the article's decisions are not those that were seen."""
    last = store.newest(session, article_id)
    if seen == (last.number if last else 0):
        return None
    return _conflict(last) if last else Gone("no decision")


def _retried(app: App, once: Callable[[Session], T]) -> T:
    """In a transaction; again where another has decided at the same moment, who is then seen, and where so
    many write at once that the store did not come to it. A third failure is raised."""
    for _ in range(2):
        try:
            with transaction(app.engine) as session:
                return once(session)
        except (IntegrityError, OperationalError):
            continue
    with transaction(app.engine) as session:
        return once(session)


def _done(session: Session, user: User, key: str) -> Decided | None:
    made = store.by_key(session, user.name, key[:LONGEST_KEY]) if key else None
    if made is None:
        return None
    return Decided(made, store.articles_of(session, made.id), 0, (), (), again=True)


def _conflict(last: DecisionMade) -> Conflict:
    return Conflict(last, last.number)


def _keep(
    app: App, session: Session, user: User, about: Subject, shown: Member, given: Given, key: str
) -> Decided:
    queue_store.hold_queue(session, alone=False)
    members = (shown, *store.copies(session, about.id, NEAR_IDENTICAL))
    ids = [member.id for member in members]
    at = store.next_instant(session, ids, app.clock())
    before = current_claims(session, [about.id]).get(about.id, ())
    for member in members:
        said = decision(
            given, user.name, at,
            address=about.address, language=about.language, content_hash=member.content_hash,
        )  # fmt: skip
        claims = claims_of(said, member.id, member.content_hash, app.reference)
        add_claims(session, claims, at)
    made = store.add_decision(session, members, user.name, at, given, before, key=key[:LONGEST_KEY])
    flags = store.close_flags(session, ids, about.story_id, made.id)
    queue_store.close(session, ids, about.story_id, made.id)
    weeks = _mark(session, about, at)
    _audit(session, at, user, made, "decide", after=_told(given, members))
    return Decided(made, tuple(ids), flags, weeks, before)


def _take_back(
    app: App, session: Session, user: User, about: Subject, made: DecisionMade, key: str
) -> Decided:
    queue_store.hold_queue(session, alone=False)
    ids = store.articles_of(session, made.id)
    at = store.next_instant(session, ids, app.clock())
    before = current_claims(session, [about.id]).get(about.id, ())
    undoing, articles = store.add_undoing(
        session, made.id, user.name, at, before, key[:LONGEST_KEY]
    )
    flags = store.open_flags_again(session, made.id)
    queue_store.open_again(session, made.id)
    weeks = _mark(session, about, at)
    given = asdict(made.given) if made.given else {}
    _audit(session, at, user, made, "undo decision", before={**given, "who": made.who})
    return Decided(undoing, articles, flags, weeks, before)


def _mark(session: Session, about: Subject, at: datetime) -> tuple[str, ...]:
    return store.mark_stale(session, (week_of(at), week_of(about.published)), at)


def _told(given: Given, members: tuple[Member, ...]) -> dict[str, Any]:
    return {**asdict(given), "copies": [member.id for member in members[1:]]}


def _audit(
    session: Session, at: datetime, user: User, made: DecisionMade, action: str,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    write_audit(session, at, user.name, action, f"article {made.article_id}", before, after)
