"""`tilannekuva feeds import` and `export`: lists of feeds in OPML, as feed readers exchange them."""

import os
import sys
from pathlib import Path

import click

from monitor.cli.parameters import FEEDS_FILE, Units
from monitor.feeds.checks import KINDS, LANGS
from monitor.feeds.config import FeedsFile
from monitor.values import FeedSpec


@click.command("import")
@click.argument(
    "opml", metavar="FILE.opml", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--append", is_flag=True, help="Add the entries to the end of feeds.yaml.")
@FEEDS_FILE
@click.option(
    "--lang",
    type=click.Choice(LANGS),
    default="fi",
    show_default=True,
    help="Where the list does not say.",
)
@click.option("--home", type=Units(), default="", help="Unit codes, such as 05,06; else national.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="daily",
    show_default=True,
    help="Where the list does not say.",
)
@click.option("--group", default="", help="Publisher group; the site's name where none is given.")
def import_command(
    opml: Path,
    append: bool,
    file: Path | None,
    lang: str,
    home: tuple[str, ...],
    kind: str,
    group: str,
) -> None:
    """Print the feeds of an OPML list as entries for feeds.yaml, or add them to it.

    Feeds that feeds.yaml has already are left out. With --append the entries are checked as
    `feeds check` does, and the file is written only if all are right; its comments stay.
    """
    from monitor.feeds.opml import Defaults, NotOpml, from_opml
    from monitor.feeds.write import entry_line

    path, units = _feeds_file(file)
    text = _text(path)
    listed = _listed(text, path, units)
    found = from_opml(opml.read_bytes(), Defaults(lang, home, kind, group), listed.feeds)
    if isinstance(found, NotOpml):
        raise click.UsageError(f"'{opml}': {found.reason}")
    for why in found.left_out:
        click.echo(f"left out: {why}", err=True)
    if append:
        _append(path, text, found.feeds, units)
        return
    for spec in found.feeds:
        click.echo(f"  {entry_line(spec)}")


@click.command("export")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@FEEDS_FILE
def export_command(out: Path, file: Path | None) -> None:
    """Write the feeds of feeds.yaml as an OPML list, for feed readers and for `feeds import`.

    Entries with mistakes are left out and reported.
    """
    from monitor.feeds.opml import to_opml

    path, units = _feeds_file(file)
    if not path.exists():
        raise click.UsageError(f"'{path}' does not exist")
    listed = _listed(_text(path), path, units)
    for mistake in listed.mistakes:
        click.echo(str(mistake), err=True)
    _write(out, to_opml(listed.feeds))
    click.echo(f"{len(listed.feeds)} feeds written to {out}")


def _feeds_file(file: Path | None) -> tuple[Path, frozenset[str]]:
    from classifiers.reference import load_reference
    from monitor.settings import load_settings

    settings = load_settings()
    return file or settings.feeds_file, frozenset(load_reference(settings.labels_dir).units)


def _text(path: Path) -> str:
    """The text of feeds.yaml; an empty list where there is no file yet."""
    from monitor.feeds.write import EMPTY

    try:
        return path.read_bytes().decode("utf-8") if path.exists() else EMPTY
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"'{path}' cannot be read as UTF-8") from error


def _listed(text: str, path: Path, units: frozenset[str]) -> FeedsFile:
    from monitor.feeds.config import read_feeds

    return read_feeds(text.removeprefix("\ufeff"), path.name, units)


def _append(path: Path, text: str, feeds: tuple[FeedSpec, ...], units: frozenset[str]) -> None:
    from monitor.feeds.write import appended

    whole = appended(text, feeds, path.name, units)
    if not isinstance(whole, str):
        for mistake in whole:
            click.echo(str(mistake), err=True)
        click.echo(f"{path} was not changed", err=True)
        sys.exit(1)
    if feeds:
        _write(path, whole.encode())
    click.echo(f"{len(feeds)} feeds added to {path}")


def _write(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        if path.exists():
            draft.chmod(path.stat().st_mode)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise click.UsageError(f"'{path}' cannot be written: {error.strerror}") from error
