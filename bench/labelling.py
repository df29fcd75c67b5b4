"""How many labels each strategy of `labels next` needs, by simulation on the corpus.

    python -m bench.labelling [--seeds 5] [--until 450] [--batch 50] [--workers 2]

Each seed holds a fifth of the stories out as the test and hides the labels of the rest. All strategies
start from the same 100 random texts; each then asks for one batch after another (`monitor.training.choose`,
with its random slice and its cap per story), learns the real relevance and topic models from what it has
(`classifiers.linear`, with the parameters of `classifiers.train`), and is measured on the test: F1 of
relevance over all its texts, micro F1 of topics over the relevant ones. Direction and region have no say.

Intervals are 95 % over seeds (Student's t). A difference to random is taken seed by seed on the same
split; it is noise where its interval holds 0. The splits of different seeds share texts, so intervals are
somewhat too narrow. A strategy that reaches a level only in some of the seeds says in how many.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.stats import t as student

from classifiers import linear
from classifiers.corpus import load_corpus
from classifiers.features import FeatureOptions, Featurizer
from classifiers.linear import LinearModel, LinearOptions
from classifiers.metrics import Bools, micro_f1
from classifiers.reference import load_reference
from classifiers.train import parameters, truth_of
from classifiers.vocabulary import load_vocabulary
from monitor.progress import Shown
from monitor.training.choose import STRATEGIES, Pool, Reading, Strategy, choose

LABELS = Path(__file__).resolve().parent.parent / "labels"
START, TEST_PART = 100, 5
TASKS = ("relevance", "topic")
LEVELS = (0.90, 0.95)  # of the F1 that all labels give
Rows = npt.NDArray[np.int64]
Figures = dict[str, float]  # task -> F1


@dataclass(frozen=True)
class Corpus:
    """Every labelled text, read once."""

    stories: tuple[str, ...]
    relevant: Bools
    counts: sp.csr_matrix
    labels: dict[str, tuple[str, ...]]
    truth: dict[str, Bools]


@cache
def corpus() -> Corpus:
    """The corpus with its features."""
    reference = load_reference(LABELS)
    examples = load_corpus(LABELS / "corpus", reference).examples
    labels, truth = {}, {}
    for task in TASKS:
        labels[task], holding = truth_of(task, reference)
        truth[task] = np.array([[x in holding(e) for x in labels[task]] for e in examples], bool)
    featurizer = Featurizer(load_vocabulary(LABELS), _options("topic").features)
    return Corpus(
        tuple(e.story for e in examples),
        np.array([e.relevant for e in examples], bool),
        featurizer.counts([e.text for e in examples]),
        labels,
        truth,
    )


def _options(task: str) -> LinearOptions:
    """As `classifiers.train` chooses them."""
    chosen = parameters(task)
    return LinearOptions(
        strength=chosen["strength"],
        exclusive=chosen["exclusive"],
        base_rate=chosen["base_rate"],
        features=FeatureOptions.from_parameters(chosen["features"]),
    )


# --- one run ---------------------------------------------------------------------------------------


def split(seed: int) -> tuple[Rows, Rows]:
    """(rows to ask for, rows of the test): whole stories on one side."""
    names, index = np.unique(np.asarray(corpus().stories), return_inverse=True)
    held = np.random.default_rng(seed).permutation(len(names)) % TEST_PART == 0
    return np.flatnonzero(~held[index]), np.flatnonzero(held[index])


def learn(rows: Rows, seed: int) -> dict[str, LinearModel]:
    """The models of both tasks from these texts; topics from the relevant ones."""
    texts, models = corpus(), {}
    for task in TASKS:
        own = rows if task == "relevance" else rows[texts.relevant[rows]]
        models[task] = linear.fit(
            texts.counts[own],
            texts.truth[task][own],
            texts.labels[task],
            [texts.stories[i] for i in own],
            options=_options(task),
            seed=seed,
        ).model
    return models


def measured(models: dict[str, LinearModel], test: Rows) -> Figures:
    """F1 of each task on the texts of the test it is asked of."""
    texts, figures = corpus(), {}
    for task, model in models.items():
        own = test if task == "relevance" else test[texts.relevant[test]]
        decided = model.decide(model.probabilities(texts.counts[own]))
        figures[task] = micro_f1(texts.truth[task][own], decided)
    return figures


def pool_of(models: dict[str, LinearModel], hidden: Rows, known: Rows) -> Pool:
    """What the strategies see."""
    texts, topic = corpus(), models["topic"]
    readings = [
        Reading(task, m.labels, m.probabilities(texts.counts[hidden]), m.thresholds)
        for task, m in models.items()
    ]
    examples = {
        ("topic", label): int(texts.truth["topic"][known, j].sum())
        for j, label in enumerate(texts.labels["topic"])
    }
    return Pool(
        stories=tuple(texts.stories[i] for i in hidden),
        readings=tuple(readings),
        vectors=topic.matrix(texts.counts[hidden]),
        known=topic.matrix(texts.counts[known]),
        examples=examples,
        asked=Counter(texts.stories[i] for i in known),
    )


def run(job: tuple[int, str, int, int]) -> list[Figures]:
    """The F1 of one strategy after each batch, from the common start on. `job`: seed, strategy, last
    number of labels, batch. The strategy "all" has all labels at once."""
    seed, strategy, until, batch = job
    ask, test = split(seed)
    if strategy == "all":
        return [measured(learn(ask, seed), test)]
    known, hidden, models = _start(seed)
    curve = [measured(models, test)]
    while len(known) < until:
        pool = pool_of(models, hidden, known)
        picked = [
            p.row for p in choose(pool, batch, strategy=_named(strategy), seed=seed + len(known))
        ]
        known = np.concatenate([known, hidden[picked]])
        hidden = np.delete(hidden, picked)
        models = learn(known, seed)
        curve.append(measured(models, test))
    return curve


@cache
def _start(seed: int) -> tuple[Rows, Rows, dict[str, LinearModel]]:
    """What all strategies of a seed begin with: known texts, hidden ones, models."""
    ask, _ = split(seed)
    order = np.random.default_rng(seed + 1000).permutation(len(ask))
    known = ask[order[:START]]
    return known, np.sort(ask[order[START:]]), learn(known, seed)


def _named(strategy: str) -> Strategy:
    return next(s for s in STRATEGIES if s == strategy)


# --- what came of it -------------------------------------------------------------------------------


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and the ends of its 95 % interval over seeds."""
    mean, n = float(np.mean(values)), len(values)
    half = float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n)) if n > 1 else 0.0
    return mean, mean - half, mean + half


