"""What an entry and its page make of an article: the draft, whether it is news, when to ask again.

Pure decisions for `ingest`: values in, values out; no store, clock or network.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.articles.fingerprint import content_hash, signature
from monitor.articles.language import UNKNOWN, detect
from monitor.articles.urls import canonical
from monitor.articles.values import Draft, PendingEntry
from monitor.fetch.answer import http_date
from monitor.fetch.results import Fetched, FetchFailed
from monitor.values import Article, Completeness, Extracted, Page, TimeSource

FIRST_RETRY = timedelta(minutes=15)  # doubled with every try
LAST_RETRY = timedelta(days=1)
EARLY = timedelta(days=1)  # a page may be dated this far ahead of the clock (embargo, time zone)
EARLIEST = datetime(
    1995, 1, 1, tzinfo=UTC
)  # before it a time is a default, such as 1 January of year 1
_RANK: Mapping[Completeness, int] = {"title only": 0, "teaser": 1, "full": 2}


def judge(known: Article | None, draft: Draft | None, entry: PendingEntry) -> str:
    """The outcome of an entry whose page or feed text reads `draft` now and is stored as `known`.

    A worse reading never replaces a better one: not a feed's text a page's, not a teaser a whole text.
    """
    if known is None:
        if draft is None:
            raise ValueError("an entry needs a known article or a draft")
        return draft.completeness if draft.text_source == "page" else "feed text"
    same = (
        "unchanged" if entry.revision > 1 and known.feed_id == entry.feed.id else "seen elsewhere"
    )
    if draft is None or draft.content_hash == known.content_hash:
        return same
    worse = _RANK[draft.completeness] < _RANK[known.completeness]
    from_feed = draft.text_source != "page" and known.text_source == "page"
    return same if worse or from_feed else "revised"


def draft_from_feed(entry: PendingEntry, address: str, reason: str, now: datetime) -> Draft:
    """The article as the feed alone gives it; `reason` says why its page was not read."""
    text = entry.summary.strip()
    language = detect(f"{entry.title}\n{text}")
    known = language.code != UNKNOWN
    completeness: Completeness = "title only" if not text else "teaser" if reason else "full"
    published, source = published_at(entry, None, None, now)
    return Draft(
        address=address,
        feed=entry.feed,
        title=entry.title,
        text=text,
        language=language.code if known else entry.feed.lang,
        language_confidence=language.confidence,
        completeness=completeness,
        completeness_reason=reason,
        text_source="feed" if text else "title",
        published=published,
        published_source=source,
        content_hash=content_hash(entry.title, text),
        fingerprint=signature(text or entry.title),
    )


def draft_from_page(
    entry: PendingEntry, fetched: Fetched, found: Extracted, now: datetime
) -> Draft:
    """The article as its page gives it; the feed's text where the page shows less of it."""
    address = found.canonical or canonical(fetched.url)
    published, source = published_at(entry, found.published, http_date(fetched.last_modified), now)
    if len(entry.summary.split()) > len(found.text.split()):
        reason = found.reason or "the page shows less than the feed"
        feed = draft_from_feed(entry, address, reason, now)
        return replace(feed, published=published, published_source=source)
    known = found.language != UNKNOWN
    return Draft(
        address=address,
        feed=entry.feed,
        title=found.title or entry.title,
        text=found.text,
        language=found.language if known else entry.feed.lang,
        language_confidence=found.language_confidence,
        completeness=found.completeness,
        completeness_reason=found.reason,
        text_source="page" if found.text else "title",
        published=published,
        published_source=source,
        content_hash=content_hash(found.title or entry.title, found.text),
        fingerprint=signature(found.text or found.title),
    )


def with_language(found: Extracted) -> Extracted:
    """`found` with the language that the dictionaries tell, where it was left to them."""
    if found.language != UNKNOWN:
        return found
    language = detect(f"{found.title}\n{found.text}")
    return replace(found, language=language.code, language_confidence=language.confidence)


def published_at(
    entry: PendingEntry, page: datetime | None, http: datetime | None, now: datetime
) -> tuple[datetime, TimeSource]:
    """The first credible of feed, page and HTTP times, else when the entry was first seen."""
    named: tuple[tuple[datetime | None, TimeSource], ...] = (
        (entry.published, "feed"),
        (page, "page"),
        (http, "http"),
    )
    for instant, source in named:
        if instant is not None and EARLIEST <= instant <= now + EARLY:
            return instant, source
    return entry.first_seen, "first seen"


def next_try(now: datetime, attempts: int, failure: FetchFailed) -> datetime:
    """When to ask again after `attempts` failed tries; Retry-After wins where it is later."""
    grown = FIRST_RETRY * (1 << min(attempts - 1, 10))
    wait = max(min(grown, LAST_RETRY), timedelta(seconds=failure.retry_after_seconds or 0))
    return now + min(wait, 7 * LAST_RETRY)


def page_of(fetched: Fetched) -> Page:
    """What the extractor reads of an answer."""
    return Page(fetched.url, fetched.body, fetched.charset, http_date(fetched.last_modified))
