"""The tagger as a whole: trained on a tiny corpus, stored, loaded, asked in both languages."""

from pathlib import Path

import pytest

from classifiers import persist
from classifiers.persist import VersionError
from classifiers.reference import NATIONAL, Reference, load_reference
from classifiers.tagger import Tagger, model_set_id
from classifiers.train import NothingToLearn, train
from classifiers.values import TASKS, Text
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

LABELS = ROOT / "labels"
VERSIONS = dict.fromkeys(TASKS, "v1-tiny")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    reference = load_reference(LABELS)
    for task in TASKS:
        made = train(task, tiny_examples(), reference, LABELS, seed=1)
        persist.write(
            folder,
            task,
            "v1-tiny",
            state=made.state,
            manifest={},
            evaluation=made.evaluation,
            card="",
        )
    return folder


@pytest.fixture(scope="module")
def tagger(models: Path) -> Tagger:
    return Tagger.load(models, VERSIONS, LABELS)


@pytest.mark.parametrize(
    ("title", "language", "region", "topic", "direction"),
    [
        ("Alijäämä kasvoi taas Turussa", "fi", "05", "finance", "risk"),
        ("Underskottet växte igen i Vasa", "sv", "17", "finance", "risk"),
        ("Pelastuslaitos palkkasi pelastajia Oulussa", "fi", "19", "rescue", "progress"),
        ("Brandstationen öppnades i Kuopio", "sv", "13", "rescue", "progress"),
    ],
)
def test_a_relevant_text_gets_all_four(
    tagger: Tagger, title: str, language: str, region: str, topic: str, direction: str
) -> None:
    (tags,) = tagger.tag([Text("1", title, "", language)])
    assert tags.relevance.decided
    assert [r.code for r in tags.regions if r.decided] == [region]
    assert [t.label for t in tags.topics if t.decided] == [topic]
    assert [d.label for d in tags.direction if d.decided] == [direction]
    assert len(tags.direction) == 3


@pytest.mark.parametrize(
    ("title", "language"),
    [("Joukkue voitti ottelun Turussa", "fi"), ("Laget vann matchen i Åbo", "sv")],
)
def test_an_irrelevant_text_has_a_region_and_no_topic(
    tagger: Tagger, title: str, language: str
) -> None:
    (tags,) = tagger.tag([Text("1", title, "", language)])
    assert not tags.relevance.decided
    assert [r.code for r in tags.regions if r.decided] == ["05"]
    assert NATIONAL not in [r.code for r in tags.regions]
    assert (tags.topics, tags.direction) == ((), ())


def test_evidence_stands_where_it_says(tagger: Tagger) -> None:
    text = Text("1", "Alijäämä kasvoi Oulussa", "Oulussa alijäämä kasvoi miljoonaan euroon.", "fi")
    (tags,) = tagger.tag([text])
    spans = [s for t in (tags.relevance, *tags.topics, *tags.regions) for s in t.spans]
    assert spans
    for span in spans:
        field = text.title if span.field == "title" else text.text
        assert 0 <= span.start < span.end <= len(field)
        assert span.why


def test_a_text_is_tagged_alike_alone_and_in_a_batch(tagger: Tagger) -> None:
    texts = [e.text for e in tiny_examples()[::9]]
    together = tagger.tag(texts)
    alone = [tagger.tag([text])[0] for text in texts]
    assert [t.relevance.decided for t in alone] == [t.relevance.decided for t in together]
    for one, other in zip(alone, together, strict=True):
        assert one.relevance.probability == pytest.approx(other.relevance.probability)
        for mine, its in ((one.topics, other.topics), (one.direction, other.direction)):
            assert [(t.label, t.decided) for t in mine] == [(t.label, t.decided) for t in its]
            places = [
                [(s.field, s.start) for tags in both for s in tags.spans] for both in (mine, its)
            ]
            assert places[0] == places[1]
    assert tagger.tag([]) == []


def test_odd_texts_are_tagged_too(tagger: Tagger) -> None:
    odd = ["", "\x00\ufeff", "🚒" * 50, "A" * 20_000, "١٢٣ — …", "Ïñtërnâtiônàl"]
    assert len(tagger.tag([Text(str(i), t, t, "xx") for i, t in enumerate(odd)])) == len(odd)


def test_loading_names_what_is_missing(models: Path) -> None:
    with pytest.raises(VersionError, match="direction"):
        Tagger.load(models, {t: "v1-tiny" for t in TASKS if t != "direction"}, LABELS)
    with pytest.raises(VersionError, match="v1-none"):
        Tagger.load(models, VERSIONS | {"topic": "v1-none"}, LABELS)


def test_a_version_of_another_task_is_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(VersionError):
        persist.load(models / "topic", "v1-tiny", "")
    state = persist.load(models, "topic", "v1-tiny").state
    for task in TASKS:
        persist.write(
            tmp_path, task, "v1-tiny", state=state, manifest={}, evaluation={}, card=""
        )  # the region tagger cannot be made of a linear model's parts
    with pytest.raises(VersionError, match="train"):
        Tagger.load(tmp_path, VERSIONS, LABELS)


def test_too_few_examples_are_named(reference: Reference) -> None:
    with pytest.raises(NothingToLearn, match="at least 5"):
        train("relevance", tiny_examples()[:3], reference, LABELS, seed=1)


def test_equal_sets_have_equal_ids() -> None:
    assert model_set_id({"a": "1", "b": "2"}) == model_set_id({"b": "2", "a": "1"})
    assert model_set_id({"a": "1", "b": "2"}) != model_set_id({"a": "2", "b": "1"})
