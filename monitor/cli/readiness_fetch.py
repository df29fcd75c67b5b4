"""`tilannekuva readiness fetch`: readiness data from Sotkanet and PxWeb, and saved answers of theirs."""

import getpass
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.feeds.checks import is_web_address
from monitor.readiness.fetch_values import (
    CC_BY,
    FIRST,
    LAST,
    SOTKANET,
    PxwebSource,
    SotkanetSource,
    Source,
    Years,
    read_years,
)

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.readiness.fetch_run import Report
    from monitor.readiness.importers import Known

SHOWN_MISTAKES = 20


class _Years(click.ParamType[Years]):
    """2024, 2022-2025 or 2022-."""

    name = "YEARS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Years:
        years = value if isinstance(value, Years) else read_years(str(value))
        if years is None:
            said = (
                f"{value!r} is no span of years; write 2024, 2022-2025, or 2022- up to the present"
            )
            self.fail(said, param, ctx)
        return years


class _Choice(click.ParamType[tuple[str, str]]):
    """VARIABLE=VALUE."""

    name = "VARIABLE=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        variable, _, chosen = str(value).partition("=")
        if not variable.strip() or not chosen.strip():
            self.fail(f"{value!r} is no choice; write it as Sukupuoli=SSS", param, ctx)
        return variable.strip(), chosen.strip()


_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be stored; store nothing.")
_as = click.option("--as", "target", required=True, help="Our indicator, an id of indicators.csv.")
_save = click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the answer as a file; 'readiness import' reads it again.",
)


@click.group("fetch", invoke_without_command=True)
@click.option(
    "--all", "everything", is_flag=True, help="Fetch all that readiness_sources.yaml lists."
)
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another readiness_sources.yaml than the one in the settings.",
)
@_dry_run
@_who
@click.pass_context
def fetch_group(
    ctx: click.Context, everything: bool, file: Path | None, dry_run: bool, who: str
) -> None:
    """Fetch indicators from Sotkanet and PxWeb. docs/readiness.md describes both and the file."""
    if ctx.invoked_subcommand is not None:
        if everything or file or dry_run:
            raise click.UsageError(f"put the options behind '{ctx.invoked_subcommand}'")
        return
    if not everything:
        click.echo(ctx.get_help())
        return
    app, known = _opened()
    sources, all_good = _listed(app, known, file)
    done = _fetch(app, known, sources, who, dry_run)
    if not (all_good and done):
        sys.exit(1)


def _opened() -> "tuple[App, Known]":
    """The application, and what may be named."""
    from monitor.app import make_app  # the store and all that hangs on it: only where it is needed
    from monitor.readiness.run import names_known
    from monitor.settings import load_settings

    app = make_app(load_settings())
    return app, names_known(app.reference, app.settings.indicators_file)


def _listed(app: "App", known: "Known", file: Path | None) -> tuple[Sequence[Source], bool]:
    """The sources of the file, and whether it has no mistake."""
    from monitor.readiness.fetch_sources import load_sources

    path = file or app.settings.readiness_sources_file
    found = load_sources(path, known.table)
    for mistake in found.mistakes:
        click.echo(str(mistake), err=True)
    if not found.sources and not found.mistakes:
        click.echo(f"{path} lists no sources; docs/readiness.md says how to write them")
    return found.sources, not found.mistakes


@fetch_group.command("sotkanet")
@click.option(
    "--indicator", required=True, type=click.IntRange(1, 9_999_999), help="Its number there."
)
@click.option("--years", required=True, type=_Years(), help="2024, 2022-2025, or 2022-.")
@_as
@click.option("--base", default=SOTKANET, show_default=True, help="Another address, of a mirror.")
@_save
@_dry_run
@_who
def sotkanet_command(
    indicator: int, years: Years, target: str, base: str, save: Path | None, dry_run: bool, who: str
) -> None:
    """Fetch an indicator of THL's Sotkanet for the wellbeing services counties and Helsinki."""
    source = SotkanetSource(f"sotkanet {indicator}", target, indicator, years, _web(base))
    _one(source, who, dry_run, save)


@fetch_group.command("pxweb")
@click.argument("table", metavar="TABLE-ADDRESS")
@_as
@click.option(
    "--contents", default="", help="Code or text of the content; not needed where it has one."
)
@click.option(
    "--years", type=_Years(), help="2024, 2022-2025, or 2022-; all of the table by default."
)
@click.option(
    "--select", multiple=True, type=_Choice(), help="A value of another variable; repeatable."
)
@click.option(
    "--licence", default="", help=f"Terms of use; {CC_BY} is known of Statistics Finland."
)
@_save
@_dry_run
@_who
def pxweb_command(
    table: str, target: str, contents: str, years: Years | None,
    select: tuple[tuple[str, str], ...], licence: str, save: Path | None, dry_run: bool, who: str,
) -> None:  # fmt: skip
    """Fetch a table of Statistics Finland or another PxWeb; its web page's address will do."""
    name = table.rstrip("/").rpartition("/")[2]
    source = PxwebSource(f"pxweb {name}", target, _web(table), contents, years, select, licence)
    _one(source, who, dry_run, save)


@fetch_group.command("credits")
@click.option("--lang", type=click.Choice(["fi", "sv", "en"]), default="fi", show_default=True)
def credits_command(lang: str) -> None:
    """Name the sources of all readiness data in force, as their licences ask."""
    from monitor.db.engine import reading
    from monitor.db.readiness_fetches import attributions
    from monitor.readiness.attribution import attribution_line

    app, _ = _opened()
    with reading(app.engine) as session:
        found = attributions(session)
    for attribution in found:
        click.echo(attribution_line(attribution, lang))


