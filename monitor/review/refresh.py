"""The use-case: keeps the stored queue in step with the flags, the slice and the scores.

Runs after flagging and after scoring, so that opening the queue computes nothing. Effects are computed for
the weeks that are still scored, from their scores' frozen inputs; older cards keep the effect they had.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import Session

from monitor.app import App
from monitor.db import draws
from monitor.db import review as store
from monitor.db.claims import current_claims
from monitor.db.draws import Drawn, rates_of
from monitor.db.engine import reading, transaction
from monitor.db.frozen import inputs_text
from monitor.db.review import Item, Waiting
from monitor.db.scores import alerts as alerts_of
from monitor.db.scores import hash_in_force
from monitor.db.signals import article_signals
from monitor.review.effect import NONE, effects, worth
from monitor.review.values import Effect
from monitor.risk.constants import load_constants
from monitor.risk.frozen import thaw
from monitor.risk.inputs import StorySignal, WeekInputs, story_signals
from monitor.values import Alert, Claim
from monitor.weeks import previous, week_bounds, week_of

WEEKS_SCORED = 2  # the running one and the one before, as the worker scores them
WEEKS_OF_SLICE = 4  # how long an article of the slice waits for a person


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What waits."""

    cards: int
    drawn: int
    moving: int  # cards whose label could move a score


def refresh(app: App) -> Refreshed:
    """Bring the queue up to date."""
    now = app.clock()
    this = week_of(now)
    recent = {previous(this, n) for n in range(WEEKS_SCORED)}
    since = previous(this, WEEKS_OF_SLICE - 1)
    with reading(app.engine) as session:
        before = store.flagged(session)
        found = _effects(session, app, before, recent)
        claims = current_claims(session, [one.article_id for one in before])
    with transaction(app.engine) as session:
        # read again: a decision may have come while the effects were computed
        store.hold_queue(session, alone=True)
        flagged = store.flagged(session)
        drawn = draws.waiting(session, since, rates_of(app.settings))
        items = _items(session, flagged, drawn, recent, found, claims)
        store.put(session, items, min(recent))
    return Refreshed(
        len({i.story_id or -i.article_id for i in items if i.flagged}),
        len(drawn),
        sum(i.points > 0 for i in items),
    )


Found = Mapping[tuple[str, int], tuple[Effect, float]]  # week and story -> effect, worth


def _effects(session: Session, app: App, flagged: Iterable[Waiting], weeks: Iterable[str]) -> Found:
    of_week: dict[str, set[int]] = defaultdict(set)
    for one in flagged:
        if one.story_id is not None:
            of_week[week_of(one.published)].add(one.story_id)
    found: dict[tuple[str, int], tuple[Effect, float]] = {}
    constants = load_constants()
    for week in sorted(set(weeks) & set(of_week)):
        known = week_inputs(session, week)
        if known is None:
            continue
        stories = _stories(session, app, week, of_week[week])
        told = effects(known[0], stories, constants, known[1])
        for story in stories:
            effect = told[story.story]
            found[week, story.story] = effect, worth(effect, story.relevant)
    return found


def week_inputs(session: Session, week: str) -> tuple[WeekInputs, Sequence[Alert]] | None:
    """The frozen inputs of a week's scores in force, and its alerts; None where it has none."""
    hash_ = hash_in_force(session, week)
    text = None if hash_ is None else inputs_text(session, hash_)
    return None if text is None else (_thawed(text), alerts_of(session, week))


@lru_cache(maxsize=WEEKS_SCORED)  # what was frozen never changes, and it takes a while to thaw
def _thawed(text: str) -> WeekInputs:
    return thaw(text)


def _stories(session: Session, app: App, week: str, ids: Iterable[int]) -> tuple[StorySignal, ...]:
    """The stories as the next scores will see them: also those that came after the last."""
    start, end = week_bounds(week)
    least = load_constants().stories.negligible_relevance
    told = article_signals(session, start, end, least, stories=sorted(ids))
    return story_signals(told, week_of, app.reference.topics_of_group)


def _items(
    session: Session,
    flagged: Sequence[Waiting],
    drawn: Sequence[Drawn],
    recent: Iterable[str],
    found: Found,
    known: Mapping[int, Sequence[Claim]],
) -> list[Item]:
    before = store.known_items(session)
    of_slice = {d.article_id: d for d in drawn}
    waiting = {w.article_id: w for w in flagged}
    waiting |= {
        w.article_id: w for w in store.unflagged(session, sorted(set(of_slice) - set(waiting)))
    }
    # what was read before nobody could write; only the rest is read while others wait
    claims = {**known, **current_claims(session, set(waiting) - set(known))}
    recent = set(recent)
    return [
        _item(one, of_slice.get(id_), claims.get(id_, ()), recent, found, before)
        for id_, one in sorted(waiting.items())
    ]


def _item(
    one: Waiting,
    drawn: Drawn | None,
    claims: Sequence[Claim],
    recent: set[str],
    found: Found,
    before: Mapping[int, Effect],
) -> Item:
    week = week_of(one.published)
    old = before.get(one.article_id, NONE)
    effect, points = found.get((week, one.story_id or 0), (old, old.points))
    return Item(
        article_id=one.article_id,
        story_id=one.story_id,
        week=week,
        flagged=bool(one.reasons),
        recent=week in recent,
        points=points,
        strength=one.strength,
        effect=effect,
        reasons=one.reasons,
        regions=_labels(claims, "region"),
        topics=_labels(claims, "topic"),
        full=one.full,
        drawn=drawn is not None,
        place=drawn.place if drawn else 0.0,
    )


def _labels(claims: Iterable[Claim], task: str) -> tuple[str, ...]:
    return tuple(c.label for c in claims if c.task == task and c.decided and c.role != "mentioned")
