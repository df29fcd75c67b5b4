"""docs/training.md and docs/tagging.md name the options that `--help` names, and no others."""

import re

import click
import pytest

from monitor.cli.main import cli
from tests.conftest import ROOT

TRAINING = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
TAGGING = (ROOT / "docs" / "tagging.md").read_text(encoding="utf-8")
OPTIONS = {
    command: set(re.findall(r"`(--[\w-]+)`", options))
    for command, options in re.findall(
        r"^\| `tilannekuva ([\w ]+)` \|(.*)\|$", TRAINING, re.MULTILINE
    )
}


def _command(path: str) -> click.Command:
    found: click.Command = cli
    for name in path.split():
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, path
        found = inner
    return found


def _options(command: click.Command) -> set[str]:
    every = [p for p in command.params if isinstance(p, click.Option)]
    return {name for option in every for name in (*option.opts, *option.secondary_opts)}


def test_every_command_of_training_is_in_the_table() -> None:
    groups = {
        f"{group} {name}"
        for group in ("models", "labels")
        for name in getattr(_command(group), "commands", {})
    }
    assert set(OPTIONS) == groups | {"tag", "train"}


@pytest.mark.parametrize("path", OPTIONS)
def test_the_table_names_the_options_there_are(path: str) -> None:
    command = _command(path)
    assert OPTIONS[path] == _options(command)
    assert all(p.help for p in command.params if isinstance(p, click.Option))


@pytest.mark.parametrize("name", ["evaluate", "compare", "activate", "rollback"])
def test_short_commands_are_the_same(name: str) -> None:
    assert _command(name) is _command(f"models {name}")


def test_the_tagging_document_names_the_options_of_tag() -> None:
    assert set(re.findall(r"`(--[\w-]+)", TAGGING)) == _options(_command("tag"))
