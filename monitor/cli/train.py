"""`tilannekuva train`: learns the classifiers from labels/ and says how good they are."""

from typing import Any

import click

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
def train_command(
    tasks: tuple[str, ...], seed: int | None, activate: bool, override: str | None, ship: bool
) -> None:
    """Train the classifiers from labels/ into models/.

    A version is a folder that never changes; the same texts, definitions and seed give the same one.
    Prints how good each is by cross-validation, with 95 % intervals. Broken lines of the corpus are
    named and left out.
    """
    from monitor.progress import Shown
    from monitor.settings import load_settings
    from monitor.training import registry
    from monitor.training.train import train_all

    settings = load_settings()
    report = train_all(settings, Shown(), tasks or TASKS, seed=seed)
    for mistake in report.mistakes:
        click.echo(f"left out: {mistake}", err=True)
    click.echo(f"texts: {report.examples}" + _left_out(len(report.mistakes)))
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
    return "\n".join(
        f"  {name:<4} {evaluation['score']} {f['value']:.3f} ({f['low']:.3f}-{f['high']:.3f})"
        f"  precision {f['precision']:.3f}  recall {f['recall']:.3f}"
        f"  calibration error {f['calibration_error']:.3f}  n {f['n']}"
        for name, f in parts
    )


def _left_out(mistakes: int) -> str:
    return f", {mistakes} lines left out" if mistakes else ""
