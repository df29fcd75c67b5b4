"""Fits the model that tells one event from two, and writes monitor/articles/story_model.yaml.

    python -m bench.stories_fit [--write]

How common a trait is comes from the training texts of labels/corpus. The pair models are fitted on half
of the sample newsroom's events (`bench.stories` measures on the other half, which this never reads), and
the thresholds are those with the best B-cubed F1 there.
"""

import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from bench.events import Item, bcubed, items, part
from classifiers.corpus import load_corpus
from monitor.articles.events import load_reader
from monitor.articles.fingerprint import similarity
from monitor.articles.stories import (
    COPY_SIMILARITY,
    EVIDENCE,
    MODEL_FILE,
    WINDOW,
    Features,
    PairModel,
    StoryModel,
    could_follow,
    evidence,
    weights,
)
from monitor.settings import ROOT

COMMON_FROM = 6  # texts of the corpus; rarer traits are told from unknown ones by nothing
C = 1.0  # inverse strength of the ridge
THRESHOLDS = [n / 100 for n in range(20, 95, 5)]


def common_traits() -> tuple[int, dict[str, int]]:
    """Texts of the corpus, and how many of them hold each trait."""
    reader = load_reader(ROOT / "labels")
    counted: Counter[str] = Counter()
    examples = load_corpus(ROOT / "labels" / "corpus").examples
    for example in examples:
        text = example.text
        counted.update(reader.traits(text.title, text.text, text.language).all)
    common = {t: n for t, n in sorted(counted.items()) if n >= COMMON_FROM}
    return len(examples), common


def featured(given: Sequence[Item], model: StoryModel) -> list[Features]:
    """Features of the items as the program sees them when they come, one after the other."""
    reader, seen = load_reader(ROOT / "labels"), Counter[str]()
    found = []
    for number, item in enumerate(given):
        traits = reader.traits(item.title, item.text, item.language)
        weighed = weights(traits, model, seen, number)
        seen.update(traits.all)
        found.append(
            Features(number, None, item.language, item.published, traits.title, weighed, item.signature)
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Pairs:
    """Every pair of articles within the window: what it shares, and whether it is one event."""

    first: list[int]
    second: list[int]
    same: np.ndarray[Any, Any]  # in one language
    copies: np.ndarray[Any, Any]
    apart: np.ndarray[Any, Any]  # never compared
    evidence: np.ndarray[Any, Any]  # pairs x EVIDENCE
    truth: np.ndarray[Any, Any]


def pairs_of(given: Sequence[Item], features: Sequence[Features]) -> Pairs:
    """The pairs of `given`, which are ordered by time."""
    numbers = itertools.combinations(range(len(given)), 2)
    near = [(a, b) for a, b in numbers if given[b].published - given[a].published <= WINDOW]
    apart = [not could_follow(features[a], features[b]) for a, b in near]
    copies = [similarity(given[a].signature, given[b].signature) for a, b in near]
    return Pairs(
        [a for a, _ in near],
        [b for _, b in near],
        np.array([given[a].language == given[b].language for a, b in near]),
        np.array(copies) >= COPY_SIMILARITY,
        np.array(apart),
        np.array([evidence(features[a], features[b]) for a, b in near]),
        np.array([given[a].event == given[b].event for a, b in near]),
    )


def fit(pairs: Pairs, *, same: bool) -> PairModel:
    """The logistic model of the pairs in one language, or across."""
    chosen = (pairs.same == same) & ~pairs.copies & ~pairs.apart
    rows, truth = pairs.evidence[chosen], pairs.truth[chosen]
    fitted = LogisticRegression(C=C, max_iter=5000).fit(rows, truth)
    click.echo(f"{'same' if same else 'cross'}: {len(rows)} pairs, {truth.sum()} of one event")
    coefficients = tuple(round(float(c), 3) for c in fitted.coef_[0])
    return PairModel(coefficients, round(float(fitted.intercept_[0]), 3), 0.5)


def clustered(
    features: Sequence[Features], pairs: Pairs, margins: np.ndarray[Any, Any]
) -> list[int]:
    """The story of each as `choose_story` gives it, by how far each pair is above its threshold."""
    best: dict[int, tuple[bool, float, int]] = {}
    margins = np.where(pairs.apart, -1.0, margins)
    for a, b, copy, margin in zip(pairs.first, pairs.second, pairs.copies, margins, strict=True):
        if copy or margin >= 0:
            best[b] = max(best.get(b, (False, -1.0, 0)), (bool(copy), float(margin), -a))
    stories: list[int] = []
    for number in range(len(features)):
        stories.append(stories[-best[number][2]] if number in best else number)
    return stories


def with_thresholds(
    given: Sequence[Item], features: Sequence[Features], pairs: Pairs, model: StoryModel
) -> StoryModel:
    """`model` with the pair of thresholds that gives the best B-cubed F1."""
    events = [item.event for item in given]
    odds = np.where(pairs.same, *(pairs.evidence @ m.coefficients + m.intercept for m in (model.same, model.cross)))  # fmt: skip
    likely = 1 / (1 + np.exp(-odds))
    best = (-1.0, model)
    for one, two in itertools.product(THRESHOLDS, THRESHOLDS):
        found = bcubed(events, clustered(features, pairs, likely - np.where(pairs.same, one, two)))
        if found.f1 > best[0]:
            click.echo(f"thresholds {one:.2f} and {two:.2f}: {found}")
            same, cross = replace(model.same, threshold=one), replace(model.cross, threshold=two)
            best = found.f1, replace(model, same=same, cross=cross)
    return best[1]


def _as_yaml(model: StoryModel) -> str:
    def pair(fitted: PairModel) -> Mapping[str, object]:
        return {
            "coefficients": dict(zip(EVIDENCE, fitted.coefficients, strict=True)),
            "intercept": fitted.intercept,
            "threshold": fitted.threshold,
        }

    head = (
        "# Written by python -m bench.stories_fit --write. One event or two: logistic models on what two articles\n"
        "# share, in one language (same) and across Finnish and Swedish (cross); in how many of `texts`\n"
        "# training texts a trait occurs. The letters before a trait are its kind (monitor/articles/events.py).\n"
    )
    values = {"same": pair(model.same), "cross": pair(model.cross), "texts": model.texts}
    body = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
    lines = "".join(
        f"  {json.dumps(t, ensure_ascii=False)}: {n}\n" for t, n in model.common.items()
    )
    return f"{head}{body}common:\n{lines}"


@click.command()
@click.option("--write", is_flag=True, help="Replace the model that ships.")
def main(write: bool) -> None:
    """Fit on the training half of the sample newsroom's events."""
    empty = PairModel((0.0,) * len(EVIDENCE), 0.0, 0.5)
    texts, common = common_traits()
    model = StoryModel(empty, empty, texts, common)
    given = [item for item in items() if part(item.event) == "train"]
    features = featured(given, model)
    pairs = pairs_of(given, features)
    model = replace(model, same=fit(pairs, same=True), cross=fit(pairs, same=False))
    model = with_thresholds(given, features, pairs, model)
    click.echo(_as_yaml(replace(model, common={})))
    if write:
        Path(MODEL_FILE).write_text(_as_yaml(model), encoding="utf-8")


if __name__ == "__main__":
    main()
