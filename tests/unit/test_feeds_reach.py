"""Reach counts independent voices per unit; gaps say where there are too few of them."""

from monitor.feeds.reach import Reach, gaps, reach
from monitor.values import FeedSpec


def feed(id: str, home: tuple[str, ...], group: str = "", lang: str = "fi") -> FeedSpec:
    return FeedSpec(
        id=id,
        url=f"https://{id}.example/feed",
        title=id,
        lang=lang,
        home=home,
        group=group or id,
        kind="daily",
    )


def test_a_unit_hears_the_feeds_at_home_in_it() -> None:
    feeds = [
        feed("b", ("05",), group="ketju"),
        feed("a", ("05", "06"), group="ketju"),
        feed("c", ("05",), group="yle", lang="sv"),
        feed("d", ("06",)),
    ]
    turku, pori = reach(feeds, {"06", "05"})
    assert turku == Reach(
        unit="05",
        sources=("b", "a", "c"),
        groups=("ketju", "yle"),
        languages=("fi", "sv"),
        swedish_groups=("yle",),
    )
    assert pori.sources == ("a", "d")
    assert pori.swedish_groups == ()


def test_a_national_source_reaches_no_unit() -> None:
    (unit,) = reach([feed("valtakunnan", ())], ["21"])
    assert unit.sources == ()


def test_a_unit_nobody_reports_on_is_still_listed() -> None:
    assert reach([], ["20"]) == (Reach("20", (), (), (), ()),)


def test_a_home_outside_the_units_asked_for_changes_nothing() -> None:
    feeds = [feed("a", ("05",))]
    assert reach(feeds, ["05"]) == reach([*feeds, feed("b", ("91",))], ["05"])


def test_units_come_in_the_order_of_their_codes_each_once() -> None:
    assert [r.unit for r in reach([], ["HUS", "90", "01", "10", "01"])] == ["01", "10", "90", "HUS"]


def test_a_group_with_feeds_in_both_languages_counts_once_and_as_swedish() -> None:
    feeds = [feed("fi", ("90",), group="kunta"), feed("sv", ("90",), group="kunta", lang="sv")]
    (unit,) = reach(feeds, ["90"])
    assert unit.groups == unit.swedish_groups == ("kunta",)


def test_many_papers_of_two_chains_are_a_gap() -> None:
    feeds = [feed(f"lehti-{n}", ("15",), group=f"ketju-{n % 2}") for n in range(10)]
    (gap,) = gaps(reach(feeds, ["15"]), bilingual=())
    assert gap.startswith("15:")
    assert "2 publisher groups" in gap


def test_three_groups_are_enough() -> None:
    feeds = [feed(name, ("15",)) for name in ("a", "b", "c")]
    assert gaps(reach(feeds, ["15"]), bilingual=()) == ()


def test_a_bilingual_unit_without_a_swedish_source_is_a_gap() -> None:
    feeds = [feed(name, ("17", "16")) for name in ("a", "b", "c")]
    (gap,) = gaps(reach(feeds, ["16", "17"]), bilingual={"17"})
    assert gap.startswith("17:")
    assert "Swedish" in gap


def test_a_unit_may_have_both_gaps() -> None:
    found = gaps(reach([feed("a", ("18",))], ["18"]), bilingual={"18"})
    assert [gap[:3] for gap in found] == ["18:", "18:"]
