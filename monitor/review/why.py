"""The use-case: why an article is, or is not, in a person's list. Answers for any address or number.

The reasons are typed; `review.why.CODE` of the locale files words each. They are looked for in the order the
data flows, so that the first one given is what decided it.
"""

from datetime import datetime
from typing import Literal

from sqlmodel import Session

from monitor.app import App
from monitor.articles.urls import canonical, variants
from monitor.db import articles, cards, decisions, merges, review
from monitor.db import review_facts as told
from monitor.db.claims import current_claims
from monitor.db.engine import reading
from monitor.db.review import CLOSED, RANDOM, Listed
from monitor.db.revisions import tombstone
from monitor.people.values import User
from monitor.review.order import mixed
from monitor.review.values import Answer, QueueFilter, Why
from monitor.values import Article, Permission

Code = Literal[
    "unknown", "refused", "not_fetched", "fetch_failing", "no_article", "removed", "story_merged",
    "decided", "story_decided", "behind_card", "skipped", "in_discuss", "not_in_discuss", "not_mine",
    "filter_region", "filter_topic", "filter_language", "filter_reason", "filter_text", "far_down",
    "in_list", "random", "not_tagged", "other_language", "set_aside", "not_relevant", "not_flagged_yet",
    "over_budget", "no_reason", "not_drawn",
]  # fmt: skip
CODES: tuple[Code, ...] = Code.__args__  # type: ignore[attr-defined]  # of a Literal


def why(app: App, user: User, subject: str, wanted: QueueFilter | None = None) -> Answer:
    """`subject` is an article's number or address; `wanted` the filter of the list that is meant."""
    wanted, subject, now = wanted or QueueFilter(), subject.strip(), app.clock()
    with reading(app.engine) as session:
        article = _article(session, subject)
        if article is None:
            return Answer(None, "", "", False, None, (_no_article(session, subject),))
        place, reasons = _reasons(app, session, user, article, wanted, now)
        return Answer(
            article.id, article.title, article.language, place is not None, place, tuple(reasons)
        )


def _article(session: Session, subject: str) -> Article | None:
    if subject.isascii() and subject.isdigit() and len(subject) < 10:
        return articles.get(session, int(subject))
    found = told.by_address(session, list(variants(subject)))
    return None if found is None else articles.get(session, found)


def _no_article(session: Session, subject: str) -> Why:
    links = {subject, canonical(subject), *variants(subject)}
    entry = told.entry_by_link(session, sorted(links))
    if entry is None:
        return _why("unknown")
    if entry.article_id is not None:  # its page named another address as its own
        return _why("story_merged", entry.article_id)
    if entry.permission and not Permission(entry.permission).may:
        return _why("refused", permission=entry.permission, feed=entry.feed)
    if entry.state == "pending":
        code: Code = "fetch_failing" if entry.attempts else "not_fetched"
        return _why(code, attempts=entry.attempts, feed=entry.feed)
    return _why("no_article", outcome=entry.outcome or entry.state, feed=entry.feed)


def _reasons(
    app: App, session: Session, user: User, article: Article, wanted: QueueFilter, now: datetime
) -> tuple[int | None, list[Why]]:
    gone = tombstone(session, article.id)
    if gone is not None:
        return None, [_why("removed", why=gone.why)]
    lane = told.lane_of(session, article.id)
    if lane is not None and lane[0] != CLOSED and (lane[0] == 1 or lane[1]):
        return _in_queue(session, user, article, wanted, now)
    found = [*_decided(session, article), *_behind(session, article, lane)]
    return None, found or _never_came(app, session, article)


def _in_queue(
    session: Session, user: User, article: Article, wanted: QueueFilter, now: datetime
) -> tuple[int | None, list[Why]]:
    """It waits: either it is in this list, or the person's filter or their own doing keeps it out."""
    card = review.listed(session, [article.id])[0]
    kept_out = _kept_out(session, user, card, wanted, now)
    marks = [_why("random")] if card.random else []
    if kept_out:
        return None, [*kept_out, *marks]
    order = mixed(
        review.lane(session, user.name, now, wanted, review.COUNT_TO),
        review.drawn(session, user.name, now, wanted, review.COUNT_TO),
    )
    if article.id not in order:
        return None, [_why("far_down", places=review.COUNT_TO), *marks]
    place = order.index(article.id) + 1
    return place, [_why("in_list", place=place), *marks]


