"""The search index of a large invented store, as the program would have made it, in minutes instead of hours.

Articles of an invented year are mixed of the same paragraphs, so a paragraph's words are made once. The
functions that make the words and store them are the program's own.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine

from monitor.db.search import Document, postgres_document
from monitor.search.query import mark
from monitor.search.words import LEXICON, lemmas, warm

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
CHUNK = 100_000  # articles of one transaction: one segment of the index
_DONE = "UPDATE search_documents SET lexicon = ? WHERE lexicon <> ?"


def index(engine: Engine) -> int:
    """Fill the index of a SQLite store, from where an earlier run stopped; returns how many articles."""
    warm()
    engine.dispose()
    store = sqlite3.connect(str(engine.url.database), isolation_level=None)
    marks, most = _marks(store), store.execute("SELECT max(id) FROM articles").fetchone()[0] or 0
    _tune(store, automerge=0, hashsize=2**30)
    last = store.execute("SELECT max(rowid) FROM search_text").fetchone()[0] or 0
    begun = last & (1 << 31) - 1  # the last article that an earlier run came to
    for first in range(begun + 1, most + 1, CHUNK):
        store.execute("BEGIN")
        rows = store.execute(
            "SELECT a.id, a.language, a.feed_id, a.title, a.text, d.place FROM articles a "
            "JOIN search_documents d ON d.article_id = a.id WHERE a.id BETWEEN ? AND ? ORDER BY d.place",
            (first, first + CHUNK - 1),
        )
        store.executemany(
            "INSERT INTO search_text (rowid, title, text, marks) VALUES (?, ?, ?, ?)",
            (_document(row, marks) for row in rows),
        )
        store.execute("COMMIT")
    _tune(store, automerge=4, hashsize=2**20)
    store.execute(_DONE, (LEXICON, LEXICON))
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return int(most)


def _tune(store: sqlite3.Connection, **values: int) -> None:
    for name, value in values.items():
        store.execute("INSERT INTO search_text (search_text, rank) VALUES (?, ?)", (name, value))


def _marks(store: sqlite3.Connection) -> dict[int, set[str]]:
    """What is said of articles, by model or person."""
    found: dict[int, set[str]] = defaultdict(set)
    query = (
        "SELECT article_id, task, label, author FROM claims WHERE decided AND (task = 'topic' "
        "OR task = 'region' AND role <> 'mentioned' OR author = 'person')"
    )
    for article, task, label, author in store.execute(query):
        if task in ("region", "topic"):
            found[article].add(mark(task[0], label))
        if author == "person":
            found[article].add(mark("d", "yes"))
    return found


def _document(row: Any, marks: dict[int, set[str]]) -> tuple[int, str, str, str]:
    article, language, feed, title, text, place = row
    said = marks.get(article, set())
    own = {mark("l", language), mark("o", feed), *said}
    if mark("d", "yes") not in said:
        own.add(mark("d", "no"))
    named = title.rpartition(" ")  # the article's own number stands last
    words = [_words(part, language) for part in named]
    opening, _, rest = text.partition(". ")  # a made-up name
    body = [" ".join(filter(None, lemmas(opening, language)))]
    body += (_words(part, language) for part in rest.split("\n\n"))
    return place, " ".join(filter(None, words)), " ".join(filter(None, body)), " ".join(sorted(own))


@lru_cache(maxsize=100_000)
def _words(text: str, language: str) -> str:
    return " ".join(filter(None, lemmas(text, language)))


def copied(read: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """The rows of PostgreSQL's index, from SQLite's."""
    for place, title, text, marks in read.execute(
        "SELECT rowid, title, text, marks FROM search_text"
    ):
        document = Document(0, 0, _NEVER, *(tuple(words.split()) for words in (title, text, marks)))
        yield place, postgres_document(document)["terms"]
