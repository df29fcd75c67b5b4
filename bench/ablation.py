"""What each part of the classifiers buys, and how much text they need, learned from invented text alone.

    python -m bench.ablation [--skip-curve] [--skip-parts]

Learning curve: 100, 200, 400, 800 and all texts of labels/corpus, as random subsets of whole stories, three
seeds each (mean, lowest and highest). Parts: everything is learned again from the whole corpus without one
part, or with lemmas (simplemma) beside or instead of one, and measured on the same items; a difference is
that to the whole, by paired bootstrap over whole groups, and noise where its 95 % interval holds 0. Among
so many differences one in twenty would leave 0 out by chance. A block that a task gives no weight is not
learned again for it. What real items buy is `bench.with_real`. Reads ../shared/dev beside this repository,
stores nothing; some six minutes of one core.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from zlib import crc32

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import click  # after the threads are limited
import numpy as np
import scipy.sparse as sp
import simplemma

from bench.measures.figures import MEASURES, MORE, Measure, figure, gap
from bench.measures.items import DEV, LABELS, LINEAR, SAMPLES, Item, Models, rows
from bench.measures.learn import COLUMNS, SEED, Learner, Which
from classifiers.corpus import load_corpus
from classifiers.features import (
    BLOCKS,
    CHARS,
    CONCEPTS,
    TITLE_CHARS,
    TITLE_WORDS,
    TOPICS,
    WORDS,
)
from classifiers.linear import LinearModel
from classifiers.tokens import tokenize
from classifiers.train import linear_options
from classifiers.values import Text
from monitor.progress import Shown

SIZES, SEEDS = (100, 200, 400, 800), 3
BITS = linear_options("topic").features.bits
FIGURES = (*MEASURES, MORE[0])

# Features of a region, by what their names hold.
CONTEXT = ("words", "compare", "example", "origin", "earlier", "outside", "dateline", "blemished")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "context words": (*CONTEXT, "clean", "beside national", "beside service", "national: service"),
    "counts and shares": ("share", "mentions, log", "most mentioned", "single mention", "places named"),
    "title, lead and position": ("title", "lead", "first", "position", "early", "last part", "late"),
    "kind of name": (
        "organi", "hospital", "county", "with head", "with town", "municipality", "locality",
        "demonym", "wide", "joint", "ambiguous", "demoted",
    ),
    "locative case": ("locative",),
    "other regions": ("other regions", "only candidate", "beside another", "in list", "many"),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One change of what the linear tasks see: blocks taken out, and lemmas put into blocks."""

    name: str
    out: tuple[int, ...]
    lemmas: tuple[int, ...] = ()  # blocks for the body's and the title's; () for none

    def concerns(self, task: str) -> bool:
        """Whether the task gives weight to what changes."""
        weights = linear_options(task).features.weights
        return any(weights[block] > 0 for block in (*self.out, *self.lemmas))


PARTS = (
    Part("no character n-grams", (CHARS, TITLE_CHARS)),
    Part("no words and pairs", (WORDS, TITLE_WORDS)),
    Part("no topic vocabulary", (TOPICS,)),
    Part("no concepts", (CONCEPTS,)),
    Part("no blocks of the title", (TITLE_WORDS, TITLE_CHARS)),
    Part("lemmas beside words", (), (WORDS, TITLE_WORDS)),
    Part("lemmas instead of words", (WORDS, TITLE_WORDS), (WORDS, TITLE_WORDS)),
    Part("lemmas instead of n-grams", (CHARS, TITLE_CHARS), (CHARS, TITLE_CHARS)),
)


def changed(counts: sp.csr_matrix, lemmas: sp.csr_matrix | None, part: Part) -> sp.csr_matrix:
    """`counts` without the blocks that are out; `lemmas` are those of the texts, in their blocks."""
    kept = counts.copy()
    kept.data[np.isin(kept.indices >> BITS, part.out)] = 0
    kept.eliminate_zeros()
    return kept if lemmas is None else (kept + lemmas).tocsr()


def lemma_counts(texts: Iterable[Text], blocks: Sequence[int]) -> sp.csr_matrix:
    """Occurrences of each lemma, of the body in the first block and of the title in the second."""
    columns: list[int] = []
    ends = [0]
    for text in texts:
        for content, block in zip((text.text, text.title), blocks, strict=True):
            columns += [block << BITS | bucket for bucket in _lemmas(content, text.language)]
        ends.append(len(columns))
    counts = sp.csr_matrix(
        (np.ones(len(columns), np.float32), columns, ends), shape=(len(ends) - 1, BLOCKS << BITS)
    )
    counts.sum_duplicates()
    return counts


def _lemmas(content: str, language: str) -> Iterator[int]:
    lang = "sv" if language == "sv" else "fi"
    for token, _ in tokenize(content, language):
        if any(map(str.isalpha, token)):
            lemma = simplemma.lemmatize(token, lang=lang).lower()
            # Named apart from word forms, so that a lemma beside words is a feature of its own.
            yield crc32(f"lemma {lemma}".encode()) & (1 << BITS) - 1


# --- learning curve --------------------------------------------------------------------------------


def subset(stories: Sequence[str], size: int, seed: int) -> Which:
    """About `size` texts: whole stories in random order until there are enough."""
    names, index = np.unique(stories, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(names))[index]
    order = np.argsort(place, kind="stable")
    last = place[order[min(size, len(order)) - 1]]
    return np.flatnonzero(place <= last)


