"""How well regions are found: of texts written apart, and of regions left out of the training.

    python -m bench.regions [--dev FOLDER] [--seed 1] [--skip-left-out]

Learns from labels/corpus alone and measures on FOLDER (by default ../shared/dev beside this repository)
micro F1 with its 95 % interval (bootstrap over groups), of the items with a Finnish place and of all,
beside a naive gazetteer (every region named) in the same run; recall of each region with five items or
more. Then leaves each region out in turn: learns from the texts that do not name it and measures that
region on those that do. What only one annotator gave counts neither for nor against; Åland and the
whole country are no regions. Exit code 1 where a sample misses a bar.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import numpy as np

from classifiers.corpus import load_corpus
from classifiers.reference import ALAND, NATIONAL, load_reference
from classifiers.region_candidates import candidates
from classifiers.regions import RegionTagger
from classifiers.values import Example, Text

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "labels"
SAMPLES = ("items", "invented")
F1_BAR, RECALL_BAR, ENOUGH = 0.90, 0.75, 5
DRAWS = 1000
_NO_REGIONS = frozenset((ALAND, NATIONAL))

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """One text with the regions it is about."""

    text: Text
    group: str  # items of one document share it
    gold: Codes
    maybe: Codes  # counted neither for nor against
    relevant: bool


Pair = tuple[Item, Codes]  # an item and the regions decided on


@dataclass(frozen=True, slots=True)
class Counts:
    """Decisions on items: those right, those wrong, and regions missed."""

    hits: int
    wrong: int
    missed: int

    def __str__(self) -> str:
        precision, recall = self.hits / max(1, self.said), self.recall
        return f"F1 {self.f1:.3f}  precision {precision:.3f}  recall {recall:.3f}"

    @property
    def said(self) -> int:
        return self.hits + self.wrong

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, 2 * self.hits + self.wrong + self.missed)


def read_items(path: Path) -> Iterator[Item]:
    """The items of a labelled sample whose regions are agreed."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        gold = row["gold"]
        if gold["rel"] is None or gold["reg"] is None:
            continue
        text = Text(row["id"], row["title"], row["text"], row["lang"])
        codes, maybe = frozenset(gold["reg"]), frozenset(gold["reg_maybe"])
        yield Item(text, row["group"], codes - _NO_REGIONS, maybe, bool(gold["rel"]))


def decided(tagger: RegionTagger, texts: Sequence[Text]) -> list[Codes]:
    """The regions the tagger decides on for each text."""
    return [
        frozenset(t.code for t in tags if t.decided) - _NO_REGIONS for tags in tagger.tag(texts)
    ]


def named(tagger: RegionTagger, texts: Sequence[Text]) -> list[Codes]:
    """The naive baseline: every region a text names."""
    return [
        frozenset(c.code for c in candidates(tagger.gazetteer.scan(text))) - _NO_REGIONS
        for text in texts
    ]


def count(pairs: Sequence[Pair]) -> Counts:
    """What the decisions are worth."""
    return Counts(
        sum(len(s & i.gold) for i, s in pairs),
        sum(len(s - i.gold - i.maybe) for i, s in pairs),
        sum(len(i.gold - s) for i, s in pairs),
    )


def interval(pairs: Sequence[Pair], seed: int) -> tuple[float, float]:
    """95 % of micro F1, by resampling groups."""
    groups: dict[str, list[Pair]] = {}
    for item, codes in pairs:
        groups.setdefault(item.group, []).append((item, codes))
    cells = [count(of) for of in groups.values()]
    table = np.array([(c.hits, c.wrong, c.missed) for c in cells])
    picked = np.random.default_rng(seed).integers(0, len(table), (DRAWS, len(table)))
    hits, wrong, missed = table[picked].sum(axis=1).T
    low, high = np.percentile(2 * hits / np.maximum(1, 2 * hits + wrong + missed), (2.5, 97.5))
    return float(low), float(high)


def _kept(items: Sequence[Item], language: str, kind: str) -> list[Item]:
    of = [i for i in items if language in ("all", i.text.language)]
    match kind:
        case "with a place":
            return [i for i in of if i.gold]
        case "relevant":
            return [i for i in of if i.relevant]
    return of


