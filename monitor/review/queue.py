"""The use-case: the cards a person is to look at, in order."""

from monitor.app import App
from monitor.db import cards
from monitor.db import review as store
from monitor.db.decisions import stale_weeks
from monitor.db.engine import reading
from monitor.db.review import Listed
from monitor.people.values import User
from monitor.review.order import mixed
from monitor.review.values import Looking, Queue, QueueFilter, QueueItem

MOST = 500  # cards of one page


def queue(app: App, user: User, wanted: QueueFilter | None = None, limit: int = 50) -> Queue:
    """The first cards that pass the filter. What is random stands at its fixed places among them."""
    wanted, limit, now = wanted or QueueFilter(), max(1, min(limit, MOST)), app.clock()
    with reading(app.engine) as session:
        flagged = store.lane(session, user.name, now, wanted, store.COUNT_TO)
        drawn = store.drawn(session, user.name, now, wanted, store.COUNT_TO)
        order = mixed(flagged, drawn)
        listed = store.listed(session, order[:limit])
        looking = cards.looking(session, [c.article_id for c in listed], user.name, now)
        return Queue(
            items=tuple(_item(card, looking.get(card.article_id, ())) for card in listed),
            waiting=min(len(order), store.COUNT_TO),
            more=len(order) > limit,
            skipped=cards.skipped(session, user.name, now),
            stale=tuple(stale_weeks(session)),
        )


def _item(card: Listed, looking: tuple[Looking, ...]) -> QueueItem:
    return QueueItem(
        article_id=card.article_id,
        story_id=card.story_id,
        title=card.title,
        language=card.language,
        outlet=card.outlet,
        published=card.published,
        reasons=card.reasons,
        effect=card.effect,
        completeness=card.completeness,
        random=card.random,
        others=card.others,
        regions=card.regions,
        topics=card.topics,
        looking=looking,
        assigned=card.assigned,
        discuss=card.discuss,
        notes=card.notes,
    )
