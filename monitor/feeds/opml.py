"""OPML, the form in which feed readers exchange lists of feeds. Pure: bytes in, values out, and back.

What feeds.yaml says and OPML has no word for (id, home, group, kind) goes in attributes of a namespace of
our own, which other programs pass over; a list that is exported and read again is the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from monitor.feeds.checks import KINDS, LANGS, is_web_address
from monitor.feeds.write import clean, free_id, group_of, slug
from monitor.text import one_line
from monitor.values import FeedSpec

NAMESPACE = "urn:tilannekuva:feeds"
MOST_BYTES = 10_000_000
_OWN = ("id", "lang", "home", "group", "kind", "note", "permission")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a list of another program does not say of its feeds."""

    lang: str = "fi"
    home: tuple[str, ...] = ()
    kind: str = "daily"
    group: str = ""  # "": the name of the site


@dataclass(frozen=True, slots=True)
class OpmlFile:
    """The feeds of a list, in its order, and a sentence for every outline that was left out."""

    feeds: tuple[FeedSpec, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotOpml:
    """The bytes are no OPML, with the reason people see."""

    reason: str


def to_opml(feeds: Sequence[FeedSpec], title: str = "tilannekuva") -> bytes:
    """OPML 2.0 with one outline per feed."""
    root = etree.Element("opml", version="2.0", nsmap={"t": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        outline = etree.SubElement(body, "outline", type="rss")
        for name, value in (("text", feed.title), ("title", feed.title), ("xmlUrl", feed.url)):
            outline.set(name, one_line(value))
        for name, value in _own(feed).items():
            outline.set(f"{{{NAMESPACE}}}{name}", one_line(value))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _own(feed: FeedSpec) -> dict[str, str]:
    values = {name: getattr(feed, name) for name in _OWN}
    values["home"] = " ".join(feed.home)
    return {name: value for name, value in values.items() if value or name == "home"}


def from_opml(
    body: bytes, defaults: Defaults, taken: Sequence[FeedSpec] = ()
) -> OpmlFile | NotOpml:
    """The feeds that `body` lists. Those whose address is one of `taken` or comes twice are left out.

    Entities are not followed and nothing is fetched. Whether the unit codes exist is checked where the
    entries are added to feeds.yaml.
    """
    if len(body) > MOST_BYTES:
        return NotOpml(f"the file is larger than {MOST_BYTES:,} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return NotOpml(f"the file is not XML ({one_line(str(error))[:120]})")
    if not isinstance(root.tag, str) or etree.QName(root).localname.lower() != "opml":
        return NotOpml("the file is XML, but not OPML")
    return _feeds(root, defaults, taken)


def _feeds(root: Any, defaults: Defaults, taken: Sequence[FeedSpec]) -> OpmlFile:
    ids, addresses = {feed.id for feed in taken}, {_plain(feed.url) for feed in taken}
    feeds: list[FeedSpec] = []
    left_out: list[str] = []
    for outline in root.iter("outline"):
        url = (_attribute(outline, "xmlUrl") or "").strip()
        name = clean(_attribute(outline, "title") or _attribute(outline, "text") or "") or url
        if not url:
            continue  # a folder
        if not is_web_address(url):
            left_out.append(f"{name}: {url!r} is no web address")
        elif _plain(url) in addresses:
            left_out.append(f"{name}: {url} is in the list already")
        else:
            feeds.append(_spec(outline, url, name, defaults, ids))
            ids.add(feeds[-1].id)
            addresses.add(_plain(url))
    return OpmlFile(tuple(feeds), tuple(left_out))


def _spec(outline: Any, url: str, name: str, defaults: Defaults, ids: set[str]) -> FeedSpec:
    own: Callable[[str], str | None] = lambda key: outline.get(f"{{{NAMESPACE}}}{key}")  # noqa: E731
    lang = own("lang") or (_attribute(outline, "language") or "")[:2].lower()
    kind, home = own("kind"), own("home")
    return FeedSpec(
        id=free_id(slug(own("id") or name, group_of(url)), ids),
        url=url,
        title=name,
        lang=lang if lang in LANGS else defaults.lang,
        home=defaults.home if home is None else tuple(dict.fromkeys(home.split())),
        group=slug(own("group") or defaults.group or group_of(url)),
        kind=kind if kind in KINDS else defaults.kind,
        note=clean(own("note") or ""),
        permission=clean(own("permission") or ""),
    )


def _attribute(outline: Any, name: str) -> str | None:
    """The attribute whatever its case: programs write xmlUrl, xmlurl and XMLURL."""
    for key, value in outline.attrib.items():
        if key.lower() == name.lower():
            return str(value)
    return None


def _plain(url: str) -> str:
    return url.partition("://")[2].rstrip("/").lower()
