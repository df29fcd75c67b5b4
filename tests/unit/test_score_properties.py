"""What holds for every score, whatever the inputs: the promises of the methodology."""

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.db.scores import to_json
from monitor.risk.frozen import pack, thaw, unpack
from monitor.risk.inputs import StorySignal, WeekInputs, story_signals
from monitor.risk.score import contribution_tree, scores
from monitor.values import ALL_GROUPS, Interval, NotReady, ReadinessComponent, Score
from tests.risk_examples import (
    CONSTANTS,
    GROUPS,
    TOPICS,
    UNITS,
    WEEK,
    article,
    component,
    coverage,
    past,
    story,
    week_inputs,
)

PROBABILITY = st.floats(0.01, 1)
STORIES = st.lists(
    st.builds(
        lambda region, group, likely, raises, publishers: story(
            0,
            region,
            group,
            raises=raises,
            progress=1 - raises,
            likely=likely,
            publishers=publishers,
        ),
        st.sampled_from(UNITS),
        st.sampled_from(GROUPS),
        PROBABILITY,
        st.floats(0, 1),
        st.integers(1, 9),
    ),
    max_size=12,
).map(lambda found: tuple(replace(s, story=i) for i, s in enumerate(found)))
COMPONENTS = st.lists(
    st.tuples(st.none() | st.floats(0, 1), st.floats(0.05, 1), st.integers(0, 900)),
    min_size=1,
    max_size=5,
).map(
    lambda found: tuple(
        component(str(i), done, weight=weight, age=age)
        for i, (done, weight, age) in enumerate(found)
    )
)
EXPOSURE = st.floats(0, 1)
few = settings(max_examples=15, deadline=None)


def _scores(inputs: WeekInputs) -> dict[tuple[str, str], Score]:
    return {(s.region, s.group): s for s in scores(inputs, CONSTANTS)}


def _inputs(
    stories: tuple[StorySignal, ...], components: tuple[ReadinessComponent, ...], exposure: float
) -> WeekInputs:
    return week_inputs(stories, components=components, exposure=exposure, before=past(3), draws=100)


@few
@given(STORIES, COMPONENTS, EXPOSURE)
def test_every_number_is_bounded_and_inside_its_interval(
    stories: tuple[StorySignal, ...], components: tuple[ReadinessComponent, ...], exposure: float
) -> None:
    found = _scores(_inputs(stories, components, exposure)).values()
    assert len(found) == len(UNITS) * (len(GROUPS) + 1)
    for s in found:
        _check(s.readiness, s.readiness_interval, 1)
        _check(s.media, s.media_interval, 1)
        _check(s.combined, s.combined_interval, 100)
        assert (s.rank is None) == (s.rank_range is None) == isinstance(s.combined, NotReady)
        if s.rank is not None and s.rank_range is not None:
            assert 1 <= s.rank_range[0] <= s.rank <= s.rank_range[1] <= len(UNITS)


def _check(value: float | NotReady, interval: Interval | None, most: float) -> None:
    if isinstance(value, NotReady):
        assert interval is None
        assert value.reasons
        return
    assert interval is not None
    assert 0 <= interval.low <= value <= interval.high <= most + 1e-9


@few
@given(STORIES, COMPONENTS, st.floats(0.3, 1))
def test_contributions_sum_to_the_score_at_every_level(
    stories: tuple[StorySignal, ...], components: tuple[ReadinessComponent, ...], exposure: float
) -> None:
    found = _scores(_inputs(stories, components, exposure))
    for s in found.values():
        if isinstance(s.combined, float):
            assert abs(sum(c.value for c in s.contributions) - s.combined) < 1e-9
        else:
            assert s.contributions == ()
    for unit in UNITS:
        whole = found[unit, ALL_GROUPS].combined
        tree = contribution_tree([s for (u, _), s in found.items() if u == unit])
        for share, leaves in tree:
            assert abs(sum(leaf.value for leaf in leaves) - share.value) < 1e-9
        if isinstance(whole, float):
            assert abs(sum(leaf.value for _, ls in tree for leaf in ls) - whole) < 1e-9


@few
@given(STORIES, PROBABILITY, st.integers(1, 9), st.booleans())
def test_a_risk_story_never_lowers_a_score_and_a_progress_story_never_raises_it(
    stories: tuple[StorySignal, ...], likely: float, publishers: int, risk: bool
) -> None:
    more = story(99, likely=likely, publishers=publishers, raises=risk, progress=not risk)
    before = _scores(week_inputs(stories, draws=100))
    after = _scores(week_inputs((*stories, more), draws=100))
    for cell, score in before.items():
        for a, b in ((score.media, after[cell].media), (score.combined, after[cell].combined)):
            assert isinstance(a, float)
            assert isinstance(b, float)
            assert b >= a - 1e-9 if risk else b <= a + 1e-9


@few
@given(COMPONENTS, st.integers(0, 4), st.floats(0, 1))
def test_finishing_more_never_raises_a_score(
    components: tuple[ReadinessComponent, ...], which: int, more: float
) -> None:
    at = which % len(components)
    done = components[at].done
    if done is None:
        return
    better = list(components)
    better[at] = replace(better[at], done=done + (1 - done) * more)
    before = _scores(week_inputs(components=components, draws=100))
    after = _scores(week_inputs(components=tuple(better), draws=100))
    for cell, score in before.items():
        other = after[cell].combined
        if isinstance(score.combined, float):
            assert isinstance(other, float)
            assert other <= score.combined + 1e-9


