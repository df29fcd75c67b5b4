"""The use-case: everything a person needs to decide one story."""

from collections.abc import Collection
from dataclasses import replace

from sqlmodel import Session

from monitor.app import App
from monitor.db import articles, cards, decisions, merges
from monitor.db import review_facts as told
from monitor.db.claims import current_claims
from monitor.db.engine import reading
from monitor.db.flags import open_flags
from monitor.db.revisions import history, tombstone
from monitor.people.values import User
from monitor.review.effect import NONE
from monitor.review.given import proposed
from monitor.review.order import NEAR_IDENTICAL
from monitor.review.values import Card, CardRevision, Other
from monitor.values import Article

MOST_OTHERS = 100  # articles of a story that are listed


def card(app: App, user: User, article_id: int) -> Card | None:
    """The card of an article, flagged or not; None where there is no such article."""
    now = app.clock()
    with reading(app.engine) as session:
        article = articles.get(session, article_id)
        if article is None:
            return None
        copies, followups = _others(session, article)
        claims = current_claims(session, [article_id]).get(article_id, ())
        made = decisions.history(session, article_id)
        assigned, discuss = cards.hold(session, article_id)
        gone = tombstone(session, article_id)
        why, outlet = told.facts(session, article_id)
        return Card(
            article_id=article.id,
            story_id=article.story_id,
            address=article.address,
            title=article.title,
            text=article.text,
            language=article.language,
            outlet=outlet,
            publisher_group=article.publisher_group,
            published=article.published,
            completeness=article.completeness,
            completeness_reason=why,
            content_hash=article.content_hash,
            seen=made[-1].number if made else 0,
            removed=gone.why if gone else None,
            copies=copies,
            followups=followups,
            claims=claims,
            flags=open_flags(session, [article_id]).get(article_id, ()),
            effect=told.effect_of(session, article_id) or NONE,
            random=told.is_drawn(session, article_id),
            revisions=tuple(
                CardRevision(r.number, r.at, r.title, r.content_hash)
                for r in history(session, article_id)
            ),
            history=made,
            proposed=proposed(claims),
            looking=cards.looking(session, [article_id], user.name, now).get(article_id, ()),
            assigned=assigned,
            discuss=discuss,
            notes=cards.notes(session, article_id),
            stale=tuple(decisions.stale_weeks(session)),
        )


def _others(session: Session, article: Article) -> tuple[tuple[Other, ...], tuple[Other, ...]]:
    """The copies and the follow-ups in its story, the oldest first."""
    if article.story_id is None:
        return (), ()
    alike = {member.id for member in decisions.copies(session, article.id, NEAR_IDENTICAL)}
    story = merges.resolve(session, article.story_id)
    found = told.of_story(session, story, MOST_OTHERS)
    said = decisions.last_words(session, [other.article_id for other in found])
    others = [
        _with(other, said.get(other.article_id))
        for other in found
        if other.article_id != article.id
    ]
    return _among(others, alike, True), _among(others, alike, False)


def _with(other: Other, who: str | None) -> Other:
    return replace(other, decided_by=who)


def _among(others: Collection[Other], alike: set[int], copies: bool) -> tuple[Other, ...]:
    return tuple(other for other in others if (other.article_id in alike) is copies)
