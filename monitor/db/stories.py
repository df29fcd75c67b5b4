"""Stories in the store, and what is needed to find an article's story.

Returns plain values, never rows. Which story an article belongs to is decided in
`monitor.articles.stories`.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, func, insert, text
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from monitor.db.merges import resolve
from monitor.db.tables import (
    ArticleRow,
    ShingleRow,
    StoryHourRow,
    StoryKeyRow,
    StoryRow,
    StoryTraitsRow,
)
from monitor.values import Story

# Articles looked at per shared trait, nearest to the end of the window: a trait that more hold says little.
POSTINGS = 50
MOST_COPIES = 50  # articles of one band compared in full
_HOUR = 3600
_ONE_MORE = text(
    "INSERT INTO story_hours (hour, articles) VALUES (:hour, 1) "
    "ON CONFLICT (hour) DO UPDATE SET articles = story_hours.articles + 1"
)
_COMPARED: tuple[Any, ...] = tuple(
    col(column)
    for column in (
        ArticleRow.id,
        ArticleRow.story_id,
        ArticleRow.language,
        ArticleRow.published,
        ArticleRow.fingerprint,
    )
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of an article the search for its story reads."""

    article_id: int
    title: str
    text: str
    language: str
    published: datetime
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of an article that has its story, for later ones to be compared with."""

    article_id: int
    story_id: int
    language: str
    published: datetime
    fingerprint: bytes
    title: frozenset[str]  # traits of the title
    weights: dict[str, float]


Posting = tuple[int, int]  # hour of publication since 1970, article


def without_story(session: Session, limit: int) -> list[Sketch]:
    """Articles that have no story yet, oldest first."""
    query = select(ArticleRow).where(col(ArticleRow.story_id).is_(None))
    query = query.order_by(col(ArticleRow.published), col(ArticleRow.id)).limit(limit)
    return [_sketch(row) for row in session.exec(query)]


def postings(
    session: Session, traits: Collection[str], start: datetime, end: datetime
) -> dict[str, list[Posting]]:
    """Articles from `start` to `end` that were indexed under each of `traits`, newest first.

    At most POSTINGS of a trait: the cost does not grow with what is stored.
    """
    names = {trait_key(trait): trait for trait in traits}
    if not names:
        return {}
    keys = {f"k{n}": key for n, key in enumerate(sorted(names))}
    query = postings_statement(len(keys))
    found: dict[str, list[Posting]] = {}
    span = {"start": _hour(start), "end": _hour(end), "most": POSTINGS}
    for key, *posting in session.connection().execute(query, {**keys, **span}).fetchall():
        found.setdefault(names[key], []).append((posting[0], posting[1]))
    return found


def counts(found: Mapping[str, Sequence[Posting]], start: datetime) -> dict[str, int]:
    """How many articles since `start` hold each trait of `found`.

    Where there are more than `postings` gives, those it gave are projected on the whole span.
    """
    return {trait: _projected(given, _hour(start)) for trait, given in found.items()}


def indexed_between(session: Session, start: datetime, end: datetime) -> int:
    """How many indexed articles were published from `start` to `end`."""
    hour = col(StoryHourRow.hour)
    query = select(func.coalesce(func.sum(col(StoryHourRow.articles)), 0))
    return int(session.exec(query.where(hour >= _hour(start), hour <= _hour(end))).one())


def sharing_bands(
    session: Session, bands: Sequence[int], start: datetime, end: datetime
) -> list[int]:
    """Articles with a story published from `start` to `end` that share `bands`, the most of them first.

    At most MOST_COPIES, and as many of each band looked at, the newest: a text that a thousand articles
    share costs no more than one that ten do.
    """
    if not bands:
        return []
    values = {f"v{n}": value for n, value in enumerate(bands)}
    span = {"start": _hour(start), "end": _hour(end), "most": MOST_COPIES}
    query = bands_statement(len(bands))
    found = session.connection().execute(query, {**values, **span}).fetchall()
    shared = Counter(article for article, _ in found)
    hours: dict[int, int] = {article: hour for article, hour in found}
    ranked = sorted(shared, key=lambda article: (-shared[article], -hours[article], -article))
    return ranked[:MOST_COPIES]


def known(session: Session, article_ids: Collection[int]) -> list[Known]:
    """What is kept of those of `article_ids` that have a story."""
    query = (
        select(ArticleRow, StoryTraitsRow.value)
        .join(StoryTraitsRow, col(StoryTraitsRow.article_id) == col(ArticleRow.id), isouter=True)
        .where(col(ArticleRow.id).in_(sorted(article_ids)))
        .where(col(ArticleRow.story_id).is_not(None))
        .order_by(col(ArticleRow.id))
        .options(load_only(*_COMPARED))
    )
    return [_known(row, value) for row, value in session.exec(query)]


def index(
    session: Session,
    article_id: int,
    published: datetime,
    title: frozenset[str],
    weights: Mapping[str, float],
    keys: Collection[str],
) -> None:
    """Keep an article's traits for later ones, findable by `keys`."""
    hour = _hour(published)
    value = {"title": sorted(title), "weights": {t: round(w, 3) for t, w in weights.items()}}
    session.add(StoryTraitsRow(article_id=article_id, hour=hour, value=value))
    session.flush()
    session.connection().execute(_ONE_MORE, {"hour": hour})
    rows = [
        {"trait": key, "hour": hour, "article_id": article_id}
        for key in sorted({trait_key(k) for k in keys})
    ]
    if rows:
        session.connection().execute(insert(StoryKeyRow), rows)


