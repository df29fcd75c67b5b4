"""Tags what the models in use have not seen, and flags what was tagged.

What is due is a query. An article's claims, its outcome and the mark that it is tagged commit together,
so a process killed at any moment loses nothing and repeats nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from classifiers.tagger import Tagger, model_set_id
from classifiers.values import Tags
from monitor.clock import Clock
from monitor.db import claims as claim_store
from monitor.db import draws, outcomes
from monitor.db import flags as flag_store
from monitor.db.claims import DueArticle
from monitor.db.draws import Passed
from monitor.db.engine import reading, transaction
from monitor.db.flags import DueFlag, Hearing
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.tagging.flag import FlagContext, flags_of, within_budget
from monitor.tagging.tag import RESCUE_KIND, claims_of, readable, text_of
from monitor.values import Claim, Flag, Outcome, Stage
from monitor.weeks import previous, week_bounds, week_of

BATCH = 200  # articles in one transaction: about a quarter of a second of writing
MEMORY = timedelta(weeks=12)  # how far back a region's last story is looked for
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TagReport:
    """What became of the articles that were due."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    claims: int = 0

    @property
    def articles(self) -> int:
        """How many were tagged."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class FlagReport:
    """What became of the tagged articles that were due, and the reasons that were given."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)


def tag_due(
    engine: Engine, tagger: Tagger, clock: Clock, progress: Progress, *, only_new: bool = False
) -> TagReport:
    """Tag every article whose present text the tagger's versions have not seen; with `only_new` those that
    no version has seen, because `retag_due` is at work on the others."""
    due = _untagged(engine, tagger.id, only_new)
    return _tag_batches(engine, tagger, clock, progress.over(due, "tag"))


