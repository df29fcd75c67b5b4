"""A person's saved filters of the queue."""

from monitor.app import App
from monitor.db import cards
from monitor.db.engine import reading, transaction
from monitor.people.values import User
from monitor.review.values import QueueFilter, SavedFilter

LONGEST_NAME = 60


def saved(app: App, user: User) -> tuple[SavedFilter, ...]:
    """The person's filters, by name."""
    with reading(app.engine) as session:
        return cards.filters(session, user.name)


def keep(app: App, user: User, name: str, wanted: QueueFilter) -> SavedFilter | None:
    """Keep a filter under a name, in place of one of that name. None without a name, or with too many."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        return None
    with transaction(app.engine) as session:
        return cards.keep_filter(session, user.name, name, wanted)


def drop(app: App, user: User, filter_id: int) -> bool:
    """Forget a filter of the person; False where they have none of that number."""
    with transaction(app.engine) as session:
        return cards.drop_filter(session, user.name, filter_id)
