"""What the documents say of the program is true where a test can tell."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.cli.main import COMMANDS, cli
from tests.conftest import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench" / "README.md"])


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_user_guide_lists_every_command() -> None:
    text = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `tilannekuva (\w+)` ", text, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_commands_in_the_documents_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, sub in re.findall(r"`tilannekuva ([a-z]+)(?: ([a-z]+))?", text):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        if sub and isinstance(command, click.Group):
            assert sub in command.commands, f"{name} {sub}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 4


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_make_targets_in_the_documents_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", path.read_text(), re.MULTILINE)
    assert {a or b for a, b in named} <= targets


@pytest.mark.parametrize("path", [ROOT / "bench" / "README.md"], ids=["bench"])
def test_every_measurement_exists(path: Path) -> None:
    named = set(re.findall(r"`python -m bench\.(\w+)", path.read_text(encoding="utf-8")))
    assert named
    assert named == {p.stem for p in (ROOT / "bench").glob("*.py")} - {"__init__", "__main__"}
