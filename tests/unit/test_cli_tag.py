"""Lines in, lines out: what is taken, what is refused and with which words; the tagger is a small one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import persist
from classifiers.reference import load_reference
from classifiers.tagger import Tagger
from classifiers.train import train
from classifiers.values import TASKS
from monitor.tagging.lines import BATCH, BadLine, Line, read_line, tag_lines
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

LABELS = ROOT / "labels"
GOOD = {"id": "a", "title": "Alijäämä kasvoi Turussa", "text": "Turussa alijäämä kasvoi."}


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    folder = tmp_path_factory.mktemp("models")
    for task in TASKS:
        made = train(task, tiny_examples(), load_reference(LABELS), LABELS, seed=1)
        persist.write(
            folder, task, "v2-tiny", state=made.state, manifest={},
            evaluation=made.evaluation, card="",
        )  # fmt: skip
    return Tagger.load(folder, dict.fromkeys(TASKS, "v2-tiny"), LABELS)


def _raw(**changed: object) -> bytes:
    return json.dumps({**GOOD, **changed}).encode()


def _lines(*rows: bytes) -> Iterator[bytes]:
    return iter([row + b"\n" for row in rows])


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"oops", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'{"id": "a", "title": "x"}', "'text'"),
        (b'{"title": "x", "text": "y"}', "'id'"),
        (b"\xff\xfe{}", "UTF-8"),
        (b"[" * 100_000, "no JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "no JSON"),
        (_raw(id=True), "id"),
        (_raw(id=""), "id"),
        (_raw(id=1.5), "id"),
        (_raw(title=["x"]), "title"),
        (_raw(text=3), "text"),
        (_raw(language=5), "language"),
        (_raw(source={}), "source"),
        (_raw(published=2026), "published"),
        (_raw(title=" ", text=None), "both empty"),
        (_raw(text="\ud800"), "surrogate"),
        (_raw(id="\udfff"), "surrogate"),
    ],
)
def test_a_bad_line_says_what_is_wrong(raw: bytes, says: str) -> None:
    found = read_line(7, raw)
    assert isinstance(found, BadLine)
    assert found.number == 7
    assert says in found.problem
    json.dumps([found.id, found.problem], ensure_ascii=False).encode()  # can be written


@pytest.mark.parametrize(
    ("given", "language"),
    [("FI", "fi"), ("sv-FI", "sv"), ("fi_FI", "fi"), ("en", "en"), (None, "fi"), ("", "fi")],
)
def test_the_language_is_the_given_one_or_told_from_the_text(
    given: str | None, language: str
) -> None:
    long = "Aluehallitus päätti asiasta, ja se on nyt myös valtuuston käsittelyssä, mutta ei vielä."
    found = read_line(1, _raw(language=given, text=long))
    assert isinstance(found, Line)
    assert found.text.language == language
    assert bool(found.notes) == (language == "en")


def test_a_swedish_text_without_language_is_told() -> None:
    text = "Välfärdsområdet meddelar att det inte har råd med fler läkare och att köerna växer."
    found = read_line(1, _raw(title="Underskottet växer i Vasa", text=text))
    assert isinstance(found, Line)
    assert found.text.language == "sv"


def test_an_answer_holds_what_was_decided_and_why(tagger: Tagger) -> None:
    row = _raw(language="fi", source="lehti", published="2026-11-16", other=1)
    (answer,) = tag_lines(_lines(row), tagger)
    assert (answer["id"], answer["language"]) == ("a", "fi")
    assert (answer["source"], answer["published"]) == ("lehti", "2026-11-16")
    assert "other" not in answer
    assert answer["decided"] == {
        "relevant": True, "regions": ["05"], "mentioned": [], "national": False,
        "topics": ["finance"], "direction": "risk",
    }  # fmt: skip
    assert answer["models"] == tagger.versions
    assert sum(answer["probability"]["direction"].values()) == pytest.approx(1, abs=0.001)
    assert {e["task"] for e in answer["evidence"]} == set(TASKS)
    for e in answer["evidence"]:
        assert GOOD[e["field"]][e["start"] : e["end"]] == e["text"] != ""


def test_an_irrelevant_text_has_a_region_and_no_topic(tagger: Tagger) -> None:
    row = {"id": 3, "title": "Laget vann matchen i Åbo", "text": "", "language": "sv"}
    (answer,) = tag_lines(_lines(json.dumps(row).encode()), tagger)
    assert answer["id"] == 3
    assert answer["decided"] == {
        "relevant": False, "regions": ["05"], "mentioned": [], "national": False,
        "topics": [], "direction": None,
    }  # fmt: skip
    assert answer["probability"]["national"] is None
    assert answer["probability"]["topics"] == answer["probability"]["direction"] == {}
    assert "source" not in answer


def test_another_language_is_tagged_and_says_so(tagger: Tagger) -> None:
    row = _raw(title="The council of Oulu approves the new bridge", text="", language="en")
    (answer,) = tag_lines(_lines(row), tagger)
    assert "'en'" in answer["notes"][0]
    assert "19" in answer["probability"]["regions"]


def test_every_line_is_answered_in_order_with_its_number(tagger: Tagger) -> None:
    rows = [_raw(id=n, language="fi") if n % 5 else b"broken" for n in range(1, 2 * BATCH + 4)]
    answers = list(tag_lines(_lines(b"\xef\xbb\xbf" + rows[0], b"", *rows[1:]), tagger))
    numbers = [a.get("id") if "error" not in a else a["line"] - 1 for a in answers]
    assert numbers == list(range(1, 2 * BATCH + 4))


def test_lines_are_read_as_they_are_needed(tagger: Tagger) -> None:
    read = []

    def endless() -> Iterator[bytes]:
        for n in range(10_000):
            read.append(n)
            yield _raw(id=n, language="fi")

    answers = tag_lines(endless(), tagger)
    assert next(answers)["id"] == 0
    assert len(read) <= BATCH


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from(["id", "title", "text", "source"]), inner),
)


def _as_line(value: object) -> bytes:
    # The language is given: telling it from a few odd characters loads dictionaries for seconds.
    row = {**value, "language": "fi"} if isinstance(value, dict) else value
    return json.dumps(row).encode()


@given(st.binary(max_size=60) | VALUES.map(_as_line))
def test_nothing_a_line_may_hold_stops_the_reading(raw: bytes) -> None:
    found: Line | BadLine = read_line(1, raw)
    assert found.number == 1
    written: dict[str, Any] = {"id": found.id}
    json.dumps(written, ensure_ascii=False).encode()
