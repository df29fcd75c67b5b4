"""The labelled sample of real text beside this repository as decisions to learn from, without its text.

    python -m bench.real_sample

Writes labels/decisions/real-sample.jsonl: the labels on which the annotators agree, of the four fifths of
../shared/dev/items.jsonl that may be learned from. Items of one document are one group and stay together;
which fifth a group falls in is decided by the hash of its name, so that the split never moves. The last
fifth (`held_out`) is never trained on. Items whose relevance or direction the annotators see differently
are left out; a topic or region that only one of them gave counts as not given.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from classifiers.decisions import Decision, decisions_bytes
from classifiers.reference import NATIONAL
from monitor.articles.fingerprint import content_hash

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT.parent / "shared" / "dev" / "items.jsonl"
TARGET = ROOT / "labels" / "decisions" / "real-sample.jsonl"
FIFTHS = 5
_LABELLED = datetime(2026, 11, 1, tzinfo=UTC)  # no later than this; the sample gives no time


def fifth(group: str) -> int:
    """Which fifth of the sample a group of items falls in, 0 to 4."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FIFTHS


def held_out(group: str) -> bool:
    """Whether the group is never trained on."""
    return fifth(group) == 0


def rows() -> list[dict[str, Any]]:
    """The sample's items whose relevance the annotators agree on. Raises OSError."""
    lines = ITEMS.read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["gold"]["rel"] is not None]


def decisions(wanted: list[dict[str, Any]]) -> Iterator[Decision]:
    """The rows as decisions; those without an agreed direction are left out."""
    for row in wanted:
        gold = row["gold"]
        if gold["rel"] and (gold["dir"] is None or not gold["top"]):
            continue
        places = [code for code in gold["reg"] if code != NATIONAL]
        yield Decision(
            key=row["id"],
            address="",
            text_sha256=content_hash(row["title"], row["text"]),
            lang=row["lang"],
            relevant=bool(gold["rel"]),
            regions=tuple(places),
            mentioned=tuple(c for c in gold["men"] if c not in (NATIONAL, *places)),
            national=NATIONAL in gold["reg"] and not places,
            topics=_main_first(gold) if gold["rel"] else (),
            direction=gold["dir"] if gold["rel"] else None,
            who="two annotators",
            when=_LABELLED,
            story=row["group"],
        )


def _main_first(gold: dict[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(gold["top"], key=lambda topic: topic != gold["main"]))


@click.command(help=__doc__)
def main() -> None:
    if not ITEMS.is_file():
        raise SystemExit(
            f"{ITEMS.parent} is not here: the labelled sample is not part of this repository"
        )
    learned = [row for row in rows() if not held_out(row["group"])]
    content = decisions_bytes(list(decisions(learned)))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(content)
    lines = len(content.splitlines())
    click.echo(f"{TARGET.relative_to(ROOT)}: {lines} decisions")


if __name__ == "__main__":
    main()
