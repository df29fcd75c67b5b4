"""`readiness fetch` and `readiness import` of saved answers, on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from monitor.cli.readiness import readiness_group
from tests.loopback import Loopback
from tests.readiness_answers import answer_to, pxweb_old, serve_sotkanet, sotkanet_rows

TARGET = "primary-care-within-14-days"
pytestmark = pytest.mark.slow  # the composition root imports the classifiers


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = f"sqlite:///{tmp_path / 'cli.db'}"
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", url)
    monkeypatch.setenv("TILANNEKUVA_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("TILANNEKUVA_LOG_LEVEL", "ERROR")
    yield url
    structlog.reset_defaults()


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(readiness_group, words)
    assert result.exit_code == code, result.output
    return result.output


def test_commands_fetch_list_undo_and_credit(store: str, server: Loopback, tmp_path: Path) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 67.5}))
    kept = tmp_path / "vastaus.json"
    words = (
        "fetch", "sotkanet", "--indicator", "9001", "--years", "2024", "--as", TARGET,
        "--base", server.url("/rest/1.1"), "--who", "virkailija",
    )  # fmt: skip
    assert "1 values from THL Sotkanet" in _run(*words, "--dry-run", "--save", str(kept))
    assert "import 1: 1 values" in _run(*words)
    assert "the same as import 1" in _run(*words)
    assert "Källa: THL Sotkanet: Keksitty osuus, % (9001). Licens: CC BY 4.0. Hämtad" in _run(
        "fetch", "credits", "--lang", "sv"
    )
    assert "in force" in _run("list")
    assert "is undone" in _run("undo", "1", "--who", "virkailija")
    saved = ("import", "sotkanet", str(kept), "--as", TARGET, "--who", "virkailija")
    assert "import 2: 1 values" in _run(*saved)
    assert "the same as import 2" in _run(*saved)
    assert "1 values from THL Sotkanet: indicator 9001; nothing stored" in _run(*saved, "--dry-run")


def test_a_list_of_sources_is_fetched_and_its_mistakes_named(
    store: str, server: Loopback, tmp_path: Path
) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 67.5}))
    file = tmp_path / "lähteet.yaml"
    file.write_text(
        "sources:\n"
        f"  - {{id: care, from: sotkanet, indicator: 9001, years: 2024, as: {TARGET}, "
        f"base: '{server.url('/rest/1.1')}'}}\n"
        "  - {id: wrong, from: sotkanet, indicator: 9001, years: soon, as: nothing-such}\n",
        encoding="utf-8",
    )
    output = _run("fetch", "--all", "--file", str(file), code=1)
    assert "care: import 1: 1 values" in output
    assert "lähteet.yaml:3: entry 'wrong': 'years' is 'soon'" in output
    assert "'nothing-such' is no indicator of ours" in output


def test_an_option_before_the_interface_is_not_passed_over(store: str) -> None:
    words = (
        "fetch",
        "--dry-run",
        "sotkanet",
        "--indicator",
        "1",
        "--years",
        "2024",
        "--as",
        TARGET,
    )
    assert "put the options behind 'sotkanet'" in _run(*words, code=2)


def test_an_indicator_that_is_not_ours_is_refused_before_asking(store: str) -> None:
    words = ("fetch", "sotkanet", "--indicator", "1", "--years", "2024", "--as", TARGET[:-5])
    assert f"did you mean {TARGET}" in _run(*words, code=2)


def test_the_shipped_list_asks_for_nothing(store: str) -> None:
    assert "lists no sources" in _run("fetch", "--all")


def test_a_saved_table_is_imported(store: str, tmp_path: Path) -> None:
    query = {
        "query": [
            {"code": "Alue", "selection": {"values": ["HVA07", "HVA17"]}},
            {"code": "Vuosi", "selection": {"values": ["2024"]}},
            {"code": "Tiedot", "selection": {"values": ["osuus", "maara"]}},
        ]
    }
    file = tmp_path / "taulu.json"
    file.write_text(json.dumps(answer_to(pxweb_old(), query)), encoding="utf-8")
    words = ("import", "pxweb", str(file), "--as", TARGET, "--licence", "CC BY 4.0")
    assert "'Tiedot' has 2 values" in _run(*words, code=1)
    assert "import 1: 2 values" in _run(*words, "--contents", "osuus")
