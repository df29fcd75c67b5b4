"""The figures on the methodology page are those of the stored replay, and the replay is of this version."""

import re

from monitor.replay.report import AT_SENSITIVITY, BAR_PRECISION, as_page, from_json, is_bar
from monitor.replay.world import World
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
STORED = from_json((ROOT / "docs" / "replay.json").read_text(encoding="utf-8"))


def test_the_page_shows_the_stored_figures() -> None:
    """`tilannekuva replay --out DIR` writes replay.json, for docs/, and page.md, for between the marks."""
    found = re.search(r"<!-- replay: .*? -->\n(.*?)<!-- replay: end -->", PAGE, re.DOTALL)
    assert found is not None
    assert found[1].strip() == as_page(STORED).strip()


def test_the_page_names_the_command_that_gives_them() -> None:
    command = (
        f"`tilannekuva replay --runs {STORED.runs} --weeks {STORED.weeks} --seed {STORED.seed}"
    )
    assert command in PAGE


def test_the_stored_replay_is_of_the_world_as_it_is() -> None:
    assert World(**STORED.world) == World()


def test_the_page_says_whether_the_bar_is_met() -> None:
    (case,) = [c for c in STORED.cases if is_bar(c)]
    (ours,) = [r for r in case.rows if r.method == "ours"]
    met = ours.precision_at is not None and ours.precision_at.value >= BAR_PRECISION
    said = f"precision at sensitivity {AT_SENSITIVITY:.2f} is"
    (line,) = [line for line in PAGE.splitlines() if said in line and line.startswith("**Events")]
    assert (", met (" in line) == met
