"""`tilannekuva score sensitivity|next|correlations`: why a score is uncertain, and what to find out."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Week, group_name, region_code
from monitor.cli.score_alerts import echo_json, nothing
from monitor.values import ALL_GROUPS

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.risk.knowing import Finding
    from monitor.risk.multivariate import Pair
    from monitor.risk.sensitivity import Sensitivity

_week = click.option("--week", type=Week(), required=True, help="ISO week, such as 2026-W46.")
_json = click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")


@click.command("sensitivity")
@click.argument("region")
@_week
@click.option("--group", default=ALL_GROUPS, show_default=True, help="Roadmap group, or all.")
@_json
def sensitivity_command(region: str, week: str, group: str, as_json: bool) -> None:
    """Which input makes a region's combined score uncertain.

    "alone" is the share of the score's variance that would go if that input were known (first-order Sobol
    index), "with others" the share that would stay if all others were known (total index); each with its
    standard error. REGION is a code such as 06 or HUS, or a short name.
    """
    from monitor.db.engine import reading
    from monitor.risk.country import NoPicture
    from monitor.risk.uncertainty import region_uncertainty

    app = open_app()
    code = region_code(region, app.reference)
    with reading(app.engine) as session:
        found = region_uncertainty(session, week, code)
    if isinstance(found, NoPicture):
        raise nothing(found)
    chosen = next((s for s in found.sensitivity if s.group == group), None)
    if chosen is None:
        groups = ", ".join((*app.reference.group, ALL_GROUPS))
        raise click.ClickException(f"{group!r} is no roadmap group; give one of {groups}")
    if as_json:
        echo_json([{**asdict(s), "together": s.together} for s in found.sensitivity])
        return
    if not found.ready:
        click.echo(
            "The region has no combined score this week; these are the draws that stand behind it."
        )
    for line in _sensitivity(chosen, week, app.reference):
        click.echo(line)


def _sensitivity(found: "Sensitivity", week: str, reference: "Reference") -> Iterable[str]:
    name = reference.region[found.region].short.fi
    group = group_name(reference, found.group)
    yield f"{name} {week} {group}: the draws' central 80 % is {found.width:.1f} points wide"
    if not found.shares:
        yield "nothing varies"
        return
    yield f"{'':24} {'alone':>16} {'with others':>16}"
    for share in found.shares:
        alone = f"{share.first:.3f} ± {share.first_error:.3f}"
        whole = f"{share.total:.3f} ± {share.total_error:.3f}"
        yield f"{share.source:<24} {alone:>16} {whole:>16}"
    yield f"{'only together':<24} {found.together:>8.3f}"


@click.command("next")
@_week
@click.option("--region", help="Only this region.")
@click.option("--limit", type=click.IntRange(1), default=15, show_default=True, help="Lines.")
@click.option(
    "--per-region",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Lines of one region at most, where no --region is given.",
)
@_json
def next_command(week: str, region: str | None, limit: int, per_region: int, as_json: bool) -> None:
    """What to find out next: the answer or story label that would narrow a region's score most.

    "narrows" is the expected reduction of the 80 % interval of the region's combined score, in points, with
    its standard error; "moves" how far the answers would move the score.
    """
    from monitor.db.engine import reading
    from monitor.risk.country import NoPicture
    from monitor.risk.knowing import Finding, capped
    from monitor.risk.uncertainty import region_uncertainty, week_findings

    app = open_app()
    found: tuple[Finding, ...]
    with reading(app.engine) as session:
        if region is not None:
            own = region_uncertainty(session, week, region_code(region, app.reference))
            if isinstance(own, NoPicture):
                raise nothing(own)
            found = own.findings[:limit]
        else:
            every = week_findings(session, week)
            if isinstance(every, NoPicture):
                raise nothing(every)
            found = capped(every, per_region)[:limit]
    if as_json:
        echo_json([{**asdict(f), "reduction": f.reduction} for f in found])
        return
    for line in _findings(found, week, app.reference):
        click.echo(line)


def _findings(found: Iterable["Finding"], week: str, reference: "Reference") -> Iterable[str]:
    lines = [_finding(f, reference) for f in found]
    if not lines:
        yield (
            f"{week}: no answer is known to narrow a score; a region that is not heard needs sources "
            "first: tilannekuva feeds coverage"
        )
        return
    yield f"{'':3} {'region':<18} {'narrows':>12} {'of':>5} {'moves':>14}  what"
    yield from lines


def _finding(found: "Finding", reference: "Reference") -> str:
    name = reference.region[found.region].short.fi
    narrows = f"{found.reduction:.2f} ± {found.error:.2f}"
    moves = f"{found.lowest:+.1f} to {found.highest:+.1f}"
    group = group_name(reference, found.group)
    what = {
        "missing": f"no data: {found.ref}, {group}",
        "aged": f"old data: {found.ref}, {group}",
        "story": f"label story {found.ref}: {found.label}",
    }[found.kind]
    gives = " (gives the region its score)" if found.opens else ""
    return (
        f"{found.region:<3} {name:<18} {narrows:>12} {found.width:>5.1f} {moves:>14}  {what}{gives}"
    )


@click.command("correlations")
@_week
@_json
def correlations_command(week: str, as_json: bool) -> None:
    """How readiness components, and readiness and media, go together over the regions.

    Spearman's rank correlation within groups, with a 95 % interval by bootstrap over regions.
    """
    from monitor.db.engine import reading
    from monitor.risk.country import NoPicture
    from monitor.risk.uncertainty import week_multivariate

    app = open_app()
    with reading(app.engine) as session:
        found = week_multivariate(session, week)
    if isinstance(found, NoPicture):
        raise nothing(found)
    if as_json:
        echo_json(asdict(found))
        return
    for pair in found.pairs:
        click.echo(_pair(pair))
    if found.common is not None and found.alpha is not None:
        click.echo(
            f"first principal component of {len(found.components)} components: "
            f"{found.common:.0%} of the variance; Cronbach's alpha {found.alpha:.2f}"
        )


def _pair(pair: "Pair") -> str:
    said = "too few, or no variation"
    if pair.correlation is not None and pair.interval is not None:
        said = f"{pair.correlation:+.2f} ({pair.interval.low:+.2f} to {pair.interval.high:+.2f})"
    between = f"{pair.first} and {pair.second}, {pair.of}"
    return f"{between:<36} {said:<28} n {pair.n} of {pair.regions} regions"


COMMANDS = (sensitivity_command, next_command, correlations_command)
