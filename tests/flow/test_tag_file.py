"""`tilannekuva tag` with the shipped models: a file in, a file out, no database; as its document says."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from classifiers.reference import Reference
from monitor.cli.main import cli
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
DOCUMENT = (ROOT / "docs" / "tagging.md").read_text(encoding="utf-8")
ROWS: list[dict[str, object] | str] = [
    {
        "id": "fi-1",
        "title": "Pohteen alijäämä uhkaa kasvaa 90 miljoonaan euroon",
        "text": "Pohjois-Pohjanmaan hyvinvointialueen talous heikkenee. Aluehallitus varoittaa, että "
        "hoitojonot pitenevät ja yt-neuvottelut johtavat irtisanomisiin.",
        "source": "esimerkki",
        "published": "2026-11-16",
    },
    {
        "id": 2,
        "title": "Brist på läkare stänger hälsostationens jour i Närpes",
        "text": "Österbottens välfärdsområde lyckas inte rekrytera läkare. Patienterna får vänta i "
        "veckor och personalen är överbelastad, säger direktören för välfärdsområdet.",
    },
    "{broken",
    {"id": "fi-3", "title": "Kärpät voitti Tapparan", "text": "Ottelu ratkesi Oulussa.", "x": 1},
    {"id": "en-4", "title": "The bridge in Oulu will open in May", "text": None, "language": "en"},
    {"id": "fi-5", "text": "otsikko puuttuu"},
]


def _content() -> str:
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in ROWS) + "\n\n"


def _run(*arguments: str, given: str | None = None, **env: str) -> Result:
    # An address no store can be opened at: the command must not try.
    env = {"TILANNEKUVA_DATABASE_URL": "nothing://nowhere", **env}
    return CliRunner().invoke(cli, ["tag", *arguments], input=given, env=env)


def _read(content: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("tag")
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text(_content(), encoding="utf-8")
    result = _run("--jsonl", str(source), "--out", str(target))
    assert {p.name for p in folder.iterdir()} == {"in.jsonl", "out.jsonl"}
    return result, _read(target.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers(run: tuple[Result, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return run[1]


def test_bad_lines_are_counted_and_the_rest_is_tagged(
    run: tuple[Result, list[dict[str, Any]]],
) -> None:
    result, answers = run
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "tagged: 4; lines that cannot be used: 2, the first is line 3" in result.stderr
    assert [a["id"] for a in answers] == ["fi-1", 2, None, "fi-3", "en-4", "fi-5"]
    assert [(a["line"], bool(a["error"])) for a in answers if "error" in a] == [
        (3, True),
        (6, True),
    ]


def test_relevant_articles_of_both_languages_are_tagged(answers: list[dict[str, Any]]) -> None:
    finnish, swedish = answers[0], answers[1]
    assert (finnish["language"], swedish["language"]) == ("fi", "sv")
    assert finnish["decided"]["relevant"] is swedish["decided"]["relevant"] is True
    assert finnish["decided"]["regions"] == ["19"]
    assert swedish["decided"]["regions"] == ["17"]
    assert finnish["decided"]["topics"][0] == "finance"
    assert finnish["source"] == "esimerkki"


def test_other_articles_are_answered_too(answers: list[dict[str, Any]]) -> None:
    assert answers[3]["decided"]["relevant"] is False
    assert answers[3]["decided"]["topics"] == []
    assert answers[4]["notes"] != answers[3]["notes"] == []


def test_an_answer_is_consistent(answers: list[dict[str, Any]], reference: Reference) -> None:
    for row, a in zip(ROWS, answers, strict=True):
        if "error" in a or isinstance(row, str):
            continue
        decided, probability = a["decided"], a["probability"]
        assert {*decided["regions"], *decided["mentioned"]} == set(probability["regions"])
        assert set(probability["regions"]) <= set(reference.region)
        assert set(decided["topics"]) <= set(probability["topics"]) <= set(reference.topic)
        assert decided["topics"] == [t for t in probability["topics"] if t in decided["topics"]]
        for part in ("regions", "topics", "direction"):
            said = list(probability[part].values())
            assert said == sorted(said, reverse=True)
            assert all(0 <= p <= 1 for p in said)
        for e in a["evidence"]:
            assert str(row[e["field"]])[e["start"] : e["end"]] == e["text"]


def test_a_pipe_gives_the_same_as_a_file(answers: list[dict[str, Any]]) -> None:
    result = _run("--jsonl", "-", "--out", "-", given=_content())
    assert result.exit_code == 0, result.stderr
    assert _read(result.stdout) == answers


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--jsonl", "none.jsonl", "--out", "-"], "none.jsonl"),
        (["--jsonl", "-", "--out", "no-folder/x.jsonl"], "no-folder/x.jsonl"),
        (["--jsonl", "-", "--out", "-", "--use", "topic"], "TASK=VERSION"),
        (["--jsonl", "-", "--out", "-", "--use", "mood=v1"], "TASK=VERSION"),
        (["--out", "-"], "--jsonl"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], says: str) -> None:
    result = _run(*arguments, given="")
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_version_that_is_not_there_is_named_and_a_file_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("before")
    result = _run("--jsonl", "-", "--out", str(target), "--use", "topic=v1-none", given="{}")
    assert "v1-none" in str(result.exception)
    assert target.read_text() == "before"


# --- the document -----------------------------------------------------------------------------------


def _keys(value: Mapping[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key, inner in value.items():
        nested = prefix == "" and key in ("decided", "probability")
        found |= _keys(inner, f"{key}.") if nested else {prefix + key}
    return found


def test_the_document_lists_the_keys_there_are(answers: list[dict[str, Any]]) -> None:
    table = DOCUMENT.split("## A line out")[1].split("## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    documented = {key for row in rows for key in re.findall(r"`([\w.]+)`", row)}
    assert documented == _keys(answers[0])


def test_the_documents_example_has_the_form_of_an_answer(answers: list[dict[str, Any]]) -> None:
    out, error = (json.loads(b) for b in re.findall(r"```json\n(.+?)```", DOCUMENT, re.DOTALL))
    assert _keys(out) | {"published"} == _keys(answers[0])
    assert set(out["evidence"][0]) == set(answers[0]["evidence"][0])
    assert set(error) == set(answers[2])
