"""Train, verify, compare, activate past the gate, roll back: over real files and a real store."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from classifiers import persist
from classifiers.values import Example
from monitor.cli.main import cli
from monitor.db.engine import open_engine, reading
from monitor.db.tables import AuditRow
from monitor.progress import Silent
from monitor.settings import load_settings
from monitor.training.golden import GOLDEN
from monitor.training.pictures import CONFUSION, RELIABILITY
from monitor.training.train import train_all
from monitor.training.unseen import UNSEEN
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

pytestmark = pytest.mark.slow
COPIES = 9  # of the tiny corpus: enough texts of each language for the gate


@dataclass(frozen=True)
class Place:
    """Labels, models and store of one test."""

    folder: Path
    good: str  # a version of relevance

    @property
    def models(self) -> Path:
        return self.folder / "models"

    def run(self, *arguments: str) -> Result:
        env = {
            "TILANNEKUVA_LABELS_DIR": str(self.folder / "labels"),
            "TILANNEKUVA_MODELS_DIR": str(self.models),
            "TILANNEKUVA_DATABASE_URL": f"sqlite:///{self.folder / 'store.db'}",
        }
        return CliRunner().invoke(cli, arguments, env=env)

    def audit(self) -> list[AuditRow]:
        engine = open_engine(f"sqlite:///{self.folder / 'store.db'}")
        with reading(engine) as session:
            rows = list(session.exec(select(AuditRow).order_by(AuditRow.id)))  # type: ignore[arg-type]
        engine.dispose()
        return rows

    def variant(self, name: str, change: Callable[[str, dict[str, Any]], None]) -> str:
        """A version like `good` with its JSON files changed and its sums right."""
        target = self.models / "relevance" / name
        shutil.copytree(self.models / "relevance" / self.good, target)
        manifest = persist.read_json(target / persist.MANIFEST)
        for file in (persist.EVALUATION, UNSEEN, GOLDEN):
            value = persist.read_json(target / file)
            change(file, value)
            content = persist.canonical_json(value)
            (target / file).write_bytes(content)
            manifest["files"][file] = hashlib.sha256(content).hexdigest()
        (target / persist.MANIFEST).write_bytes(persist.canonical_json(manifest))
        return name


def _row(example: Example, copy: int) -> dict[str, Any]:
    text = replace(example.text, id=f"{example.text.id}-{copy}")
    return {
        "id": text.id, "lang": text.language, "title": f"{text.title} {copy}", "text": text.text,
        "relevant": example.relevant, "regions": list(example.regions), "mentioned": [],
        "national": False, "topics": list(example.topics), "direction": example.direction,
    }  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("trained")
    labels = folder / "labels"
    shutil.copytree(ROOT / "labels", labels, ignore=shutil.ignore_patterns("corpus", "decisions"))
    (labels / "corpus").mkdir()
    rows = [_row(e, copy) for e in tiny_examples() for copy in range(COPIES)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (labels / "corpus" / "tiny.jsonl").write_text(lines, encoding="utf-8")
    settings = load_settings({}, labels_dir=labels, models_dir=folder / "models")
    (made,) = train_all(settings, Silent(), ["relevance"]).versions
    assert [p.name for p in (folder / "models").iterdir()] == ["relevance"]
    return Place(folder, made.version)


@pytest.fixture
def place(trained: Place, tmp_path: Path) -> Place:
    shutil.copytree(trained.folder, tmp_path / "own")
    return Place(tmp_path / "own", trained.good)


def _worse(file: str, value: dict[str, Any]) -> None:
    """Wrong on one unseen text in seven."""
    if file == UNSEEN:
        for key in list(value)[::7]:
            value[key]["decided"] = [] if value[key]["decided"] else ["relevant"]


def _low(file: str, value: dict[str, Any]) -> None:
    if file == persist.EVALUATION:
        value["overall"]["value"] = 0.5


def _other(file: str, value: dict[str, Any]) -> None:
    """Another name, the same version."""


def test_a_version_keeps_what_it_said(trained: Place) -> None:
    folder = trained.models / "relevance" / trained.good
    golden, unseen = persist.read_json(folder / GOLDEN), persist.read_json(folder / UNSEEN)
    assert {t["language"] for t in golden["texts"]} == {"fi", "sv"}
    said = [tuple(row["decided"]) for row in golden["predictions"].values()]
    assert set(said) == {("relevant",), ()}
    assert len(unseen) == len(tiny_examples()) * COPIES
    files = persist.verify(trained.models, "relevance", trained.good)["files"]
    assert {GOLDEN, UNSEEN, RELIABILITY, CONFUSION} < set(files)


def test_the_list_marks_what_is_in_use(place: Place) -> None:
    before = place.run("models", "list")
    assert f"  relevance {place.good}  F1 1.000" in before.output
    assert "! relevance no version is in use" in before.output
    assert place.run("models", "activate", place.good).exit_code == 0
    assert f"* relevance {place.good}" in place.run("models", "list").output


def test_verify_tells_whole_from_damaged_and_from_changed(place: Place) -> None:
    sound = place.run("models", "verify")
    assert sound.exit_code == 0
    assert "says what it said of 8 texts" in sound.output

    def lie(file: str, value: dict[str, Any]) -> None:
        if file == GOLDEN:
            next(iter(value["predictions"].values()))["decided"] = ["otherwise"]

    changed = place.run("models", "verify", place.variant("v2-lie", lie))
    assert changed.exit_code == 1
    assert "it said otherwise, now" in changed.output
    (place.models / "relevance" / place.good / UNSEEN).write_text("{}")
    damaged = place.run("models", "verify", place.good)
    assert damaged.exit_code == 1
    assert UNSEEN in damaged.output


def test_evaluate_prints_stored_figures_and_measures_on_a_file(place: Place) -> None:
    stored = place.run("evaluate", place.good)
    assert "cross-validation" in stored.output
    assert f"n {len(tiny_examples()) * COPIES}" in stored.output
    corpus = place.folder / "labels" / "corpus" / "tiny.jsonl"
    few = place.folder / "few.jsonl"
    few.write_text("".join(corpus.read_text().splitlines(keepends=True)[::20]) + "oops\n")
    apart = place.run("models", "evaluate", place.good, "--on", str(few))
    assert apart.exit_code == 0, apart.output
    assert "all  micro F1 1.000" in apart.output
    assert "few.jsonl:34" in apart.stderr


def test_compare_says_what_is_noise(place: Place) -> None:
    worse = place.variant("v2-worse", _worse)
    output = place.run("compare", place.good, worse).output
    assert f"A {place.good}, B {worse}, on {len(tiny_examples()) * COPIES} texts" in output
    assert [line.split()[-1] for line in output.splitlines()[2:]] == ["worse"] * 3
    place.run("activate", place.good)
    same = place.run("compare", "active", place.variant("v2-same", _other)).output
    assert [line.split()[-1] for line in same.splitlines()[2:]] == ["noise"] * 3
    file = place.folder / "labels" / "corpus" / "tiny.jsonl"
    on_file = place.run("compare", place.good, worse, "--on", str(file))
    assert "noise" in on_file.output  # only what it had said of unseen texts was made worse


def test_the_gate_refuses_what_is_worse_unless_overridden_and_audits_it(place: Place) -> None:
    worse = place.variant("v2-worse", _worse)
    assert place.run("models", "activate", place.good, "--by", "Ada").exit_code == 0
    refused = place.run("models", "activate", worse)
    assert refused.exit_code != 0
    assert f"is worse than {place.good}" in str(refused.exception)
    assert f"* relevance {place.good}" in place.run("models", "list").output
    forced = place.run("models", "activate", worse, "--override", "the corpus was wrong")
    assert forced.exit_code == 0, forced.output
    first, second = place.audit()
    assert (first.who, first.after) == (
        "Ada", {"version": place.good, "reason": "activated by hand"},
    )  # fmt: skip
    assert second.before == {"version": place.good}
    assert second.after is not None
    assert second.after["reason"] == "the corpus was wrong"
    assert "is worse than" in second.after["overridden"][0]


def test_the_gate_refuses_what_is_below_a_floor_or_speaks_otherwise(place: Place) -> None:
    def lie(file: str, value: dict[str, Any]) -> None:
        if file == GOLDEN:
            next(iter(value["predictions"].values()))["probability"] = {"relevant": 0.5}

    low = place.run("activate", place.variant("v2-low", _low))
    assert "the floor is 0.90" in str(low.exception)
    lied = place.run("activate", place.variant("v2-lie", lie))
    assert "no longer says what it said" in str(lied.exception)
    assert place.audit() == []


def test_an_override_of_what_passes_leaves_the_plain_reason(place: Place) -> None:
    place.run("activate", place.good, "--override", "needless", "--reason", "the first")
    (row,) = place.audit()
    assert row.after == {"version": place.good, "reason": "the first"}


def test_rolling_back_goes_back_step_by_step(place: Place) -> None:
    names = [place.good, place.variant("v2-b", _other), place.variant("v2-c", _other)]
    for name in names:
        assert place.run("models", "activate", name).exit_code == 0
    assert f"{names[1]} is in use again" in place.run("models", "rollback", "relevance").output
    assert f"{names[0]} is in use again" in place.run("rollback", "relevance").output
    nothing = place.run("rollback", "relevance")
    assert "nothing to go back to" in str(nothing.exception)
    place.run("activate", names[2])
    assert f"{names[0]} is in use again" in place.run("rollback", "relevance").output
    assert place.audit()[3].action == "roll back model version"


def test_names_are_taken_by_their_beginning_and_must_be_one(place: Place) -> None:
    place.variant("v2-worse", _worse)
    assert place.run("models", "verify", "v2-w").exit_code == 0
    assert "could be" in str(place.run("models", "verify", "v2-").exception)
    assert "no version 'v9'" in str(place.run("models", "verify", "v9").exception)


def test_training_activates_past_the_gate(place: Place) -> None:
    result = place.run("train", "--task", "relevance", "--activate")
    assert result.exit_code == 0, result.output
    assert "put in use: relevance" in result.output
    (row,) = place.audit()
    assert row.after == {"version": place.good, "reason": "trained"}


def test_labels_are_counted_and_checked(place: Place) -> None:
    stats = place.run("labels", "stats")
    assert stats.exit_code == 0
    assert f"  all{'':<27}{648:>6}{324:>6}{324:>6}" in stats.output
    assert "few" in next(line for line in stats.output.splitlines() if "  ict " in line)
    corpus = place.folder / "labels" / "corpus" / "tiny.jsonl"
    copy = json.loads(corpus.read_text(encoding="utf-8").splitlines()[0]) | {"id": "copy"}
    long = "Aluehallitus päätti asiasta kokouksessaan maanantaina ja palaa siihen keväällä."
    rows = [
        copy | {"text": long},
        copy | {"id": "copy-2", "text": long + " Päätös oli yksimielinen."},
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows) + '{"id": 1}\n'
    corpus.write_text(content, encoding="utf-8")
    checked = place.run("labels", "check")
    assert checked.exit_code == 1
    assert "corpus/tiny.jsonl:3" in checked.output
    assert "tiny.jsonl:2 (copy-2) is" in checked.output
    assert "texts: 2, broken lines: 1, near-duplicates: 1" in checked.output
    corpus.write_text(json.dumps(copy) + "\n", encoding="utf-8")
    assert place.run("labels", "check").exit_code == 0
