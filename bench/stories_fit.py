"""Fits the model that tells one event from two, and writes monitor/articles/story_model.yaml.

    python -m bench.stories_fit [--write]

How common a trait is comes from the training texts of labels/corpus. The pair models are fitted on half
of the sample newsroom's events (`bench.stories` measures on the other half, which this never reads): ridge
logistic regressions whose coefficients have the sign of what each evidence means. Few events are told in
both languages, so the model across them is fitted on all pairs, by the evidence that knows no language. The
strength of the ridge and the thresholds are those with the best mean of three figures in five-fold
cross-validation, whole events left out: B-cubed F1, and the F1 of follow-up pairs in one language and across.
"""

import itertools
import json
import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import yaml
from scipy.optimize import minimize

from bench.events import Agreement, Item, bcubed_each, items, mean, part
from classifiers.corpus import load_corpus
from monitor.articles.events import load_reader
from monitor.articles.fingerprint import similarity
from monitor.articles.pairs import EVIDENCE, WINDOW, Features, could_follow, evidence
from monitor.articles.stories import (
    COPY_SIMILARITY,
    MODEL_FILE,
    PairModel,
    StoryModel,
    weights,
)
from monitor.settings import ROOT

COMMON_FROM = 6  # texts of the corpus; rarer traits are told from unknown ones by nothing
RIDGE = (0.1, 0.2, 0.3, 1.0)  # inverse strengths that are tried
THRESHOLDS = [n / 100 for n in range(10, 65, 5)]
FOLDS = 5
AGAINST = ("other places", "other regions", "days apart")  # evidence that speaks for two events
IN_LANGUAGE = ("title words", "title in text", "words")  # evidence that only one language has

Floats = np.ndarray[Any, Any]
Mask = np.ndarray[Any, Any]


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
    same: Mask  # in one language
    copies: Mask
    apart: Mask  # never compared
    evidence: Floats  # pairs x EVIDENCE
    truth: Mask


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


def fit(pairs: Pairs, chosen: Mask, ridge: float) -> tuple[PairModel, PairModel]:
    """The models in one language and across, of the pairs `chosen` that are compared at all."""
    compared = chosen & ~pairs.copies & ~pairs.apart
    within = compared & pairs.same
    every = np.ones(len(EVIDENCE), dtype=bool)
    shared = np.array([name not in IN_LANGUAGE for name in EVIDENCE])
    one = _regression(pairs.evidence[within], pairs.truth[within], every, ridge)
    flagged = np.column_stack([pairs.evidence, pairs.same.astype(float)])
    across = _regression(flagged[compared], pairs.truth[compared], np.append(shared, True), ridge)
    return _pair(one[:-1], one[-1]), _pair(across[:-2], across[-1])


def _regression(rows: Floats, truth: Mask, used: Mask, ridge: float) -> Floats:
    """Coefficients and intercept of a ridge logistic regression; each has its sign or is 0."""
    signs = np.where([name in AGAINST for name in EVIDENCE], -1.0, 1.0)
    signs = np.append(signs, np.ones(rows.shape[1] - len(signs)))
    signed = rows * signs

    def loss(w: Floats) -> tuple[float, Floats]:
        odds = signed @ w[:-1] + w[-1]
        wrong = 1 / (1 + np.exp(-odds)) - truth
        value = (np.logaddexp(0, odds) - truth * odds).sum() + (w[:-1] ** 2).sum() / (2 * ridge)
        return float(value), np.append(signed.T @ wrong + w[:-1] / ridge, wrong.sum())

    bounds = [(0.0, None if use else 0.0) for use in used] + [(None, None)]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.append(found.x[:-1] * signs, found.x[-1])


def _pair(coefficients: Floats, intercept: float) -> PairModel:
    rounded = tuple(round(float(c), 3) + 0.0 for c in coefficients)
    return PairModel(rounded, round(float(intercept), 3), 0.5)


