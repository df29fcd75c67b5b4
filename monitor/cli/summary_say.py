"""Options and sentences that the commands of `tilannekuva summary` share."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from monitor.cli.parameters import Week

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.summary.edition import Edition
    from monitor.summary.run import NoScores, Refused

T = TypeVar("T")

# The choices stand here so that --help does not load what makes the files; a test keeps them equal.
LANGUAGES = ("fi", "sv", "en")
LEVELS = ("brief", "steering", "full")
FORMATS = ("html", "docx", "pdf", "json", "csv.zip", "xlsx")

week_option = click.option("--week", type=Week(), required=True, help="For instance 2026-W46.")
by_option = click.option("--by", default=getpass.getuser, help="Who does it; you by default.")
SENTENCES = {
    "no summary": "there is no summary of {week}; run `tilannekuva summary write --week {week}`",
    "draft": "version {version} of {week} is a draft; run `tilannekuva summary freeze --week {week}`",
    "frozen": "version {version} of {week} is frozen; publish it, or make it a draft again with "
    "`tilannekuva summary freeze --undo --week {week}`",
    "published": "version {version} of {week} is published and never changes; begin a new one with "
    "`tilannekuva summary correct --week {week}`",
    "never published": "{week} has no such published version; see `tilannekuva summary list`",
    "section": "no such section; `tilannekuva summary comment --help` names them",
    "changed": "{week} was changed by another meanwhile; nothing was published, try again",
}


def checked(result: "T | Refused | NoScores") -> T:
    """`result`; where it was refused, a sentence and exit code 2."""
    from monitor.summary.run import NoScores, Refused

    if isinstance(result, NoScores):
        week = result.week
        fail(f"no scores for {week}; run `tilannekuva score run --week {week}` first")
    if isinstance(result, Refused):
        fail(SENTENCES[result.why].format(week=result.week, version=result.version))
    return result


def fail(sentence: str) -> NoReturn:
    """End with `sentence` and exit code 2."""
    click.echo(f"tilannekuva: {sentence}", err=True)
    sys.exit(2)


def echo_paths(written: Sequence[Path]) -> None:
    """The files, one a line."""
    for path in written:
        click.echo(str(path))


def echo_state(edition: "Edition") -> None:
    """The version and its state."""
    click.echo(f"{edition.week} version {edition.version}: {edition.state}")


def say_lacking(lacking: Sequence[str]) -> None:
    """What the week is not ready for, on standard error."""
    if not lacking:
        return
    from classifiers.reference import load_reference
    from monitor.i18n import Translator
    from monitor.settings import load_settings
    from monitor.summary.wording_life import lack_lines

    reference = load_reference(load_settings().labels_dir)
    click.echo("not ready:", err=True)
    for line in lack_lines(lacking, Translator("en"), reference):
        click.echo(f"  {line}", err=True)


def say_notice(app: "App", week: str) -> None:
    """What the week lacked when its draft was written."""
    from monitor.db import editions
    from monitor.db.engine import reading

    with reading(app.engine) as session:
        notice = editions.notice(session, week)
    say_lacking(notice.reasons if notice else ())
