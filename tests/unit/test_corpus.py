"""Reading training texts: what is taken, what is refused, and that one broken line costs one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.corpus import load_corpus
from classifiers.reference import Reference

ROW: dict[str, Any] = {
    "id": "a-1",
    "lang": "fi",
    "register": "daily",
    "title": "Pohteen ensihoito sai kaksi uutta autoa",
    "text": "Autot sijoitetaan Ouluun ja Ylivieskaan.",
    "relevant": True,
    "regions": ["19"],
    "mentioned": [],
    "national": False,
    "topics": ["rescue"],
    "direction": "progress",
    "note": "",
}
IRRELEVANT = ROW | {"id": "a-2", "relevant": False, "topics": [], "direction": None}


def _write(folder: Path, *rows: object) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows]
    (folder / "part.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_line_becomes_an_example(tmp_path: Path, reference: Reference) -> None:
    corpus = load_corpus(_write(tmp_path, ROW, IRRELEVANT), reference)
    assert corpus.mistakes == []
    first, second = corpus.examples
    assert (first.text.title, first.regions, first.topics) == (ROW["title"], ("19",), ("rescue",))
    assert first.origin == "part.jsonl:1"
    assert (second.relevant, second.direction) == (False, None)


def test_a_text_is_its_own_story_unless_it_names_one(tmp_path: Path, reference: Reference) -> None:
    rows = (ROW, ROW | {"id": "a-3", "story": "s"}, ROW | {"id": "a-4", "story": "s"})
    examples = load_corpus(_write(tmp_path, *rows), reference).examples
    assert [e.story for e in examples] == ["a-1", "s", "s"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"topics": ["talous"]}, "talous"),
        ({"regions": ["22"]}, "22"),
        ({"lang": "en"}, "en"),
        ({"direction": None}, "direction"),
        ({"relevant": "yes"}, "relevant"),
        ({"title": " "}, "title"),
        ({"national": True}, "national"),
        ({"titel": "x"}, "titel"),
        ({"relevant": False}, "irrelevant"),
    ],
)
def test_a_wrong_line_is_named_and_costs_only_itself(
    tmp_path: Path, reference: Reference, change: dict[str, Any], named: str
) -> None:
    broken = ROW | {"id": "a-9"} | change
    corpus = load_corpus(_write(tmp_path, ROW, broken, IRRELEVANT), reference)
    assert [e.text.id for e in corpus.examples] == ["a-1", "a-2"]
    (mistake,) = corpus.mistakes
    assert (mistake.file, mistake.line, mistake.entry) == ("part.jsonl", 2, "a-9")
    assert named in mistake.problem
    assert mistake.expected
    assert mistake.remedy


def test_text_that_is_no_json_and_a_repeated_id_are_mistakes(
    tmp_path: Path, reference: Reference
) -> None:
    corpus = load_corpus(_write(tmp_path, ROW, '{"id": ', "[1]", "", ROW), reference)
    assert [e.text.id for e in corpus.examples] == ["a-1"]
    assert [m.line for m in corpus.mistakes] == [2, 3, 5]


def test_a_missing_key_is_named(tmp_path: Path, reference: Reference) -> None:
    short = {k: v for k, v in ROW.items() if k != "mentioned"}
    (mistake,) = load_corpus(_write(tmp_path, short), reference).mistakes
    assert "mentioned" in mistake.problem


@given(line=st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=60))
def test_no_line_stops_the_others(
    tmp_path_factory: pytest.TempPathFactory, reference: Reference, line: str
) -> None:
    folder = _write(tmp_path_factory.mktemp("c"), line, ROW)
    corpus = load_corpus(folder, reference)
    assert [e.text.id for e in corpus.examples] == ["a-1"]
    assert len(corpus.mistakes) == bool(line.strip())
