"""`tilannekuva readiness`: import, check and show structured readiness data."""

import getpass
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.clock import HELSINKI
from monitor.readiness.templates import KINDS, template
from monitor.values import Mistake

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.app import App
    from monitor.readiness.run import Readiness

SHOWN_MISTAKES = 50

_kind = click.argument("kind", type=click.Choice(list(KINDS)))
_file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")


@click.group("readiness")
def readiness_group() -> None:
    """Import and show readiness data: roadmap, organisers, grants, surveys, indicators, interviews,
    events. docs/readiness.md describes the files.
    """


def _app() -> "App":
    from monitor.app import make_app  # the store and all that hangs on it: only where it is needed
    from monitor.settings import load_settings

    return make_app(load_settings())


@readiness_group.command("import")
@_kind
@_file
@click.option("--source", default="", help="Where the data come from, unless the file says it.")
@click.option("--licence", default="", help="On what terms, unless the file says it.")
@_who
def import_command(kind: str, file: Path, source: str, licence: str, who: str) -> None:
    """Import a CSV file, whole or not at all. The same file again changes nothing."""
    from monitor.readiness.run import AlreadyImported, Imported, Refused, import_file

    app = _app()
    result = import_file(app.engine, kind, file, who, app.clock, app.reference, source, licence)
    match result:
        case Imported():
            click.echo(f"import {result.id}: {result.rows} rows of {kind} from {file.name}")
        case AlreadyImported():
            click.echo(f"{file.name} is in force since import {result.id}; nothing changed")
        case Refused():
            _refuse(result.mistakes, "nothing was imported")


@readiness_group.command("check")
@_kind
@_file
def check_command(kind: str, file: Path) -> None:
    """Report every mistake in a CSV file without importing it. Exit code 1 where there is one."""
    from classifiers.reference import load_reference
    from monitor.readiness.run import Refused, check_file, names_known
    from monitor.settings import load_settings

    known = names_known(load_reference(load_settings().labels_dir))
    found = check_file(kind, file, known)
    if isinstance(found, Refused):
        _refuse(found.mistakes, "it would not be imported")
    else:
        click.echo(f"{found.rows} rows, no mistakes")


def _refuse(mistakes: Iterable[Mistake], outcome: str) -> None:
    mistakes = tuple(mistakes)
    for mistake in mistakes[:SHOWN_MISTAKES]:
        click.echo(str(mistake), err=True)
    if len(mistakes) > SHOWN_MISTAKES:
        click.echo(f"... and {len(mistakes) - SHOWN_MISTAKES} more", err=True)
    click.echo(f"{len(mistakes)} mistakes; {outcome}", err=True)
    sys.exit(1)


@readiness_group.command("template")
@_kind
@click.option("--lang", type=click.Choice(["fi", "sv", "en"]), default="fi", show_default=True)
def template_command(kind: str, lang: str) -> None:
    """Print an empty file of KIND: what each column holds, and the header."""
    click.echo(template(kind, lang), nl=False)


@readiness_group.command("list")
def list_command() -> None:
    """List all imports, the newest first."""
    from monitor.db.engine import reading
    from monitor.db.readiness import all_imports

    app = _app()
    with reading(app.engine) as session:
        imports = all_imports(session)
    if not imports:
        click.echo("no imports yet; begin with: tilannekuva readiness template roadmap")
    for i in imports:
        at = i.imported_at.astimezone(HELSINKI)
        state = "in force" if i.undone_at is None else "undone"
        click.echo(
            f"{i.id:>5}  {i.kind:<10} {i.rows:>6} rows  {at:%Y-%m-%d %H:%M}  {i.imported_by:<10} "
            f"{state:<8}  {i.source} ({i.licence})"
        )


@readiness_group.command("undo")
@click.argument("import_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
@_who
def undo_command(import_id: int, who: str) -> None:
    """Put an import out of force. Its rows stay; the file can be imported again."""
    from monitor.readiness.run import undo

    app = _app()
    undone = undo(app.engine, import_id, who, app.clock)
    if undone is None:
        click.echo(
            f"there is no import {import_id}; 'tilannekuva readiness list' shows all", err=True
        )
        sys.exit(1)
    click.echo(f"import {undone.id} ({undone.kind}, {undone.rows} rows) is undone")


@readiness_group.command("show")
@click.argument("region")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As known of that day; today else.")
def show_command(region: str, on: datetime | None) -> None:
    """Show the readiness of REGION (code or name): the two roadmap views, components, events."""
    from monitor.db.engine import reading
    from monitor.readiness.run import names_known, readiness_at

    app = _app()
    code = names_known(app.reference).regions.get(region.casefold())
    if code is None:
        codes = ", ".join(app.reference.units)
        click.echo(f"unknown region '{region}'; give a name or one of {codes}", err=True)
        sys.exit(1)
    day = on.date() if on else app.clock().astimezone(HELSINKI).date()
    with reading(app.engine) as session:
        known = readiness_at(session, day)
    for line in _lines(code, day, known, app.reference):
        click.echo(line)


def _lines(code: str, day: date, known: "Readiness", reference: "Reference") -> Iterable[str]:
    yield f"{reference.region[code].name.fi} ({code}), {day}"
    yield from _roadmap_lines(code, known, reference)
    yield from _component_lines(code, known, reference)
    for event in (e for e in known.events if e.region == code):
        yield f"{event.on}  {event.kind.replace('_', ' ')}  {event.note}".rstrip()


def _roadmap_lines(code: str, known: "Readiness", reference: "Reference") -> Iterable[str]:
    from monitor.readiness.roadmap import Shares, views

    def told(shares: Shares) -> str:
        if not shares.total:
            return "no critical tasks"
        return f"{shares.started:>2} / {shares.finished:>2} of {shares.total:>2}"

    cells = views(known.tasks, known.as_of)
    yield ""
    yield f"{'critical tasks started / finished':<34} {'due by the report':<17}  by the target day"
    for group in reference.groups:
        view = cells.get((code, group.id))
        shown = f"{told(view.schedule):<17}  {told(view.target)}" if view else "no report"
        yield f"  {group.name.fi:<32} {shown}"


def _component_lines(code: str, known: "Readiness", reference: "Reference") -> Iterable[str]:
    from monitor.readiness.state import components

    for group in reference.groups:
        yield ""
        yield group.name.fi
        for c in components(code, group.id, known.as_of, known.observations, known.tasks):
            done = "     " if c.done is None else f"{c.done:>5.0%}"
            age = "" if c.age_days is None else f", {c.age_days} days old"
            yield f"  {c.component:<11} {done}  {c.state.value}: {c.detail}{age}"
    yield ""