# --- saved answers: readiness import sotkanet|pxweb FILE -----------------------------------------

_saved = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("sotkanet")
@_saved
@_as
@click.option(
    "--indicator", type=click.IntRange(1, 9_999_999), help="Its number, if there are more."
)
@click.option("--licence", default=CC_BY, show_default=True, help="On what terms.")
@_dry_run
@_who
def saved_sotkanet(
    file: Path, target: str, indicator: int | None, licence: str, dry_run: bool, who: str
) -> None:
    """Import rows of Sotkanet that were saved, JSON or CSV."""
    every = Years(FIRST, LAST)
    source = SotkanetSource(file.name, target, indicator, every, licence=licence)
    _take_saved(source, file, who, dry_run)


@click.command("pxweb")
@_saved
@_as
@click.option("--contents", default="", help="Code or text of the content.")
@click.option("--years", type=_Years(), help="2024, 2022-2025, or 2022-; all by default.")
@click.option(
    "--select", multiple=True, type=_Choice(), help="A value of another variable; repeatable."
)
@click.option("--licence", required=True, help=f"On what terms; Statistics Finland's are {CC_BY}.")
@_dry_run
@_who
def saved_pxweb(
    file: Path, target: str, contents: str, years: Years | None,
    select: tuple[tuple[str, str], ...], licence: str, dry_run: bool, who: str,
) -> None:  # fmt: skip
    """Import a table that was saved as JSON-stat 2.0."""
    source = PxwebSource(file.name, target, "", contents, years, select, licence)
    _take_saved(source, file, who, dry_run)


def _take_saved(source: Source, file: Path, who: str, dry_run: bool) -> None:
    from monitor.readiness.fetch_run import take_saved

    app, known = _opened()
    _check_target(source, known)
    if not _told(take_saved(app.engine, file, source, who, app.clock, known, dry_run=dry_run)):
        sys.exit(1)


class ImportCommand(click.Command):
    """`readiness import`: of a kind of file as it says itself, of an interface's saved answer as here."""

    saved: Mapping[str, click.Command] = {"sotkanet": saved_sotkanet, "pxweb": saved_pxweb}

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        other = self.saved.get(args[0]) if args else None
        if other is None:
            return super().make_context(info_name, args, parent, **extra)
        return other.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Saved answers of open interfaces"):
            formatter.write_dl(
                [(f"{n} FILE --as ID", c.get_short_help_str()) for n, c in self.saved.items()]
            )


# --- helpers -------------------------------------------------------------------------------------


def _check_target(source: Source, known: "Known") -> None:
    """That what is asked for is an indicator of ours."""
    from difflib import get_close_matches

    target = source.target
    if target not in known.table:
        near = get_close_matches(target, known.table, n=3)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known.table)}"
        )
        raise click.BadParameter(f"'{target}' is no indicator of ours; {hint}", param_hint="--as")


def _web(text: str) -> str:
    address = text.strip() if "://" in text else f"https://{text.strip()}"
    if not is_web_address(address):
        raise click.BadParameter(f"{text!r} is no web address; copy it from the browser")
    return address


def _one(source: Source, who: str, dry_run: bool, save: Path | None) -> None:
    app, known = _opened()
    _check_target(source, known)
    if not _fetch(app, known, [source], who, dry_run, save):
        sys.exit(1)


def _fetch(
    app: "App", known: "Known", sources: Sequence[Source], who: str, dry_run: bool,
    save: Path | None = None,
) -> bool:  # fmt: skip
    """Fetch, tell what came of each; whether all went well."""
    from monitor.readiness.fetch_run import fetch_sources

    with app.interface_fetcher() as edge:
        reports = fetch_sources(app.engine, edge, sources, who, app.clock, known, dry_run=dry_run)
    if save is not None and reports and reports[0].body:
        save.write_bytes(reports[0].body)
    return all([_told(report) for report in reports])


def _told(report: "Report") -> bool:
    """Say what came of a source; whether it went well."""
    from monitor.readiness.fetch_run import NotFetched, WouldImport
    from monitor.readiness.run import AlreadyImported, Imported, Refused

    name, notes = report.source.id, report.taken.notes if report.taken else ()
    match report.outcome:
        case Imported(id=id_, rows=rows):
            label = report.taken.label if report.taken else ""
            click.echo(
                f"{name}: import {id_}: {rows} values of {report.source.target} from {label}"
            )
        case AlreadyImported(id=id_):
            click.echo(f"{name}: the same as import {id_}; nothing changed")
        case WouldImport(taken):
            click.echo(f"{name}: {len(taken.readings)} values from {taken.label}; nothing stored")
            for line in _value_lines(report):
                click.echo(line)
        case NotFetched() as failed:
            wait = failed.again_after_seconds
            after = f" (in {wait:.0f} seconds or more)" if wait else ""
            click.echo(f"{name}: {failed.detail}; {failed.remedy}{after}", err=True)
        case Refused(mistakes):
            for mistake in mistakes[:SHOWN_MISTAKES]:
                click.echo(str(mistake), err=True)
            more = len(mistakes) - SHOWN_MISTAKES
            also = f" ({more} more mistakes)" if more > 0 else ""
            click.echo(f"{name}: nothing was imported{also}", err=True)
    for note in notes:
        click.echo(f"  {note}")
    return not isinstance(report.outcome, NotFetched | Refused)


def _value_lines(report: "Report") -> Iterable[str]:
    for r in report.taken.readings if report.taken else ():
        value = ".." if r.value is None else f"{r.value:g}"
        done = "" if r.done is None else f"{r.done:>5.0%} done"
        yield f"  {r.region:<4} {r.period_start}..{r.period_end}  {value:>12} {r.unit}  {done}".rstrip()
