"""A version that learned from people's decisions, where the texts they decided are not to be found."""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifiers import persist
from classifiers.decisions import Decision, decisions_bytes
from classifiers.reference import load_reference
from monitor.articles.fingerprint import content_hash
from monitor.progress import Silent
from monitor.settings import Settings, load_settings
from monitor.training.compare import compare
from monitor.training.dataset import Dataset, decisions_hash, load_dataset
from monitor.training.decisions import Texts
from monitor.training.gate import ENOUGH, judge
from monitor.training.judged import judged
from monitor.training.sides import unseen_sides
from monitor.training.train import train_all
from monitor.training.unseen import UNSEEN
from monitor.training.verify import checked
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

pytestmark = pytest.mark.slow
COPIES = 2  # of the tiny corpus: enough texts for a comparison on the same ones
SECRET = ("Hyvinvointialue sulkee terveysaseman", "Alijäämä kasvoi Oulussa, kertoo aluehallitus.")


@dataclass(frozen=True)
class Place:
    """Labels without the decided text, and a version of relevance of each kind."""

    settings: Settings
    plain: str  # learned from the corpus
    people: str  # and from a decision

    @property
    def dataset(self) -> Dataset:
        return load_dataset(self.settings.labels_dir, load_reference(self.settings.labels_dir))

    def manifest(self, version: str) -> dict[str, object]:
        return persist.verify(self.settings.models_dir, "relevance", version)


def _decision() -> Decision:
    return Decision(
        key="d1", address="", text_sha256=content_hash(*SECRET), lang="fi", relevant=True,
        regions=("19",), mentioned=(), national=False, topics=("finance",), direction="risk",
        who="Anna", when=datetime(2026, 11, 16, tzinfo=UTC),
    )  # fmt: skip


def _corpus(folder: Path) -> None:
    folder.mkdir()
    rows = [
        {
            "id": f"{e.text.id}-{n}", "lang": e.text.language, "title": f"{e.text.title} {n}",
            "text": e.text.text, "relevant": e.relevant, "regions": list(e.regions),
            "mentioned": [], "national": False, "topics": list(e.topics), "direction": e.direction,
        }
        for e in tiny_examples()
        for n in range(COPIES)
    ]  # fmt: skip
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "tiny.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("decided")
    labels = folder / "labels"
    shutil.copytree(ROOT / "labels", labels, ignore=shutil.ignore_patterns("corpus", "decisions"))
    _corpus(labels / "corpus")
    (labels / "decisions").mkdir()
    (labels / "decisions" / "a.jsonl").write_bytes(decisions_bytes([_decision()]))
    settings = load_settings({}, labels_dir=labels, models_dir=folder / "models")
    (plain,) = train_all(settings, Silent(), ["relevance"]).versions
    texts = Texts({_decision().text_sha256: SECRET})
    (people,) = train_all(settings, Silent(), ["relevance"], texts=lambda _: texts).versions
    return Place(settings, plain.version, people.version)


def test_the_manifest_tells_the_corpus_from_what_people_decided(place: Place) -> None:
    plain, people = place.manifest(place.plain), place.manifest(place.people)
    here = place.dataset
    assert people["sources"] == {"corpus": len(here.examples), "decision": 1}
    assert plain["corpus_sha256"] == people["corpus_sha256"] == here.corpus_hash == here.hash
    assert plain["dataset_sha256"] == here.hash != people["dataset_sha256"]
    assert plain["decisions_sha256"] is None
    assert people["decisions_sha256"] == decisions_hash(place.settings.labels_dir)


def test_another_decision_has_another_hash(place: Place, tmp_path: Path) -> None:
    (tmp_path / "decisions").mkdir()
    assert decisions_hash(tmp_path) is None
    path = tmp_path / "decisions" / "a.jsonl"
    path.write_bytes(decisions_bytes([_decision()]))
    assert decisions_hash(tmp_path) == decisions_hash(place.settings.labels_dir)
    path.write_bytes(decisions_bytes([replace(_decision(), direction="neutral")]))
    assert decisions_hash(tmp_path) != decisions_hash(place.settings.labels_dir)


def test_versions_are_compared_on_the_texts_that_are_here(place: Place) -> None:
    stored = persist.read_json(place.settings.models_dir / "relevance" / place.people / UNSEEN)
    examples = place.dataset.examples
    assert len(stored) == len(examples) + 1
    for pair in ((place.plain, place.people), (place.people, place.plain)):
        sides = unseen_sides(place.settings, examples, "relevance", *pair)
        assert sides is not None
        assert len(sides.examples) == len(examples) >= ENOUGH
        assert compare(sides, seed=1)[0].verdict == "noise"
    known = judged(place.settings, examples, "relevance", place.people)
    assert len(known.examples) == len(examples)


def test_the_gate_and_the_golden_texts_do_without_them(place: Place) -> None:
    state = checked(place.settings.models_dir, place.settings.labels_dir, "relevance", place.people)
    assert state.sound
    assert state.golden
    for chosen, used in ((place.people, place.plain), (place.plain, place.people)):
        (said,) = judge(place.settings, {"relevance": chosen}, {"relevance": used})
        # So small a corpus is under the floors; but nothing is lost and nothing said otherwise.
        assert not [o for o in said.objections if "worse than" in o or "no longer" in o]
