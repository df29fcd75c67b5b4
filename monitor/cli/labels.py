"""`tilannekuva labels`: what the training texts are made of, and what is wrong with them."""

import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.labels_decisions import agreement_command, export_command, import_command
from monitor.cli.labels_next import next_command
from monitor.cli.labels_suspects import suspects_command

if TYPE_CHECKING:
    from classifiers.reference import Reference
    from classifiers.values import Example
    from monitor.training.dataset import Dataset
    from monitor.training.labels import Count


@click.group("labels")
def labels_group() -> None:
    """What is learned from: the training texts in labels/corpus, and what people decided of articles."""


labels_group.add_command(suspects_command)
labels_group.add_command(next_command)
labels_group.add_command(export_command)
labels_group.add_command(import_command)
labels_group.add_command(agreement_command)


@labels_group.command("stats")
def stats_command() -> None:
    """Count the training texts by language, register, topic, direction and region.

    "few" marks topics with fewer than 50 texts in a language and regions with fewer than 30.
    """
    from monitor.training.labels import short, stats

    dataset, reference = _read()
    for kind, counts in stats(dataset.examples, reference).items():
        click.echo(f"{kind:<32}{'all':>6}{'fi':>6}{'sv':>6}")
        for count in counts:
            click.echo(_row(count, kind, reference) + ("  few" if short(kind, count) else ""))
    if dataset.mistakes:
        click.echo(
            f"lines left out: {len(dataset.mistakes)}; see tilannekuva labels check", err=True
        )


@labels_group.command("check")
@click.option(
    "--similar",
    type=click.FloatRange(0.3, 1.0),
    default=0.5,
    show_default=True,
    help="Share of common four-word runs from which two texts are near-duplicates.",
)
def check_command(similar: float) -> None:
    """Name every line of labels/corpus and labels/decisions that cannot be used, and texts that are nearly the same (MinHash;
    those that name one "story" are meant to be). Exit code 1 where there is any."""
    from monitor.training.labels import near_duplicates

    dataset, _ = _read()
    for mistake in dataset.mistakes:
        click.echo(str(mistake))
    pairs = near_duplicates(dataset.examples, similar)
    for pair in pairs:
        click.echo(
            f"{_where(pair.b)} is {pair.similarity:.0%} the same as {_where(pair.a)}; "
            "rewrite or delete one, or give both the same story"
        )
    click.echo(
        f"texts: {len(dataset.examples)}, broken lines: {len(dataset.mistakes)}, "
        f"near-duplicates: {len(pairs)}"
    )
    sys.exit(1 if dataset.mistakes or pairs else 0)


def _read() -> tuple["Dataset", "Reference"]:
    from classifiers.reference import load_reference
    from monitor.settings import load_settings
    from monitor.training.dataset import load_dataset

    labels = load_settings().labels_dir
    reference = load_reference(labels)
    return load_dataset(labels, reference), reference


def _row(count: "Count", kind: str, reference: "Reference") -> str:
    name = count.name
    if kind == "region" and name in reference.region:
        name += f" {reference.region[name].short.fi}"
    return f"  {name:<30}{count.total:>6}{count.fi:>6}{count.sv:>6}"


def _where(example: "Example") -> str:
    return f"{example.origin} ({example.text.id})"
