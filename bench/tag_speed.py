"""How fast the classifiers are: articles a second on one core, and how long they take to load.

    python -m bench.tag_speed [--models FOLDER] [--articles N]

The stream is made of the training corpus: texts of one language are joined at random and cut
to about 135 words, 15 % of the articles from relevant texts. Each process has one thread. Measured are all four tasks with
evidence, and topics alone on the same articles: in the first round most words are new, in the second all
were met before and are remembered, as in a long-running process. It says nothing of how right the tags
are; `bench.annif` measures the same beside Annif.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import click  # after the threads are limited

from classifiers import persist
from classifiers.corpus import load_corpus
from classifiers.features import Featurizer
from classifiers.linear import LinearModel
from classifiers.tagger import Tagger
from classifiers.values import Example, Text
from classifiers.vocabulary import load_vocabulary
from monitor.training import registry

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "labels"
WORDS, RELEVANT, BATCH, SEED = 135, 0.15, 32, 1
_LOAD = """
import json, sys, time
from pathlib import Path
from classifiers.tagger import Tagger
start = time.perf_counter()
Tagger.load(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]))
print(time.perf_counter() - start)
"""


def stream(examples: Sequence[Example], articles: int) -> list[Text]:
    """Articles of about WORDS words made of `examples`, the same ones every time."""
    rng = random.Random(SEED)
    pools: dict[tuple[str, bool], list[Text]] = {}
    for example in examples:
        if example.text.text:
            kind = (example.text.language, example.relevant)
            pools.setdefault(kind, []).append(example.text)
    made = []
    for i in range(articles):
        kind = (rng.choice(("fi", "sv")), rng.random() < RELEVANT)
        title, words = rng.choice(pools[kind]).title, []
        while len(words) < WORDS:
            words += rng.choice(pools[kind]).text.split()
        made.append(Text(str(i), title, " ".join(words[:WORDS]), kind[0]))
    return made


def all_tasks(tagger: Tagger, texts: Sequence[Text]) -> tuple[float, float]:
    """Articles a second of processor time, with evidence, and the share found relevant."""
    start, relevant = time.process_time(), 0
    for i in range(0, len(texts), BATCH):
        relevant += sum(tags.relevance.decided for tags in tagger.tag(texts[i : i + BATCH]))
    return len(texts) / (time.process_time() - start), relevant / len(texts)


def topics_alone(featurizer: Featurizer, model: LinearModel, texts: Sequence[Text]) -> float:
    """Articles a second of processor time, decisions without evidence."""
    start = time.process_time()
    for i in range(0, len(texts), BATCH):
        model.decide(model.probabilities(featurizer.counts(texts[i : i + BATCH])))
    return len(texts) / (time.process_time() - start)


@click.command()
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "models",
    help="Where the versions lie.",
)
@click.option("--articles", type=int, default=3000, show_default=True)
def main(models: Path, articles: int) -> None:
    """Measure articles a second and load time."""
    versions = registry.shipped_versions(models)
    command = [sys.executable, "-c", _LOAD, str(models), json.dumps(versions), str(LABELS)]
    loads = sorted(
        float(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
        for _ in range(3)
    )
    click.echo(
        f"load all four: {loads[0]:.2f} s (best of 3; worst {loads[-1]:.2f}), skops included"
    )
    tagger = Tagger.load(models, versions, LABELS)
    model = LinearModel.from_state(persist.load(models, "topic", versions["topic"]).state)
    featurizer = Featurizer(load_vocabulary(LABELS), model.features)
    texts = stream(load_corpus(LABELS / "corpus").examples, articles)
    for words in ("most words new", "every word met before"):
        rate, relevant = all_tasks(tagger, texts)
        click.echo(
            f"{len(texts)} articles of {WORDS} words, {words}, {relevant:.0%} tagged relevant"
        )
        click.echo(f"all four tasks with evidence: {rate:.0f} articles a second")
        click.echo(f"topics alone: {topics_alone(featurizer, model, texts):.0f} articles a second")


if __name__ == "__main__":
    main()
