"""`labels suspects` and `labels next` over real files, real models and a real store."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from classifiers.values import Example
from monitor.cli.main import cli
from monitor.db import claims
from monitor.db.engine import migrate, open_engine, transaction
from monitor.db.tables import StoryRow
from monitor.progress import Silent
from monitor.settings import load_settings
from monitor.training.train import train_all
from monitor.values import Claim
from tests.conftest import ROOT
from tests.stored import AT, article_row, feed_row
from tests.unit.tiny import tiny_examples

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Place:
    """Labels, models and store of one test."""

    folder: Path
    models: Path

    @property
    def corpus(self) -> Path:
        return self.folder / "labels" / "corpus" / "tiny.jsonl"

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def run(self, *arguments: str) -> Result:
        env = {
            "TILANNEKUVA_LABELS_DIR": str(self.folder / "labels"),
            "TILANNEKUVA_MODELS_DIR": str(self.models),
            "TILANNEKUVA_DATABASE_URL": self.store,
        }
        result = CliRunner().invoke(cli, ["labels", *arguments], env=env)
        assert result.exit_code == 0, result.output or result.exception
        return result

    def change(self, id_: str, **labels: object) -> None:
        rows = [json.loads(line) for line in self.corpus.read_text("utf-8").splitlines()]
        assert id_ in {row["id"] for row in rows}
        rows = [row | labels if row["id"] == id_ else row for row in rows]
        self.corpus.write_text(_lines(rows), encoding="utf-8")


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _row(example: Example) -> dict[str, Any]:
    text = example.text
    return {
        "id": text.id, "lang": text.language, "title": text.title, "text": text.text,
        "relevant": example.relevant, "regions": list(example.regions), "mentioned": [],
        "national": False, "topics": list(example.topics), "direction": example.direction,
    }  # fmt: skip


def _labels(folder: Path) -> None:
    ignored = shutil.ignore_patterns("corpus", "decisions")
    shutil.copytree(ROOT / "labels", folder / "labels", ignore=ignored)
    (folder / "labels" / "corpus").mkdir()
    rows = [_row(replace(e, text=replace(e.text, title=f"{e.text.title} nyt"))) for e in tiny_examples()]  # fmt: skip
    (folder / "labels" / "corpus" / "tiny.jsonl").write_text(_lines(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """With a version of relevance that learned from sound labels."""
    folder = tmp_path_factory.mktemp("suspects")
    _labels(folder)
    place = Place(folder, folder / "models")
    settings = load_settings({}, labels_dir=folder / "labels", models_dir=place.models)
    (made,) = train_all(settings, Silent(), ["relevance"]).versions
    (place.models / "active.json").write_text(json.dumps({"relevance": made.version}))
    return place


@pytest.fixture
def place(trained: Place, tmp_path: Path) -> Place:
    shutil.copytree(trained.folder, tmp_path / "own")
    return Place(tmp_path / "own", tmp_path / "own" / "models")


@pytest.fixture
def shipped(tmp_path: Path) -> Place:
    """With the shipped models and a store of five articles."""
    _labels(tmp_path)
    place = Place(tmp_path, ROOT / "models")
    engine = open_engine(place.store)
    migrate(engine)
    with transaction(engine) as session:
        session.add(feed_row())
        story = StoryRow(first_published=AT, last_published=AT)
        session.add(story)
        session.flush()
        for number, (language, title) in enumerate(_ARTICLES):
            session.add(
                article_row(
                    number,
                    title=title,
                    text=f"{title}.",
                    language=language,
                    story_id=story.id if number < 2 else None,
                )
            )
        session.flush()
        claims.add_claims(session, [Claim(3, "v1:2", "relevance", "relevant", 1, True, "person", "a")], AT)  # fmt: skip
    engine.dispose()
    return place


_ARTICLES = [
    ("fi", "Pohteen alijäämä paisuu, aluehallitus leikkaa terveysasemia"),
    ("fi", "Pohteen alijäämä kasvaa ja terveysasemia leikataan"),
    ("fi", "Varhan aluevaltuusto valitsi johtajan"),
    ("sv", "Österbottens välfärdsområde söker läkare till jouren i Vasa"),
    ("sv", "IFK Mariehamn vann hemmamatchen"),
]


def test_a_planted_error_is_the_first_suspect(place: Place, tmp_path: Path) -> None:
    assert "no label of 72 texts is suspect" in place.run("suspects", "--task", "relevance").output
    place.change("rescue-sv-1-05", relevant=False, topics=[], direction=None)
    place.change("-fi-0-19", relevant=True, topics=["ict"], direction="risk")
    out = tmp_path / "suspects.jsonl"
    result = place.run("suspects", "--task", "relevance", "--top", "2", "--out", str(out))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {(r["id"], r["given"], r["suggested"]) for r in rows} == {
        ("rescue-sv-1-05", "not relevant", "relevant"),
        ("-fi-0-19", "relevant", "not relevant"),
    }
    for row in rows:
        assert row["probability"]["given"] < row["probability"]["suggested"]
        assert f"{row['file']}:{row['line']} ({row['id']})" in result.output
        line = place.corpus.read_text("utf-8").splitlines()[row["line"] - 1]
        assert json.loads(line)["id"] == row["id"]
        assert row["title"] in result.output


def test_texts_the_version_does_not_know_are_said_and_judged_afresh(place: Place) -> None:
    place.change("-sv-0-05", title="Laget vann i Åbo", relevant=True, topics=["ict"], direction="risk")  # fmt: skip
    stored = place.run("suspects", "--task", "relevance")
    assert "relevance: 1 texts are newer" in stored.output
    assert "(-sv-0-05)" not in stored.output
    fresh = place.run("suspects", "--task", "relevance", "--fresh", "--top", "1")
    assert "(-sv-0-05)" in fresh.output


def test_articles_no_person_decided_are_proposed_once_a_story(shipped: Place) -> None:
    found = shipped.run("next", "--count", "4", "--strategy", "uncertain", "--seed", "7").output
    assert (
        found
        == shipped.run("next", "--count", "4", "--strategy", "uncertain", "--seed", "7").output
    )
    assert "Varhan aluevaltuusto valitsi johtajan" not in found  # a person has decided it
    assert "https://a.example/3" in found
    assert "1 of them random" in found
    chosen = [line for line in found.splitlines() if " uncertain " in line]
    assert sum("Pohteen" in line for line in chosen) <= 1
    assert "more would ask a story twice" in found


def test_proposals_of_a_file_are_written_with_reasons(shipped: Place, tmp_path: Path) -> None:
    rows = [{"id": n, "title": title, "text": ""} for n, (_, title) in enumerate(_ARTICLES)]
    known = json.loads(shipped.corpus.read_text("utf-8").splitlines()[0])
    rows.append({"id": "known", "title": known["title"], "text": known["text"]})
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(_lines(rows) + "{\n", encoding="utf-8")
    result = shipped.run("next", "--from", str(source), "--out", str(out), "--count", "5")
    assert "left out: line 7 is no JSON" in result.output
    assert "proposed: 5 of 5 undecided, 1 of them random" in result.output
    made = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {m["id"] for m in made} == {"0", "1", "2", "3", "4"}
    assert {m["chosen_as"] for m in made} == {"random", "uncertain"}
    assert {m["language"] for m in made} >= {"fi", "sv"}
    assert all(m["why"] and "text" not in m and "address" not in m for m in made)


def test_where_nothing_waits_it_says_so(shipped: Place, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"\n")
    said = shipped.run("next", "--from", str(empty)).output
    assert said == "nothing to propose: the file holds no text that is not labelled already\n"
    (tmp_path / "store.db").unlink()
    assert "nothing to propose: no article in the store" in shipped.run("next").output
