"""`tilannekuva keys` and `tilannekuva export`, and that the examples of docs/api.md are true."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from monitor.cli.main import cli
from monitor.db.engine import reading
from monitor.db.tables import AuditRow
from tests.api.conftest import PREFIX, Served
from tests.conftest import ROOT
from tests.web.seed import WEEK

EXAMPLES = re.findall(
    r"```http\nGET (\S+)\n(\d+) ([\w ]+)\n```", (ROOT / "docs" / "api.md").read_text()
)


def run(engine: Engine, *arguments: str) -> Result:
    environment = {"TILANNEKUVA_DATABASE_URL": str(engine.url), "TILANNEKUVA_LOG_LEVEL": "ERROR"}
    return CliRunner().invoke(cli, arguments, env=environment)


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_is_shown_once_listed_and_revoked(sqlite: Engine) -> None:
    made = run(sqlite, "keys", "add", "lägesbild", "--role", "export", "--who", "maija")
    secret = made.stdout.strip()
    assert re.fullmatch(r"tk_[\w-]{43}", secret)
    listed = run(sqlite, "keys", "list").stdout
    assert "lägesbild" in listed
    assert "in use" in listed
    assert secret not in listed
    assert run(sqlite, "keys", "revoke", "1", "--who", "maija").exit_code == 0
    assert "revoked" in run(sqlite, "keys", "list").stdout
    with reading(sqlite) as session:
        rows = session.exec(select(AuditRow)).all()
        assert [(r.who, r.action, r.subject) for r in rows] == [
            ("maija", "key add", "api key 1"),
            ("maija", "key revoke", "api key 1"),
        ]
        assert secret not in str([r.model_dump() for r in rows])


def test_revoking_twice_changes_nothing_and_a_strange_id_is_said(sqlite: Engine) -> None:
    run(sqlite, "keys", "add", "a")
    assert run(sqlite, "keys", "revoke", "1").exit_code == 0
    assert run(sqlite, "keys", "revoke", "1").exit_code == 0
    with reading(sqlite) as session:
        assert len(session.exec(select(AuditRow)).all()) == 2
    strange = run(sqlite, "keys", "revoke", "7")
    assert strange.exit_code == 2
    assert "there is no key 7" in strange.stderr


# --- export --------------------------------------------------------------------------------------


def test_export_gives_what_the_api_gives(stored: Engine, api: Served) -> None:
    done = run(stored, "export", "scores", "--week", WEEK, "--region", "Kainuu")
    assert done.exit_code == 0, done.output
    told = api.get(f"/export/scores?week={WEEK}&region=20", "export").json()
    assert json.loads(done.stdout) == told
    assert told["count"] == 6


def test_export_writes_csv_to_a_file(stored: Engine, tmp_path: Path) -> None:
    out = tmp_path / "signals.csv"
    done = run(
        stored, "export", "signals", "--from", WEEK, "--to", WEEK, "--topic", "finance",
        "--format", "csv", "--lang", "sv", "--out", str(out),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert len(rows) == 23
    assert {row["topic"] for row in rows} == {"finance"}
    assert all(row["exposure"] and row["schema_version"] == "1" for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("scores", "--topic", "finance"), "scores cannot be chosen by topic"),
        (("signals", "--topic", "weather"), "--topic"),
        (("signals", "--region", "Åland"), "is no region"),
        (("signals", "--week", "2025-W53"), "is no ISO week"),
        (("signals", "--from", "2026-W46", "--to", "2026-W45"), "is later than"),
        (("rumours",), "rumours"),
    ],
)
def test_a_wrong_wish_is_a_sentence(stored: Engine, arguments: tuple[str, ...], said: str) -> None:
    done = run(stored, "export", *arguments)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output


# --- documents -----------------------------------------------------------------------------------


def test_the_document_has_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize(("address", "status", "fields"), EXAMPLES)
def test_the_examples_of_the_document_are_true(
    api: Served, address: str, status: str, fields: str
) -> None:
    answer = api.get(address.removeprefix(PREFIX))
    assert answer.status_code == int(status)
    body = answer.json()
    assert set(fields.split()) <= set(body)
    assert body.get("items", True), "an example that shows nothing"


def test_the_document_names_every_list(api: Served) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for address in api.get("/").json()["links"].values():
        assert f"`{address}`" in text
