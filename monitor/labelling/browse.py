"""The use-case: what was labelled, in decisions and in the training texts, narrowed and counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from classifiers.corpus import load_corpus
from classifiers.reference import NATIONAL, Reference
from classifiers.values import Example
from monitor.app import App
from monitor.clock import HELSINKI
from monitor.db import labels as store
from monitor.db import search
from monitor.db.engine import reading
from monitor.db.labels import Labelled
from monitor.review.values import Given
from monitor.search.query import names_of, parse
from monitor.search.values import Query, Wrong
from monitor.search.words import fold
from monitor.training.dataset import CORPUS

PAGE = 50
MOST_FOUND = 2000  # articles that a search may give to look for decisions of
TASKS = ("relevance", "region", "topic", "direction")
Label = tuple[str, str]  # task, label


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the list is narrowed; every part left empty lets all through."""

    source: str = "decisions"  # decisions | corpus
    text: str = ""
    task: str = ""
    label: str = ""
    language: str = ""
    who: str = ""
    first: date | None = None
    last: date | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled text."""

    title: str
    language: str
    given: Given
    where: str  # file and line of a training text, "" of an article
    article_id: int = 0  # 0 of a training text
    made: Labelled | None = None


@dataclass(frozen=True, slots=True)
class Browsed:
    """A part of the list, and what all of it holds."""

    lines: tuple[Line, ...]
    total: int
    counts: tuple[tuple[Label, int], ...]  # by task, the commonest label first
    people: tuple[str, ...]
    looked_at: int  # decisions or texts that were looked at
    more: bool
    wrong: Wrong | None = None  # what was searched for cannot be read


def browse(app: App, wanted: Wanted) -> Browsed:
    """The labelled texts that are wanted, the newest decision or the first line of the corpus first."""
    if wanted.source == "corpus":
        texts = corpus(app.settings.labels_dir, app.reference)
        found = [line for line in map(_of_corpus, texts) if _wanted(line, wanted)]
        return _page([x for x in found if _in_title(x, wanted.text)], wanted, (), len(texts))
    with reading(app.engine) as session:
        made = store.newest_decisions(session)
        people = tuple(sorted({m.who for m in made}))
        only: set[int] | None = None
        if wanted.text:
            query = parse(f"{wanted.text} decided:yes", names_of(app.reference, {}))
            if isinstance(query, Wrong):
                return Browsed((), 0, (), people, len(made), False, query)
            only = _found(session, query)
        lines = [_of_decision(m) for m in made if only is None or m.article_id in only]
        page = _page([x for x in lines if _wanted(x, wanted)], wanted, people, len(made))
        named = store.titles(session, [line.article_id for line in page.lines])
    return _titled(page, lambda line: named.get(line.article_id, ("", ""))[0])


def _found(session: Session, query: Query) -> set[int]:
    found = search.find(session, query, order="newest", after=None, limit=MOST_FOUND)
    return set(found.article_ids)


def corpus(labels: Path, reference: Reference) -> tuple[Example, ...]:
    """The training texts; read anew when a file changes."""
    stamp = tuple(p.stat().st_mtime for p in sorted((labels / CORPUS).glob("*.jsonl")))
    key = (labels, stamp)
    if key not in _kept:
        _kept.clear()
        _kept[key] = tuple(load_corpus(labels / CORPUS, reference).examples)
    return _kept[key]


_kept: dict[tuple[Path, tuple[float, ...]], tuple[Example, ...]] = {}


def labels_of(given: Given) -> list[Label]:
    """The labels that a decision gives."""
    found = [("relevance", "relevant" if given.relevant else "not relevant")]
    found += [("region", code) for code in ((NATIONAL,) if given.national else given.regions)]
    found += [("topic", topic) for topic in given.topics]
    return found + ([("direction", given.direction)] if given.direction else [])


def _of_corpus(example: Example) -> Line:
    given = Given(
        example.relevant, example.regions, example.mentioned, example.national, example.topics,
        example.direction,
    )  # fmt: skip
    return Line(example.text.title, example.text.language, given, f"corpus/{example.origin}")


def _of_decision(made: Labelled) -> Line:
    return Line("", made.language, made.given, "", made.article_id, made)


def _wanted(line: Line, wanted: Wanted) -> bool:
    held = labels_of(line.given)
    day = line.made.at.astimezone(HELSINKI).date() if line.made else None
    return (
        (not wanted.language or line.language == wanted.language)
        and (not wanted.task or any(task == wanted.task for task, _ in held))
        and (not wanted.label or _holds(held, wanted))
        and (not wanted.who or (line.made is not None and line.made.who == wanted.who))
        and (wanted.first is None or (day is not None and day >= wanted.first))
        and (wanted.last is None or (day is not None and day <= wanted.last))
    )


def _holds(held: Iterable[Label], wanted: Wanted) -> bool:
    task, _, label = wanted.label.partition(":")
    return (task, label) in held


def _in_title(line: Line, text: str) -> bool:
    return all(fold(word) in fold_title(line.title) for word in text.split())


def fold_title(title: str) -> str:
    """A headline as it is compared."""
    return " ".join(fold(word) for word in title.split())


def _page(
    lines: Sequence[Line], wanted: Wanted, people: tuple[str, ...], looked_at: int
) -> Browsed:
    counted = Counter(label for line in lines for label in labels_of(line.given))
    ordered = sorted(counted.items(), key=lambda c: (TASKS.index(c[0][0]), -c[1], c[0][1]))
    shown = lines[wanted.skip : wanted.skip + PAGE]
    more = len(lines) > wanted.skip + PAGE
    return Browsed(tuple(shown), len(lines), tuple(ordered), people, looked_at, more)


def _titled(page: Browsed, title: Callable[[Line], str]) -> Browsed:
    return replace(page, lines=tuple(replace(line, title=title(line)) for line in page.lines))