def clustered(size: int, pairs: Pairs, margins: Floats) -> list[int]:
    """The story of each as `choose_story` gives it, by how far each pair is above its threshold."""
    best: dict[int, tuple[bool, float, int]] = {}
    margins = np.where(pairs.apart, -1.0, margins)
    for n in np.nonzero(pairs.copies | (margins >= 0))[0]:
        a, b = pairs.first[n], pairs.second[n]
        best[b] = max(best.get(b, (False, -1.0, 0)), (bool(pairs.copies[n]), float(margins[n]), -a))
    stories: list[int] = []
    for number in range(size):
        stories.append(stories[-best[number][2]] if number in best else number)
    return stories


def chosen_by_folds(given: Sequence[Item], pairs: Pairs) -> tuple[float, float, float]:
    """The ridge and the two thresholds that are best on events left out."""
    folds = np.array([zlib.crc32(f"{item.event}x".encode()) % FOLDS for item in given])
    best = (-1.0, (0.0, 0.0, 0.0))
    for ridge in RIDGE:
        odds = [_odds(fit(pairs, _left(pairs, folds, k), ridge), pairs) for k in range(FOLDS)]
        for one, two in itertools.product(THRESHOLDS, THRESHOLDS):
            line = np.where(pairs.same, _logit(one), _logit(two))
            found = _of_folds(given, pairs, folds, [o - line for o in odds])
            figure = sum(agreement.f1 for agreement in found) / len(found)
            if figure > best[0]:
                told = "; ".join(str(agreement) for agreement in found)
                click.echo(f"ridge {ridge}, thresholds {one:.2f} and {two:.2f}: {told}")
                best = figure, (ridge, one, two)
    return best[1]


def _left(pairs: Pairs, folds: Floats, fold: int) -> Mask:
    """The pairs without an article of the fold."""
    found: Mask = (folds[pairs.first] != fold) & (folds[pairs.second] != fold)
    return found


def _of_folds(
    given: Sequence[Item], pairs: Pairs, folds: Floats, margins: Sequence[Floats]
) -> tuple[Agreement, Agreement, Agreement]:
    """Of the articles left out: B-cubed, and follow-up pairs in one language and across."""
    events = [item.event for item in given]
    each, counted = [], Counter[tuple[bool, str]]()
    for fold, margin in enumerate(margins):
        stories = np.array(clustered(len(given), pairs, margin))
        each += bcubed_each(events, stories.tolist(), np.nonzero(folds == fold)[0].tolist())
        joined = stories[pairs.first] == stories[pairs.second]
        for same in (True, False):
            asked = ~_left(pairs, folds, fold) & ~pairs.copies & (pairs.same == same)
            counted[same, "joined"] += int((asked & joined).sum())
            counted[same, "true"] += int((asked & pairs.truth).sum())
            counted[same, "right"] += int((asked & joined & pairs.truth).sum())
    within, across = (
        Agreement(
            counted[same, "right"] / max(1, counted[same, "joined"]),
            counted[same, "right"] / max(1, counted[same, "true"]),
        )
        for same in (True, False)
    )
    return mean(each), within, across


def _odds(models: tuple[PairModel, PairModel], pairs: Pairs) -> Floats:
    found: Floats = np.where(pairs.same, *(pairs.evidence @ m.coefficients + m.intercept for m in models))  # fmt: skip
    return found


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


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
    values = {
        "same": pair(model.same),
        "cross": pair(model.cross),
        "texts": model.texts,
        "join": model.join,
    }
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
    ridge, one, two = chosen_by_folds(given, pairs)
    same, cross = fit(pairs, np.ones(len(pairs.truth), dtype=bool), ridge)
    model = replace(model, same=replace(same, threshold=one), cross=replace(cross, threshold=two))
    click.echo(_as_yaml(replace(model, common={})))
    if write:
        Path(MODEL_FILE).write_text(_as_yaml(model), encoding="utf-8")


if __name__ == "__main__":
    main()
