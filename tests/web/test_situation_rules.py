"""The rules behind the situation pages: filters and order, words of a cell, directions, a year's chart."""

import csv
import io

import pytest

from classifiers.reference import Reference
from monitor.charts import Point
from monitor.coverage.ledger import Breakdown
from monitor.db.coverage import RegionHearing
from monitor.i18n import Translator
from monitor.risk.forgotten import CoverageCell, share
from monitor.risk.inputs import StorySignal
from monitor.risk.topics import Measured, TopicSignal
from monitor.web import region_past, regions, topics, year


def signal(expected: float | None, rate: Measured | None, exposure: float = 1.0) -> TopicSignal:
    return TopicSignal(
        "06", "finance", 2, 1, 0, weighted=1.5, exposure=exposure, past_weeks=5,
        expected=expected, rate=rate, pressure=rate,
    )  # fmt: skip


def story(raises: float, progress: float, topic: float = 0.9, number: int = 1) -> StorySignal:
    return StorySignal(
        number, "2026-W46", "Otsikko", 1, 0.9, (("06", 0.8),), (("finance", topic),), (),
        raises, progress,
    )  # fmt: skip


def test_filters_leave_the_regions_that_fit_both(reference: Reference) -> None:
    every = regions.chosen(reference, "all", "all")
    assert every == reference.units
    bilingual = regions.chosen(reference, "sv", "all")
    assert "17" in bilingual
    assert "20" not in bilingual
    assert set(bilingual) | set(regions.chosen(reference, "fi", "all")) == set(every)
    assert regions.chosen(reference, "all", "5") == ("18", "19", "20", "21")
    assert regions.chosen(reference, "sv", "2") == ()
    assert regions.areas(reference) == ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (signal(1.0, Measured(3.0, 2.0, 4.0)), "situation.more"),
        (signal(1.0, Measured(0.2, 0.1, 0.4)), "situation.fewer"),
        (signal(1.0, Measured(1.2, 0.5, 2.0)), "situation.usual"),
        # Half heard, half of the usual expected: a rate of the usual is no rise.
        (signal(0.5, Measured(1.0, 0.6, 1.6), exposure=0.5), "situation.usual"),
        (signal(None, None, exposure=0.0), "situation.unheard"),
    ],
)
def test_a_week_is_worded_against_what_is_usual(given: TopicSignal, word: str) -> None:
    assert regions.against_usual(given)[0] == word


def test_a_region_that_was_not_heard_has_no_number_and_no_zero() -> None:
    (line,) = regions.signal_lines({("06", "finance"): signal(None, None, 0.0)}, ["06"], "pressure")
    assert line.value is None
    assert regions.number(line.value, line, Translator("fi")) == "–"
    (cell,) = regions.share_lines(
        [CoverageCell("06", "finance", share(0, 0, 0.8), share(0, 4, 0.8))], ["06"], "of_region"
    )
    assert (cell.value, cell.word) == (None, "situation.no_news")


def test_both_shares_are_told_apart() -> None:
    cell = CoverageCell("06", "finance", share(3, 4, 0.8), share(3, 30, 0.8))
    of_region, of_topic = (
        regions.share_lines([cell], ["06"], name)[0] for name in ("of_region", "of_topic")
    )
    assert (of_region.value, of_region.whole) == (0.75, 4)
    assert (of_topic.value, of_topic.whole) == (0.1, 30)
    assert of_region.low is not None
    assert of_region.low < 0.75


def test_the_csv_says_what_the_cells_say_and_computes_nothing() -> None:
    lines = regions.share_lines(
        [CoverageCell("06", "finance", share(3, 4, 0.8), share(3, 30, 0.8))], ["06"], "of_region"
    )
    text = regions.to_csv(
        lines, "2026-W46", "of_region", {"06": "=1+1"}, {"finance": "Talous"}, Translator("fi")
    )
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == regions.COLUMNS
    assert (row["value"], row["stories"], row["of_stories"]) == ("0.75", "3", "4")
    assert row["region_name"] == "'=1+1"


def test_stories_point_the_likeliest_way_and_none_is_lost() -> None:
    found = [story(0.8, 0.1), story(0.1, 0.7), story(0.3, 0.2), story(0.45, 0.1)]
    split = topics.split(found)
    assert (split.stories, split.raises, split.progress, split.neutral) == (4, 1, 1, 2)
    direction, probability = topics.way(found[2])
    assert direction == "neutral"
    assert probability == pytest.approx(0.5)


def test_a_topic_has_the_stories_that_are_likely_about_it_the_weightiest_first() -> None:
    weak, strong, other = story(0.8, 0, 0.6, 1), story(0.8, 0, 0.9, 2), story(0.8, 0, 0.2, 3)
    about = topics.about([weak, strong, other], "finance")
    assert [s.story for s in topics.loudest(about, "finance", 0.5)] == [2, 1]


def test_a_missing_week_is_a_gap_and_the_axis_begins_at_zero() -> None:
    points = [
        Point(20, 10, 30),
        Point(30, 20, 40),
        Point(None),
        Point(50, 40, 60),
        Point(60, 50, 70),
    ]
    panel = year.Panel("Luku", tuple(points), 100, "60", ((0.0, "0"), (100.0, "100")))
    drawn = str(year.year_chart([panel], ["1"] * 5, [], title="t", description="d", name="n"))
    assert drawn.count("<polyline") == 2
    assert drawn.count('class="band"') == 2
    assert ">0</text>" in drawn


def test_an_event_stands_in_its_week_by_number() -> None:
    panel = year.Panel("Luku", (Point(1), Point(2)), 100, "2", ())
    event = year.Marked(1, "1", "19.3.2026 <b>")
    drawn = str(year.year_chart([panel], ["1", "2"], [event], title="t", description="d", name="n"))
    assert "19.3.2026 &lt;b&gt;" in drawn
    assert 'class="event"' in drawn


@pytest.mark.parametrize(("largest", "top"), [(0.3, 1), (1.2, 2), (4.9, 5), (12, 20), (50, 50)])
def test_an_axis_ends_at_a_round_number(largest: float, top: float) -> None:
    assert year.nice_top(largest) == top


def test_the_ledger_leaves_out_no_week_and_says_which_are_unknown() -> None:
    breakdown = Breakdown(
        "06", "2026-W46", 0.7, None, (("satakunta", 0.5), ("yle", 1.0)), (("fi", 0.7), ("sv", 0.0))
    )
    heard = {"2026-W46": RegionHearing(breakdown, 3, None, None, None)}
    lines, more = region_past.ledger(heard, ["2026-W45", "2026-W46"], Translator("sv"))
    assert more == 0
    assert [line.label for line in lines] == [
        "Sammanlagt", "Språk: finska", "Språk: svenska", "Utgivargrupp: satakunta",
        "Utgivargrupp: yle",
    ]  # fmt: skip
    assert lines[0].shares == (None, 0.7)
    assert lines[2].shares == (None, 0.0)
