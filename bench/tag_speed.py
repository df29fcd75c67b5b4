"""How fast the classifiers are: articles a second on one core, and how long they take to load.

    python -m bench.tag_speed [--models FOLDER] [--articles N]

The stream is made of the training corpus: its texts are cut into sentences, which are joined at random
into articles of about 135 words, 15 % of them from relevant texts. Each process has one thread. Measured
are all four tasks with evidence, and topics alone on the same articles; in both a word met before is
remembered, as in a long-running process. It says nothing of how right the tags are.
"""

import json
import os
import random
import re
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
from classifiers.values import Text
from classifiers.vocabulary import load_vocabulary
from monitor.training import registry

ROOT = Path(__file__).resolve().parents[1]
LABELS = ROOT / "labels"
WORDS, RELEVANT, BATCH, SEED = 135, 0.15, 32, 1
_SENTENCE = re.compile(r"(?<=[.!?”])\s+")
_LOAD = """
import json, sys, time
from pathlib import Path
from classifiers.tagger import Tagger
start = time.perf_counter()
Tagger.load(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3]))
print(time.perf_counter() - start)
"""


def stream(articles: int) -> list[Text]:
    """Articles of about WORDS words, the same ones every time."""
    rng = random.Random(SEED)
    pools: dict[tuple[str, bool], list[str]] = {}
    titles: dict[tuple[str, bool], list[str]] = {}
    for example in load_corpus(LABELS / "corpus").examples:
        kind = (example.text.language, example.relevant)
        pools.setdefault(kind, []).extend(_SENTENCE.split(example.text.text))
        titles.setdefault(kind, []).append(example.text.title)
    made = []
    for i in range(articles):
        kind = (rng.choice(("fi", "sv")), rng.random() < RELEVANT)
        body: list[str] = []
        while sum(len(s.split()) for s in body) < WORDS:
            body.append(rng.choice(pools[kind]))
        made.append(Text(str(i), rng.choice(titles[kind]), " ".join(body), kind[0]))
    return made


def all_tasks(tagger: Tagger, texts: Sequence[Text]) -> tuple[float, float]:
    """Articles a second with evidence, and the share found relevant."""
    start, relevant = time.perf_counter(), 0
    for i in range(0, len(texts), BATCH):
        relevant += sum(tags.relevance.decided for tags in tagger.tag(texts[i : i + BATCH]))
    return len(texts) / (time.perf_counter() - start), relevant / len(texts)


def topics_alone(featurizer: Featurizer, model: LinearModel, texts: Sequence[Text]) -> float:
    """Articles a second, decisions without evidence."""
    start = time.perf_counter()
    for i in range(0, len(texts), BATCH):
        model.decide(model.probabilities(featurizer.counts(texts[i : i + BATCH])))
    return len(texts) / (time.perf_counter() - start)


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
    texts = stream(articles + 200)
    warm, rest = texts[:200], texts[200:]
    all_tasks(tagger, warm)
    topics_alone(featurizer, model, warm)
    rate, relevant = all_tasks(tagger, rest)
    words = sum(len(t.text.split()) for t in rest) / len(rest)
    click.echo(f"{len(rest)} articles of {words:.0f} words, {relevant:.0%} tagged relevant")
    click.echo(f"all four tasks with evidence: {rate:.0f} articles a second")
    click.echo(f"topics alone: {topics_alone(featurizer, model, rest):.0f} articles a second")


if __name__ == "__main__":
    main()
