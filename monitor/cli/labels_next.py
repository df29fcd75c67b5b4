"""`tilannekuva labels next`: which articles to label, and why each."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.training.proposals import Proposed, Waiting

STRATEGIES = ("mixed", "uncertain", "diverse", "rare", "random")


@click.command("next")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many to propose.",
)
@click.option(
    "--from",
    "source",
    type=click.File("rb"),
    metavar="FILE",
    help='Propose lines of this JSONL of {"id", "title", "text"} instead; - is standard input.',
)
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    default="mixed",
    show_default=True,
    help="How the texts after the random slice are chosen.",
)
@click.option(
    "--per-story",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Texts of one story at most, those decided already included.",
)
@click.option(
    "--newest",
    type=click.IntRange(min=1),
    default=3000,
    show_default=True,
    help="How many undecided articles to choose from, the newest.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Of the random slice; else the setting.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the proposals here, one JSON object a line, instead of showing them.",
)
def next_command(
    count: int,
    source: BinaryIO | None,
    strategy: str,
    per_story: int,
    newest: int,
    seed: int | None,
    out: Path | None,
) -> None:
    """Propose what to label next, of the store's articles that no person has decided.

    A fifth are a random slice, marked "random": every undecided text has the same chance, so precision
    and recall can be estimated from it. The others are those from which the models would learn most; each
    says why. Nothing is changed, and the same articles, versions and seed give the same proposals.
    """
    from monitor.settings import load_settings
    from monitor.training.choose import STRATEGIES as KNOWN
    from monitor.training.proposals import propose

    settings = load_settings()
    waiting, versions = _waiting(settings, source, newest)
    for bad in waiting.bad:
        click.echo(f"left out: line {bad.number} {bad.problem}", err=True)
    found = propose(
        waiting, settings, versions, count,
        strategy=next(known for known in KNOWN if known == strategy),
        seed=settings.seed if seed is None else seed,
        per_story=per_story,
    )  # fmt: skip
    _show(found, out)
    click.echo(_account(found, waiting, count, source is not None), err=True)


def _waiting(
    settings: "Settings", source: BinaryIO | None, newest: int
) -> tuple["Waiting", dict[str, str]]:
    from monitor.app import make_app
    from monitor.training import registry
    from monitor.training.proposals import from_lines, from_store

    if source is not None:  # as `tilannekuva tag`: without a database
        return from_lines(source, settings), registry.shipped_versions(settings.models_dir)
    engine = make_app(settings).engine
    try:
        return from_store(engine, settings, newest), registry.in_use(engine, settings.models_dir)
    finally:
        engine.dispose()


def _show(found: list["Proposed"], out: Path | None) -> None:
    if out is None:
        for number, one in enumerate(found, start=1):
            click.echo(_line(number, one))
        return
    lines = (json.dumps(_row(one), ensure_ascii=False) + "\n" for one in found)
    try:
        out.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{str(out)!r} cannot be written: {error.strerror}") from error


def _line(number: int, one: "Proposed") -> str:
    text = one.candidate.text
    where = f"  {one.candidate.address}" if one.candidate.address else ""
    return (
        f"{number:>4} {one.proposal.chosen_as:<9} {text.id}  {text.title or '(no title)'}{where}\n"
        f"     {one.proposal.why}"
    )


def _row(one: "Proposed") -> dict[str, Any]:
    text = one.candidate.text
    address = {"address": one.candidate.address} if one.candidate.address else {}
    return {
        "id": text.id,
        **address,
        "language": text.language,
        "title": text.title,
        "story": one.candidate.story,
        "chosen_as": one.proposal.chosen_as,
        "why": one.proposal.why,
    }


def _account(found: list["Proposed"], waiting: "Waiting", count: int, file: bool) -> str:
    size = len(waiting.candidates)
    if not size:
        if file:
            return "nothing to propose: the file holds no text that is not labelled already"
        return "nothing to propose: no article in the store, or a person has decided every one"
    random = sum(one.proposal.chosen_as == "random" for one in found)
    short = "" if len(found) == count else "; more would ask a story twice"
    return f"proposed: {len(found)} of {size} undecided, {random} of them random{short}"
