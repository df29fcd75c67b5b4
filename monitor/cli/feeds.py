"""`tilannekuva feeds`: check feeds.yaml, see which region hears what, look at single feeds, exchange lists."""

import sys
from pathlib import Path

import click

from classifiers.reference import Reference, load_reference
from monitor.cli.feeds_lists import export_command, import_command
from monitor.cli.feeds_look import discover_command, parse_command, try_command
from monitor.cli.parameters import FEEDS_FILE
from monitor.feeds.config import FeedsFile, load_feeds
from monitor.feeds.reach import gaps, reach
from monitor.settings import Settings, load_settings


@click.group("feeds")
def feeds_group() -> None:
    """Check feeds.yaml, find feeds, look at one, exchange lists of them."""


for _command in (parse_command, try_command, discover_command, import_command, export_command):
    feeds_group.add_command(_command)


def _load(file: Path | None) -> tuple[Settings, Reference, FeedsFile]:
    settings = load_settings()
    reference = load_reference(settings.labels_dir)
    path = file or settings.feeds_file
    return settings, reference, load_feeds(path, units=frozenset(reference.units))


@feeds_group.command("check")
@FEEDS_FILE
def check(file: Path | None) -> None:
    """Report every mistake in feeds.yaml with its line. Exit code 1 where there is one."""
    _, _, loaded = _load(file)
    for mistake in loaded.mistakes:
        click.echo(str(mistake), err=True)
    click.echo(f"{len(loaded.feeds)} feeds, {len(loaded.mistakes)} mistakes")
    sys.exit(1 if loaded.mistakes else 0)


@feeds_group.command("coverage")
@FEEDS_FILE
def coverage(file: Path | None) -> None:
    """Print which region hears what: sources, independent publisher groups, languages."""
    _, reference, loaded = _load(file)
    rows = reach(loaded.feeds, reference.units)
    click.echo(f"{'':3} {'region':<20} {'sources':>7} {'groups':>6} {'Swedish':>7}  languages")
    for row in rows:
        region = reference.region[row.unit]
        click.echo(
            f"{row.unit:<3} {region.short.fi:<20} {len(row.sources):>7} {len(row.groups):>6} "
            f"{len(row.swedish_groups):>7}  {', '.join(row.languages)}"
        )
    national = sum(not f.home for f in loaded.feeds)
    click.echo(f"{len(loaded.feeds)} feeds, {national} of them national (heard everywhere)")
    bilingual = frozenset(r.code for r in reference.regions if r.bilingual)
    for gap in gaps(rows, bilingual):
        click.echo(f"gap: {gap}", err=True)
