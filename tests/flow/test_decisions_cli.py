"""Decisions of people over a real store and real files: in, out, compared, and learned from."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import col, select

from classifiers import persist
from monitor.articles.fingerprint import content_hash
from monitor.cli.main import cli
from monitor.db.claims import add_claims, current_claims
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import AuditRow, ClaimRow
from monitor.training.golden import GOLDEN
from monitor.values import Claim
from tests.conftest import ROOT
from tests.stored import article_row, feed_row
from tests.unit.tiny import tiny_examples

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
TEXTS = [
    ("Pohteen alijäämä kasvoi", "Aluehallitus Oulussa varoittaa uusista säästöistä.", "fi"),
    ("Brist på läkare i Närpes", "Österbottens välfärdsområde rekryterar förgäves.", "sv"),
    ("Kärpät voitti", "Ottelu ratkesi Oulussa.", "fi"),
]
ANSWERS: list[dict[str, Any]] = [
    {"relevant": True, "regions": ["19"], "topics": ["finance"], "direction": "risk"},
    {"relevant": True, "regions": ["17"], "topics": ["personnel", "finance"], "direction": "risk"},
    {"relevant": False, "regions": ["19"], "topics": [], "direction": None},
]


@dataclass(frozen=True)
class Place:
    """Labels, models and store of one test."""

    folder: Path

    @property
    def decisions(self) -> Path:
        return self.folder / "labels" / "decisions"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def run(self, *arguments: object) -> Result:
        env = {
            "TILANNEKUVA_LABELS_DIR": str(self.folder / "labels"),
            "TILANNEKUVA_MODELS_DIR": str(self.folder / "models"),
            "TILANNEKUVA_DATABASE_URL": self.url,
        }
        return CliRunner().invoke(cli, [str(a) for a in arguments], env=env)

    def rows(self) -> tuple[list[ClaimRow], list[AuditRow]]:
        engine = open_engine(self.url)
        with reading(engine) as session:
            claims = list(session.exec(select(ClaimRow).order_by(col(ClaimRow.id))))
            audit = list(session.exec(select(AuditRow)))
        engine.dispose()
        return claims, audit


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A store with the three articles as the models left them: all relevant, on rescue."""
    made = Place(tmp_path)
    shutil.copytree(
        ROOT / "labels", tmp_path / "labels", ignore=shutil.ignore_patterns("corpus", "decisions")
    )
    made.decisions.mkdir()
    engine = open_engine(made.url)
    migrate(engine)
    with transaction(engine) as session:
        session.add(feed_row())
        session.flush()
        for n, (title, text, language) in enumerate(TEXTS):
            hashed = content_hash(title, text)
            row = article_row(n, title=title, text=text, language=language, content_hash=hashed)
            session.add(row)
            session.flush()
            model = {"author": "model", "author_id": "v2-a", "probability": 0.9, "decided": True}
            add_claims(
                session,
                [
                    Claim(row.id or 0, hashed, "relevance", "relevant", **model),  # type: ignore[arg-type]
                    Claim(row.id or 0, hashed, "topic", "rescue", **model),  # type: ignore[arg-type]
                ],
                AT,
            )
    engine.dispose()
    return made


def _line(n: int, who: str = "Anna", **changed: object) -> dict[str, Any]:
    title, text, language = TEXTS[n]
    return {
        "key": f"k{n}", "address": f"https://a.example/{n}",
        "text_sha256": content_hash(title, text), "lang": language, "mentioned": [],
        "national": False, **ANSWERS[n], "who": who, "when": "2026-11-16T05:00:00Z", **changed,
    }  # fmt: skip


