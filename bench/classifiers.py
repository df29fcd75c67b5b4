"""The shipped classifiers on labelled text, against the bars of the project.

    python -m bench.classifiers [--models FOLDER]

Reads ../shared/dev beside this repository (473 real items whose relevance is agreed, 120 invented ones;
other people's text, never part of it) and measures the versions that models/active.json names. Where they
learned from four fifths of the real items (`bench.real_sample`), only the fifth held out measures them;
`python -m bench.with_real` measures all five. Topics and direction are asked of the relevant items,
whatever the relevance model says of them; `end to end` is what is left of topics when it has its say. What
only one annotator gave counts neither for nor against. Intervals: 95 %, from 1,000 resamples of whole
groups. Trains nothing and changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click
import numpy as np

from bench.measures.figures import (
    MEASURES,
    MORE,
    Figure,
    calibration,
    draws,
    figure,
    gold_regions,
    said_regions,
)
from bench.measures.items import DEV, LABELS, ROOT, SAMPLES, Item, judged, rows, stored
from bench.real_sample import held_out
from classifiers import persist
from classifiers.features import Featurizer
from classifiers.reference import NATIONAL
from classifiers.values import TASKS
from classifiers.vocabulary import load_vocabulary
from monitor.training import registry

BARS = {
    "relevance F1": 0.88,
    "region micro F1": 0.90,
    "topic micro F1": 0.72,
    "main topic accuracy": 0.70,
    "direction macro F1": 0.65,
}
WORST_CALIBRATION = 0.06
WORST_RECALL, ENOUGH = 0.75, 5  # of a region with that many items
WIDEST = 0.06  # between the languages


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one part of a sample, and whether it meets its bar; None where it has none."""

    name: str
    text: str
    met: bool | None = None

    def __str__(self) -> str:
        return self.text + {None: "", True: ", met", False: ", **missed**"}[self.met]


def measured(items: Sequence[Item]) -> Iterator[Cell]:
    """Every figure of these items."""
    for measure in (*MEASURES, *MORE):
        found, bar = figure(measure, items), BARS.get(measure.name)
        yield _cell(measure.name, found, None if bar is None or not found else found.value >= bar)
    for task in TASKS:
        found = calibration(task, items)
        met = found.value <= WORST_CALIBRATION if found else None
        yield _cell(f"calibration error, {task}", found, met)
    recalls = region_recalls(items)
    if recalls:
        low, code, n = recalls[0]
        yield Cell("lowest region recall", f"{low:.2f} ({code}, n {n})", low >= WORST_RECALL)
    else:
        yield Cell("lowest region recall", f"none has {ENOUGH} items")


def _cell(name: str, found: Figure | None, met: bool | None) -> Cell:
    return Cell(name, f"{found.cell}, n {found.n}", met) if found else Cell(name, "too few")


def region_recalls(items: Sequence[Item]) -> list[tuple[float, str, int]]:
    """Recall, region and items of each region with enough of them, the lowest first."""
    of = Counter(c for i in items for c in gold_regions(i) - {NATIONAL})
    hits = Counter(c for i in items for c in gold_regions(i) & said_regions(i))
    return sorted((hits[c] / n, c, n) for c, n in of.items() if n >= ENOUGH)


def between_languages(items: Sequence[Item]) -> Iterator[Cell]:
    """Swedish - Finnish of every figure with a bar."""
    parts = [[i for i in items if i.row.text.language == lang] for lang in ("sv", "fi")]
    for measure in MEASURES:
        sv, fi = (figure(measure, part) for part in parts)
        if sv is None or fi is None:
            yield Cell(measure.name, "too few")
            continue
        # Other texts in each language, so the two are drawn apart.
        drawn = draws(measure, parts[0], 1) - draws(measure, parts[1], 2)
        low, high = np.percentile(drawn, (2.5, 97.5))
        value = sv.value - fi.value
        text = f"{value:+.3f} ({low:+.3f} to {high:+.3f}), n {sv.n} and {fi.n}"
        yield Cell(measure.name, text, abs(value) <= WIDEST)


def bar_of(name: str) -> str:
    """The bar of a figure, as it is written."""
    if name in BARS:
        return f"{BARS[name]:.2f}"
    if name.startswith("calibration"):
        return f"at most {WORST_CALIBRATION:.2f}"
    return f"{WORST_RECALL:.2f}" if name == "lowest region recall" else ""


def parts(
    items: Sequence[Item], sample: str, learned: bool
) -> Iterator[tuple[str, Sequence[Item]]]:
    """The parts of a sample that are measured apart, named."""
    if sample == "real":
        yield "real, four fifths of them learned from" if learned else "real", items
        yield "real, held-out fifth", [i for i in items if held_out(i.group)]
        return
    yield "invented", items
    for language in ("fi", "sv"):
        yield f"invented {language}", [i for i in items if i.row.text.language == language]


def table(columns: Mapping[str, Sequence[Cell]]) -> Iterator[str]:
    """A line for each figure."""
    yield f"| figure | bar | {' | '.join(columns)} |"
    yield "|---" * (2 + len(columns)) + "|"
    for row in zip(*columns.values(), strict=True):
        yield f"| {row[0].name} | {bar_of(row[0].name)} | {' | '.join(map(str, row))} |"


@click.command()
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "models",
    help="Where the versions lie.",
)
def main(models: Path) -> None:
    """Measure the shipped versions on the labelled sample beside this repository."""
    if not DEV.is_dir():
        click.echo("not measured: the labelled sample ../shared/dev is not beside this repository")
        return
    versions = registry.shipped_versions(models)
    learned = False
    for task, version in sorted(versions.items()):
        sources = persist.verify(models, task, version).get("sources", {})
        learned |= sources.get("decision", 0) > 0
        click.echo(f"{task} {version} {sources}")
    loaded = stored(models, versions)
    featurizer = Featurizer(load_vocabulary(LABELS), loaded.linear["topic"].features)
    columns: dict[str, list[Cell]] = {}
    for sample in SAMPLES:
        of = rows(sample)
        items = judged(of, featurizer.counts([r.text for r in of]), loaded)
        for name, some in parts(items, sample, learned):
            columns[f"{name}, {len(some)} items"] = list(measured(some))
            click.echo(f"recall by region, {name}: {_recalls(some)}")
    differences = list(between_languages(items))
    for line in ("", *table(columns), ""):
        click.echo(line)
    click.echo(f"| invented, Swedish - Finnish | within {WIDEST} |\n|---|---|")
    for cell in differences:
        click.echo(f"| {cell.name} | {cell} |")
    missed = sum(c.met is False for c in (*differences, *chain(*columns.values())))
    click.echo(f"\nbars missed: {missed}")


def _recalls(items: Sequence[Item]) -> str:
    return "  ".join(f"{code} {recall:.2f} (n {n})" for recall, code, n in region_recalls(items))


if __name__ == "__main__":
    main()
