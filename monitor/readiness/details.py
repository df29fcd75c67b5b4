"""The basis of a readiness component: an id with its parameters, and its words in three languages.

A detail is a text such as "roadmap:7:9:2026-11-10", in the form of the NotReady reasons, so that stores and
digests see the same bytes in every language. The words are the messages `detail.ID` of the locale files.
Knows nothing of what the parameters were computed from.
"""

from collections.abc import Mapping
from datetime import date

from monitor.i18n import Translator

# id -> what its parameters are called in the message, in their order
PLACES: Mapping[str, tuple[str, ...]] = {
    "roadmap": ("done", "of", "day"),
    "mean": ("n", "day"),
    "first_due": ("day",),
    "first_period": ("day",),
    "no_report": (),
    "no_tasks": (),
    "no_data": (),
    "no_value": (),
    "not_applicable": (),
}


def roadmap(done: int, of: int, report: date) -> str:
    """`done` of `of` due critical tasks are finished, says the report of that day."""
    return f"roadmap:{done}:{of}:{report}"


def mean(n: int, newest: date) -> str:
    """The mean of `n` values, the newest of that day."""
    return f"mean:{n}:{newest}"


def first_due(day: date) -> str:
    """The first critical task is due on `day`."""
    return f"first_due:{day}"


def first_period(day: date) -> str:
    """The first period ends on `day`."""
    return f"first_period:{day}"


def words(detail: str, t: Translator) -> str:
    """`detail` in the language of `t`. A text that is no known detail is shown as it is, never hidden."""
    name, *given = detail.split(":")
    places = PLACES.get(name)
    if places is None or len(places) != len(given):
        return detail
    try:
        values = {place: _value(place, text, t) for place, text in zip(places, given, strict=True)}
    except ValueError:
        return detail
    return t(f"detail.{name}", **values)


def _value(place: str, text: str, t: Translator) -> object:
    return t.day(date.fromisoformat(text)) if place == "day" else int(text)
