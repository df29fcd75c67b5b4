"""The use-case: new articles find their stories, one after the other, oldest first.

Orders the calls and owns the transactions; which story an article belongs to is decided in `stories`.
All that is known of earlier articles is read from the store, so that running often or seldom gives
the same stories, and the time per article does not grow with the archive.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from monitor.articles.events import Reader, load_reader
from monitor.articles.fingerprint import bands
from monitor.articles.pairs import WINDOW, Features
from monitor.articles.stories import (
    ASKED_TRAITS,
    COPY_WINDOW,
    Joining,
    StoryChoice,
    choose_story,
    joinings,
    likeliest,
    load_model,
    search_traits,
    sharing,
    weights,
)
from monitor.clock import Clock
from monitor.db import merges, outcomes, stories
from monitor.db.along import decide_along
from monitor.db.engine import reading, transaction
from monitor.db.stories import Known, Sketch
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.review.order import NEAR_IDENTICAL
from monitor.settings import ROOT
from monitor.values import Outcome, Stage

BATCH = 200
LABELS = ROOT / "labels"
SET_ASIDE = "set aside"
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoryReport:
    """Into which kinds of story new articles went: new story, copy, follow-up; set aside."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    merged: int = 0  # stories that turned out to be one with another

    @property
    def items(self) -> int:
        """Articles that got their story."""
        return sum(self.outcomes.values())


def group_new(
    engine: Engine, clock: Clock, progress: Progress, labels: Path = LABELS
) -> StoryReport:
    """Give every article without a story one, oldest first, each in its own transaction.

    An article that meets a bug of ours gets a story of its own and is named in the log, so that the others
    go on. Raises SQLAlchemyError where the store fails: the next run tries again.
    """
    counts: Counter[str] = Counter()
    merged = 0
    while waiting := _waiting(engine):
        reader = load_reader(labels)
        done = 0
        for sketch in progress.over(waiting, "stories", len(waiting)):
            done += 1
            placed = _group(engine, sketch, reader, clock())
            if placed is not None:
                counts[placed.why] += 1
                merged += placed.merged
        if done < len(waiting):  # the loop was stopped: what is left waits for the next tick
            break
    return StoryReport(dict(sorted(counts.items())), merged)


@dataclass(frozen=True, slots=True)
class Found:
    """What decides an article's story, the story, and the stories that are one with it."""

    features: Features
    choice: StoryChoice
    joinings: tuple[Joining, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    why: str  # the outcome
    merged: int = 0


def find_story(session: Session, sketch: Sketch, reader: Reader) -> Found:
    """Where an article belongs; reads the store and changes nothing."""
    published, model = sketch.published, load_model()
    traits = reader.traits(sketch.title, sketch.text, sketch.language)
    start, end = published - WINDOW, published + WINDOW
    # rare in the field's texts: which of them are rare in the window, too, the store says
    asked = search_traits(weights(traits, model, {}, 0), ASKED_TRAITS)
    found = stories.postings(session, asked, start, end)
    weighed = weights(
        traits,
        model,
        stories.counts(found, start),
        stories.indexed_between(session, start, end),
    )
    new = Features(
        sketch.article_id, None, sketch.language, published, traits.title, weighed, sketch.fingerprint
    )  # fmt: skip
    shared = sharing(
        {t: [number for _, number in found.get(t, ())] for t in search_traits(weighed)}
    )
    copies = stories.sharing_bands(
        session, bands(sketch.fingerprint), published - COPY_WINDOW, published + COPY_WINDOW
    )
    pool = stories.known(session, {*likeliest(shared, weighed), *copies})
    candidates = [_features(known) for known in pool]
    choice = choose_story(new, candidates, model)
    return Found(new, choice, joinings(new, candidates, choice, model))


def _group(engine: Engine, sketch: Sketch, reader: Reader, now: datetime) -> _Placed | None:
    """None where another process was faster."""
    try:
        with transaction(engine) as session:
            return _place(session, sketch, reader, now)
    except SQLAlchemyError:
        raise
    except Exception as error:
        _log.exception("article_not_grouped", article=sketch.article_id)
        with transaction(engine) as session:
            return _set_aside(session, sketch.article_id, error, now)


def _place(session: Session, sketch: Sketch, reader: Reader, now: datetime) -> _Placed | None:
    found = find_story(session, sketch, reader)
    new, choice = found.features, found.choice
    story_id = stories.assign(session, new.article_id, choice.story_id, bands(new.signature))
    if story_id is None:
        return None
    # A copy of what a person has decided is decided with it, before anything flags it.
    decide_along(session, new.article_id, NEAR_IDENTICAL, now)
    stories.index(session, new.article_id, new.published, new.title, new.weights, search_traits(new.weights))  # fmt: skip
    outcome = Outcome(Stage.STORY, f"{new.article_id}", choice.why, choice.reason)
    outcomes.record(session, [outcome], now)
    return _Placed(choice.why, sum(_join(session, joining, now) for joining in found.joinings))


def _join(session: Session, joining: Joining, now: datetime) -> bool:
    """Merge the two stories, unless they are one already or a person took them apart."""
    roots = merges.resolve_all(session, joining.story_ids)
    one, other = (roots[story] for story in joining.story_ids)
    if one == other or merges.kept_apart(session, one, other):
        return False
    into, story = merges.larger(session, one, other)
    made = merges.merge(session, story, into, joining.reason, merges.PROGRAM, now)
    if made is None:
        return False
    _log.info("stories_merged", story=made.story_id, into=made.into_id, reason=made.reason)
    return True


def _set_aside(
    session: Session, article_id: int, error: Exception, now: datetime
) -> _Placed | None:
    if stories.assign(session, article_id, None, ()) is None:
        return None
    reason = f"internal error ({type(error).__name__}); the log has the details"
    outcomes.record(session, [Outcome(Stage.STORY, f"{article_id}", SET_ASIDE, reason)], now)
    return _Placed(SET_ASIDE)


def _waiting(engine: Engine) -> list[Sketch]:
    with reading(engine) as session:
        return stories.without_story(session, BATCH)


def _features(known: Known) -> Features:
    return Features(
        known.article_id,
        known.story_id,
        known.language,
        known.published,
        known.title,
        known.weights,
        known.fingerprint,
    )
