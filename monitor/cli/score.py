"""`tilannekuva score`: compute, show and explain the weekly risk scores."""

from collections.abc import Iterable, Sequence

import click

from classifiers.reference import Reference
from monitor.cli.parameters import Week
from monitor.values import ALL_GROUPS, Contribution, Interval, NotReady, Score

_week = click.option("--week", type=Week(), required=True, help="ISO week, such as 2026-W46.")


@click.group("score")
def score_group() -> None:
    """Compute, show and explain scores."""


@score_group.command("run")
@_week
def run(week: str) -> None:
    """Compute the scores and alerts of a week; the same inputs change nothing."""
    from monitor import pipeline
    from monitor.app import make_app
    from monitor.progress import Shown
    from monitor.settings import load_settings

    report = pipeline.score(make_app(load_settings(), progress=Shown()), [week])
    if week in report.unchanged:
        click.echo(f"{week}: the inputs are those of the scores in force; nothing was written")
        return
    click.echo(
        f"{week}: {report.written} scores written, {report.alerts} alerts, "
        f"{report.not_ready[week]} regions without a combined score"
    )


@score_group.command("show")
@_week
@click.option("--group", default=ALL_GROUPS, show_default=True, help="Roadmap group, or all.")
def show(week: str, group: str) -> None:
    """Print the three numbers of every region, each with its 80 % interval, and the coverage."""
    reference, scores = _stored(week)
    chosen = [s for s in scores if s.group == group]
    if not chosen:
        groups = ", ".join((*reference.group, ALL_GROUPS))
        raise click.ClickException(f"{group!r} is no roadmap group; give one of {groups}")
    click.echo(
        f"{'':3} {'region':<18} {'combined 0-100':>16} {'rank':>5} {'range':>6} "
        f"{'readiness gap':>18} {'media pressure':>18} {'heard':>6}"
    )
    for score in sorted(chosen, key=_by_rank):
        click.echo(_row(score, reference))
    for line in _reasons(chosen):
        click.echo(line)


@score_group.command("explain")
@click.argument("region")
@_week
@click.option("--group", help="Only this roadmap group.")
def explain(region: str, week: str, group: str | None) -> None:
    """Print what a region's combined score is made of: groups, then components and stories.

    REGION is a code such as 06 or HUS, or a short name in Finnish, Swedish or English.
    """
    from monitor.risk.score import contribution_tree

    reference, scores = _stored(week)
    code = _code(region, reference)
    mine = [s for s in scores if s.region == code]
    name = reference.region[code].short.fi
    if group is not None:
        _explain_group(mine, group, name)
        return
    total = next(s for s in mine if s.group == ALL_GROUPS)
    click.echo(f"{name} {week}: combined {_number(total.combined, total.combined_interval)}")
    for share, leaves in contribution_tree(mine):
        click.echo(f"{share.value:8.2f}  {share.label}")
        _leaves(leaves, "    ")


def _explain_group(mine: Sequence[Score], group: str, name: str) -> None:
    score = next((s for s in mine if s.group == group), None)
    if score is None:
        raise click.ClickException(f"{group!r} is no roadmap group of {name}")
    click.echo(
        f"{name} {score.week} {group}: combined {_number(score.combined, score.combined_interval)}"
    )
    _leaves(score.contributions, "")


def _leaves(leaves: Iterable[Contribution], indent: str) -> None:
    for leaf in sorted(leaves, key=lambda c: -abs(c.value)):
        click.echo(f"{indent}{leaf.value:8.2f}  {leaf.kind} {leaf.ref}: {leaf.label}")


def _stored(week: str) -> tuple[Reference, list[Score]]:
    from monitor.app import make_app
    from monitor.db.engine import reading
    from monitor.db.scores import current_scores, weeks_scored
    from monitor.settings import load_settings

    app = make_app(load_settings())
    with reading(app.engine) as session:
        scores = current_scores(session, week)
        known = weeks_scored(session)
    if not scores:
        hint = f"scored weeks: {', '.join(known)}" if known else "no week is scored yet"
        raise click.ClickException(
            f"{week} has no scores ({hint}); run: tilannekuva score run --week {week}"
        )
    return app.reference, scores


def _code(region: str, reference: Reference) -> str:
    for code in reference.units:
        short = reference.region[code].short
        if region.casefold() in {n.casefold() for n in (code, short.fi, short.sv, short.en)}:
            return code
    raise click.ClickException(
        f"{region!r} is no region; give a code ({', '.join(reference.units)}) or a short name"
    )


def _by_rank(score: Score) -> tuple[bool, int, str]:
    return (score.rank is None, score.rank or 0, score.region)


def _row(score: Score, reference: Reference) -> str:
    span = score.rank_range
    return (
        f"{score.region:<3} {reference.region[score.region].short.fi:<18} "
        f"{_number(score.combined, score.combined_interval, '.0f'):>16} "
        f"{score.rank or '-':>5} {f'{span[0]}-{span[1]}' if span else '-':>6} "
        f"{_number(score.readiness, score.readiness_interval):>18} "
        f"{_number(score.media, score.media_interval):>18} {score.coverage.exposure:>6.0%}"
    )


def _number(value: float | NotReady, interval: Interval | None, form: str = ".2f") -> str:
    if isinstance(value, NotReady) or interval is None:
        return "not ready"
    return f"{value:{form}} ({interval.low:{form}}-{interval.high:{form}})"


def _reasons(scores: Iterable[Score]) -> Iterable[str]:
    for score in scores:
        if isinstance(score.combined, NotReady):
            said = "; ".join(_words(reason) for reason in score.combined.reasons)
            yield f"{score.region}: not ready: {said}"


def _words(reason: str) -> str:
    name, value, needed = reason.split(":")
    what = {
        "coverage": "share of its usual hearing that was alive",
        "readiness": "share of the readiness weight that has data",
    }[name]
    return f"{what} is {value}, at least {needed} is needed"
