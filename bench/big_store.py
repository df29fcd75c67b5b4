"""Fills a store with a year of an invented newsroom: a million articles, scores, summaries, decisions.

    python -m bench.big_store [--articles N] [--database URL] [--scored WEEKS]

Measurements of the web page run on it. Seeded: the same options give the same articles. The newest weeks are
scored and summed up by the real scorer on what was made; the older ones repeat them with stories of their
own week. A PostgreSQL store is copied from a SQLite one, which stays beside it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine, text

from bench.simulated import people, repeated, searchable
from bench.simulated.bulk import Filler, copy_store
from bench.simulated.year import Year, fill, plan
from classifiers.reference import load_reference
from monitor import logs
from monitor.app import App
from monitor.clock import ManualClock
from monitor.coverage.run import keep_ledger
from monitor.db import editions
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.progress import Silent
from monitor.readiness.run import import_sample
from monitor.review.refresh import refresh
from monitor.risk.prepared import prepare_pages
from monitor.risk.run import score_weeks
from monitor.settings import ROOT, load_settings
from monitor.summary.gather import gather
from monitor.training.registry import error_rates
from monitor.weeks import week_bounds

LAST_WEEK, WEEKS, SEED = "2026-W46", 52, 7


@click.command()
@click.option("--articles", default=1_000_000, show_default=True)
@click.option("--database", help="Address of the store; var/big-N.db otherwise. It must be empty.")
@click.option("--scored", default=8, show_default=True, help="Weeks the real scorer scores.")
@click.option(
    "--copy-of",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="SQLite store to copy into PostgreSQL.",
)
def main(articles: int, database: str | None, scored: int, copy_of: Path | None) -> None:
    """Print how long each part takes and how large the store is."""
    logs.configure("WARNING")
    url = database or f"sqlite:///var/big-{articles}.db"
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        make(engine, articles, scored)
    else:
        copy_of = copy_of or Path(f"var/big-{articles}.db")
        source = open_engine(f"sqlite:///{copy_of}")
        if not copy_of.stat().st_size:
            make(source, articles, scored)
        with timed("copied into PostgreSQL"):
            migrate(engine)
            copy_store(source, engine, ("alembic_version",))
    _tell(engine)


def make(engine: Engine, articles: int, scored: int) -> None:
    """Fill the empty SQLite store."""
    migrate(engine)
    reference = load_reference(ROOT / "labels")
    year = plan(reference, articles, LAST_WEEK, WEEKS, SEED)
    clock = ManualClock(week_bounds(LAST_WEEK)[1])
    with timed("feeds, polls, articles, claims, flags"):
        filler = Filler(engine)
        fill(year, filler)
        people.decide(year, filler)
        filler.close()
    with timed("readiness"):
        import_sample(engine, clock, reference)
    with timed("coverage ledger"):
        keep_ledger(engine, reference.units, load_settings().hearing_least, clock())
    with timed(f"{scored} weeks scored"):
        _score(engine, year, scored, clock)
    with timed(f"{scored} weeks summed up"):
        _sum_up(engine, year, scored, clock)
    with timed(f"{scored} weeks prepared for pages"):
        while prepare_pages(engine, Silent()):
            pass
    with timed(f"{WEEKS - scored} weeks repeated"):
        repeated.repeat(engine, year, scored)
    with timed("review queue"):
        refresh(App(load_settings(), clock, engine, reference))
    with timed("search index"):
        searchable.index(engine)


def _score(engine: Engine, year: Year, scored: int, clock: ManualClock) -> None:
    settings = load_settings()
    rates = error_rates(settings.models_dir, year.versions)
    score_weeks(
        engine, year.weeks[-scored:], year.reference, settings, year.versions, rates, clock, Silent()
    )  # fmt: skip


def _sum_up(engine: Engine, year: Year, scored: int, clock: ManualClock) -> None:
    for week in year.weeks[-scored:]:
        summary = gather(engine, week, year.reference, load_settings(), clock())
        if summary is not None:
            with transaction(engine) as session:
                editions.add_draft(session, summary, clock())


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long it took."""
    start = time.perf_counter()
    yield
    click.echo(f"{what:<40} {time.perf_counter() - start:8.1f} s")


def _tell(engine: Engine) -> None:
    names = "articles entries polls claims flags review_items outcomes scores score_inputs summaries audit"
    with reading(engine) as session:
        for name in names.split():
            rows = session.connection().scalar(text(f"SELECT count(*) FROM {name}"))
            click.echo(f"{name:<14} {rows:>12,}")
        if engine.dialect.name == "sqlite":
            size = Path(str(engine.url.database)).stat().st_size
        else:
            size = session.connection().scalar(text("SELECT pg_database_size(current_database())"))
    click.echo(f"store: {size / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
