"""The use-case: texts of which people say different things, and the third word that settles them.

A third word is a decision like any other, with a note that begins with `ADJUDICATED`; training learns from it,
agreement is not measured with it, for whoever gave it knew the others'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.app import App
from monitor.db import articles, labels
from monitor.db import decisions as store
from monitor.db.engine import reading
from monitor.db.labels import Labelled
from monitor.training.decisions import ADJUDICATED
from monitor.values import Article

MOST = 20  # texts on the page


@dataclass(frozen=True, slots=True)
class Split:
    """A text, and the last word of each person on it."""

    article: Article
    words: tuple[Labelled, ...]  # by person
    seen: int  # hand back when deciding


@dataclass(frozen=True, slots=True)
class Splits:
    """Texts that wait for a third word."""

    shown: tuple[Split, ...]
    total: int
    settled: int  # that have one


def splits(app: App) -> Splits:
    """The texts of the newest decisions where people differ, the newest first."""
    with reading(app.engine) as session:
        made = labels.newest_decisions(session)
        open_, settled = differing(made)
        known = {
            a.id: a for a in articles.get_many(session, [w[0].article_id for w in open_[:MOST]])
        }
        shown = []
        for words in open_[:MOST]:
            article = known.get(words[0].article_id)
            newest = store.newest(session, words[0].article_id)
            if article is not None and newest is not None:
                shown.append(Split(article, words, newest.number))
    return Splits(tuple(shown), len(open_), settled)


def differing(made: Iterable[Labelled]) -> tuple[list[tuple[Labelled, ...]], int]:
    """The last word of each person on each text where they differ, and how many are settled already.

    `made` is the newest first."""
    texts: dict[tuple[int, str], dict[str, Labelled]] = {}
    settled: set[tuple[int, str]] = set()
    for one in made:
        key = (one.article_id, one.content_hash)
        if one.given.note.startswith(ADJUDICATED):
            settled.add(key)
        texts.setdefault(key, {}).setdefault(one.who, one)
    differ = {key: people for key, people in texts.items() if _differ(list(people.values()))}
    waiting = [
        tuple(sorted(people.values(), key=lambda w: w.who))
        for key, people in differ.items()
        if key not in settled
    ]
    return waiting, len(differ.keys() & settled)


def _differ(words: Sequence[Labelled]) -> bool:
    """Whether anything that is learned differs; the order of topics and mere mentions are not."""
    return len({_learned(w) for w in words}) > 1


def _learned(word: Labelled) -> tuple[object, ...]:
    g = word.given
    return g.relevant, g.national, frozenset(g.regions), frozenset(g.topics), g.direction
