"""Our speed and our topics against Annif's `svc` backend, in the same run.

    python -m bench.annif [--environment FOLDER] [--articles N] [--rounds N]

Annif is installed from the registry into an environment of its own (var/bench-annif by default), which
is kept; where it cannot be installed the command says so and measures nothing. Both learn from four
fifths of labels/corpus; no story stands on both sides. Annif's project is the one that does best on the held-out
fifth, and so are the threshold and the number of topics it suggests; ours are what training chose.

F1 is of topics, on the relevant texts held out, with 95 % intervals (bootstrap over stories) and that of the
difference. Speed is of a stream of articles of about 135 words, 15 % relevant, made of the texts
held out: in every round both get the same articles in batches of 32, one after the other on one core;
seconds are of processor time, so that other work on the machine counts for neither.
In the first round no word has been met before; ratios are medians of the later rounds. Exit code 1 where a bar is missed:
all four tasks with evidence 1.2 times, topics alone 3 times Annif's topics, F1 no lower.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import click  # after the threads are limited
import numpy as np

from bench.tag_speed import LABELS, ROOT, all_tasks, stream, topics_alone
from classifiers import linear, metrics, persist
from classifiers.corpus import load_corpus
from classifiers.features import Featurizer
from classifiers.linear import LinearModel
from classifiers.metrics import Bools, Floats
from classifiers.reference import load_reference
from classifiers.tagger import Tagger
from classifiers.train import train, truth_of
from classifiers.values import TASKS, Example, Text
from classifiers.vocabulary import load_vocabulary

ANNIF = "annif==1.4.3"
ALL_TASKS_BAR, TOPICS_BAR = 1.2, 3.0
SEED = 1
_ANALYZERS = {
    "simple": ("simple", "simple"),
    "snowball": ("snowball(finnish)", "snowball(swedish)"),
}
_URI = "http://topics/"


class Ours(NamedTuple):
    """What we trained."""

    tagger: Tagger
    topics: LinearModel
    featurizer: Featurizer


class Project(NamedTuple):
    """Annif projects for the two languages, and how well they do at their best."""

    name: str
    routes: dict[str, str]  # language -> project
    decided: Bools
    f1: float


class Annif:
    """A running worker."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-P", Path(__file__).parent / "others" / "annif_worker.py", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> Any:
        """The worker's answer. Raises ClickException where it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise click.ClickException(f"Annif's worker ended while it was asked to {do}")
        return json.loads(line)

    def stop(self) -> None:
        """End the worker."""
        self._process.communicate()


def installed(environment: Path) -> Path:
    """The interpreter of an environment that has Annif. Raises ClickException where it has not."""
    python = environment / "bin" / "python"
    have = [
        python,
        "-c",
        f"from importlib.metadata import version; assert 'annif==' + version('annif') == '{ANNIF}'",
    ]
    if not python.exists() or subprocess.run(have, capture_output=True).returncode:
        click.echo(f"installing {ANNIF} into {environment}", err=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", ANNIF]
        for command in ([sys.executable, "-m", "venv", environment], pip):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
                raise click.ClickException(
                    f"{ANNIF} cannot be installed, nothing measured: {' '.join(reason)}"
                )
    return python


def learn(examples: Sequence[Example], folder: Path) -> Ours:
    """All four tasks from `examples`."""
    reference = load_reference(LABELS)
    for task in TASKS:
        click.echo(f"training {task}", err=True)
        made = train(task, examples, reference, LABELS, seed=SEED)
        persist.write(
            folder,
            task,
            "bench",
            state=made.state,
            manifest={},
            evaluation=made.evaluation,
            card="",
        )
    tagger = Tagger.load(folder, dict.fromkeys(TASKS, "bench"), LABELS)
    topics = LinearModel.from_state(persist.load(folder, "topic", "bench").state)
    return Ours(tagger, topics, Featurizer(load_vocabulary(LABELS), topics.features))


def write_annif(folder: Path, examples: Sequence[Example], topics: Sequence[str]) -> None:
    """Vocabulary, projects and training files in Annif's formats.

    svc learns one subject of a document: a text stands in "every" once for each of its topics, in
    "main" with the first alone.
    """
    folder.joinpath("topics.tsv").write_text("".join(f"<{_URI}{t}>\t{t}\n" for t in topics))
    config = []
    for (analyzer, named), subjects, language in itertools.product(
        _ANALYZERS.items(), ("every", "main"), ("both", "fi", "sv")
    ):
        spec = named[language == "sv"]
        config.append(
            f"[{analyzer}-{subjects}-{language}]\nname=bench\nlanguage=en\nbackend=svc\n"
            f"analyzer={spec}\nvocab=topics\nlimit={len(topics)}\n"
        )
    folder.joinpath("projects.cfg").write_text("\n".join(config))
    for subjects, language in itertools.product(("every", "main"), ("both", "fi", "sv")):
        lines = [
            f"{one_line(e.text)}\t<{_URI}{topic}>\n"
            for e in examples
            if language in ("both", e.text.language)
            for topic in (e.topics if subjects == "every" else e.topics[:1])
        ]
        folder.joinpath(f"{subjects}-{language}.tsv").write_text("".join(lines), "utf-8")


def one_line(text: Text) -> str:
    """Title and body as Annif reads a document."""
    return " ".join(f"{text.title} {text.text}".split())


def best_project(
    annif: Annif, folder: Path, held: Sequence[Example], topics: Sequence[str], truth: Bools
) -> Project:
    """The project that does best on the texts held out."""
    found = []
    for analyzer, subjects, languages in itertools.product(
        _ANALYZERS, ("every", "main"), (("both",), ("fi", "sv"))
    ):
        if analyzer != "simple" and languages == ("both",):
            continue  # a stemmer knows one language
        for language in languages:
            docs = str(folder / f"{subjects}-{language}.tsv")
            annif.ask("train", project=f"{analyzer}-{subjects}-{language}", docs=docs)
        routes = {
            language: f"{analyzer}-{subjects}-{languages[-1] if len(languages) == 1 else language}"
            for language in ("fi", "sv")
        }
        answers = annif.ask(
            "scores",
            routes=[routes[e.text.language] for e in held],
            texts=[one_line(e.text) for e in held],
        )
        scores = np.array([[a[_URI + t] for t in topics] for a in answers])
        decided = best_choice(scores, truth)
        name = f"{analyzer}, {subjects} topic, {'one project' if len(languages) == 1 else 'a project a language'}"
        f1 = metrics.micro_f1(truth, decided)
        click.echo(f"annif {name}: F1 {f1:.3f} at its best threshold and limit", err=True)
        found.append(Project(name, routes, decided, f1))
    return max(found, key=lambda project: project.f1)


def best_choice(scores: Floats, truth: Bools) -> Bools:
    """What is decided with the threshold and the number of topics that give the highest micro F1."""
    rank = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    choices = [
        (scores >= threshold) & (rank < limit)
        for limit in range(1, 6)
        for threshold in np.quantile(scores, np.linspace(0, 1, 201))
    ]
    return max(choices, key=lambda decided: metrics.micro_f1(truth, decided))


def compare_f1(ours: Bools, theirs: Bools, truth: Bools, stories: Sequence[str]) -> float:
    """Say both figures and their difference; returns the difference."""
    for name, decided in (("ours", ours), ("annif", theirs)):
        m = metrics.measure(metrics.micro_f1, truth, decided, stories, SEED)
        click.echo(f"topics F1 {name}: {m.value:.3f} ({m.low:.3f}-{m.high:.3f}), n {m.n}")
    both = np.concatenate([ours, theirs], axis=1)

    def difference(truth: Bools, decided: Bools) -> float:
        width = truth.shape[1]
        mine, other = decided[:, :width], decided[:, width:]
        return metrics.micro_f1(truth, mine) - metrics.micro_f1(truth, other)

    d = metrics.measure(difference, truth, both, stories, SEED)
    click.echo(f"difference: {d.value:+.3f} ({d.low:+.3f} to {d.high:+.3f})")
    return d.value


def race(annif: Annif, project: Project, ours: Ours, texts: Sequence[Text], rounds: int) -> bool:
    """Time all three round by round; whether both bars are met."""
    routes = [project.routes[t.language] for t in texts]
    lines = [one_line(t) for t in texts]
    fresh = Featurizer(load_vocabulary(LABELS), ours.topics.features)
    rates: dict[str, list[float]] = {"annif": [], "all": [], "topics": []}
    for i in range(rounds + 1):
        rates["annif"].append(len(texts) / annif.ask("time", routes=routes, texts=lines))
        rate, relevant = all_tasks(ours.tagger, texts)
        rates["all"].append(rate)
        rates["topics"].append(topics_alone(fresh, ours.topics, texts))
        said = ", ".join(f"{name} {values[-1]:.0f}" for name, values in rates.items())
        click.echo(f"round {i}: {said} articles a second, {relevant:.0%} relevant", err=True)
    met = True
    for name, what, bar in (
        ("all", "all four tasks with evidence", ALL_TASKS_BAR),
        ("topics", "topics alone", TOPICS_BAR),
    ):
        pairs = list(zip(rates[name], rates["annif"], strict=True))
        ratios = [mine / other for mine, other in pairs]
        ratio = statistics.median(ratios[1:])
        click.echo(
            f"{what}: {statistics.median(rates[name][1:]):.0f} articles a second against "
            f"{statistics.median(rates['annif'][1:]):.0f}, ratio {ratio:.2f} (rounds "
            f"{min(ratios[1:]):.2f}-{max(ratios[1:]):.2f}; bar {bar}); words first met: "
            f"{pairs[0][0]:.0f} against {pairs[0][1]:.0f}, ratio {ratios[0]:.2f}"
        )
        met = met and ratio >= bar
    return met


@click.command()
@click.option(
    "--environment",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "var" / "bench-annif",
    help="Annif's own environment; made where it is absent.",
)
@click.option("--articles", type=int, default=2000, show_default=True)
@click.option("--rounds", type=int, default=5, show_default=True)
def main(environment: Path, articles: int, rounds: int) -> None:
    """Measure both, side by side."""
    python = installed(environment)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the worker inherits it
    examples = load_corpus(LABELS / "corpus").examples
    folds = linear.split([e.story for e in examples], SEED)
    seen = [e for e, fold in zip(examples, folds, strict=True) if fold]
    held = [e for e, fold in zip(examples, folds, strict=True) if not fold]
    relevant = [e for e in held if e.relevant]
    topics, holding = truth_of("topic", load_reference(LABELS))
    truth = np.array([[t in holding(e) for t in topics] for e in relevant])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_annif(folder, [e for e in seen if e.relevant], topics)
        annif = Annif(python, folder)
        try:
            ours = learn(seen, folder / "models")
            project = best_project(annif, folder, relevant, topics, truth)
            click.echo(
                f"annif's best: {project.name}; {len(seen)} texts learned from, {len(held)} held out"
            )
            counts = ours.featurizer.counts([e.text for e in relevant])
            decided = ours.topics.decide(ours.topics.probabilities(counts))
            stories = [e.story for e in relevant]
            no_lower = compare_f1(decided, project.decided, truth, stories) >= 0
            fast = race(annif, project, ours, stream(held, articles), rounds)
        finally:
            annif.stop()
    sys.exit(0 if no_lower and fast else 1)


if __name__ == "__main__":
    main()
