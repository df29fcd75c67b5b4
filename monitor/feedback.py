"""The use-case of the feedback page: keep a message of bounded size, of which only so many come a day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from monitor.app import App
from monitor.db.engine import transaction
from monitor.db.feedback import add_feedback, count_since
from monitor.text import storable

MOST_NAME = 200  # characters
MOST_PAGE = 500
MOST_MESSAGE = 4000
MOST_A_DAY = 200  # messages of everybody together: more is an attack, not feedback


@dataclass(frozen=True, slots=True)
class Message:
    """What was filled in."""

    name: str = ""
    page: str = ""
    message: str = ""


def message_of(name: str, page: str, message: str) -> Message:
    """The fields of a form, cut at their bounds, without what a store cannot hold."""
    kept = message.replace("\r\n", "\n").strip()[:MOST_MESSAGE]
    return Message(_line(name, MOST_NAME), _line(page, MOST_PAGE), storable(kept))


def give(app: App, said: Message, language: str) -> Literal["kept", "empty", "full"]:
    """Keep the message."""
    if not said.message:
        return "empty"
    now = app.clock()
    with transaction(app.engine) as session:
        if count_since(session, now - timedelta(days=1)) >= MOST_A_DAY:
            return "full"
        add_feedback(session, now, said.name, said.page, said.message, language)
    return "kept"


def _line(text: str, most: int) -> str:
    return storable(" ".join(text[: 4 * most].split()))[:most]
