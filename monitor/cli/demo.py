"""`tilannekuva demo`: the whole job on a sample newsroom, over real HTTP on loopback."""

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from monitor.cli.parameters import PORT, Moment


@click.command("demo")
@click.option("--check", is_flag=True, help="Do not stay up; exit 1 if a stage produced nothing.")
@click.option(
    "--newsroom",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Play a folder of captured feeds and pages instead of the sample newsroom.",
)
@click.option("--now", type=Moment(), help="Where the demo's clock ends, in Helsinki time.")
@click.option(
    "--newsroom-port", type=PORT, default=8766, show_default=True, help="Port of the newsroom."
)
@click.option("--port", type=PORT, help="Port of the web page; the setting WEB_PORT otherwise.")
@click.option("--open/--no-open", "open_page", default=True, help="Open the page in a browser.")
def demo_command(
    check: bool,
    folder: Path | None,
    now: datetime | None,
    newsroom_port: int,
    port: int | None,
    open_page: bool,
) -> None:
    """Play a newsroom end to end: poll, extract, tag, flag, score, summarise; then show it.

    The sample newsroom is invented. The demo's data lie in var/demo.db unless
    TILANNEKUVA_DATABASE_URL says otherwise; run again, it continues and repeats nothing.
    """
    from monitor.demo.account import account, complaints
    from monitor.demo.compose import stage

    begun = time.monotonic()
    with stage(folder, now, newsroom_port, port) as production:
        click.echo(production.intro)
        played = production.play()
        click.echo(account(played))
        for path in played.summary_files:
            click.echo(f"summary: {path}")
        click.echo(f"took {time.monotonic() - begun:.0f} s")
        wrong = complaints(played.after) if folder is None else ()
        for complaint in wrong:
            click.echo(f"tilannekuva: {complaint}", err=True)
        if check or wrong:
            sys.exit(1 if wrong else 0)
        production.show(open_page=open_page and sys.stdout.isatty(), announce=click.echo)
