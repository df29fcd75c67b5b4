"""What waits to become an article, and what one reading makes of it. Values only."""

from dataclasses import dataclass
from datetime import datetime

from monitor.values import Completeness, FeedSpec, TextSource, TimeSource


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry that waits to become an article."""

    entry_id: int
    feed: FeedSpec
    key: str
    link: str
    own_page: bool  # False: the feed's text is all there is
    title: str
    summary: str
    author: str
    published: datetime | None
    first_seen: datetime
    revision: int
    attempts: int  # tries made at this revision


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as the newest reading of its page or feed item gives it."""

    address: str
    feed: FeedSpec
    title: str
    text: str
    language: str
    language_confidence: float  # [0, 1]
    completeness: Completeness
    completeness_reason: str  # why it is less than full, or why the page was not read
    text_source: TextSource
    published: datetime
    published_source: TimeSource
    content_hash: str
    fingerprint: bytes  # MinHash, see articles.fingerprint
