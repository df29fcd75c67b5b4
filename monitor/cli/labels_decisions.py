"""`tilannekuva labels export|import|agreement`: what people decided, out of the store, into it, compared."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.clock import HELSINKI

if TYPE_CHECKING:
    from classifiers.decisions import Decision
    from monitor.app import App
    from monitor.training.agreement import Agreement, Alpha
    from monitor.training.exchange import Stored

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("export")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the decisions go; in labels/decisions training finds them.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Decisions of that day in Helsinki and later.",
)
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
def export_command(out: Path, since: datetime | None, force: bool) -> None:
    """Write what people decided in the store to a file, without the articles' texts.

    Of each person the latest decision of an article. The file appears whole, one decision a line, the
    oldest first: see labels/README.md.
    """
    from monitor.training.exchange import write_decisions

    if out.exists() and not force:
        raise click.UsageError(f"{out} is there already; name another file or give --force")
    app = open_app()
    stored = _stored(app, since.replace(tzinfo=HELSINKI) if since else None)
    _say_what_is_missing(stored)
    if not stored.decisions:
        click.echo("no decisions of people in the store to export; nothing was written")
        return
    try:
        write_decisions(out, stored.decisions)
    except OSError as error:
        raise click.UsageError(f"{str(out)!r} cannot be written: {error.strerror}") from error
    people = {decision.who for decision in stored.decisions}
    click.echo(f"decisions: {len(stored.decisions)} of {_people(len(people))}, written to {out}")


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what would be done and do nothing.")
@click.option(
    "--by", default="command line", show_default=True, help="Who imports, for the audit trail."
)
def import_command(file: Path, dry_run: bool, by: str) -> None:
    """Add the decisions in FILE to the store, for articles found by their text or their address.

    A person's decision outranks the models'. The same file again changes nothing. Broken lines are named
    and stop no others; exit code 1 where there is one.
    """
    from monitor.progress import Shown
    from monitor.training.exchange import import_decisions, named

    app = open_app()
    report = import_decisions(
        app.engine,
        file,
        app.reference,
        app.clock,
        by=by,
        dry_run=dry_run,
        progress=Shown(),
    )
    for mistake in report.mistakes:
        click.echo(str(mistake), err=True)
    for fate in named(report):
        click.echo(f"{fate.file}:{fate.line}: entry '{fate.key}': {fate.outcome}", err=True)
    said = ", ".join(f"{outcome}: {count}" for outcome, count in report.counts.items())
    click.echo(f"{said}{'; nothing was written (--dry-run)' if dry_run else ''}")
    sys.exit(1 if report.mistakes else 0)


@click.command("agreement")
@click.argument("files", type=_FILE, nargs=-1, metavar="[FILE]...")
@click.option(
    "--store/--no-store",
    default=None,
    help="Take the decisions in the store too; without a FILE they are taken.",
)
def agreement_command(files: tuple[Path, ...], store: bool | None) -> None:
    """How far people agree who decided the same texts.

    Decisions come from FILEs, or from labels/decisions and the store. For each task Krippendorff's alpha
    (1: they agree, 0: as by chance) with its 95 % interval by bootstrap over stories; for regions and
    topics over whole sets (MASI distance) and for each label. For each pair of people Cohen's kappa.
    Topics, main topic and direction are compared among those who hold the text relevant.
    """
    from monitor.settings import load_settings
    from monitor.training.agreement import agreement

    decisions = _decisions(files)
    if store or (store is None and not files):
        app = open_app()
        decisions += _stored(app, None).decisions
    found = agreement(decisions, seed=load_settings().seed)
    people = ", ".join(f"{who} {count}" for who, count in found.people.items())
    click.echo(f"texts decided: {found.texts}, by two or more people: {found.shared}")
    if people:
        click.echo(f"people: {people}")
    if not found.shared:
        click.echo("nothing to compare yet: let two people decide some of the same texts")
        return
    for line in (*_alphas(found), *_kappas(found)):
        click.echo(line)


def _alphas(found: "Agreement") -> Iterator[str]:
    yield f"{'alpha':<24}{'texts':>6}{'given':>6}{'alpha':>8}  95 % interval"
    for alpha in found.alphas:
        name = f"  {alpha.label}" if alpha.label else alpha.task
        given = f"{alpha.said:>6}" if alpha.label else f"{'':>6}"
        yield f"{name:<24}{alpha.texts:>6}{given}{_value(alpha.value)}  {_interval(alpha)}"


def _kappas(found: "Agreement") -> Iterator[str]:
    yield f"{'kappa':<24}{'texts':>6}{'':>6}{'kappa':>8}"
    for kappa in found.kappas:
        yield f"{kappa.task:<24}{kappa.texts:>6}{'':>6}{_value(kappa.value)}  {kappa.a}, {kappa.b}"


def _value(value: float | None) -> str:
    return f"{'-':>8}" if value is None else f"{value:>8.3f}"


def _interval(alpha: "Alpha") -> str:
    if alpha.low is None or alpha.high is None:
        return "cannot be told: too few texts, or one answer throughout"
    return f"{alpha.low:.3f} to {alpha.high:.3f}"


def _decisions(files: tuple[Path, ...]) -> tuple["Decision", ...]:
    """Those of `files`, or of labels/decisions; broken lines are named."""
    from classifiers.decisions import load_decisions
    from classifiers.reference import load_reference
    from monitor.settings import load_settings
    from monitor.training.dataset import DECISIONS
    from monitor.training.exchange import mistake_of

    labels = load_settings().labels_dir
    reference = load_reference(labels)
    read = []
    for place in files or (labels / DECISIONS,):
        found = load_decisions(place, reference)
        read += [r.decision for r in found.read]
        for m in found.mistakes:
            path = place / m.file if place.is_dir() else place
            click.echo(f"left out: {mistake_of(path, m)}", err=True)
    return tuple(read)


def _stored(app: "App", since: datetime | None) -> "Stored":
    from monitor.db.engine import reading
    from monitor.training.exchange import stored_decisions

    with reading(app.engine) as session:
        return stored_decisions(session, since)


def _say_what_is_missing(stored: "Stored") -> None:
    if stored.incomplete:
        click.echo(f"left out, without relevance or direction: {stored.incomplete}", err=True)
    if stored.other_language:
        click.echo(
            f"left out, articles neither Finnish nor Swedish: {stored.other_language}", err=True
        )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