@few
@given(STORIES, st.floats(0, 0.29))
def test_without_coverage_media_is_not_ready_and_never_low(
    stories: tuple[StorySignal, ...], exposure: float
) -> None:
    for s in _scores(_inputs(stories, (component(),), exposure)).values():
        assert isinstance(s.media, NotReady)
        assert s.media.reasons[0].startswith("coverage:")
        assert isinstance(s.combined, NotReady)
        assert s.combined.reasons == s.media.reasons
        assert isinstance(s.readiness, float)
        assert s.rank is None


def test_one_deaf_region_leaves_the_others_their_ranks() -> None:
    inputs = week_inputs((story(1), story(2, "17")))
    inputs = replace(inputs, coverage=(coverage("06", 0.1), *inputs.coverage[1:]))
    found = _scores(inputs)
    assert found["06", ALL_GROUPS].rank is None
    assert {found[u, ALL_GROUPS].rank for u in ("17", "18")} == {1, 2}


def test_without_readiness_data_the_combined_score_is_not_ready_but_media_is() -> None:
    s = _scores(week_inputs(components=(component(done=None),)))["06", ALL_GROUPS]
    assert s.readiness == s.combined == NotReady(("readiness:0.00:0.30",))
    assert isinstance(s.media, float)


@few
@given(STORIES, st.floats(0.65, 1), st.integers(0, 9))
def test_cutting_half_of_a_regions_feeds_does_not_lower_its_score_beyond_its_interval(
    stories: tuple[StorySignal, ...], exposure: float, seed: int
) -> None:
    """Half of the hearing is gone, and of the region's stories every other one, the heaviest kept first."""
    inputs = replace(week_inputs(stories, exposure=exposure, draws=400), seed=seed)
    lost = {s.story for s in _by_weight(stories, "06")[1::2]}
    cut = replace(
        inputs,
        stories=tuple(s for s in stories if s.story not in lost),
        coverage=(coverage("06", exposure / 2), *inputs.coverage[1:]),
    )
    before, after = _scores(inputs)["06", ALL_GROUPS], _scores(cut)["06", ALL_GROUPS]
    assert isinstance(after.combined, float)
    assert before.combined_interval is not None
    assert after.combined >= before.combined_interval.low


def _by_weight(stories: tuple[StorySignal, ...], region: str) -> list[StorySignal]:
    mine = [s for s in stories if dict(s.regions).get(region)]
    return sorted(mine, key=lambda s: (s.raises - s.progress) * s.relevant, reverse=True)


def test_no_story_in_a_half_deaf_week_scores_no_lower_than_in_a_heard_one() -> None:
    deaf, heard = (_scores(week_inputs(exposure=e))["06", ALL_GROUPS] for e in (0.4, 1.0))
    assert isinstance(deaf.combined, float)
    assert isinstance(heard.combined, float)
    assert deaf.combined >= heard.combined


@few
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4), st.integers(1, 3))
def test_copies_within_a_publisher_group_change_nothing(groups: list[str], copies: int) -> None:
    told = [article(i, group, hours=i) for i, group in enumerate(groups)]
    more = [
        replace(a, article=100 + 10 * a.article + n, published=a.published + timedelta(hours=24))
        for a in told
        for n in range(copies)
    ]
    once, again = (
        week_inputs(story_signals(found, lambda _: WEEK, TOPICS), draws=100)
        for found in (told, told + more)
    )
    assert once.canonical() == again.canonical()
    assert scores(once, CONSTANTS) == scores(again, CONSTANTS)


@few
@given(STORIES, COMPONENTS, EXPOSURE)
def test_inputs_come_back_from_the_store_and_give_the_same_bytes(
    stories: tuple[StorySignal, ...], components: tuple[ReadinessComponent, ...], exposure: float
) -> None:
    inputs = _inputs(stories, components, exposure)
    back = thaw(unpack(pack(inputs)))
    assert back == inputs
    assert back.canonical() == inputs.canonical()
    assert json.loads(inputs.canonical())["week"] == WEEK
    first, second = (json.dumps([to_json(s) for s in scores(i, CONSTANTS)]) for i in (inputs, back))
    assert first == second


def test_the_same_inputs_give_the_same_scores_and_another_seed_other_intervals() -> None:
    inputs = week_inputs((story(1), story(2, "17", likely=0.5)))
    assert scores(inputs, CONSTANTS) == scores(inputs, CONSTANTS)
    other = scores(replace(inputs, seed=2), CONSTANTS)
    for a, b in zip(scores(inputs, CONSTANTS), other, strict=True):
        assert a.combined == b.combined
        assert a.combined_interval != b.combined_interval


def test_a_region_with_more_to_report_ranks_above_its_like() -> None:
    found = _scores(week_inputs(tuple(story(i, "18") for i in range(6))))
    assert found["18", "ict_muutos"].rank == 1
    assert found["18", ALL_GROUPS].rank == 1
