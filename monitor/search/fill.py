"""The use-case: articles that wait get their words into the search index.

Reads without a lock, makes the lemmas, and then stores a batch at a time; an article that has changed
meanwhile keeps waiting. Which articles wait is a query, so a kill loses nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlmodel import Session

from monitor.app import App
from monitor.db import articles, claims, search
from monitor.db.engine import reading, transaction
from monitor.db.search import Document
from monitor.search.query import mark
from monitor.search.words import LEXICON, lemmas, warm
from monitor.tagging.tag import LONGEST_TEXT, LONGEST_TITLE
from monitor.values import Article, Claim

BATCH = 50
A_TICK = 1000  # articles: some five seconds of new words, much less of words met before


def index_due(app: App, limit: int = A_TICK) -> int:
    """Index up to `limit` articles that wait; returns how many."""
    warm()
    done = 0
    with reading(app.engine) as session:
        due = list(search.waiting(session, LEXICON, limit).items())
    batches = [dict(due[at : at + BATCH]) for at in range(0, len(due), BATCH)]
    for turns in app.progress.over(batches, "search", len(batches)):
        with reading(app.engine) as session:
            documents = list(_documents(session, turns))
        with transaction(app.engine) as session:
            search.put(session, documents, LEXICON)
        done += len(turns)
    return done


def _documents(session: Session, turns: Mapping[int, int]) -> Iterator[Document]:
    said = claims.current_claims(session, turns)
    for article in articles.get_many(session, list(turns)):
        yield document_of(article, said.get(article.id, ()), turns[article.id])


def document_of(article: Article, said: Sequence[Claim], turn: int = 0) -> Document:
    """What the index holds of an article with its claims in force."""
    return Document(
        article_id=article.id,
        turn=turn,
        published=article.published,
        title=tuple(filter(None, lemmas(article.title[:LONGEST_TITLE], article.language))),
        text=tuple(filter(None, lemmas(article.text[:LONGEST_TEXT], article.language))),
        marks=tuple(sorted(set(_marks(article, said)))),
    )


def _marks(article: Article, said: Sequence[Claim]) -> Iterator[str]:
    yield mark("l", article.language)
    yield mark("o", article.feed_id)
    yield mark("d", "yes" if any(c.author == "person" for c in said) else "no")
    for claim in said:
        if claim.decided and claim.task == "region" and claim.role != "mentioned":
            yield mark("r", claim.label)
        elif claim.decided and claim.task == "topic":
            yield mark("t", claim.label)
