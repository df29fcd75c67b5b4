"""The search index in the store: SQLite's FTS5, or PostgreSQL's tsvector with a GIN index.

Both hold what `monitor.search.words` made of a text, never the text, and answer the same questions. An
article's place is its time of publication in seconds, shifted by 31 bits, and its id: one number that tells
the article, orders by time, and bounds a search to days or to a page, inside the index itself.

`search_documents` says which articles are in the index and with which lexicon; one with the lexicon "" waits.
An article is entered there, and leaves, in the transaction that changes it; words follow in
`monitor.search.fill`, because the dictionaries take seconds to load and the lemmas milliseconds, for which
nobody should hold the store's write lock.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any

from sqlalchemy import exists, insert, text, update
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, SearchDocumentRow
from monitor.search.values import Found, Order, Place, Query, Term

_ID_BITS = 31
_MOST_SECONDS = 2**32 - 1
WINDOW = 1000  # the newest matches, of which the best are shown first: all of a common word take too long
_GAP = 10  # words between title and text, so that no phrase spans them (PostgreSQL)
_LAST_POSITION = 16383  # of a tsvector
_DROP = {
    "sqlite": text("DELETE FROM search_text WHERE rowid = :place"),
    "postgresql": text("DELETE FROM search_text WHERE place = :place"),
}
_PUT = {
    "sqlite": text(
        "INSERT INTO search_text (rowid, title, text, marks) VALUES (:place, :title, :text, :marks)"
    ),
    "postgresql": text("INSERT INTO search_text VALUES (:place, CAST(:terms AS tsvector))"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """What the index holds of an article."""

    article_id: int
    turn: int  # of the entry when the article was read
    published: datetime
    title: tuple[str, ...]  # folded lemmas, in order
    text: tuple[str, ...]
    marks: tuple[str, ...]


def place_of(article_id: int, published: datetime) -> int:
    """Orders articles by publication; of one moment by id."""
    return (_seconds(published) << _ID_BITS) | article_id


def _seconds(at: datetime) -> int:
    return min(max(0, floor(at.timestamp())), _MOST_SECONDS)


def _article(place: int) -> int:
    return place & (1 << _ID_BITS) - 1


# --- keeping -------------------------------------------------------------------------------------


def enter(session: Session, article_id: int, published: datetime) -> None:
    """A new article waits for its words."""
    session.add(
        SearchDocumentRow(
            article_id=article_id, place=place_of(article_id, published), lexicon="", turn=0
        )
    )


def expire(session: Session, article_ids: Collection[int]) -> None:
    """Texts or claims of the articles have changed: what is indexed of them stands until it is made anew."""
    for ids in batches(sorted(set(article_ids))):
        session.exec(
            update(SearchDocumentRow)
            .where(col(SearchDocumentRow.article_id).in_(ids))
            .values(lexicon="", turn=col(SearchDocumentRow.turn) + 1)
        )


def drop(session: Session, article_id: int) -> None:
    """Take an article out; nothing finds it any more."""
    row = session.get(SearchDocumentRow, article_id)
    if row is not None:
        session.connection().execute(_DROP[_dialect(session)], {"place": row.place})
        session.delete(row)
        session.flush()


def enter_missing(session: Session) -> int:
    """Enter the articles that are in the store and not in the index, as a restored copy may hold; looks
    at every article. Returns how many."""
    known = exists().where(col(SearchDocumentRow.article_id) == ArticleRow.id)
    query = select(ArticleRow.id, ArticleRow.published).where(
        ~known, col(ArticleRow.removed).is_(None)
    )
    rows = [
        {"article_id": id_, "place": place_of(id_ or 0, at), "lexicon": "", "turn": 0}
        for id_, at in session.exec(query)
    ]
    for some in batches(rows):
        session.connection().execute(insert(SearchDocumentRow), list(some))
    return len(rows)


def expire_all(session: Session) -> None:
    """Every article waits to be indexed anew."""
    session.exec(
        update(SearchDocumentRow).where(col(SearchDocumentRow.lexicon) != "").values(lexicon="")
    )


def waiting(session: Session, lexicon: str, limit: int) -> dict[int, int]:
    """Article -> turn of those that are not indexed with `lexicon`; of those that changed the newest
    first."""
    found: dict[int, int] = {}
    of = col(SearchDocumentRow.lexicon)
    for which in (of == "", (of > "") & (of < lexicon), of > lexicon):
        query = select(SearchDocumentRow.article_id, SearchDocumentRow.turn).where(which)
        query = query.order_by(of.desc(), col(SearchDocumentRow.place).desc())
        found |= dict(session.exec(query.limit(limit - len(found))).all())
        if len(found) >= limit:
            break
    return found


def count_waiting(session: Session, lexicon: str, most: int) -> int:
    """How many wait; `most` where there are so many or more."""
    return len(waiting(session, lexicon, most))


def put(session: Session, documents: Sequence[Document], lexicon: str) -> None:
    """Put the documents in the index, in the place of what it held of their articles. One whose article
    has left or changed since it was read stays as it is."""
    dialect = _dialect(session)
    ids = [d.article_id for d in documents]
    query = select(SearchDocumentRow).where(col(SearchDocumentRow.article_id).in_(ids))
    rows = {row.article_id: row for row in session.exec(query.with_for_update())}
    connection = session.connection()
    # in the order of their places: FTS5 closes a segment whenever a lower one comes
    for document in sorted(documents, key=lambda d: (_seconds(d.published), d.article_id)):
        row = rows.get(document.article_id)
        if row is not None and row.turn == document.turn:
            if row.turn or row.lexicon:  # else it was never there
                connection.execute(_DROP[dialect], {"place": row.place})
            row.place = place_of(document.article_id, document.published)
            row.lexicon = lexicon
            connection.execute(_PUT[dialect], {"place": row.place, **_stored[dialect](document)})
    session.flush()


def _sqlite_document(document: Document) -> dict[str, str]:
    return {
        "title": " ".join(document.title),
        "text": " ".join(document.text),
        "marks": " ".join(document.marks),
    }


def postgres_document(document: Document) -> dict[str, str]:
    """A tsvector as text. Lexemes hold letters and digits, or are marks: nothing of them needs quotes
    within the quotes."""
    positions: dict[str, list[str]] = {}
    for at, word in enumerate(document.title, start=1):
        positions.setdefault(word, []).append(f"{at}A")
    first = len(document.title) + _GAP
    for at, word in enumerate(document.text, start=first):
        if at < _LAST_POSITION:
            positions.setdefault(word, []).append(str(at))
    places = [f"'{word}':{','.join(where[:255])}" for word, where in positions.items() if word]
    return {"terms": " ".join([*places, *(f"'{mark}'" for mark in document.marks)])}


_stored = {"sqlite": _sqlite_document, "postgresql": postgres_document}


def _dialect(session: Session) -> str:
    return session.connection().dialect.name


# --- finding -------------------------------------------------------------------------------------


def find(session: Session, query: Query, *, order: Order, after: Place | None, limit: int) -> Found:
    """At most `limit` articles that match, from after `after` on.

    Newest first, or the best of the newest WINDOW matches first: those that say it often, and in the title.
    """
    low, high = _bounds(query)
    if query.anywhere:
        return _every(session, low, high, after, limit)
    values: dict[str, Any] = {"match": _match(session, query), "low": low, "high": high}
    if order == "newest":
        values |= {"high": min(high, after.place - 1) if after else high, "limit": limit + 1}
        rows = session.connection().execute(_NEWEST[_dialect(session)], values).all()
        places = [Place(row[0]) for row in rows]
    else:
        values |= {"limit": limit + 1, "window": WINDOW}
        values |= {"score": after.score if after else None, "after": after.place if after else 0}
        rows = session.connection().execute(_BEST[_dialect(session)], values).all()
        places = [Place(row[0], row[1]) for row in rows]
    return _found(places, limit)


def _bounds(query: Query) -> tuple[int, int]:
    low = _seconds(query.start) << _ID_BITS if query.start else 0
    high = (_seconds(query.end) << _ID_BITS) - 1 if query.end else 2**63 - 1
    return low, high


def _every(session: Session, low: int, high: int, after: Place | None, limit: int) -> Found:
    place = col(SearchDocumentRow.place)
    query = select(SearchDocumentRow.place).where(place >= low, place <= high)
    if after:
        query = query.where(place < after.place)
    rows = session.exec(query.order_by(place.desc()).limit(limit + 1))
    return _found([Place(row) for row in rows], limit)


def _found(places: Sequence[Place], limit: int) -> Found:
    shown = places[:limit]
    more = shown[-1] if len(places) > limit else None
    return Found(tuple(_article(p.place) for p in shown), more)


# bm25 is the smaller the better. Title, text and marks weigh 4, 1 and nothing.
_NEWEST = {
    "sqlite": text(
        "SELECT rowid FROM search_text WHERE search_text MATCH :match "
        "AND rowid BETWEEN :low AND :high ORDER BY rowid DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT place FROM search_text WHERE terms @@ CAST(:match AS tsquery) "
        "AND place BETWEEN :low AND :high ORDER BY place DESC LIMIT :limit"
    ),
}
_BEST = {
    "sqlite": text(
        "SELECT place, score FROM (SELECT rowid AS place, -bm25(search_text, 4.0, 1.0, 0.0) AS score "
        "FROM search_text WHERE search_text MATCH :match AND rowid BETWEEN :low AND :high "
        "ORDER BY rowid DESC LIMIT :window) "
        "WHERE :score IS NULL OR (score, place) < (:score, :after) "
        "ORDER BY score DESC, place DESC LIMIT :limit"
    ),
    "postgresql": text(
        "SELECT place, score FROM (SELECT place, CAST(ts_rank('{0,0.25,0.25,1}', terms, "
        "CAST(:match AS tsquery), 1) AS double precision) AS score FROM (SELECT place, terms "
        "FROM search_text WHERE terms @@ CAST(:match AS tsquery) AND place BETWEEN :low AND :high "
        "ORDER BY place DESC LIMIT :window) AS newest) AS ranked "
        "WHERE CAST(:score AS double precision) IS NULL "
        "OR (score, place) < (CAST(:score AS double precision), CAST(:after AS bigint)) "
        "ORDER BY score DESC, place DESC LIMIT :limit"
    ),
}


def _match(session: Session, query: Query) -> str:
    return _sqlite_match(query) if _dialect(session) == "sqlite" else _postgres_match(query)


def _sqlite_match(query: Query) -> str:
    wanted = [*map(_sqlite_term, query.terms), *map(_sqlite_any, query.marks)]
    unwanted = [*map(_sqlite_term, query.without), *(f'"{m}"' for m in query.without_marks)]
    match = f"({' AND '.join(wanted)})"
    return f"{match} NOT ({' OR '.join(unwanted)})" if unwanted else match


def _sqlite_any(marks: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{mark}"' for mark in marks) + ")"


def _sqlite_term(term: Term) -> str:
    go_on = " *" if term.prefix else ""
    return "(" + " OR ".join(f'"{" ".join(words)}"{go_on}' for words in term.readings) + ")"


def _postgres_match(query: Query) -> str:
    wanted = [*map(_postgres_term, query.terms), *map(_postgres_any, query.marks)]
    unwanted = [*map(_postgres_term, query.without), *(f"'{m}'" for m in query.without_marks)]
    return " & ".join([*wanted, *(f"!{part}" for part in unwanted)])


def _postgres_any(marks: Iterable[str]) -> str:
    return "(" + " | ".join(f"'{mark}'" for mark in marks) + ")"


def _postgres_term(term: Term) -> str:
    return "(" + " | ".join(_postgres_phrase(words, term.prefix) for words in term.readings) + ")"


def _postgres_phrase(words: Sequence[str], prefix: bool) -> str:
    lexemes = [f"'{word}'" for word in words]
    return "(" + " <-> ".join(lexemes) + (":*)" if prefix else ")")
