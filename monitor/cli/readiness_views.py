"""`tilannekuva readiness roadmap`: the monthly matrix and its history, as text or CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

import click

from monitor.cli.parameters import Day, region_code
from monitor.clock import HELSINKI
from monitor.values import ALL_GROUPS
from monitor.weeks import end_of_day

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.readiness.bands import Bands
    from monitor.readiness.history import Cell, CellKey, Picture
    from monitor.readiness.roadmap import View

_WORDS = {
    "far": "far behind",
    "behind": "behind",
    "halfway": "halfway",
    "under_way": "under way",
    "near": "nearly done",
}
_CSV = (
    "month", "view", "region", "name_fi", "name_sv", "group", "report_day", "critical_tasks",
    "started", "finished", "share_started", "share_finished", "band", "band_word",
)  # fmt: skip


class _Month(click.ParamType[str]):
    """A calendar month, 2026-10."""

    name = "MONTH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", str(value)):
            self.fail(f"{value!r} is no month; write it as 2026-10", param, ctx)
        return str(value)


@click.command("roadmap")
@click.option("--month", type=_Month(), help="The month; the newest reported one else.")
@click.option(
    "--view",
    type=click.Choice(["schedule", "target"]),
    default="schedule",
    show_default=True,
    help="Tasks due by the report, or by the target day.",
)
@click.option("--region", help="Only this region: a code or a name.")
@click.option("--history", metavar="REGION", help="The months of this region instead.")
@click.option("--as-of", "as_of", type=Day(), help="As known at the end of that day.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV instead of a table.")
def roadmap_command(
    month: str | None,
    view: str,
    region: str | None,
    history: str | None,
    as_of: datetime | None,
    as_csv: bool,
) -> None:
    """The roadmap matrix of a month: critical tasks finished and started, per region and group."""
    from monitor.app import make_app
    from monitor.db.engine import reading
    from monitor.readiness.bands import make_bands
    from monitor.readiness.picture import picture
    from monitor.settings import load_settings

    app = make_app(load_settings())
    wanted = history or region
    code = region_code(wanted, app.reference) if wanted else None
    today = app.clock().astimezone(HELSINKI).date()
    with reading(app.engine) as session:
        found = picture(
            session,
            min(today, as_of.date()) if as_of else today,
            month=month,
            target=app.settings.roadmap_target,
            region=code,
            known_at=end_of_day(as_of.date()) if as_of else None,
        )
    if found is None or not found.cells:
        raise click.ClickException(_nothing(month, wanted, as_of))
    bands = make_bands(app.settings.roadmap_bands)
    chosen = cast("View", view)
    matrices = _months(found, code, app.reference) if code and history else _this(found)
    if as_csv:
        click.echo(_csv(matrices, chosen, bands, app.reference), nl=False)
        return
    one = _history(found, code, chosen, bands, app.reference) if code and history else None
    for line in one or _matrix(found, chosen, bands, app.reference):
        click.echo(line)


def _nothing(month: str | None, region: str | None, as_of: datetime | None) -> str:
    what = f" in {month} or before" if month else ""
    what += f" from {region}" if region else ""
    if as_of:
        return f"no roadmap report{what} had been imported by {as_of.date()}"
    return (
        f"no roadmap report{what} is in force; begin with: tilannekuva readiness template roadmap"
    )


# --- text ----------------------------------------------------------------------------------------


def _matrix(
    found: "Picture", view: "View", bands: "Bands", reference: "Reference"
) -> Iterator[str]:
    from monitor.readiness.history import country

    yield f"{found.month}, {_view_words(found, view)}; finished/started in per cent, band"
    yield from _head("region", reference)
    codes = [c for c in reference.units if (c, ALL_GROUPS) in found.cells]
    for code in codes:
        row = [found.cells.get((code, group)) for group in _columns(reference)]
        yield _line(reference.region[code].short.fi, row, view, bands, found.month)
    if len(codes) > 1:
        total = country(found.cells)
        row = [total.get(group) for group in _columns(reference)]
        yield _line(f"all {len(codes)} together", row, view, bands, "")
    silent = [c for c in reference.units if c not in codes]
    if silent and len(codes) > 1:
        names = ", ".join(reference.region[c].short.fi for c in silent)
        yield f"no report within a year: {names}"
    yield from _key(bands, reference)


def _history(
    found: "Picture", code: str, view: "View", bands: "Bands", reference: "Reference"
) -> Iterator[str]:
    yield (
        f"{reference.region[code].name.fi} ({code}), {_view_words(found, view)}; "
        "finished/started in per cent, band"
    )
    yield from _head("month", reference)
    for month, matrix in _months(found, code, reference).items():
        row = [matrix.get((code, group)) for group in _columns(reference)]
        yield _line(month, row, view, bands, month)
    yield from _key(bands, reference)


def _this(found: "Picture") -> Mapping[str, Mapping["CellKey", "Cell"]]:
    return {found.month: found.cells}


def _months(
    found: "Picture", code: str, reference: "Reference"
) -> Mapping[str, Mapping["CellKey", "Cell"]]:
    matrices: dict[str, dict[CellKey, Cell]] = {month: {} for month in found.past}
    for group in _columns(reference):
        for month, cell in zip(found.past, found.history(code, group), strict=True):
            if cell is not None:
                matrices[month][code, group] = cell
    return matrices


def _view_words(found: "Picture", view: "View") -> str:
    if view == "schedule":
        return "critical tasks due by the day of the report"
    return f"critical tasks due by the target day {found.target}"


def _columns(reference: "Reference") -> Sequence[str]:
    return (*(g.id for g in reference.groups), ALL_GROUPS)


def _head(first: str, reference: "Reference") -> Iterator[str]:
    heads = [str(n) for n in range(1, len(reference.groups) + 1)] + ["all"]
    yield f"{first:<18}" + "".join(f"{head:>10} " for head in heads)


def _line(name: str, row: Iterable["Cell | None"], view: "View", bands: "Bands", month: str) -> str:
    return (f"{name:<18}" + "".join(f"{_told(c, view, bands, month):>11}" for c in row)).rstrip()


def _told(cell: "Cell | None", view: "View", bands: "Bands", month: str) -> str:
    from monitor.readiness.history import month_of

    if cell is None:
        return "-"
    shares = cell.views.get(view)
    if shares.share_finished is None or shares.share_started is None:
        return "none due"
    old = "*" if month and month_of(cell.newest) < month else " "
    band = bands.of(shares.share_finished)
    numbers = f"{shares.share_finished * 100:.0f}/{shares.share_started * 100:.0f}"
    return f"{numbers} {chr(ord('A') + bands.count - band.number)}{old}"


def _key(bands: "Bands", reference: "Reference") -> Iterator[str]:
    yield ""
    for number, group in enumerate(reference.groups, start=1):
        yield f"  {number}  {group.name.fi}"
    for band in reversed(bands.all):
        letter = chr(ord("A") + bands.count - band.number)
        limit = (
            f"at most {band.to * 100:g} %"
            if band.number == 1
            else f"over {band.above * 100:g} %"
            + (f", at most {band.to * 100:g} %" if band.to < 1 else "")
        )
        yield f"  {letter}  {_WORDS[band.word]}: {limit} finished"
    yield "  *  the report is of an earlier month;  -  no report"


# --- CSV -----------------------------------------------------------------------------------------


def _csv(
    matrices: Mapping[str, Mapping["CellKey", "Cell"]],
    view: "View",
    bands: "Bands",
    reference: "Reference",
) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV)
    for month, matrix in matrices.items():
        for code in reference.units:
            for group in _columns(reference):
                if (code, group) in matrix:
                    cell = matrix[code, group]
                    names = reference.region[code].short
                    writer.writerow(
                        (month, view, code, names.fi, names.sv, group, *_numbers(cell, view, bands))
                    )
    return out.getvalue()


def _numbers(cell: "Cell", view: "View", bands: "Bands") -> tuple[object, ...]:
    shares = cell.views.get(view)
    counts = (cell.oldest, shares.total, shares.started, shares.finished)
    if shares.share_finished is None or shares.share_started is None:
        return (*counts, "", "", "", "")
    band = bands.of(shares.share_finished)
    share = (round(shares.share_started, 4), round(shares.share_finished, 4))
    return (*counts, *share, band.number, _WORDS[band.word])
