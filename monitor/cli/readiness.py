"""`tilannekuva readiness`: import, check and show structured readiness data."""

import getpass
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.readiness_export import export_command
from monitor.cli.readiness_fetch import ImportCommand, fetch_group
from monitor.cli.readiness_show import organiser_command, show_command
from monitor.cli.readiness_views import roadmap_command
from monitor.clock import HELSINKI
from monitor.readiness.templates import KINDS, template
from monitor.values import Mistake

if TYPE_CHECKING:
    from monitor.readiness.run import Checked

SHOWN_MISTAKES = 50
SHOWN_CHANGES = 30

_kind = click.argument("kind", type=click.Choice(list(KINDS)))
_kind_and_file = click.argument("args", nargs=-1, required=True, metavar="[KIND] FILE")
_source = click.option("--source", default="", help="Origin of the data, unless the file says it.")
_licence = click.option("--licence", default="", help="Terms of use, unless the file says them.")
_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")


@click.group("readiness")
def readiness_group() -> None:
    """Import and show readiness data: roadmap, organisers, grants, surveys, indicators, interviews,
    events; as CSV or XLSX. docs/readiness.md describes the files.
    """


readiness_group.add_command(export_command)
readiness_group.add_command(organiser_command)
readiness_group.add_command(roadmap_command)
readiness_group.add_command(fetch_group)
readiness_group.add_command(show_command)


@readiness_group.command("import", cls=ImportCommand)
@_kind_and_file
@_source
@_licence
@_who
def import_command(args: tuple[str, ...], source: str, licence: str, who: str) -> None:
    """Import a CSV or XLSX file, whole or not at all. The same file again changes nothing.

    KIND may be left out where the headings or the name of the file tell it.
    """
    from monitor.readiness.run import AlreadyImported, Imported, Refused, import_file

    kind, file = _named(args)
    app = open_app()
    result = import_file(
        app.engine, kind, file, who, app.clock, app.reference, source, licence,
        app.settings.indicators_file,
    )  # fmt: skip
    match result:
        case Imported():
            _tell(result.notes)
            click.echo(f"import {result.id}: {result.rows} rows of {result.kind} from {file.name}")
        case AlreadyImported():
            click.echo(_already(file, result.id))
        case Refused():
            _refuse(result.mistakes, "nothing was imported")


@readiness_group.command("check")
@_kind_and_file
@_source
@_licence
def check_command(args: tuple[str, ...], source: str, licence: str) -> None:
    """Report every mistake in a file, or what importing it would change; changes nothing itself.

    KIND may be left out where the headings or the name of the file tell it. Exit code 1 where there is
    a mistake.
    """
    from monitor.readiness.run import AlreadyImported, Checked, Refused, check_file

    kind, file = _named(args)
    app = open_app()
    found = check_file(
        app.engine, kind, file, app.reference, source, licence, app.settings.indicators_file
    )
    match found:
        case Checked():
            _tell(found.notes)
            _tell_changes(found)
        case AlreadyImported():
            click.echo(_already(file, found.id))
        case Refused():
            _refuse(found.mistakes, "it would not be imported")


def _named(args: tuple[str, ...]) -> tuple[str | None, Path]:
    """The kind, None where it is to be guessed, and the file."""
    if len(args) not in (1, 2):
        raise click.UsageError("give one file, or a kind and a file")
    if len(args) == 2 and args[0] not in KINDS:
        raise click.UsageError(f"'{args[0]}' is no kind; the kinds are {', '.join(KINDS)}")
    return (args[0] if len(args) == 2 else None), Path(args[-1])


def _already(file: Path, import_id: int) -> str:
    return f"what {file.name} says is in force since import {import_id}; nothing changed"


