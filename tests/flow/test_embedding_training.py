"""Training with an embedder, from a folder of labels to a version on disk."""

import json
import shutil
from pathlib import Path

import pytest

from classifiers import persist
from monitor.embedding import Remembered
from monitor.errors import SettingsError
from monitor.progress import Silent
from monitor.settings import Settings, load_settings
from monitor.training.train import TrainedVersion, train_all
from monitor.training.verify import checked
from tests.conftest import ROOT
from tests.unit.hashing_embedder import HashingEmbedder
from tests.unit.tiny import tiny_examples


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("embedded")
    labels = folder / "labels"
    shutil.copytree(ROOT / "labels", labels, ignore=shutil.ignore_patterns("corpus", "decisions"))
    (labels / "corpus").mkdir()
    rows = [
        {
            "id": e.text.id, "lang": e.text.language, "title": e.text.title, "text": e.text.text,
            "relevant": e.relevant, "regions": list(e.regions), "mentioned": [],
            "national": False, "topics": list(e.topics), "direction": e.direction,
        }
        for e in tiny_examples()
    ]  # fmt: skip
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (labels / "corpus" / "tiny.jsonl").write_text(lines, encoding="utf-8")
    return load_settings(
        {}, labels_dir=labels, models_dir=folder / "models", cache_dir=folder / "cache"
    )


def made(settings: Settings, embedder: HashingEmbedder | None) -> TrainedVersion:
    kept = embedder and Remembered(embedder, settings.cache_dir)
    (version,) = train_all(settings, Silent(), ["direction"], embedder=kept).versions
    return version


def test_a_version_holds_both_models_and_is_named_by_what_it_was_made_from(
    settings: Settings,
) -> None:
    first, second = HashingEmbedder(), HashingEmbedder()
    plain, both, again = made(settings, None), made(settings, first), made(settings, second)
    assert both.version == again.version != plain.version
    assert first.asked > 0
    assert second.asked == 0  # the vectors were kept
    assert [p.name for p in (settings.cache_dir / "embeddings").iterdir()] == ["hashing-1.npz"]
    stored = persist.read_json(both.folder / persist.EVALUATION)
    assert stored["embedded"]["embedder"] == "hashing-1"
    assert stored["overall"] == persist.read_json(plain.folder / persist.EVALUATION)["overall"]
    manifest = persist.read_json(both.folder / persist.MANIFEST)
    assert manifest["parameters"]["embedded"]["embedder"] == "hashing-1"
    assert "`hashing-1`" in (both.folder / persist.CARD).read_text(encoding="utf-8")
    found = checked(settings.models_dir, settings.labels_dir, "direction", both.version)
    assert found.sound  # no embedder is needed to ask the plain model again


def test_an_embedder_that_cannot_be_had_stops_training_with_a_sentence(
    settings: Settings, tmp_path: Path
) -> None:
    wrong = settings.model_copy(update={"embedding_dir": tmp_path})
    with pytest.raises(SettingsError, match="TILANNEKUVA_EMBEDDING_DIR"):
        train_all(wrong, Silent(), ["direction"])
