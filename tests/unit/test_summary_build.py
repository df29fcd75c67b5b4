"""The weekly summary as a value: order, change against noise, what is not known."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from monitor.summary.build import build, digest
from monitor.summary.values import Source, StoryLine, WeeklySummary
from monitor.values import Alert, Contribution, Coverage, Interval, NotReady, Score

WEEK = "2026-W46"
COUNTS = {"articles": 40, "relevant": 12, "publisher_groups": 7}


def contributions(group: str, combined: float | None) -> tuple[Contribution, ...]:
    if combined is None:
        return ()
    if group == "all":
        return (Contribution("group", "ict_muutos", "ict", combined),)
    return (
        Contribution("story", "1", "small", combined / 4),
        Contribution("readiness", "roadmap", "large", combined * 3 / 4),
    )


def score(
    region: str,
    combined: float | None,
    *,
    rank: int | None = None,
    group: str = "all",
    width: float = 4,
) -> Score:
    missing = NotReady(("coverage:0.10",))
    return Score(
        week=WEEK,
        region=region,
        group=group,
        readiness=0.4,
        readiness_interval=Interval(0.3, 0.5),
        media=missing if combined is None else 0.5,
        media_interval=None if combined is None else Interval(0.4, 0.6),
        combined=missing if combined is None else combined,
        combined_interval=None
        if combined is None
        else Interval(combined - width / 2, combined + width / 2),
        rank=rank,
        rank_range=None if rank is None else (rank, rank + 1),
        contributions=contributions(group, combined),
        coverage=Coverage(region, WEEK, 0.8, 4, 3, 3, ("fi",), (("feed-x", "not found"),)),
        methodology="1",
        models={"topic": "v1-a"},
        input_hash="h",
    )


def story(direction: str = "risk") -> StoryLine:
    published = datetime(2026, 11, 10, 6, tzinfo=UTC)
    return StoryLine(
        id=7,
        regions=("10",),
        topics=("finance",),
        direction=direction,
        relevance=0.9,
        publisher_groups=2,
        sources=(
            Source(
                outlet="Kymiviesti",
                group="jarvimaa",
                title="Alijäämä kasvoi",
                url="http://kymiviesti.example/1",
                language="fi",
                published=published,
            ),
            Source(
                outlet="Kaiku Nyheter",
                group="kaiku",
                title="Underskottet växte",
                url="",
                language="sv",
                published=published,
            ),
        ),
    )


def with_groups(scores: Sequence[Score]) -> list[Score]:
    """Every region with the one group that its total is made of."""
    have = {s.region for s in scores if s.group != "all"}
    totals = {s.region: s.combined for s in scores if isinstance(s.combined, float | int)}
    return [*scores, *(score(r, v, group="ict_muutos") for r, v in totals.items() if r not in have)]


def made(scores: Sequence[Score], earlier: Sequence[Score] = ()) -> WeeklySummary:
    return build(
        WEEK,
        with_groups(scores),
        with_groups(earlier),
        [story(), story("progress")],
        [],
        COUNTS,
        sample=True,
    )


def test_regions_stand_by_rank_and_those_without_one_come_last() -> None:
    summary = made([score("05", None), score("10", 30, rank=2), score("20", 60, rank=1)])
    assert [line.code for line in summary.regions] == ["20", "10", "05"]
    assert summary.national.highest == ("20", "10")
    assert summary.national.scored == 2


def test_what_is_not_heard_is_named_and_never_a_number() -> None:
    summary = made([score("05", None), score("10", 30, rank=1)])
    assert summary.national.not_heard == ("05",)
    line = summary.regions[-1]
    assert line.combined.value is None
    assert line.combined.reasons == ("coverage:0.10",)
    assert line.hearing.silent == (("feed-x", "not found"),)


def test_a_change_within_the_noise_is_no_news() -> None:
    scores = [score("10", 31, rank=2), score("20", 60, rank=1), score("05", 20, rank=3)]
    earlier = [score("10", 30), score("20", 40), score("05", 29)]
    summary = made(scores, earlier)
    assert summary.national.risen == ("20",)
    assert summary.national.fallen == ("05",)
    assert {line.code: line.change for line in summary.regions} == {"20": 20, "10": 1, "05": -9}


def test_no_change_is_given_where_either_week_is_unknown() -> None:
    summary = made(
        [score("10", 30, rank=1), score("05", None)], [score("10", None), score("05", 3)]
    )
    assert [line.change for line in summary.regions] == [None, None]


def test_groups_hang_under_their_region() -> None:
    summary = made([score("10", 30, rank=1), score("10", 12, group="ict_muutos")])
    [line] = summary.regions
    assert line.groups["ict_muutos"].value == 12
    assert list(line.groups) == ["ict_muutos"]


def test_contributions_are_leaves_in_points_of_the_total_the_largest_first() -> None:
    [line] = made([score("10", 30, rank=1), score("10", 12, group="ict_muutos")]).regions
    assert [(d.group, d.kind, d.ref, d.value) for d in line.drivers] == [
        ("ict_muutos", "readiness", "roadmap", 22.5),
        ("ict_muutos", "story", "1", 7.5),
    ]


def test_counts_tell_risk_from_the_rest() -> None:
    national = made([score("10", 30, rank=1)]).national
    assert (national.stories, national.risk_stories, national.articles) == (2, 1, 40)


def test_the_week_has_its_days() -> None:
    summary = made([score("10", 30, rank=1)])
    assert (summary.first_day, summary.last_day) == (date(2026, 11, 9), date(2026, 11, 15))


def test_alerts_come_with_every_parameter_the_surest_first() -> None:
    alerts = [
        Alert(WEEK, "10", "finance", 4, 1, 3, "nb", 0.04, {"fdr": 0.1}),
        Alert(WEEK, "20", "ict", 6, 1, 3, "nb", 0.01, {"fdr": 0.1}),
    ]
    scores = with_groups([score("10", 30, rank=1)])
    summary = build(WEEK, scores, [], [], alerts, COUNTS, sample=False)
    assert [a.region for a in summary.alerts] == ["20", "10"]
    assert summary.alerts[0].parameters == {"fdr": 0.1}


def test_the_hash_follows_the_content_and_survives_json() -> None:
    one, same = made([score("10", 30, rank=1)]), made([score("10", 30, rank=1)])
    other = made([score("10", 31, rank=1)])
    assert one == same
    assert one.input_hash != other.input_hash
    read = WeeklySummary.model_validate_json(one.model_dump_json())
    assert read == one
    assert digest(read) == one.input_hash


def test_a_week_without_scores_is_an_error() -> None:
    with pytest.raises(ValueError, match="no scores for 2026-W46"):
        made([])