def labels_needed(curve: Sequence[float], numbers: Sequence[int], level: float) -> float | None:
    """Labels at which a curve first reaches a level, on the straight line between two batches."""
    for i, value in enumerate(curve):
        if value >= level:
            if i == 0:
                return float(numbers[0])
            share = (level - curve[i - 1]) / (value - curve[i - 1])
            return numbers[i - 1] + share * (numbers[i] - numbers[i - 1])
    return None


Curves = Mapping[str, npt.NDArray[np.float64]]  # strategy -> (seeds, batches + 1)


def report(task: str, curves: Curves, whole: Sequence[float], numbers: Sequence[int]) -> None:
    """Every figure of one task."""
    mean, low, high = interval(whole)
    click.echo(f"\n{task}: F1 with all labels {mean:.3f} ({low:.3f}-{high:.3f})")
    click.echo(f"{'labels':<10}" + "".join(f"{s:>22}" for s in curves))
    for i, number in enumerate(numbers):
        cells = (
            "{:.3f} ({:.3f}-{:.3f})".format(*interval(c[:, i].tolist())) for c in curves.values()
        )
        click.echo(f"{number:<10}" + "".join(f"{cell:>22}" for cell in cells))
    for level, (strategy, curve) in product(LEVELS, curves.items()):
        click.echo(_needed(strategy, curve, whole, numbers, level))
    for strategy, curve in curves.items():
        if strategy != "random":
            click.echo(_against_random(strategy, curve, curves["random"]))


def _needed(
    strategy: str,
    curve: npt.NDArray[np.float64],
    whole: Sequence[float],
    numbers: Sequence[int],
    level: float,
) -> str:
    found = [
        labels_needed(own.tolist(), numbers, level * every)
        for own, every in zip(curve, whole, strict=True)
    ]
    reached = [f for f in found if f is not None]
    head = f"  {level:.0%} of that, {strategy:<10}"
    if not reached:
        return f"{head} not with {numbers[-1]} labels"
    if len(reached) < len(found):
        return f"{head} in {len(reached)} of {len(found)} seeds, there with {np.mean(reached):.0f}"
    mean, low, high = interval(reached)
    return f"{head} {mean:.0f} labels ({max(low, numbers[0]):.0f}-{high:.0f})"


def _against_random(
    strategy: str, curve: npt.NDArray[np.float64], random: npt.NDArray[np.float64]
) -> str:
    parts = []
    for name, gaps in (
        ("whole curve", (curve - random)[:, 1:].mean(axis=1)),
        ("at its end", (curve - random)[:, -1]),
    ):
        mean, low, high = interval(gaps.tolist())
        verdict = "noise" if low <= 0 <= high else ("better" if low > 0 else "worse")
        parts.append(f"{name} {mean:+.3f} ({low:+.3f} to {high:+.3f}) {verdict}")
    return f"  {strategy:<10} - random: " + "; ".join(parts)


@click.command()
@click.option("--seeds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option("--until", type=click.IntRange(min=START), default=450, show_default=True)
@click.option("--batch", type=click.IntRange(min=5), default=50, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=os.cpu_count(), help="Processes.")
def main(seeds: int, until: int, batch: int, workers: int) -> None:
    """Simulate labelling by each strategy and print what it buys."""
    numbers = [START, *range(START + batch, until + batch, batch)]
    corpus()  # read before the processes part, so that they share it
    # Every seed is compared with itself, so the order of the jobs changes no figure.
    jobs = [(s, k, until, batch) for s, k in product(range(seeds), ("all", *STRATEGIES))]
    with ProcessPoolExecutor(workers) as processes:
        done = Shown().over(processes.map(run, jobs), "simulate", len(jobs))
        found = dict(zip(jobs, done, strict=True))
    ask, test = split(0)
    click.echo(
        f"{len(corpus().stories)} texts, {seeds} seeds; seed 0: {len(ask)} to ask for, "
        f"{len(test)} test texts of them {int(corpus().relevant[test].sum())} relevant; "
        f"start {START}, batches of {batch}"
    )
    for task in TASKS:
        whole = [found[s, "all", until, batch][0][task] for s in range(seeds)]
        curves: dict[str, npt.NDArray[np.float64]] = {
            k: np.array([[f[task] for f in found[s, k, until, batch]] for s in range(seeds)])
            for k in STRATEGIES
        }
        report(task, curves, whole, numbers)


if __name__ == "__main__":
    main()