def _tell(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(f"note: {note}", err=True)


def _tell_changes(found: "Checked") -> None:
    from monitor.readiness.compare import name_of

    changes = found.changes
    counts = f"{len(changes.new)} new, {len(changes.changed)} changed, {changes.same} same"
    if changes.gone:
        counts += f", {len(changes.gone)} no longer there"
    click.echo(f"{found.rows} rows of {found.kind}, no mistakes; {counts}")
    told = [f"changed: {change}" for change in changes.changed]
    told += [f"no longer there: {name_of(datum)}" for datum in changes.gone]
    for line in told[:SHOWN_CHANGES]:
        click.echo(f"  {line}")
    if len(told) > SHOWN_CHANGES:
        click.echo(f"  ... and {len(told) - SHOWN_CHANGES} more")


def _refuse(mistakes: Iterable[Mistake], outcome: str) -> None:
    from monitor.readiness.mistakes import count_mistakes

    mistakes = tuple(mistakes)
    for mistake in mistakes[:SHOWN_MISTAKES]:
        click.echo(str(mistake), err=True)
    n = count_mistakes(mistakes)
    if n > SHOWN_MISTAKES:
        click.echo(f"... and {n - SHOWN_MISTAKES} more", err=True)
    click.echo(f"{n} mistake{'' if n == 1 else 's'}; {outcome}", err=True)
    sys.exit(1)


@readiness_group.command("template")
@_kind
@click.option("--lang", type=click.Choice(["fi", "sv", "en"]), default="fi", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="Write it there: FILE.xlsx or FILE.csv. An existing file is never overwritten.",
)  # fmt: skip
def template_command(kind: str, lang: str, out: Path | None) -> None:
    """An empty file of KIND: what each column holds, and the header. Printed as CSV without --out."""
    if out is None:
        click.echo(template(kind, lang), nl=False)
        return
    if out.suffix.casefold() not in (".csv", ".xlsx"):
        raise click.UsageError("--out must end in .xlsx or .csv")
    data = _template(kind, lang, out.suffix.casefold())
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise click.ClickException(f"{out} exists; choose another name") from None
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written ({error.strerror})") from None
    click.echo(f"wrote {out}")


def _template(kind: str, lang: str, suffix: str) -> bytes:
    if suffix == ".csv":
        return template(kind, lang).encode("utf-8-sig")  # the mark makes Excel read it as UTF-8
    from classifiers.reference import load_reference
    from monitor.readiness.run import names_known
    from monitor.readiness.template_book import template_book
    from monitor.settings import load_settings

    settings = load_settings()
    reference = load_reference(settings.labels_dir)
    known = names_known(reference, settings.indicators_file)
    return template_book(kind, lang, reference, known.table)


@readiness_group.command("list")
def list_command() -> None:
    """List all imports, the newest first."""
    from monitor.db.engine import reading
    from monitor.db.readiness import all_imports

    app = open_app()
    with reading(app.engine) as session:
        imports = all_imports(session)
    if not imports:
        click.echo("no imports yet; begin with: tilannekuva readiness template roadmap")
    for i in imports:
        at = i.imported_at.astimezone(HELSINKI)
        state = "in force" if i.undone_at is None else "undone"
        click.echo(
            f"{i.id:>5}  {i.kind:<15} {i.rows:>6} rows  {at:%Y-%m-%d %H:%M}  {i.imported_by:<10} "
            f"{state:<8}  {i.source} ({i.licence})  {i.file}".rstrip()
        )


@readiness_group.command("undo")
@click.argument("import_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
@_who
def undo_command(import_id: int, who: str) -> None:
    """Put an import out of force. Its rows stay; the file can be imported again."""
    from monitor.readiness.run import undo

    app = open_app()
    undone = undo(app.engine, import_id, who, app.clock)
    if undone is None:
        click.echo(
            f"there is no import {import_id}; 'tilannekuva readiness list' shows all", err=True
        )
        sys.exit(1)
    click.echo(f"import {undone.id} ({undone.kind}, {undone.rows} rows) is undone")


@readiness_group.command("redo")
@click.argument("import_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
@_who
def redo_command(import_id: int, who: str) -> None:
    """Put an undone import's data in force again, as a new import; the undone one stays for the record."""
    from monitor.readiness.uploads import redo

    made = redo(open_app(), import_id, who)
    if made is None:
        click.echo(
            f"import {import_id} is not undone, or its data are in force again; "
            "'tilannekuva readiness list' shows all",
            err=True,
        )
        sys.exit(1)
    click.echo(f"the data of import {import_id} are in force again as import {made.id}")
