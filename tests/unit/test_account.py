"""The demo's account: it complains when a stage is empty or counts do not add up."""

from dataclasses import replace

import pytest

from monitor.db.tally import Tally, discrepancies
from monitor.demo.account import account, complaints
from monitor.demo.play import Played
from monitor.values import Stage

SOUND = Tally(
    feeds=2,
    polls={"ok": 3, "failed": 1},
    items={"new": 4, "seen": 5, "revised": 1, "rejected": 1},
    items_total=11,
    entries=4,
    entry_revisions=5,
    pending=1,
    stages={
        Stage.ENTRY: {"new": 4, "revised": 1},
        Stage.INGEST: {"full": 3, "feed text": 1},
        Stage.STORY: {"new story": 2, "copy": 1},
        Stage.TAG: {"relevant": 2, "not relevant": 1},
        Stage.FLAG: {"flagged": 1, "not flagged": 2},
    },
    articles=3,
    articles_in_stories=3,
    articles_tagged=3,
    stories=2,
    claims=9,
    flags=1,
    imports=1,
    readiness_rows=10,
    scores=138,
    alerts=0,
    summaries=1,
)
EMPTY = replace(
    SOUND,
    polls={},
    items=dict.fromkeys(SOUND.items, 0),
    items_total=0,
    entries=0,
    entry_revisions=0,
    pending=0,
    stages={stage: {} for stage in Stage},
    articles=0,
    articles_in_stories=0,
    articles_tagged=0,
    stories=0,
    flags=0,
    readiness_rows=0,
    scores=0,
    summaries=0,
)


def test_sound_counts_bring_no_complaint() -> None:
    assert complaints(SOUND) == ()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (replace(SOUND, items_total=12), "items of all polls (12)"),
        (replace(SOUND, pending=0), "entry revisions (5)"),
        (replace(SOUND, articles_in_stories=2), "articles in a story (2)"),
        (replace(SOUND, articles_tagged=1), "tagged articles (1)"),
        (
            replace(SOUND, stages={**SOUND.stages, Stage.FLAG: {"flagged": 1}}),
            "flag outcomes (1)",
        ),
    ],
)
def test_an_item_without_its_outcome_is_noticed(changed: Tally, words: str) -> None:
    assert any(words in complaint for complaint in discrepancies(changed))


def test_every_empty_stage_is_named() -> None:
    named = " ".join(complaints(EMPTY))
    stages = ("polling", "extracting", "tagging", "flagging", "readiness", "scoring", "summary")
    assert [stage for stage in stages if stage not in named] == []


def test_the_account_tells_this_run_from_the_store() -> None:
    lines = account(Played(before=EMPTY, after=SOUND, summary_files=())).splitlines()
    polls = next(line for line in lines if line.startswith("polls"))
    assert polls.split()[1:3] == ["4", "4"]
    assert polls.endswith("= 1 failed + 3 ok")
    again = account(Played(before=SOUND, after=SOUND, summary_files=())).splitlines()
    assert all(line.split()[-1] != "-1" for line in again)
    assert next(line for line in again if line.startswith("polls")).split()[1:3] == ["0", "4"]