def retag_due(engine: Engine, tagger: Tagger, clock: Clock, progress: Progress) -> TagReport:
    """Tag again what other versions have tagged, the newest first. Begun again, it goes on."""
    with reading(engine) as session:
        batches = -(-claim_store.count_tagged_by_others(session, tagger.id) // BATCH)
    due = progress.over(_tagged_by_others(engine, tagger.id), "retag", batches)
    return _tag_batches(engine, tagger, clock, due)


def _tag_batches(
    engine: Engine, tagger: Tagger, clock: Clock, due: Iterable[list[DueArticle]]
) -> TagReport:
    counts: Counter[str] = Counter()
    claims = 0
    for batch in due:
        done = _tag_batch(engine, tagger, batch, clock())
        counts.update(o.outcome for o, _ in done)
        claims += sum(len(said) for _, said in done)
    if counts:
        _log.info("tagged", model_set=tagger.id, claims=claims, **_keys(counts))
    return TagReport(dict(counts), claims)


def _tagged_by_others(engine: Engine, model_set: str) -> Iterator[list[DueArticle]]:
    before: int | None = (
        None  # what was passed is tagged: looking there again grew with the archive
    )
    while True:
        with reading(engine) as session:
            batch = claim_store.tagged_by_others(session, model_set, BATCH, before)
        if not batch:
            return
        yield batch
        before = batch[-1].article.id


def _untagged(engine: Engine, model_set: str, only_new: bool) -> Iterator[list[DueArticle]]:
    while True:
        with reading(engine) as session:
            batch = claim_store.untagged(session, model_set, BATCH, only_new=only_new)
        if not batch:
            return
        yield batch  # the consumer marks it, so the next query gives the next batch


def _tag_batch(
    engine: Engine, tagger: Tagger, batch: Sequence[DueArticle], now: datetime
) -> list[tuple[Outcome, tuple[Claim, ...]]]:
    tags = _tags(tagger, [due for due in batch if readable(due.article)])
    done = [_tagged(tagger, due, tags.get(due.article.id)) for due in batch]
    with transaction(engine) as session:
        claim_store.add_claims(session, (c for _, said in done for c in said), now)
        _record_new(session, [outcome for outcome, _ in done], now)
        claim_store.mark_tagged(session, (due.article for due in batch), tagger.id)
    return done


def _tags(tagger: Tagger, known: Sequence[DueArticle]) -> dict[int, Tags]:
    """Article id -> its tags. A text that breaks the tagger is missing, and stops no other."""
    try:
        found = tagger.tag([text_of(due.article) for due in known])
    except Exception:
        if len(known) == 1:
            _log.exception("article_set_aside", article=known[0].article.id)
            return {}
    else:
        return dict(zip((due.article.id for due in known), found, strict=True))
    return {id_: tags for due in known for id_, tags in _tags(tagger, [due]).items()}


def _tagged(
    tagger: Tagger, due: DueArticle, tags: Tags | None
) -> tuple[Outcome, tuple[Claim, ...]]:
    item = f"{due.article.id}|{due.article.revision}|{tagger.id}"
    if not readable(due.article):
        return Outcome(Stage.TAG, item, "other language", due.article.language), ()
    if tags is None:
        return Outcome(Stage.TAG, item, "set aside", "the tagger failed on it; see the log"), ()
    place = tagger.place_of_notice(due.article.title) if due.feed_kind == RESCUE_KIND else ()
    said = claims_of(due.article, tags, tagger.versions, place)
    return Outcome(Stage.TAG, item, "relevant" if tags.relevance.decided else "not relevant"), said


def _record_new(session: Session, found: Sequence[Outcome], now: datetime) -> None:
    # After a rollback to older versions the same text meets the same set again: claims are made anew
    # so that they are in force, but the item keeps its one outcome.
    known = outcomes.recorded(session, Stage.TAG, [o.item for o in found])
    outcomes.record(session, (o for o in found if o.item not in known), now)


def flag_due(
    engine: Engine,
    reference: Reference,
    versions: Mapping[str, str],
    clock: Clock,
    settings: Settings,
    progress: Progress,
) -> FlagReport:
    """Flag every tagged item without an outcome of flagging, within the week's budget.

    `versions` is task -> version, for the log.
    """
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    models = model_set_id(versions)
    for items in progress.over(_unflagged(engine), "flag"):
        done, flags = _flag_batch(engine, reference, items, clock(), settings, models)
        counts.update(o.outcome for o in done)
        reasons.update(flag.reason.value for flag in flags)
    if counts:
        _log.info("flagged", model_set=models, **_keys(counts | reasons))
    return FlagReport(dict(counts), dict(reasons))


def _unflagged(engine: Engine) -> Iterator[list[str]]:
    while True:
        with reading(engine) as session:
            items = flag_store.unflagged_items(session, BATCH)
        if not items:
            return
        yield items


def _flag_batch(
    engine: Engine,
    reference: Reference,
    items: Sequence[str],
    now: datetime,
    settings: Settings,
    models: str,
) -> tuple[list[Outcome], list[Flag]]:
    newest = {_article_of(item): item for item in items}  # a later tagging replaces an earlier
    with transaction(engine) as session:
        articles = flag_store.articles_to_flag(session, list(newest))
        claims = claim_store.current_claims(session, list(newest))
        reasons = _reasons(session, reference, articles, claims)
        flagged_before = flag_store.flagged_since(session, week_bounds(week_of(now))[0])
        chosen = within_budget(reasons, settings.flag_budget - flagged_before)
        kept = {article: reasons[article] if article in chosen else () for article in newest}
        flag_store.replace_flags(session, kept, now)
        passed = _passed(articles, claims, chosen, week_of(now))
        draws.draw(session, passed, draws.rates_of(settings), models)
        done = [_flag_outcome(item, newest, reasons, chosen) for item in items]
        outcomes.record(session, done, now)
    return done, [flag for flags in kept.values() for flag in flags]


def _flag_outcome(
    item: str, newest: Mapping[int, str], reasons: Mapping[int, Sequence[Flag]], chosen: set[int]
) -> Outcome:
    article = _article_of(item)
    if newest[article] != item:
        return Outcome(Stage.FLAG, item, "not flagged", "tagged anew meanwhile")
    if article in chosen:
        named = ", ".join(flag.reason.value for flag in reasons[article])
        return Outcome(Stage.FLAG, item, "flagged", named)
    return Outcome(
        Stage.FLAG, item, "not flagged", "over the week's budget" if reasons[article] else ""
    )


def _passed(
    articles: Mapping[int, DueFlag],
    claims: Mapping[int, Sequence[Claim]],
    chosen: Collection[int],
    this: str,
) -> list[Passed]:
    """The articles that the random slice is drawn from: those that are news, in a language that is tagged,
    and not decided already, as a copy of a decided article is."""
    since = previous(this)
    return [
        Passed(id_, week_of(a.published), id_ in chosen, _predicted(claims[id_]))
        for id_, a in articles.items()
        if id_ in claims and since <= week_of(a.published) <= this and not _decided(a, claims[id_])
    ]


def _predicted(claims: Sequence[Claim]) -> bool:
    return any(c.task == "relevance" and c.decided for c in claims)


def _decided(article: DueFlag, claims: Sequence[Claim]) -> bool:
    """Whether a person has decided the article as it reads now: nothing is left to look at."""
    return any(
        c.author == "person" and c.task == "relevance" and c.content_hash == article.content_hash
        for c in claims
    )


def _reasons(
    session: Session,
    reference: Reference,
    articles: Mapping[int, DueFlag],
    claims: Mapping[int, Sequence[Claim]],
) -> dict[int, tuple[Flag, ...]]:
    """Every reason to look at each article."""
    stories = [a.story_id for a in articles.values() if a.story_id is not None]
    groups = flag_store.publisher_groups(session, stories)
    since = min((a.published for a in articles.values()), default=None)
    heard = flag_store.hearings(session, since - MEMORY, reference.units) if since else []
    topics, relevant = flag_store.topic_counts(session), flag_store.relevant_articles(session)
    found: dict[int, tuple[Flag, ...]] = {}
    for id_, article in articles.items():
        if _decided(article, claims.get(id_, ())):
            found[id_] = ()
            continue
        context = FlagContext(
            groups.get(article.story_id or 0, 1), _quiet_weeks(article, heard), topics, relevant
        )
        found[id_] = flags_of(id_, claims.get(id_, ()), context)
    return found


def _quiet_weeks(article: DueFlag, heard: Sequence[Hearing]) -> dict[str, int]:
    last: dict[str, datetime] = {}
    for h in heard:
        same = h.article_id == article.article_id or (
            h.story_id is not None and h.story_id == article.story_id
        )
        if not same and h.published <= article.published:
            last[h.region] = max(last.get(h.region, h.published), h.published)
    return {region: (article.published - at).days // 7 for region, at in last.items()}


def _article_of(item: str) -> int:
    return int(item.split("|", 1)[0])


def _keys(counts: Mapping[str, int]) -> dict[str, int]:
    return {name.replace(" ", "_"): n for name, n in sorted(counts.items())}
