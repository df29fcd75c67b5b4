"""What the real items buy: all four tasks learned from the corpus alone, and from the corpus and real items.

    python -m bench.with_real

For each fifth of the real sample (`bench.real_sample`; whole documents in one fifth) everything is learned
from the corpus and the other four fifths, and asked about the fifth it has not seen; pooled, that is every
real item once. The invented sample is asked of each of the five, and the mean is given. Beside it stands
what the corpus alone gives. A difference is noise where the 95 % interval of a paired bootstrap over whole
groups holds 0; it says nothing of how much another training corpus would move it. The weights of the real
items (`classifiers.train`) were chosen on the same real items, so that the gain flatters slightly. Reads
../shared/dev beside this repository, stores nothing; some five minutes of one core.
"""

import os
from collections.abc import Iterator, Sequence
from statistics import fmean

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import click  # after the threads are limited
import numpy as np

from bench import real_sample
from bench.measures.figures import MEASURES, MORE, Figure, calibration, figure, mean_gap
from bench.measures.items import DEV, LABELS, Item, rows
from bench.measures.learn import Learner
from classifiers.corpus import load_corpus
from classifiers.values import TASKS, Example
from monitor.embedding import remembering
from monitor.progress import Shown
from monitor.settings import load_settings
from monitor.training.decisions import joined, read_texts

Judgements = Sequence[Sequence[Item]]  # the same rows, judged by one model or by several


def real_examples() -> tuple[Example, ...]:
    """All five fifths of the real items, as they are learned from. Raises OSError."""
    decisions = list(real_sample.decisions(real_sample.rows()))
    return joined(decisions, read_texts([real_sample.ITEMS], decisions)).examples


def compared(name: str, without: Sequence[Item], with_real: Judgements) -> Iterator[str]:
    """A table of every figure without and with, and whether they differ; several judgements are averaged."""
    yield f"| {name} | n | corpus alone | with real items | difference |"
    yield "|---|---|---|---|---|"
    for measure in (*MEASURES, *MORE):
        after = [figure(measure, items) for items in with_real]
        difference = mean_gap(measure, [(without, items) for items in with_real])
        yield _line(measure.name, figure(measure, without), after, str(difference))
    for task in TASKS:
        after = [calibration(task, items) for items in with_real]
        yield _line(f"calibration error, {task}", calibration(task, without), after, "")


def _line(name: str, before: Figure | None, after: Sequence[Figure | None], difference: str) -> str:
    known = [f for f in after if f]
    if before is None or not known:
        return f"| {name} | | too few | | |"
    mean = Figure(
        fmean(f.value for f in known),
        fmean(f.low for f in known),
        fmean(f.high for f in known),
        before.n,
    )
    values = [f.value for f in known]
    spread = f", {min(values):.3f} to {max(values):.3f}" if len(known) > 1 else ""
    return f"| {name} | {before.n} | {before.cell} | {mean.cell}{spread} | {difference} |"


def _parts(
    name: str, without: Sequence[Item], with_real: Judgements
) -> Iterator[tuple[str, Sequence[Item], Judgements]]:
    yield name, without, with_real
    for language in ("fi", "sv"):
        keep = [j for j, i in enumerate(without) if i.row.text.language == language]
        yield (
            f"{name} {language}",
            [without[j] for j in keep],
            [[items[j] for j in keep] for items in with_real],
        )


def learned(
    learner: Learner, fifths: Sequence[int]
) -> Iterator[tuple[str, list[Item], list[list[Item]]]]:
    """Sample, what the corpus alone says of it, and what is said with the real items. `fifths` holds the
    fifth of each example of the learner, -1 of the corpus."""
    of = np.array(fifths)
    plain = learner.fit(np.flatnonzero(of < 0))
    without = {sample: learner.judged(sample, plain) for sample in learner.samples}
    pooled = list(without["real"])
    invented = []
    for fold in Shown().over(range(real_sample.FIFTHS), "fifths", real_sample.FIFTHS):
        models = learner.fit(np.flatnonzero(of != fold))
        invented.append(learner.judged("invented", models))
        for i, item in enumerate(learner.judged("real", models)):
            if real_sample.fifth(item.group) == fold:
                pooled[i] = item
    yield "real", without["real"], [pooled]
    yield "invented", without["invented"], invented


@click.command(help=__doc__)
def main() -> None:
    if not DEV.is_dir():
        click.echo("not measured: the labelled sample ../shared/dev is not beside this repository")
        return
    ours, real = load_corpus(LABELS / "corpus").examples, real_examples()
    fifths = [-1] * len(ours) + [real_sample.fifth(e.story) for e in real]
    learner = Learner(
        [*ours, *real],
        {sample: rows(sample) for sample in ("real", "invented")},
        remembering(load_settings(), Shown()),
    )
    if learner.embedder:
        click.echo(f"with the embeddings of {learner.embedder.name}, in both columns")
    click.echo(f"corpus: {len(ours)} texts; real items: {len(real)}, four fifths at a time")
    for sample, without, with_real in learned(learner, fifths):
        for name, before, after in _parts(sample, without, with_real):
            click.echo()
            for line in compared(f"{name}, {len(before)} items", before, after):
                click.echo(line)


if __name__ == "__main__":
    main()
