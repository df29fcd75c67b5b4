"""`tilannekuva train`: learns the classifiers from labels/ and says how good they are."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from monitor.training.decisions import LeftOut

SHOWN = 20  # keys of texts left out for one reason that are named
TASKS = ("relevance", "region", "topic", "direction")  # classifiers.values is not loaded for --help


@click.command("train")
@click.option(
    "--task", "tasks", type=click.Choice(TASKS), multiple=True, help="Only this task; repeatable."
)
@click.option("--seed", type=int, help="Seed of folds and solvers; the setting SEED otherwise.")
@click.option(
    "--activate/--no-activate", default=False, help="Put the versions in use in the store."
)
@click.option(
    "--override", metavar="REASON", help="With --activate: what the gate refuses too; audited."
)
@click.option("--ship", is_flag=True, help="Name the versions in models/active.json.")
@click.option(
    "--texts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help='JSONL of {"id", "title", "text", "language"} with texts of labels/decisions; repeatable.',
)
def train_command(
    tasks: tuple[str, ...],
    seed: int | None,
    activate: bool,
    override: str | None,
    ship: bool,
    texts: tuple[Path, ...],
) -> None:
    """Train the classifiers from labels/ into models/.

    A version is a folder that never changes; the same texts, definitions and seed give the same one.
    Prints how good each is by cross-validation, with 95 % intervals. Broken lines of the corpus are
    named and left out.

    What people decided (labels/decisions) is learned from too where its text is found as it was labelled:
    in the files of --texts, else in the store. What is not found, has changed, or is answered otherwise by
    another person is named and left out.
    """
    from monitor.progress import Shown
    from monitor.settings import load_settings
    from monitor.training import registry
    from monitor.training.exchange import text_finder
    from monitor.training.train import train_all

    settings = load_settings()
    report = train_all(
        settings, Shown(), tasks or TASKS, seed=seed, texts=text_finder(texts, _engine)
    )
    for mistake in report.mistakes:
        click.echo(f"left out: {mistake}", err=True)
    for line in _not_learned(report.left_out):
        click.echo(f"left out: {line}", err=True)
    decided = report.sources.get("decision", 0)
    people = f", {decided} of them decided by people" if decided else ""
    click.echo(f"texts: {report.examples}{people}" + _left_out(len(report.mistakes)))
    for made in report.versions:
        click.echo(f"{made.task} {made.version}: {made.folder}")
        click.echo(figures(made.evaluation))
    chosen = {made.task: made.version for made in report.versions}
    if activate:
        _activate(chosen, override)
    else:
        click.echo("not put in use; --activate does that")
    if ship:
        registry.ship(settings.models_dir, chosen)
        click.echo(f"named in {settings.models_dir / registry.SHIPPED}")


def _engine() -> "Engine":
    from monitor.app import make_app
    from monitor.settings import load_settings

    return make_app(load_settings()).engine


def _not_learned(left_out: "Sequence[LeftOut]") -> list[str]:
    """One line for each reason, naming the first texts it holds of."""
    keys: dict[str, list[str]] = defaultdict(list)
    for one in left_out:
        keys[one.reason].append(one.key)
    return [
        f"{len(some)} decided texts: {reason}: {', '.join(some[:SHOWN])}"
        + (f" and {len(some) - SHOWN} more" if len(some) > SHOWN else "")
        for reason, some in sorted(keys.items())
    ]


def _activate(chosen: dict[str, str], override: str | None) -> None:
    from monitor.app import make_app
    from monitor.settings import load_settings
    from monitor.training import gate

    app = make_app(load_settings())
    changed = gate.activate(
        app.engine, app.settings, chosen, app.clock,
        by="command line", reason="trained", override=override,
    )  # fmt: skip
    app.engine.dispose()
    click.echo(f"put in use: {', '.join(changed)}" if changed else "these were in use already")


def figures(evaluation: dict[str, Any]) -> str:
    """eval.json's figures of all texts and of each language, a line each."""
    parts = [("all", evaluation["overall"]), *sorted(evaluation["by_language"].items())]
    embedded = evaluation.get("embedded")
    seeing = {"score": evaluation["score"], **embedded} if embedded else None
    return "\n".join(
        f"  {name:<4} {evaluation['score']} {f['value']:.3f} ({f['low']:.3f}-{f['high']:.3f})"
        f"  precision {f['precision']:.3f}  recall {f['recall']:.3f}"
        f"  calibration error {f['calibration_error']:.3f}  n {f['n']}"
        for name, f in parts
    ) + (f"\n  with embeddings:\n{figures(seeing)}" if seeing else "")


def _left_out(mistakes: int) -> str:
    return f", {mistakes} lines left out" if mistakes else ""