def report_sample(name: str, items: Sequence[Item], tagger: RegionTagger, seed: int) -> bool:
    """Figures of one sample; whether it meets the bar of F1."""
    met = True
    for language, kind in product(("all", "fi", "sv"), ("with a place", "relevant", "every item")):
        kept = _kept(items, language, kind)
        if not kept:
            continue
        texts = [i.text for i in kept]
        pairs = list(zip(kept, decided(tagger, texts), strict=True))
        figures, (low, high) = count(pairs), interval(pairs, seed)
        naive = count(list(zip(kept, named(tagger, texts), strict=True))).f1
        click.echo(
            f"{name:<9} {language:<4} {kind:<13} n {len(kept):>3}  {figures}  "
            f"({low:.3f}-{high:.3f})  naive F1 {naive:.3f}"
        )
        if (language, kind) == ("all", "with a place"):
            met = figures.f1 >= F1_BAR
    return met


def report_recall(items: Sequence[Item], tagger: RegionTagger) -> bool:
    """Recall per region with enough items; whether all are over the bar."""
    said = decided(tagger, [i.text for i in items])
    of = Counter(code for i in items for code in i.gold)
    hit = Counter(code for i, s in zip(items, said, strict=True) for code in i.gold & s)
    rows = {code: hit[code] / n for code, n in sorted(of.items()) if n >= ENOUGH}
    click.echo(
        f"recall of regions with {ENOUGH} items or more: "
        + "  ".join(f"{code} {recall:.2f} (n {of[code]})" for code, recall in rows.items())
    )
    return all(recall >= RECALL_BAR for recall in rows.values())


def report_left_out(examples: Sequence[Example], units: Sequence[str], seed: int) -> None:
    """Each region in turn: learns from texts that do not name it, measured on those that do."""
    blank = RegionTagger(LABELS)
    naming = named(blank, [e.text for e in examples])
    pooled: list[Pair] = []
    for unit in units:
        rest = [
            e for e, codes in zip(examples, naming, strict=True) if unit not in codes | {*e.regions}
        ]
        kept = [
            e for e, codes in zip(examples, naming, strict=True) if unit in codes | {*e.regions}
        ]
        said = decided(blank.fit(rest, seed=seed), [e.text for e in kept])
        pairs = [(_only(e, unit), codes & {unit}) for e, codes in zip(kept, said, strict=True)]
        pooled += pairs
        click.echo(f"{unit:>4} left out  {_n(pairs)}  {count(pairs)}")
    low, high = interval(pooled, seed)
    click.echo(f" all left out  {_n(pooled)}  {count(pooled)}  ({low:.3f}-{high:.3f})")


def _only(example: Example, unit: str) -> Item:
    gold = frozenset((unit,)) & {*example.regions}
    return Item(example.text, example.story, gold, frozenset(), example.relevant)


def _n(pairs: Sequence[Pair]) -> str:
    return f"n {sum(bool(item.gold) for item, _ in pairs):>4} of {len(pairs):>4} that name it"


@click.command()
@click.option("--dev", type=click.Path(path_type=Path), default=ROOT.parent / "shared" / "dev")
@click.option("--seed", default=1)
@click.option("--skip-left-out", is_flag=True, help="Only the samples.")
def main(dev: Path, seed: int, skip_left_out: bool) -> None:
    """Measure the region task."""
    examples = load_corpus(LABELS / "corpus").examples
    tagger = RegionTagger(LABELS).fit(examples, seed=seed)
    click.echo(f"learned from {len(examples)} texts")
    met = True
    if dev.is_dir():
        samples = {name: list(read_items(dev / f"{name}.jsonl")) for name in SAMPLES}
        for name, items in samples.items():
            met &= report_sample(name, items, tagger, seed)
        for name, items in samples.items():
            click.echo(f"{name}: ", nl=False)
            met &= report_recall(items, tagger)
        click.echo("both, for information: ", nl=False)
        report_recall([item for items in samples.values() for item in items], tagger)
    if not skip_left_out:
        report_left_out(examples, load_reference(LABELS).units, seed)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
