"""`tilannekuva export`: the records of the API as one file, without a server or a key."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Week, region_code

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.api.filters import Asked
    from monitor.api.read import Selection
    from monitor.api.records import Kind

# those of monitor.api.filters.FILTERS, which a test holds equal: --help imports nothing heavy
KINDS = ("signals", "stories", "scores", "readiness", "coverage", "alerts", "summaries")


@click.command("export")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--week", type=Week(), help="One week, for instance 2026-W46.")
@click.option("--from", "first", type=Week(), help="First week.")
@click.option("--to", "last", type=Week(), help="Last week.")
@click.option(
    "--region", multiple=True, help="Only this region: a code or a short name. Repeatable."
)
@click.option("--group", multiple=True, help="Only this roadmap group. Repeatable.")
@click.option("--topic", multiple=True, help="Only this topic. Repeatable.")
@click.option("--lang", type=click.Choice(["fi", "sv", "en"]), help="Of the attribution lines.")
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead."
)
def export_command(
    kind: str,
    week: str | None,
    first: str | None,
    last: str | None,
    region: tuple[str, ...],
    group: tuple[str, ...],
    topic: tuple[str, ...],
    lang: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Write all records of KIND with their denominators, and with whom to name as their source.

    The same records as of /api/v1 (docs/api.md). Summaries that are not published are among them, with
    their state.
    """
    from monitor.api.read import read
    from monitor.api.tables import to_csv
    from monitor.db.engine import reading

    if first and last and first > last:
        raise click.UsageError(f"--from {first} is later than --to {last}")
    app = open_app()
    codes = [region_code(name, app.reference) for name in region]
    picked = {"region": codes, "group": list(group), "topic": list(topic)}
    given = {"week": week, "from": first, "to": last, "lang": lang or app.settings.language}
    known = cast("Kind", kind)  # click.Choice has checked it
    selection = _selection(known, given, picked, app.reference)
    with reading(app.engine) as session:
        page = read(session, known, selection, app.reference).page
    _write(to_csv(page) if form == "csv" else page.model_dump_json(indent=2) + "\n", out)


def _selection(
    kind: "Kind",
    given: Mapping[str, str | None],
    picked: Mapping[str, list[str]],
    reference: "Reference",
) -> "Selection":
    """What is asked for, by the rules of the API. Raises UsageError."""
    from pydantic import ValidationError

    from monitor.api.filters import FILTERS, export_parameters

    for name, values in picked.items():
        if values and name not in FILTERS[kind]:
            raise click.UsageError(f"{kind} cannot be chosen by {name}")
    wanted = {name: value for name, value in {**given, **picked}.items() if value}
    try:
        asked: Asked = export_parameters(kind, reference).model_validate(wanted)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise click.UsageError(f"--{wrong['loc'][0]}: {wrong['msg']}") from error
    return asked.selection(drafts=True)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written ({error.strerror})") from error
    click.echo(f"{out} written", err=True)
