"""`tilannekuva feeds parse`, `try`, `discover`: look at feeds. Nothing is stored."""

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import click

from monitor.cli.parameters import FEEDS_FILE, Units, WebAddress
from monitor.feeds.checks import KINDS
from monitor.values import FeedSpec, NotAFeed, ParsedEntry, ParsedFeed, RejectedEntry


@click.command("parse")
@click.argument("file", metavar="FILE")
@click.option(
    "--url",
    type=WebAddress(),
    default=None,
    help="Address the feed was read from; relative links resolve against it.",
)
@click.option(
    "--content-type",
    default=None,
    help="Content-Type its server sent, such as 'text/xml; charset=iso-8859-1'.",
)
def parse_command(file: str, url: str | None, content_type: str | None) -> None:
    """Print what the saved feed FILE would yield: one line of JSON for each of its items.

    FILE may be gzipped; - reads standard input. Every item is an entry or rejected with the reason. A
    file that is no feed gives one line that says why. Exit code 0 whatever the file holds.
    """
    from monitor.clock import system_clock
    from monitor.feeds.parse import parse_feed

    parsed = parse_feed(_read(file), url or "", content_type, system_clock())
    if isinstance(parsed, NotAFeed):
        _line({"outcome": "not a feed", "reason": parsed.reason})
        return
    for position, item in enumerate(_in_order(parsed)):
        _line({"position": position, **_as_json(item)})
    click.echo(f"{len(parsed.entries)} entries, {len(parsed.rejected)} rejected", err=True)


def _read(file: str) -> bytes:
    from monitor.feeds.parse import MOST_BYTES

    try:
        with click.open_file(file, "rb") as stream:
            body: bytes = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"'{file}' cannot be read: {error.strerror}") from error
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:  # read no more than a feed may have: a small file can unfold to any size
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(MOST_BYTES + 1)
    except (EOFError, OSError, zlib.error):
        return body


def _in_order(parsed: ParsedFeed) -> Iterator[ParsedEntry | RejectedEntry]:
    """Entries and rejected items as they stand in the feed."""
    rejected = {item.position: item for item in parsed.rejected}
    entries = iter(parsed.entries)
    for position in range(len(parsed.entries) + len(rejected)):
        yield rejected[position] if position in rejected else next(entries)


def _as_json(item: ParsedEntry | RejectedEntry) -> dict[str, Any]:
    if isinstance(item, RejectedEntry):
        return {"outcome": "rejected", "reason": item.reason}
    return {
        "outcome": "entry",
        "key": item.key,
        "title": item.title,
        "link": item.link or None,
        "own_page": item.own_page,
        "published": item.published.isoformat() if item.published else None,
        "author": item.author,
        "summary": item.summary,
    }


def _line(values: dict[str, Any]) -> None:
    click.echo(json.dumps(values, ensure_ascii=False).encode("utf-8"))


@click.command("try")
@click.argument("feed_id", metavar="ID")
@FEEDS_FILE
@click.option(
    "--fresh", is_flag=True, help="Ask for the whole feed, also where it has not changed."
)
def try_command(feed_id: str, file: str | None, fresh: bool) -> None:
    """Poll the feed ID of feeds.yaml once and show what would happen. Nothing is stored.

    What the store remembers of the feed counts: an unchanged feed shows no items unless --fresh is
    given. Exit code 1 where the poll fails.
    """
    from monitor.cli.edge import looking
    from monitor.cli.feeds_show import trial_lines
    from monitor.clock import system_clock
    from monitor.feeds.poll import bounds_of
    from monitor.feeds.trial import try_feed
    from monitor.settings import load_settings

    settings = load_settings()
    spec = _spec(feed_id, file)
    engine = _store(settings.database_url)
    with looking(settings) as fetcher:
        trial = try_feed(engine, fetcher, spec, system_clock(), bounds_of(settings), fresh=fresh)
    for line in trial_lines(spec, trial):
        click.echo(line)
    sys.exit(1 if trial.failed else 0)


def _spec(feed_id: str, file: str | None) -> FeedSpec:
    from difflib import get_close_matches

    from classifiers.reference import load_reference
    from monitor.feeds.config import load_feeds
    from monitor.settings import load_settings

    settings = load_settings()
    units = frozenset(load_reference(settings.labels_dir).units)
    loaded = load_feeds(file or settings.feeds_file, units)
    for spec in loaded.feeds:
        if spec.id == feed_id:
            return spec
    wrong = [str(mistake) for mistake in loaded.mistakes if mistake.entry == feed_id]
    near = get_close_matches(feed_id, [spec.id for spec in loaded.feeds], n=3)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise click.UsageError("\n".join(wrong) or f"feeds.yaml has no feed '{feed_id}'{hint}")


def _store(url: str) -> Any:
    """The store, where there is one: a look does not make it."""
    from pathlib import Path

    from sqlalchemy import inspect
    from sqlalchemy.engine import make_url

    from monitor.db.engine import migrate, open_engine

    database = make_url(url).database
    if url.startswith("sqlite") and not (database and Path(database).exists()):
        return None
    engine = open_engine(url)
    if not inspect(engine).has_table("feeds"):
        return None
    migrate(engine)
    return engine


@click.command("discover")
@click.argument("address", type=WebAddress())
@click.option("--home", type=Units(), default="", help="Unit codes, such as 05,06; else national.")
@click.option("--kind", type=click.Choice(KINDS), default="daily", show_default=True)
@click.option("--group", default="", help="Publisher group; the site's name where none is given.")
def discover_command(address: str, home: tuple[str, ...], kind: str, group: str) -> None:
    """Find the feeds of the page at ADDRESS and print them as entries for feeds.yaml.

    Asks the page for its feeds; where it names none, some usual addresses one after another. Every
    address that is printed has answered with a feed. Exit code 1 where none is found.
    """
    from monitor.cli.edge import looking
    from monitor.cli.feeds_show import found_specs
    from monitor.clock import system_clock
    from monitor.feeds.discover import discover
    from monitor.feeds.write import entry_line
    from monitor.settings import load_settings

    settings = load_settings()
    with looking(settings) as fetcher:
        found = discover(fetcher, address, system_clock())
    for tried, why in found.others:
        click.echo(f"no feed: {tried}: {why}", err=True)
    for spec in found_specs(found, home, kind, group):
        click.echo(f"  {entry_line(spec)}")
    if not found.feeds:
        click.echo("no feed found; look on the site for a page named RSS", err=True)
        sys.exit(1)
