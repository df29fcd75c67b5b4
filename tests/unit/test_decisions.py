"""Decisions of people: their file, their texts, and their way through claims."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.decisions import Decision, decisions_bytes, latest, load_decisions
from classifiers.reference import Reference, load_reference
from classifiers.values import DIRECTIONS
from monitor.articles.fingerprint import content_hash
from monitor.tagging.standing import in_force
from monitor.training.decisions import (
    CHANGED,
    DIFFER,
    NOT_FOUND,
    LeftOut,
    Texts,
    claims_of,
    decision_of,
    joined,
    key_of,
    read_texts,
)
from tests.conftest import ROOT

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
FI = ("Pohteen ensihoito sai kaksi autoa", "Autot sijoitetaan Ouluun ja Ylivieskaan.")
SV = ("Räddningsverket i Österbotten varnar", "Det saknas vikarier i Närpes, säger chefen.")
LINE: dict[str, Any] = {
    "key": "a-1",
    "address": "https://a.example/uutinen/1",
    "text_sha256": content_hash(*FI),
    "lang": "fi",
    "relevant": True,
    "regions": ["19"],
    "mentioned": ["17"],
    "national": False,
    "topics": ["rescue", "personnel"],
    "direction": "progress",
    "who": "Åsa Öst",
    "when": "2026-11-16T04:00:00Z",
}
KNOWN = load_reference(ROOT / "labels")
_names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=12)
_codes = st.lists(st.sampled_from(sorted(KNOWN.region)), unique=True, max_size=4)


@st.composite
def _decisions(draw: st.DrawFn) -> Decision:
    codes, relevant = draw(_codes), draw(st.booleans())
    cut, national = draw(st.integers(0, len(codes))), draw(st.booleans())
    topics = draw(st.lists(st.sampled_from(sorted(KNOWN.topic)), unique=True, max_size=3))
    return Decision(
        key=draw(_names),
        address=draw(st.sampled_from(["", "https://a.example/x?id=1", "http://å.example/é"])),
        text_sha256="v1:" + draw(st.sampled_from(["0", "a", "f"])) * 64,
        lang=draw(st.sampled_from(["fi", "sv"])),
        relevant=relevant,
        regions=() if national else tuple(codes[:cut]),
        mentioned=tuple(codes[cut:]),
        national=national,
        topics=tuple(topics) if relevant else (),
        direction=draw(st.sampled_from(DIRECTIONS)) if relevant else None,
        who=draw(_names),
        when=draw(st.datetimes(timezones=st.just(UTC))),
        story=draw(st.none() | st.text(max_size=9)),
        note=draw(st.none() | st.text(max_size=9)),
    )


def _distinct(decisions: list[Decision]) -> list[Decision]:
    return list({(d.key, d.who, d.when): d for d in decisions}.values())


@given(decisions=st.lists(_decisions(), max_size=5).map(_distinct))
def test_a_file_round_trips_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, decisions: list[Decision]
) -> None:
    path = tmp_path_factory.mktemp("d") / "part.jsonl"
    path.write_bytes(decisions_bytes(decisions))
    found = load_decisions(path, KNOWN)
    assert found.mistakes == []
    assert [read.decision for read in found.read] == decisions
    assert decisions_bytes(read.decision for read in found.read) == path.read_bytes()


def _write(folder: Path, *lines: object) -> Path:
    path = folder / "part.jsonl"
    texts = [x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_the_documented_line_is_what_is_written(tmp_path: Path, reference: Reference) -> None:
    path = _write(tmp_path, LINE, LINE | {"key": "a-2", "story": "s", "note": "epäselvä"})
    read = load_decisions(path, reference).read
    assert decisions_bytes(r.decision for r in read) == path.read_bytes()
    assert "title" not in read[0].decision.__slots__


def _no(**changed: object) -> dict[str, Any]:
    return LINE | {"key": "a-9"} | changed


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (_no(topics=["talous"]), "talous"),
        (_no(regions=[["19"]]), "regions"),
        (_no(mentioned=["19"]), "19"),
        (_no(topics=["rescue", "rescue"]), "twice"),
        (_no(national=True), "national"),
        (_no(relevant=False), "irrelevant"),
        (_no(when="2026-11-16T04:00:00"), "when"),
        (_no(when="2026-11-16T06:00:00+02:00"), "when"),
        (_no(when="igår"), "when"),
        (_no(who=" "), "who"),
        (_no(text_sha256="abc"), "text_sha256"),
        (_no(address="javascript:alert(1)"), "address"),
        (_no(text="Artikkelin teksti"), "'text'"),
        (_no(lang="en"), "lang"),
        ({k: v for k, v in _no().items() if k != "who"}, "who"),
    ],
)
def test_a_broken_line_is_named_and_stops_nothing(
    tmp_path: Path, reference: Reference, broken: dict[str, Any], named: str
) -> None:
    found = load_decisions(_write(tmp_path, LINE, broken, LINE | {"key": "a-3"}), reference)
    assert [r.decision.key for r in found.read] == ["a-1", "a-3"]
    (mistake,) = found.mistakes
    assert (mistake.file, mistake.line, mistake.entry) == ("part.jsonl", 2, "a-9")
    assert named in mistake.problem
    assert mistake.expected
    assert mistake.remedy


def test_lines_that_are_no_text_stop_nothing(tmp_path: Path, reference: Reference) -> None:
    path = _write(tmp_path, "{", '{"key": "\\ud800"}', "[" * 100_000, LINE)
    path.write_bytes(b"\xff\xfe\n" + path.read_bytes())
    found = load_decisions(path, reference)
    assert [m.line for m in found.mistakes] == [1, 2, 3, 4]
    assert [r.line for r in found.read] == [5]


def test_the_same_line_twice_is_one_and_another_answer_at_once_is_a_slip(
    tmp_path: Path, reference: Reference
) -> None:
    (tmp_path / "b").mkdir()
    _write(tmp_path / "b", LINE, LINE, LINE | {"direction": "risk"})
    found = load_decisions(tmp_path / "b", reference)
    assert len(found.read) == 2
    assert [m.line for m in found.mistakes] == [3]
    assert load_decisions(tmp_path / "missing", reference) == ([], [])


# --- texts ------------------------------------------------------------------------------------------


def _decision(**changed: Any) -> Decision:
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in LINE.items()} | {"when": AT}
    return Decision(**{**plain, **changed})


SWEDISH = _decision(
    key="a-2", address="", text_sha256=content_hash(*SV), lang="sv", regions=("17",),
    mentioned=(), direction="risk", story="s",
)  # fmt: skip
TEXTS = Texts({content_hash(*t): t for t in (FI, SV)})


def test_decisions_become_examples_of_their_texts() -> None:
    found = joined([SWEDISH, _decision()], TEXTS)
    assert found.left_out == ()
    finnish, swedish = found.examples
    assert (finnish.text.title, finnish.text.language, finnish.story) == (FI[0], "fi", "a-1")
    assert (swedish.text.text, swedish.regions, swedish.story) == (SV[1], ("17",), "s")
    assert {e.source for e in found.examples} == {"decision"}


def test_the_latest_word_of_a_person_counts() -> None:
    later = _decision(direction="risk", when=AT + timedelta(hours=1))
    (example,) = joined([later, _decision()], TEXTS).examples
    assert example.direction == "risk"


@pytest.mark.parametrize(
    ("changed", "learned"),
    [
        ({"direction": "risk"}, False),
        ({"topics": ("rescue",)}, False),
        ({"regions": ("19", "17"), "mentioned": ()}, False),
        ({"relevant": False, "topics": (), "direction": None}, False),
        ({"topics": ("personnel", "rescue")}, True),
        ({"mentioned": ()}, True),
    ],
)
def test_a_text_two_people_differ_on_is_left_out(changed: dict[str, Any], learned: bool) -> None:
    other = _decision(who="Bo", when=AT + timedelta(hours=1), **changed)
    found = joined([_decision(), other], TEXTS)
    assert len(found.examples) == learned
    assert found.left_out == (() if learned else (LeftOut("a-1", DIFFER),))


def test_a_missing_text_and_a_changed_one_are_told_apart() -> None:
    none = "v1:" + "0" * 64
    lost, moved = _decision(text_sha256=none), replace(SWEDISH, text_sha256="v1:" + "1" * 64)
    found = joined([lost, moved], replace(TEXTS, known=frozenset({"a-2"})))
    assert found.examples == ()
    assert found.left_out == (LeftOut("a-1", NOT_FOUND), LeftOut("a-2", CHANGED))


def test_texts_are_looked_up_in_files(tmp_path: Path) -> None:
    rows = [
        {"id": "x", "title": FI[0].replace(" ", "  "), "text": FI[1]},
        {"id": "a-2", "title": SV[0], "text": "En annan text."},
        {"id": "unasked", "title": "t", "text": "t"},
    ]
    path = _write(tmp_path, *rows, "oops", "")
    found = read_texts([path], [_decision(), SWEDISH])
    assert list(found.by_hash) == [content_hash(*FI)]
    assert found.known == {"a-2"}
    assert [(m.file, m.line) for m in found.mistakes] == [(str(path), 4)]


# --- claims -----------------------------------------------------------------------------------------


@given(decision=_decisions())
def test_a_decision_comes_back_from_its_claims(decision: Decision) -> None:
    claims = claims_of(decision, 7, decision.text_sha256, KNOWN)
    assert claims[0].task == "relevance"
    assert len({(c.task, c.label) for c in claims}) == len(claims)
    back = decision_of(
        [(c, decision.when) for c in claims],
        address="https://a.example/1", language=decision.lang, story="",
    )  # fmt: skip
    assert back == replace(
        decision,
        key=key_of("https://a.example/1"),
        address="https://a.example/1",
        story=None,
        note=None,
    )


def test_a_later_word_on_one_label_corrects_the_decision() -> None:
    first = [(c, AT) for c in claims_of(_decision(), 7, "v1:a", KNOWN)]
    later = AT + timedelta(hours=1)
    change = [(c, later) for c, _ in first if (c.task, c.label) == ("topic", "personnel")]
    corrected = [(replace(c, decided=False), at) for c, at in change]
    back = decision_of([*first, *corrected], address="u", language="fi", story="v")
    assert back is not None
    assert (back.topics, back.when, back.story) == (("rescue",), later, key_of("v"))


def test_a_word_on_a_label_alone_is_no_decision() -> None:
    claims = claims_of(_decision(), 7, "v1:a", KNOWN)
    for task in ("relevance", "direction"):
        part = [(c, AT) for c in claims if c.task != task]
        assert decision_of(part, address="u", language="fi", story="") is None


def test_of_each_person_the_latest_is_kept() -> None:
    later, other = replace(SWEDISH, when=AT + timedelta(1)), replace(SWEDISH, who="Bo")
    assert latest([later, SWEDISH, other]) == {
        SWEDISH.text_sha256: {SWEDISH.who: later, "Bo": other}
    }


@given(decision=_decisions(), others=st.lists(_decisions(), max_size=2))
def test_a_decision_outranks_whatever_models_said_before_and_after(
    decision: Decision, others: list[Decision]
) -> None:
    person = list(claims_of(decision, 7, "v1:a", KNOWN))
    for n, other in enumerate(others):
        said = claims_of(other, 7, "v1:a", KNOWN)
        model = [replace(c, author="model", author_id="v2", probability=0.9) for c in said]
        person = [*model, *person] if n else [*person, *model]
    decided = {(c.task, c.label) for c in in_force(person) if c.decided}
    assert {label for task, label in decided if task == "region"} == set(decision.where)
    assert (("relevance", "relevant") in decided) == decision.relevant
    if decision.relevant:  # of an irrelevant text nobody asks for topics and direction
        assert {label for task, label in decided if task == "topic"} == set(decision.topics)
        assert {label for task, label in decided if task == "direction"} == {decision.direction}
