"""`tilannekuva score`: compute, show, explain and rebuild the weekly risk scores."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from classifiers.reference import Reference
from monitor.cli.opening import open_app
from monitor.cli.parameters import KnownAt, Week, group_name, region_code
from monitor.cli.score_alerts import COMMANDS
from monitor.cli.score_next import COMMANDS as NEXT_COMMANDS
from monitor.values import ALL_GROUPS, Interval, NotReady, Score

if TYPE_CHECKING:  # slow to import
    from monitor.app import App
    from monitor.risk.explain import Node
    from monitor.risk.inputs import WeekInputs

_week = click.option("--week", type=Week(), required=True, help="ISO week, such as 2026-W46.")
_as_of = click.option(
    "--as-of",
    type=KnownAt(),
    help="Only what was known then: the end of that day in Helsinki, or 2026-11-16T12:00.",
)


@click.group("score")
def score_group() -> None:
    """Compute, show, explain and rebuild scores; alerts, and what stands out in the country."""


for _command in (*COMMANDS, *NEXT_COMMANDS):
    score_group.add_command(_command)


@score_group.command("run")
@_week
@_as_of
def run(week: str, as_of: datetime | None) -> None:
    """Compute the scores and alerts of a week; the same inputs change nothing.

    With --as-of, the scores are kept beside those in force, with their inputs, and compared with them.
    """
    from monitor import pipeline

    app = open_app(shown=True)
    if as_of is not None:
        _run_as_of(app, week, as_of)
        return
    _refuse_future(app, week)
    report = pipeline.score(app, [week])
    if week in report.unchanged:
        click.echo(f"{week}: the inputs are those of the scores in force; nothing was written")
        return
    click.echo(
        f"{week}: {report.written} scores written, {report.alerts} alerts, "
        f"{report.not_ready[week]} regions without a combined score"
    )


def _run_as_of(app: "App", week: str, at: datetime) -> None:
    from monitor.db.engine import reading
    from monitor.db.scores import current_scores
    from monitor.risk.run import keep_aside

    inputs, found = _computed(app, week, at)
    with reading(app.engine) as session:
        now = {(s.region, s.group): s for s in current_scores(session, week)}
    written = keep_aside(app.engine, inputs, found, at, app.clock)
    ready = sum(isinstance(s.combined, float) for s in found if s.group == ALL_GROUPS)
    click.echo(
        f"{week} as of {at:%Y-%m-%d %H:%M}: {written} scores kept beside those in force, "
        f"{ready} regions with a combined score; inputs {found[0].input_hash[:12]}"
    )
    if now:
        other = sum(s.combined != now[s.region, s.group].combined for s in found)
        click.echo(f"{other} of {len(found)} combined scores differ from those in force")


@score_group.command("show")
@_week
@_as_of
@click.option("--group", default=ALL_GROUPS, show_default=True, help="Roadmap group, or all.")
def show(week: str, as_of: datetime | None, group: str) -> None:
    """Print the three numbers of every region, each with its 80 % interval, and the coverage."""
    app = open_app()
    scores = _stored(app, week) if as_of is None else _computed(app, week, as_of)[1]
    chosen = [s for s in scores if s.group == group]
    if not chosen:
        groups = ", ".join((*app.reference.group, ALL_GROUPS))
        raise click.ClickException(f"{group!r} is no roadmap group; give one of {groups}")
    click.echo(
        f"{'':3} {'region':<18} {'combined 0-100':>16} {'rank':>5} {'range':>6} "
        f"{'readiness gap':>18} {'media pressure':>18} {'heard':>6}"
    )
    for score in sorted(chosen, key=_by_rank):
        click.echo(_row(score, app.reference))
    for line in _reasons(chosen):
        click.echo(line)


@score_group.command("explain")
@click.argument("region")
@_week
@_as_of
@click.option("--group", help="Only this roadmap group.")
@click.option(
    "--depth",
    type=click.IntRange(0, 4),
    default=4,
    show_default=True,
    help="Levels below the region: groups, parts, articles and readiness rows, claims.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(
    region: str, week: str, as_of: datetime | None, group: str | None, depth: int, as_json: bool
) -> None:
    """Print what a region's combined score is made of, down to sentences and readiness rows.

    REGION is a code such as 06 or HUS, or a short name in Finnish, Swedish or English. Every line's
    points are the sum of those below it.
    """
    from monitor.risk.explain import cut

    app = open_app()
    code = region_code(region, app.reference)
    if group is not None and group not in app.reference.group:
        raise click.ClickException(f"{group!r} is no roadmap group of {region}")
    score, node = _explained(app, code, week, as_of, group or ALL_GROUPS)
    # A group alone lies one level deeper in the tree than the region it is taken from.
    shown = None if node is None else cut(node, depth if group is None else max(depth - 1, 0))
    if as_json:
        click.echo(_json(score, shown))
        return
    name = app.reference.region[code].short.fi
    scope = "" if group is None else f" {group_name(app.reference, group)}"
    number = _number(score.combined, score.combined_interval)
    click.echo(f"{name} {week}{scope}: combined {number}")
    for line in _reasons([score]):
        click.echo(line)
    for child in shown.children if shown else ():
        _print(child, 0)


def _explained(
    app: "App", code: str, week: str, as_of: datetime | None, group: str
) -> tuple[Score, "Node | None"]:
    from monitor.db.engine import reading
    from monitor.db.views import region_scores
    from monitor.risk import why

    if as_of is not None:
        inputs, found = _computed(app, week, as_of)
        mine = [s for s in found if s.region == code]
        with reading(app.engine) as session:
            node = why.explain_as_of(session, mine, inputs, as_of, app.reference, group)
    else:
        with reading(app.engine) as session:
            mine = region_scores(session, code, week)
            node = why.explain(session, mine, app.reference, group) if mine else None
        if not mine:
            _stored(app, week)  # says what to do
    return next(s for s in mine if s.group == group), node


def _json(score: Score, node: "Node | None") -> str:
    import json
    from dataclasses import asdict

    from monitor.db.scores import to_json

    kept = {k: v for k, v in to_json(score).items() if k != "contributions"}
    told = {**kept, "explained": None if node is None else asdict(node)}
    return json.dumps(told, ensure_ascii=False, indent=2)


def _print(node: "Node", level: int) -> None:
    click.echo(f"{'    ' * level}{node.value:8.2f}  {_line(node)}")
    for child in node.children:
        _print(child, level + 1)


def _line(node: "Node") -> str:
    facts = node.facts
    match node.kind:
        case "claim":
            said = f" “{node.label}”" if node.label else ""
            by = "" if facts["author"] == "model" else f", {facts['author']}"
            return f"{node.ref} {facts['probability']:.2f}{by}{said}"
        case "article":
            return f"article {node.ref}: {node.label} ({facts['outlet']}) {facts['address']}"
        case "row":
            told = "; ".join(f"{k} {v}" for k, v in facts.items() if v not in (None, ""))
            return f"{node.ref}: {node.label} ({told})"
        case "group":
            return node.ref
        case "rest":
            return "expected from earlier weeks"
        case "unknown":
            return "what it rests on is not kept any more"
        case "readiness":
            return f"{node.kind} {node.ref}: {_in_words(node.label)}"
        case _:
            return f"{node.kind} {node.ref}: {node.label}"


def _in_words(detail: str) -> str:
    from monitor.i18n import Translator
    from monitor.readiness.details import words

    return words(detail, Translator("en"))


@score_group.command("rebuild")
@click.argument("week", type=Week())
def rebuild(week: str) -> None:
    """Compute the stored scores of WEEK again from their frozen inputs and compare the bytes.

    The exit code is 1 where they differ or cannot be rebuilt.
    """
    from monitor.risk.rebuild import NotKept, OtherConstants, Rebuilt
    from monitor.risk.rebuild import rebuild as compute

    app = open_app()
    match compute(app.engine, week):
        case Rebuilt(differing=(), input_hash=digest, rows=rows):
            click.echo(
                f"{week}: {rows} scores rebuilt from inputs {digest[:12]}, every byte the same"
            )
        case Rebuilt(differing=cells, rows=rows, largest=largest):
            named = ", ".join(
                f"{region} {group_name(app.reference, group)}" for region, group in cells[:5]
            )
            raise click.ClickException(
                f"{week}: {len(cells)} of {rows} scores differ, by at most {largest:.3g} points: {named}"
            )
        case OtherConstants(stored=stored, here=here):
            raise click.ClickException(
                f"{week} was computed with {stored}, this program has {here}; "
                "rebuild it with the program that has those constants"
            )
        case NotKept(scored=True):
            raise click.ClickException(
                f"the inputs of {week} are not kept; run: tilannekuva score run --week {week}"
            )
        case NotKept():
            _stored(app, week)  # says what to do


def _refuse_future(app: "App", week: str) -> None:
    from monitor.weeks import week_of

    running = week_of(app.clock())
    if week > running:
        raise click.ClickException(f"{week} has not begun; the running week is {running}")


def _computed(app: "App", week: str, at: datetime) -> tuple["WeekInputs", tuple[Score, ...]]:
    from monitor import pipeline
    from monitor.risk.run import NotThen

    if at > app.clock():
        raise click.ClickException(f"--as-of {at:%Y-%m-%d %H:%M} has not come yet")
    found = pipeline.score_as_of(app, week, at)
    if isinstance(found, NotThen):
        raise click.ClickException(
            f"on {at:%Y-%m-%d} {week} had not begun; the running week was {found.running}"
        )
    return found


def _stored(app: "App", week: str) -> list[Score]:
    from monitor.db.engine import reading
    from monitor.db.scores import current_scores, weeks_scored

    with reading(app.engine) as session:
        scores = current_scores(session, week)
        known = weeks_scored(session)
    if not scores:
        hint = f"scored weeks: {', '.join(known)}" if known else "no week is scored yet"
        raise click.ClickException(
            f"{week} has no scores ({hint}); run: tilannekuva score run --week {week}"
        )
    return scores


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


def _reasons(scores: Iterable[Score]) -> Sequence[str]:
    return [
        f"{s.region}: not ready: " + "; ".join(_words(reason) for reason in s.combined.reasons)
        for s in scores
        if isinstance(s.combined, NotReady)
    ]


def _words(reason: str) -> str:
    name, value, needed = reason.split(":")
    what = {
        "coverage": "share of its usual hearing that was alive",
        "readiness": "share of the readiness weight that has data",
    }[name]
    return f"{what} is {value}, at least {needed} is needed"
