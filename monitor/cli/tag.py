"""`tilannekuva tag`: tags any JSONL of articles, without a database."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from monitor.errors import ModelError

if TYPE_CHECKING:
    from classifiers.tagger import Tagger

_FILE = click.Path(dir_okay=False, allow_dash=True)


@click.command("tag")
@click.option(
    "--jsonl",
    "source",
    type=click.File("rb"),
    required=True,
    metavar="IN",
    help="Articles; - is standard input.",
)
@click.option(
    "--out", "target", type=_FILE, required=True, metavar="OUT", help="Tags; - is standard output."
)
@click.option(
    "--use",
    multiple=True,
    metavar="TASK=VERSION",
    help="This trained version instead of the shipped one; repeatable.",
)
def tag_command(source: BinaryIO, target: str, use: tuple[str, ...]) -> None:
    """Tag the articles of the JSONL file IN into the JSONL file OUT.

    A line in is {"id", "title", "text"}, optionally "language", "source" and "published"; a line out says
    what was decided, how probable it is and which words it rests on: see docs/tagging.md. No database is
    used; the versions are those that models/active.json names.

    A line that cannot be used is answered by an error with its line number, and how many there were is
    said on standard error; the exit code is 0 all the same. OUT appears whole when all is done.
    """
    from monitor.progress import Shown
    from monitor.tagging.lines import tag_lines

    tagger = _tagger(use)
    tagged, bad = 0, []
    with _writing(target) as out:
        for answer in Shown().over(tag_lines(source, tagger), "tag", _count(source)):
            out.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            if "error" in answer:
                bad.append(answer)
            else:
                tagged += 1
    click.echo(_account(tagged, bad), err=True)


def _tagger(use: tuple[str, ...]) -> "Tagger":
    from classifiers.persist import VersionError
    from classifiers.tagger import Tagger
    from monitor.embedding import open_embedder
    from monitor.settings import load_settings
    from monitor.training.registry import shipped_versions

    settings = load_settings()
    versions = {**shipped_versions(settings.models_dir), **dict(_chosen(use))}
    try:
        tagger = Tagger.load(
            settings.models_dir, versions, settings.labels_dir, open_embedder(settings)
        )
    except VersionError as error:
        raise ModelError(str(error)) from error
    for note in tagger.notes:
        click.echo(note, err=True)
    return tagger


def _chosen(use: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from classifiers.values import TASKS

    for pair in use:
        task, _, version = pair.partition("=")
        if task not in TASKS or not version:
            raise click.BadParameter(
                f"{pair!r} is not TASK=VERSION with a task of {', '.join(TASKS)}",
                param_hint="--use",
            )
        yield task, version


@contextmanager
def _writing(target: str) -> Iterator[BinaryIO]:
    path = Path(target)
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    whole = not path.exists() or path.is_file()  # a pipe or a device is written as it comes
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp") if whole else path
    try:
        file = draft.open("wb")
    except OSError as error:
        raise click.UsageError(f"{target!r} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
        if whole:
            draft.replace(path)
    except BaseException:
        if whole:
            draft.unlink(missing_ok=True)
        raise


def _count(source: BinaryIO) -> int | None:
    """Lines of a file, for the progress bar; None of a pipe."""
    path = Path(str(getattr(source, "name", "")))
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _account(tagged: int, bad: list[dict[str, Any]]) -> str:
    said = f"tagged: {tagged}"
    if bad:
        said += f"; lines that cannot be used: {len(bad)}, the first is line {bad[0]['line']}: "
        said += str(bad[0]["error"])
    return said
