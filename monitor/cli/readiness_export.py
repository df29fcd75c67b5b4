"""`tilannekuva readiness export`: the readiness data in force as CSV, each datum with its origin."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import region_code
from monitor.cli.readiness_show import DAY
from monitor.clock import HELSINKI
from monitor.weeks import end_of_day

if TYPE_CHECKING:
    from monitor.values import Observation

COLUMNS = (
    "component", "region", "group", "indicator", "period_start", "period_end", "value", "unit", "done",
    "note", "source", "licence", "file_hash", "imported_at", "imported_by",
)  # fmt: skip


@click.command("export")
@click.option("--region", default="", help="Only this region: a code or a name.")
@click.option("--on", type=DAY, help="Of that day and before; of today else.")
@click.option("--known", type=DAY, help="Only what had been imported by the end of that day.")
def export_command(region: str, on: datetime | None, known: datetime | None) -> None:
    """Print every readiness datum in force as CSV: ratings, indicators, surveys and grants in one form.

    The roadmap's tasks are summed up by `readiness roadmap --csv`.
    """
    from monitor.db.engine import reading
    from monitor.readiness.run import readiness_at

    app = open_app()
    code = region_code(region, app.reference) if region else ""
    day = on.date() if on else app.clock().astimezone(HELSINKI).date()
    with reading(app.engine) as session:
        found = readiness_at(session, day, end_of_day(known.date()) if known else None)
    wanted = (o for o in found.observations if not code or o.region == code)
    click.echo(to_csv(wanted), nl=False)


def to_csv(observations: Iterable["Observation"]) -> str:
    """A header and one row per datum. What files and people wrote cannot compute in a spreadsheet."""
    from monitor.readiness.cells import for_spreadsheet

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for o in observations:
        values = (getattr(o, name) for name in COLUMNS)
        writer.writerow(for_spreadsheet(v) if isinstance(v, str) else v for v in values)
    return out.getvalue()
