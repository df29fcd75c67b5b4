"""`tilannekuva summary`: write and show weekly summaries."""

import sys

import click

from monitor.cli.parameters import Week


@click.group("summary")
def summary_group() -> None:
    """Write and show weekly summaries. The scores of the week must have been computed."""


@summary_group.command("write")
@click.option("--week", type=Week(), required=True, help="For instance 2026-W46.")
def write(week: str) -> None:
    """Build the week's summary from the current scores and write its files."""
    from monitor import pipeline
    from monitor.app import make_app
    from monitor.settings import load_settings
    from monitor.summary.run import NoScores

    report = pipeline.summarise(make_app(load_settings()), week)
    if isinstance(report, NoScores):
        click.echo(
            f"tilannekuva: no scores for {week}; run `tilannekuva score run --week {week}` first",
            err=True,
        )
        sys.exit(2)
    click.echo("new version stored" if report.created else "unchanged: the stored version stands")
    for path in report.files:
        click.echo(str(path))


@summary_group.command("show")
@click.option("--week", type=Week(), required=True, help="For instance 2026-W46.")
@click.option(
    "--lang", type=click.Choice(["fi", "sv", "en"]), help="HTML in this language; else JSON."
)
def show(week: str, lang: str | None) -> None:
    """Print the stored summary of a week as JSON, or as HTML in a language."""
    from monitor.app import make_app
    from monitor.db.engine import reading
    from monitor.db.summaries import newest
    from monitor.settings import load_settings
    from monitor.summary.render import render_html, render_json

    app = make_app(load_settings())
    with reading(app.engine) as session:
        summary = newest(session, week)
    if summary is None:
        click.echo(f"tilannekuva: there is no summary of {week}", err=True)
        sys.exit(2)
    click.echo(render_html(summary, lang, app.reference) if lang else render_json(summary))
