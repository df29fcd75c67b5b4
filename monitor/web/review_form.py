"""What an address or a form of the review says, as values; and the address of a filter. Pure."""

from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData

from classifiers.reference import NATIONAL
from monitor.review.values import Direction, Given, QueueFilter

FIELDS = ("region", "topic", "language", "reason", "text")
MOST = 100  # characters of one part of a filter
ACTS = ("confirm", "irrelevant", "edit", "mine")


def filter_of(query: Mapping[str, str]) -> QueueFilter:
    """The filter an address names; what it does not name lets all through."""
    parts = {name: query.get(name, "").strip()[:MOST] for name in FIELDS}
    return QueueFilter(
        region=parts["region"],
        topic=parts["topic"],
        language=parts["language"],
        reason=parts["reason"],
        text=parts["text"],
        mine=query.get("mine") == "1",
        discuss=query.get("discuss") == "1",
    )


def query_of(wanted: QueueFilter, **changes: str | bool) -> str:
    """The part of an address that names the filter, with some of it changed; "" for no filter."""
    values: dict[str, str] = {name: getattr(wanted, name) for name in FIELDS}
    values |= {name: "1" if getattr(wanted, name) else "" for name in ("mine", "discuss")}
    values |= {
        name: ("1" if v else "") if isinstance(v, bool) else v for name, v in changes.items()
    }
    return urlencode({name: value for name, value in values.items() if value})


def filter_named(query: str) -> QueueFilter:
    """The filter that the query part of an address names."""
    return filter_of(dict(parse_qsl(query)))


def carried(form: FormData) -> str:
    """The filter a form was sent from, as the address names it; nothing else gets through."""
    return query_of(filter_named(text(form, "q")))


def given_of(form: FormData) -> Given | None:
    """What a form decides; None where it says no act. Of its topics that marked as the main one comes first.

    "confirm" is what the page proposed, word for word: tags made anew meanwhile are not confirmed unseen.
    "mine", after another's decision stood before it, is what was given before.
    """
    act = text(form, "act")
    if act not in ACTS:
        return None
    if act == "mine":
        return _given(form, "mine_", relevant=text(form, "mine_relevant") == "1")
    if act == "irrelevant":
        # Where it happens was shown and is not what the person says no to.
        said = _given(form, "as_", relevant=False)
        return Given(False, regions=said.regions, national=said.national, note=said.note)
    return _given(form, "as_" if act == "confirm" else "", relevant=True)


def _given(form: FormData, prefix: str, *, relevant: bool) -> Given:
    places = _all(form, f"{prefix}region")
    regions = tuple(place for place in places if place != NATIONAL)
    mentioned = tuple(x for x in _all(form, f"{prefix}mentioned") if x not in regions)
    topics, main = _all(form, f"{prefix}topic"), "" if prefix else text(form, "main")
    if main in topics:  # a mark left on a topic that is not chosen says nothing
        topics = tuple(dict.fromkeys((main, *topics)))
    return Given(
        relevant=relevant,
        regions=regions,
        mentioned=mentioned,
        national=NATIONAL in places,
        topics=topics,
        direction=cast(Direction | None, text(form, f"{prefix}direction") or None),
        note=text(form, "note").strip(),
    )


def fields(given: Given, prefix: str) -> list[tuple[str, str]]:
    """`given` as hidden fields of a form, for `given_of` to read back."""
    found = [("region", code) for code in given.regions]
    found += [("region", NATIONAL)] if given.national else []
    found += [("mentioned", code) for code in given.mentioned]
    found += [("topic", topic) for topic in given.topics]
    found += [("direction", given.direction)] if given.direction else []
    found += [("relevant", "1")] if given.relevant else []
    return [(prefix + name, value) for name, value in found]


def text(form: FormData, name: str) -> str:
    """A field's text; "" where it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def whole(form: FormData, name: str) -> int:
    """A field's whole number; -1 where it is none, which no page has shown."""
    value = text(form, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1


def _all(form: FormData, name: str) -> tuple[str, ...]:
    values: Iterable[object] = form.getlist(name)
    return tuple(dict.fromkeys(v for v in values if isinstance(v, str) and v))