def curve(learner: Learner, whole: Models) -> Iterator[str]:
    """A table: a line for each sample and figure, a column for each size."""
    stories = [e.story for e in learner.examples]
    models = {
        size: [learner.fit(subset(stories, size, seed)) for seed in range(SEEDS)]
        for size in Shown().over(SIZES, "learning curve", len(SIZES))
    }
    models[len(stories)] = [whole]
    yield _row("sample", "figure", *(f"{size} texts" for size in models))
    yield "|---" * (2 + len(models)) + "|"
    for sample in SAMPLES:
        judged = [[learner.judged(sample, m) for m in those] for those in models.values()]
        for measure in FIGURES:
            yield _row(sample, measure.name, *(_spread(measure, those) for those in judged))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _spread(measure: Measure, judged: Sequence[Sequence[Item]]) -> str:
    """Mean, lowest and highest of several; the interval of one."""
    found = [f for f in (figure(measure, items) for items in judged) if f]
    if not found:
        return "too few"
    if len(found) == 1:
        return f"{found[0].cell}, n {found[0].n}"
    values = [f.value for f in found]
    return f"{np.mean(values):.3f}, {min(values):.3f} to {max(values):.3f}"


# --- parts -----------------------------------------------------------------------------------------


def parts(
    learner: Learner, whole: Models
) -> Iterator[tuple[str, str, Callable[[str], list[Item]]]]:
    """Name, which figures it can move, and what is then said of a sample."""
    everything = np.arange(len(learner.examples))
    for part in PARTS:
        lemmas = _lemmas_of(learner, part)
        counts = changed(learner.counts, lemmas.get(""), part)
        tasks = [task for task in LINEAR if part.concerns(task)]
        models = {task: learner.fit_task(task, everything, counts=counts) for task in tasks}

        def said(
            sample: str,
            part: Part = part,
            models: dict[str, LinearModel] = models,
            lemmas: dict[str, sp.csr_matrix] = lemmas,
        ) -> list[Item]:
            own = changed(learner.sample_counts[sample], lemmas.get(sample), part)
            # A task without the part has no weight for it, so it may be asked of these counts too.
            return learner.judged(sample, replace(whole, linear={**whole.linear, **models}), own)

        yield part.name, " ".join(tasks), said
    for name, held in GROUPS.items():
        dropped = [column for column in COLUMNS if any(word in column for word in held)]
        fitted = learner.regions.without(dropped).fit(learner.examples, seed=SEED)
        without = replace(whole, regions=fitted)
        yield f"no {name} ({len(dropped)})", "region", partial(learner.judged, models=without)
    yield "plain gazetteer", "region", lambda s: _named(learner, learner.judged(s, whole))


def _lemmas_of(learner: Learner, part: Part) -> dict[str, sp.csr_matrix]:
    """Of the examples under "", and of each sample."""
    if not part.lemmas:
        return {}
    texts = {"": [e.text for e in learner.examples]}
    texts |= {name: [row.text for row in of] for name, of in learner.samples.items()}
    return {name: lemma_counts(of, part.lemmas) for name, of in texts.items()}


def _named(learner: Learner, items: Sequence[Item]) -> list[Item]:
    """As if every region that is named were decided on."""
    return [replace(i, regions_decided=learner.regions.candidates_of(i.row.text)) for i in items]


def part_tables(learner: Learner, whole: Models) -> Iterator[str]:
    """A table for each sample: a line for each part, differences to the whole in the columns."""
    base = {sample: learner.judged(sample, whole) for sample in SAMPLES}
    tables: dict[str, list[str]] = {sample: [] for sample in SAMPLES}
    for name, tasks, said in parts(learner, whole):
        for sample in SAMPLES:
            items = said(sample)
            cells = [
                str(gap(measure, base[sample], items) or "") if _task_of(measure) in tasks else ""
                for measure in FIGURES
            ]
            tables[sample].append(_row(name, *cells))
    for sample, table in tables.items():
        yield ""
        yield _row(sample, *(measure.name for measure in FIGURES))
        yield "|---" * (1 + len(FIGURES)) + "|"
        yield _row("all parts", *(_spread(measure, [base[sample]]) for measure in FIGURES))
        yield from table


def _task_of(measure: Measure) -> str:
    return "topic" if measure.name == "main topic accuracy" else measure.name.split()[0]


@click.command(help=__doc__)
@click.option("--skip-curve", is_flag=True, help="Only what each part buys.")
@click.option("--skip-parts", is_flag=True, help="Only the learning curve.")
def main(skip_curve: bool, skip_parts: bool) -> None:
    if not DEV.is_dir():
        click.echo("not measured: the labelled sample ../shared/dev is not beside this repository")
        return
    examples = load_corpus(LABELS / "corpus").examples
    learner = Learner(examples, {sample: rows(sample) for sample in SAMPLES})
    whole = learner.fit(np.arange(len(examples)))
    if not skip_curve:
        click.echo(
            f"learning curve, invented texts alone: of {SEEDS} seeds mean, lowest and highest"
        )
        for line in curve(learner, whole):
            click.echo(line)
    if not skip_parts:
        click.echo("\nparts: difference to all parts, with its 95 % interval")
        for line in part_tables(learner, whole):
            click.echo(line)


if __name__ == "__main__":
    main()