def _write(path: Path, *rows: object) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_importing_says_what_became_of_every_line(place: Place) -> None:
    unknown = {"text_sha256": "v1:" + "0" * 64}
    file = _write(
        place.folder / "in.jsonl",
        _line(0),
        _line(1, address=""),
        _line(2, address="http://A.example/2?utm_source=x", **unknown),
        _line(2, address="https://b.example/2", key="k9", **unknown),
        "oops",
        _line(2, when="2126-11-16T05:00:00Z"),
    )
    dry = place.run("labels", "import", file, "--dry-run")
    counts = "new: 2, already there: 0, no such article: 1, text has changed: 1, broken: 2"
    assert counts in dry.output
    assert "nothing was written" in dry.output
    assert place.rows()[1] == []
    done = place.run("labels", "import", file, "--by", "Ada")
    assert counts in done.output
    assert done.exit_code == 1
    assert f"{file}:3: entry 'k2': text has changed" in done.stderr
    assert f"{file}:4: entry 'k9': no such article" in done.stderr
    assert f"{file}:5: is no JSON" in done.stderr
    assert "future" in done.stderr
    (audit,) = place.rows()[1]
    assert (audit.who, audit.subject) == ("Ada", "file:in.jsonl")
    assert audit.after == {"decisions": 2, "keys": ["k0", "k1"]}


def test_the_second_import_changes_nothing(place: Place) -> None:
    file = _write(place.folder / "in.jsonl", _line(0), _line(1), _line(0), _line(0, "Bo"))
    first = place.run("labels", "import", file)
    assert "new: 3, already there: 1" in first.output
    before = [row.model_dump() for rows in place.rows() for row in rows]
    second = place.run("labels", "import", file)
    assert "new: 0, already there: 4" in second.output
    assert [row.model_dump() for rows in place.rows() for row in rows] == before
    other = _write(place.folder / "other.jsonl", _line(0, direction="progress"))
    slip = place.run("labels", "import", other)
    assert "new: 0, already there: 0, no such article: 0, text has changed: 0, broken: 1" in (
        slip.output
    )
    assert "Anna decided otherwise" in slip.stderr


def test_a_persons_decision_outranks_the_models_whole(place: Place) -> None:
    place.run("labels", "import", _write(place.folder / "in.jsonl", _line(0), _line(2)))
    engine = open_engine(place.url)
    with reading(engine) as session:
        said = current_claims(session, [1, 3])
    engine.dispose()
    decided = {n: {(c.task, c.label) for c in claims if c.decided} for n, claims in said.items()}
    assert decided[1] == {
        ("relevance", "relevant"), ("region", "19"), ("topic", "finance"), ("direction", "risk"),
    }  # fmt: skip
    assert ("relevance", "relevant") not in decided[3]


def test_what_is_exported_is_what_was_imported(place: Place) -> None:
    assert "nothing was written" in place.run("labels", "export", "--out", "x.jsonl").output
    later = _line(1, when="2026-11-17T05:00:00.250000Z", mentioned=["19", "05"])
    file = _write(place.folder / "in.jsonl", _line(0), _line(1), _line(2), later)
    place.run("labels", "import", file)
    out = place.decisions / "out.jsonl"
    done = place.run("labels", "export", "--out", out)
    assert "decisions: 3 of 1 person" in done.output
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    keys = [row.pop("key") for row in rows]
    assert len(set(keys)) == 3
    wanted = [_line(0), _line(2), later]
    assert rows == [{k: v for k, v in row.items() if k != "key"} for row in wanted]
    assert "new: 0, already there: 3" in place.run("labels", "import", out).output
    assert not any(word in out.read_text("utf-8") for text in TEXTS for word in text[:2])


def test_an_export_overwrites_only_when_told_and_takes_a_day(place: Place) -> None:
    later = _line(1, when="2026-11-17T05:00:00Z")
    place.run("labels", "import", _write(place.folder / "in.jsonl", _line(0), later))
    out = place.folder / "out.jsonl"
    place.run("labels", "export", "--out", out)
    before = out.read_bytes()
    refused = place.run("labels", "export", "--out", out, "--since", "2026-11-17")
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert out.read_bytes() == before
    place.run("labels", "export", "--out", out, "--since", "2026-11-17", "--force")
    assert [json.loads(x)["lang"] for x in out.read_text("utf-8").splitlines()] == ["sv"]
    assert [p.name for p in place.folder.glob(".*.tmp")] == []


