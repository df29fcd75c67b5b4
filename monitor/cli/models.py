"""`tilannekuva models`: trained versions: which there are, how good they are, which is in use."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.train import TASKS, figures

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from monitor.app import App
    from monitor.settings import Settings
    from monitor.training.compare import Difference
    from monitor.training.verify import Checked

_LABELLED = click.option(
    "--on",
    "labelled",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Measure on this labelled JSONL (format of labels/corpus) instead.",
)
_BY = click.option(
    "--by", default="command line", show_default=True, help="Who, for the audit trail."
)


@click.group("models")
def models_group() -> None:
    """Trained versions: which there are, how good they are, which is in use.

    A VERSION is named as `models list` shows it, or by the beginning of its name.
    """


@models_group.command("list")
def list_command() -> None:
    """Every version on disk with its score by cross-validation; * marks those in use."""
    from monitor.errors import ModelError
    from monitor.training import registry

    with closing(_Store()) as store:
        models, used = store.settings.models_dir, store.in_use()
    for task in TASKS:
        names = registry.versions(models, task)
        for name in names:
            mark = "*" if used.get(task) == name else " "
            try:
                said = _score(registry.evaluation(models, task, name))
            except ModelError:
                said = "damaged; tilannekuva models verify says how"
            click.echo(f"{mark} {task:<9} {name}  {said}")
        if used.get(task) not in names:
            click.echo(f"! {task:<9} {used.get(task, 'no version')} is in use and not on disk")


@models_group.command("verify")
@click.argument("versions", nargs=-1, metavar="[VERSION]...")
def verify_command(versions: tuple[str, ...]) -> None:
    """Check versions (all unless named): their files by SHA-256, and what they say of a few texts against
    what they said when they were trained. Exit code 1 where one is not sound."""
    from monitor.settings import load_settings
    from monitor.training import registry
    from monitor.training.verify import checked

    settings = load_settings()
    models = settings.models_dir
    wanted = [registry.find(models, v) for v in versions] or [
        (task, name) for task in TASKS for name in registry.versions(models, task)
    ]
    found = [checked(models, settings.labels_dir, task, name) for task, name in wanted]
    for check in found:
        click.echo(_verdict(check))
    sys.exit(0 if all(check.sound for check in found) else 1)


@click.command("evaluate")
@click.argument("versions", nargs=-1, metavar="[VERSION]...")
@_LABELLED
def evaluate_command(versions: tuple[str, ...], labelled: Path | None) -> None:
    """How good versions are (those in use unless named), with 95 % intervals: of all texts, of each
    language and of each label. By cross-validation, as stored when they were trained; or on --on FILE."""
    from monitor.training import registry

    with closing(_Store()) as store:
        settings = store.settings
        chosen = [registry.find(settings.models_dir, v) for v in versions]
        chosen = chosen or list(store.in_use().items())
    for task, name in chosen:
        if labelled is None:
            evaluation = registry.evaluation(settings.models_dir, task, name)
        else:
            evaluation = _measured(settings, labelled, task, name)
        click.echo(f"{task} {name}: {evaluation['method']}")
        click.echo(figures(evaluation))
        click.echo(_by_label(evaluation))


@click.command("compare")
@click.argument("a")
@click.argument("b")
@_LABELLED
def compare_command(a: str, b: str, labelled: Path | None) -> None:
    """Versions A and B of one task side by side: of all texts, each language, each label (regions too).

    The texts are those of the corpus that neither had learned from when it judged them, or --on FILE. The
    interval of the difference B - A is 95 %, by paired bootstrap over stories; where it holds 0 the
    difference is noise. "active" names the version in use.
    """
    with closing(_Store()) as store:
        settings = store.settings
        task, names = _pair(store, a, b)
    differences, what = _differences(settings, labelled, task, names)
    click.echo(f"{task}: A {names[0]}, B {names[1]}, on {differences[0].n} {what}")
    click.echo(f"{'':<26}{'n':>6}{'A':>8}{'B':>8}{'B - A':>9}  95 % interval")
    for d in differences:
        click.echo(_difference(d))
    labels = sum(d.kind == "label" for d in differences)
    if labels:
        click.echo(f"Of {labels} labels about {labels / 20:.0f} would differ by chance alone.")


@click.command("activate")
@click.argument("versions", nargs=-1, required=True, metavar="VERSION...")
@click.option(
    "--reason", default="activated by hand", show_default=True, help="For the audit trail."
)
@click.option(
    "--override", metavar="REASON", help="Put in use what the gate refuses; REASON is audited."
)
@_BY
def activate_command(versions: tuple[str, ...], reason: str, override: str | None, by: str) -> None:
    """Put versions in use, one of a task. They must pass the gate: whole, saying what they said when
    trained, above the floors of monitor/training/gate.yaml, and not worse than the version in use by more
    than noise."""
    from monitor.training import gate, registry

    with closing(_Store()) as store:
        settings = store.settings
        found = [registry.find(settings.models_dir, v) for v in versions]
        if len({task for task, _ in found}) < len(found):
            raise click.UsageError("name one version of a task")
        changed = gate.activate(
            store.engine, settings, dict(found), store.app.clock,
            by=by, reason=reason, override=override,
        )  # fmt: skip
    click.echo(f"put in use: {', '.join(changed)}" if changed else "these were in use already")


@click.command("rollback")
@click.argument("tasks", nargs=-1, required=True, metavar="TASK...", type=click.Choice(TASKS))
@click.option("--reason", default="rolled back", show_default=True, help="For the audit trail.")
@_BY
def rollback_command(tasks: tuple[str, ...], reason: str, by: str) -> None:
    """Put the version of each TASK that was in use before the current one in use again."""
    from monitor.training import registry

    with closing(_Store()) as store:
        back = registry.roll_back(
            store.engine, store.settings.models_dir, tasks, store.app.clock, by=by, reason=reason
        )
    for task, version in back.items():
        click.echo(f"{task}: {version} is in use again")


for _command in (evaluate_command, compare_command, activate_command, rollback_command):
    models_group.add_command(_command)


class _Store:
    """The application, for commands that need to know what is in use."""

    def __init__(self) -> None:
        from monitor.app import make_app
        from monitor.settings import load_settings

        self.app: App = make_app(load_settings())

    @property
    def settings(self) -> "Settings":
        return self.app.settings

    @property
    def engine(self) -> "Engine":
        return self.app.engine

    def in_use(self) -> dict[str, str]:
        from monitor.training import registry

        used = registry.in_use(self.engine, self.settings.models_dir)
        return {task: used[task] for task in TASKS if task in used}

    def close(self) -> None:
        self.engine.dispose()


def _pair(store: _Store, a: str, b: str) -> tuple[str, tuple[str, str]]:
    from monitor.training import registry

    named = [registry.find(store.settings.models_dir, v) for v in (a, b) if v != "active"]
    if len({task for task, _ in named}) != 1:
        raise click.UsageError("A and B must be two versions of one task")
    task, used = named[0][0], store.in_use()
    names = iter(name for _, name in named)
    if task not in used and "active" in (a, b):
        raise click.UsageError(f"no version of {task} is in use")
    first, second = (used[task] if v == "active" else next(names) for v in (a, b))
    return task, (first, second)


def _differences(
    settings: "Settings", labelled: Path | None, task: str, names: tuple[str, str]
) -> tuple[list["Difference"], str]:
    from classifiers.reference import load_reference
    from monitor.errors import ModelError
    from monitor.training.compare import compare
    from monitor.training.dataset import load_dataset
    from monitor.training.sides import labelled_sides, unseen_sides

    if labelled is None:
        dataset = load_dataset(settings.labels_dir, load_reference(settings.labels_dir))
        sides = unseen_sides(settings, dataset.examples, task, *names)
        if sides is None:
            raise ModelError(
                "one of the two stored no predictions of texts it had not seen; compare them on a "
                "labelled file with --on FILE"
            )
        what = "texts of the corpus that both had not seen"
    else:
        sides = labelled_sides(settings, _labelled(settings, labelled), task, *names)
        what = f"texts of {labelled}"
    if not sides.examples:
        raise ModelError(f"there are no {what} to compare on")
    return compare(sides, seed=settings.seed), what


def _labelled(settings: "Settings", path: Path) -> Sequence[Any]:
    from classifiers.reference import load_reference
    from monitor.training.sides import load_labelled

    examples, mistakes = load_labelled(path, load_reference(settings.labels_dir))
    for mistake in mistakes:
        click.echo(f"left out: {mistake}", err=True)
    return examples


def _measured(settings: "Settings", path: Path, task: str, name: str) -> dict[str, Any]:
    from monitor.training.measure import measured

    return measured(settings, _labelled(settings, path), task, name, str(path))


def _verdict(check: "Checked") -> str:
    name = f"{check.task:<9} {check.version}"
    if check.damage:
        return f"{name}  NOT SOUND: {check.damage}"
    if check.golden is None:
        return f"{name}  whole; it stored no golden predictions"
    if check.deviations:
        return f"{name}  NOT SOUND: whole, but " + "; ".join(check.deviations)
    return f"{name}  whole, and says what it said of {check.golden} texts"


def _score(evaluation: dict[str, Any]) -> str:
    overall = evaluation["overall"]
    parts = [f"{lang} {f['value']:.3f}" for lang, f in sorted(evaluation["by_language"].items())]
    return (
        f"{evaluation['score']} {overall['value']:.3f} ({overall['low']:.3f}-{overall['high']:.3f})"
        f"  {'  '.join(parts)}  n {overall['n']}"
    )


def _by_label(evaluation: dict[str, Any]) -> str:
    return "\n".join(
        f"    {label:<20} F1 {f['f1']:.3f}  precision {f['precision']:.3f}  "
        f"recall {f['recall']:.3f}  n {f['n']}"
        for label, f in evaluation["by_label"].items()
    )


def _difference(d: "Difference") -> str:
    name = d.part if d.kind == "all" else f"{d.kind} {d.part}"
    return (
        f"{name:<26}{d.n:>6}{d.a:>8.3f}{d.b:>8.3f}{d.b - d.a:>+9.3f}  "
        f"{d.low:+.3f} to {d.high:+.3f}  {d.verdict}"
    )
