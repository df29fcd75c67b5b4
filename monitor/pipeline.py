"""The use-cases in the order the data flows, each called with an `App`.

The worker ticks them, the demo plays them through six weeks, the command line calls one. No rule is
decided here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from classifiers.tagger import EMBEDDED
from monitor.app import App
from monitor.articles.group import StoryReport, group_new
from monitor.articles.ingest import IngestReport, ingest_due
from monitor.clock import HELSINKI
from monitor.coverage.run import LedgerReport, keep_ledger
from monitor.db.activations import activated
from monitor.db.decisions import scored, stale_weeks
from monitor.db.drift import count_week, keep_week
from monitor.db.engine import reading, transaction
from monitor.db.jobs import pending_job
from monitor.db.summaries import summarised_weeks
from monitor.errors import InputFileError
from monitor.feeds.config import load_feeds
from monitor.feeds.poll import PollReport, SyncReport, poll_due, sync_feeds
from monitor.review.estimate import keep as keep_estimates
from monitor.review.refresh import refresh
from monitor.risk.inputs import WeekInputs
from monitor.risk.prepared import prepare_pages
from monitor.risk.run import NotThen, ScoreReport, score_weeks, scores_as_of
from monitor.summary.run import NoScores, Refused, SummaryReport, write_summary
from monitor.tagging.run import FlagReport, TagReport, flag_due, tag_due
from monitor.training.registry import error_rates
from monitor.values import FeedSpec, Mistake, Score
from monitor.weeks import previous, week_bounds, week_of, weeks_between

MOST_MISSED = 8  # weeks: older ones are written by hand, their scores are no news
WEEKS_SCORED = 2  # the running week and the one before: late articles still reach it


def read_feeds(app: App) -> tuple[Mistake, ...]:
    """Bring the store's feeds in line with feeds.yaml; returns the entries that were left out.

    Raises InputFileError where not one feed can be read: the feeds in the store then stay as they are.
    """
    path = app.settings.feeds_file
    loaded = load_feeds(path, units=frozenset(app.reference.units))
    if loaded.mistakes and not loaded.feeds:
        raise InputFileError(str(path), loaded.mistakes)
    sync(app, loaded.feeds)
    return loaded.mistakes


def sync(app: App, feeds: Sequence[FeedSpec]) -> SyncReport:
    """Bring the store's feeds in line with `feeds`."""
    return sync_feeds(app.engine, feeds, app.clock())


def poll(app: App) -> PollReport:
    """Poll what is due."""
    with app.fetcher() as fetcher:
        return poll_due(
            app.engine, fetcher, app.clock, app.settings, app.progress, readers=app.parsers
        )


def ingest(app: App) -> tuple[IngestReport, StoryReport]:
    """Fetch and extract what waits, then find the stories."""
    with app.fetcher() as fetcher:
        ingested = ingest_due(
            app.engine, fetcher, app.clock, app.settings, app.progress, app.readers
        )
    return ingested, group_new(app.engine, app.clock, app.progress, app.settings.labels_dir)


def tag(app: App) -> tuple[TagReport, FlagReport]:
    """Tag what the active models have not seen, then flag. While a job tags the archive again, only what
    is new is tagged here."""
    with reading(app.engine) as session:
        retagging = pending_job(session, "retag") is not None
    tagged = tag_due(app.engine, app.tagger, app.clock, app.progress, only_new=retagging)
    flagged = flag_due(
        app.engine, app.reference, app.tagger.versions, app.clock, app.settings, app.progress
    )
    if flagged.outcomes:
        refresh(app)
    return tagged, flagged


def score(app: App, weeks: Sequence[str]) -> ScoreReport:
    """Coverage, scores and alerts of `weeks`; and counts of what the versions in use said in them."""
    report = score_weeks(
        app.engine,
        weeks,
        app.reference,
        app.settings,
        app.tagger.versions,
        error_rates(app.settings.models_dir, app.tagger.versions),
        app.clock,
        app.progress,
    )
    count_said(app, weeks)
    return report


def count_said(app: App, weeks: Sequence[str]) -> None:
    """Count what the versions in use said of these weeks' articles, for the models' page."""
    versions = app.tagger.versions
    names = {task: version.removesuffix(EMBEDDED) for task, version in versions.items()}
    for week in app.progress.over(weeks, "weeks counted", len(weeks)):
        with reading(app.engine) as session:
            found = count_week(session, week, versions)
        with transaction(app.engine) as session:
            keep_week(session, week, names, found, app.clock())


def score_as_of(
    app: App, week: str, at: datetime
) -> tuple[WeekInputs, tuple[Score, ...]] | NotThen:
    """The scores of `week` from what was known at `at`, models in use then included; nothing is kept."""
    with reading(app.engine) as session:
        models = {**app.tagger.versions, **activated(session, at)}
    rates = error_rates(app.settings.models_dir, models)
    return scores_as_of(app.engine, week, at, app.reference, app.settings, models, rates)


def listen(app: App) -> LedgerReport:
    """Keep the coverage ledger, and raise a notice for every region that fell deaf."""
    units, least = app.reference.units, app.settings.hearing_least
    return keep_ledger(app.engine, units, least, app.clock())


def score_recent(app: App) -> ScoreReport:
    """Scores of the running week and the one before, from a ledger that is up to date."""
    listen(app)
    this = week_of(app.clock())
    report = score(app, [previous(this, n) for n in reversed(range(WEEKS_SCORED))])
    refresh(app)
    keep_estimates(app)
    return report


def rescore(app: App) -> tuple[str, ...]:
    """Compute anew the weeks whose scores lack a decision; returns them. What is due is a query.

    The coverage ledger is that of the last `score_recent`: a decision changes nothing of it.
    """
    with reading(app.engine) as session:
        stale = stale_weeks(session)
    if not stale:
        return ()
    score(app, list(stale))
    with transaction(app.engine) as session:
        done = tuple(week for week, marks in stale.items() if scored(session, week, marks))
    refresh(app)
    return done


def prepare(app: App) -> int:
    """What region pages say of weeks that were scored; returns how many weeks."""
    return prepare_pages(app.engine, app.progress)


def summarise(app: App, week: str) -> SummaryReport | NoScores | Refused:
    """The weekly summary of `week`, as a draft."""
    return write_summary(app.engine, week, app.reference, app.settings, app.clock)


def summarise_due(app: App) -> tuple[SummaryReport | NoScores | Refused, ...]:
    """The summaries that are missing, once it is Monday six in Helsinki or later: that of the week that
    ended, and those of the weeks since the newest summary, for the machine may have been off longer."""
    last = week_to_summarise(app.clock())
    if last is None:
        return ()
    with reading(app.engine) as session:
        done = summarised_weeks(session)
    due = weeks_missing(done, last)
    if due:
        score(app, due)
    return tuple(summarise(app, week) for week in due)


def weeks_missing(done: Collection[str], last: str) -> tuple[str, ...]:
    """The weeks after the newest of `done`, up to `last`: at most MOST_MISSED, the oldest first."""
    first = max((week for week in done if week <= last), default=previous(last))
    return tuple(w for w in weeks_between(previous(first, -1), last) if w not in done)[
        -MOST_MISSED:
    ]


def week_to_summarise(now: datetime) -> str | None:
    """The latest ended week whose Monday morning (six in Helsinki) has come; None before it.

    The machine may have been off on Monday: any later hour of the week gives the same answer.
    """
    week = previous(week_of(now), 1)
    ready = week_bounds(week)[1].astimezone(HELSINKI) + timedelta(hours=6)
    return week if now >= ready else None
