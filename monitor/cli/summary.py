"""`tilannekuva summary`: the life of a weekly summary, from draft to the mail that carries it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Week
from monitor.cli.summary_say import (
    FORMATS,
    LANGUAGES,
    LEVELS,
    by_option,
    checked,
    echo_paths,
    echo_state,
    say_lacking,
    say_notice,
    week_option,
)
from monitor.cli.summary_show import COMMANDS

if TYPE_CHECKING:
    from monitor.app import App


@click.group("summary")
def summary_group() -> None:
    """Write, comment, publish, correct, rebuild and send weekly summaries.

    A draft follows the scores until it is frozen; a frozen one is published; a published one never
    changes, and is corrected by a new version.
    """


@summary_group.command("write")
@week_option
def write(week: str) -> None:
    """Build the week's draft from the current scores and write its HTML and JSON."""
    from monitor import pipeline

    report = checked(pipeline.summarise(open_app(), week))
    click.echo("draft stored" if report.created else "unchanged: the stored draft stands")
    echo_paths(report.files)
    say_lacking(report.lacking)


@summary_group.command("comment")
@week_option
@click.option(
    "--section",
    required=True,
    help="national, highest, map, regions, change, why, history, alerts, groups, support, forgotten, "
    "stories, roadmap, coverage, caveats, classifiers or method.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), required=True, help="Language of the text.")
@click.option("--text", help="The commentary; blank lines part paragraphs.")
@click.option(
    "--file", type=click.File(encoding="utf-8"), help="Read it from a file; - is the input."
)
@click.option("--remove", is_flag=True, help="Take the section's commentary away.")
@by_option
def comment(
    week: str, section: str, lang: str, text: str | None, file: TextIO | None,
    remove: bool, by: str,
) -> None:  # fmt: skip
    """Add commentary to a section of the draft, in one language; a newer one takes its place."""
    from monitor.summary.commentary import add_comment

    if sum((text is not None, file is not None, remove)) != 1:
        raise click.UsageError("give one of --text, --file and --remove")
    said = file.read() if file is not None else text or ""
    if not remove and not said.strip():
        raise click.UsageError("the commentary is empty; --remove takes one away")
    app = open_app()
    checked(add_comment(app.engine, week, section, lang, said, by, app.clock))
    click.echo(f"commentary {'removed' if remove else 'stored'}: {week} {section} {lang}")
    missing = {"fi": "sv", "sv": "fi"}.get(lang)
    if missing and not _has(app, week, section, missing) and not remove:
        click.echo(f"it is missing in {missing}", err=True)


def _has(app: "App", week: str, section: str, language: str) -> bool:
    from monitor.db import editions
    from monitor.db.engine import reading

    with reading(app.engine) as session:
        newest = editions.latest(session, week)
    said = newest.comments if newest else ()
    return any((c.section, c.language) == (section, language) for c in said)


@summary_group.command("preview")
@week_option
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="Only these.")
@click.option("--level", "levels", multiple=True, type=click.Choice(LEVELS), help="Only these.")
@click.option(
    "--lang", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Only these."
)
def preview(
    week: str, formats: tuple[str, ...], levels: Sequence[str], languages: tuple[str, ...]
) -> None:
    """Write all files of the draft as they would be published, each marked as a draft."""
    from monitor.summary import forms, report
    from monitor.summary.publish import preview as make

    app = open_app(shown=True)
    wanted = [level for level in report.LEVELS if not levels or level in levels]
    made = make(
        app.engine, week, app.reference, app.settings, app.progress,
        formats=formats or forms.FORMATS, levels=wanted, languages=languages or LANGUAGES,
    )  # fmt: skip
    echo_paths(checked(made))


@summary_group.command("freeze")
@week_option
@click.option("--undo", is_flag=True, help="Make the frozen version a draft again.")
@by_option
def freeze(week: str, undo: bool, by: str) -> None:
    """Fix the draft's numbers and commentary before it is published."""
    from monitor.summary import publish

    app = open_app()
    step = publish.thaw if undo else publish.freeze
    echo_state(checked(step(app.engine, week, by, app.clock)))
    say_notice(app, week)


@summary_group.command("publish")
@week_option
@by_option
def publish_command(week: str, by: str) -> None:
    """Make the frozen version's files for good: all levels, languages and formats."""
    from monitor.summary.publish import publish

    app = open_app(shown=True)
    done = checked(
        publish(app.engine, week, by, app.reference, app.settings, app.clock, app.progress)
    )
    echo_state(done.edition)
    echo_paths(done.files)


@summary_group.command("correct")
@week_option
@click.option("--reason-fi", "finnish", required=True, help="Why, in Finnish.")
@click.option("--reason-sv", "swedish", required=True, help="Why, in Swedish.")
@click.option("--reason-en", "english", default="", help="Why, in English.")
@by_option
def correct(week: str, finnish: str, swedish: str, english: str, by: str) -> None:
    """Begin a new version of a published week: a draft from the current scores that says what changed."""
    from monitor.i18n import Translator
    from monitor.summary import publish
    from monitor.summary.wording_life import change_lines

    given = {"fi": finnish.strip(), "sv": swedish.strip(), "en": english.strip()}
    if not (given["fi"] and given["sv"]):
        raise click.UsageError("say why in Finnish and in Swedish")
    app = open_app()
    reason = {language: text for language, text in given.items() if text}
    edition = checked(
        publish.correct(app.engine, week, reason, by, app.reference, app.settings, app.clock)
    )
    echo_state(edition)
    lines = change_lines(edition.changes, Translator("en"), app.reference)
    for line in lines or ["no number changed"]:
        click.echo(f"  {line}")


@summary_group.command("rebuild")
@click.argument("week", type=Week())
@click.option(
    "--version", type=click.IntRange(1), help="Another version than the newest published."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files there too."
)
def rebuild_command(week: str, version: int | None, out: Path | None) -> None:
    """Make a published week's files again from its frozen inputs and compare every byte.

    Exit code 1 where a file differs; each difference is named.
    """
    from monitor.summary.publish import rebuild

    app = open_app(shown=True)
    done = checked(
        rebuild(
            app.engine, week, app.reference, app.settings, app.progress, version=version, folder=out
        )
    )
    echo_paths(done.files)
    for difference in done.differences:
        click.echo(f"{difference.name}: {difference.what}", err=True)
    if done.differences:
        click.echo(f"published with program version {done.edition.program}", err=True)
        sys.exit(1)
    click.echo(f"{week} version {done.edition.version}: {done.compared} files, the same bytes")


for _command in COMMANDS:
    summary_group.add_command(_command)
