"""`tilannekuva score alerts|national|support|forgotten|matrix`: what stands out in a week."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import open_app
from monitor.cli.parameters import Week, group_name
from monitor.values import Interval

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from monitor.risk.country import Alerts, ForgottenRegions, Matrix, News, NoPicture
    from monitor.risk.forgotten import Share
    from monitor.risk.national import GroupPicture

_week = click.option("--week", type=Week(), required=True, help="ISO week, such as 2026-W46.")
_json = click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")


@click.command("alerts")
@_week
@_json
def alerts_command(week: str, as_json: bool) -> None:
    """Regions and topics whose news stands above what their past leads one to expect.

    "observed" is the week's weighted stories, "expected" what the past predicts, "threshold" the least
    count that would have been an alert too, "p" how likely such a week is without any event, all methods
    combined. Of all alerts at most the share "false_discovery_rate" is false in the long run. Regions that
    were not heard are not tested: no alert does not mean that nothing happened there.
    """
    from monitor.risk import country

    app = open_app()
    found = country.week_alerts(app.engine, week)
    if isinstance(found, country.NoPicture):
        raise nothing(found)
    if as_json:
        echo_json(asdict(found))
        return
    click.echo(_tested(found))
    for alert in found.alerts:
        region = app.reference.region[alert.region].short.fi
        click.echo(
            f"{alert.region:<3} {region:<18} {alert.topic:<24} observed {alert.observed:.1f}, "
            f"expected {alert.expected:.1f}, threshold {alert.threshold:.1f}, p {alert.p_value:.2g}"
        )
        shown = (
            f"{k}={v if isinstance(v, str) else f'{v:.4g}'}" for k, v in alert.parameters.items()
        )
        click.echo(f"    {alert.method}: {', '.join(shown)}")


def _tested(found: "Alerts") -> str:
    if not found.tested:
        return (
            f"{found.week}: nothing could be tested: no region was heard well enough in this week "
            "and in enough weeks before it"
        )
    word = "alert" if len(found.alerts) == 1 else "alerts"
    return (
        f"{found.week}: {len(found.alerts) or 'no'} {word}; {found.tested} cells of "
        f"{found.regions} of {found.units} regions were tested"
    )


@click.command("national")
@_week
@_json
def national_command(week: str, as_json: bool) -> None:
    """Per roadmap group: is this week's rise the whole country's, single regions', or is there none?

    National: so many regions elevated at once would be rare by chance ("p"; the chance of any false one in
    a week is at most 5 %). Regional: the regions named stand out by themselves. Both are about the week's news.
    """
    from monitor.risk import country

    app = open_app()
    found = country.week_national(app.engine, week)
    if isinstance(found, country.NoPicture):
        raise nothing(found)
    if as_json:
        echo_json([asdict(picture) for picture in found])
        return
    for picture in found:
        name = group_name(app.reference, picture.group)
        click.echo(f"{name:<45} {_picture(picture, app.reference)}")


def _picture(picture: "GroupPicture", reference: "Reference") -> str:
    if picture.kind == "unheard":
        return "cannot be told: no region was heard well enough, now and in enough past weeks"
    chance = (
        f"{picture.elevated} of {picture.tested} regions elevated, "
        f"{picture.by_chance:.1f} by chance, p {picture.p_value:.2g}"
    )
    names = ", ".join(reference.region[unit].short.fi for unit in picture.regions)
    return f"{picture.kind}: {chance}" + (f": {names}" if names else "")


@click.command("support")
@_week
@click.option("--limit", type=click.IntRange(1), default=15, show_default=True, help="Lines.")
@_json
def support_command(week: str, limit: int, as_json: bool) -> None:
    """Where closing the readiness gap would lower a group's combined score most.

    "points" come off the group's score, with an 80 % interval, and "total" off the region's. The remedy is
    national where most of the gap is one that the median region has too, else regional.
    """
    from monitor.risk import country

    app = open_app()
    found = country.week_support(app.engine, week)
    if isinstance(found, country.NoPicture):
        raise nothing(found)
    if as_json:
        echo_json([asdict(line) for line in found])
        return
    if not found:
        click.echo(f"{week}: no region has both numbers and a readiness gap")
        return
    click.echo(
        f"{'':3} {'region':<18} {'group':<45} {'points':>18} {'total':>6} {'gap':>5} {'median':>7}  remedy"
    )
    for line in found[:limit]:
        total = "-" if line.total_reduction is None else f"{line.total_reduction:.1f}"
        name = app.reference.region[line.region].short.fi
        group = group_name(app.reference, line.group)
        click.echo(
            f"{line.region:<3} {name:<18} {group:<45} "
            f"{line.reduction:>5.1f} {_interval(line.interval, '.1f'):>12} {total:>6} "
            f"{line.gap:>5.2f} {line.median_gap:>7.2f}  {line.remedy}"
            + (f" (mostly {line.component})" if line.component else "")
        )


@click.command("forgotten")
@_week
@_json
def forgotten_command(week: str, as_json: bool) -> None:
    """Regions with poor readiness of which little is said.

    Poor: among the third of regions with the largest readiness gaps. Little said: among the third with the
    least news per 100,000 inhabitants, or heard less than 60 % of the time, over the last four weeks.
    """
    from monitor.risk import country

    app = open_app()
    found = country.week_forgotten(app.engine, week, app.reference)
    if isinstance(found, country.NoPicture):
        raise nothing(found)
    if as_json:
        echo_json(
            {
                "weeks": found.news.weeks,
                "missing_weeks": found.news.missing,
                "forgotten": [asdict(line) for line in found.regions],
                "unknown": found.unknown,
            }
        )
        return
    click.echo(_weeks(found.news))
    for line in _forgotten(found, app.reference):
        click.echo(line)


def _forgotten(found: "ForgottenRegions", reference: "Reference") -> Iterable[str]:
    if not found.regions:
        yield "no region has poor readiness and little coverage at once"
    for line in found.regions:
        rate = (
            f"{line.per_100_000:.2f} {_interval(line.interval, '.2f')} stories a week per 100,000"
            if line.per_100_000 is not None
            else "no inhabitants of its own"
        )
        yield (
            f"{line.region:<3} {reference.region[line.region].short.fi:<18} "
            f"readiness gap {line.readiness:.2f} ({line.readiness_rank} of {line.ranked}), {rate} "
            f"(n {line.stories:.1f}), heard {line.exposure:.0%}: {', '.join(line.why)}"
        )
    if found.unknown:
        names = ", ".join(reference.region[unit].short.fi for unit in found.unknown)
        yield f"cannot be told, no readiness number: {names}"


@click.command("matrix")
@_week
@click.option(
    "--of",
    "whole",
    type=click.Choice(("region", "topic")),
    default="region",
    show_default=True,
    help="A topic's share of the region's news, or a region's share of the topic's news.",
)
@_json
def matrix_command(week: str, whole: str, as_json: bool) -> None:
    """Region x topic coverage over the last four weeks, with n and an 80 % interval (Jeffreys).

    Counts are expected relevant stories, whatever their direction. A story may have several topics, so a
    row or column may sum to more than 100 %. A share of nothing is left out, and is not 0 %.
    """
    from monitor.risk import country

    app = open_app()
    found = country.week_matrix(app.engine, week, app.reference)
    if isinstance(found, country.NoPicture):
        raise nothing(found)
    if as_json:
        echo_json(
            {
                "weeks": found.news.weeks,
                "missing_weeks": found.news.missing,
                "level": found.level,
                "cells": [asdict(cell) for cell in found.cells],
            }
        )
        return
    click.echo(_weeks(found.news))
    for line in _matrix(found, whole, app.reference):
        click.echo(line)


def _matrix(found: "Matrix", whole: str, reference: "Reference") -> Iterable[str]:
    for cell in found.cells:
        share: Share = cell.of_region if whole == "region" else cell.of_topic
        if share.value is None or cell.of_region.part < 0.05:
            continue
        yield (
            f"{cell.region:<3} {reference.region[cell.region].short.fi:<18} {cell.topic:<24} "
            f"{share.value:>5.0%} {_interval(share.interval, '.0%'):>12}  "
            f"n {share.part:.1f} of {share.whole:.1f}"
        )


def _weeks(news: "News") -> str:
    said = f"{news.weeks[0]} to {news.weeks[-1]}, {len(news.weeks)} weeks"
    return said + (f"; not scored: {', '.join(news.missing)}" if news.missing else "")


def _interval(interval: Interval | None, form: str) -> str:
    return "" if interval is None else f"({interval.low:{form}}-{interval.high:{form}})"


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def nothing(found: "NoPicture") -> click.ClickException:
    run = f"run: tilannekuva score run --week {found.week}"
    if found.scored:
        return click.ClickException(
            f"the scores of {found.week} were computed with another methodology or before their "
            f"inputs were kept; {run}"
        )
    hint = f"scored weeks: {', '.join(found.known)}" if found.known else "no week is scored yet"
    return click.ClickException(f"{found.week} has no scores ({hint}); {run}")


COMMANDS = (
    alerts_command,
    national_command,
    support_command,
    forgotten_command,
    matrix_command,
)
