"""`tilannekuva summary list|show|send`: what there is, one version of it, and who gets it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.summary_say import (
    LANGUAGES,
    LEVELS,
    checked,
    echo_paths,
    fail,
    say_notice,
    week_option,
)
from monitor.clock import HELSINKI

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.app import App
    from monitor.summary.edition import Edition
    from monitor.summary.send import Plan, Sent


@click.command("list")
def list_command() -> None:
    """All versions of all weeks, the newest first, and what weeks lack."""
    from monitor.db import editions
    from monitor.db.engine import reading

    with reading(open_app().engine) as session:
        found, lacks = editions.standings(session), editions.notices(session)
    if not found:
        click.echo("no summary yet; run `tilannekuva summary write --week 2026-W46`")
    for one in found:
        at = one.published_at or one.frozen_at or one.created_at
        told = f"  correction: {one.reason['fi']}" if one.reason else ""
        ready = "" if one.week not in lacks or one.published_at else "  not ready"
        click.echo(f"{one.week}  version {one.version}  {one.state:<9}  {_at(at)}{told}{ready}")


@click.command("show")
@week_option
@click.option("--version", type=click.IntRange(1), help="Another version than the newest.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="HTML in this language; else JSON.")
@click.option("--level", type=click.Choice(LEVELS), default="full", show_default=True)
def show_command(week: str, version: int | None, lang: str | None, level: str) -> None:
    """Print a version as JSON, or as HTML in a language; its state goes to standard error."""
    from monitor.db import editions
    from monitor.db.engine import reading
    from monitor.summary import forms, report

    app = open_app()
    with reading(app.engine) as session:
        found = editions.editions(session, week)
        edition = next((e for e in reversed(found) if version in (None, e.version)), None)
        if edition is None:
            fail(f"there is no such summary of {week}; see `tilannekuva summary list`")
        kept = editions.files(session, week, edition.version)
    _about(app, edition)
    name = forms.page_name(level, lang, "html") if lang else "summary.json"
    wanted = [known for known in report.LEVELS if known == level]
    made = forms.files(
        edition, app.reference, formats=("html",) if lang else ("json",), levels=wanted,
        languages=(lang or "fi",),
    )  # fmt: skip
    # what was published is shown as it was, whatever this program would make of it today
    click.echo((kept.get(name) or next(make() for _, make in made)).decode(), nl=False)


def _about(app: "App", edition: "Edition") -> None:
    at = edition.published_at or edition.frozen_at or edition.created_at
    by = edition.published_by or edition.frozen_by
    click.echo(
        f"{edition.week} version {edition.version}: {edition.state} {_at(at)}"
        + (f" by {by}" if by else ""),
        err=True,
    )
    for comment in edition.comments:
        said = f"{comment.section} {comment.language}, by {comment.by} {_at(comment.at)}"
        click.echo(f"  commentary on {said}", err=True)
    if not edition.published:
        say_notice(app, edition.week)


def _at(at: "datetime") -> str:
    return f"{at.astimezone(HELSINKI):%Y-%m-%d %H:%M}"


@click.command("send")
@week_option
@click.option(
    "--list", "listed", type=click.Path(dir_okay=False, path_type=Path),
    help="Another distribution list than the one in the settings.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say who would get what; connect nowhere.")
@click.option("--preview", is_flag=True, help="Write the messages as .eml files; connect nowhere.")
@click.option(
    "--again", multiple=True, metavar="ADDRESS",
    help="Send to this address although it has, or may have, got this version.",
)  # fmt: skip
def send_command(
    week: str, listed: Path | None, dry_run: bool, preview: bool, again: tuple[str, ...]
) -> None:
    """Send the newest published version to the distribution list, to each address once.

    Exit code 1 where an address was refused or it is not known whether it was reached.
    """
    from monitor.summary import send
    from monitor.summary.recipients import read_recipients

    app = open_app()
    path = listed or app.settings.mail_list_file
    if path is None:
        fail("no distribution list; set TILANNEKUVA_MAIL_LIST_FILE or give --list")
    planned = checked(send.plan(app.engine, week, read_recipients(path), again))
    if dry_run:
        _dry(planned)
    elif preview:
        _preview(app, planned)
    else:
        _report(send.send(app.engine, planned, app.reference, app.settings, app.clock))


def _dry(planned: "Plan") -> None:
    edition = planned.edition
    click.echo(f"{edition.week} version {edition.version} would go to {len(planned.due)} addresses")
    for one in planned.due:
        click.echo(f"  {one.address}  {one.language}  {one.level}")
    for had in planned.done:
        click.echo(f"  {had.address}  not again: {had.state} {_at(had.at)}")


def _preview(app: "App", planned: "Plan") -> None:
    from monitor.summary.run import folder_of, write_files
    from monitor.summary.send import previews

    folder = folder_of(app.settings, planned.edition) / "mail"
    made = previews(app.engine, planned, app.reference, app.settings, app.clock)
    echo_paths(write_files(folder, made))


def _report(done: "Sent") -> None:
    counts = {state: 0 for state in ("sent", "refused", "unknown")}
    for one in done.tried:
        counts[one.state] += 1
        if one.state != "sent":
            click.echo(f"{one.address}: {one.state}: {one.detail}", err=True)
    told = ", ".join(f"{n} {state}" for state, n in counts.items())
    click.echo(f"{told}, {done.already} had it already, {done.left} not tried")
    if counts["unknown"]:
        click.echo(
            "the connection ended before an answer: that address may have got it; if it did not, "
            "give it in --again; the others get it when the command is run again",
            err=True,
        )
    if counts["refused"] or counts["unknown"]:
        sys.exit(1)


COMMANDS = (list_command, show_command, send_command)