def assign(
    session: Session, article_id: int, story_id: int | None, bands: Sequence[int]
) -> int | None:
    """Put an article into a story, a new one where `story_id` is None, and make it findable by `bands`.

    Where the story has been merged, into what it was merged into. Returns the story's id, or None where
    the article has a story already.
    """
    article = session.get_one(ArticleRow, article_id, with_for_update=True)
    if article.story_id is not None:
        return None
    published = article.published
    story = _locked(session, story_id) if story_id else None
    if story is None:
        story = StoryRow(first_published=published, last_published=published)
        session.add(story)
        session.flush()
    story.first_published = min(story.first_published, published)
    story.last_published = max(story.last_published, published)
    article.story_id = story.id
    session.flush()
    hour = _hour(published)
    rows = [
        {"band": n, "value": value, "hour": hour, "article_id": article_id}
        for n, value in enumerate(bands)
    ]
    if rows:
        session.connection().execute(insert(ShingleRow), rows)
    return story.id


def _locked(session: Session, story_id: int) -> StoryRow | None:
    """The story, or the one it was merged into, locked until the transaction ends."""
    while True:
        row = session.get(StoryRow, story_id, with_for_update=True)
        root = resolve(session, story_id)
        if row is None or root == story_id:
            return row
        story_id = root  # merged meanwhile


def story(session: Session, story_id: int) -> Story | None:
    """One story with its articles, oldest first, or None; of a merged one, that it was merged into."""
    story_id = resolve(session, story_id)
    row = session.get(StoryRow, story_id)
    if row is None:
        return None
    query = (
        select(ArticleRow.id, ArticleRow.publisher_group)
        .where(ArticleRow.story_id == story_id)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    found = session.exec(query).all()
    groups = tuple(sorted({group for _, group in found}))
    ids = tuple(number for number, _ in found if number is not None)
    return Story(story_id, row.first_published, row.last_published, ids, groups)


def stories_of(session: Session, article_ids: Collection[int]) -> dict[int, Story]:
    """The story of each of `article_ids` that has one."""
    query = select(ArticleRow.id, ArticleRow.story_id).where(
        col(ArticleRow.id).in_(list(article_ids)), col(ArticleRow.story_id).is_not(None)
    )
    pairs = [(a, s) for a, s in session.exec(query) if a is not None and s is not None]
    known = {number: story(session, number) for number in sorted({s for _, s in pairs})}
    return {a: found for a, s in pairs if (found := known[s]) is not None}


def trait_key(trait: str) -> int:
    """The signed 32-bit number under which a trait is indexed; a chance collision costs one comparison."""
    digest = hashlib.blake2b(trait.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little", signed=True)


@lru_cache(maxsize=4)
def bands_statement(size: int) -> TextClause:
    """The newest articles of each of `size` bands, each found in the index alone."""
    return text(
        " UNION ALL ".join(
            "SELECT * FROM (SELECT article_id, hour FROM shingles "
            f"WHERE band = {n} AND value = :v{n} AND hour BETWEEN :start AND :end "
            f"ORDER BY hour DESC, article_id DESC LIMIT :most) AS s{n}"
            for n in range(size)
        )
    )


def _projected(given: Sequence[Posting], first: int) -> int:
    if len(given) < POSTINGS:
        return len(given)
    last = given[0][0]
    return round(len(given) * (last - first + 1) / (last - given[-1][0] + 1))


def _hour(instant: datetime) -> int:
    return int(instant.timestamp() // _HOUR)


@lru_cache(maxsize=256)
def postings_statement(size: int) -> TextClause:
    """The newest of each of `size` traits, each found in the index alone."""
    return text(
        " UNION ALL ".join(
            "SELECT * FROM (SELECT trait, hour, article_id FROM story_keys "
            f"WHERE trait = :k{n} AND hour BETWEEN :start AND :end "
            f"ORDER BY hour DESC, article_id DESC LIMIT :most) AS s{n}"
            for n in range(size)
        )
    )


def _known(row: ArticleRow, value: Mapping[str, Any] | None) -> Known:
    assert row.id is not None
    assert row.story_id is not None
    value = value or {"title": (), "weights": {}}  # grouped before traits were kept, or taken away
    title, weights = frozenset(value["title"]), dict(value["weights"])
    return Known(row.id, row.story_id, row.language, row.published, row.fingerprint, title, weights)


def _sketch(row: ArticleRow) -> Sketch:
    assert row.id is not None
    return Sketch(row.id, row.title, row.text, row.language, row.published, row.fingerprint)