def test_agreement_of_files_and_of_the_store(place: Place) -> None:
    empty = place.run("labels", "agreement")
    assert empty.exit_code == 0
    assert "texts decided: 0, by two or more people: 0" in empty.output
    assert "let two people decide" in empty.output
    anna = [_line(n) for n in range(3)]
    bo = [_line(0, "Bo"), _line(1, "Bo", topics=["personnel"]), _line(2, "Bo")]
    _write(place.decisions / "a.jsonl", *anna, "oops")
    place.run("labels", "import", _write(place.folder / "b.jsonl", *bo))
    both = place.run("labels", "agreement")
    assert "by two or more people: 3" in both.output
    assert "people: Anna 3, Bo 3" in both.output
    assert "a.jsonl:4" in both.stderr
    lines = {" ".join(line.split()[:-1]): line for line in both.output.splitlines()}
    assert any(line.startswith("relevance") and "1.000" in line for line in lines.values())
    assert any(line.startswith("main topic") and "Anna, Bo" in line for line in lines.values())
    two = _write(place.folder / "two.jsonl", *anna, *bo)
    assert place.run("labels", "agreement", two).output in both.output
    alone = place.run("labels", "agreement", place.folder / "b.jsonl", "--no-store")
    assert "by two or more people: 0" in alone.output


# --- training ---------------------------------------------------------------------------------------


def _corpus(place: Place) -> None:
    rows = []
    for e in tiny_examples():
        rows.append({
            "id": e.text.id, "lang": e.text.language, "title": e.text.title, "text": e.text.text,
            "relevant": e.relevant, "regions": list(e.regions), "mentioned": [], "national": False,
            "topics": list(e.topics), "direction": e.direction,
        })  # fmt: skip
    (place.folder / "labels" / "corpus").mkdir()
    _write(place.folder / "labels" / "corpus" / "tiny.jsonl", *rows)
    (place.folder / "models").mkdir()


def _manifests(place: Place) -> dict[str, dict[str, Any]]:
    folders = (place.folder / "models" / "relevance").iterdir()
    return {f.name: persist.read_json(f / persist.MANIFEST) for f in folders}


@pytest.mark.slow
def test_decisions_are_learned_from_and_their_texts_stored_nowhere(place: Place) -> None:
    _corpus(place)
    n = len(tiny_examples())
    plain = place.run("train", "--task", "relevance")
    assert f"texts: {n}\n" in plain.output
    changed = _line(2, "Bo", text_sha256="v1:" + "0" * 64)
    lost = _line(2, key="k9", address="", text_sha256="v1:" + "1" * 64)
    differs = _line(1, "Bo", direction="neutral")
    _write(place.decisions / "a.jsonl", _line(0), _line(1), _line(2), changed, lost, differs)
    stored = place.run("train", "--task", "relevance")
    assert f"texts: {n + 2}, 2 of them decided by people" in stored.output
    assert "left out: 1 decided texts: people differ: k1" in stored.stderr
    assert "left out: 1 decided texts: text has changed: k2" in stored.stderr
    assert "left out: 1 decided texts: text not found: k9" in stored.stderr
    sources = [m["sources"] for m in _manifests(place).values()]
    assert sorted(map(str, sources)) == [
        f"{{'corpus': {n}, 'decision': 2}}", f"{{'corpus': {n}}}",
    ]  # fmt: skip
    assert len({m["dataset_sha256"] for m in _manifests(place).values()}) == 2
    for folder in (place.folder / "models" / "relevance").iterdir():
        ids = {t["id"] for t in persist.read_json(folder / GOLDEN)["texts"]}
        assert ids <= {e.text.id for e in tiny_examples()}
        for file in (p for p in folder.iterdir() if p.suffix != ".skops"):
            content = file.read_text(encoding="utf-8")
            assert not [t for text in TEXTS for t in text[:2] if t in content], file.name


@pytest.mark.slow
def test_texts_in_a_file_are_as_good_as_the_stores(place: Place) -> None:
    _corpus(place)
    _write(place.decisions / "a.jsonl", _line(0), _line(1))
    place.run("train", "--task", "relevance")
    (place.folder / "store.db").unlink()
    rows = [
        {"id": f"k{n}", "title": t, "text": x, "language": la} for n, (t, x, la) in enumerate(TEXTS)
    ]
    first = _write(place.folder / "first.jsonl", rows[0])
    second = _write(place.folder / "second.jsonl", rows[1], rows[2], "oops")
    done = place.run("train", "--task", "relevance", "--texts", first, "--texts", second)
    assert "2 of them decided by people" in done.output
    assert f"{second}:3" in done.stderr
    assert not (place.folder / "store.db").exists()
    assert len(_manifests(place)) == 1
