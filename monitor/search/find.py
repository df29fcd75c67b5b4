"""The use-case: a query as it was typed in, the articles it finds out."""

import re
from dataclasses import dataclass

from sqlmodel import Session

from monitor.app import App
from monitor.db import articles, claims, search, views
from monitor.db.engine import reading
from monitor.search.excerpt import Span, hits
from monitor.search.query import names_of, parse
from monitor.search.values import Order, Place, Query, Wrong
from monitor.search.words import LEXICON
from monitor.values import Article, Claim

PAGE = 20
MOST_WAITING = 1000  # counted; more is "more than"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found."""

    article: Article
    outlet: str
    claims: tuple[Claim, ...]  # in force
    title_hits: tuple[Span, ...]  # characters that were searched for
    text_hits: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found."""

    query: Query
    hits: tuple[Hit, ...]
    more: str  # hand back as `after` for the next page; "" where there is none
    waiting: (
        int  # articles that are not in the index yet, or not as they are now; at most MOST_WAITING
    )


def find_articles(
    app: App, text: str, *, order: Order = "newest", after: str = "", limit: int = PAGE
) -> Results | Wrong:
    """The articles that `text` asks for, newest or best first."""
    with reading(app.engine) as session:
        outlets = views.feed_titles(session)
        query = parse(text, names_of(app.reference, outlets))
        if isinstance(query, Wrong):
            return query
        found = search.find(session, query, order=order, after=_place(after), limit=limit)
        return Results(
            query,
            tuple(_hits(session, found.article_ids, query, outlets)),
            _after(found.more),
            search.count_waiting(session, LEXICON, MOST_WAITING),
        )


def _hits(
    session: Session, ids: tuple[int, ...], query: Query, outlets: dict[str, str]
) -> list[Hit]:
    known = {a.id: a for a in articles.get_many(session, ids)}
    said = claims.current_claims(session, ids)
    return [
        Hit(
            article=known[id_],
            outlet=outlets.get(known[id_].feed_id, known[id_].feed_id),
            claims=said.get(id_, ()),
            title_hits=tuple(hits(known[id_].title, known[id_].language, query)),
            text_hits=tuple(hits(known[id_].text, known[id_].language, query)),
        )
        for id_ in ids
        if id_ in known
    ]


def _after(place: Place | None) -> str:
    if place is None:
        return ""
    return str(place.place) if place.score is None else f"{place.place}:{place.score!r}"


def _place(after: str) -> Place | None:
    """The place an address names; an address that was mended by hand begins anew."""
    found = re.fullmatch(r"(\d{1,19})(?::(-?\d+(?:\.\d+)?(?:e-?\d+)?))?", after)
    if not found or int(found[1]) >= 2**63:
        return None
    return Place(int(found[1]), None if found[2] is None else float(found[2]))
