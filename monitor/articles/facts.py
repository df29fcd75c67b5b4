"""What a page says of its article outside the text: headline, times, canonical address, paywall.

Reads JSON-LD, meta elements and the visible words near the headline. Finds no article text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml.html import HtmlElement

from monitor.articles.furniture import text_of
from monitor.articles.urls import canonical, names_article
from monitor.clock import HELSINKI
from monitor.text import storable

_ARTICLE_TYPES = re.compile(
    r"(news|report\w*|blog|opinion\w*|analysis\w*)?(article|blogposting)", re.I
)
_PAYWALL = re.compile(
    r"\b(vain tilaajille|tilaajille|tilaajalle|jatka lukemista|lue koko (juttu|artikkeli)|"
    r"tämä (juttu|artikkeli|sisältö) on (vain )?tilaaj\w+|kirjaudu sisään ja lue|"
    r"tilaa ja (jatka|lue)|för prenumeranter|bli prenumerant|endast för prenumeranter|"
    r"fortsätt läsa|läs hela artikeln|logga in och läs|subscribers only|subscribe to (read|continue)|"
    r"continue reading)\b",
    re.IGNORECASE,
)
_PAYWALL_NAME = re.compile(
    r"(^|[\s_-])(paywall|maksumuuri|tilausmuuri|betalv[aä]gg|subscribe-?box)", re.I
)
_PUBLISHED_NAMES = {
    "article:published_time", "og:article:published_time", "datepublished", "date", "dc.date",
    "dc.date.issued", "dcterms.created", "dcterms.issued", "pubdate", "publishdate", "publish-date",
    "parsely-pub-date", "sailthru.date",
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "tammikuuta januari", "helmikuuta februari", "maaliskuuta mars", "huhtikuuta april",
            "toukokuuta maj", "kesäkuuta juni", "heinäkuuta juli", "elokuuta augusti",
            "syyskuuta september", "lokakuuta oktober", "marraskuuta november", "joulukuuta december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_VISIBLE_DATE = re.compile(
    rf"\b(?P<day>\d{{1,2}})\.?\s?(?:(?P<month>\d{{1,2}})\.|(?P<name>{'|'.join(_MONTHS)})\s)"
    r"(?P<year>(?:19|20)\d\d)\b"
    r"(?:\s*(?:,|klo|kl\.?|kello|-|–)*\s*(?P<hour>[01]?\d|2[0-3])[.:](?P<minute>[0-5]\d)(?![.\d]))?",
    re.IGNORECASE,
)
_MOST_TITLES = 5  # every h1 is compared with each; drawings in a page have titles of their own
_NEAR = 40  # elements after the headline among which a visible date is its own


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page declares."""

    title: str
    published: datetime | None
    canonical: str
    locked: str  # why the page says its article is for subscribers; "" where it does not
    paywall_words: bool  # a subscribe box or badge stands in the page
    body: str  # JSON-LD articleBody, "" where there is none
    site: str


def read_facts(tree: HtmlElement, url: str) -> Facts:
    """All facts of the page at `url`; `tree` is unchanged."""
    node = _article_node(tree)
    metas = _metas(tree)
    headline = find_headline(tree, [str(node.get("headline") or ""), metas.get("og:title", "")])
    site = metas.get("og:site_name", "")
    return Facts(
        title=headline[1] or _declared_title(tree, node, metas, site),
        published=_declared_time(tree, node, metas) or _visible_time(tree, headline[0]),
        canonical=_canonical(tree, metas, url),
        locked=_locked(node, metas),
        paywall_words=any(True for _ in paywall_elements(tree)),
        body=_plain(node.get("articleBody")),
        site=site,
    )


def find_headline(tree: HtmlElement, declared: Iterable[str]) -> tuple[HtmlElement | None, str]:
    """The h1 that is the article's headline, and its text; (None, "") where there is none.

    The one that says what the page declares, or the one inside article or main; never a site's logo.
    """
    titles = [*declared, *(text_of(t) for t in islice(tree.iter("title"), _MOST_TITLES))]
    wanted = [set(_words(t)) for t in titles if t]
    best: tuple[float, HtmlElement | None, str] = (0.3, None, "")
    for h1 in tree.iter("h1"):
        words = _words(text_of(h1))
        if not words:
            continue
        agrees = max((len(w & set(words)) / len(set(words)) for w in wanted), default=0.0)
        inside = {str(e.tag) for e in h1.iterancestors()}
        score = agrees * (len(words) > 1) + 1.0 * bool(inside & {"article", "main"})
        score += 0.35 * (len(words) > 1) - 0.75 * bool(inside & {"nav", "footer", "aside"})
        if score > best[0]:
            best = (score, h1, text_of(h1))
    return best[1], best[2]


