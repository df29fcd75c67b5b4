"""Published summaries and alerts -> Atom feeds (RFC 4287). Pure.

An entry's id is made of what it is about, never of where it is served, so that a reader sees it once even
when the address changes. A corrected summary keeps its id and gets a new `updated`.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.summary.edition import Edition
from monitor.summary.wording_life import place, reason, status
from monitor.text import storable
from monitor.values import Alert

NAMESPACE = uuid.UUID("6f6d0e0a-5f0b-5a4e-9c57-2d6b7a0c4e11")  # of this program's feeds, for good
ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed."""

    name: str  # what it is about; makes its id
    title: str
    text: str
    path: str  # of its page
    updated: datetime
    published: datetime | None = None


def feed(
    name: str, title: str, language: str, entries: Sequence[Entry], *, base: str, here: str,
    page: str, empty: datetime, author: str,
) -> bytes:  # fmt: skip
    """The feed as XML. `base` is the address of the site, `here` and `page` the paths of the feed and of
    the page it goes with, `empty` the moment an empty feed was updated."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _add(root, "id", _id(f"{name}:{language}"))
    _add(root, "title", title)
    _add(root, "updated", _moment(max((e.updated for e in entries), default=empty)))
    _link(root, "self", base + here, MEDIA_TYPE)
    _link(root, "alternate", base + page, "text/html")
    _add(ET.SubElement(root, "author"), "name", author)
    for entry in entries:
        _entry(root, entry, language, base)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _entry(root: ET.Element, entry: Entry, language: str, base: str) -> None:
    node = ET.SubElement(root, "entry")
    _add(node, "id", _id(f"{entry.name}:{language}"))
    _add(node, "title", entry.title)
    if entry.published is not None:
        _add(node, "published", _moment(entry.published))
    _add(node, "updated", _moment(entry.updated))
    _link(node, "alternate", base + entry.path, "text/html")
    _add(node, "summary", entry.text)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = storable(text)


def _link(parent: ET.Element, rel: str, address: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": address, "type": kind})


def _id(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, name)}"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def summary_entries(
    editions: Iterable[tuple[Edition, datetime]], t: Translator, reference: Reference
) -> list[Entry]:
    """One entry per week: its newest published version, with when the week's first was published."""
    return [_summary(edition, first, t, reference) for edition, first in editions]


def _summary(edition: Edition, first: datetime, t: Translator, reference: Reference) -> Entry:
    title = t("life.mail.subject", week=t.week_year(edition.week))
    assert edition.published_at is not None  # only published ones are in the feed
    return Entry(
        name=f"summary:{edition.week}",
        title=t("life.mail.correction", subject=title) if edition.reason else title,
        text=" ".join(_told(edition, t, reference)),
        path=f"/summary/{edition.week}?lang={t.language}",
        published=first,
        updated=edition.published_at,
    )


def _told(edition: Edition, t: Translator, reference: Reference) -> Iterable[str]:
    national = edition.summary.national
    if edition.summary.sample:
        yield f"{t('life.sample')}."
    yield status(edition, t)
    if edition.reason:
        said = reason(edition, t.language).text
        yield t("life.feed.correction", version=str(edition.version), reason=said)
    if national.highest:
        names = ", ".join(place(code, t, reference) for code in national.highest)
        yield t("life.feed.text", names=names, stories=national.stories, risk=national.risk_stories)


def alert_entries(
    alerts: Iterable[tuple[Alert, datetime]], t: Translator, reference: Reference, sample: bool
) -> list[Entry]:
    """One entry per alert, with the moment since when its figures stand."""
    return [_alert(alert, at, t, reference, sample) for alert, at in alerts]


def _alert(alert: Alert, at: datetime, t: Translator, reference: Reference, sample: bool) -> Entry:
    topic = reference.topic[alert.topic].name.get(t.language)
    where = place(alert.region, t, reference)
    text = t(
        "life.feed.alert.text",
        observed=t.number(alert.observed, 1),
        expected=t.number(alert.expected, 1),
        threshold=t.number(alert.threshold, 1),
        p=t.number(alert.p_value, 4),
    )
    return Entry(
        name=f"alert:{alert.week}:{alert.region}:{alert.topic}",
        title=t("life.feed.alert", region=where, topic=topic, week=t.week_year(alert.week)),
        text=f"{t('life.sample')}. {text}" if sample else text,
        path=f"/regions/{alert.region}?week={alert.week}&lang={t.language}",
        updated=at,
    )
