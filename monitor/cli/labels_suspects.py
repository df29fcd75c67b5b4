"""`tilannekuva labels suspects`: which labels of the training texts are probably wrong."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.training.dataset import Dataset
    from monitor.training.suspects import Judged, Suspect

TASKS = ("relevance", "topic", "direction", "region")


@click.command("suspects")
@click.option("--task", type=click.Choice(TASKS), help="One task; all of them unless given.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many, of all tasks together.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write them here too, one JSON object a line.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Cross-validate now (as long as training takes) instead of asking the versions in use.",
)
def suspects_command(task: str | None, top: int, out: Path | None, fresh: bool) -> None:
    """Labels of the training texts that are probably wrong: the surest of each task, then the second.

    Confident learning (Northcutt et al. 2021) on what the versions in use said of each text before they
    had learned from it. A suspect is worth reading again, no more: many are right, and hard. Each is
    shown with its file and line, the label it has, the label suggested, and how probable each is.
    """
    from classifiers.reference import load_reference
    from monitor.settings import load_settings
    from monitor.training.dataset import load_dataset
    from monitor.training.suspects import in_turn, suspects

    settings = load_settings()
    dataset = load_dataset(settings.labels_dir, load_reference(settings.labels_dir))
    judged = _judged(settings, dataset, (task,) if task else TASKS, fresh)
    found = in_turn([suspects(of_task) for of_task in judged])
    shown = found[:top]
    for suspect in shown:
        click.echo(_line(suspect))
    if out is not None:
        _write(out, shown)
    texts = max(len(of_task.examples) for of_task in judged)
    click.echo(_account(len(found), len(shown), texts), err=True)


def _judged(
    settings: "Settings", dataset: "Dataset", tasks: tuple[str, ...], fresh: bool
) -> list["Judged"]:
    from monitor.errors import ModelError
    from monitor.progress import Shown
    from monitor.training.judged import judged, judged_afresh
    from monitor.training.sides import asked

    examples = dataset.examples
    if fresh:
        steps = Shown().over(tasks, "cross-validate", len(tasks))
        return [judged_afresh(settings, examples, task) for task in steps]
    used, made = _in_use(settings), []
    for task in tasks:
        if task not in used:
            raise ModelError(f"no version of {task} is in use; run tilannekuva train, or --fresh")
        made.append(judged(settings, examples, task, used[task]))
        new = sum(asked(task, e) for e in examples) - len(made[-1].examples)
        if new:
            click.echo(
                f"{task}: {new} texts are newer than {used[task]} and not judged; "
                "train again, or use --fresh",
                err=True,
            )
    return made


def _in_use(settings: "Settings") -> dict[str, str]:
    from monitor.app import make_app
    from monitor.training import registry

    engine = make_app(settings).engine
    try:
        return registry.in_use(engine, settings.models_dir)
    finally:
        engine.dispose()


def _line(s: "Suspect") -> str:
    return (
        f"corpus/{s.example.origin} ({s.example.text.id})  {s.task}: "
        f"given {s.given} {s.p_given:.2f}, suggested {s.suggested} {s.p_suggested:.2f}  "
        f"{s.example.text.title}"
    )


def _write(out: Path, shown: list["Suspect"]) -> None:
    lines = (json.dumps(_row(s), ensure_ascii=False) + "\n" for s in shown)
    try:
        out.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{str(out)!r} cannot be written: {error.strerror}") from error


def _row(s: "Suspect") -> dict[str, Any]:
    file, _, line = s.example.origin.rpartition(":")
    return {
        "file": f"corpus/{file}",
        "line": int(line),
        "id": s.example.text.id,
        "task": s.task,
        "given": s.given,
        "suggested": s.suggested,
        "probability": {"given": round(s.p_given, 4), "suggested": round(s.p_suggested, 4)},
        "title": s.example.text.title,
    }


def _account(found: int, shown: int, texts: int) -> str:
    if not found:
        return f"no label of {texts} texts is suspect"
    more = f", of them shown: {shown}" if shown < found else ""
    return f"suspect labels: {found}{more}, in {texts} texts"