def paywall_elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Short elements outside lists of links that ask the reader to subscribe, in document order."""
    for element in tree.iter(
        "div", "section", "aside", "p", "span", "h2", "h3", "h4", "strong", "label"
    ):
        name = f"{element.get('class', '')} {element.get('id', '')}"
        if _PAYWALL_NAME.search(name):
            yield element
        elif _PAYWALL.search(element.text or "") and len(text := text_of(element)) < 200:
            in_link = any(e.tag in ("a", "li", "nav", "footer") for e in element.iterancestors())
            if text and not in_link:
                yield element


def parse_instant(value: str) -> datetime | None:
    """An ISO 8601 time as aware UTC; a bare date or a time without zone is Helsinki's."""
    value = value.strip()
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=HELSINKI)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


def midnight(day: date) -> datetime:
    """Midnight of `day` in Helsinki, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=HELSINKI).astimezone(UTC)


def _article_node(tree: HtmlElement) -> dict[str, Any]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            loaded = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for node in _nodes(loaded):
            kinds = node.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(n, str) and _ARTICLE_TYPES.fullmatch(n) for n in names):
                return node
    return {}


def _nodes(loaded: object) -> Iterator[dict[str, Any]]:
    if isinstance(loaded, list):
        for item in loaded:
            yield from _nodes(item)
    elif isinstance(loaded, dict):
        yield loaded
        yield from _nodes(loaded.get("@graph"))


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _declared_title(
    tree: HtmlElement, node: dict[str, Any], metas: dict[str, str], site: str
) -> str:
    of_page = next((text_of(t) for t in tree.iter("title")), "")
    for title in (_plain(node.get("headline")), metas.get("og:title", ""), of_page):
        if title:
            return _without_site(title, site)
    return ""


def _without_site(title: str, site: str) -> str:
    parts = re.split(r"\s[|/–-]\s", title)
    if site and len(parts) > 1 and parts[-1].casefold() == site.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |/–-")
    return title


def _declared_time(
    tree: HtmlElement, node: dict[str, Any], metas: dict[str, str]
) -> datetime | None:
    declared = [str(node.get("datePublished") or "")]
    declared += [content for name, content in metas.items() if name in _PUBLISHED_NAMES]
    times = [t for t in tree.iter("time") if t.get("datetime")]
    marked = [
        t for t in times if t.get("itemprop") == "datePublished" or t.get("pubdate") is not None
    ]
    inside = [t for t in times if any(e.tag in ("article", "main") for e in t.iterancestors())]
    declared += [str(t.get("datetime")) for t in (*marked, *inside[:1])]
    return next((found for d in declared if (found := parse_instant(d))), None)


def _visible_time(tree: HtmlElement, headline: HtmlElement | None) -> datetime | None:
    """A Finnish or Swedish date that stands alone near the headline, with its time where it has one."""
    if headline is None:
        return None
    walk = tree.iter()
    next((e for e in walk if e is headline), None)
    for _, element in zip(range(_NEAR), walk, strict=False):
        text = " ".join((element.text or "").split()) if isinstance(element.tag, str) else ""
        if 0 < len(text) <= 60 and (found := _VISIBLE_DATE.search(text)):
            return _instant_of(found)
    # A bulletin is named by its day: "... | 18.7.2025".
    named = _VISIBLE_DATE.search(text_of(headline))
    ends = named is not None and named.end() == len(text_of(headline))
    return _instant_of(named) if named is not None and ends else None


def _instant_of(found: re.Match[str]) -> datetime | None:
    month = int(found["month"]) if found["month"] else _MONTHS[found["name"].lower()]
    try:
        local = datetime(
            int(found["year"]), month, int(found["day"]), int(found["hour"] or 0),
            int(found["minute"] or 0), tzinfo=HELSINKI,
        )  # fmt: skip
    except ValueError:
        return None
    return local.astimezone(UTC)


def _canonical(tree: HtmlElement, metas: dict[str, str], url: str) -> str:
    links = [
        str(link.get("href") or "")
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for declared in (*links, metas.get("og:url", "")):
        try:
            absolute = canonical(urljoin(url, declared.strip())) if declared.strip() else ""
        except ValueError:
            continue
        if absolute and (not url or names_article(absolute, url)):
            return absolute
    return ""


def _locked(node: dict[str, Any], metas: dict[str, str]) -> str:
    if str(node.get("isAccessibleForFree", "")).lower().rsplit("/", 1)[-1] == "false":
        return "the page says the article is not free (isAccessibleForFree)"
    if metas.get("article:content_tier", "").lower() == "locked":
        return "the page says the article is locked (article:content_tier)"
    return ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _plain(value: object) -> str:
    return storable(value).strip() if isinstance(value, str) else ""