def _kept_out(
    session: Session, user: User, card: Listed, wanted: QueueFilter, now: datetime
) -> list[Why]:
    until = cards.skipped_until(session, card.article_id, user.name, now)
    words = [*(str(r) for r in card.reasons), *([RANDOM] if card.random else [])]
    said = {
        "not_in_discuss": wanted.discuss and not card.discuss,
        "in_discuss": card.discuss and not wanted.discuss,
        "not_mine": wanted.mine and card.assigned != user.name,
        "filter_region": wanted.region and wanted.region not in card.regions,
        "filter_topic": wanted.topic and wanted.topic not in card.topics,
        "filter_language": wanted.language and wanted.language != card.language,
        "filter_reason": wanted.reason and wanted.reason not in words,
        "filter_text": wanted.text and wanted.text.casefold() not in card.title.casefold(),
    }
    values = {
        "filter_region": {"region": wanted.region},
        "filter_topic": {"topic": wanted.topic},
        "filter_language": {"language": wanted.language},
        "filter_reason": {"reason": wanted.reason},
        "filter_text": {"text": wanted.text},
        "not_mine": {"who": card.assigned or ""},
    }
    found = [Why(code, dict(values.get(code, {}))) for code, so in said.items() if so]
    if until is not None and not wanted.discuss:
        found.insert(0, _why("skipped", until=until.isoformat()))
    return found


def _decided(session: Session, article: Article) -> list[Why]:
    who = decisions.last_words(session, [article.id]).get(article.id)
    if who is None:
        return []
    made = [d for d in decisions.history(session, article.id) if d.action == "decide"]
    made = [d for d in made if not d.undone and d.who == who]
    at = made[-1].at.isoformat() if made else ""
    return [_why("decided", who=who, at=at)]


def _behind(session: Session, article: Article, lane: tuple[int, bool] | None) -> list[Why]:
    """Another article of its story stands, or stood, for it."""
    if article.story_id is None:
        return []
    card = review.card_of_story(session, article.story_id)
    if card is not None and card != article.id:
        return [_why("behind_card", card)]
    if lane is not None and lane[0] == CLOSED:
        others = [o.article_id for o in told.of_story(session, article.story_id, 100)]
        others = [other for other in others if other != article.id]
        said = decisions.last_words(session, others)
        if said:
            other = min(said)
            return [_why("story_decided", other, who=said[other])]
    came = [m for m in merges.history(session, article.story_id) if not m.undone]
    moved = [m for m in came if article.id in m.article_ids]
    if moved and lane is not None:
        return [_why("story_merged", None, story=moved[-1].into_id)]
    return []


def _never_came(app: App, session: Session, article: Article) -> list[Why]:
    """It is not flagged and not drawn: what tagging and flagging said."""
    made = told.tagging(session, article.id)
    if not made.tagged:
        return [_why("not_tagged")]
    if made.tagged == "other language":
        return [_why("other_language", language=article.language)]
    if made.tagged == "set aside":
        return [_why("set_aside")]
    found = []
    claims = current_claims(session, [article.id]).get(article.id, ())
    relevance = [c for c in claims if c.task == "relevance"]
    if made.flag_reason == "over the week's budget":
        found.append(_why("over_budget", budget=app.settings.flag_budget))
    elif not any(c.decided for c in relevance):
        chance = max((c.probability for c in relevance), default=0.0)
        found.append(_why("not_relevant", chance=chance))
    elif not made.flagged:
        found.append(_why("not_flagged_yet"))
    else:
        found.append(_why("no_reason"))
    return [*found, _why("not_drawn")]


def _why(code: Code, article_id: int | None = None, **values: str | int | float) -> Why:
    return Why(code, values, article_id)
